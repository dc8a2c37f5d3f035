"""Questions about the bench: the only reads that pages and the API use."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from refurb import parameters
from refurb.models import HarvestedPart, Operation, Part, PartStop, WorkOrder, WorkState
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import NotFound
from revlog.common.words import Audience
from revlog.custody.models import Entry
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.journey import State
from revlog.devices.models import Device, Fault

FACE = ("device", "device__product", "device__owner", "device__location", "device__hub")


def waiting(actor: Actor, *, most: int = 100) -> list[Device]:
    """Units in the bench's queue that nobody has begun, longest waiting first."""
    live = WorkOrder.objects.live().values("device_id")
    return list(
        Device.objects.visible_to(actor)
        .waiting(State.TO_REFURBISH)
        .exclude(pk__in=live)
        .select_related("product", "owner", "location", "hub")[:most]
    )


def to_harvest(actor: Actor, *, most: int = 100) -> list[Device]:
    """Units to be taken apart that nobody has begun."""
    live = WorkOrder.objects.live().values("device_id")
    return list(
        Device.objects.visible_to(actor)
        .waiting(State.TO_HARVEST)
        .exclude(pk__in=live)
        .select_related("product", "owner", "location", "hub")[:most]
    )


def in_work(actor: Actor) -> QuerySet[WorkOrder]:
    """Orders at the bench, oldest first."""
    return (
        WorkOrder.objects.visible_to(actor)
        .filter(state=WorkState.OPEN)
        .select_related(*FACE)
        .prefetch_related("operations")
    )


def to_check(actor: Actor) -> QuerySet[WorkOrder]:
    """Finished work that waits for its check, longest waiting first."""
    return (
        WorkOrder.objects.visible_to(actor)
        .filter(state=WorkState.TO_CHECK)
        .select_related(*FACE)
        .prefetch_related("operations")
        .order_by("finished_at", "id")
    )


def order(pk: uuid.UUID, actor: Actor) -> WorkOrder:
    """Raises NotFound, for strangers likewise."""
    found = WorkOrder.objects.visible_to(actor).filter(pk=pk).select_related(*FACE).first()
    if found is None:
        raise NotFound(_("There is no such work order."))
    return found


def live_order(device: Device) -> WorkOrder | None:
    return WorkOrder.objects.live().filter(device=device).first()


def latest_order(device: Device) -> WorkOrder | None:
    return WorkOrder.objects.filter(device=device).order_by("-opened_at").first()


def orders_of(device: Device, actor: Actor) -> list[WorkOrder]:
    """All work on a unit, newest first."""
    return list(
        WorkOrder.objects.visible_to(actor)
        .filter(device=device)
        .prefetch_related("operations", "parts__part", "harvested")
        .order_by("-opened_at")
    )


def open_faults(device: Device) -> list[Fault]:
    return list(device.faults.filter(cleared_at=None))


def running_of(actor: Actor) -> Operation | None:
    """What this person is booked on at this moment."""
    return Operation.objects.filter(done_by=actor.reference, ended_at=None).select_related("order").first()


def part_by_number(text: str, *, device: Device, actor: Actor) -> Part | None:
    """The stock that a scanned part number means for ``device``: of its hub, not stopped, some left, new before harvested."""
    if device.hub_id is None:
        return None
    rows = Part.objects.visible_to(actor).filter(number__iexact=text.strip(), hub_id=device.hub_id)
    stops = PartStop.objects.filter(ended_at=None, part__number__iexact=text.strip())
    stopped = set(stops.values_list("part", flat=True))
    return min(rows, key=lambda row: (row.pk in stopped, row.available <= 0, row.condition != "new"), default=None)


def parts(actor: Actor, *, text: str = "") -> QuerySet[Part]:
    stops = Prefetch("stops", PartStop.objects.filter(ended_at=None), to_attr="stopped_by")
    rows = Part.objects.visible_to(actor).select_related("hub").prefetch_related("models_fitting", stops)
    for piece in text.split()[:5]:
        rows = rows.filter(number__icontains=piece) | rows.filter(name__icontains=piece)
    return rows


def parts_for(device: Device, actor: Actor, *, most: int = 12) -> list[Part]:
    """What in stock fits this unit."""
    return list(Part.objects.visible_to(actor).fitting(device).order_by("name", "condition")[:most])


def yield_of(order: WorkOrder) -> tuple[int, int, Decimal]:
    """Taken, usable of them, and what the usable ones are worth."""
    rows = list(HarvestedPart.objects.filter(order=order))
    taken = sum(row.quantity for row in rows)
    usable = sum(row.quantity for row in rows if row.usable)
    value = sum((row.value * row.quantity for row in rows if row.usable), Decimal(0))
    return taken, usable, value


def story_of_part(part: Part, *, most: int = 50) -> list[tuple[Entry, str]]:
    """What happened to a stock, newest first, as staff read it."""
    rows = Entry.objects.filter(chain_id=part.pk).order_by("-sequence")[:most]
    return [(row, row.told_to(Audience.STAFF) or "") for row in rows]


def exceptions(actor: Actor, *, at: datetime | None = None) -> list[ExceptionRow]:
    """What at the bench needs a decision: checks that are late, work that stands still, parts that run out."""
    at = at or clock.now()
    rules = parameters.in_force(at)
    found: list[ExceptionRow] = []
    for late in to_check(actor).filter(finished_at__lt=at - rules.check_within):
        since = late.finished_at or late.opened_at
        found.append(
            ExceptionRow(
                key=f"work_waits_for_check:{late.pk}",
                kind="exception.work_waits_for_check",
                sentence=_("The repair of %(tag)s is finished and nobody has checked it.") % {"tag": late.device.tag},
                thing=late.device.face,
                url=reverse("bench_check", args=[late.pk]),
                owner=_("bench"),
                since=since,
                due=since + rules.check_within,
                money_at_risk=late.device.expected_value,
                currency=late.device.currency,
                next_action=_("Check"),
            )
        )
    for idle in in_work(actor).filter(opened_at__lt=at - rules.idle_after):
        last = max([o.ended_at or o.begun_at for o in idle.operations.all()], default=idle.opened_at)
        if last >= at - rules.idle_after or idle.device.waiting_for:
            continue
        found.append(
            ExceptionRow(
                key=f"work_idle:{idle.pk}",
                kind="exception.work_idle",
                sentence=_("Nobody has worked on %(tag)s since its last scan.") % {"tag": idle.device.tag},
                thing=idle.device.face,
                url=reverse("bench_work", args=[idle.pk]),
                owner=_("bench"),
                since=last,
                due=last + rules.idle_after,
                money_at_risk=idle.device.expected_value,
                currency=idle.device.currency,
                next_action=_("Go on"),
            )
        )
    found += [
        ExceptionRow(
            key=f"part_low:{low.pk}",
            kind="exception.part_low",
            sentence=_("%(available)s of %(name)s are left; %(minimum)s should be.")
            % {"available": low.available, "name": low.name, "minimum": low.minimum},
            thing=low.number,
            url=reverse("bench_part", args=[low.pk]),
            owner=_("planner"),
            since=low.created_at,
            next_action=_("Order more"),
        )
        for low in Part.objects.visible_to(actor).filter(quantity__lt=F("minimum") + F("reserved"))
    ]
    return found
