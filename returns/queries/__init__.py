"""Questions about returns: the only reads that pages and the API use."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from returns.models import (
    Bag,
    ImportedRow,
    ImportRun,
    Kind,
    Rma,
    RmaLine,
    RmaStatus,
    RmaUnit,
    RowOutcome,
    UnitStatus,
)
from returns.models.rma import COMING, OPEN
from returns.queries.ground import history_of as history_of
from returns.queries.inbox import exceptions as exceptions
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.devices import identifiers
from revlog.devices import queries as devices
from revlog.devices.journey import State
from revlog.devices.models import Device, Location
from revlog.logistics import queries as logistics
from revlog.logistics.models import Parcel
from revlog.storage.queries.places import place_for as place_for
from revlog.terms import queries as terms
from revlog.terms.models import Order, OrderLine

PREFIX = "RMA"
BAG = "BAG"
PAGE = 50


# One RMA ----------------------------------------------------------------------------------------------------------------------------


def by_number(text: str, actor: Actor) -> Rma | None:
    """The RMA whose number was typed or scanned, in any spelling."""
    number = ids.normal(text.strip(), PREFIX)
    if number is None:
        return None
    return (
        Rma.objects.visible_to(actor).filter(number=number).select_related("seller", "hub", "order", "contact").first()
    )


def known_device(text: str, actor: Actor, *, shown_with: Sequence[str] = devices.SHOWN_WITH) -> Device | None:
    """The unit that a code names, of those ``actor`` may see; one that was only announced doesn't stand in the way of a real one."""
    names = identifiers.readings(text) if text.strip() else []
    match = devices.by_names(names, actor=actor, shown_with=shown_with)
    if match.device is not None:
        return match.device
    real = [one for one in match.candidates if State(one.state) not in {State.EXPECTED, State.NOT_RECEIVED}]
    return real[0] if len(real) == 1 else None


def bag_named(text: str) -> Bag | None:
    """The bag of a counter whose code was scanned, in any spelling."""
    code = ids.normal(text.strip(), BAG)
    rows = Bag.objects.select_related("unit__line__order_line", "unit__line__rma__hub", "unit__device", "tote", "place")
    return rows.filter(code=code).first() if code else None


# Lists ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """Some rows and where the next ones begin; the cursor names the last row shown, so that nothing is skipped while lists move."""

    rows: Sequence[Rma]
    total: int
    next_cursor: str = ""


def listed(
    actor: Actor,
    *,
    status: str = "",
    seller: str = "",
    text: str = "",
    reason: str = "",
    kind: str = "",
    cursor: str = "",
    most: int = PAGE,
) -> Page:
    """RMAs newest first, filtered; ``status`` is one of theirs or ``open``, ``text`` a number, an order number or a unit's name."""
    rows = filtered(actor, status=status, seller=seller, text=text, reason=reason, kind=kind)
    total = rows.count()
    if (after := _place(cursor)) is not None:
        moment, key = after
        rows = rows.filter(Q(opened_at__lt=moment) | Q(opened_at=moment, id__lt=key))
    page = list(
        rows.select_related("seller", "hub", "order")
        .prefetch_related("lines__order_line", "lines__units")
        .order_by("-opened_at", "-id")[: most + 1]
    )
    more = len(page) > most
    page = page[:most]
    last = page[-1] if page else None
    return Page(page, total, f"{last.opened_at.isoformat()}~{last.pk}" if more and last else "")


def filtered(
    actor: Actor, *, status: str = "", seller: str = "", text: str = "", reason: str = "", kind: str = ""
) -> QuerySet[Rma]:
    rows = Rma.objects.visible_to(actor)
    if status == "open":
        rows = rows.filter(status__in=[one.value for one in OPEN])
    elif status in RmaStatus.values:
        rows = rows.filter(status=status)
    if seller:
        rows = rows.filter(seller__code=seller)
    if reason:
        rows = rows.filter(lines__reason=reason).distinct()
    if kind in Kind.values:
        rows = rows.filter(kind=kind)
    bare = text.strip()
    if bare:
        number = ids.normal(bare, PREFIX)
        rows = rows.filter(number=number) if number else rows.filter(pk__in=_named(bare))
    return rows


def _named(text: str) -> QuerySet[Any, Any]:
    """Returns of which this is part of the number, the number of an order (also when it isn't the first one of the case), or the name of
    a unit. Each is looked for by itself: as one condition with OR, the planner reads all returns there are with all that hangs on them."""
    of_order = Rma.objects.filter(order__number__iexact=text)
    lines = RmaLine.objects.filter(order_line__order__number__iexact=text)
    found = [of_order.order_by().values("pk"), lines.order_by().values("rma")]
    if names := identifiers.readings(text):
        units = RmaUnit.objects.filter(device__identifiers__normal_form__in=[name.normal_form for name in names])
        found.append(units.order_by().values("line__rma"))
    return Rma.objects.filter(number__icontains=text).order_by().values("pk").union(*found)


def _place(cursor: str) -> tuple[datetime, uuid.UUID] | None:
    moment, _mark, key = cursor.partition("~")
    try:
        return datetime.fromisoformat(moment), uuid.UUID(key)
    except ValueError:
        return None


def counts(actor: Actor) -> dict[str, int]:
    """How many RMAs there are of each status; for the tabs."""
    rows = Rma.objects.visible_to(actor).order_by().values("status").annotate(n=Count("id"))
    return {row["status"]: row["n"] for row in rows}


# The dock ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scan:
    """What a code was found to be. Exactly one of the parts is set, or none: then nobody knows it.

    ``unit`` is a thing that a return expects; ``device`` one that we know and no return expects; ``several`` units that it could be.
    """

    text: str
    parcel: Parcel | None = None
    rma: Rma | None = None
    unit: RmaUnit | None = None
    device: Device | None = None
    order: Order | None = None
    place: Location | None = None
    bag: Bag | None = None
    several: Sequence[RmaUnit] = ()
    sold_as: OrderLine | None = None
    """With ``order``: the line that shipped this serial."""

    @property
    def is_unknown(self) -> bool:
        return not any((self.parcel, self.rma, self.unit, self.device, self.order, self.place, self.bag, self.several))


def scanned(text: str, actor: Actor, *, hub: Hub, parcel: Parcel | None = None, rma: Rma | None = None) -> Scan:
    """What stands behind a code on the dock. What the parcel or RMA at hand expects comes first, then what anybody expects."""
    bare = text.strip()
    if (found := by_number(bare, actor)) is not None:
        return Scan(bare, rma=found)
    if (box := logistics.parcel_by_tracking(bare, actor)) is not None and box.shipment.direction == "inbound":
        return Scan(bare, parcel=box)
    if (bag := bag_named(bare)) is not None:
        return Scan(bare, bag=bag)
    known = known_device(bare, actor)
    units = _expected_by(bare, known, parcel=parcel, rma=rma)
    if len(units) == 1:
        return Scan(bare, unit=units[0])
    if units:
        return Scan(bare, several=units)
    if known is not None:
        return Scan(bare, device=known)
    if (place := Location.objects.filter(hub=hub, code__iexact=bare, active=True).first()) is not None:
        return Scan(bare, place=place)
    if (order := terms.order_by_parcel(bare, actor) or terms.order_by_number(bare, actor)) is not None:
        return Scan(bare, order=order)
    for name in identifiers.readings(bare):
        if lines := terms.lines_with_serial(name.printed, actor):
            return Scan(bare, order=lines[0].order, sold_as=lines[0])
    return Scan(bare)


def _units() -> QuerySet[RmaUnit]:
    return RmaUnit.objects.select_related(
        "line__order_line", "line__rma__seller", "line__rma__hub", "device__product", "device__location"
    )


def _expected_by(text: str, device: Device | None, *, parcel: Parcel | None, rma: Rma | None) -> list[RmaUnit]:
    """The units that this code can be of, those at hand first; a serial that shipped is enough to be one."""
    coming = _units().filter(status=UnitStatus.EXPECTED, line__rma__status__in=[*(s.value for s in COMING), "expired"])
    forms = {identifiers.normal_serial(name.printed) for name in identifiers.readings(text)}
    forms |= {name.printed for name in identifiers.readings(text)}
    named = Q(serial__in=forms) | Q(line__order_line__serials__overlap=list(forms))
    if device is not None:
        named |= Q(device=device)
        if device.serial:
            named |= Q(serial=device.serial) | Q(line__order_line__serials__contains=[device.serial])
    found = list(coming.filter(named).order_by("line__rma__opened_at", "position")[:20])
    exact = [unit for unit in found if unit.serial in forms or (device is not None and unit.device_id == device.pk)]
    found = exact or found
    at_hand = [
        unit
        for unit in found
        if (rma is not None and unit.line.rma_id == rma.pk)
        or (parcel is not None and parcel.rma_links.filter(rma=unit.line.rma_id).exists())
    ]
    found = at_hand or found
    # Pieces of one line that can't be told apart are all the same to the hand that holds one.
    return found[:1] if len({unit.line_id for unit in found}) == 1 else found


def waiting_in(*, parcel: Parcel | None = None, rma: Rma | None = None) -> list[RmaUnit]:
    """What the parcel's RMAs, or one RMA, still expect."""
    rows = _units().filter(status=UnitStatus.EXPECTED)
    if rma is not None:
        rows = rows.filter(line__rma=rma)
    elif parcel is not None:
        rows = rows.filter(line__rma__parcel_links__parcel=parcel)
    else:
        return []
    return list(rows.order_by("line__rma__number", "line__position", "position")[:50])


def received_today(actor: Actor, hub: Hub, at: datetime) -> int:
    """How many things were taken in at the hub since its midnight."""
    midnight = hub.calendar.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return RmaUnit.objects.filter(received_at__gte=midnight, device__hub=hub).count()


# Worklists --------------------------------------------------------------------------------------------------------------------------


def queue(state: State, actor: Actor, *, most: int = 200) -> list[Device]:
    """A worklist of returns: TO_RESTOCK, TO_RETURN or EXPECTED, longest waiting first."""
    return list(
        Device.objects.visible_to(actor)
        .waiting(state)
        .select_related("product", "location", "owner", "hub", "visit")
        .prefetch_related("rma_units__line__rma")[:most]
    )


def lines_of(rma: Rma) -> list[RmaLine]:
    """The lines with all that a page shows of them, in a handful of queries."""
    return list(
        rma.lines.select_related(
            "order_line__product", "order_line__variant", "order_line__order", "new_variant__product", "exchange"
        )
        .prefetch_related(
            "units__device__product",
            "units__device__location",
            "units__refunds",
            "units__appeals",
            "units__offers",
            "refunds",
        )
        .order_by("position")
    )


# Imports ----------------------------------------------------------------------------------------------------------------------------


def rows_of(run: ImportRun, outcome: RowOutcome) -> QuerySet[ImportedRow]:
    """The rows of an import that credit something or were refused, in the order of the file."""
    return ImportedRow.objects.filter(run=run, outcome=outcome).order_by("line")


def matched_later(run: ImportRun) -> int:
    """How many rows were unmatched when the import ended, and are matched now."""
    return rows_of(run, RowOutcome.MATCHED).filter(matched_at__isnull=False).count()


def imports_of(actor: Actor, *, most: int = 100) -> list[ImportRun]:
    """The imports that ``actor`` may see, newest first."""
    return list(ImportRun.objects.visible_to(actor).select_related("seller")[:most])


def kept_rows(run: ImportRun, outcome: RowOutcome, *, after: int = 0, most: int = PAGE) -> list[ImportedRow]:
    """Rows behind line ``after``, with the returns that they became; one more than ``most`` where there are more."""
    rows = rows_of(run, outcome).filter(line__gt=after).select_related("matched_by")
    return list(rows.prefetch_related("matches__rma_line__rma", "matches__rma_line__order_line__order")[: most + 1])
