"""Taking a unit apart for its parts: what is taken goes into stock or travels on as a unit, and the rest goes on with its weight.

Under control, a unit that still holds data is harvested: only parts without storage are taken, in the secured zone, by a data
technician whom a second person allowed to; what remains is bound for destruction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from refurb import facts, parameters, queries
from refurb.models import HarvestedPart, Part, WorkKind, WorkOrder
from refurb.services import bench, orders, parts
from refurb.services.orders import UnableToWork, need_for, reasons_against_working
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.custody.models import Entry
from revlog.devices import facts as device_facts
from revlog.devices import journey
from revlog.devices.journey import CLEARED, Data, Disposition
from revlog.devices.models import Device
from revlog.devices.services import arrivals, money, moves, standing

STORAGE = (
    "ssd",
    "hdd",
    "nvme",
    "emmc",
    "ufs",
    "drive",
    "disk",
    "flash",
    "storage",
    "mainboard",
    "motherboard",
    "logic board",
)
"""Names of parts that hold data, or carry what does: such a part isn't harvested, its medium is taken out or destroyed."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A part as it was taken out. ``grams`` is of all of them, ``value`` of one; ``tracked`` makes each a unit of its own."""

    number: str
    name: str
    quantity: int = 1
    grams: int = 0
    value: Decimal = Decimal(0)
    usable: bool = True
    tracked: bool = False
    serial: str = ""

    def problems(self) -> list[Reason]:
        found = []
        if not self.name.strip() or not self.number.strip():
            found.append(Reason("no_name", _("The part needs its number and name."), "number"))
        if self.quantity < 1:
            found.append(Reason("no_quantity", _("The quantity is at least 1."), "quantity"))
        if self.grams < 0:
            found.append(Reason("grams", _("A weight can't be negative."), "grams"))
        if self.value < 0:
            found.append(Reason("value", _("A value can't be negative."), "value"))
        if self.tracked and self.quantity != 1:
            found.append(Reason("one_thing", _("A part that travels as a unit is taken one by one."), "quantity"))
        return found

    @property
    def may_hold_data(self) -> bool:
        name = f" {self.name} {self.number} ".lower()
        return any(word in name for word in STORAGE)


def reasons_against_harvesting(order: WorkOrder, device: Device, *, by: Actor) -> list[Reason]:
    found = reasons_against_working(order, device)
    if not order.is_harvest:
        found.append(Reason("not_a_harvest", _("%(number)s is no harvest") % {"number": order.number}))
    elif order.kind == WorkKind.HARVEST and Data(device.data) not in CLEARED:
        found.append(Reason("data", _("its data is not cleared; it goes to the data cage")))
    elif order.kind == WorkKind.CONTROLLED_HARVEST and not by.may("itad.except"):
        found.append(Reason("not_entitled", _("only a data technician harvests a unit that still holds data")))
    if not device.authority:
        found.append(Reason("no_authority", _("nobody entitled has allowed what can't be undone")))
    return found


@transaction.atomic
def take_part(*, order: WorkOrder, taken: Taken, by: Actor, at: datetime) -> HarvestedPart:
    """Take a part out. A usable one goes into the stock of parts or becomes a unit whose chain cites this one; a broken one stays.

    Raises UnableToWork with every reason, BadInput.
    """
    need_for(order.kind, by, "refurb.harvest")
    order, device = orders.lock(order)
    if problems := taken.problems():
        raise BadInput(problems)
    reasons = reasons_against_harvesting(order, device, by=by)
    if taken.may_hold_data and (order.kind == WorkKind.CONTROLLED_HARVEST or taken.usable):
        reasons.append(
            Reason(
                "holds_data", _("%(name)s may hold data; its storage is taken out as a drive") % {"name": taken.name}
            )
        )
    if reasons:
        raise UnableToWork(reasons)
    bench.worked(order, by)
    rules = parameters.in_force(at)
    destination = "part_broken" if not taken.usable else "part_tracked" if taken.tracked else "part_to_stock"
    tag = arrivals.fresh_tags(1)[0] if destination == "part_tracked" else None
    entry = moves.note(
        device,
        fact=facts.PartHarvested(
            work=order.number,
            number=taken.number.strip().upper(),
            name=taken.name.strip(),
            quantity=taken.quantity,
            grams=taken.grams if taken.usable else 0,
            value=str(taken.value),
            currency=rules.currency,
            usable=taken.usable,
            destination=destination,
            became=tag,
        ),
        by=by,
        at=at,
    )
    row = HarvestedPart(
        id=ids.new(at),
        order=order,
        number=taken.number.strip().upper()[:60],
        name=taken.name.strip()[:120],
        quantity=taken.quantity,
        grams=taken.grams if taken.usable else 0,
        value=taken.value if taken.usable else Decimal(0),
        usable=taken.usable,
        owner_id=device.owner_id,
        taken_by=by.reference,
        taken_at=at,
    )
    if destination == "part_tracked":
        row.became = _as_unit(device, taken, tag or "", entry=entry, by=by, at=at)
    elif destination == "part_to_stock":
        row.part = _into_stock(device, taken, entry=entry, currency=rules.currency, by=by, at=at)
    row.save(force_insert=True)
    worth = taken.value * taken.quantity
    if taken.usable and worth:
        # What the part is worth leaves this unit's books as income and stands as cost where it went: the sum stays nothing.
        money.post(
            entry=entry, account="parts", amount=worth, currency=rules.currency, device=device, at=at,
            key=f"refurb:harvest:{row.id}",
        )  # fmt: skip
    return row


def _as_unit(device: Device, taken: Taken, tag: str, *, entry: Entry, by: Actor, at: datetime) -> Device:
    part = arrivals.arrive(
        what=arrivals.Description(
            device_class="part",
            manufacturer=device.manufacturer,
            model=taken.name.strip(),
            serial=taken.serial.strip(),
            grams=taken.grams or None,
        ),
        stay=arrivals.Stay(
            why="removed",
            owner=device.owner_id,
            hub=device.hub_id,
            custodian=device.custodian_id,
            reference=f"unit:{device.id}",
            currency=device.currency,
        ),
        by=by,
        at=at,
        tag=tag,
    )
    removed = moves.note(
        part,
        fact=device_facts.RemovedFrom(
            parent=device.tag,
            parent_chain=f"unit:{device.id}",
            parent_sequence=entry.sequence,
            parent_digest=entry.digest,
            what=taken.name.strip(),
        ),
        by=by,
        at=at,
        set={"parent_id": device.id},
    )
    # Who might take the whole apart may also sell its part.
    standing.authorize(part, ground="contract", reference=device.tag, by=by, at=at)
    if taken.value:
        money.post(
            entry=removed, account="parts", amount=-taken.value, currency=parameters.in_force(at).currency, device=part,
            at=at, key=f"refurb:harvested:{part.id}",
        )  # fmt: skip
    return part


def _into_stock(device: Device, taken: Taken, *, entry: Entry, currency: str, by: Actor, at: datetime) -> Part:
    if device.hub_id is None:
        raise UnableToWork(Reason("nowhere", _("%(tag)s is at no hub") % {"tag": device.tag}))
    part, _stocked = parts.put_into_stock(
        hub=device.hub_id, number=taken.number, name=taken.name, condition="harvested", quantity=taken.quantity,
        cost=taken.value, currency=currency, source="harvest", parent=entry, by=by, at=at,
    )  # fmt: skip
    if device.product is not None:
        part.models_fitting.add(device.product)
    return part


def reasons_against_closing(order: WorkOrder, device: Device, remaining_grams: int, *, by: Actor) -> list[Reason]:
    found = reasons_against_harvesting(order, device, by=by)
    if remaining_grams <= 0:
        found.append(Reason("no_weight", _("the weight of what remains is missing")))
    taken = sum(row.grams for row in order.harvested.all())
    if device.grams is not None and remaining_grams + taken > device.grams:
        found.append(
            Reason(
                "too_heavy",
                _("%(sum)s g of parts and remains are more than the %(whole)s g it weighed; weigh again")
                % {"sum": remaining_grams + taken, "whole": device.grams},
            )
        )
    return found


@transaction.atomic
def close(*, order: WorkOrder, remaining_grams: int, by: Actor, at: datetime) -> WorkOrder:
    """Every part worth taking was taken: the rest goes on with its weight, to recycling, or to destruction while data is on it.

    Raises UnableToWork with every reason, UnableToMove.
    """
    need_for(order.kind, by, "refurb.harvest")
    order, device = orders.lock(order)
    if reasons := reasons_against_closing(order, device, remaining_grams, by=by):
        raise UnableToWork(reasons)
    bench.end_running(order, device, by=by, at=at)
    bench.worked(order, by)
    taken, usable, value = queries.yield_of(order)
    order.close_harvest()
    order.finished_at = order.closed_at = at
    order.save(update_fields=["state", "finished_at", "closed_at"])
    fact = facts.Harvested(
        work=order.number,
        taken=taken,
        usable=usable,
        value=str(value),
        currency=parameters.in_force(at).currency,
        remaining_grams=remaining_grams,
        minutes=order.minutes,
        under_control=order.kind == WorkKind.CONTROLLED_HARVEST,
    )
    if Data(device.data) in CLEARED:
        entry = moves.proceed(device, fact=fact, finished=journey.HARVEST, by=by, at=at, set={"grams": remaining_grams})
    else:
        entry = moves.advance(
            device,
            moves.TO_DESTROY,
            fact=fact,
            by=by,
            at=at,
            set={"grams": remaining_grams, "disposition": Disposition.DESTROY.value, "stops_done": 0},
        )
    bench.post_labor(order, device, entry=entry, at=at)
    return order
