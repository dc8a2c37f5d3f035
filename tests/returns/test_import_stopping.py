"""An import that is stopped or killed anywhere, and goes on: nothing is lost, nothing doubled, and the result is the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from returns.models import CreditNote, ImportedMatch, ImportedRow, ImportRun, Rma, RunStatus
from returns.services import importing
from returns.services.importing import UnableToImport
from revlog.accounts.models import Organization
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.terms.models import Order
from tests import cast as casting
from tests.cast import Cast
from tests.factories import imports
from tests.factories.imports import row, source
from tests.platforms import wait_for

ROOT = Path(settings.ROOT)


def past(invoices: int, *, seed: int = 3) -> list[str]:
    """A year of a small wholesaler: invoices, credit notes that name none, stock movements, a customer who is not told."""
    dice = random.Random(seed)
    told: list[str] = []
    for place in range(invoices):
        day = datetime(2010, 12, 1, 8, tzinfo=UTC) + timedelta(hours=place * 3)
        who = dice.choice(["17850.0", "13047.0", "12583.0", ""])
        back = dice.random() < 0.3
        for _ in range(dice.randrange(1, 6)):
            pieces = dice.randrange(1, 8)
            told.append(
                row(
                    f"C{540000 + place}" if back else str(540000 + place),
                    f"SKU{dice.randrange(6)}",
                    -pieces if back or dice.random() < 0.05 else pieces,
                    f"{dice.randrange(0, 900) / 100:.2f}",
                    who,
                    f"{day:%Y-%m-%d %H:%M:%S}",
                )
            )
    return told


def written(seller: str) -> dict[str, Any]:
    """All that an import left for a seller, without ids."""
    orders = Order.objects.filter(seller__code=seller).prefetch_related("lines").order_by("number")
    rmas = Rma.objects.filter(seller__code=seller).prefetch_related("lines__order_line__order")
    rows = ImportedRow.objects.filter(run__seller__code=seller)
    matched = ImportedMatch.objects.filter(row__run__seller__code=seller).select_related(
        "row", "rma_line__order_line__order"
    )
    return {
        "orders": [
            (
                one.number,
                one.ordered_at,
                [(line.position, line.sku, line.quantity, line.price) for line in one.lines.all()],
            )
            for one in orders
        ],
        "rmas": sorted(
            [
                (line.order_line.order.number, line.order_line.position, line.quantity, line.settled_amount)
                for line in one.lines.all()
            ]
            for one in rmas
        ),
        "notes": sorted(CreditNote.objects.filter(seller__code=seller).values_list("number", flat=True)),
        "rows": sorted(rows.values_list("line", "outcome", "reason", "told", "matched_quantity")),
        "matches": sorted(
            (
                one.row.line,
                one.rma_line.order_line.order.number,
                one.rma_line.order_line.position,
                one.rma_line.quantity,
            )
            for one in matched
        ),
        "entries": Entry.objects.filter(
            owner_id=Organization.objects.get(code=seller).pk,
            kind__in=["terms.order_placed", "returns.return_imported"],
        ).count(),
        "run": [importing.figures(run) for run in ImportRun.objects.filter(seller__code=seller)],
    }


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH_ROWS", 20)


class Pulled(Exception):
    """The plug."""


@pytest.mark.usefixtures("small_batches")
def test_stopped_between_any_two_batches_it_goes_on_to_the_same_result(cast: Cast) -> None:
    told = source(past(60))
    imports.imported(told, seller="demo")
    times = 0

    def pull(_done: int, _rows: int) -> None:
        raise Pulled

    while True:
        times += 1
        try:
            run = imports.imported(told, seller="retailer", progress=pull)
        except Pulled:
            continue
        break

    assert run.status == RunStatus.DONE
    assert times > 8
    assert written("retailer") == written("demo")
    assert written("demo")["run"][0]["matched"] > 5


@pytest.mark.usefixtures("small_batches")
def test_batches_of_any_size_give_the_same_result(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    told = source(past(60))
    imports.imported(told, seller="demo")

    monkeypatch.setattr(importing, "BATCH_ROWS", 100_000)
    imports.imported(told, seller="retailer")

    assert written("retailer") == written("demo")


@pytest.mark.usefixtures("small_batches")
def test_who_is_asked_to_stop_does_so_behind_the_batch_and_can_go_on(cast: Cast, at: datetime) -> None:
    told, how = source(past(20)), imports.uci()

    def stop(_done: int, _rows: int) -> None:
        run = ImportRun.objects.get()
        if run.status == RunStatus.RUNNING:
            importing.ask_to_stop(run, by=cast.maria, at=at)

    run = imports.imported(told, seller="retailer", progress=stop)

    assert (run.status, run.stop_asked) == (RunStatus.STOPPED, False)
    assert 0 < run.rows_done < run.rows
    run = importing.go_on(run, by=cast.maria, at=at)
    run = importing.carry_on(run, source=told, mapping=how, by=cast.maria, at=at)
    assert (run.status, run.rows_done) == (RunStatus.DONE, run.rows)
    with pytest.raises(UnableToImport, match="This import is done"):
        importing.ask_to_stop(run, by=cast.maria, at=at)
    with pytest.raises(UnableToImport, match="This import is done"):
        importing.go_on(run, by=cast.maria, at=at)
    kinds = list(Entry.objects.filter(chain_id=run.pk).order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["returns.import_started", "returns.import_stopped", "returns.import_finished"]


def test_nobody_stops_an_import_who_may_not_import(cast: Cast, at: datetime) -> None:
    run = imports.begun(source(past(3)), seller="retailer")

    with pytest.raises(UnableToImport, match="needs the right"):
        importing.ask_to_stop(run, by=cast.ines, at=at)
    with pytest.raises(UnableToImport, match="your own organization alone"):
        importing.go_on(run, by=cast.vera, at=at)
    with pytest.raises(NotAllowed):
        importing.begin(source=source(past(3)), mapping=imports.uci(), seller=cast.retailer, by=cast.ines, at=at)


@pytest.mark.usefixtures("small_batches")
def test_of_two_processes_at_one_import_the_second_is_told_and_changes_nothing(cast: Cast, at: datetime) -> None:
    told, how = source(past(20)), imports.uci()
    run = imports.begun(told, how, seller="retailer")

    def other(_done: int, _rows: int) -> None:
        importing.carry_on(ImportRun.objects.get(), source=told, mapping=how, by=imports.BY, at=at)

    with pytest.raises(UnableToImport, match="Another process is at this import"):
        importing.carry_on(run, source=told, mapping=how, progress=other, by=imports.BY, at=at)

    imports.imported(told, seller="demo")
    assert written("retailer") == written("demo")


@pytest.mark.usefixtures("small_batches")
def test_who_is_taken_for_gone_and_stopped_brings_nothing_more(cast: Cast, at: datetime) -> None:
    told = source(past(20))

    def stop(_done: int, _rows: int) -> None:
        run = ImportRun.objects.get()
        if run.status == RunStatus.RUNNING:
            importing.stopped(run, by=cast.maria, at=at)

    run = imports.imported(told, seller="retailer", progress=stop)

    assert (run.status, run.rows_done < run.rows) == (RunStatus.STOPPED, True)
    assert ImportRun.objects.get().position == run.position


def test_another_file_does_not_go_on_with_this_import(cast: Cast, at: datetime) -> None:
    run = imports.begun(source(past(3)), seller="retailer")

    with pytest.raises(UnableToImport, match="not the file and mapping"):
        importing.carry_on(run, source=source(past(4)), mapping=imports.uci(), by=imports.BY, at=at)


# The command, killed ----------------------------------------------------------------------------------------------------------------

CHILD = """
import signal, sys
# Whoever runs the tests in the background has Ctrl-C ignored, and so would we.
signal.signal(signal.SIGINT, signal.default_int_handler)
import revlog.celery
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from django.core.management import call_command
from returns.services import importing
importing.BATCH_ROWS = 20
call_command("import_orders", sys.argv[2], mapping="uci-online-retail", seller="retailer", json=True)
"""


def child(file: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(connection.settings_dict["NAME"]), str(file)],
        cwd=ROOT, env=os.environ.copy(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def position() -> int:
    return ImportRun.objects.filter(seller__code="retailer").values_list("position", flat=True).first() or 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_or_interrupted_the_command_goes_on_where_it_was(tmp_path: Path) -> None:
    casting.make()
    told = source(past(900))  # long enough that no run ends before it is killed, even when that is late
    file = tmp_path / "past.csv"
    file.write_bytes(told.data)
    imports.imported(told, seller="demo")
    dice = random.Random(5)
    ends = []
    for number in [signal.SIGKILL, signal.SIGINT, signal.SIGTERM]:
        before, running = position(), child(file)
        wait_for(lambda seen=before: position() > seen + dice.randrange(1, 30), 60, pause=0.005, what="a batch")  # type: ignore[misc]
        running.send_signal(number)
        _out, words = running.communicate(timeout=60)
        ends.append((number, running.returncode, words))

    stopped = position()
    assert 0 < stopped < Order.objects.filter(seller__code="demo").count() + 400
    assert ImportRun.objects.get(seller__code="retailer").status != RunStatus.DONE
    assert [code for number, code, _words in ends if number == signal.SIGKILL] == [-9]
    (interrupted,) = [(code, words) for number, code, words in ends if number == signal.SIGINT]
    assert interrupted[0] == 130
    assert "the same command goes on from there" in interrupted[1]

    last = child(file)
    out, words = last.communicate(timeout=120)
    assert last.returncode == 0, words
    assert "Going on behind row" in words
    assert written("retailer") == written("demo")
    assert json.loads(out.splitlines()[-1]) == written("demo")["run"][0]


# The command ------------------------------------------------------------------------------------------------------------------------


def command(capsys: pytest.CaptureFixture[str], *arguments: object, **options: object) -> tuple[list[str], str]:
    call_command("import_orders", *map(str, arguments), **options)
    told = capsys.readouterr()
    return told.out.splitlines(), told.err


def test_the_command_ends_with_its_figures_and_lists_rows_with_their_reasons(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "past.csv"
    file.write_bytes(source([row(), row("C536500", quantity=-1, customer="", at="2010-12-09 14:00:00")]).data)

    lines, said = command(capsys, file, mapping="uci-online-retail.toml", json=True, list="unmatched")

    assert lines[0].split("\t") == [
        "line 3", "C536500", "-", "85123A", "1", "2.55", "It names no customer, so nobody's purchase can be meant.",
    ]  # fmt: skip
    assert json.loads(lines[-1]) == {
        "order_lines": 1, "return_lines": 1, "matched": 0, "unmatched": 1, "refused": 0, "order_total": "15.30", "return_total": "2.55",
    }  # fmt: skip
    assert "100 %" in said
    assert Organization.objects.get(code="uci-online-retail").name == "Online Retail"

    again, said = command(capsys, file, mapping="uci-online-retail", json=True)
    assert again == lines[-1:]
    assert "nothing was changed" in said


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"mapping": "nothing-like-it"}, "There is no mapping nothing-like-it"),
        ({"mapping": "uci-online-retail", "seller": "nobody"}, "no organization with the code “nobody”"),
        ({}, "Say whose orders these are with --seller"),
    ],
)
def test_the_command_says_what_it_cannot_use(cast: Cast, tmp_path: Path, options: dict[str, str], says: str) -> None:
    file = tmp_path / "past.csv"
    file.write_bytes(source([row()]).data)

    with pytest.raises(CommandError, match=says):
        call_command("import_orders", str(file), **options)
    assert not Order.objects.exists()


def test_without_a_site_that_takes_returns_nothing_is_half_imported(db: None, tmp_path: Path) -> None:
    file = tmp_path / "past.csv"
    file.write_bytes(source([row(), row("C536500", quantity=-1)]).data)

    with pytest.raises(CommandError, match="There is no site that takes returns yet"):
        call_command("import_orders", str(file), mapping="uci-online-retail")
    assert not Order.objects.exists()
