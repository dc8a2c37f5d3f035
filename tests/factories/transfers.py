"""Transfers for the tests, by the product's own verbs."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.devices.models import Device
from revlog.logistics.models import Carrier, Transfer
from revlog.logistics.services import signing_off
from revlog.logistics.services.transfers import accepting, planning, releasing
from revlog.logistics.services.transfers.planning import Stretch
from revlog.storage.models import Container
from tests.cast import Cast

HOUR = timedelta(hours=1)


def glass() -> str:
    picture = Image.new("RGBA", (300, 100), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line((10, 50, 290, 60), fill=(0, 0, 0, 255), width=4)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return signing_off.PEN + base64.b64encode(out.getvalue()).decode()


def carrier(code: str, at: datetime, **more: Any) -> Carrier:
    """A carrier with an organization behind it, which has custody while it carries."""
    whose = Organization.objects.create(
        code=f"{code}-co", name=f"{code.title()} Co", kind=OrganizationKind.CARRIER, created_at=at
    )
    return Carrier.objects.create(code=code, name=code.title(), organization=whose, created_at=at, **more)


def road(whose: Carrier, at: datetime, *, begins: str = "Rotterdam", ends: str = "Leipzig", **more: Any) -> Stretch:
    told: dict[str, Any] = {"planned_from": at, "planned_to": at + 8 * HOUR} | more
    return Stretch(carrier=whose, begins_at=begins, ends_at=ends, **told)


def planned(
    cast: Cast,
    legs: Sequence[Stretch],
    *,
    containers: Sequence[Container] = (),
    devices: Sequence[Device] = (),
    at: datetime,
    **more: Any,
) -> Transfer:
    told: dict[str, Any] = {"origin": cast.rotterdam, "destination": cast.leipzig} | more
    return planning.plan(**told, legs=legs, containers=containers, devices=devices, by=cast.ines, at=at)


def taken_over(transfer: Transfer, *, by: Actor, at: datetime) -> None:
    accepting.close(transfer, signature=glass(), signed_by="K. Brandt", by=by, at=at)


def released(cast: Cast, transfer: Transfer, codes: Sequence[str], *, at: datetime) -> None:
    for code in codes:
        releasing.load(transfer, code, by=cast.ines, at=at)
    releasing.release(transfer, signature=glass(), signed_by="D. Jansen", by=cast.ines, at=at)
