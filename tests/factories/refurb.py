"""Units at the bench, and parts to put into them, made by the verbs of the product."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from refurb.models import Part, WorkOrder
from refurb.services import bench, orders, parts
from revlog.devices.journey import Disposition
from revlog.devices.models import Device, Fault
from revlog.devices.services import moves, standing
from tests.cast import Cast
from tests.factories import devices as make

AT = make.AT


def to_refurbish(
    cast: Cast,
    *,
    disposition: Disposition = Disposition.REFURBISH,
    faults: tuple[str, ...] = ("battery_worn",),
    at: datetime = AT,
    **changes: object,
) -> Device:
    """A wiped laptop that waits for the bench, with these faults open."""
    device = make.cleared(make.triaged(cast, at=at, **changes), at=at)
    with transaction.atomic():
        device = moves.take_one(device.id)
        for code in faults:
            standing.find_fault(device, code=code, severity="major", by=cast.ravi, at=at)
    return make.decided(device, disposition, grade="C", at=at)


def to_harvest(cast: Cast, *, at: datetime = AT, **changes: object) -> Device:
    return make.decided(
        make.cleared(make.triaged(cast, at=at, **changes), at=at), Disposition.HARVEST, grade="D", at=at
    )


def at_bench(cast: Cast, unit: Device | None = None, *, at: datetime = AT, **changes: object) -> WorkOrder:
    """An order that Jakob opened by his scan."""
    return orders.open_order(unit=unit or to_refurbish(cast, at=at, **changes), by=cast.jakob, at=at)  # type: ignore[arg-type]


def fault_of(order: WorkOrder, code: str = "battery_worn") -> Fault:
    return Fault.objects.get(device_id=order.device_id, code=code, cleared_at=None)


def battery(cast: Cast, *, quantity: int = 3, cost: str = "24.50", minimum: int = 0, at: datetime = AT) -> Part:
    return parts.stock(
        hub=cast.rotterdam,
        number="BAT-T480",
        name="Battery T480, 24 Wh",
        quantity=quantity,
        cost=Decimal(cost),
        minimum=minimum,
        by=cast.henrik,
        at=at,
    )


def finished(cast: Cast, unit: Device | None = None, *, at: datetime = AT, minutes: int = 30) -> WorkOrder:
    """Jakob replaced the battery and handed the unit on for its check."""
    from datetime import timedelta

    order = at_bench(cast, unit, at=at)
    fault = Fault.objects.filter(device_id=order.device_id, cleared_at=None).first()
    bench.begin_operation(order=order, code="replace_battery", fault=fault, by=cast.jakob, at=at)
    return bench.finish(order=order, by=cast.jakob, at=at + timedelta(minutes=minutes))
