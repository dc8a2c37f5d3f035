"""Work orders: opened by the first scan at the bench, called away when the unit is needed elsewhere."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from itad import facts as itad_facts
from refurb import facts, queries
from refurb.models import ENDED, HARVESTS, SUPERVISED, Part, PartUse, WorkKind, WorkOrder, WorkState
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.custody.models import Entry
from revlog.devices.journey import CLEARED, Data, Disposition, State
from revlog.devices.models import Device
from revlog.devices.models.device import OF_PERSONS
from revlog.devices.services import decontaminating, moves, sealing

QUEUE = {
    WorkKind.REFURBISH.value: State.TO_REFURBISH,
    WorkKind.REPAIR.value: State.TO_REFURBISH,
    WorkKind.REPAIR_TO_ERASE.value: State.TO_REFURBISH,
    WorkKind.HARVEST.value: State.TO_HARVEST,
    WorkKind.CONTROLLED_HARVEST.value: State.TO_HARVEST,
}


class UnableToWork(DomainError):
    """This can't be done at the bench now."""

    code = "unable_to_work"


def need(by: Actor, permission: str) -> None:
    if not by.may(permission):
        raise NotAllowed(Reason("not_allowed", _("This needs a right that you don't have; ask your lead.")))


def lock(order: WorkOrder) -> tuple[WorkOrder, Device]:
    """The unit and then its order, locked and fresh: how every verb here begins."""
    device = moves.take_one(order.device_id)
    return again(order, device), device


def again(order: WorkOrder, device: Device) -> WorkOrder:
    """The order, locked, when its unit was taken before."""
    found = WorkOrder.objects.select_for_update(no_key=True, of=("self",)).get(pk=order.pk)
    found.device = device
    return found


def need_for(kind: str | None, by: Actor, permission: str) -> None:
    """Work on a unit with data is a data technician's alone; other work needs its own right."""
    need(by, "itad.except" if kind in SUPERVISED else permission)


def kind_for(device: Device) -> WorkKind | None:
    """What kind of work the unit waits for; None when it isn't waiting for the bench."""
    holds_data = Data(device.data) not in CLEARED
    match State(device.state):
        case State.TO_HARVEST:
            return WorkKind.CONTROLLED_HARVEST if holds_data else WorkKind.HARVEST
        case State.TO_REFURBISH:
            if device.disposition == Disposition.REPAIR_AND_RETURN:
                return WorkKind.REPAIR
            return WorkKind.REPAIR_TO_ERASE if holds_data else WorkKind.REFURBISH
    return None


def allowed_by(device: Device) -> str:
    """Digest of the entry that sent a unit with data to the bench: the one that allowed the exception, else nothing."""
    entry = Entry.objects.filter(chain_id=device.id, sequence=device.state_sequence).first()
    return entry.digest if entry is not None and entry.kind == itad_facts.ExceptionAllowed.kind else ""


def reasons_against_opening(device: Device) -> list[Reason]:
    found = []
    if kind_for(device) is None:
        found.append(Reason("not_waiting", _("%(tag)s is not waiting for the bench") % {"tag": device.tag}))
    if kind_for(device) in SUPERVISED:
        if not allowed_by(device):
            found.append(
                Reason(
                    "not_allowed_yet", _("nobody has allowed work on %(tag)s while it holds data") % {"tag": device.tag}
                )
            )
        found += reasons_of_the_zone(device)
    if kind_for(device) == WorkKind.REPAIR and not agreed(device):
        found.append(
            Reason(
                "no_consent",
                _("the owner of %(tag)s hasn't agreed to its repair; quote it first") % {"tag": device.tag},
            )
        )
    found += decontaminating.reasons_against_opening(device)
    if sealing.is_sealed(device):
        found.append(
            Reason("sealed", _("%(tag)s is sealed; an inspector opens it in triage first") % {"tag": device.tag})
        )
    if device.holds:
        found.append(Reason("on_hold", _("%(tag)s is on hold; put it on the hold shelf") % {"tag": device.tag}))
    return found


def agreed(device: Device) -> bool:
    """Whether its repair may begin: a customer's only with consent, or where it is owed, which the unit's authority cites."""
    return bool(device.authority) or device.visit is None or device.visit.why not in OF_PERSONS


def reasons_of_the_zone(device: Device) -> list[Reason]:
    """A unit with data is opened in the secured zone alone."""
    if device.location is not None and device.location.secured:
        return []
    return [Reason("not_secured", _("it may be opened in the secured zone alone"))]


def reasons_against_working(order: WorkOrder, device: Device) -> list[Reason]:
    """Why nothing may be done to the unit under this order now."""
    found = []
    if order.state != WorkState.OPEN:
        found.append(Reason("not_open", _("%(number)s is not at the bench any more") % {"number": order.number}))
    elif State(device.state) != QUEUE[order.kind]:
        found.append(Reason("called_away", _("%(tag)s was called away from the bench") % {"tag": device.tag}))
    if order.kind in SUPERVISED:
        found += reasons_of_the_zone(device)
    found += decontaminating.reasons_against_opening(device)
    if device.holds:
        found.append(Reason("on_hold", _("%(tag)s is on hold; put it on the hold shelf") % {"tag": device.tag}))
    return found


@transaction.atomic
def open_order(*, unit: Device, by: Actor, at: datetime) -> WorkOrder:
    """Begin the work on a unit that waits for the bench; scanned again, the order that is open is given.

    Raises UnableToWork when it waits for something else or is on hold, NotAllowed.
    """
    device = moves.take_one(unit.id)
    kind = kind_for(device)
    need_for(kind, by, "refurb.harvest" if kind in HARVESTS else "refurb.work")
    live = queries.live_order(device)
    if live is not None and live.kind == kind:
        return live
    reasons = reasons_against_opening(device)
    if kind is None or reasons:
        raise UnableToWork(reasons)
    if live is not None:
        # It was sent elsewhere in between and comes back for other work: the old order is a story of its own.
        call_away(again(live, device), at=at)
    return begin(device, kind, allowed_by=allowed_by(device) if kind in SUPERVISED else "", by=by, at=at)


def begin(device: Device, kind: WorkKind, *, allowed_by: str = "", by: Actor, at: datetime) -> WorkOrder:
    """The order of a taken unit, and the fact on its chain."""
    order = WorkOrder.objects.create(
        id=ids.new(at),
        number=ids.code("WO"),
        device=device,
        visit_id=device.visit_id,
        kind=kind.value,
        hub_id=device.hub_id,
        opened_by=by.reference,
        opened_at=at,
        allowed_by=allowed_by,
    )
    faults = sorted({fault.code for fault in queries.open_faults(device)})
    moves.note(
        device,
        fact=facts.WorkOpened(work=order.number, work_kind=kind.value, faults=faults, allowed_by=allowed_by or None),
        by=by,
        at=at,
        key=f"work:{order.id}",
    )
    return order


def give_back_reserved(order: WorkOrder, *, at: datetime) -> int:
    """Free what a locked order reserved and did not put in. Returns how many parts."""
    rows = list(PartUse.objects.filter(order=order, state="reserved"))
    # In key order: two orders that give back the same two parts must not wait for each other.
    locked = list(
        Part.objects.select_for_update(no_key=True).filter(pk__in={row.part_id for row in rows}).order_by("pk")
    )
    for part in locked:
        amount = sum(row.quantity for row in rows if row.part_id == part.pk)
        Part.objects.filter(pk=part.pk).update(reserved=F("reserved") - amount)
    PartUse.objects.filter(pk__in=[row.pk for row in rows]).update(state="returned", settled_at=at)
    return sum(row.quantity for row in rows)


def call_away(order: WorkOrder, *, at: datetime) -> WorkOrder:
    """Close a locked order whose unit left the bench by another way; reserved parts go back."""
    give_back_reserved(order, at=at)
    order.operations.filter(ended_at=None).update(ended_at=at, measured=0, minutes=0)
    order.cancel()
    order.closed_at = at
    order.save(update_fields=["state", "closed_at"])
    return order


@transaction.atomic
def cancel_if_gone(*, unit: uuid.UUID, at: datetime) -> WorkOrder | None:
    """Close the open order of a unit that is not at the bench any more: what a reaction does after it was sent elsewhere."""
    device = moves.take_one(unit)
    live = queries.live_order(device)
    if live is None or live.state in ENDED or State(device.state) == QUEUE[live.kind]:
        return None
    return call_away(again(live, device), at=at)
