"""Units that wait for their wipe, reports of wipes, photos and places of the data cage."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from PIL import Image

from itad.models import SanitizationJob
from itad.services import crediting, sanitization
from itad.services.crediting import Credited
from itad.services.sanitization import Photo
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.devices.journey import Disposition
from revlog.devices.models import Device, Location, Medium
from revlog.devices.services import moves, standing
from revlog.evidence.services import artifacts
from tests.cast import Cast
from tests.factories import devices as make

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
WIPED = AT + timedelta(hours=3)
VERIFIED = AT + timedelta(hours=4)
SIZE = 256_060_514_304
DIGEST = "ab" * 32


def waiting(cast: Cast, disposition: Disposition = Disposition.RESELL, **changes: Any) -> Device:
    """A triaged laptop with one drive, sent on: it waits for its wipe (or its destruction)."""
    return make.decided(make.triaged(cast, **changes), disposition)


def erasure(**changes: Any) -> dict[str, Any]:
    """A wipe as a log of nwipe has it, nothing speaking against it."""
    values: dict[str, Any] = {
        "device": "/dev/sda",
        "model": "Samsung PM981",
        "serial": "S4X1NB0K",
        "method": "PRNG Stream",
        "rounds": 1,
        "verification": "last pass",
        "blanked": True,
        "bytes_total": SIZE,
        "bytes_erased": SIZE,
        "pass_errors": 0,
        "verify_errors": 0,
        "sync_errors": 0,
        "hidden_area": "not applicable",
        "started_at": "2026-11-02T11:40:00",
        "ended_at": "2026-11-02T12:20:00",
        "outcome": "success",
        "doubts": [],
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def credited(
    unit: Device, *erasures: dict[str, Any], by: Actor, report: str = DIGEST, at: datetime = WIPED
) -> Credited:
    return crediting.credit(
        unit=unit, report=report, erasures=list(erasures), tool="nwipe", tool_version="0.34", by=by, at=at
    )


def medium_of(unit: Device) -> Medium:
    return unit.media.select_related("device").exclude(state="REMOVED").latest("added_at")


def recorded(cast: Cast, unit: Device) -> SanitizationJob:
    """The unit's drive wiped by Tomas with a good log, not verified yet."""
    sanitization.begin(medium=medium_of(unit), by=cast.tomas, at=AT + timedelta(hours=1))
    return credited(unit, erasure(serial=medium_of(unit).serial), by=cast.tomas).recorded[0]


def wiped(cast: Cast, unit: Device) -> SanitizationJob:
    """The same, verified by Sofia: the unit is cleared and has gone on."""
    return sanitization.verify(job=recorded(cast, unit), by=cast.sofia, at=VERIFIED)


def picture(color: str = "gray") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), color).save(out, "JPEG")
    return out.getvalue()


def photo(caption: str = "fragments", color: str = "gray", at: datetime = AT) -> Photo:
    return Photo(digest=artifacts.keep_photo(picture(color), at=at).digest, caption=caption)


def cage(cast: Cast, code: str = "CAGE-1", *, secured: bool = True) -> Location:
    place, _made = Location.objects.get_or_create(
        hub=cast.rotterdam,
        code=code,
        defaults={"id": ids.new(AT), "kind": "bin", "secured": secured, "created_at": AT},
    )
    return place


def held(cast: Cast, unit: Device) -> Device:
    from revlog.devices.models import HoldKind

    with transaction.atomic():
        device = moves.take_one(unit.id)
        standing.hold(device, HoldKind.LEGAL, reason="court order", by=cast.carla, at=AT)
    return device
