"""Files of payments for the bank: which there are, what waits for one, and what of it a person has to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns import iban
from returns.models import (
    Kind,
    PayoutAccount,
    PayoutFile,
    PayoutFileStatus,
    PayoutTransfer,
    Refund,
    RefundMethod,
    RefundStatus,
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


def waiting() -> QuerySet[Refund]:
    """What is due to sellers and in no file yet, the oldest first."""
    if debtor() is None:
        return Refund.objects.none()
    listed = PayoutTransfer.objects.exclude(status=TransferStatus.DROPPED).filter(
        refund=OuterRef("pk"), attempt=OuterRef("attempt")
    )
    rows = Refund.objects.filter(
        status=RefundStatus.DUE,
        method=RefundMethod.ORIGINAL,
        currency=sepa.CURRENCY,
        amount__gt=0,
        provider__in=["", PROVIDER],
        line__rma__kind=Kind.TRADE,
    )
    told = Q(line__rma__trade_in__account__isnull=False, line__rma__trade_in__account__erased_at=None)
    rows = rows.filter(told | Q(line__rma__trade_in__charity__isnull=False))
    return (
        rows.exclude(Exists(listed))
        .select_related("line__rma__trade_in__charity__organization")
        .order_by("proposed_at")
    )


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
    return [*_waiting(), *_files(at)]


def _waiting() -> list[ExceptionRow]:
    """One row for all of them: they are paid together."""
    rows = list(waiting().values_list("amount", "approved_at", "proposed_at"))
    if not rows:
        return []
    told = ngettext("%(count)s seller waits for a payment.", "%(count)s sellers wait for a payment.", len(rows))
    since = min(approved or proposed for _amount, approved, proposed in rows)
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
            money_at_risk=sum((amount for amount, _approved, _proposed in rows), Decimal(0)),
            currency="EUR",
            next_action=_("Draw up a file"),
        )
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
