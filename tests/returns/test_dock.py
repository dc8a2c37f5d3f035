from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from returns.models import Discrepancy, ReceivingSession, Rma, RmaStatus, Trouble, UnitStatus
from revlog.common import clock
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.logistics.models import Shipment
from revlog.scanning.models import Hand
from tests.cast import Cast
from tests.factories import devices, returns, terms

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def ines(cast: Cast, client: Client) -> Client:
    return at_dock(cast, client, "ines")


def at_dock(cast: Cast, client: Client, name: str) -> Client:
    """Somebody who followed a link to receiving: the floor's box, without a session."""
    client.force_login(cast.user(name))
    assert client.get("/dock/").headers["Location"] == "/floor/"
    return client


def scan(client: Client, code: str) -> HttpResponse:
    return client.post("/floor/scan", {"code": code}, **HTMX)  # type: ignore[arg-type, return-value]


def words(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def test_the_dock_is_for_those_who_receive(cast: Cast, client: Client) -> None:
    assert client.get("/dock/").status_code == 302
    for name, page, act in (
        ("ines", 302, 404),
        ("aisha", 302, 404),
        ("tomas", 403, 403),
        ("sam", 403, 403),
        ("vera", 403, 403),
    ):
        client.force_login(cast.user(name))
        assert client.get("/dock/").status_code == page, name
        assert client.post("/dock/receive", {"unit": "X"}, **HTMX).status_code == act, name  # type: ignore[arg-type]


def test_a_link_to_the_dock_is_the_floor_with_its_code_in_the_box(cast: Cast, ines: Client) -> None:
    page = ines.get("/dock/?q=PF1ABCDE", follow=True)

    assert page.redirect_chain == [("/floor/?q=PF1ABCDE", 302)]
    assert 'value="PF1ABCDE"' in page.content.decode()
    assert "<title>Receiving" in page.content.decode()
    assert not ReceivingSession.objects.exists()


def test_a_parcel_its_thing_and_its_place_are_three_scans(cast: Cast, ines: Client) -> None:
    _bin, cage = returns.places(cast)
    rma = returns.rma(cast, at=clock.now())
    parcel = rma.parcel_links.get().parcel

    arrived = scan(ines, parcel.tracking)
    assert arrived.status_code == 200
    assert "Parcel taken in" in words(arrived)
    assert "1 thing still expected" in words(arrived)
    assert "PF1ABCDE" in words(arrived)

    expected = scan(ines, "PF1ABCDE")
    assert 'data-tone="accepted"' in words(expected)
    assert "data-primary" in words(expected)
    assert "CAGE-T4 · DATA CAGE" in words(expected)

    unit = returns.unit_of(rma)
    done = ines.post("/dock/receive", {"unit": str(unit.pk), "serial": "PF1ABCDE", "how": "serial"}, **HTMX)  # type: ignore[arg-type]
    assert "Received" in words(done)
    assert devices.state_of(unit.device) == State.RECEIVED  # type: ignore[arg-type]

    put = scan(ines, "cage-t4")
    assert "Put in CAGE-T4" in words(put)
    assert Device.objects.get(pk=unit.device_id).location == cage


def test_the_next_parcel_is_an_act_like_any_other(cast: Cast, ines: Client) -> None:
    parcel = returns.rma(cast, at=clock.now()).parcel_links.get().parcel
    shown = words(scan(ines, parcel.tracking))
    assert '<form method="post" action="/dock/next" data-act="Next parcel">' in shown
    assert Hand.objects.get().open["parcel"] == str(parcel.pk)

    told = words(ines.post("/dock/next", **HTMX))  # type: ignore[arg-type]

    assert f"{parcel.tracking} is put aside." in told
    assert "Still expected" not in told
    hand = Hand.objects.get().open
    assert (hand["job"], hand.get("parcel")) == ("receive", None)


def test_a_parcel_of_another_site_in_the_hand_tells_nothing(cast: Cast, ines: Client) -> None:
    parcel = returns.rma(cast, at=clock.now()).parcel_links.get().parcel
    scan(ines, parcel.tracking)
    hand = Hand.objects.get()
    hand.open = {"parcel": str(parcel.pk), "job": hand.open.get("job")}
    hand.save()
    assert "PF1ABCDE" in words(scan(ines, "NOBODY-KNOWS-IT"))

    Shipment.objects.filter(pk=parcel.shipment_id).update(hub=cast.leipzig)
    assert "PF1ABCDE" not in words(scan(ines, "NOBODY-KNOWS-IT-EITHER"))


def test_a_place_that_is_open_to_all_takes_nothing_that_may_hold_data(cast: Cast, ines: Client) -> None:
    returns.places(cast)
    rma = returns.rma(cast, at=clock.now())
    ines.post("/dock/receive", {"unit": str(returns.unit_of(rma).pk), "serial": "PF1ABCDE"}, **HTMX)  # type: ignore[arg-type]

    answer = scan(ines, "BIN-1")

    assert answer.status_code == 409
    assert "is not secured; use a place in the data cage" in words(answer)


def test_the_second_person_is_told_by_whom_and_when(cast: Cast, ines: Client) -> None:
    rma = returns.rma(cast, at=clock.now())
    told = {"unit": str(returns.unit_of(rma).pk), "serial": "PF1ABCDE"}
    ines.post("/dock/receive", told, **HTMX)  # type: ignore[arg-type]
    aisha = at_dock(cast, Client(), "aisha")

    pressed = aisha.post("/dock/receive", told, **HTMX)  # type: ignore[arg-type]
    scanned = scan(aisha, "PF1ABCDE")

    assert pressed.status_code == 409
    assert "was received by Ines Duarte on" in words(pressed)
    assert 'data-tone="refused"' in words(pressed)
    assert "Received by Ines Duarte on" in words(scanned)


def test_a_wrong_serial_stops_the_hand_and_is_recorded_by_one_press(cast: Cast, ines: Client) -> None:
    rma = returns.rma(cast, at=clock.now())
    scan(ines, rma.number)

    answer = scan(ines, "PF9OTHER")

    assert 'data-tone="refused"' in words(answer)
    assert "PF1ABCDE was sold, this is PF9OTHER." in words(answer)
    unit = returns.unit_of(rma)
    assert unit.status == UnitStatus.EXPECTED
    done = ines.post("/dock/wrong", {"unit": str(unit.pk), "serial": "PF9OTHER"}, **HTMX)  # type: ignore[arg-type]
    assert "hold shelf" in words(done)
    assert Discrepancy.objects.get().kind == Trouble.WRONG_SERIAL


def test_posting_a_wrong_serial_past_the_page_is_refused_all_the_same(cast: Cast, ines: Client) -> None:
    rma = returns.rma(cast, at=clock.now())

    answer = ines.post(
        "/dock/receive", {"unit": str(returns.unit_of(rma).pk), "serial": "PF9OTHER", "how": "tag"}, **HTMX
    )  # type: ignore[arg-type]

    assert answer.status_code == 409
    assert "PF9OTHER" in words(answer)


def test_a_counted_box_asks_for_its_count(cast: Cast, ines: Client) -> None:
    order = terms.order(cast, "PS-3", terms.cable_line(400), at=clock.now())
    rma = returns.rma(cast, order=order, quantity=400, at=clock.now())

    answer = scan(ines, rma.number)
    assert "How many are there? 400 were announced." in words(answer)
    unit = str(returns.unit_of(rma).pk)
    for wrong, sentence in (("", "Count them"), ("many", "Enter a whole number"), ("-3", "Enter a whole number")):
        refused = ines.post("/dock/receive", {"unit": unit, "counted": wrong}, **HTMX)  # type: ignore[arg-type]
        assert refused.status_code in {409, 422}
        assert sentence in words(refused)
    done = ines.post("/dock/receive", {"unit": unit, "counted": "388"}, **HTMX)  # type: ignore[arg-type]

    assert 'data-tone="attention"' in words(done)
    assert "388 of 400 came." in words(done)


def test_what_nobody_announced_can_be_taken_in_as_parcel_or_thing(cast: Cast, ines: Client) -> None:
    unknown = scan(ines, "JD014600003")
    assert "Nobody knows this code" in words(unknown)

    parcel = ines.post("/dock/parcel", {"tracking": "JD014600003"}, **HTMX)  # type: ignore[arg-type]
    assert "Nobody announced JD014600003" in words(parcel)
    again = ines.post("/dock/parcel", {"tracking": "jd014600003"}, **HTMX)  # type: ignore[arg-type]
    assert again.status_code == 409
    thing = ines.post("/dock/unannounced", {"serial": "XK2Q9911"}, **HTMX)  # type: ignore[arg-type]
    assert "Taken in and held" in words(thing)

    assert {row.kind for row in Discrepancy.objects.all()} == {Trouble.UNANNOUNCED_PARCEL, Trouble.UNANNOUNCED_UNIT}


def test_our_own_parcel_that_comes_back_makes_its_return(cast: Cast, ines: Client) -> None:
    order = terms.order(cast, at=clock.now(), delivered_at=None)

    answer = scan(ines, "3SABCD1234567")
    assert "Order PS-1001" in words(answer)
    done = ines.post(
        "/dock/undeliverable", {"order": str(order.pk), "why": "refused", "tracking": "3SABCD1234567"}, **HTMX
    )  # type: ignore[arg-type]

    rma = Rma.objects.get()
    assert rma.number in words(done)
    assert (rma.origin, rma.status) == ("refused", RmaStatus.ARRIVED)
    assert ines.post("/dock/undeliverable", {"order": str(order.pk), "why": "bored"}, **HTMX).status_code == 422  # type: ignore[arg-type]


def test_an_empty_box_is_recorded(cast: Cast, ines: Client) -> None:
    rma = returns.rma(cast, at=clock.now())
    scan(ines, rma.number)

    answer = ines.post("/dock/empty", {"rma": str(rma.pk)}, **HTMX)  # type: ignore[arg-type]

    assert "Empty box recorded" in words(answer)
    assert Discrepancy.objects.get().kind == Trouble.EMPTY_BOX


def test_a_sold_unit_comes_back_by_its_old_tag(cast: Cast, ines: Client) -> None:
    now = clock.now()
    sold = devices.sold(
        devices.for_sale(cast, serial="PF7SOLD1", at=now - timedelta(days=30)), at=now - timedelta(days=20)
    )
    order = terms.order(cast, "OWN-1", terms.laptop_line(serials=("PF7SOLD1",)), seller=cast.operator, at=now)
    rma = returns.rma(cast, order=order, at=now)

    answer = scan(ines, sold.tag)

    assert "It arrives again." in words(answer)
    ines.post("/dock/receive", {"unit": str(returns.unit_of(rma).pk), "serial": sold.tag, "how": "tag"}, **HTMX)  # type: ignore[arg-type]
    assert Device.objects.get(pk=sold.pk).visits.count() == 2


def test_without_script_the_answer_is_a_whole_page(cast: Cast, ines: Client) -> None:
    rma = returns.rma(cast, at=clock.now())

    page = ines.post("/floor/scan", {"code": rma.number})

    assert page.status_code == 200
    assert "<!doctype html>" in page.content.decode()
    assert rma.number in page.content.decode()


@pytest.mark.parametrize(
    "code", ["", " ", "\0", "x" * 5000, "'; DROP TABLE", "<script>alert(1)</script>", "٣٤٥", "-" * 40]
)
def test_hostile_codes_get_a_sentence(cast: Cast, ines: Client, code: str) -> None:
    answer = scan(ines, code)

    assert answer.status_code in {200, 409, 422}
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("path", ["receive", "wrong", "undeliverable", "empty"])
def test_what_does_not_exist_is_said_to_not_exist(cast: Cast, ines: Client, path: str) -> None:
    for key in ("", "nonsense", "00000000-0000-0000-0000-000000000000"):
        told = {"unit": key, "order": key, "rma": key, "why": "refused"}
        assert ines.post(f"/dock/{path}", told, **HTMX).status_code == 404  # type: ignore[arg-type]
