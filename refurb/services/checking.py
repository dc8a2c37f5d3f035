"""The quality check: another person says whether the work is good, needs another round, or was in vain."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from refurb import facts
from refurb.models import WorkKind, WorkOrder, WorkState
from refurb.services import bench, orders
from refurb.services.orders import need_for
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.devices import journey
from revlog.devices.journey import State
from revlog.devices.models import Device, Fault
from revlog.devices.services import moves, standing


class UnableToCheck(DomainError):
    """This work can't be checked by this person, or not now."""

    code = "unable_to_check"


def reasons_against_checking(order: WorkOrder, device: Device, *, by: Actor) -> list[Reason]:
    found = []
    if order.state != WorkState.TO_CHECK:
        found.append(Reason("not_finished", _("%(number)s is not waiting for a check") % {"number": order.number}))
    elif State(device.state) != State.TO_REFURBISH:
        found.append(Reason("called_away", _("%(tag)s was called away from the bench") % {"tag": device.tag}))
    if device.holds:
        found.append(Reason("on_hold", _("%(tag)s is on hold; put it on the hold shelf") % {"tag": device.tag}))
    return found + separations.reasons_against("repair_check", doer=order.worked_by, by=by)


def _take(order: WorkOrder, by: Actor) -> tuple[WorkOrder, Device]:
    need_for(order.kind, by, "refurb.check")
    order, device = orders.lock(order)
    if reasons := reasons_against_checking(order, device, by=by):
        raise UnableToCheck(reasons)
    return order, device


@transaction.atomic
def accept(*, order: WorkOrder, by: Actor, at: datetime) -> WorkOrder:
    """The work is good: its faults are cleared, its labor posted, and the unit goes on (to its regrade, or back to its owner).

    Raises UnableToCheck, for one's own work among others, and UnableToMove.
    """
    order, device = _take(order, by)
    answered = Fault.objects.filter(operations__order=order, cleared_at=None).distinct().order_by("found_at", "id")
    cleared = []
    for fault in answered:
        standing.clear_fault(device, fault, by=by, at=at)
        cleared.append(fault.code)
    order.accept()
    order.checked_by, order.closed_at = by.reference, at
    order.save(update_fields=["state", "checked_by", "closed_at"])
    used = sum(use.quantity for use in order.parts.filter(state="used"))
    fact = facts.WorkPassed(
        work=order.number, minutes=order.minutes, parts=used, rounds=order.round, cleared=sorted(set(cleared))
    )
    if order.kind == WorkKind.REPAIR_TO_ERASE:
        # It was repaired so that it can be wiped, and goes nowhere else.
        entry = moves.advance(device, moves.TO_SANITIZE, fact=fact, by=by, at=at)
    else:
        entry = moves.proceed(device, fact=fact, finished=journey.REFURBISH, by=by, at=at)
    bench.post_labor(order, device, entry=entry, at=at)
    return order


@transaction.atomic
def rework(*, order: WorkOrder, reason: str, by: Actor, at: datetime) -> WorkOrder:
    """Not good yet: back to the bench for another round, with the reason."""
    order, device = _take(order, by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say what is not good yet."), "reason"))
    order.rework()
    order.round += 1
    order.finished_at, order.return_reason = None, reason.strip()[:200]
    order.save(update_fields=["state", "round", "finished_at", "return_reason"])
    moves.note(
        device,
        fact=facts.WorkReturned(work=order.number, round=order.round, reason=order.return_reason),
        by=by,
        at=at,
    )
    return order


@transaction.atomic
def reject(*, order: WorkOrder, reason: str, by: Actor, at: datetime) -> WorkOrder:
    """The check shows that it can't be repaired: back to triage with the reason."""
    order, device = _take(order, by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it can't be repaired."), "reason"))
    order.checked_by = by.reference
    order.save(update_fields=["checked_by"])
    return bench.give_up(order, device, reason=reason, by=by, at=at)
