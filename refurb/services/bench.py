"""Working: operations from scan to scan, parts put in, and the end of a round."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from refurb import facts, parameters
from refurb.models import Operation, WorkKind, WorkOrder, WorkState
from refurb.operations import OPERATIONS, minutes_between
from refurb.services import orders
from refurb.services.orders import UnableToWork, need, need_for, reasons_against_working
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.custody.models import Entry
from revlog.devices import facts as device_facts
from revlog.devices.models import Device, Fault
from revlog.devices.services import money, moves, standing


@transaction.atomic
def begin_operation(*, order: WorkOrder, code: str, fault: Fault | None = None, by: Actor, at: datetime) -> Operation:
    """Book ``by`` on an operation from now; this scan ends the one they were on, at whichever unit that was.

    Raises UnableToWork, BadInput for an unknown operation or a fault of another unit.
    """
    need_for(order.kind, by, "refurb.harvest" if order.is_harvest else "refurb.work")
    if code not in OPERATIONS:
        raise BadInput(Reason("unknown_operation", _("There is no operation %(code)s.") % {"code": code}, "code"))
    if fault is not None and (fault.device_id != order.device_id or fault.cleared_at is not None):
        raise BadInput(Reason("unknown_fault", _("That is no open fault of this unit."), "fault"))
    before = Operation.objects.filter(done_by=by.reference, ended_at=None).select_related("order").first()
    units = moves.take({order.device_id} | ({before.order.device_id} if before else set()))
    held = {unit.id: unit for unit in units}
    device = held[order.device_id]
    order = orders.again(order, device)
    if reasons := reasons_against_working(order, device):
        raise UnableToWork(reasons)
    if before is not None:
        end_operation(before, held[before.order.device_id], by=by, at=at)
    if device.waiting_for == "part":
        standing.wait_over(device, by=by, at=at)
    try:
        with transaction.atomic():
            operation = Operation.objects.create(
                id=ids.new(at),
                order=order,
                code=code,
                fault=fault,
                round=order.round,
                done_by=by.reference,
                begun_at=at,
            )
    except IntegrityError as error:
        raise UnableToWork(
            Reason("raced", _("You were booked on something else at this moment; scan again."))
        ) from error
    _worked(order, by)
    return operation


def end_operation(operation: Operation, device: Device, *, by: Actor, at: datetime) -> Operation:
    """Close a running operation of a taken unit and say how long it took."""
    cap = OPERATIONS[operation.code].cap_minutes
    operation.ended_at = at
    operation.measured = minutes_between(operation.begun_at, at, cap=1_000_000)
    operation.minutes = min(cap, operation.measured)
    operation.save(update_fields=["ended_at", "measured", "minutes"])
    moves.note(
        device,
        fact=facts.OperationDone(
            work=operation.order.number,
            operation=operation.code,
            minutes=operation.minutes,
            measured=operation.measured,
            fault=operation.fault.code if operation.fault else None,
            round=operation.round,
        ),
        by=by,
        at=at,
        key=f"operation:{operation.id}",
    )
    return operation


def end_running(order: WorkOrder, device: Device, *, by: Actor, at: datetime) -> None:
    for operation in order.operations.filter(ended_at=None).select_related("order", "fault"):
        end_operation(operation, device, by=by, at=at)


def _worked(order: WorkOrder, by: Actor) -> None:
    if by.reference not in order.worked_by:
        order.worked_by = sorted({*order.worked_by, by.reference})
        order.save(update_fields=["worked_by"])


def worked(order: WorkOrder, by: Actor) -> None:
    """Note on a locked order that ``by`` had a hand in it."""
    _worked(order, by)


@transaction.atomic
def correct_minutes(*, operation: Operation, minutes: int, reason: str, by: Actor, at: datetime) -> Operation:
    """A lead puts right what a forgotten scan made of an operation; what the clock said stays beside it."""
    need(by, "refurb.plan")
    order, device = orders.lock(operation.order)
    operation = Operation.objects.select_related("order").get(pk=operation.pk)
    found = []
    if operation.ended_at is None or operation.minutes is None:
        found.append(Reason("running", _("This operation is still running")))
    if order.closed_at is not None:
        found.append(Reason("closed", _("%(number)s is closed and its labor posted") % {"number": order.number}))
    if found:
        raise UnableToWork(found)
    if not reason.strip():
        found.append(Reason("no_reason", _("Say why the minutes are corrected."), "reason"))
    if not 0 <= minutes <= 1440:
        found.append(Reason("minutes", _("Minutes are between 0 and 1440."), "minutes"))
    if found:
        raise BadInput(found)
    before = operation.minutes or 0
    operation.minutes, operation.corrected_by = minutes, by.reference
    operation.save(update_fields=["minutes", "corrected_by"])
    moves.note(
        device,
        fact=facts.MinutesCorrected(
            work=order.number, operation=operation.code, before=before, minutes=minutes, reason=reason.strip()[:200]
        ),
        by=by,
        at=at,
    )
    return operation


def reasons_against_finishing(order: WorkOrder, device: Device) -> list[Reason]:
    found = reasons_against_working(order, device)
    if not order.operations.filter(round=order.round).exists():
        found.append(Reason("nothing_done", _("no operation was booked in this round")))
    if order.parts.filter(state="reserved").exists():
        found.append(Reason("parts_open", _("parts are reserved that were neither put in nor given back")))
    return found


@transaction.atomic
def finish(*, order: WorkOrder, by: Actor, at: datetime) -> WorkOrder:
    """The technician is done with this round; somebody else checks. Raises UnableToWork with every reason."""
    need_for(order.kind, by, "refurb.work")
    order, device = orders.lock(order)
    if order.is_harvest:
        raise UnableToWork(Reason("harvest", _("a harvest is closed with the weight of what remains")))
    if reasons := reasons_against_finishing(order, device):
        raise UnableToWork(reasons)
    end_running(order, device, by=by, at=at)
    order.finish()
    order.finished_at = at
    order.worked_by = sorted({*order.worked_by, by.reference})
    order.save(update_fields=["state", "finished_at", "worked_by"])
    moves.note(
        device,
        fact=facts.WorkFinished(work=order.number, round=order.round, minutes=order.minutes),
        by=by,
        at=at,
    )
    return order


@transaction.atomic
def fail(*, order: WorkOrder, reason: str, by: Actor, at: datetime) -> WorkOrder:
    """It can't be repaired, or not for its worth: back to triage for a new disposition. What was spent stays spent."""
    need_for(order.kind, by, "refurb.work")
    order, device = orders.lock(order)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it can't be repaired."), "reason"))
    if reasons := reasons_against_working(order, device):
        raise UnableToWork(reasons)
    return give_up(order, device, reason=reason, by=by, at=at)


def give_up(order: WorkOrder, device: Device, *, reason: str, by: Actor, at: datetime) -> WorkOrder:
    """Close a locked order as failed and send its taken unit back to triage."""
    end_running(order, device, by=by, at=at)
    orders.give_back_reserved(order, at=at)
    order.fail()
    order.closed_at, order.return_reason = at, reason.strip()[:200]
    order.save(update_fields=["state", "closed_at", "return_reason"])
    used = sum(use.quantity for use in order.parts.filter(state="used"))
    entry = moves.note(
        device,
        fact=facts.WorkFailed(work=order.number, reason=order.return_reason, minutes=order.minutes, parts=used),
        by=by,
        at=at,
    )
    post_labor(order, device, entry=entry, at=at)
    if order.kind == WorkKind.REPAIR_TO_ERASE:
        # Its data is still on it: the only way from here is to those who wipe or destroy.
        moves.advance(
            device, moves.TO_SANITIZE, fact=device_facts.SentToTriage(reason=order.return_reason), by=by, at=at
        )
    else:
        standing.back_to_triage(device, reason=order.return_reason, by=by, at=at)
    return order


def post_labor(order: WorkOrder, device: Device, *, entry: Entry, at: datetime) -> None:
    """The minutes of the whole order, once, at the rate in force."""
    rules = parameters.in_force(at)
    if minutes := order.minutes:
        money.post(
            entry=entry,
            account="labor",
            amount=-rules.labor(minutes),
            currency=rules.currency,
            device=device,
            at=at,
            key=f"refurb:labor:{order.id}",
        )


@transaction.atomic
def await_part(*, order: WorkOrder, asked: str, due: datetime | None = None, by: Actor, at: datetime) -> Device:
    """A part is missing: the unit waits for it, and that is not the bench's clock."""
    need_for(order.kind, by, "refurb.work")
    order, device = orders.lock(order)
    if not asked.strip():
        raise BadInput(Reason("no_part", _("Say which part is missing."), "asked"))
    if order.state != WorkState.OPEN:
        raise UnableToWork(reasons_against_working(order, device))
    end_running(order, device, by=by, at=at)
    standing.wait(device, "part", asked=asked.strip(), due=due, by=by, at=at)
    return device
