"""Putting away: where a thing goes and why, what stops it, taking a put back, moving many, missing and found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client

from revlog.accounts.models import Organization
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import Device, HoldKind, Location, LocationKind, Purpose
from revlog.devices.services import moves, placing, standing, undoing
from revlog.devices.services import places as setting_up
from revlog.devices.services.places import Arrangement
from revlog.storage.queries import places as queries
from revlog.storage.services import places
from tests.cast import Cast
from tests.factories import devices as make


def add(
    cast: Cast,
    code: str,
    *,
    secured: bool = True,
    capacity: int | None = None,
    purpose: str = "",
    client: Organization | None = None,
    kind: LocationKind = LocationKind.BIN,
) -> Location:
    return setting_up.add(
        hub=cast.rotterdam, code=code, kind=kind, secured=secured, capacity=capacity, purpose=purpose, client=client,
        by=cast.admin, at=cast.at,
    )  # fmt: skip


def kinds(thing: Device | Location) -> list[str]:
    return list(Entry.objects.filter(chain_id=thing.pk).order_by("sequence").values_list("kind", flat=True))


def laptops(cast: Cast, count: int) -> list[Device]:
    return [make.laptop(cast, serial=f"PF1ABC{number:02d}") for number in range(count)]


def refusals(devices: Sequence[Device], place: Location) -> set[str]:
    return {reason.code for reason in places.reasons_against_putting(devices, place)}


def test_each_thing_is_sent_to_the_place_that_suits_it_and_is_told_why(cast: Cast, at: datetime) -> None:
    add(cast, "A-01", secured=False, purpose=Purpose.RETURNS)
    cage = add(cast, "CAGE-1", purpose=Purpose.RETURNS, capacity=1)
    hold = add(cast, "HOLD-1", purpose=Purpose.HOLD)
    add(cast, "SALE-1", purpose=Purpose.SALE)
    vega = add(cast, "VEGA-1", purpose=Purpose.RETURNS, client=cast.vega)
    anywhere = add(cast, "X-1")
    laptop, second = laptops(cast, 2)

    found = queries.suggestion(laptop, cast.rotterdam)
    assert found is not None
    assert (found.place, found.why) == (cage, ["returns to look at", "secured, it may hold data"])

    places.put([laptop.pk], cage, by=cast.ines, at=at)
    found = queries.suggestion(second, cast.rotterdam)
    assert found is not None
    assert found.place == anywhere, "the cage is full, and nothing else is for it"
    with transaction.atomic():
        standing.hold(moves.take_one(second.pk), HoldKind.LEGAL, reason="matter 14", by=cast.aisha, at=at)
    second.refresh_from_db()
    assert queries.place_for(second, cast.rotterdam) == hold
    theirs = make.laptop(cast, serial="PF1VEGA1")
    with transaction.atomic():
        standing.pass_title(moves.take_one(theirs.pk), cast.vega, by=cast.aisha, at=at)
    theirs.refresh_from_db()
    assert queries.place_for(theirs, cast.rotterdam) == vega


def test_a_place_is_not_suggested_past_what_its_insurer_answers_for(cast: Cast, at: datetime) -> None:
    cheap = add(cast, "C-1", purpose=Purpose.RETURNS)
    add(cast, "C-2")
    Location.objects.filter(pk=cheap.pk).update(insured_value=Decimal(900))
    first, second = laptops(cast, 2)
    Device.objects.filter(pk__in=[first.pk, second.pk]).update(expected_value=Decimal(600))
    first.refresh_from_db()
    second.refresh_from_db()

    assert queries.place_for(first, cast.rotterdam) == cheap
    places.put([first.pk], cheap, by=cast.ines, at=at)
    other = queries.place_for(second, cast.rotterdam)
    assert other is not None
    assert other.code == "C-2"


def test_every_wrong_place_says_why_and_nothing_is_put(cast: Cast, at: datetime) -> None:
    laptop, second = laptops(cast, 2)
    open_bin = add(cast, "A-01", secured=False)
    theirs = add(cast, "VEGA-1", client=cast.vega)
    sale = add(cast, "SALE-1", purpose=Purpose.SALE)
    small = add(cast, "S-1", capacity=1)
    closed = setting_up.close(add(cast, "OLD-1"), by=cast.admin, at=at)

    assert refusals([laptop], open_bin) == {"not_secured"}
    assert refusals([laptop], theirs) == {"wrong_client"}
    assert refusals([laptop], sale) == {"wrong_purpose"}
    assert refusals([laptop, second], small) == {"full"}
    assert refusals([laptop], closed) == {"closed"}
    with pytest.raises(placing.UnableToPut, match=r"SALE-1 is for goods for sale.*it belongs where returns to look at"):
        places.put([laptop.pk], sale, by=cast.ines, at=at)
    with pytest.raises(placing.UnableToPut, match="room for 1 more, and there are 2"):
        places.put([laptop.pk, second.pk], small, by=cast.ines, at=at)
    assert not Device.objects.exclude(location=None).exists()


def test_a_put_is_taken_back_by_an_entry_that_cites_it_unless_something_happened_since(
    cast: Cast, at: datetime
) -> None:
    first, second = add(cast, "B-1"), add(cast, "B-2")
    (laptop,) = laptops(cast, 1)
    places.put([laptop.pk], first, by=cast.ines, at=at)
    made = places.put([laptop.pk], second, by=cast.ines, at=at + timedelta(seconds=1))

    places.take_back(second, root=made.root, put_at=made.at, by=cast.ines, at=at + timedelta(seconds=9))
    laptop.refresh_from_db()
    last = Entry.objects.filter(chain_id=laptop.pk).order_by("sequence").last()
    assert last is not None
    assert (laptop.location, last.kind) == (first, "devices.put_taken_back")
    assert Entry.objects.get(digest=last.payload["corrects"]).payload["place"] == "B-2"

    made = places.put([laptop.pk], second, by=cast.ines, at=at + timedelta(seconds=20))
    with transaction.atomic():
        standing.hold(moves.take_one(laptop.pk), HoldKind.LEGAL, reason="x", by=cast.aisha, at=at)
    with pytest.raises(places.UnableToTakeBack, match="happened to it since"):
        places.take_back(second, root=made.root, put_at=made.at, by=cast.ines, at=at)
    with pytest.raises(places.UnableToTakeBack):
        places.take_back(first, root=made.root, put_at=made.at, by=cast.ines, at=at)


def test_nobody_takes_a_put_back_at_a_site_where_they_work_no_more(cast: Cast, at: datetime) -> None:
    first, second = add(cast, "B-1"), add(cast, "B-2")
    (laptop,) = laptops(cast, 1)
    places.put([laptop.pk], first, by=cast.ines, at=at)
    made = places.put([laptop.pk], second, by=cast.ines, at=at + timedelta(seconds=1))
    elsewhere = replace(cast.ines, hubs=frozenset({cast.leipzig.pk}))

    with pytest.raises(NotAllowed, match="where you don't work"):
        undoing.take_back_put(laptop.pk, made.entries[0].digest, back=first, by=elsewhere, at=at)
    with pytest.raises(NotAllowed, match="where you don't work"):
        places.take_back(second, root=made.root, put_at=made.at, by=elsewhere, at=at)
    laptop.refresh_from_db()
    assert laptop.location == second
    undoing.take_back_put(laptop.pk, made.entries[0].digest, back=first, by=cast.ines, at=at)


def test_many_move_at_once_and_a_whole_bin_with_one_entry_on_each_place(cast: Cast, at: datetime) -> None:
    first, second, small = add(cast, "B-1"), add(cast, "B-2"), add(cast, "S-1", capacity=2)
    units = laptops(cast, 3)
    places.put([one.pk for one in units], first, by=cast.ines, at=at)

    with pytest.raises(placing.UnableToPut, match="room for 2 more"):
        places.empty_into(first, small, by=cast.ines, at=at)
    moved = places.empty_into(first, second, by=cast.ines, at=at + timedelta(minutes=1))

    assert set(second.devices.all()) == set(units)
    assert kinds(first) == ["devices.place_added", "storage.units_put", "storage.units_taken_out"]
    assert kinds(second) == ["devices.place_added", "storage.units_put"]
    assert Entry.objects.filter(kind="storage.units_put", payload__root=moved.root, payload__units=3).count() == 1
    assert [kinds(one)[-1] for one in units] == ["devices.located"] * 3
    places.take_back(second, root=moved.root, put_at=moved.at, by=cast.ines, at=at + timedelta(minutes=1))
    assert first.devices.count() == 3
    with pytest.raises(BadInput, match="Nothing lies in B-2"):
        places.empty_into(second, first, by=cast.ines, at=at)


def test_a_row_of_bins_is_set_up_at_once_and_takes_over_what_its_aisle_is_for(cast: Cast, at: datetime) -> None:
    aisle = add(cast, "A", kind=LocationKind.AISLE, purpose=Purpose.SALE, client=cast.vega)
    rows = setting_up.add_many(
        hub=cast.rotterdam, codes=setting_up.spread("a-08..a-11, A-20"), kind=LocationKind.BIN, secured=False,
        arrangement=Arrangement(parent=aisle, capacity=5), by=cast.admin, at=at,
    )  # fmt: skip

    assert [one.code for one in rows] == ["A-08", "A-09", "A-10", "A-11", "A-20"]
    assert {(one.purpose, one.client, one.secured) for one in rows} == {("sale", cast.vega, True)}
    assert kinds(rows[0]) == ["devices.place_added", "devices.place_arranged"]
    assert queries.way(rows[0]) == "A › A-08"
    with pytest.raises(setting_up.UnableToSetUp, match="has a place called A-09"):
        setting_up.add_many(
            hub=cast.rotterdam, codes=["A-07", "A-09"], kind=LocationKind.BIN, secured=False,
            arrangement=Arrangement(), by=cast.admin, at=at,
        )  # fmt: skip
    assert not Location.objects.filter(code="A-07").exists()
    with pytest.raises(BadInput, match="can't stand in itself"):
        setting_up.arrange(aisle, Arrangement(parent=rows[0]), by=cast.admin, at=at)
    for wrong in ("A-9..B-12", "A-12..A-09", "A-1..A-9999"):
        with pytest.raises(BadInput):
            setting_up.spread(wrong)


def test_on_the_floor_a_thing_and_its_place_are_two_scans_and_a_wrong_place_is_a_stop(
    client: Client, cast: Cast
) -> None:
    client.force_login(cast.user("ines"))
    add(cast, "CAGE-1", purpose=Purpose.RETURNS)
    add(cast, "A-01", secured=False)
    add(cast, "B-1")
    (laptop,) = laptops(cast, 1)

    def scan(code: str) -> str:
        return client.post("/floor/scan", {"code": code}, headers={"HX-Request": "true"}).content.decode()

    scan("PUTAWAY")
    assert "CAGE-1 · DATA CAGE" in scan(laptop.tag)
    stopped = scan("A-01")
    assert "Stop: not in A-01" in stopped
    assert "Take it to CAGE-1" in stopped
    answer = scan("CAGE-1")
    assert "Put in CAGE-1" in answer
    assert f"Undo: Lenovo ThinkPad T480 {laptop.tag} put in CAGE-1" in answer
    token = answer.split('name="token" value="')[1].split('"')[0]
    assert "Taken back" in client.post("/floor/undo", {"token": token}).content.decode()
    laptop.refresh_from_db()
    assert laptop.location is None

    assert "is where" not in scan("FOUND")
    scan("B-1")
    assert "is not in B-1" in scan("MISSING")
    laptop.refresh_from_db()
    assert laptop.location is None
    scan("MOVE")
    scan(laptop.tag)
    assert "In hand already" in scan(laptop.tag)
    scan("B-1")
    assert "1 thing" in scan("B-1"), "a place without anything in the hand: all that is in it"
    assert "Put in CAGE-1" in scan("CAGE-1")
    laptop.refresh_from_db()
    assert laptop.location is not None
    assert laptop.location.code == "CAGE-1"
