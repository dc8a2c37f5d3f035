"""What was refused stays with us until its customer may no longer appeal, or wants it back now.

A look again needs the thing itself: its photos alone would leave too much to be believed.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from returns import deductions, facts
from returns.models import Rma, RmaUnit, UnitStatus
from returns.queries.inbox import REFUSALS
from returns.services import approval, deducting, owing
from revlog.accounts.actors import Actor, ActorKind
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.devices.models import Device, Hold, HoldKind
from revlog.devices.services import moves, standing

MOST = 500


class UnableToAskBack(DomainError):
    """It doesn't wait for the end of an appeal's time: it may go already, or somebody looks at it again."""

    code = "unable_to_ask_back"


def last_day(unit: RmaUnit, rma: Rma, *, decided: datetime) -> datetime:
    """Until when the customer may appeal against what was decided at ``decided``."""
    unit.line.rma = rma
    return rma.hub.calendar.after_days(decided, _days(unit, decided))


def _days(unit: RmaUnit, decided: datetime) -> int:
    return deductions.days(deducting.rules_for(unit, at=decided), "appeal_days")


def keep(unit: RmaUnit, device: Device, rma: Rma, *, at: datetime) -> None:
    """Hold a taken device of a unit that was refused just now. Rules that give no days keep nothing."""
    unit.line.rma = rma
    if not _days(unit, at):
        return
    standing.hold(
        device, HoldKind.AWAITING_OWNER, reason=f"{rma.number}: {_('may be appealed against')}", by=REFUSALS, at=at
    )
    due = last_day(unit, rma, decided=at)
    standing.wait(device, "customer", asked=_("whether they appeal"), due=due, by=REFUSALS, at=at)


def is_kept(device: Device) -> bool:
    """Whether it stays only because its customer may still appeal."""
    return bool(device.holds) and _holds(device).exists()


def _holds(device: Device) -> QuerySet[Hold]:
    return device.hold_rows.filter(kind=HoldKind.AWAITING_OWNER, placed_by=REFUSALS.reference, released_at=None)


def over(device: Device, *, why: str, at: datetime) -> bool:
    """Let a taken device go on. Said again, nothing happens."""
    row = _holds(device).first()
    if row is None:
        return False
    standing.release(device, row, reason=why, by=REFUSALS, at=at)
    standing.wait_over(device, by=REFUSALS, at=at)
    return True


# The customer wants it back now -----------------------------------------------------------------------------------------------------


def reasons_against_asking_back(unit: RmaUnit, rma: Rma, *, by: Actor) -> list[Reason]:
    """Why it isn't sent back before the time to appeal has ended; empty shows the button."""
    own = by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope
    if not own and not by.may("returns.appeal"):
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
