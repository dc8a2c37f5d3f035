"""Printing: the first label is free, each further one has a reason; a job for a printer on the network is sent, or says why not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from revlog.common.errors import BadInput, DomainError, NotAllowed, NotFound
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.labels import registry
from revlog.labels.drawing.shapes import Code
from revlog.labels.models import JobStatus, Printer, PrintItem, PrintJob, Reprint, Way
from revlog.labels.services import printers, printing
from revlog.labels.symbols import code128
from revlog.scanning import codes
from revlog.storage.models import ContainerKind
from revlog.storage.services.containers import making
from tests.cast import Cast
from tests.factories import devices, storage
from tests.labels import zpl as strict


def kind(name: str) -> registry.Kind:
    return registry.KINDS[name]


def ask(cast: Cast, name: str, texts: list[str], *, by: Any = None, at: datetime, **more: Any) -> PrintJob:
    by = by or cast.ines
    found = printing.things(kind(name), texts, variant=more.get("variant", ""), by=by)
    return printing.ask(kind(name), found, hub=cast.rotterdam, by=by, at=at, **more)


def kinds_on(chain: object) -> list[str]:
    return list(Entry.objects.filter(chain_id=chain).order_by("sequence").values_list("kind", flat=True))


@contextmanager
def printer_of_zebra() -> Iterator[tuple[int, list[bytes]]]:
    """A label printer: it takes what is sent, and says nothing."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def take() -> None:
            try:
                line, _address = server.accept()
            except OSError:
                return
            with line:
                data = b""
                while chunk := line.recv(65536):
                    data += chunk
                got.append(data)

        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname()[1], got
        thread.join(6)


@pytest.fixture
def on_loopback(settings: Any) -> Any:
    settings.PRINTERS_NETWORKS = ["127.0.0.0/8"]
    return settings


def test_the_first_label_is_free_and_each_further_one_has_a_reason_on_the_units_chain(cast: Cast, at: datetime) -> None:
    first, second = (devices.laptop(cast, serial=f"PF{one}") for one in range(2))
    job = ask(cast, "unit", [first.tag.lower()], at=at)
    assert (job.status, job.stock, job.reason) == (JobStatus.MADE, "50x25", "")
    assert "labels.label_reprinted" not in kinds_on(first.pk)

    with pytest.raises(printing.UnableToPrint, match="Say why"):
        ask(cast, "unit", [first.tag, second.tag], at=at)
    again = ask(cast, "unit", [first.tag, second.tag], reason=Reprint.DAMAGED, copies=2, at=at)
    assert [(one.name, one.again) for one in again.items.all()] == [(first.tag, True), (second.tag, False)]
    told = Entry.objects.get(chain_id=first.pk, kind="labels.label_reprinted").payload
    assert told == {"label": "label.unit", "reason": "reprint.damaged", "copies": 2}
    assert "labels.label_reprinted" not in kinds_on(second.pk)
    assert kinds_on(again.pk) == ["labels.print_asked"]

    data, media = printing.opened(again, by=cast.ines, at=at)
    assert media == "application/pdf" and data.startswith(b"%PDF-")
    for by, moment in ((cast.aisha, at), (cast.ines, at + timedelta(minutes=16))):
        with pytest.raises(printing.UnableToPrint, match="15 minutes"):
            printing.opened(again, by=by, at=moment)


def test_a_batch_is_a_row_of_places_or_all_that_lies_in_a_container(cast: Cast, at: datetime) -> None:
    for number in range(1, 6):
        storage.place(cast, f"K-{number:02d}")
    job = ask(cast, "place", ["K-01..K-05"], by=cast.aisha, at=at)
    assert [one.name for one in job.items.all()] == [f"K-{number:02d}" for number in range(1, 6)]
    tote = storage.container(cast, ContainerKind.TOTE)
    units = storage.filled(cast, 3, tote)
    inside = ask(cast, "unit", [tote.number, units[0].tag], at=at)
    assert {one.name for one in inside.items.all()} == {one.tag for one in units}
    assert [one.name for one in ask(cast, "container", [tote.number], at=at).items.all()] == [tote.number]
    with pytest.raises(NotFound, match="K-99"):
        ask(cast, "place", ["K-01", "K-99"], at=at)
    with pytest.raises(BadInput, match="Say whose"):
        ask(cast, "unit", [" "], at=at)


def test_what_travels_gets_an_sscc_of_ours_and_its_label_the_bars_of_it(
    cast: Cast, at: datetime, settings: Any
) -> None:
    settings.GS1_PREFIX = "9504000"
    pallets = making.make(hub=cast.rotterdam, kind=ContainerKind.PALLET, count=3, by=cast.aisha, at=at)
    numbers = {one.label for one in pallets}
    assert len(numbers) == 3 and all(one[1:8] == "9504000" and len(one) == 18 for one in numbers)
    assert all(int(one[-1]) == code128.check_digit(one[:-1]) for one in numbers)
    assert storage.container(cast, ContainerKind.TOTE).label == ""
    [thing] = kind("pallet").find(cast.ines, [pallets[0].number], "")
    assert thing.label.code == Code(pallets[0].label, "gs1")
    assert codes.read(f"]C100{pallets[0].label}").elements == {"sscc": pallets[0].label}
    settings.GS1_PREFIX = "soon"
    assert storage.container(cast, ContainerKind.PALLET).label == ""


def test_strangers_print_nothing_and_find_nothing(cast: Cast, at: datetime) -> None:
    unit = devices.laptop(cast)
    with pytest.raises(NotAllowed):
        ask(cast, "unit", [unit.tag], by=cast.vera, at=at)
    with pytest.raises(NotFound):
        ask(cast, "unit", [unit.tag], by=cast.katja, at=at)
    with pytest.raises(NotAllowed):
        ask(cast, "damaged", [unit.tag], at=at)
    made = ask(cast, "damaged", [unit.tag], by=cast.greta, variant="metal", stock="100x100", at=at)
    assert made.items.get().variant == "metal"
    assert not PrintJob.objects.visible_to(cast.katja).exists() and not PrintJob.objects.visible_to(cast.vera).exists()


def test_a_job_for_a_printer_on_the_network_is_sent_whole_and_says_so(
    cast: Cast, at: datetime, on_loopback: Any
) -> None:
    units = storage.cables(cast, 3)
    with printer_of_zebra() as (port, got):
        on_loopback.PRINTERS_PORTS = [port]
        printer = printers.keep(
            hub=cast.rotterdam,
            name="Dock Zebra",
            way=Way.NETWORK,
            host="127.0.0.1",
            port=port,
            stock="50x25",
            by=cast.aisha,
            at=at,
        )
        job = ask(cast, "unit", [one.tag for one in units], printer=printer, copies=2, at=at)
        assert job.status == JobStatus.QUEUED
        reactions.drain(at=at, queues=["outside"])
    job.refresh_from_db()
    assert (job.status, job.attempts, job.why) == (JobStatus.SENT, 1, "")
    labels = strict.read(got[0].decode())
    assert [one.copies for one in labels] == [2, 2, 2]
    assert [next(part.text for part in one.fields if part.kind == "qr") for one in labels] == [one.tag for one in units]
    assert kinds_on(job.pk) == ["labels.print_asked", "labels.print_sent"]
    with pytest.raises(printing.UnableToPrint, match="went to a printer"):
        printing.opened(job, by=cast.ines, at=at)


def test_a_printer_that_does_not_answer_is_tried_four_times_then_the_job_has_failed_and_can_be_sent_again(
    cast: Cast, at: datetime, on_loopback: Any
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    on_loopback.PRINTERS_PORTS = [port]
    printer = printers.keep(
        hub=cast.rotterdam,
        name="Off",
        way=Way.NETWORK,
        host="127.0.0.1",
        port=port,
        stock="50x25",
        by=cast.aisha,
        at=at,
    )
    unit = devices.laptop(cast)
    job = ask(cast, "unit", [unit.tag], printer=printer, at=at)
    for minute in range(4):
        reactions.drain(at=at + timedelta(minutes=minute), queues=["outside"], raising=False)
        job.refresh_from_db()
        assert job.status == (JobStatus.QUEUED if minute < 3 else JobStatus.FAILED)
        assert "doesn't answer" in job.why
    assert kinds_on(job.pk) == ["labels.print_asked", "labels.print_failed"]
    # Nothing came out, so another way is no reprint.
    elsewhere = ask(cast, "unit", [unit.tag], at=at)
    assert not elsewhere.items.get().again
    printing.retry(job, by=cast.ines, at=at)
    assert job.items.get().again and PrintItem.objects.filter(thing=unit.pk, void=False).count() == 2
    with pytest.raises(printing.UnableToPrint):
        printing.retry(job, by=cast.ines, at=at)
    # The network was closed for printers meanwhile: it isn't even called.
    on_loopback.PRINTERS_NETWORKS = ["10.0.0.0/8"]
    reactions.drain(at=at + timedelta(hours=1), queues=["outside"])
    job.refresh_from_db()
    assert (job.status, job.attempts) == (JobStatus.FAILED, 1) and "none of the networks" in job.why


@pytest.mark.parametrize(
    ("networks", "host", "port"),
    [
        ([], "127.0.0.1", 9100),
        (["10.1.0.0/16"], "10.2.0.9", 9100),
        (["0.0.0.0/0"], "8.8.8.8", 9100),
        (["0.0.0.0/0"], "169.254.169.254", 9100),
        (["0.0.0.0/0", "::/0"], "0.0.0.0", 9100),  # noqa: S104
        (["0.0.0.0/0", "::/0"], "::ffff:8.8.8.8", 9100),
        (["127.0.0.0/8"], "127.0.0.1", 22),
    ],
)
def test_no_address_outside_of_the_printers_networks_is_called(
    settings: Any, networks: list[str], host: str, port: int
) -> None:
    settings.PRINTERS_NETWORKS = networks
    with pytest.raises(printers.OutOfBounds):
        printers.reachable(host, port)


def test_each_station_has_its_printers_and_the_smallest_that_bears_the_label_prints_it(
    cast: Cast, at: datetime
) -> None:
    station = cast.station()
    told = {"hub": cast.rotterdam, "by": cast.aisha, "at": at, "stations": [station.station]}
    small = printers.keep(name="Strips", way=Way.FILE, stock="50x25", on_receipt=True, **told)
    large = printers.keep(name="Large", way=Way.FILE, stock="100x150", **told)
    unit = devices.laptop(cast)
    mine = printing.of_station(station.station)

    def suits(name: str, by: Any) -> Printer | None:
        return printing.suiting(mine, printing.things(kind(name), [unit.tag], by=by)[0].label)

    assert suits("unit", cast.ines) == small and suits("class_9a", cast.greta) == large
    # Black alone would be no lithium battery mark.
    assert suits("lithium", cast.greta) is None
    printers.keep(printer=large, name="Large", way=Way.FILE, stock="100x150", red_border=True, **told)
    mine = printing.of_station(station.station)
    assert suits("lithium", cast.greta) == large

    job = printing.on_receipt(unit.tag, station=station.station, by=cast.ines, at=at)
    assert job is not None and (job.printer, job.automatic) == (small, True)
    data, media = printing.file_of(printing.drawn(job), job, at=at)
    assert media.startswith("text/plain") and len(strict.read(data.decode())) == 1
    assert printing.on_receipt(unit.tag, station=station.station, by=cast.ines, at=at) is None, "it has its label"

    for changes, sentence in (
        ({"name": "Strips"}, "this name"), ({"name": ""}, "name"), ({"way": Way.NETWORK, "host": "8.8.8.8"}, "networks"),
        ({"stock": "a4-3x8"}, "roll"), ({"stations": [cast.station("Leipzig", cast.leipzig).station]}, "own site"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=sentence):
            printers.keep(**{"name": "New", "way": Way.FILE, "stock": "50x25", **told, **changes})
    with pytest.raises(NotAllowed):
        printers.keep(name="New", way=Way.FILE, **{**told, "by": cast.jonas})
    printers.retire(large, by=cast.aisha)
    with pytest.raises(DomainError, match="gone"):
        ask(cast, "unit", [unit.tag], printer=large, at=at)
