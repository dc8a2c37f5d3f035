"""The books go to the accountant to the cent: each posting once, no day left out, and the same file each time it is asked for."""

from __future__ import annotations

import csv
import io
import json
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.db.models import Sum
from django.test import Client

from reporting.accounting import chart as charts
from reporting.accounting import datev
from reporting.accounting.chart import Pair
from reporting.accounting.journal import Line
from reporting.models import AccountingLine, AccountingRun
from reporting.services import accounting
from reporting.services.accounting import UnableToExport
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import sequencer
from revlog.devices.models import Device, Posting
from revlog.devices.services import money, moves, standing
from revlog.evidence.services import artifacts
from revlog.terms.models import RuleSet
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import devices as factory

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 30)
LATER = datetime(2026, 12, 10, 8, 0, tzinfo=UTC)
MONTHS_ON = datetime(2027, 2, 10, 8, 0, tzinfo=UTC)
RATE = Decimal("0.92")


def posted(
    cast: Cast, unit: Device, account: str, amount: str, *, at: datetime, book: str = "ours", currency: str = "EUR"
) -> Posting:
    with transaction.atomic():
        entry = standing.wait(moves.take_one(unit.pk), "buyer", asked="pay", due=None, by=cast.anouk, at=at)
        return money.post(
            entry=entry, account=account, amount=Decimal(amount), currency=currency, book=book, device=unit,
            party=cast.retailer if book == "seller" else None, at=at, key=f"{account}:{book}:{amount}:{at}",
            rate=RATE if currency != "EUR" else Decimal(1),
        )  # fmt: skip


def body(**changes: str) -> dict[str, Any]:
    told = charts.proposal()
    return {**told, "parameters": {**told["parameters"], "zone": "Europe/Amsterdam", **changes}}


def published(cast: Cast, *, at: datetime, **changes: str) -> None:
    by = cast.maria
    draft = rules.draft(kind=charts.KIND, body=body(**changes), by=cast.admin, at=at)
    rules.publish(draft, by=by, at=at)


@pytest.fixture
def books(cast: Cast, at: datetime) -> list[Posting]:
    """Five postings of November in three books, one of them in dollars, and one a minute after its end in Amsterdam."""
    unit = factory.for_sale(cast, at=at)
    return [
        posted(cast, unit, "sale", "240.10", at=at),
        posted(cast, unit, "channel_fee", "-12.01", at=at + timedelta(days=1)),
        posted(cast, unit, "refund", "-99.99", at=at + timedelta(days=2), book="seller"),
        posted(cast, unit, "parts", "-10.05", at=at + timedelta(days=3), currency="USD"),
        posted(cast, unit, "labor", "-7.77", at=datetime(2026, 11, 30, 22, 59, tzinfo=UTC), book="client"),
        posted(cast, unit, "freight", "-4.00", at=datetime(2026, 11, 30, 23, 1, tzinfo=UTC)),
    ]


def rows_of(run: AccountingRun) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(artifacts.read(run.journal).decode())))


def test_a_run_without_numbers_is_refused_and_each_account_is_named(cast: Cast, books: list[Posting]) -> None:
    with pytest.raises(UnableToExport) as refused:
        accounting.export(until=NOVEMBER, by=cast.esra, at=LATER)

    told = " ".join(reason.sentence for reason in refused.value.reasons)
    assert {reason.code for reason in refused.value.reasons} == {"unmapped"}
    assert "“refund” in the book “seller's book”: 1 posting, -99.99 EUR" in told
    assert len(refused.value.reasons) == 6
    assert not AccountingRun.objects.exists()


def test_a_run_is_balanced_to_the_cent_and_takes_each_posting_once(cast: Cast, books: list[Posting]) -> None:
    published(cast, at=LATER - timedelta(days=1))

    with pytest.raises(NotAllowed):
        accounting.export(until=NOVEMBER, by=cast.anouk, at=LATER)
    run = accounting.export(until=NOVEMBER, by=cast.esra, at=LATER)

    assert (run.number, run.since, run.until, run.postings) == (1, date(2026, 11, 2), NOVEMBER, 5)
    sums = Posting.objects.exclude(pk=books[-1].pk).values("book").order_by("book").annotate(total=Sum("base_amount"))
    assert run.by_book == [(row["book"], row["total"]) for row in sums]
    assert dict(run.by_book)["ours"] == Decimal("240.10") - Decimal("12.01") - Decimal("9.25")
    rows = rows_of(run)
    assert len(rows) == 10
    for number in range(1, 6):
        debit, credit = [row for row in rows if row["line"] == str(number)]
        assert (debit["debit"], debit["credit"]) == (credit["credit"], credit["debit"])
        assert debit["account"] != credit["account"]
    assert sum(Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0) for row in rows) == 0
    sold = [row for row in rows if row["posted_as"] == "sale"]
    assert [(row["account"], row["debit"], row["credit"]) for row in sold] == [
        ("1360", "240.10", ""), ("8200", "", "240.10"),
    ]  # fmt: skip
    (part, _other) = [row for row in rows if row["posted_as"] == "parts"]
    assert (part["debit"], part["original_amount"], part["original_currency"]) == ("9.25", "10.05", "USD")
    # In Amsterdam it was still November.
    assert {row["date"] for row in rows if row["posted_as"] == "labor"} == {"2026-11-30"}
    said = Entry.objects.get(chain_id=run.pk)
    assert (said.kind, said.payload["sums"]) == ("reporting.accounts_exported", run.sums)
    assert run.datev is None

    with pytest.raises(UnableToExport, match="in run 1: the next one begins on 2026-12-01"):
        accounting.export(since=date(2026, 11, 2), until=NOVEMBER, by=cast.esra, at=LATER)
    with pytest.raises(
        UnableToExport, match="from 2026-12-01 to 2026-12-02 would be in no run, and 1 posting with them"
    ):
        accounting.export(since=date(2026, 12, 3), until=date(2026, 12, 5), by=cast.esra, at=LATER)
    with pytest.raises(UnableToExport, match="isn't over yet"):
        accounting.export(until=LATER.date(), by=cast.esra, at=LATER)
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        AccountingLine.objects.filter(run=run).delete()


def test_what_came_late_is_in_the_next_run_with_its_own_day_beside(cast: Cast, books: list[Posting]) -> None:
    published(cast, at=LATER - timedelta(days=1), consultant="29098", client="55003")
    first = accounting.export(until=NOVEMBER, by=cast.esra, at=LATER)
    late = posted(cast, Device.objects.get(), "handling", "-3.33", at=datetime(2026, 11, 20, tzinfo=UTC))

    with pytest.raises(UnableToExport, match="one business year: end this run on the last day"):
        accounting.export(until=date(2027, 1, 31), by=cast.esra, at=MONTHS_ON)
    second = accounting.export(until=date(2026, 12, 31), by=cast.esra, at=MONTHS_ON)

    assert (second.number, second.since, second.postings, second.late) == (2, date(2026, 12, 1), 2, 1)
    assert set(second.lines.values_list("posting", flat=True)) == {late.pk, books[-1].pk}
    (row, _other) = [row for row in rows_of(second) if row["posted_as"] == "handling"]
    assert (row["date"], row["happened_on"]) == ("2026-12-01", "2026-11-20")
    assert Posting.objects.count() == AccountingLine.objects.values("posting").distinct().count()
    with pytest.raises(UnableToExport, match="Nothing was posted"):
        accounting.export(until=date(2027, 1, 31), by=cast.esra, at=MONTHS_ON)

    # DATEV's file of the first run says the same.
    assert first.datev is not None
    told = artifacts.read(first.datev).decode("cp1252").split("\r\n")
    assert told[0].startswith(
        '"EXTF";700;21;"Buchungsstapel";13;20261210090000000;;"RE";"Revlog";"";29098;55003;20260101;4;'
    )
    assert told[0].count(";") == 30
    assert told[1].split(";")[6:10] == ["Konto", "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum"]
    lines = [line.split(";") for line in told[2:-1]]
    assert {len(line) for line in lines} == {len(datev.COLUMNS)} == {125}
    signed = sum(Decimal(line[0].replace(",", ".")) * (1 if line[1] == '"H"' else -1) for line in lines)
    assert signed == sum((total for _book, total in first.by_book), Decimal(0))
    assert lines[0][:3] + lines[0][6:11] == ["240,10", '"H"', '"EUR"', "8200", "1360", '""', "0211", '"R1-1"']


def test_what_is_taxed_bears_its_key_and_stands_on_the_side_that_the_key_is_part_of(cast: Cast, at: datetime) -> None:
    published(cast, at=at)
    unit = factory.for_sale(cast, at=at)
    with transaction.atomic():
        entry = standing.wait(moves.take_one(unit.pk), "buyer", asked="pay", due=None, by=cast.anouk, at=at)
        for tax, rate, amount, part in (
            ("standard", "19", "-119.00", "-19.00"),
            ("reduced", "7.00", "53.50", "3.50"),
            ("margin", None, "-80.00", "0"),
        ):
            money.post(
                entry=entry, account="credit", amount=Decimal(amount), currency="EUR", at=at, key=f"memo:{tax}",
                taxed=money.Taxed(tax, Decimal(rate) if rate else None, Decimal(part)),
            )  # fmt: skip
    told = body(consultant="29098", client="55003")
    for wrong in ({"standard": "3"}, {"margin@19": "3"}, {"standard@19.0": "3"}, {"standard@19": "BU3"}):
        with pytest.raises(BadInput):
            rules.draft(kind=charts.KIND, body={**told, "tax_keys": wrong}, by=cast.admin, at=at)
    rules.publish(rules.draft(kind=charts.KIND, body=told, by=cast.admin, at=at), by=cast.maria, at=at)

    run = accounting.export(until=NOVEMBER, by=cast.esra, at=LATER)

    rows = [row for row in rows_of(run) if row["debit"]]
    told_of_each = [[row[name] for name in ("tax", "tax_rate", "net_amount", "tax_amount", "tax_key")] for row in rows]
    # Postings of one moment have no order among them.
    assert sorted(told_of_each) == [
        ["margin", "", "80.00", "0.00", ""],
        ["reduced", "7", "50.00", "3.50", "2"],
        ["standard", "19", "100.00", "19.00", "3"],
    ]
    for row in rows:
        assert Decimal(row["net_amount"]) + Decimal(row["tax_amount"]) == Decimal(row["debit"])
    assert sum(Decimal(row["debit"] or 0) - Decimal(row["credit"] or 0) for row in rows_of(run)) == 0
    assert run.datev is not None
    lines = [line.split(";") for line in artifacts.read(run.datev).decode("cp1252").split("\r\n")[2:-1]]
    assert {(line[0], line[1], *line[6:9]) for line in lines} == {
        ("119,00", '"H"', "1710", "8200", '"3"'),
        ("53,50", '"S"', "1710", "8200", '"2"'),
        ("80,00", '"S"', "8200", "1710", '""'),
    }


def test_a_posting_without_its_entry_is_a_hole_that_is_named(cast: Cast, books: list[Posting]) -> None:
    published(cast, at=LATER - timedelta(days=1))
    Posting.objects.bulk_create(
        [
            clone := books[0].__class__(
                **{field.attname: getattr(books[0], field.attname) for field in Posting._meta.concrete_fields}
                | {"id": uuid.uuid4(), "key": "lost", "entry": "f" * 64}
            )
        ]
    )

    with pytest.raises(UnableToExport, match=f"The posting {clone.pk} .* cites an entry that isn't on the ledger"):
        accounting.export(until=NOVEMBER, by=cast.esra, at=LATER)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"zone": "Mars/Olympus"}, "no time zone"),
        ({"year_begins": "13-01"}, "like 01-01"),
        ({"consultant": "12"}, "between 1001 and 9999999"),
    ],
)
def test_a_chart_that_no_accountant_could_read_is_not_drafted(cast: Cast, at: datetime, change: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        rules.draft(kind=charts.KIND, body=body(**change), by=cast.admin, at=at)


def test_for_datev_an_account_is_digits(cast: Cast, at: datetime) -> None:
    told = body(consultant="29098", client="55003")
    told["accounts"]["ours"]["sale"] = {"account": "4000.1", "contra": "4000.1"}

    with pytest.raises(BadInput, match="at most 4 digits"):
        rules.draft(kind=charts.KIND, body=told, by=cast.admin, at=at)
    told["parameters"]["client"] = ""
    with pytest.raises(BadInput, match="its own other side"):
        rules.draft(kind=charts.KIND, body=told, by=cast.admin, at=at)


def test_quotation_marks_and_control_signs_don_t_break_a_line_of_datev() -> None:
    chart = charts.Chart(1, "UTC", (7, 1), 4, "29098", "55003", "04", {})
    line = Line(
        run=1, number=1, day=date(2026, 6, 30), happened_on=date(2026, 6, 29), pair=Pair("8200", "1360"), amount=Decimal("0.05"),
        currency="EUR", original=Decimal("0.06"), original_currency="USD", text='Say "x";\n€', book="ours", posted_as="sale",
        party="", unit="RL-1", posting="p", entry="e",
    )  # fmt: skip

    told = datev.write(
        [line], chart, number=3, since=date(2026, 6, 1), until=date(2026, 6, 30), currency="EUR", at=LATER
    ).decode("cp1252")

    (only,) = list(csv.reader(told.split("\r\n")[2:3], delimiter=";"))
    assert (only[0], only[13], only[47:49], len(only)) == ("0,05", 'Say "x"; €', ["Posting", "p"], 125)
    assert "20250701" in told.split("\r\n")[0]


def test_pages_and_command_show_make_and_give_the_same_bytes_again(
    cast: Cast, books: list[Posting], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sequencer.sequence_now()
    finance, manager = Client(), Client()
    finance.force_login(cast.user("esra"))
    manager.force_login(cast.user("maria"))
    # Pages run by the real clock, which is after what was posted here; so does the command.
    shown = finance.get("/reports/accounting/?until=2026-11-03")
    assert "has no number for" in shown.content.decode()
    assert finance.post("/reports/accounting/", {"until": "2026-11-03"}).status_code in {403, 409, 422}
    fields = {
        "zone": "Europe/Amsterdam",
        "year_begins": "01-01",
        "digits": "4",
        "consultant": "29098",
        "client": "55003",
    }
    for book, names in body()["accounts"].items():
        for name, pair in names.items():
            fields |= {f"{book}.{name}.{side}": code for side, code in pair.items()}
    assert finance.post("/reports/accounting/chart/", fields).status_code == 403
    assert (
        "at most"
        in manager.post("/reports/accounting/chart/", fields | {"ours.sale.account": "82000000"}).content.decode()
    )
    assert manager.post("/reports/accounting/chart/", fields).status_code == 302
    draft = RuleSet.objects.get(kind=charts.KIND)
    RuleSet.objects.filter(pk=draft.pk).update(drafted_by=cast.admin.reference)
    rules.publish(RuleSet.objects.get(pk=draft.pk), by=cast.maria, at=draft.drafted_at)

    call_command("export_accounts", "--until", "2026-11-03", "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out)["postings"] == 2
    made = finance.post("/reports/accounting/", {"until": "2026-11-03"})
    assert made.headers["Location"] == "/reports/accounting/1/"
    assert "228.09" in finance.get("/reports/accounting/1/").content.decode()
    call_command("export_accounts", "--run", "1", "--out", str(tmp_path), "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["sums"] == {"ours": "228.09"}
    for kind, name in (("journal", "journal-1.csv"), ("datev", "EXTF_Buchungsstapel_1.csv")):
        first, again = (finance.get(f"/reports/accounting/1/{kind}").content for _n in range(2))
        assert first == again == (tmp_path / name).read_bytes()
    with pytest.raises(CommandError, match="The last day comes before the first"):
        call_command("export_accounts", "--until", "2026-11-03")
    stranger = Client()
    stranger.force_login(cast.user("anouk"))
    assert stranger.get("/reports/accounting/1/journal").status_code == 403
    assert not AccountingRun.objects.visible_to(cast.jonas).exists()
