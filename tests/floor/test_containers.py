"""Containers on the floor: two scans move a pallet, a unit and a container put the unit in, and half a minute takes it back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from revlog.devices.models import Device, Location
from revlog.scanning.models import Hand
from revlog.storage.models import ContainerKind
from revlog.storage.services.containers import moving, sealing
from tests.cast import Cast
from tests.factories import storage

HTMX = {"HTTP_HX_REQUEST": "true"}
GRAI = "(8003)04012345123456TOTE1"


@pytest.fixture
def ines(cast: Cast, client: Client) -> Client:
    client.force_login(cast.user("ines"))
    return client


def scan(client: Client, code: str, status: int = 200) -> str:
    answer: HttpResponse = client.post("/floor/scan", {"code": code}, **HTMX)  # type: ignore[arg-type, assignment]
    assert answer.status_code == status, answer.content.decode()
    return " ".join(answer.content.decode().split())


def undo(client: Client, status: int = 200) -> str:
    token = Hand.objects.get().open["undo"]
    answer: HttpResponse = client.post("/floor/undo", {"token": token}, **HTMX)  # type: ignore[arg-type, assignment]
    assert answer.status_code == status, answer.content.decode()
    return " ".join(answer.content.decode().split())


def test_two_scans_move_a_pallet_and_its_undo_moves_it_back(cast: Cast, ines: Client) -> None:
    here, there = storage.place(cast, "HALL-1"), storage.place(cast, "HALL-2")
    pallet = storage.container(cast, ContainerKind.PALLET, parent=here)
    storage.filled(cast, 3, pallet)

    assert "pallet · open · 3 units · in HALL-1" in scan(ines, pallet.number)
    said = scan(ines, "hall-2")
    assert f"{pallet.number} is in HALL-2" in said
    assert "3 units moved with it." in said
    assert Location.objects.get(pk=pallet.pk).parent == there
    assert "is in HALL-1 again" in undo(ines)

    # Somebody else was quicker: whoever comes second reads who it was, and nothing moves.
    scan(ines, pallet.number)
    moving.move(pallet, there, by=cast.aisha, at=cast.at)
    late = scan(ines, "HALL-1", status=409)
    assert "is no longer where you saw it. Moved to HALL-2 with 3 units in it, from HALL-1. Aisha Rahman" in late
    assert Location.objects.get(pk=pallet.pk).parent == there


def test_a_unit_and_a_container_put_it_in_and_with_one_in_hand_each_unit_is_one_scan(cast: Cast, ines: Client) -> None:
    hall = storage.place(cast, "HALL-1")
    tote = storage.container(cast, labels=["04012345123456TOTE1"], parent=hall, capacity=3)
    first, second, third, fourth = storage.cables(cast, 4)

    scan(ines, first.tag)
    assert "1 of 3 in it" in scan(ines, GRAI)
    scan(ines, "CONTAINER")
    assert "1 unit · in HALL-1" in scan(ines, tote.number)
    scan(ines, second.tag)
    assert "3 of 3 in it" in scan(ines, third.tag)
    assert "is full" in scan(ines, fourth.tag, status=409)
    assert set(tote.location.devices.all()) == {first, second, third}
    assert ">Close it<" in scan(ines, tote.number)
    closed = ines.post("/store/containers/act", {"container": tote.pk, "act": "close"}, **HTMX)  # type: ignore[arg-type]
    assert "closed" in closed.content.decode()
    sealing.seal(tote, number="S-1234", by=cast.ines, at=cast.at)
    assert "tote · sealed · 3 units" in scan(ines, tote.number)
    scan(ines, "CONTAINER")
    scan(ines, fourth.tag)
    assert "is sealed; break the seal" in scan(ines, tote.number, status=409)
    assert Device.objects.get(pk=fourth.pk).location is None


def test_the_pages_show_what_is_in_it_and_do_what_they_offer(cast: Cast, client: Client) -> None:
    client.force_login(cast.user("aisha"))
    storage.place(cast, "HALL-1")
    made = client.post("/store/containers/", {"hub": cast.rotterdam.pk, "kind": "pallet", "count": 2, "capacity": 9})
    assert made.status_code == 302
    things = parse_qs(urlsplit(made["Location"]).query)["things"][0]
    asked = {"kind": "container", "things": things, "printer": "browser", "copies": 1, "stock": "", "start": 1}
    assert client.get(made["Location"]).status_code == 200
    assert "2 labels" in client.post("/labels/print", asked, follow=True).content.decode()
    pallet = storage.container(cast, ContainerKind.PALLET)
    unit = storage.filled(cast, 1, pallet)[0]
    page = f"/store/containers/{pallet.number}/"

    def act(**told: str) -> str:
        answer = client.post(page, told, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    assert unit.tag in client.get(page).content.decode()
    assert "is in HALL-1, with all that is in it" in act(act="move", place="HALL-1", seen="")
    assert "no longer where you saw it" in act(act="move", place=pallet.number, seen="HALL-7")
    assert "Moved to HALL-1 with 1 unit in it" in client.get(page).content.decode()
    assert f"HALL-1 &gt; {pallet.number}" in client.get(reverse("unit", args=[unit.tag])).content.decode()
    assert "weigh less than" in act(act="weigh", gross="1", tare="20")
    assert "The weight is put down" in act(act="weigh", gross="120,5", tare="20")
    assert "Seal AB-12 is on it" in act(act="seal", seal="ab-12")
    assert "Say why the seal is broken" in act(act="break", seal="AB-12", reason="")
    assert "Seal AB-12 is broken" in act(act="break", seal="AB-12", reason="customs")
    assert "is not empty" in act(act="retire", reason="old")
    assert client.post(page, {"act": "burn"}).status_code == 400
    assert pallet.number in client.get("/store/containers/?q=HALL-1&kind=pallet").content.decode()
    client.force_login(cast.user("jonas"))
    assert client.get(page).status_code == 404
