"""What a customer is owed: the intent written before any money moves or any credit is given, once for a unit or a line without any."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from returns import deductions as deducted
from returns import facts
from returns.models import Kind, Outcome, Refund, RefundMethod, RefundStatus, Rma, RmaLine, RmaUnit
from returns.models.rma import NEW_ONE
from returns.services import approval
from returns.services.fraud import holding
from revlog.accounts import actors
from revlog.accounts.actors import Actor, ActorKind
from revlog.common import ids
from revlog.common.errors import DomainError, Reason
from revlog.common.rows import Joined, put
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.devices.services import money
from revlog.terms import queries as terms
from revlog.terms.models import OrderLine

RULES = actors.system("returns.rules")
PAID_BACK = frozenset({Outcome.REFUND, Outcome.CREDIT})
"""Outcomes by which the customer gets the worth of what they gave back: as money, or as store credit."""


class UnableToSettle(DomainError):
    """The unit, line or refund can't be settled this way, or not by this person."""

    code = "unable_to_settle"


_LOCKED = Joined(
    RmaUnit,
    {"line": RmaLine, "line__order_line": OrderLine, "line__rma": Rma, "device": Device},
    "t.id = %(unit)s",
    takes={"unit": "uuid"},
    lock=True,
)


_STANDING = Joined(
    Refund,
    {},
    f"t.unit_id = %(unit)s AND t.status <> '{RefundStatus.REJECTED.value}'",
    takes={"unit": "uuid"},
    order="t.proposed_at, t.id",
)


def lock_unit(pk: uuid.UUID) -> RmaUnit:
    """A unit of a return, fresh and locked, with its line; its device and its return are locked before."""
    found: RmaUnit = _LOCKED.get(unit=pk)
    return found


def pieces(unit: RmaUnit) -> int:
    """How many of a unit count: of a lot, those that were there, and no more than were announced."""
    return unit.quantity if unit.counted is None else min(unit.counted, unit.quantity)


def worth(unit: RmaUnit) -> Decimal:
    """What the customer gets for a unit that is as sold: for a counted lot, for those that were there."""
    return unit.line.per_piece * pieces(unit)


def method_of(line: RmaLine) -> RefundMethod:
    return RefundMethod.CREDIT if line.wanted == Outcome.CREDIT else RefundMethod.ORIGINAL


def bonus_of(refund: Refund) -> Decimal:
    """How much of a credit was given for taking credit; money has no bonus."""
    if (
        refund.method != RefundMethod.CREDIT
        or refund.line.wanted != Outcome.CREDIT
        or refund.supplement_to_id is not None
    ):
        return Decimal(0)
    count = pieces(refund.unit) if refund.unit is not None else refund.line.quantity
    return min(refund.line.bonus * count, refund.amount)


def wrong_deduction(unit: RmaUnit, deduction: Decimal, why: str) -> list[Reason]:
    if deduction < 0 or not deduction.is_finite():
        return [Reason("deduction", _("A deduction is zero or more."), "deduction")]
    if deduction and unit.line.wanted in NEW_ONE:
        return [
            Reason(
                "deduction",
                _("Nothing can be deducted from an exchange; change the wish to money first."),
                "deduction",
            )
        ]
    if deduction > worth(unit):
        return [Reason("deduction", _("No more can be deducted than is paid back."), "deduction")]
    if deduction != deduction.quantize(Decimal("0.01")):
        return [Reason("deduction", _("A deduction has at most two decimals."), "deduction")]
    if deduction and not why.strip():
        return [Reason("no_reason", _("Say why something is deducted; the customer reads it."), "why")]
    return []


def due_for(
    unit: RmaUnit,
    rma: Rma,
    *,
    deduction: Decimal = Decimal(0),
    why: str = "",
    deductions: Sequence[Mapping[str, Any]] = (),
    by: Actor = RULES,
    at: datetime,
) -> Refund:
    """What is owed for a unit; one that stands (paid at receipt already, say) is left as it is."""
    standing: Refund | None = next(iter(_STANDING.all(unit=unit.pk)), None)
    if standing is not None:
        return standing
    method = method_of(unit.line)
    bonus = unit.line.bonus * pieces(unit) if method == RefundMethod.CREDIT else Decimal(0)
    amount = worth(unit) - deduction + bonus
    parts = [dict(part) for part in deductions] or deducted.by_person(deduction, why)
    return _write(unit.line, unit, rma, method, amount, deduction=deduction, why=why, deductions=parts, by=by, at=at)


def due_for_line(line: RmaLine, rma: Rma, *, amount: Decimal | None = None, by: Actor = RULES, at: datetime) -> Refund:
    """What is owed for a line of which nothing comes back; or, with ``amount``, the money that an exchange leaves over."""
    standing = Refund.objects.filter(line=line, unit=None).exclude(status=RefundStatus.REJECTED).first()
    if standing is not None:
        return standing
    if amount is not None:
        # Who got it as a gift gets no money of the buyer's.
        left = RefundMethod.CREDIT if rma.gift else RefundMethod.ORIGINAL
        return _write(line, None, rma, left, amount, by=by, at=at)
    method = method_of(line)
    bonus = line.bonus * line.quantity if method == RefundMethod.CREDIT else Decimal(0)
    return _write(line, None, rma, method, line.amount + bonus, by=by, at=at)


def _write(
    line: RmaLine,
    unit: RmaUnit | None,
    rma: Rma,
    method: RefundMethod,
    amount: Decimal,
    *,
    deduction: Decimal = Decimal(0),
    why: str = "",
    deductions: Sequence[dict[str, Any]] = (),
    by: Actor,
    at: datetime,
) -> Refund:
    """The intent. By rule it is due, or held while somebody looks at the return closely; by a person another one approves it first."""
    by_rule = by.kind == ActorKind.SYSTEM
    review = holding.hold_of(rma.pk, denied=unit is None) if by_rule and amount else None
    status = RefundStatus.HELD if review else RefundStatus.DUE if by_rule else RefundStatus.PROPOSED
    row = Refund(
        id=ids.new(at),
        line=line,
        unit=unit,
        method=method.value,
        amount=amount,
        deduction=deduction,
        why=why.strip()[:300],
        deductions=list(deductions),
        currency=line.currency,
        status=status,
        proposed_by=by.reference,
        proposed_at=at,
        approved_by=by.reference if by_rule else "",
        approved_at=at if by_rule else None,
    )
    put(row)
    if review is not None:
        told = holding.held(
            review, refund=row.pk, line=line.pk, tag=tag_of(row, rma), amount=str(amount), currency=row.currency
        )
        approval.say(rma, told, by=by, at=at)
    elif by_rule:
        say_due(row, rma, by=by, at=at)
    else:
        approval.say(
            rma,
            facts.RefundProposed(
                refund=str(row.pk),
                line=str(line.pk),
                tag=tag_of(row, rma),
                amount=str(row.amount),
                deduction=str(row.deduction),
                currency=row.currency,
                why=row.why or "—",
            ),
            by=by,
            at=at,
        )
    return row


def tag_of(refund: Refund, rma: Rma) -> str:
    """What it is for, as facts name it: the unit's tag, or the line where there is no unit."""
    if refund.unit is not None and refund.unit.device is not None:
        return str(refund.unit.device.tag)
    return f"{rma.number}/{refund.line.position}"


def say_due(row: Refund, rma: Rma, *, by: Actor, at: datetime) -> None:
    """From here a worker goes on: it pays, or gives the credit."""
    fact = facts.CreditDue if row.method == RefundMethod.CREDIT else facts.RefundDue
    approval.say(
        rma,
        fact(
            refund=str(row.pk),
            line=str(row.line_id),
            unit=str(row.unit_id or ""),
            tag=tag_of(row, rma),
            amount=str(row.amount),
            currency=row.currency,
        ),
        by=by,
        at=at,
        key=f"due:{row.key}",
    )


def account_of(rma: Rma, *, credit: bool = False) -> str:
    """Where the money is booked: what is paid for a thing that is traded in is its cost, and what is paid back undoes a sale."""
    if rma.kind == Kind.TRADE:
        return "purchase_credit" if credit else "purchase"
    return "credit" if credit else "refund"


def due_early(unit: RmaUnit, rma: Rma, *, at: datetime) -> Refund | None:
    """Where the policy pays on handover, or as soon as the right thing was taken in. Acceptance still follows.

    After a confirmed fraud acceptance alone makes it due.
    """
    if holding.is_denied(rma.pk):
        return None
    return due_for(unit, rma, by=RULES, at=at)


def book_of(rma: Rma) -> str:
    """In whose book its customer's money stands: of whose sale it is."""
    return "ours" if rma.seller_id == rma.hub.organization_id else "seller"


def post(row: Refund, rma: Rma, entry: Entry, *, account: str, amount: Decimal, at: datetime, key: str) -> None:
    """One line in the book of whose sale it undoes."""
    rate = terms.rate(row.currency, at=at)
    if rate is None:
        raise UnableToSettle(Reason("no_rate", _("There is no exchange rate for %s.") % row.currency))
    money.post(
        entry=entry,
        account=account,
        amount=amount,
        currency=row.currency,
        book=book_of(rma),
        device=row.unit.device if row.unit is not None else None,
        party=rma.seller,
        at=at,
        key=key,
        rate=rate,
    )
