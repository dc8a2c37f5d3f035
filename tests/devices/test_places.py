"""Places: set up by a lead, secured by an administrator, never opened or closed over units that need them."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.models import Location, LocationKind
from revlog.devices.services import moves, places, placing, standing
from revlog.devices.services.places import UnableToSetUp
from tests.cast import Cast
from tests.factories import devices as make


def bin_of(cast: Cast, code: str = "A-04", *, secured: bool = False, at: datetime) -> Location:
    by = cast.admin if secured else cast.aisha
    return places.add(hub=cast.rotterdam, code=code, kind=LocationKind.BIN, secured=secured, by=by, at=at)


def kinds(place: Location) -> list[str]:
    return list(Entry.objects.filter(chain_id=place.pk).order_by("sequence").values_list("kind", flat=True))


def filled(cast: Cast, place: Location, *, at: datetime) -> None:
    """A laptop whose data nobody has looked at yet lies in the place."""
    unit = make.triaged(cast, at=at)
    standing.put(moves.take_one(unit.pk), place, by=cast.ines, at=at)


def test_a_lead_sets_up_a_bin_and_its_chain_says_so(cast: Cast, at: datetime) -> None:
    place = bin_of(cast, " a-04 ", at=at)

    assert (place.code, place.hub, place.secured, place.active) == ("A-04", cast.rotterdam, False, True)
    assert kinds(place) == ["devices.place_added"]


@pytest.mark.parametrize("code", ["", "-A", "A B", "Ä-1", "A" * 41, "A\nB", "=1+1"])
def test_a_code_that_no_scanner_tells_is_refused(cast: Cast, at: datetime, code: str) -> None:
    with pytest.raises(BadInput):
        bin_of(cast, code, at=at)


def test_no_two_places_of_a_hub_have_one_code(cast: Cast, at: datetime) -> None:
    bin_of(cast, at=at)

    with pytest.raises(UnableToSetUp, match="Rotterdam has a place called A-04"):
        bin_of(cast, "a-04", at=at)
    places.add(hub=cast.leipzig, code="A-04", kind=LocationKind.BIN, secured=False, by=cast.jonas, at=at)


def test_only_an_administrator_says_where_data_may_lie(cast: Cast, at: datetime) -> None:
    place = bin_of(cast, at=at)

    with pytest.raises(NotAllowed, match="by an administrator"):
        places.secure(place, secured=True, by=cast.aisha, at=at)
    with pytest.raises(NotAllowed, match="by a lead"):
        places.add(hub=cast.rotterdam, code="B-1", kind=LocationKind.BIN, secured=False, by=cast.ines, at=at)
    with pytest.raises(NotAllowed, match="not yours"):
        places.add(hub=cast.leipzig, code="B-1", kind=LocationKind.BIN, secured=False, by=cast.aisha, at=at)

    assert places.secure(place, secured=True, by=cast.admin, at=at).secured
    assert kinds(place) == ["devices.place_added", "devices.place_changed"]


def test_a_cage_is_not_opened_nor_closed_over_units_with_data(cast: Cast, at: datetime) -> None:
    cage = bin_of(cast, "CAGE-9", secured=True, at=at)
    filled(cast, cage, at=at)

    with pytest.raises(UnableToSetUp, match="1 unit in CAGE-9 may hold data"):
        places.secure(cage, secured=False, by=cast.admin, at=at)
    with pytest.raises(UnableToSetUp, match="put it elsewhere first"):
        places.close(cage, by=cast.admin, at=at)
    assert kinds(cage) == ["devices.place_added"]


def test_a_closed_place_takes_nothing_until_it_is_used_again(cast: Cast, at: datetime) -> None:
    cage = bin_of(cast, "CAGE-9", secured=True, at=at)
    closed = places.close(cage, by=cast.admin, at=at)

    with pytest.raises(placing.UnableToPut, match="not in use"):
        filled(cast, closed, at=at)
    filled(cast, places.reopen(closed, by=cast.admin, at=at), at=at)


def test_the_page_sets_up_a_place_and_leads_to_its_label(client: Client, cast: Cast) -> None:
    client.force_login(cast.user("aisha"))
    answer = client.post(
        "/settings/places/", {"hub": cast.rotterdam.pk, "code": "shelf-7", "kind": "bin", "capacity": "40"}, follow=True
    )

    assert "SHELF-7 is set up." in answer.content.decode()
    assert '"/labels/print?kind=place"' in answer.content.decode()
    assert "SHELF-7" in client.get("/labels/print?kind=place&things=SHELF-7").content.decode()


def test_the_page_says_at_the_field_what_is_wrong(client: Client, cast: Cast) -> None:
    client.force_login(cast.user("aisha"))
    answer = client.post("/settings/places/", {"hub": cast.rotterdam.pk, "code": "a b", "kind": "bin"})

    assert answer.status_code == 422
    assert "letters, digits, dots and dashes" in answer.content.decode()


def test_a_lead_is_offered_no_way_to_secure_and_a_stranger_finds_no_place(client: Client, cast: Cast) -> None:
    place = bin_of(cast, at=cast.at)
    told = {"place": place.code, "hub": "rotterdam", "act": "secure"}

    client.force_login(cast.user("aisha"))
    assert 'name="secured"' not in client.get("/settings/places/").content.decode()
    assert "by an administrator" in client.post("/settings/places/change", told, follow=True).content.decode()
    client.force_login(cast.user("jonas"))
    assert client.post("/settings/places/change", told).status_code == 404
