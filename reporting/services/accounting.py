"""Handing the books over: all postings of a period as one run, each posting once, its files kept as they were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import override

from reporting import facts
from reporting.accounting import datev, journal, waiting
from reporting.accounting.chart import Chart, in_force
from reporting.accounting.journal import Line
from reporting.accounting.waiting import Period
from reporting.models import AccountingLine, AccountingRun
from reporting.models.accounting import keeps_books
from revlog.accounts.actors import Actor
from revlog.common import ids, money
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.services import ledger
from revlog.devices.models import Posting
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts

LOCK = 0x4143434F554E54
"""Runs wait for each other: no two may take the same posting, nor leave one between them."""


class UnableToExport(DomainError):
    """These days can't be handed over: each reason names what is missing."""

    code = "unable_to_export"


@dataclass(frozen=True)
class Preview:
    """What a run of these days would hold, and why it can't be made."""

    since: date | None
    until: date
    waiting: Sequence[waiting.Waiting]
    sums: dict[str, Decimal]
    reasons: Sequence[Reason]


def preview(*, until: date, since: date | None = None, at: datetime) -> Preview:
    chart = in_force(at)
    first = since or waiting.first_day(chart)
    if first is None or until < first:
        nothing = Reason("nothing", _("Nothing was posted that isn't in a run already."), "until")
        reasons = (
            [nothing] if first is None else waiting.reasons_against_exporting(chart, since=first, until=until, at=at)
        )
        return Preview(first, until, [], {}, reasons)
    rows = waiting.sums(waiting.of(waiting.period(chart, first, until)), chart)
    reasons = waiting.reasons_against_exporting(chart, since=first, until=until, at=at)
    return Preview(first, until, rows, waiting.by_book(rows), reasons)


def export(*, until: date, since: date | None = None, by: Actor, at: datetime) -> AccountingRun:
    """Make the run that ends with ``until``; it begins where the last one ended. All of it, or nothing.

    Raises UnableToExport with each reason: days that aren't over, a gap, an account without a number.
    """
    if not keeps_books(by):
        raise NotAllowed(
            Reason("not_allowed", _("Handing the books over needs the right to post costs and income at all sites."))
        )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        chart = in_force(at)
        first = since or waiting.first_day(chart)
        if first is None:
            raise UnableToExport(Reason("nothing", _("Nothing was posted that isn't in a run already."), "until"))
        if found := waiting.reasons_against_exporting(chart, since=first, until=until, at=at):
            raise UnableToExport(found)
        return _make(chart, waiting.period(chart, first, until), by=by, at=at)


def _make(chart: Chart, asked: Period, *, by: Actor, at: datetime) -> AccountingRun:
    before, currency = waiting.last_run(), settings.BASE_CURRENCY
    number = before.number + 1 if before is not None else 1
    rows = list(waiting.of(asked).select_related("device", "party").order_by("occurred_at", "pk"))
    lines = _lines(rows, chart, asked, number)
    sums = _by_book(lines)
    made = journal.write(lines)
    files: dict[str, Artifact | None] = {
        "journal": artifacts.keep(made, media_type=journal.MEDIA_TYPE, at=at, limit="document"),
        "datev": None,
    }
    if chart.has_datev:
        told = datev.write(lines, chart, number=number, since=asked.since, until=asked.until, currency=currency, at=at)
        files["datev"] = artifacts.keep(told, media_type=datev.MEDIA_TYPE, at=at, limit="document")
    run = AccountingRun.objects.create(
        id=ids.new(at),
        number=number,
        since=asked.since,
        until=asked.until,
        zone=chart.zone,
        chart=chart.version,
        postings=len(lines),
        late=sum(1 for line in lines if line.happened_on < asked.since),
        sums={book: str(total) for book, total in sums.items()},
        currency=currency,
        made_by=by.reference,
        made_at=at,
        **files,
    )
    AccountingLine.objects.bulk_create(
        [AccountingLine(run=run, number=line.number, posting=row) for line, row in zip(lines, rows, strict=True)],
        batch_size=2_000,
    )
    _must_agree(run, sums)
    datev_file = files["datev"]
    ledger.begin(
        "accounts",
        run.pk,
        facts.AccountsExported(
            number=number,
            since=asked.since.isoformat(),
            until=asked.until.isoformat(),
            postings=run.postings,
            late=run.late,
            sums=run.sums,
            currency=currency,
            chart=chart.version,
            journal=run.journal.digest,
            datev=datev_file.digest if datev_file is not None else None,
        ),
        by=by,
        at=at,
    )
    return run


def _lines(rows: Sequence[Posting], chart: Chart, asked: Period, number: int) -> list[Line]:
    currency = settings.BASE_CURRENCY
    made = []
    with override("en"):
        for place, row in enumerate(rows, start=1):
            happened = row.occurred_at.astimezone(chart.tz).date()
            unit = row.device.tag if row.device is not None else ""
            made.append(
                Line(
                    run=number,
                    number=place,
                    day=max(happened, asked.since),
                    happened_on=happened,
                    pair=chart.pairs[row.book, row.account],
                    amount=money.rounded(row.base_amount, currency),
                    currency=currency,
                    original=money.rounded(row.amount, row.currency),
                    original_currency=row.currency,
                    text=" ".join(part for part in (word(row.account).capitalize(), unit) if part),
                    book=row.book,
                    posted_as=row.account,
                    party=row.party.code if row.party is not None else "",
                    unit=unit,
                    posting=str(row.pk),
                    entry=row.entry,
                    tax=row.tax,
                    tax_rate=row.tax_rate,
                    tax_amount=money.rounded(row.base_tax, currency) if row.base_tax is not None else None,
                    tax_key=chart.tax_key(row.tax, row.tax_rate),
                )
            )
    return made


def _by_book(lines: Sequence[Line]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.book] = sums.get(line.book, Decimal(0)) + line.amount
    return dict(sorted(sums.items()))


def _must_agree(run: AccountingRun, sums: dict[str, Decimal]) -> None:
    """What was written adds up to the postings that it was made of, to the cent; else nothing of it stands."""
    rows = Posting.objects.filter(pk__in=run.lines.values("posting")).order_by().values("book")
    stand = {row["book"]: row["total"] for row in rows.annotate(total=Sum("base_amount"))}
    if stand != sums:
        raise ValueError(f"The lines of run {run.number} add up to {sums}, and its postings to {stand}.")
