"""Imports in the browser: handed in, done by the worker in turns, stopped and gone on with, and their rows read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from returns.models import ImportRun, RunStatus
from returns.services import importing
from returns.services.importing import UnableToImport
from revlog.common import clock
from revlog.custody.models import Entry, Reaction
from revlog.custody.services import reactions
from revlog.terms.models import Order
from tests.cast import Cast
from tests.factories import imports
from tests.factories.imports import row, source
from tests.returns.test_import_mappings import LEAST
from tests.returns.test_import_stopping import past, written

BACK = "2010-12-09 14:00:00"
ROWS = [
    row(),
    row("C536500", quantity=-2, at=BACK),
    row("C536501", quantity=-1, customer="", at=BACK),
    row("536502", quantity=-3, customer=""),
]


@pytest.fixture
def desk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.user("henrik"))
    return client


def hand_in(client: Client, rows: list[str], *, data: bytes = b"", **told: object) -> HttpResponse:
    file = SimpleUploadedFile("past.csv", data or source(rows).data)
    values: dict[str, object] = {"seller": "retailer", "mapping": "uci-online-retail", "file": file}
    return client.post("/orders/imports/", values | told)  # type: ignore[return-value]


def drain() -> None:
    reactions.drain(at=clock.now() + timedelta(minutes=10), queues=["jobs"])


def page(client: Client, run: ImportRun, query: str = "") -> str:
    answer = client.get(f"/orders/imports/{run.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_file_is_handed_in_and_the_worker_imports_it(cast: Cast, desk: Client) -> None:
    answer = hand_in(desk, ROWS)

    run = ImportRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/orders/imports/{run.pk}/")
    assert (run.status, run.rows_done, run.rows) == (RunStatus.RUNNING, 0, 4)
    assert "?part=progress" in page(desk, run)
    drain()
    run.refresh_from_db()
    assert (run.status, run.order_lines, run.matched, run.unmatched, run.refused) == (RunStatus.DONE, 1, 1, 1, 1)
    assert Order.objects.get().seller == cast.retailer

    told = page(desk, run)
    assert "?part=progress" not in told
    assert "It names no customer, so nobody&#x27;s purchase can be meant." in told
    assert "a write-off of stock" in page(desk, run, "?show=refused")
    matched = page(desk, run, "?show=matched")
    assert f"/orders/{Order.objects.get().pk}/" in matched
    assert "/returns/RMA-" in matched
    assert "past.csv" in desk.get("/orders/imports/").content.decode()


def test_the_return_and_the_order_that_it_became_have_their_pages(cast: Cast, desk: Client) -> None:
    run = imports.imported(source(ROWS), seller="retailer")
    rma = run.credit_notes.get(number="C536500").rows.get().matches.get().rma_line.rma

    told = desk.get(f"/returns/{rma.number}/")
    assert told.status_code == 200
    text = told.content.decode()
    assert "taken over from credit note C536500" in text
    assert "No reason was given" in text
    assert "taken over by an import" in text
    assert "9 Dec 2010" in text
    assert "Why this decision" not in text
    assert desk.get(f"/orders/{rma.order_id}/").status_code == 200
    assert desk.get("/returns/").status_code == 200


def test_a_long_import_is_done_in_turns(cast: Cast, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH_ROWS", 20)
    monkeypatch.setattr(importing, "TURN", timedelta(0))
    rows = past(40)
    imports.imported(source(rows), seller="demo")

    hand_in(desk, rows)
    drain()

    run = ImportRun.objects.get(seller=cast.retailer)
    assert run.status == RunStatus.DONE
    assert Entry.objects.filter(chain_id=run.pk, kind="returns.import_asked").count() > 4
    assert written("retailer") == written("demo")


def test_an_import_is_stopped_and_gone_on_with_by_its_buttons(
    cast: Cast, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_ROWS", 20)
    monkeypatch.setattr(importing, "TURN", timedelta(0))
    hand_in(desk, past(40))
    run = ImportRun.objects.get()
    reactions.drain(at=clock.now() + timedelta(minutes=1), queues=["jobs"], most=1)

    assert f"/orders/imports/{run.pk}/stop" in page(desk, run)
    assert desk.post(f"/orders/imports/{run.pk}/stop").status_code == 302
    assert "It stops behind the rows at hand." in page(desk, run, "?part=progress")
    drain()
    run.refresh_from_db()
    stood = run.rows_done
    assert (run.status, 0 < stood < run.rows) == (RunStatus.STOPPED, True)
    assert desk.get(f"/orders/imports/{run.pk}/?part=progress")["HX-Refresh"] == "true"
    again = desk.post(f"/orders/imports/{run.pk}/stop")
    assert again.status_code == 409
    assert "This import is stopped already." in again.content.decode()

    assert f"/orders/imports/{run.pk}/go-on" in page(desk, run)
    assert desk.post(f"/orders/imports/{run.pk}/go-on").status_code == 302
    drain()
    run.refresh_from_db()
    assert (run.status, run.rows_done) == (RunStatus.DONE, run.rows)
    assert desk.post(f"/orders/imports/{run.pk}/go-on").status_code == 409


def test_a_mapping_of_ones_own_is_kept_with_the_import(cast: Cast, desk: Client) -> None:
    own = LEAST.replace("[returns]", 'description = "Text"\n[returns]')
    data = b"Nr;SKU;Text;Qty;Price;Day\n1;A;Thing;2;5.00;2026-01-02\n"

    hand_in(desk, [], data=data, mapping="own", own=SimpleUploadedFile("mine.toml", own.encode()))
    drain()

    run = ImportRun.objects.get()
    assert (run.status, run.mapping_name, run.mapping_text, run.order_lines) == (RunStatus.DONE, "mine", own, 1)


def test_the_same_file_once_more_shows_the_import_that_stands(cast: Cast, desk: Client) -> None:
    hand_in(desk, ROWS)
    drain()
    before = Entry.objects.count()

    assert hand_in(desk, ROWS).status_code == 302

    assert (ImportRun.objects.count(), Entry.objects.count()) == (1, before)
    assert not Reaction.objects.open().filter(handler__endswith="import_past").exists()


def test_an_import_of_the_command_line_goes_on_there(cast: Cast, desk: Client) -> None:
    run = imports.begun(source(ROWS), seller="retailer")
    importing.stopped(run, by=imports.BY, at=clock.now())

    assert "/go-on" not in page(desk, run)
    with pytest.raises(UnableToImport, match="the same command goes on there"):
        importing.ask_to_go_on(run, by=cast.henrik, at=clock.now())


def test_a_run_that_nobody_is_at_any_more_can_be_taken_up(cast: Cast, desk: Client) -> None:
    hand_in(desk, ROWS)
    run = ImportRun.objects.get()
    ImportRun.objects.update(moved_at=clock.now() - timedelta(hours=1))
    assert "Nobody has been at it" not in page(desk, run)
    Reaction.objects.update(parked_at=clock.now())

    told = page(desk, run)
    assert "Nobody has been at it for a while." in told
    assert "/go-on" in told
    desk.post(f"/orders/imports/{run.pk}/go-on")
    drain()
    run.refresh_from_db()
    assert run.status == RunStatus.DONE


def test_what_stands_in_the_way_is_kept_for_the_one_who_looks(cast: Cast, desk: Client) -> None:
    hand_in(desk, ROWS)
    run = ImportRun.objects.get()
    cast.rotterdam.organization.hubs.update(active=False)

    drain()

    run.refresh_from_db()
    assert (run.status, run.position) == (RunStatus.STOPPED, 0)
    assert "There is no site that takes returns yet." in page(desk, run)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"data": b"a,b\n1,2\n"}, "has no column “InvoiceNo”"),
        ({"mapping": "own", "own": SimpleUploadedFile("mine.toml", b"a = ")}, "Mapping mine is no TOML"),
        ({"mapping": "own"}, "Choose the file of your mapping."),
        ({"mapping": "../secrets"}, "Select a valid choice"),
        ({"seller": "nobody"}, "Select a valid choice"),
    ],
)
def test_what_can_not_be_read_is_told_at_once(cast: Cast, desk: Client, told: dict[str, object], says: str) -> None:
    answer = hand_in(desk, ROWS, **told)  # type: ignore[arg-type]

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_a_seller_sees_own_imports_and_who_may_not_import_none(cast: Cast, client: Client) -> None:
    run = imports.imported(source(ROWS), seller="retailer")
    for name, status in (("henrik", 200), ("remco", 200), ("vera", 404), ("ines", 403)):
        client.force_login(cast.user(name))
        assert client.get(f"/orders/imports/{run.pk}/").status_code == status, name
    client.force_login(cast.user("vera"))
    assert client.post(f"/orders/imports/{run.pk}/stop").status_code == 404
    assert "past.csv" not in client.get("/orders/imports/").content.decode()


def test_many_rows_come_in_pages(cast: Cast, desk: Client) -> None:
    run = imports.imported(
        source([row(str(536000 + n), quantity=-1, customer="") for n in range(120)]), seller="retailer"
    )

    first = page(desk, run, "?show=refused")
    assert (">2</th>" in first, ">51</th>" in first, ">52</th>" in first) == (True, True, False)
    assert "?show=refused&amp;after=51" in first
    assert ">121</th>" in page(desk, run, "?show=refused&after=101")
    assert page(desk, run, "?show=nonsense&after=-1")
