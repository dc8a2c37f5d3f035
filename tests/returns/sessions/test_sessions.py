"""Receiving sessions on the floor: one scan receives, what differs is written down, and the end is a report and a signature."""

from __future__ import annotations

import base64
import io
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from returns.models import Discrepancy, ReceivingSession, Rma, SessionLine, SessionStatus, Trouble, UnitStatus, Unpacked
from returns.queries import sessions as queries
from returns.services import approval, receiving, unloading
from returns.services.sessions import closing, opening, taking
from returns.services.sessions.opening import UnableToUnpack
from returns.services.sessions.taking import UnableToUndo
from revlog.accounts.actors import system
from revlog.common import clock
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.journey import State
from revlog.devices.models import Device, Location
from revlog.devices.services import arrivals, placing
from revlog.evidence.services import artifacts
from revlog.logistics.models import ParcelStatus
from revlog.storage.services import places
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import devices, returns, terms

HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}


def scan(client: Client, code: str) -> HttpResponse:
    return client.post("/floor/scan", {"code": code}, **HTMX)  # type: ignore[return-value]


def words(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def picture(color: str = "navy") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 20), color).save(out, "PNG")
    return out.getvalue()


def drawn() -> str:
    return "data:image/png;base64," + base64.b64encode(picture()).decode()


@pytest.fixture
def ines(cast: Cast, client: Client) -> Client:
    client.force_login(cast.user("ines"))
    return client


def announced(cast: Cast, serial: str) -> Device:
    """A unit of a client's list."""
    return arrivals.announce(
        what=arrivals.Description(device_class="laptop", manufacturer="Lenovo", model="T480", serial=serial),
        stay=arrivals.Stay(why="itad", owner=cast.vega.pk, hub=cast.rotterdam.pk, reference="job:J-1"),
        by=cast.aisha,
        at=clock.now(),
    )


def test_in_a_session_the_scan_itself_receives_and_half_a_minute_takes_it_back(cast: Cast, ines: Client) -> None:
    returns.places(cast)
    rma = returns.rma(cast, at=clock.now())
    unit = returns.unit_of(rma)

    opened = words(scan(ines, "RECEIVE"))
    session = ReceivingSession.objects.get()
    assert session.number in opened
    assert session.number in words(scan(ines, "RECEIVE"))  # goes on with the same
    done = words(scan(ines, "PF1ABCDE"))

    assert "Received" in done
    assert "goes to" in done
    assert devices.state_of(unit.device) == State.RECEIVED  # type: ignore[arg-type]
    line = session.lines.get()
    assert (line.outcome, line.unit, line.by) == (Unpacked.RECEIVED, unit, cast.ines.reference)
    assert Entry.objects.filter(chain_id=line.device_id, kind="returns.unpacked_in").count() == 1

    # A slip: the thing is expected again, by a correcting entry, and may be received once more.
    taking.undo(session, line.pk, by=cast.ines, at=clock.now())
    unit.refresh_from_db()
    assert unit.status == UnitStatus.EXPECTED
    assert devices.state_of(unit.device) == State.EXPECTED  # type: ignore[arg-type]
    rma.refresh_from_db()
    assert (rma.status, rma.arrived_at, rma.check_by) == ("approved", None, None)
    with pytest.raises(UnableToUnpack, match="not in this session"):
        taking.undo(session, line.pk, by=cast.ines, at=clock.now())
    assert "Received" in words(scan(ines, "PF1ABCDE"))
    again = session.lines.get(undone_at=None)
    with pytest.raises(UnableToUndo, match="Who received it"):
        taking.undo(session, again.pk, by=cast.aisha, at=clock.now())
    scan(ines, "CAGE-T4")
    with pytest.raises(UnableToUndo, match="stands in its place"):
        taking.undo(session, again.pk, by=cast.ines, at=clock.now())


def test_a_client_s_list_is_received_by_scans_weighed_and_compared(cast: Cast, ines: Client) -> None:
    device, late = announced(cast, "PF2VEGA1"), announced(cast, "PF2VEGA2")
    scan(ines, "PF2VEGA1")
    assert devices.state_of(device) == State.EXPECTED  # the box alone receives nothing

    session, _new = opening.open_session(
        hub=cast.rotterdam, against="manifest", client=cast.vega, by=cast.ines, at=clock.now()
    )
    nowhere = replace(cast.ines, hubs=frozenset())
    seen = [ReceivingSession.objects.visible_to(by).exists() for by in (cast.ines, system(), cast.jonas, nowhere)]
    assert seen == [True, True, False, False]
    scan(ines, "RECEIVE")
    done = words(scan(ines, "PF2VEGA1"))

    assert "Received" in done
    assert "Undo:" in done
    assert devices.state_of(device) == State.RECEIVED
    assert "until the figure stands still" in words(scan(ines, "US,GS,+  1.800kg"))
    assert "1812 g" in words(scan(ines, "S S     1.812 kg"))
    assert "All that belongs to it is there" in words(scan(ines, "WITH CHARGER"))
    line = session.lines.get()
    assert (line.grams, line.weighed_by, line.parts) == (1812, "scale", {"charger": True})
    told = queries.report(session).compared
    assert [(one.number, one.expected, one.received, one.still_coming) for one in told] == [(cast.vega.name, 2, 1, 1)]
    with pytest.raises(UnableToUnpack, match="at another site"):
        taking.receive_announced(None, late, hub=cast.leipzig, by=cast.ines, at=clock.now())

    closing.close(session, whole=True, by=cast.ines, at=clock.now())
    missing = Discrepancy.objects.get()
    assert (missing.kind, missing.expected) == (Trouble.MISSING, "1 unit of the list")
    assert devices.state_of(late) == State.EXPECTED
    assert "1 unit of the list was announced and did not come." in words(ines.get(f"/returns/trouble/{missing.pk}/"))  # type: ignore[arg-type]


def test_what_differs_needs_its_photo_and_the_end_needs_a_second_person(cast: Cast, ines: Client) -> None:
    returns.places(cast)
    order = terms.order(cast, "PS-2", terms.laptop_line(quantity=2, serials=("PF1ABCDE", "PF1OTHER")), at=clock.now())
    rma = returns.rma(cast, order=order, quantity=2, at=clock.now())
    scan(ines, "RECEIVE")
    session = ReceivingSession.objects.get()
    scan(ines, rma.number)
    scan(ines, "PF1ABCDE")
    line = session.lines.get()

    said = ines.post("/receiving/act", {"act": "damaged", "session": session.pk, "line": line.pk}, **HTMX)
    assert "Take a photo of it." in words(said)  # type: ignore[arg-type]
    assert "needs its photo first" in words(scan(ines, "CAGE-T4"))
    # Nor by any other way to a shelf.
    with pytest.raises(placing.UnableToPut, match="needs its photo first"):
        places.put([line.device_id or line.pk], Location.objects.get(code="CAGE-T4"), by=cast.ines, at=clock.now())
    found = words(scan(ines, "XK2Q9911"))
    assert "Wrong serial" in found
    for act, extra, kind in (
        ("wrong_item", {"unit": returns.unit_of(rma, place=2).pk, "serial": "XK2Q9911"}, Trouble.WRONG_ITEM),
        ("over", {"rma": rma.pk, "serial": "XK2Q9912"}, Trouble.OVER),
        ("found", {"serial": "XK2Q9913"}, Trouble.FOUND_PROPERTY),
    ):
        ines.post("/receiving/act", {"act": act, **extra}, **HTMX)
        row = Discrepancy.objects.get(kind=kind)
        assert row.device is not None and row.device.holds
    assert "XK2Q9913" in words(ines.get("/receiving/found/"))  # type: ignore[arg-type]

    page = f"/receiving/{session.number}/"
    assert "Photos are missing" in words(ines.post(f"{page}close"))  # type: ignore[arg-type]
    for lacking in queries.lacking(session):
        upload = io.BytesIO(picture("red"))
        upload.name = "photo.png"
        assert ines.post(f"/receiving/{session.number}/{lacking.pk}/photo/", {"photo": upload}).status_code == 302
    assert "Put in CAGE-T4" in words(scan(ines, "PF1ABCDE")) or "Put in CAGE-T4" in words(scan(ines, "CAGE-T4"))
    assert ines.post(f"{page}close").status_code == 302
    session.refresh_from_db()
    assert session.status == SessionStatus.CLOSED
    outcomes = [one.outcome for one in queries.lines_of(session)]
    assert sorted(outcomes) == ["damaged", "found", "over", "wrong_item"]

    with pytest.raises(UnableToUnpack, match="nobody takes over"):
        closing.sign(session, drawn=drawn(), by=cast.ines, at=clock.now())
    assert "Sign in the field first" in words(ines.post(f"{page}sign", {"to": "CAGE-T4"}))  # type: ignore[arg-type]
    aisha = Client()
    aisha.force_login(cast.user("aisha"))
    assert aisha.post(f"{page}sign", {"signature": drawn()}).status_code == 302
    session.refresh_from_db()
    assert (session.status, session.signed_by) == (SessionStatus.SIGNED, cast.aisha.reference)
    reactions.drain(at=clock.now(), queues=["documents"])
    session.refresh_from_db()
    assert session.document is not None
    told = session.document.context
    assert (told["received"], told["differing"], len(told["lines"])) == (0, 4, 4)
    assert artifacts.read(session.document.artifact).startswith(b"%PDF")
    shown = words(aisha.get(page))  # type: ignore[arg-type]
    assert "handed over" in shown.lower()
    assert session.signature is not None
    assert artifacts.read(session.signature.artifact)
    assert session.number in words(aisha.get("/receiving/"))  # type: ignore[arg-type]
    assert aisha.get(f"/receiving/{session.number}/photo/{session.signature.pk}.jpg").status_code == 200


def test_what_a_return_still_expects_when_no_parcel_can_bring_it_is_missing(cast: Cast) -> None:
    now = clock.now()
    order = terms.order(cast, "PS-2", terms.laptop_line(quantity=2, serials=("PF1ABCDE", "PF1OTHER")), at=now)
    rma = returns.rma(cast, order=order, quantity=2, at=now)
    session, _new = opening.open_session(hub=cast.rotterdam, by=cast.ines, at=now)
    parcel = rma.parcel_links.get().parcel
    unit = returns.unit_of(rma)
    taking.receive(session, unit, hub=cast.rotterdam, serial=unit.serial or "PF1ABCDE", by=cast.ines, at=now)
    # Its parcel was never scanned: the rest may come with it.
    assert queries.short_units(session) == []
    unloading.arrive(parcel, by=cast.ines, at=now)

    closing.close(session, by=cast.ines, at=now)

    row = Discrepancy.objects.get()
    assert (row.kind, row.rma) == (Trouble.MISSING, rma)
    assert SessionLine.objects.filter(session=session, outcome=Unpacked.SHORT).count() == 1
    with pytest.raises(UnableToUnpack, match="waits to be signed"):
        taking.receive(session, returns.unit_of(rma, place=2), hub=cast.rotterdam, serial="X", by=cast.ines, at=now)


def test_a_system_begins_weighs_and_closes_over_the_api(cast: Cast) -> None:
    device = announced(cast, "PF2VEGA9")
    key = caller(cast, "rmas:read", "moves:write")
    made = key.post("/receiving-sessions/", {"hub": "rotterdam", "against": "nothing"})
    assert made.status_code == 201, made.content
    number = made.json()["number"]
    session = ReceivingSession.objects.get(number=number)
    # Without a word of what it is compared with the open one goes on; another comparison needs it closed.
    assert key.post("/receiving-sessions/", {"hub": "rotterdam"}).json()["number"] == number
    problem(key.post("/receiving-sessions/", {"hub": "rotterdam", "against": "returns"}), 409)
    _done, line = taking.receive_announced(session, device, hub=cast.rotterdam, by=cast.ines, at=clock.now())
    assert line is not None

    problem(key.post(f"/receiving-sessions/{number}/weigh/", {"line": str(line.pk), "reading": "S D 1.2 kg"}), 422)
    weighed = key.post(f"/receiving-sessions/{number}/weigh/", {"line": str(line.pk), "reading": "S S  1.812 kg"})
    assert weighed.json()["lines"][0] | {"at": ""} == {
        "id": str(line.pk), "outcome": "received", "device": device.tag, "rma": None, "expected": "", "found": line.found,
        "quantity": 1, "grams": 1812, "parts": {}, "photos": [], "at": "",
    }  # fmt: skip
    assert key.post(f"/receiving-sessions/{number}/close/").json()["status"] == "closed"
    assert [one["number"] for one in key.get("/receiving-sessions/").json()["results"]] == [number]
    problem(caller(cast, organization=cast.vega).get(f"/receiving-sessions/{number}/"), 404)


def test_an_empty_session_ends_with_nothing_to_sign_and_frees_its_person(cast: Cast, ines: Client) -> None:
    scan(ines, "RECEIVE")
    session = ReceivingSession.objects.get()
    page = f"/receiving/{session.number}/"

    # Another comparison is not silently this one.
    asked = ines.post("/receiving/begin", {"against": "manifest", "client": cast.vega.code})
    assert asked.headers["Location"] == page
    assert f"You have {session.number} open" in words(ines.get(page))  # type: ignore[arg-type]
    with pytest.raises(UnableToUnpack, match="close it before"):
        opening.open_session(
            hub=cast.rotterdam,
            station=session.station,
            against="manifest",
            client=cast.vega,
            by=cast.ines,
            at=clock.now(),
        )

    assert ines.post(f"{page}close").status_code == 302
    session.refresh_from_db()
    assert (session.status, session.signed_by, session.signed_at) == (SessionStatus.SIGNED, "", None)
    shown = words(ines.get(page))  # type: ignore[arg-type]
    assert 'id="sign"' not in shown
    assert "Handed over" not in shown
    reactions.drain(at=clock.now(), queues=["documents"])
    session.refresh_from_db()
    assert session.document is None
    ines.post("/receiving/begin", {"against": "manifest", "client": cast.vega.code})
    assert ReceivingSession.objects.get(status=SessionStatus.OPEN).client == cast.vega


def test_a_slip_taken_back_leaves_its_return_and_the_box_as_they_were(cast: Cast) -> None:
    now = clock.now()
    second, third = now + timedelta(seconds=1), now + timedelta(seconds=2)
    mine = returns.rma(cast, at=now)
    lines = (terms.laptop_line(quantity=2, serials=("PF1OTHER", "PF1THIRD")),)
    other = returns.rma(cast, order=terms.order(cast, "PS-3", *lines, at=now), quantity=2, at=now)
    box = mine.parcel_links.get().parcel
    unloading.arrive(box, by=cast.ines, at=now)
    session, _new = opening.open_session(hub=cast.rotterdam, by=cast.ines, at=now)

    def receive(rma: Rma, place: int, serial: str, at: datetime) -> SessionLine:
        unit = returns.unit_of(rma, place=place)
        _done, line = taking.receive(session, unit, hub=cast.rotterdam, serial=serial, parcel=box, by=cast.ines, at=at)
        assert line is not None
        return line

    # A thing of another return, by a slip: that return has not arrived, and doesn't lie in this box.
    before = (other.status, other.arrived_at, other.check_by)
    slips = [receive(other, 1, "PF1OTHER", second), receive(other, 2, "PF1THIRD", third)]
    taking.undo(session, slips[0].pk, by=cast.ines, at=third)
    other.refresh_from_db()
    assert other.status == "arrived"  # one of it is received
    taking.undo(session, slips[1].pk, by=cast.ines, at=third)
    other.refresh_from_db()
    assert (other.status, other.arrived_at, other.check_by) == before
    assert not other.parcel_links.filter(parcel=box).exists()
    assert Entry.objects.filter(chain_id=other.pk, kind="returns.receipt_undone").count() == 1

    # Should it lie in the box after all, it arrives once more.
    again = receive(other, 1, "PF1OTHER", third)
    other.refresh_from_db()
    assert (other.status, other.arrived_at) == ("arrived", third)
    taking.undo(session, again.pk, by=cast.ines, at=third)
    other.refresh_from_db()
    assert (other.status, other.arrived_at, other.check_by) == before

    # The box's own thing: its return stands at the dock, as the scan of the box said, and the box isn't empty after all.
    line = receive(mine, 1, "PF1ABCDE", third)
    box.refresh_from_db()
    assert box.status == ParcelStatus.DONE
    taking.undo(session, line.pk, by=cast.ines, at=third)
    box.refresh_from_db()
    mine.refresh_from_db()
    assert (box.status, mine.status) == (ParcelStatus.ARRIVED, "arrived")
    receive(mine, 1, "PF1ABCDE", third)

    closing.close(session, by=cast.ines, at=third)
    assert not Discrepancy.objects.exists()


def test_what_another_receives_while_a_session_closes_is_not_missing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    order = terms.order(cast, "PS-2", terms.laptop_line(quantity=2, serials=("PF1ABCDE", "PF1OTHER")), at=now)
    rma = returns.rma(cast, order=order, quantity=2, at=now)
    session, _new = opening.open_session(hub=cast.rotterdam, by=cast.ines, at=now)
    unloading.arrive(rma.parcel_links.get().parcel, by=cast.ines, at=now)
    taking.receive(session, returns.unit_of(rma), hub=cast.rotterdam, serial="PF1ABCDE", by=cast.ines, at=now)
    locking = approval.lock

    def lock(pk: uuid.UUID) -> Rma:
        monkeypatch.setattr(approval, "lock", locking)
        second = returns.unit_of(rma, place=2)
        receiving.receive(second, hub=cast.rotterdam, serial="PF1OTHER", by=cast.aisha, at=now)
        return locking(pk)

    monkeypatch.setattr(approval, "lock", lock)
    closing.close(session, by=cast.ines, at=now)

    assert returns.unit_of(rma, place=2).status == UnitStatus.RECEIVED
    assert not Discrepancy.objects.exists()
    assert not session.lines.filter(outcome=Unpacked.SHORT).exists()
