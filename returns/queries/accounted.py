"""What of a return is not accounted for yet: things that are neither here nor given up, money that is neither paid nor let go of.

A return closes when this list is empty, and by nothing else. The page shows it, so that whoever looks knows what is waited for.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Max, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns.models import (
    Appeal,
    AppealStatus,
    Charge,
    ChargeStatus,
    Discrepancy,
    Dispute,
    Goods,
    Memo,
    MemoKind,
    MemoStatus,
    Offer,
    OfferStatus,
    Origin,
    Outcome,
    Refund,
    RefundStatus,
    Rma,
    RmaLine,
    RmaStatus,
    RmaUnit,
    StoreCredit,
    UnitStatus,
)
from returns.models.money import PENDING
from returns.models.rma import COMING
from revlog.accounts.actors import Actor
from revlog.common.errors import Reason
from revlog.common.money import rounded
from revlog.common.words import word
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.models import Posting

BOOKED = frozenset(
    {"refund", "credit", "credit_bonus", "difference", "deposit", "repair_income", "purchase", "purchase_credit"}
)
"""What stands on the chain of a return between its customer and who sold it."""
NEVER_ALONE = frozenset({"settled_sum", "booked_sum", "no_credit"})
"""What no waiting mends: a person has to look."""
MOST = 50
OPEN_REFUNDS = (RefundStatus.PROPOSED, RefundStatus.HELD, RefundStatus.DUE, RefundStatus.FAILED)
CREDITED = (MemoStatus.ISSUED, MemoStatus.SETTLED)
OPEN_MEMOS = (MemoStatus.PROPOSED, MemoStatus.DUE)


def reasons_against_closing(rma: Rma, lines: Sequence[RmaLine] | None = None) -> list[Reason]:
    """Everything of it that is open, each as a sentence: units, decisions, money, and books that don't add up."""
    own = list(rma.lines.select_related("order_line").order_by("position")) if lines is None else list(lines)
    money = _money(rma)
    found = [*_units(rma), *_decisions(rma), *money]
    unsettled = [line for line in own if line.settled_at is None]
    if not found:
        found += [_unsettled(line) for line in unsettled]
    if not unsettled and not money:
        found += _sums(rma, own)
    return found


def shown(rma: Rma, lines: Sequence[RmaLine]) -> list[Reason]:
    """What the page of a return says of it: of one that is on its way, and of a closed one with money that didn't arrive."""
    if rma.origin == Origin.IMPORT or rma.status not in {*(status.value for status in COMING), RmaStatus.CLOSED.value}:
        return []
    return reasons_against_closing(rma, lines)


def unclosed() -> QuerySet[Rma]:
    """Returns all of whose lines are settled, and that are not closed: something else of them is open, or was until a moment ago."""
    rows = Rma.objects.filter(status__in=[status.value for status in COMING])
    return rows.filter(lines__settled_at__isnull=False).exclude(lines__settled_at=None).distinct()


def exceptions(actor: Actor) -> list[ExceptionRow]:
    """Returns that are settled and stay open since their money doesn't add up. What else keeps one open has a row of its own."""
    rows = unclosed().filter(pk__in=Rma.objects.visible_to(actor).values("pk")).select_related("hub")
    found = []
    for row in rows.order_by("opened_at")[:MOST]:
        reasons = [one for one in reasons_against_closing(row) if one.code in NEVER_ALONE]
        since = row.lines.aggregate(at=Max("settled_at"))["at"] or row.opened_at
        if reasons:
            found.append(
                ExceptionRow(
                    key=f"unaccounted:{row.pk}",
                    kind="rma_unaccounted",
                    sentence=" ".join(str(one) for one in reasons),
                    thing=row.number,
                    url=reverse("returns_rma", args=[row.number]),
                    owner=_("finance"),
                    since=since,
                    due=row.hub.calendar.after_hours(since, 16),
                    currency=row.currency,
                    next_action=_("Find the difference"),
                )
            )
    return found


# Things ---------------------------------------------------------------------------------------------------------------------------


def _units(rma: Rma) -> list[Reason]:
    found = []
    rows = RmaUnit.objects.filter(line__rma=rma).order_by().values_list("status", "quantity")
    counts: dict[str, int] = {}
    for status, quantity in rows:
        counts[status] = counts.get(status, 0) + quantity
    if n := counts.get(UnitStatus.EXPECTED, 0):
        found.append(
            Reason(
                "expected",
                ngettext("%s piece hasn't come, and isn't given up.", "%s pieces haven't come, and aren't given up.", n)
                % n,
            )
        )
    if n := counts.get(UnitStatus.RECEIVED, 0):
        found.append(
            Reason(
                "received", ngettext("%s piece is here and not decided.", "%s pieces are here and not decided.", n) % n
            )
        )
    if n := counts.get(UnitStatus.REFUSED, 0):
        found.append(
            Reason(
                "refused",
                ngettext("%s refused piece isn't sent back yet.", "%s refused pieces aren't sent back yet.", n) % n,
            )
        )
    if rma.lines.filter(goods=Goods.DONATE, given_away_at=None, settled_at=None).exists():
        found.append(Reason("donation", _("The customer hasn't said that it was given away.")))
    return found


# Decisions ------------------------------------------------------------------------------------------------------------------------


def _decisions(rma: Rma) -> list[Reason]:
    found = [
        Reason("discrepancy", _("Something is to be decided: %s.") % word(kind))
        for kind in Discrepancy.objects.filter(Q(rma=rma) | Q(unit__line__rma=rma), resolved_at=None)
        .order_by("raised_at")
        .values_list("kind", flat=True)
        .distinct()
    ]
    if Offer.objects.filter(unit__line__rma=rma, status=OfferStatus.OPEN).exists():
        found.append(Reason("offer", _("The customer hasn't answered an offer.")))
    if Appeal.objects.filter(unit__line__rma=rma, status=AppealStatus.OPEN).exists():
        found.append(Reason("appeal", _("An appeal is being looked at.")))
    if Dispute.objects.filter(line__line__rma=rma, decided_at=None).exists():
        found.append(Reason("dispute", _("A line is disputed.")))
    return found


# Money ----------------------------------------------------------------------------------------------------------------------------


def _money(rma: Rma) -> list[Reason]:
    found = [
        Reason(
            f"refund_{row.status}",
            _("A refund of %(amount)s %(currency)s: %(status)s.")
            % {"amount": row.amount, "currency": row.currency, "status": word(f"refund.{row.status}")},
        )
        for row in Refund.objects.filter(line__rma=rma, status__in=[one.value for one in OPEN_REFUNDS])
    ]
    found += [
        Reason(
            f"charge_{row.status}",
            _("%(what)s of %(amount)s %(currency)s: %(status)s.")
            % {
                "what": word(f"charge_for.{row.purpose}").capitalize(),
                "amount": row.amount,
                "currency": row.currency,
                "status": word(f"charge.{row.status}"),
            },
        )
        for row in Charge.objects.filter(line__rma=rma, status__in=[one.value for one in PENDING])
    ]
    found += [
        Reason(
            f"memo_{row.status}",
            _("A memo of %(amount)s %(currency)s: %(status)s.")
            % {"amount": row.amount, "currency": row.currency, "status": word(f"memo.{row.status}")},
        )
        for row in Memo.objects.filter(rma=rma, status__in=[one.value for one in OPEN_MEMOS])
    ]
    credits = Refund.objects.filter(line__rma=rma, status=RefundStatus.PAID, provider="credit")
    if (n := credits.exclude(pk__in=StoreCredit.objects.values("refund")).count()) > 0:
        found.append(
            Reason(
                "no_credit", ngettext("%s store credit was never given.", "%s store credits were never given.", n) % n
            )
        )
    return found


def _unsettled(line: RmaLine) -> Reason:
    name = line.order_line.description
    if line.wanted in {Outcome.EXCHANGE, Outcome.ADVANCE, Outcome.REPLACE} and line.exchange_id is None:
        return Reason("not_ordered", _("The new one for %s isn't ordered yet.") % name)
    return Reason("not_settled", _("%s isn't settled yet.") % name)


# Sums -----------------------------------------------------------------------------------------------------------------------------


def _sums(rma: Rma, lines: Sequence[RmaLine]) -> list[Reason]:
    """Whether what the lines settled for is what was paid and credited, and whether the books hold exactly that."""
    paid = _total(Refund.objects.filter(line__rma=rma, status=RefundStatus.PAID), "amount")
    memos = Memo.objects.filter(rma=rma, status__in=[one.value for one in CREDITED])
    credited = _total(memos.filter(kind=MemoKind.CREDIT), "amount") - _total(
        memos.filter(kind=MemoKind.DEBIT), "amount"
    )
    found = []
    settled = sum((line.settled_amount or Decimal(0) for line in lines), Decimal(0))
    if settled != paid + credited:
        found.append(
            Reason(
                "settled_sum",
                _("The lines are settled for %(settled)s %(currency)s, and %(paid)s were paid and credited.")
                % {"settled": settled, "paid": paid + credited, "currency": rma.currency},
            )
        )
    came = Charge.objects.filter(line__rma=rma, status=ChargeStatus.PAID)
    taken = _total(came.filter(kept=None), "amount") + _total(came.exclude(kept=None), "kept")
    booked = _total(Posting.objects.filter(chain_id=rma.pk, account__in=BOOKED), "amount")
    if booked != taken - paid - credited:
        found.append(
            Reason(
                "booked_sum",
                _("The books hold %(booked)s %(currency)s of it where %(due)s belong.")
                % {"booked": rounded(booked, rma.currency), "due": taken - paid - credited, "currency": rma.currency},
            )
        )
    return found


def _total(rows: QuerySet[Refund] | QuerySet[Memo] | QuerySet[Charge] | QuerySet[Posting], field: str) -> Decimal:
    return rows.order_by().aggregate(total=Sum(field))["total"] or Decimal(0)
