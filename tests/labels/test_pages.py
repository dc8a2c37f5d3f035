"""Labels where people stand: the code PRINT on the floor, the pages of the office, printers in the settings, and the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from returns.models import SessionLine
from revlog.accounts import gate
from revlog.common import clock
from revlog.custody.models import Entry
from revlog.labels.models import JobStatus, Printer, PrintJob
from tests.api.callers import caller, problem
from tests.cast import PIN, Cast
from tests.factories import devices, returns, storage
from tests.labels import zpl as strict

HTMX = {"HTTP_HX_REQUEST": "true"}


def scan(client: Client, code: str, status: int = 200) -> str:
    answer = client.post("/floor/scan", {"code": code}, **HTMX)  # type: ignore[arg-type]
    assert answer.status_code == status, answer.content.decode()[:300]
    return " ".join(answer.content.decode().split())


def words(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def office(cast: Cast, client: Client) -> Client:
    client.force_login(cast.user("aisha"))
    return client


@pytest.fixture
def station(cast: Cast) -> Any:
    return cast.station()


@pytest.fixture
def floor(cast: Cast, station: Any) -> Client:
    """Ines at a shared station."""
    client = Client()
    client.cookies[gate.STATION_COOKIE] = station.token
    client.post("/station/", {"badge": cast.badge("ines"), "pin": PIN})
    return client


def test_print_is_one_scan_after_the_thing_and_again_one_more_with_the_reason(
    cast: Cast, office: Client, floor: Client, station: Any
) -> None:
    told = {"hub": cast.rotterdam.pk, "way": "file", "port": 9100, "dpi": 203, "stations": [station.station.pk]}
    made = office.post(
        "/settings/printers/", {"name": "Strips", "stock": "50x25", "on_receipt": "on", **told}, follow=True
    )
    assert "Strips is set up." in words(made) and "50 × 25 mm" in words(made)
    unit = devices.laptop(cast)

    scan(floor, unit.tag)
    said = scan(floor, "PRINT")
    job = PrintJob.objects.get()
    assert "Label is ready" in said and (job.printer.name, job.station) == ("Strips", station.station)
    [label] = strict.read(floor.get(f"/labels/{job.pk}/file").content.decode())
    assert unit.tag in [one.text for one in label.fields]

    said = scan(floor, "PRINT")
    assert "It has this label already" in said and "REPRINT LOST" in said
    assert "Label is ready" in scan(floor, "REPRINT JAM")
    assert Entry.objects.get(chain_id=unit.pk, kind="labels.label_reprinted").payload["reason"] == "reprint.jam"
    # By the button of the page as well.
    pressed = floor.post("/labels/floor", {"kind": "unit", "thing": str(unit.pk), "reason": "lost"}, **HTMX)  # type: ignore[arg-type]
    assert pressed.status_code == 200 and PrintJob.objects.count() == 3
    assert floor.post("/labels/floor", {"kind": "unit", "thing": "RL-0000-0000"}, **HTMX).status_code == 404  # type: ignore[arg-type]
    scan(floor, storage.place(cast, "Q-7").code)
    assert "Q-7" in scan(floor, "PRINT") and PrintJob.objects.filter(kind="place").count() == 1


def test_receiving_at_a_station_prints_the_units_label_at_once(
    cast: Cast, office: Client, floor: Client, station: Any
) -> None:
    Printer.objects.create(
        id=station.station.pk,
        hub=cast.rotterdam,
        name="Strips",
        way="file",
        stock="50x25",
        on_receipt=True,
        created_at=clock.now(),
    ).stations.add(station.station)
    returns.rma(cast, at=clock.now())
    scan(floor, "RECEIVE")
    said = scan(floor, "PF1ABCDE")
    unit = SessionLine.objects.get().device
    assert "Received" in said and "Label: Strips" in said
    job = PrintJob.objects.get()
    assert (job.automatic, job.items.get().thing) == (True, unit.pk)
    assert f"/labels/{job.pk}/file" in said
    assert strict.read(floor.get(f"/labels/{job.pk}/file").content.decode())
    assert "on receipt" in words(office.get("/labels/"))


def test_the_office_prints_one_or_many_and_sees_what_became_of_it(cast: Cast, office: Client) -> None:
    unit = devices.laptop(cast)
    for number in range(1, 4):
        storage.place(cast, f"W-{number:02d}")
    assert f"things={unit.tag}" in words(office.get(f"/unit/{unit.tag}/"))
    page = words(office.get(f"/labels/print?kind=unit&things={unit.tag}"))
    assert unit.tag in page and "Printed before" not in page
    asked = {"kind": "unit", "things": unit.tag, "printer": "browser", "copies": 1, "stock": "", "start": 1}
    made = office.post("/labels/print", asked, follow=True)
    assert "Open the PDF" in words(made)
    file = office.get(f"/labels/{PrintJob.objects.get().pk}/file")
    assert file.headers["Content-Type"] == "application/pdf" and file.content.startswith(b"%PDF-1.7")
    refused = office.post("/labels/print", asked)
    assert refused.status_code == 422 and "Say why it is printed again" in words(refused)
    many = {**asked, "kind": "place", "things": "W-01..W-03", "stock": "a4-3x7", "start": 20}
    assert "3 labels" in words(office.post("/labels/print", many, follow=True))
    assert "W-01, W-02, W-03" in words(office.get("/labels/?q=W-02"))
    assert office.post("/labels/print", {**many, "things": "W-77"}).status_code == 422
    marks = words(office.get(f"/labels/print?kind=place&things={unit.tag}"))
    assert "Shipping, for a container" in marks

    printer = Printer.objects.create(
        id=unit.pk,
        hub=cast.rotterdam,
        name="Zebra",
        way="network",
        host="10.0.0.9",
        stock="50x25",
        created_at=clock.now(),
    )
    sent = office.post("/labels/print", {**asked, "printer": str(printer.pk), "reason": "jam"}, follow=True)
    assert "Waiting for Zebra." in words(sent) and 'hx-trigger="every 2s"' in words(sent)
    job = PrintJob.objects.get(printer=printer)
    PrintJob.objects.filter(pk=job.pk).update(status=JobStatus.FAILED, why="Zebra doesn't answer: Connection refused")
    assert "Send it again" in words(office.get(f"/labels/{job.pk}/", **HTMX))  # type: ignore[arg-type]
    office.post(f"/labels/{job.pk}/retry")
    job.refresh_from_db()
    assert job.status == JobStatus.QUEUED

    for name in ("katja", "vera", "jonas"):
        other = Client()
        other.force_login(cast.user(name))
        assert other.get(f"/labels/{job.pk}/").status_code in {403, 404}
        assert other.post(f"/labels/{job.pk}/retry").status_code in {403, 404}
        assert other.get(f"/settings/printers/{printer.pk}/").status_code in {403, 404}
    changed = {
        "name": "Zebra 2",
        "hub": cast.rotterdam.pk,
        "way": "network",
        "host": "8.8.8.8",
        "port": 9100,
        "dpi": 300,
        "stock": "50x25",
    }
    assert "none of the networks" in words(office.post(f"/settings/printers/{printer.pk}/", changed))
    assert "is changed" in words(
        office.post(f"/settings/printers/{printer.pk}/", {**changed, "way": "file"}, follow=True)
    )
    office.post(f"/settings/printers/{printer.pk}/", {"act": "retire"})
    assert not Printer.objects.get(pk=printer.pk).active


def test_systems_get_labels_and_print_by_the_api(cast: Cast) -> None:
    unit = devices.laptop(cast)
    them, rival = caller(cast), caller(cast, organization=cast.vega)
    zpl = them.get(f"/labels/unit/{unit.tag}/?format=zpl&dpi=300")
    assert zpl.headers["Content-Type"].startswith("text/plain") and strict.read(zpl.content.decode())[0].width == 600
    assert them.get(f"/labels/unit/{unit.pk}/").content.startswith(b"%PDF-")
    for address, status in (
        ("/labels/unit/RL-0000-0000/", 404), ("/labels/soup/1/", 404), (f"/labels/unit/{unit.tag}/?format=gif", 422),
        (f"/labels/lithium/{unit.tag}/?format=zpl", 422),
    ):  # fmt: skip
        assert them.get(address).status_code == status, address
    assert rival.get(f"/labels/unit/{unit.tag}/").status_code in {403, 404}

    made = them.post(f"/labels/unit/{unit.tag}/print/", {"hub": cast.rotterdam.code})
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["status"], told["labels"]) == ("made", [{"name": unit.tag, "again": False}])
    assert them.get(f"/print-jobs/{told['id']}/file/").content.startswith(b"%PDF-")
    again = them.post("/print-jobs/", {"kind": "unit", "things": [unit.tag], "hub": cast.rotterdam.code})
    assert "Say why" in problem(again, 409)["detail"]
    assert [one["id"] for one in them.get("/print-jobs/").json()["results"]] == [told["id"]]
    assert rival.get(f"/print-jobs/{told['id']}/").status_code == 404
    assert them.post(f"/print-jobs/{told['id']}/retry/").status_code == 409
