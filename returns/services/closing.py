"""Lines settle when nothing of them is open, and the RMA closes when all have; what never comes is given up."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from returns import facts
from returns.models import Outcome, Refund, RefundMethod, RefundStatus, Rma, RmaLine, RmaUnit, UnitStatus
from returns.services import approval
from returns.services.owing import PAID_BACK, UnableToSettle, pieces
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.common.errors import NotAllowed, Reason
from revlog.common.words import word
from revlog.logistics.services import parcels
from revlog.terms.models import OrderSource
from revlog.terms.services import orders
from revlog.terms.services.orders import NewLine, NewOrder

RULES = actors.system("returns.rules")


def settle(rma: Rma, *, by: Actor, at: datetime) -> None:
    """Settle the lines of a locked RMA that have nothing left open, and close it when all have."""
    lines = list(rma.lines.select_related("order_line").order_by("position"))
    for line in lines:
        if line.settled_at is None:
            _settle_line(rma, line, by=by, at=at)
    if all(line.settled_at is not None for line in lines) and can_proceed(rma.close):
        rma.close()
        rma.closed_at = at
        rma.save()
        for link in rma.parcel_links.all():
            parcels.unpacked(link.parcel_id)
        amount = sum((line.settled_amount or Decimal(0) for line in lines), Decimal(0))
        approval.say(
            rma,
            facts.RmaClosed(number=rma.number, amount=str(amount), currency=rma.currency),
            by=by,
            at=at,
        )


def _settle_line(rma: Rma, line: RmaLine, *, by: Actor, at: datetime) -> None:
    units = list(line.units.all())
    if not all(unit.is_settled for unit in units):
        return
    refunds = list(line.refunds.exclude(status=RefundStatus.REJECTED))
    owed = [unit for unit in units if unit.status == UnitStatus.ACCEPTED and line.wanted in PAID_BACK]
    if any(row.status != RefundStatus.PAID for row in refunds) or len(owed) > len(refunds):
        return
    kept = [unit for unit in units if unit.status in {UnitStatus.ACCEPTED, UnitStatus.WRITTEN_OFF}]
    outcome = _outcome(line, units, refunds)
    line.settled_at, line.settled_as = at, outcome
    line.settled_amount = sum((row.amount for row in refunds), Decimal(0))
    reference = ""
    if kept and line.wanted == Outcome.EXCHANGE:
        reference = _exchange(rma, line, sum(pieces(unit) for unit in kept), by=by, at=at)
    line.save()
    approval.say(
        rma,
        facts.LineSettled(
            rma=str(rma.pk),
            line=str(line.pk),
            position=line.position,
            outcome=outcome,
            amount=str(line.settled_amount),
            currency=line.currency,
            reference=reference or None,
        ),
        by=by,
        at=at,
        key=f"settled:{line.pk}",
    )


def _outcome(line: RmaLine, units: list[RmaUnit], refunds: list[Refund]) -> str:
    statuses = {unit.status for unit in units}
    if refunds:
        return (Outcome.CREDIT if refunds[0].method == RefundMethod.CREDIT else Outcome.REFUND).value
    if statuses & {UnitStatus.ACCEPTED, UnitStatus.WRITTEN_OFF}:
        return line.wanted
    if UnitStatus.SENT_BACK in statuses:
        repaired = any(unit.status == UnitStatus.SENT_BACK and not unit.settled_why for unit in units)
        return Outcome.REPAIR.value if line.wanted == Outcome.REPAIR and repaired else "refused"
    return "not_received"


def _exchange(rma: Rma, line: RmaLine, quantity: int, *, by: Actor, at: datetime) -> str:
    """The replacement is an order like any other, for nothing, so that sales fills it as it fills all orders."""
    sold = line.order_line
    order = orders.place(
        NewOrder(
            number=f"{rma.number}-X{line.position}",
            contact=rma.contact,
            currency=line.currency,
            ordered_at=at,
            reference=f"rma_line:{line.pk}",
            lines=[
                NewLine(
                    sku=sold.sku,
                    description=sold.description,
                    quantity=quantity,
                    price=Decimal(0),
                    device_class=sold.device_class,
                    category=sold.category,
                    tracking=sold.tracking,
                )
            ],
        ),
        seller=rma.seller,
        source=OrderSource.EXCHANGE,
        by=RULES,
        at=at,
    )
    line.exchange = order
    approval.say(rma, facts.ExchangeOrdered(line=str(line.pk), order=order.number), by=by, at=at)
    return order.number


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
        if can_proceed(row.expire):
            row.expire()
            row.closed_at = at
            row.save()
            approval.say(row, facts.RmaExpired(number=row.number), by=by, at=at)
        else:
            settle(row, by=by, at=at)
    return row
