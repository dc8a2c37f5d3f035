"""What was refused, or taken back for less, stays as it is until its customer may no longer appeal, agrees, or wants it back now.

A look again needs the thing itself: its photos alone would leave too much to be believed. What can be undone (looking, grading, putting
away) goes on meanwhile; what can't be is allowed only when the wait is over.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from returns import deductions, facts
from returns.models import Refund, RefundStatus, Rma, RmaUnit, UnitStatus
from returns.queries.inbox import REFUSALS
from returns.services import approval, deducting, owing
from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.devices.journey import ON_HAND, State
from revlog.devices.models import Device, Hold, HoldKind
from revlog.devices.services import moves, standing

MOST = 500


class UnableToAskBack(DomainError):
    """It doesn't wait for the end of an appeal's time: it may go already, or somebody looks at it again."""

    code = "unable_to_ask_back"


class UnableToAgree(DomainError):
    """Nothing was deducted that waits for its customer's word, or they said otherwise already."""

    code = "unable_to_agree"


def disputable(unit: RmaUnit) -> Refund | None:
    """The refund from which something was deducted without the customer's consent, then or later."""
    return next((row for row in unit.refunds.all() if is_disputable(row)), None)


def is_disputable(refund: Refund) -> bool:
    """Whether something was deducted in it to which its customer hasn't agreed."""
    if refund.status == RefundStatus.REJECTED or not refund.deduction or refund.supplement_to_id is not None:
        return False
    parts = refund.deductions or [{}]
    return refund.agreed_at is None and any(part.get("rule") != deductions.BY_CONSENT for part in parts)


def is_with_us(unit: RmaUnit, device: Device) -> bool:
    """Whether the thing is still on hand, on the same stay."""
    same = device.visit is not None and (unit.visit is None or device.visit.number == unit.visit)
    return same and State(device.state) in ON_HAND


def last_day(unit: RmaUnit, rma: Rma, *, decided: datetime) -> datetime:
    """Until when the customer may appeal against what was decided at ``decided``."""
    unit.line.rma = rma
    return rma.hub.calendar.after_days(decided, _days(unit, decided))


def _days(unit: RmaUnit, decided: datetime) -> int:
    return deductions.days(deducting.rules_for(unit, at=decided), "appeal_days")


def keep(unit: RmaUnit, device: Device, rma: Rma, *, at: datetime) -> bool:
    """Hold a taken device of a unit that was refused, or taken for less, just now. Rules that give no days keep nothing."""
    unit.line.rma = rma
    if not _days(unit, at):
        return False
    due = last_day(unit, rma, decided=at)
    reason = _("%(number)s may be appealed against until %(day)s") % {"number": rma.number, "day": day_of(due, rma.hub)}
    if device.holds and (before := _holds(device).first()) is not None:
        # Decided anew: the day before counts no more.
        standing.release(device, before, reason=_("It was decided anew."), by=REFUSALS, at=at)
    standing.hold(device, HoldKind.AWAITING_OWNER, reason=reason, by=REFUSALS, at=at)
    standing.wait(device, "customer", asked=_("whether they appeal"), due=due, by=REFUSALS, at=at)
    return True


def day_of(moment: datetime, hub: Hub) -> str:
    """A last day as the sentences say it that refuse what can't be undone before."""
    return hub.calendar.local(moment).strftime("%d %b %Y")


def leave_or_keep(unit: RmaUnit, device: Device, rma: Rma, *, refund: Refund | None, by: Actor, at: datetime) -> None:
    """Allow what can't be undone to a taken device that was accepted just now; where its customer may appeal, only when that is over."""
    contested = refund is not None and is_disputable(refund) and not unit.appeals.exists()
    if contested and State(device.state) in ON_HAND and keep(unit, device, rma, at=at):
        if device.authority:
            standing.withdraw_authority(device, reason="deduction", by=REFUSALS, at=at)
        return
    if is_kept(device):
        _release(device, why=_("Nothing is deducted any more."), at=at)
    give_leave(device, rma, by=by, at=at)


def give_leave(device: Device, rma: Rma, *, by: Actor, at: datetime) -> None:
    """From now, what can't be undone may be done to a taken device: it is ours, or by contract the retailer's."""
    ours = rma.seller_id == rma.hub.organization_id
    standing.authorize(device, ground="title_is_ours" if ours else "contract", reference=rma.number, by=by, at=at)


def is_kept(device: Device) -> bool:
    """Whether it stays only because its customer may still appeal."""
    return bool(device.holds) and _holds(device).exists()


def _holds(device: Device) -> QuerySet[Hold]:
    return device.hold_rows.filter(kind=HoldKind.AWAITING_OWNER, placed_by=REFUSALS.reference, released_at=None)


def appealed(device: Device, *, at: datetime) -> None:
    """The hold of an open appeal takes over from that of the time to appeal; nothing is allowed by that."""
    _release(device, why=_("Its customer appeals."), at=at)


def over(device: Device, *, why: str, at: datetime) -> bool:
    """Let a taken device go on: what was accepted may be sold or taken apart from now. Said again, nothing happens."""
    if not _release(device, why=why, at=at):
        return False
    unit = _of_this_stay(device)
    accepted = unit is not None and unit.status == UnitStatus.ACCEPTED
    if unit is not None and accepted and not device.authority and State(device.state) in ON_HAND:
        give_leave(device, unit.line.rma, by=REFUSALS, at=at)
    return True


def _of_this_stay(device: Device) -> RmaUnit | None:
    """The newest return as which it is here now; what was decided of it on an earlier stay allows nothing on this one."""
    if device.visit is None:
        return None
    rows = RmaUnit.objects.filter(device=device, visit=device.visit.number, received_at__isnull=False)
    return rows.select_related("line__rma__hub").order_by("-received_at").first()


def _release(device: Device, *, why: str, at: datetime) -> bool:
    row = _holds(device).first()
    if row is None:
        return False
    standing.release(device, row, reason=why, by=REFUSALS, at=at)
    standing.wait_over(device, by=REFUSALS, at=at)
    return True


# The customer agrees ----------------------------------------------------------------------------------------------------------------


def _may_say(rma: Rma, by: Actor) -> bool:
    own = by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope
    return own or by.may("returns.appeal")


def reasons_against_agreeing(unit: RmaUnit, rma: Rma, *, by: Actor) -> list[Reason]:
    """Why nobody can agree to the deduction for the customer now; empty shows the button."""
    if not _may_say(rma, by):
        return [Reason("not_allowed", _("Only the customer agrees, or support for them."))]
    if list(unit.appeals.all()):
        return [Reason("appealed", _("It was appealed against already."))]
    if unit.device is None or disputable(unit) is None or not is_kept(unit.device):
        return [Reason("nothing", _("Nothing waits for your word."))]
    return []


def agree(unit: RmaUnit, *, by: Actor, at: datetime) -> RmaUnit:
    """The customer agrees to what was deducted: the wait ends at once, and there is nothing left to appeal against.

    Said again it stays said once, so that a second click is none.
    """
    if unit.device_id is None:
        raise UnableToAgree(Reason("no_device", _("Nothing was received for this line yet.")))
    with transaction.atomic():
        device = moves.take_one(unit.device_id)
        rma = approval.lock(unit.line.rma_id)
        row = owing.lock_unit(unit.pk)
        row.device = device
        if _may_say(rma, by) and has_agreed(row):
            return row
        if found := reasons_against_agreeing(row, rma, by=by):
            raise (NotAllowed if found[0].code == "not_allowed" else UnableToAgree)(found)
        refund = disputable(row)
        if refund is None:
            raise UnableToAgree(Reason("nothing", _("Nothing waits for your word.")))
        refund.agreed_at = at
        refund.save(update_fields=["agreed_at"])
        fact = facts.DeductionAgreed(
            line=str(row.line_id),
            tag=device.tag,
            refund=str(refund.pk),
            amount=str(refund.deduction),
            currency=refund.currency,
        )
        approval.say(rma, fact, by=by, at=at)
        over(device, why=_("Its customer agrees."), at=at)
    return row


def has_agreed(unit: RmaUnit) -> bool:
    """Whether the customer said that what was deducted is right."""
    return any(row.agreed_at is not None and row.status != RefundStatus.REJECTED for row in unit.refunds.all())


# The customer wants it back now -----------------------------------------------------------------------------------------------------


def reasons_against_asking_back(unit: RmaUnit, rma: Rma, *, by: Actor) -> list[Reason]:
    """Why it isn't sent back before the time to appeal has ended; empty shows the button."""
    if not _may_say(rma, by):
        return [Reason("not_allowed", _("Only the customer asks for it, or support for them."))]
    if unit.status != UnitStatus.REFUSED or unit.device is None or not is_kept(unit.device):
        return [Reason("not_kept", _("It does not wait for you."))]
    return []


def ask_back(unit: RmaUnit, *, by: Actor, at: datetime) -> RmaUnit:
    """The customer doesn't want to wait: it is sent back as soon as it can be. Until it has left they may still appeal."""
    if unit.device_id is None:
        raise UnableToAskBack(Reason("no_device", _("Nothing was received for this line yet.")))
    with transaction.atomic():
        device = moves.take_one(unit.device_id)
        rma = approval.lock(unit.line.rma_id)
        row = owing.lock_unit(unit.pk)
        if found := reasons_against_asking_back(row, rma, by=by):
            raise (NotAllowed if found[0].code == "not_allowed" else UnableToAskBack)(found)
        approval.say(rma, facts.SendBackAsked(line=str(row.line_id), tag=device.tag), by=by, at=at)
        over(device, why=_("Its customer wants it back now."), at=at)
    return row


# The clock --------------------------------------------------------------------------------------------------------------------------


def due(*, at: datetime) -> list[uuid.UUID]:
    """Devices that stayed until the time to appeal had ended, which is now."""
    rows = Hold.objects.filter(
        kind=HoldKind.AWAITING_OWNER, placed_by=REFUSALS.reference, released_at=None, device__waiting_due__lte=at
    )
    return list(rows.order_by("placed_at").values_list("device", flat=True)[:MOST])


def lift(pk: uuid.UUID, *, at: datetime) -> bool:
    """Nobody appealed in time: it may go. Once, whoever looks."""
    with transaction.atomic():
        device = moves.take_one(pk)
        if device.waiting_due is None or at < device.waiting_due:
            return False
        return over(device, why=_("The time to appeal has ended."), at=at)
