"""Transfers on the floor and in the office: by scans at both ends, and who may see what."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from revlog.common import clock
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.logistics.models import Carrier, Consignment, ConsignmentStatus, Discrepancy, Transfer
from revlog.logistics.queries import transfers as queries
from revlog.logistics.services.transfers import accepting
from revlog.storage.services.containers import sealing
from tests.cast import Cast
from tests.factories import storage, transfers
from tests.factories.transfers import HOUR
from tests.floor.budget import published

pytestmark = pytest.mark.django_db


def signed_in(cast: Cast, name: str) -> Client:
    """Who reads English here, whatever they read at work."""
    person = cast.user(name)
    person.language = "en"
    person.save(update_fields=["language"])
    found = Client()
    found.force_login(person)
    return found


def scan(client: Client, code: str) -> str:
    return client.post(reverse("floor_scan"), {"code": code}, headers={"HX-Request": "true"}).content.decode()


def press(client: Client, route: str, **sends: Any) -> str:
    return client.post(reverse(route), sends, headers={"HX-Request": "true"}).content.decode()


def test_the_floor_loads_signs_looks_at_seals_and_takes_in(cast: Cast) -> None:
    at = clock.now()
    truck = transfers.carrier("truck", at)
    sealed, plain, extra = (storage.container(cast) for _n in range(3))
    storage.filled(cast, 2, sealed)
    sealing.seal(sealed, number="S-77", by=cast.ines, at=at)
    transfer = transfers.planned(cast, [transfers.road(truck, at)], containers=[sealed, plain], at=at)

    ines = signed_in(cast, "ines")
    assert transfer.number in scan(ines, "TRANSFER OUT")
    assert "Scan each container" in scan(ines, transfer.number)
    assert "Nothing is loaded yet" in scan(ines, "END")
    # One scan, no click: what docs/floor.md says of it.
    assert published()["release a container of a transfer"] == (1, 0)
    assert "Loaded" in scan(ines, sealed.number)
    assert "Loaded already" in scan(ines, sealed.number)
    assert "Take it along" in scan(ines, extra.number)
    assert "Loaded" in press(ines, "transfer_load", transfer=transfer.number, thing=extra.number)
    assert "Stays for the next shipment" in scan(ines, "END")
    said = press(ines, "transfer_release", transfer=transfer.number, signature=transfers.glass(), signed_by="D. Jansen")
    assert "1 thing stays on the list" in said

    # At the other end: the seal's scan takes the container in; an ordinary one needs its own number.
    katja = signed_in(cast, "katja")
    assert transfer.number in scan(katja, "TRANSFER IN")
    scan(katja, transfer.number)
    assert "The seals first" in scan(katja, sealed.number)
    assert published()["take a container of a transfer in"] == (1, 0)
    assert "Taken in" in scan(katja, "S-77")
    assert "Taken in already" in scan(katja, sealed.number)
    assert "Taken in" in scan(katja, extra.number)
    assert "It came too" in scan(katja, "STRANGE-1")
    assert "Put it aside" in press(katja, "transfer_over", transfer=transfer.number, thing="STRANGE-1")
    asked = scan(katja, "END")
    assert "Who takes it over signs" in asked
    assert "STRANGE-1: came without being on the list" in asked
    assert "data-glass" in asked
    said = press(katja, "transfer_accept", transfer=transfer.number, signature=transfers.glass(), signed_by="K. Brandt")
    assert "Signed and taken in" in said
    assert "STRANGE-1" in said
    made = Consignment.objects.get(transfer=transfer, number=1)
    assert (made.status, made.taker_name) == (ConsignmentStatus.ACCEPTED, "K. Brandt")


def test_two_people_take_the_same_container_in_and_it_is_in_once(cast: Cast) -> None:
    at = clock.now()
    plain = storage.container(cast)
    units = storage.filled(cast, 2, plain)
    transfer = transfers.planned(cast, [transfers.road(transfers.carrier("truck", at), at)], containers=[plain], at=at)
    transfers.released(cast, transfer, [plain.number], at=at)
    first = accepting.accept(transfer, plain.number, by=cast.katja, at=at + HOUR)
    second = accepting.accept(transfer, plain.number, by=cast.jonas, at=at + HOUR)
    assert (first.what, second.what) == ("accepted", "again")

    for chain in (plain.pk, *(one.pk for one in units)):
        taken = Entry.objects.filter(chain_id=chain, kind__endswith="taken_in")
        assert taken.count() == 1


def test_the_office_plans_watches_the_clock_and_settles(cast: Cast) -> None:
    at = clock.now()
    transfers.carrier("truck", at)
    plain, other = storage.container(cast), storage.container(cast)
    aisha = signed_in(cast, "aisha")
    told = {
        "origin": "rotterdam", "destination": "leipzig", "reason": "stock", "codes": f"{plain.number}\n{other.number}",
        "legs-TOTAL_FORMS": "1", "legs-INITIAL_FORMS": "0", "legs-MIN_NUM_FORMS": "0", "legs-MAX_NUM_FORMS": "9",
        "legs-0-carrier": "truck", "legs-0-mode": "road", "legs-0-begins_at": "Rotterdam", "legs-0-ends_at": "Leipzig",
        "legs-0-planned_from": "2026-11-01T08:00", "legs-0-planned_to": "2026-11-01T18:00",
    }  # fmt: skip
    wrong = aisha.post(reverse("transfer_new"), told | {"codes": "NOBODY-1"})
    assert wrong.status_code == 422
    assert "Nobody knows NOBODY-1" in wrong.content.decode()
    made = aisha.post(reverse("transfer_new"), told)
    transfer = Transfer.objects.get()
    assert made.headers["Location"] == queries.address_of(transfer)
    assert aisha.get(reverse("transfer_way", args=[transfer.number])).status_code == 200
    left = transfer.cargo.get(container=other)
    page = queries.address_of(transfer)
    assert aisha.post(page, {"act": "leave_out", "cargo": left.pk}).status_code == 302
    transfers.released(cast, transfer, [plain.number], at=at)
    assert "late for" in aisha.get(reverse("transfers") + "?show=late").content.decode()
    assert {row.kind for row in queries.exceptions(cast.aisha)} == {"exception.transfer_late"}
    assert not queries.exceptions(cast.vera)

    # More hours of grace for the carrier at that site, and it isn't late.
    planner = signed_in(cast, "henrik")
    assert planner.post(reverse("transfer_grace"), {"carrier": "truck", "hours": "720"}).status_code == 302
    assert queries.numbers(cast.aisha, at=at)["late"] == 0

    jonas = signed_in(cast, "jonas")
    accepting.begin(transfer, by=cast.jonas, at=at)
    assert "data-glass" in jonas.get(page).content.decode()
    assert jonas.post(page, {"act": "close"}).status_code == 422
    assert jonas.post(page, {"act": "close", "unsigned_why": "There was nothing to sign for."}).status_code == 302
    assert "There was nothing to sign for." in jonas.get(page).content.decode()
    row = Discrepancy.objects.get()
    assert {one.kind for one in queries.exceptions(cast.aisha)} == {"exception.transfer_discrepancy"}
    settled = jonas.post(page, {"act": "settle", "discrepancy": row.pk, "how": "lost", "note": "not on the truck"})
    assert settled.status_code == 302
    assert "lost: to be claimed" in jonas.get(page).content.decode()
    transfer.refresh_from_db()
    assert transfer.status == "done"

    # Whoever has nothing to do with it finds no such page.
    for name in ("vera", "alex", "nils"):
        assert signed_in(cast, name).get(page).status_code == 404


def test_over_the_api_a_transfer_is_planned_released_and_taken_in(cast: Cast, client: Client) -> None:
    at = clock.now()
    transfers.carrier("truck", at)
    unit: Device = storage.cables(cast, 1, at=at)[0]
    client.force_login(cast.user("ines"))

    def post(to: str, **body: Any) -> Any:
        return client.post(to, json.dumps(body), content_type="application/json")

    leg = {
        "carrier": "truck", "begins_at": "Rotterdam", "ends_at": "Vega",
        "planned_from": at.isoformat(), "planned_to": (at + HOUR).isoformat(),
    }  # fmt: skip
    made = post(
        "/api/v1/transfers/", origin="rotterdam", receiver="demo", address=["Kade 4"], legs=[leg], things=[unit.tag]
    )
    assert made.status_code == 201, made.content
    number = made.json()["number"]
    short = post(f"/api/v1/transfers/{number}/release/", things=["NOBODY"], unsigned_why="gone")
    assert short.status_code == 404
    done = post(f"/api/v1/transfers/{number}/release/", things=[unit.tag], unsigned_why="The driver was gone.")
    assert done.status_code == 200, done.content
    assert done.json()["shipments"][0]["status"] == "under_way"
    client.force_login(cast.user("alex"))
    assert client.get(f"/api/v1/transfers/{number}/").status_code == 404
    assert client.get("/api/v1/transfers/").json()["results"] == []
    client.force_login(cast.user("vera"))
    taken = post(f"/api/v1/transfers/{number}/accept/", things=[unit.tag], all_of_it=True, unsigned_why="Scanned in.")
    assert taken.status_code == 200, taken.content
    assert (taken.json()["status"], taken.json()["cargo"][0]["status"]) == ("done", "accepted")


def test_who_has_custody_while_a_carrier_carries_is_chosen_on_its_page(cast: Cast) -> None:
    at = clock.now()
    whose = transfers.carrier("truck", at).organization
    assert whose is not None
    henrik, page = signed_in(cast, "henrik"), reverse("travel")
    told = {
        "part": "carrier",
        "carrier-code": "van",
        "carrier-name": "Our van",
        "carrier-vendor": "any",
        "carrier-active": "on",
    }
    assert henrik.post(page, told | {"carrier-organization": str(cast.vega.pk)}).status_code == 422
    assert henrik.post(page, told | {"carrier-organization": str(whose.pk)}).status_code == 302
    assert f'value="{whose.pk}" selected' in henrik.get(page + "?carrier=van").content.decode()
    plain = storage.container(cast)
    unit = storage.filled(cast, 1, plain)[0]
    van = Carrier.objects.get(code="van")
    transfer = transfers.planned(cast, [transfers.road(van, at)], containers=[plain], at=at)
    transfers.released(cast, transfer, [plain.number], at=at)
    unit.refresh_from_db()
    assert unit.custodian == whose
    # Cleared again: what it carries from then on stays in our custody.
    assert henrik.post(page, told | {"carrier-organization": ""}).status_code == 302
    assert Carrier.objects.get(code="van").organization is None
