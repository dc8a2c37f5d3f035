"""Store credit: given once for a refund that the customer takes this way, and spent once under the key of who spends it.

What nobody has spent by its last day is booked as income, once.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts, policy
from returns.models import CreditUse, Kind, Refund, RefundMethod, RefundStatus, Rma, RmaLine, StoreCredit
from returns.services import approval, attempts, closing, owing
from returns.services.owing import UnableToSettle
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import DomainError, NotAllowed, NotFound, Reason
from revlog.common.words import word
from revlog.devices.services import money
from revlog.terms import queries as terms
from revlog.terms.services.warranties import after_months

CREDITS = actors.system("returns.credits")
PREFIX = "GC"
GROUPS = (4, 4, 4)
"""Eleven drawn characters of 23 and a check character: about 50 bits, and who guesses is slowed down."""
MONTHS = 36
"""How long it can be spent where the rules of its seller say nothing of it."""
MOST = 500


class UnableToSpend(DomainError):
    """There isn't so much left of the credit, or it is over, or in another currency."""

    code = "unable_to_spend"


def issue(refund: uuid.UUID, *, by: Actor = CREDITS, at: datetime) -> StoreCredit:
    """Give the credit that is due for a refund: row, books and ledger say so in one go, once, whoever gets here."""
    with transaction.atomic():
        rma = approval.lock(RmaLine.objects.values_list("rma", flat=True).get(refunds=refund))
        row = (
            Refund.objects.select_for_update(no_key=True, of=("self",))
            .select_related("unit__device", "line")
            .get(pk=refund)
        )
        if row.status == RefundStatus.PAID:
            return row.store_credit
        if row.status != RefundStatus.DUE or row.method != RefundMethod.CREDIT:
            raise UnableToSettle(Reason("wrong_status", _("This refund is %s.") % word(f"refund.{row.status}")))
        bonus = owing.bonus_of(row)
        credit = StoreCredit.objects.create(
            id=ids.new(at),
            code=_fresh_code(),
            seller=rma.seller,
            contact=rma.contact,
            refund=row,
            amount=row.amount,
            bonus=bonus,
            balance=row.amount,
            currency=row.currency,
            issued_at=at,
            expires_on=_expires(rma, at),
        )
        row.status, row.provider, row.reference, row.paid_at = RefundStatus.PAID, "credit", str(credit.pk), at
        row.save(update_fields=["status", "provider", "reference", "paid_at"])
        entry = approval.say(
            rma,
            facts.CreditIssued(
                credit=str(credit.pk),
                refund=str(row.pk),
                line=str(row.line_id),
                amount=str(credit.amount),
                currency=credit.currency,
                expires=credit.expires_on.isoformat() if credit.expires_on else "",
                bonus=str(bonus) if bonus else None,
            ),
            by=by,
            at=at,
            key=f"refund:{row.pk}",
        )
        # What is added to the price of a thing that we buy is a part of its cost.
        apart = Decimal(0) if rma.kind == Kind.TRADE else bonus
        for account, amount, key in (
            (owing.account_of(rma, credit=True), row.amount - apart, f"refund:{row.pk}"),
            ("credit_bonus", apart, f"refund:{row.pk}:bonus"),
        ):
            if amount:
                owing.post(row, rma, entry, account=account, amount=-amount, at=at, key=key)
        closing.add_rest(row)
        closing.settle(rma, by=by, at=at)
    return credit


def _fresh_code() -> str:
    while True:
        code = ids.code(PREFIX, GROUPS)
        if not StoreCredit.objects.filter(code=code).exists():
            return code


def _expires(rma: Rma, at: datetime) -> date | None:
    """Its last day by the seller's rules; no months at all mean that it never ends."""
    rules = terms.in_force(policy.KIND, at=at, organization=rma.seller_id)
    months = int(rules.parameters.get("credit_months", MONTHS))
    return after_months(rma.hub.calendar.local(at).date(), months) if months else None


# Spending ---------------------------------------------------------------------------------------------------------------------------


def find(text: str, *, by: Actor) -> StoreCredit:
    """The credit of a code, as typed. Raises NotFound, and TooManyTries for who has guessed wrong too often."""
    attempts.guessing("credit", by.reference)
    code = ids.normal(text, PREFIX, GROUPS)
    row = StoreCredit.objects.visible_to(by).filter(code=code).first() if code else None
    if row is None:
        attempts.guessed_wrong("credit", by.reference)
        raise NotFound(Reason("no_credit", _("There is no such store credit."), "code"))
    return row


def _is_over(credit: StoreCredit, rma: Rma, at: datetime) -> bool:
    """Whether its last day, by the days of the site, has passed."""
    return credit.expires_on is not None and rma.hub.calendar.local(at).date() > credit.expires_on


def reasons_against_spending(
    credit: StoreCredit, rma: Rma, *, amount: Decimal, currency: str, at: datetime
) -> list[Reason]:
    found = []
    if credit.expires_on is not None and (credit.lapsed or _is_over(credit, rma, at)):
        return [Reason("expired", _("This store credit ended on %s.") % credit.expires_on.isoformat())]
    if not amount.is_finite() or amount <= 0 or amount != amount.quantize(Decimal("0.01")):
        found.append(Reason("amount", _("An amount is above zero, with at most two decimals."), "amount"))
    elif amount > credit.balance:
        found.append(
            Reason(
                "too_much",
                _("Only %(left)s %(currency)s are left of it.") % {"left": credit.balance, "currency": credit.currency},
                "amount",
            )
        )
    if currency != credit.currency:
        found.append(Reason("currency", _("This store credit is in %s.") % credit.currency, "currency"))
    return found


def spend(
    credit: StoreCredit, *, key: str, amount: Decimal, currency: str, reference: str = "", by: Actor, at: datetime
) -> CreditUse:
    """Spend a part of it, once under ``key``: the same once more gives the use that stands, another amount under it is refused."""
    if not by.may("returns.credits"):
        raise NotAllowed(Reason("not_allowed", _("Spending store credit needs the right to do so.")))
    with transaction.atomic():
        rma = approval.lock(RmaLine.objects.values_list("rma", flat=True).get(refunds=credit.refund_id))
        row = StoreCredit.objects.select_for_update(no_key=True, of=("self",)).get(pk=credit.pk)
        before = row.uses.filter(key=key).first()
        if before is not None:
            if (before.amount, row.currency, before.reference) != (amount, currency, reference[:60]):
                raise UnableToSpend(
                    Reason("key_reused", _("This key was used for another amount; use a new one."), "key")
                )
            return before
        if found := reasons_against_spending(row, rma, amount=amount, currency=currency, at=at):
            raise UnableToSpend(found)
        row.balance -= amount
        row.save(update_fields=["balance"])
        use = CreditUse.objects.create(
            id=ids.new(at),
            credit=row,
            key=key,
            amount=amount,
            reference=reference[:60],
            used_by=by.reference,
            used_at=at,
        )
        approval.say(
            rma,
            facts.CreditUsed(
                credit=str(row.pk),
                use=str(use.pk),
                amount=str(amount),
                left=str(row.balance),
                currency=row.currency,
                reference=use.reference or None,
            ),
            by=by,
            at=at,
            key=f"use:{use.pk}",
        )
    return use


# What nobody spent ------------------------------------------------------------------------------------------------------------------


def over(*, at: datetime, rma: uuid.UUID | None = None) -> list[uuid.UUID]:
    """Credits with something left whose day may have passed at their site; what never ends is not among them."""
    latest = at.date() + timedelta(days=1)
    rows = StoreCredit.objects.filter(balance__gt=0, expires_on__lt=latest)
    if rma is not None:
        rows = rows.filter(refund__line__rma=rma)
    return list(rows.order_by("expires_on", "pk").values_list("pk", flat=True)[:MOST])


def lapse(pk: uuid.UUID, *, by: Actor = CREDITS, at: datetime) -> bool:
    """Its day has passed: what is left of it is nobody's claim any more, and stands as income where it stood as a cost. Once."""
    with transaction.atomic():
        rma = approval.lock(RmaLine.objects.values_list("rma", flat=True).get(refunds__store_credit=pk))
        row = StoreCredit.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
        if row.expires_on is None or not row.balance or not _is_over(row, rma, at):
            return False
        # By the rate at which it was given, so that the books of it end at nothing.
        rate = terms.rate(row.currency, at=row.issued_at)
        if rate is None:
            raise UnableToSettle(Reason("no_rate", _("There is no exchange rate for %s.") % row.currency))
        row.lapsed, row.balance = row.balance, Decimal(0)
        row.save(update_fields=["lapsed", "balance"])
        entry = approval.say(
            rma,
            facts.CreditLapsed(
                credit=str(row.pk),
                amount=str(row.lapsed),
                currency=row.currency,
                ended=row.expires_on.isoformat(),
            ),
            by=by,
            at=at,
            key=f"lapsed:{row.pk}",
        )
        money.post(
            entry=entry,
            account="breakage",
            amount=row.lapsed,
            currency=row.currency,
            book=owing.book_of(rma),
            party=rma.seller,
            at=at,
            key=f"credit:{row.pk}:lapsed",
            rate=rate,
        )
    return True
