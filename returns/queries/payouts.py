"""Files of payments for the bank: which there are, what waits for one, and what of it a person has to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns import iban, sealing
from returns.models import (
    Kind,
    PayoutAccount,
    PayoutFile,
    PayoutFileStatus,
    PayoutTransfer,
    Refund,
    RefundMethod,
    RefundStatus,
    Review,
    TradeIn,
    TransferStatus,
)
from returns.payments import sepa
from revlog.accounts.actors import Actor
from revlog.devices.exceptions import ExceptionRow

PROVIDER = "sepa"
ASK_AFTER = timedelta(days=3)
"""After so many days the bank has done a transfer, or sent it back."""


def debtor() -> sepa.Debtor | None:
    """The account that this install pays from; None where none is told, or it can't be one."""
    number = iban.normal(str(getattr(settings, "SEPA_IBAN", "")))
    if number is None:
        return None
    return sepa.Debtor(str(settings.ISSUER["name"]), number, str(getattr(settings, "SEPA_BIC", "")).upper())


def _due() -> QuerySet[Refund]:
    """What a file would pay, the oldest first: due to sellers, in no file yet, and not held until somebody has looked at its return."""
    if debtor() is None:
        return Refund.objects.none()
    listed = PayoutTransfer.objects.exclude(status=TransferStatus.DROPPED).filter(
        refund=OuterRef("pk"), attempt=OuterRef("attempt")
    )
    held = Review.objects.filter(rma=OuterRef("line__rma"), held=True)
    rows = Refund.objects.filter(
        status=RefundStatus.DUE,
        method=RefundMethod.ORIGINAL,
        currency=sepa.CURRENCY,
        amount__gt=0,
        provider__in=["", PROVIDER],
        line__rma__kind=Kind.TRADE,
    )
    return (
        rows.exclude(Exists(listed) | Exists(held))
        .select_related("line__rma__trade_in__charity__organization", "line__rma__trade_in__account")
        .order_by("proposed_at")
    )


def waiting() -> list[Refund]:
    """What the next files pay: due, and to an account that a transfer reaches."""
    return due()[0]


def due() -> tuple[list[Refund], list[Refund]]:
    """What is `waiting`, and what no file can pay: its account is forgotten, can't be read, or no transfer reaches it."""
    payable: list[Refund] = []
    without: list[Refund] = []
    for row in _due():
        (without if account_of(row) is None else payable).append(row)
    return payable, without


def account_of(refund: Refund) -> tuple[str, str] | None:
    """IBAN and holder, checked once more; None where they are forgotten, can't be read, or no transfer reaches them."""
    trade = _trade_of(refund)
    if trade is None:
        return None
    if trade.charity is not None:
        return (trade.charity.iban, trade.charity.organization.name) if sepa.reachable(trade.charity.iban) else None
    try:
        told, _line, holder = _opened(trade).partition("\n")
    except sealing.UnableToOpenSeal:
        return None
    number = iban.normal(told)
    return (number, holder) if number is not None and sepa.reachable(number) else None


def is_unreadable(refund: Refund) -> bool:
    """Whether an account was told that no key of this install opens."""
    trade = _trade_of(refund)
    if trade is None or trade.charity is not None:
        return False
    try:
        _opened(trade)
    except sealing.UnableToOpenSeal:
        return True
    return False


def _trade_of(refund: Refund) -> TradeIn | None:
    return getattr(refund.line.rma, "trade_in", None)


def _opened(trade: TradeIn) -> str:
    """Empty where no account was told, or it is forgotten. Raises UnableToOpenSeal."""
    row: PayoutAccount | None = getattr(trade, "account", None)
    return sealing.opened(row.sealed) if row is not None and row.erased_at is None and row.sealed else ""


def account_tail(trade: TradeIn | None) -> str:
    """The last four signs of the account that is paid, by which people talk of it; empty when it is forgotten."""
    if trade is None:
        return ""
    if trade.charity is not None:
        return trade.charity.iban[-4:]
    account = PayoutAccount.objects.filter(trade_in=trade).first()
    return account.tail if account is not None else ""


def files() -> QuerySet[PayoutFile]:
    """The newest first, each with how many payments and how much."""
    return PayoutFile.objects.annotate(count=Count("transfers"), total=Sum("transfers__amount"))


def exceptions(actor: Actor, *, at: datetime) -> list[ExceptionRow]:
    if not actor.is_operator or not (actor.may("returns.settle") or actor.may("returns.refund")):
        return []
    payable, without = due()
    return [*_waiting(payable), *_stuck(without), *_files(at)]


def _waiting(rows: Sequence[Refund]) -> list[ExceptionRow]:
    """One row for all of them: they are paid together."""
    if not rows:
        return []
    told = ngettext("%(count)s seller waits for a payment.", "%(count)s sellers wait for a payment.", len(rows))
    since = min(row.approved_at or row.proposed_at for row in rows)
    return [
        ExceptionRow(
            key="payouts",
            kind="payout_waiting",
            sentence=told % {"count": len(rows)},
            thing=_("Payments to sellers"),
            url=reverse("payouts"),
            owner=_("finance"),
            since=since,
            due=since + timedelta(days=2),
            money_at_risk=sum((row.amount for row in rows), Decimal(0)),
            currency="EUR",
            next_action=_("Draw up a file"),
        )
    ]


def _stuck(rows: Sequence[Refund]) -> list[ExceptionRow]:
    """One for each: a person asks its seller for another account, or pays it another way."""
    return [
        ExceptionRow(
            key=f"payout_stuck:{row.pk}",
            kind="payout_waiting",
            sentence=_("There is no account to which this seller can be paid."),
            thing=row.line.rma.number,
            url=reverse("returns_rma", args=[row.line.rma.number]),
            owner=_("finance"),
            since=row.approved_at or row.proposed_at,
            due=(row.approved_at or row.proposed_at) + timedelta(days=2),
            money_at_risk=row.amount,
            currency=row.currency,
            next_action=_("Find another way to pay it"),
        )
        for row in rows[:100]
    ]


def _files(at: datetime) -> list[ExceptionRow]:
    drawn = files().filter(status=PayoutFileStatus.DRAWN)
    late = files().filter(status=PayoutFileStatus.RELEASED, execute_on__lt=(at - ASK_AFTER).date())
    return [
        ExceptionRow(
            key=f"payout_file:{row.pk}",
            kind="payout_waiting",
            sentence=_("A payment file waits for a second person.")
            if row.status == PayoutFileStatus.DRAWN
            else _("Nobody has said yet whether the bank paid this file."),
            thing=row.number,
            url=reverse("payout_file", args=[row.number]),
            owner=_("finance"),
            since=row.released_at or row.drawn_at,
            due=(row.released_at or row.drawn_at) + timedelta(days=1),
            money_at_risk=row.total,  # type: ignore[attr-defined]
            currency=row.currency,
            next_action=_("Release or drop it") if row.status == PayoutFileStatus.DRAWN else _("Look at the statement"),
        )
        for row in [*drawn[:100], *late[:100]]
    ]
