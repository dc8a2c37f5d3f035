"""Units for the tests, made by the same verbs that the product uses."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from revlog.accounts.actors import Actor, system
from revlog.devices import facts
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, Medium, MediumState
from revlog.devices.services import arrivals, media, moves, standing
from tests.cast import Cast

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def stay(cast: Cast, **changes: object) -> arrivals.Stay:
    values = {
        "why": "return",
        "owner": cast.operator.id,
        "hub": cast.rotterdam.id,
        "custodian": cast.operator.id,
    } | changes
    return arrivals.Stay(**values)  # type: ignore[arg-type]


def laptop(
    cast: Cast, *, serial: str = "PF1ABCDE", by: Actor | None = None, at: datetime = AT, **changes: object
) -> Device:
    """A ThinkPad at the dock, received, its data unknown."""
    values = {"device_class": "laptop", "manufacturer": "Lenovo", "model": "ThinkPad T480", "serial": serial} | changes
    return arrivals.arrive(what=arrivals.Description(**values), stay=stay(cast), by=by or cast.ines, at=at)  # type: ignore[arg-type]


def triaged(cast: Cast, *, drive: str = "S4X1NB0K", at: datetime = AT, **changes: object) -> Device:
    """A laptop in triage with one drive known, and leave to do what can't be undone."""
    device = laptop(cast, at=at, **changes)
    with transaction.atomic():
        device = moves.take_one(device.id)
        moves.advance(device, moves.TO_TRIAGE, fact=facts.SentToTriage(reason="first look"), by=cast.ravi, at=at)
        media.observe(
            device,
            [media.Seen(type="ssd", model="Samsung PM981", serial=drive, capacity_bytes=256_060_514_304)],
            source="report",
            by=cast.ravi,
            at=at,
        )
        standing.authorize(device, ground="title_is_ours", by=cast.aisha, at=at)
    return device


def cleared(device: Device, *, by: Actor | None = None, at: datetime = AT) -> Device:
    """The same unit with every medium wiped and proved, still in its queue."""
    by = by or system("test")
    with transaction.atomic():
        device = moves.take_one(device.id)
        drives = list(Medium.objects.filter(device=device))
        data = media.outlook(device, {drive.pk: MediumState.SANITIZED for drive in drives})
        entry = moves.note(
            device, fact=facts.Described(what=device.face, source="test"), by=by, at=at, set={"data": data}
        )
        for drive in drives:
            media.settle(drive, MediumState.SANITIZED, level="clear", proof=entry)
    return device


def decided(device: Device, disposition: Disposition, *, grade: str = "B", at: datetime = AT) -> Device:
    """The same unit sent on by ``disposition``."""
    with transaction.atomic():
        device = moves.take_one(device.id)
        moves.proceed(
            device,
            fact=facts.SentToTriage(reason=f"decided: {disposition.value}"),
            by=system("test"),
            at=at,
            set={"disposition": disposition.value, "stops_done": 0, "grade": grade},
        )
    return device


def for_sale(cast: Cast, *, at: datetime = AT, **changes: object) -> Device:
    """A wiped, graded laptop waiting for a buyer."""
    return decided(cleared(triaged(cast, at=at, **changes), at=at), Disposition.RESELL, at=at)


def sold(device: Device, *, at: datetime = AT) -> Device:
    with transaction.atomic():
        device = moves.take_one(device.id)
        moves.advance(device, moves.SELL, fact=facts.SentToTriage(reason="sold"), by=system("test"), at=at)
    return device


def state_of(device: Device) -> State:
    return State(Device.objects.values_list("state", flat=True).get(pk=device.pk))
