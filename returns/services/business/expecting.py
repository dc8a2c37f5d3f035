"""What a return of a business is to bring is announced as units: a lot as one counted unit, a serial as one thing. Set-based."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from returns.models import BusinessCase, BusinessLine, Goods, LotUnit, Rma, RmaLine, RmaUnit
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.devices.models import Device
from revlog.devices.models.device import Tracking
from revlog.devices.services import arrivals
from revlog.devices.services.arrivals import Description, Stay


def is_business(rma: Rma) -> bool:
    try:
        return bool(rma.business)
    except BusinessCase.DoesNotExist:
        return False


def expect(rma: Rma, *, back: Callable[[str], tuple[Device | None, bool]], by: Actor, at: datetime) -> None:
    """A unit for each lot and serial of every line.

    ``back`` gives the device that a serial is of, where it is away and may come again, and whether a unit has that number at all.
    """
    lines = list(
        rma.lines.filter(goods=Goods.BACK).select_related(
            "order_line__product", "order_line__variant__product", "business"
        )
    )
    wanted: list[tuple[RmaLine, str, int]] = []
    for line in lines:
        serials = list(line.business.serials)
        if serials:
            wanted += [(line, serial, 1) for serial in serials]
        elif line.order_line.tracking == Tracking.SERIALIZED and not line.business.components:
            wanted += [(line, "", 1)] * line.quantity
        else:
            wanted.append((line, "", line.quantity))
    looked = [back(serial) if serial else (None, False) for _line, serial, _quantity in wanted]
    known = [device for device, _taken in looked]
    fresh = [(one, place) for place, (one, device) in enumerate(zip(wanted, known, strict=True)) if device is None]
    made = (
        arrivals.announce_many(
            # A number that somebody here has already must not name two units; what differs shows at the dock.
            what=[
                describe(line, line.business, serial, quantity, named=not looked[place][1])
                for (line, serial, quantity), place in fresh
            ],
            stay=Stay(
                why="return", owner=rma.seller_id, hub=rma.hub_id, reference=f"rma:{rma.pk}", currency=rma.currency
            ),
            by=by,
            at=at,
        )
        if fresh
        else []
    )
    devices = {place: device for (_one, place), device in zip(fresh, made, strict=True)}
    places: dict[object, int] = {}
    units, found = [], []
    for place, (line, serial, quantity) in enumerate(wanted):
        places[line.pk] = places.get(line.pk, 0) + 1
        unit = RmaUnit(
            id=ids.new(at),
            line=line,
            position=places[line.pk],
            quantity=quantity,
            serial=serial,
            device=known[place] or devices[place],
        )
        units.append(unit)
        found.append(blank(unit, line.business))
    RmaUnit.objects.bulk_create(units, batch_size=500)
    LotUnit.objects.bulk_create(found, batch_size=500)


def describe(line: RmaLine, own: BusinessLine, serial: str, quantity: int, *, named: bool = True) -> Description:
    sold = line.order_line
    part = next((one for one in sold.components if own.components and one["sku"] == own.components[0]["sku"]), None)
    if part is not None:
        return Description(
            device_class="other",
            model=str(part["description"]),
            tracking=Tracking.COUNTED.value,
            quantity=quantity,
        )
    counted = not serial and sold.tracking == Tracking.COUNTED
    return Description(
        device_class=sold.device_class,
        product=sold.product,
        variant=sold.variant,
        model="" if sold.product else sold.description,
        serial=serial if named else "",
        tracking=Tracking.COUNTED.value if counted else Tracking.SERIALIZED.value,
        quantity=quantity if counted else 1,
        lot=own.lot if counted else "",
    )


def blank(unit: RmaUnit, own: BusinessLine) -> LotUnit:
    return LotUnit(
        unit=unit,
        lot=own.lot,
        expires_on=own.expires_on,
        component=own.components[0]["sku"] if own.components else "",
        lot_sent=own.lot_sent,
    )


def one_more(line: RmaLine, quantity: int, *, rma: Rma, by: Actor, at: datetime) -> RmaUnit:
    """A further unit of a line: more came than was announced, or another lot."""
    [device] = arrivals.announce_many(
        what=[describe(line, line.business, "", quantity)],
        stay=Stay(why="return", owner=rma.seller_id, hub=rma.hub_id, reference=f"rma:{rma.pk}", currency=rma.currency),
        by=by,
        at=at,
    )
    return add_unit(line, device, quantity, at=at)


def add_unit(line: RmaLine, device: Device, quantity: int, *, at: datetime) -> RmaUnit:
    last = line.units.order_by("-position").values_list("position", flat=True).first() or 0
    unit = RmaUnit.objects.create(
        id=ids.new(at), line=line, position=last + 1, quantity=quantity, serial="", device=device
    )
    blank(unit, line.business).save(force_insert=True)
    return unit


def units_of(lines: Sequence[RmaLine]) -> list[RmaUnit]:
    return list(RmaUnit.objects.filter(line__in=lines).select_related("found", "device").order_by("line", "position"))
