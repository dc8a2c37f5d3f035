"""Postings that no accountant has yet: which there are, by book and account, and what stands in the way of handing them over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting.accounting import datev
from reporting.accounting.chart import Chart
from reporting.models import AccountingLine, AccountingRun
from revlog.common import money
from revlog.common.errors import Reason
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.devices.models import Posting

NAMED = 5


@dataclass(frozen=True)
class Waiting:
    """What waits in one account of a book."""

    book: str
    account: str
    postings: int
    amount: Decimal
    mapped: bool


@dataclass(frozen=True)
class Period:
    since: date
    until: date
    begin: datetime
    end: datetime


def open_postings() -> QuerySet[Posting]:
    """Those in no run, whenever they happened."""
    return Posting.objects.filter(~Exists(AccountingLine.objects.filter(posting=OuterRef("pk"))))


def last_run() -> AccountingRun | None:
    return AccountingRun.objects.order_by("-number").first()


def first_day(chart: Chart) -> date | None:
    """The day on which the next run begins: after the last one, else that of the first posting. None while there is nothing."""
    if (before := last_run()) is not None:
        return before.until + timedelta(days=1)
    first = open_postings().aggregate(at=Min("occurred_at"))["at"]
    return first.astimezone(chart.tz).date() if first is not None else None


def period(chart: Chart, since: date, until: date) -> Period:
    """Days of the company as moments: from the first instant of the first to the first after the last."""

    def begin(day: date) -> datetime:
        return datetime.combine(day, time(), chart.tz).astimezone(UTC)

    return Period(since, until, begin(since), begin(until + timedelta(days=1)))


def of(asked: Period) -> QuerySet[Posting]:
    """All that a run of these days takes: what happened in them, and what came late after the run before."""
    return open_postings().filter(occurred_at__lt=asked.end)


def sums(rows: QuerySet[Posting], chart: Chart) -> list[Waiting]:
    currency = settings.BASE_CURRENCY
    found = rows.order_by().values("book", "account").annotate(n=Count("pk"), amount=Sum("base_amount"))
    return [
        Waiting(
            book=row["book"],
            account=row["account"],
            postings=row["n"],
            amount=money.rounded(row["amount"], currency),
            mapped=(row["book"], row["account"]) in chart.pairs,
        )
        for row in found.order_by("book", "account")
    ]


def by_book(found: list[Waiting]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for one in found:
        totals[one.book] = totals.get(one.book, Decimal(0)) + one.amount
    return dict(sorted(totals.items()))


def reasons_against_exporting(chart: Chart, *, since: date, until: date, at: datetime) -> list[Reason]:
    """Why there can't be a run of these days: they aren't over, one is left out or taken twice, an account has no number."""
    found = _of_days(chart, since=since, until=until, at=at)
    if found:
        return found
    rows = of(period(chart, since, until))
    waiting = sums(rows, chart)
    if not waiting:
        return [Reason("nothing", _("Nothing was posted that isn't in a run already."), "until")]
    for one in waiting:
        if not one.mapped:
            found.append(
                Reason(
                    "unmapped",
                    ngettext(
                        "The chart of accounts has no number for “%(account)s” in the book “%(book)s”: %(n)s posting, %(sum)s.",
                        "The chart of accounts has no number for “%(account)s” in the book “%(book)s”: %(n)s postings, %(sum)s.",
                        one.postings,
                    )
                    % {
                        "account": word(one.account),
                        "book": word(one.book),
                        "n": one.postings,
                        "sum": f"{one.amount} {settings.BASE_CURRENCY}",
                    },
                    f"{one.book}.{one.account}",
                )
            )
    found += _without_entry(rows)
    if chart.has_datev:
        found += datev.reasons_against(chart, since=since, until=until, lines=sum(one.postings for one in waiting))
    return found


def _of_days(chart: Chart, *, since: date, until: date, at: datetime) -> list[Reason]:
    if until < since:
        return [Reason("backwards", _("The last day comes before the first."), "until")]
    found = []
    if period(chart, since, until).end > at:
        found.append(Reason("not_over", _("%s isn't over yet: a run takes whole days.") % until.isoformat(), "until"))
    expected = first_day(chart)
    if expected is None or expected == since:
        return found
    before = last_run()
    if since < expected and before is not None:
        found.append(
            Reason(
                "twice",
                _("The days up to %(day)s are in run %(number)s: the next one begins on %(next)s.")
                % {"day": before.until.isoformat(), "number": before.number, "next": expected.isoformat()},
                "since",
            )
        )
    elif since > expected:
        left = open_postings().filter(occurred_at__lt=period(chart, since, since).begin)
        found.append(
            Reason(
                "gap",
                ngettext(
                    "The days from %(first)s to %(last)s would be in no run, and %(n)s posting with them.",
                    "The days from %(first)s to %(last)s would be in no run, and %(n)s postings with them.",
                    left.count(),
                )
                % {
                    "first": expected.isoformat(),
                    "last": (since - timedelta(days=1)).isoformat(),
                    "n": left.count(),
                },
                "since",
            )
        )
    return found


def _without_entry(rows: QuerySet[Posting]) -> list[Reason]:
    """A posting whose cause isn't on the ledger is a hole in the books: it is named, and nothing goes out."""
    lost = rows.filter(~Exists(Entry.objects.filter(digest=OuterRef("entry"), chain_id=OuterRef("chain_id"))))
    return [
        Reason(
            "no_entry",
            _("The posting %(posting)s (%(amount)s %(currency)s) cites an entry that isn't on the ledger.")
            % {"posting": row.pk, "amount": row.amount, "currency": row.currency},
            str(row.pk),
        )
        for row in rows.model.objects.filter(pk__in=lost.values("pk"))[:NAMED]
    ]
