"""Questions about transfers: the list with its clocks, one with its story, what is late, what a lead has to settle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, Min, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import clock, ids
from revlog.common.words import word
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.models import HoldKind
from revlog.logistics.models import (
    Cargo,
    CargoStatus,
    Consignment,
    Discrepancy,
    Grace,
    Leg,
    Transfer,
    TransferStatus,
)
from revlog.logistics.queries import clocks

PREFIX = "TR"
TABS = ("planned", "under_way", "late", "open", "done", "cancelled")
"""``late`` and ``open`` (something is to be settled) are among those under way."""


def by_number(text: str, actor: Actor) -> Transfer | None:
    number = ids.normal(text.replace("\0", ""), PREFIX)
    if not number:
        return None
    rows = Transfer.objects.visible_to(actor).filter(number=number)
    return rows.select_related("origin__organization", "destination__organization", "receiver", "giver").first()


def _open_rows() -> QuerySet[Discrepancy]:
    return Discrepancy.objects.filter(shipment__consignment__transfer=OuterRef("pk"), settled_at=None)


def counted(actor: Actor) -> QuerySet[Transfer]:
    """With how many things are on the list, loaded, under way, in and missing, and when the next leg is planned to end."""
    many = {
        name: Count("cargo", filter=Q(cargo__status=status), distinct=True)
        for name, status in (
            ("listed", CargoStatus.LISTED),
            ("loaded", CargoStatus.LOADED),
            ("travels", CargoStatus.UNDER_WAY),
            ("taken_in", CargoStatus.ACCEPTED),
            ("missing", CargoStatus.MISSING),
        )
    }
    return (
        Transfer.objects.visible_to(actor)
        .select_related("origin", "destination", "receiver", "giver")
        .annotate(
            **many,
            unsettled=Exists(_open_rows()),
            next_due=Min(
                "consignments__shipment__legs__planned_to",
                filter=Q(consignments__status__in=clocks.TRAVELS, consignments__shipment__legs__came_at=None),
            ),
        )
    )


def listing(actor: Actor, *, tab: str, at: datetime) -> QuerySet[Transfer]:
    rows = counted(actor)
    if tab == "late":
        rows = rows.filter(pk__in=[leg.shipment.consignment.transfer_id for leg, _when in late(actor, at=at)])
    elif tab == "open":
        rows = rows.filter(Exists(_open_rows()))
    elif tab in TransferStatus.values:
        rows = rows.filter(status=tab)
    return rows.order_by(F("next_due").asc(nulls_last=True), "-created_at", "-id")


def numbers(actor: Actor, *, at: datetime) -> dict[str, int]:
    """How many there are of each tab."""
    rows = Transfer.objects.visible_to(actor)
    found = dict(rows.values_list("status").annotate(Count("pk")).order_by())
    open_rows = Discrepancy.objects.filter(shipment__consignment__transfer__in=rows, settled_at=None)
    found["open"] = open_rows.values("shipment__consignment__transfer").distinct().count()
    found["late"] = len({leg.shipment.consignment.transfer_id for leg, _when in late(actor, at=at)})
    return {tab: int(found.get(tab, 0)) for tab in TABS}


def late(actor: Actor, *, at: datetime) -> list[tuple[Leg, datetime]]:
    legs = clocks.on_the_way().filter(
        shipment__consignment__transfer__in=Transfer.objects.visible_to(actor).filter(status=TransferStatus.UNDER_WAY)
    )
    return clocks.late(legs, at=at)


def with_others(actor: Actor) -> QuerySet[Cargo]:
    """What other organizations have taken in and have still, and nobody has announced back; what went longest ago first."""
    newer = Cargo.objects.filter(
        container=OuterRef("container"), id__gt=OuterRef("id"), status__in=[CargoStatus.UNDER_WAY, CargoStatus.ACCEPTED]
    )
    open_ones = Cargo.objects.filter(status__in=[CargoStatus.LISTED, CargoStatus.LOADED, CargoStatus.UNDER_WAY])
    theirs = Q(device__holds__contains=[HoldKind.AWAY.value], device__custodian=F("transfer__receiver"))
    boxes = Q(container__isnull=False) & ~Exists(newer)
    return (
        Cargo.objects.filter(
            theirs | boxes, status=CargoStatus.ACCEPTED, transfer__destination=None,
            transfer__in=Transfer.objects.visible_to(actor),
        )
        .exclude(Exists(open_ones.filter(container=OuterRef("container"))))
        .exclude(Exists(open_ones.filter(device=OuterRef("device"))))
        .select_related("transfer__receiver", "container", "device")
        .order_by("accepted_at", "id")
    )  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """A leg with its clock: ``due`` is when it is late; ``state`` a word of ``legs.*``."""

    leg: Leg
    due: datetime
    state: str
    may_come: bool
    may_leave: bool


def stretches(made: Consignment, rows: Sequence[Grace], *, at: datetime) -> list[Stretch]:
    found: list[Stretch] = []
    before: Leg | None = None
    travels = made.status in clocks.TRAVELS
    for leg in made.shipment.legs.all():
        due = clocks.due(leg, made.transfer, rows)
        if leg.came_at is not None:
            state = "came"
        elif travels and due < at:
            state = "late"
        else:
            state = "on_it" if leg.left_at is not None else "ahead"
        found.append(
            Stretch(
                leg,
                due,
                state,
                may_come=travels and leg.left_at is not None and leg.came_at is None,
                may_leave=travels and leg.left_at is None and before is not None and before.came_at is not None,
            )
        )
        before = leg
    return found


def consignments(transfer: Transfer) -> list[Consignment]:
    legs = Prefetch("shipment__legs", Leg.objects.select_related("carrier").order_by("number"))
    rows = transfer.consignments.select_related("shipment__carrier", "document").prefetch_related(legs)
    found = list(rows.order_by("number"))
    for one in found:
        one.transfer = transfer
    return found


def address_of(transfer: Transfer) -> str:
    return reverse("transfer", args=[transfer.number])


# The inbox --------------------------------------------------------------------------------------------------------------------------


def exceptions(actor: Actor) -> list[ExceptionRow]:
    """What is late, and what wasn't as it was released and nobody has settled yet."""
    if not actor.is_operator or not actor.may("logistics.view"):
        return []
    at = clock.now()
    return [*_late(actor, at), *_unsettled(actor)]


def _late(actor: Actor, at: datetime) -> list[ExceptionRow]:
    return [
        ExceptionRow(
            key=f"transfer_late:{leg.pk}",
            kind="exception.transfer_late",
            sentence=_("%(carrier)s was to bring it to %(place)s.")
            % {"carrier": leg.carrier.name, "place": leg.ends_at},
            thing=f"{leg.shipment.consignment.transfer.number}, {leg.shipment.number}",
            url=address_of(leg.shipment.consignment.transfer),
            owner=_("lead"),
            since=when,
            due=when,
            next_action=_("Ask the carrier"),
        )
        for leg, when in late(actor, at=at)
    ]


def _unsettled(actor: Actor) -> list[ExceptionRow]:
    rows = Discrepancy.objects.filter(
        settled_at=None, shipment__consignment__transfer__in=Transfer.objects.visible_to(actor)
    ).select_related("shipment__consignment__transfer", "device", "cargo__device")
    found = []
    for row in rows.order_by("noted_at")[:200]:
        unit = row.device if row.device is not None else row.cargo.device if row.cargo is not None else None
        found.append(
            ExceptionRow(
                key=f"transfer_discrepancy:{row.pk}",
                kind="exception.transfer_discrepancy",
                sentence=f"{row.code}: {word(f'trouble.{row.kind}')}. {row.note}".strip(),
                thing=row.shipment.consignment.transfer.number,
                url=address_of(row.shipment.consignment.transfer) + "#settle",
                owner=_("lead"),
                since=row.noted_at,
                money_at_risk=unit.expected_value if unit is not None else None,
                currency=unit.currency if unit is not None else "EUR",
                next_action=_("Settle"),
            )
        )
    return found
