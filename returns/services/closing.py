"""Lines settle when nothing of them is open, and the RMA closes when all have; what never comes is given up."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from returns import facts
from returns.models import (
    Charge,
    Goods,
    Kind,
    Outcome,
    Refund,
    RefundMethod,
    RefundStatus,
    Rma,
    RmaLine,
    RmaUnit,
    UnitStatus,
)
from returns.models.money import PENDING
from returns.models.rma import COMING, NEW_ONE
from returns.queries import accounted, whole
from returns.services import approval, exchanges
from returns.services.business import memoed
from returns.services.fraud import holding
from returns.services.owing import PAID_BACK, UnableToSettle, pieces
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.common.errors import NotAllowed, Reason
from revlog.common.words import word
from revlog.logistics.services import parcels

RULES = actors.system("returns.rules")
NOT_GIVEN = "not_given"
"""How a line settles for which nothing is given, and of which nothing comes back or goes back."""
GIVEN_UP = "given_up"
"""How a line settles whose thing was to be repaired, and that its owner left to us instead."""


def settle(rma: Rma, *, by: Actor, at: datetime) -> None:
    """Settle the lines of a locked RMA that have nothing left open, and close it when all have and nothing else of it is open."""
    if rma.status not in {status.value for status in COMING}:
        return
    lines = whole.read(rma.pk).lines
    for line in lines:
        line.rma = rma
        if line.settled_at is None:
            _settle_line(rma, line, by=by, at=at)
    if (
        all(line.settled_at is not None for line in lines)
        and can_proceed(rma.close)
        and not accounted.reasons_against_closing(rma, lines)
    ):
        rma.close()
        rma.closed_at = at
        rma.save(update_fields=["status", "closed_at"])
        for link in rma.parcel_links.all():
            parcels.unpacked(link.parcel_id)
        amount = sum((line.settled_amount or Decimal(0) for line in lines), Decimal(0))
        approval.say(
            rma,
            facts.RmaClosed(
                number=rma.number,
                amount=str(amount),
                currency=rma.currency,
                trade=rma.kind == Kind.TRADE or None,
            ),
            by=by,
            at=at,
        )


def reopen(rma: Rma, *, by: Actor, at: datetime) -> None:
    """A locked RMA is open again while its customer appeals; its lines stay settled, and what is paid besides is added to them."""
    if not can_proceed(rma.reopen):
        return
    rma.reopen()
    rma.closed_at = None
    rma.save(update_fields=["status", "closed_at"])
    approval.say(rma, facts.RmaReopened(number=rma.number), by=by, at=at)


def settle_again(rma: uuid.UUID, *, by: Actor = RULES, at: datetime) -> Rma:
    """Something that a line waited for has happened: go on with it."""
    with transaction.atomic():
        row = approval.lock(rma)
        settle(row, by=by, at=at)
    return row


def ours(line: RmaLine, units: Sequence[RmaUnit]) -> int | None:
    """How many pieces of a line the customer gets something for: those that we have, or needn't have. None while that is open."""
    if not line.comes_back:
        return None if line.goods == Goods.DONATE and line.given_away_at is None else line.quantity
    if not units or not all(unit.is_settled for unit in units):
        return None
    return sum(pieces(unit) for unit in units if unit.status in {UnitStatus.ACCEPTED, UnitStatus.WRITTEN_OFF})


def add_rest(refund: Refund) -> None:
    """The rest of a refund after a granted appeal belongs to a line that was settled before it."""
    if refund.supplement_to_id is not None:
        line = RmaLine.objects.select_for_update(no_key=True, of=("self",)).get(pk=refund.line_id)
        if line.settled_at is not None:
            line.settled_amount = (line.settled_amount or Decimal(0)) + refund.amount
            line.save(update_fields=["settled_amount"])


def _settle_line(rma: Rma, line: RmaLine, *, by: Actor, at: datetime) -> None:
    units = list(line.units.all())
    if line.wanted in NEW_ONE and line.exchange_id is None:
        # Also a new one in advance goes for nothing that is here: after a confirmed fraud the old one has to come first.
        before = not line.comes_back or (line.wanted == Outcome.ADVANCE and not all(unit.is_settled for unit in units))
        if holding.hold_of(rma.pk, denied=before):
            return
    if line.wanted == Outcome.ADVANCE and line.comes_back:
        exchanges.send_first(rma, line, units, at=at)
    if (count := ours(line, units)) is None:
        return
    if line.wanted in NEW_ONE and not exchanges.send(rma, line, units, count, at=at):
        return
    refunds, charges = _money_of(line)
    owed = [unit for unit in units if unit.status == UnitStatus.ACCEPTED and line.wanted in PAID_BACK]
    if any(row.status != RefundStatus.PAID for row in refunds) or len(owed) > len(refunds):
        return
    if not line.comes_back and line.wanted in PAID_BACK and not refunds:
        return
    if any(charge.status in PENDING for charge in charges):
        return
    if line.wanted == Outcome.ACCOUNT and memoed.credited(line) is None:
        return
    _say_settled(rma, line, _outcome(line, units, refunds, count), refunds, by=by, at=at)


def _money_of(line: RmaLine) -> tuple[list[Refund], list[Charge]]:
    """Its refunds that stand and its charges: as they were read with it, but asked again where sending a new thing may have made some."""
    again = line.wanted in NEW_ONE
    refunds = line.refunds.order_by("proposed_at", "id") if again else line.refunds.all()
    charges = line.charges.order_by("asked_at", "id") if again else line.charges.all()
    return [row for row in refunds if row.status != RefundStatus.REJECTED], list(charges)


def _say_settled(rma: Rma, line: RmaLine, outcome: str, refunds: Sequence[Refund], *, by: Actor, at: datetime) -> None:
    line.settled_at, line.settled_as = at, outcome
    credited = memoed.credited(line) if line.wanted == Outcome.ACCOUNT else None
    line.settled_amount = sum((row.amount for row in refunds), credited or Decimal(0))
    line.save(update_fields=["settled_at", "settled_as", "settled_amount"])
    approval.say(
        rma,
        facts.LineSettled(
            rma=str(rma.pk),
            line=str(line.pk),
            position=line.position,
            outcome=outcome,
            amount=str(line.settled_amount),
            currency=line.currency,
            reference=line.exchange.number if line.exchange is not None else None,
        ),
        by=by,
        at=at,
        key=f"settled:{line.pk}",
    )


def refuse_line(rma: Rma, line: RmaLine, *, by: Actor, at: datetime) -> None:
    """Settle a line of a locked RMA of which nothing comes back as refused: nothing is given for it."""
    _say_settled(rma, line, NOT_GIVEN, (), by=by, at=at)


def _outcome(line: RmaLine, units: Sequence[RmaUnit], refunds: Sequence[Refund], count: int) -> str:
    statuses = {unit.status for unit in units}
    if line.wanted in NEW_ONE:
        return line.wanted if count else "refused" if UnitStatus.SENT_BACK in statuses else "not_received"
    if refunds:
        return (Outcome.CREDIT if refunds[0].method == RefundMethod.CREDIT else Outcome.REFUND).value
    if UnitStatus.ACCEPTED in statuses and line.wanted == Outcome.REPAIR:
        return GIVEN_UP
    if not line.comes_back or statuses & {UnitStatus.ACCEPTED, UnitStatus.WRITTEN_OFF}:
        return line.wanted
    if UnitStatus.SENT_BACK in statuses:
        repaired = any(unit.status == UnitStatus.SENT_BACK and not unit.settled_why for unit in units)
        return Outcome.REPAIR.value if line.wanted == Outcome.REPAIR and repaired else "refused"
    return "not_received"


# Giving up --------------------------------------------------------------------------------------------------------------------------


def reasons_against_giving_up(rma: Rma, *, by: Actor, at: datetime) -> list[Reason]:
    found = []
    if not rma.is_open or rma.hand_in_by is None:
        found.append(
            Reason(
                "wrong_status",
                _("%(number)s is %(status)s.") % {"number": rma.number, "status": word(f"rma.{rma.status}")},
            )
        )
    elif at < rma.hand_in_by:
        found.append(
            Reason("too_early", _("The customer may still hand it in until %s.") % rma.hand_in_by.strftime("%d %b %Y"))
        )
    return found


def give_up(rma: Rma, *, by: Actor, at: datetime) -> Rma:
    """What hasn't come after its date won't be waited for. Nothing of it came: the RMA expires; else the rest is settled."""
    if not by.may("returns.receive") and not by.may("returns.approve"):
        raise NotAllowed(Reason("not_allowed", _("Giving returns up needs the right to receive or approve them.")))
    with transaction.atomic():
        taken = approval.take_expected(rma.pk)
        row = approval.lock(rma.pk)
        if found := reasons_against_giving_up(row, by=by, at=at):
            raise UnableToSettle(found)
        approval.no_longer_expected(row, taken, reason=_("not handed in by its date"), by=by, at=at)
        for line in row.lines.filter(goods=Goods.DONATE, given_away_at=None, settled_at=None):
            _say_settled(row, line, "not_received", (), by=by, at=at)
        if can_proceed(row.expire) and not _gave_something(row):
            row.expire()
            row.closed_at = at
            row.save()
            approval.say(row, facts.RmaExpired(number=row.number, trade=row.kind == Kind.TRADE or None), by=by, at=at)
        else:
            settle(row, by=by, at=at)
    return row


def _gave_something(rma: Rma) -> bool:
    """Whether the customer got (or gets) money or a new thing: then it closes, so that what it was for can't be announced again."""
    return (
        Refund.objects.filter(line__rma=rma).exclude(status=RefundStatus.REJECTED).exists()
        or rma.lines.exclude(exchange=None).exists()
    )
