"""The store over the API: places, containers, pick lists and counts, with the verbs of the pages and nothing for strangers."""

from __future__ import annotations

from django.test import Client

from revlog.common import clock
from revlog.devices.models import Device
from revlog.storage.models import Container, Count, HazardKind, PickTarget
from revlog.storage.services import picks
from revlog.storage.services.containers import filling, sealing
from revlog.storage.services.hazards import assessing, looking, reporting
from revlog.storage.services.hazards.assessing import Judgement
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import storage
from tests.storage.test_counts import lot, stocked
from tests.storage.test_picks import waiting_for_bench


def test_units_are_put_and_containers_moved_and_who_is_a_stranger_finds_nothing(cast: Cast) -> None:
    place, units = stocked(cast, "A-01", 2)
    shelf = storage.place(cast, "SHELF-1")
    pallet = storage.container(cast, parent=place)
    us, reader = caller(cast), caller(cast, "devices:read")
    stranger = caller(cast, organization=cast.vega)

    found = us.get("/places/?hub=rotterdam&code=a-01").json()["results"]
    assert [(one["code"], one["kind"], one["secured"]) for one in found] == [("A-01", "bin", False)]
    assert us.get(f"/places/{place.pk}/").json()["units"] == 2
    told = {"units": [one.tag for one in units]}
    problem(us.post(f"/places/{shelf.pk}/put/", {"units": [units[0].tag, "RL-0000-0000"]}), 422)
    problem(reader.post(f"/places/{shelf.pk}/put/", told), 403)
    problem(stranger.post(f"/places/{shelf.pk}/put/", told), 404)
    made = us.post(f"/places/{shelf.pk}/put/", told)
    assert (made.status_code, made.json()["units"]) == (201, 2), made.content
    assert shelf.devices.count() == 2

    moved = us.post(f"/containers/{pallet.number}/move/", {"place": "shelf-1", "seen_at": "A-01"})
    assert moved.status_code == 200, moved.content
    assert (moved.json()["place"], moved.json()["path"], moved.json()["units"]) == ("SHELF-1", "SHELF-1", 0)
    late = problem(us.post(f"/containers/{pallet.pk}/move/", {"place": "A-01", "seen_at": "A-01"}), 409)
    assert "no longer where you saw it" in str(late)
    sealing.seal(Container.objects.get(pk=pallet.pk), number="S-77", by=cast.ines, at=clock.now())
    assert us.get(f"/containers/{pallet.pk}/").json()["seals"] == ["S-77"]
    assert [one["number"] for one in us.get("/containers/?place=SHELF-1").json()["results"]] == [pallet.number]
    for path in (f"/places/{place.pk}/", f"/containers/{pallet.number}/", "/pick-lists/PK-0000-0000/"):
        problem(stranger.get(path), 404)
    for path in ("/places/", "/containers/", "/pick-lists/"):
        assert stranger.get(path).json()["results"] == []


def test_a_pick_list_is_read_in_the_order_of_its_walk(cast: Cast) -> None:
    units = waiting_for_bench(cast, 2)
    row = picks.release(
        hub=cast.rotterdam, target=PickTarget.BENCH, units=[one.pk for one in units], assignee=None, by=cast.aisha,
        at=cast.at,
    )  # fmt: skip
    us = caller(cast)
    assert [one["number"] for one in us.get("/pick-lists/?state=open").json()["results"]] == [row.number]
    told = us.get(f"/pick-lists/{row.number}/").json()
    assert [one["place"] for one in told["picks"]] == ["A-1", "A-2"]
    assert (told["taken"], told["target"]) == (False, "bench")
    problem(caller(cast, hub=cast.leipzig).get(f"/pick-lists/{row.number}/"), 404)


def test_a_hazard_is_read_with_what_it_froze_and_only_at_its_site(cast: Cast) -> None:
    tote, other = (storage.container(cast) for _one in range(2))
    unit, mate, theirs = storage.cables(cast, 3, owner=cast.vega.id)
    filling.put([unit, mate], tote, by=cast.ines, at=cast.at)
    filling.put([theirs], other, by=cast.ines, at=cast.at)
    case = reporting.report(
        hub=cast.rotterdam, device=Device.objects.get(pk=unit.pk), kind=HazardKind.SWOLLEN, by=cast.ines, at=cast.at
    )
    looking.ask(case, at=cast.at)
    us = caller(cast)
    [listed] = us.get(f"/hazards/?state=open&danger=swollen&device={mate.tag}").json()["results"]
    assert (listed["number"], listed["device"], listed["place"], listed["verdict"], listed["photo"]) == (
        case.number, unit.tag, tote.number, "", False,
    )  # fmt: skip
    assert us.get("/hazards/?verdict=damaged").json()["results"] == []
    told = Judgement({unit.pk: "damaged", mate.pk: "undamaged"}, "expert", ("swollen",), "UN3481")
    assessing.assess(case, told, by=cast.greta, at=cast.at)
    assessing.pack(Device.objects.get(pk=unit.pk), "P908", by=cast.greta, at=cast.at)
    found = us.get(f"/hazards/{case.number.lower()}/").json()
    assert (found["state"], found["verdict"], found["basis"], found["criteria"], found["goods"]) == (
        "closed", "damaged", "expert", ["swollen"], "UN3481",
    )  # fmt: skip
    assert [(one["device"], one["verdict"], one["packed_as"]) for one in found["units"]] == [
        (unit.tag, "damaged", "P908"), (mate.tag, "undamaged", ""),
    ]  # fmt: skip
    assert found["places"] == [tote.number]
    assert [(one["container"], one["state"]) for one in found["looks"]] == [(other.number, "waiting")]
    assert not {"reported_by", "assessed_by", "note"} & set(found), "who it was is not in it"
    for stranger in (caller(cast, hub=cast.leipzig), caller(cast, organization=cast.vega)):
        problem(stranger.get(f"/hazards/{case.number}/"), 404)
        assert stranger.get("/hazards/").json()["results"] == []


def test_places_are_asked_for_and_counted_by_what_reads_tags_and_again_by_another_key(
    cast: Cast, client: Client
) -> None:
    place, units = stocked(cast, "A-01", 2)
    cables = lot(cast, place, 40)
    us, drone = caller(cast), caller(cast, "counts:write", "counts:read")
    problem(us.post("/counts/", {"hub": "rotterdam", "places": ["A-01", "NOWHERE"]}), 422)
    made = us.post("/counts/", {"hub": "rotterdam", "places": ["a-01"]})
    assert made.status_code == 201, made.content
    [asked] = made.json()
    tote, other = (storage.container(cast, parent=place) for _one in range(2))
    assert (asked["place"], asked["state"]) == ("A-01", "open")
    problem(us.post("/counts/", {"hub": "rotterdam", "places": ["A-01"]}), 409)
    problem(caller(cast, "counts:read").post(f"/counts/{asked['number']}/walk/", {}), 403)
    problem(drone.post(f"/counts/{asked['number']}/walk/", {"units": [{"device": cables.tag}]}), 409)

    read = {
        "units": [{"device": units[0].tag}, {"device": cables.tag.lower(), "pieces": 40}], "codes": ["E280-1160"],
        "containers": [tote.number],
    }  # fmt: skip
    first = drone.post(f"/counts/{asked['number']}/walk/", read)
    assert first.status_code == 201, first.content
    told = first.json()
    assert (told["state"], told["right"], told["expected"]) == ("recount", 3, 5)
    assert {(one["kind"], one["device"], one["container"], one["code"]) for one in told["differences"]} == {
        ("missing", units[1].tag, None, ""), ("missing", None, other.number, ""), ("unknown", None, None, "E280-1160"),
    }  # fmt: skip
    # A person who may be the one to count it again learns here no more than on its page.
    client.force_login(cast.user("ines"))
    assert client.get(f"/api/v1/counts/{asked['number']}/").status_code == 404
    assert client.get("/api/v1/counts/").json()["results"] == []
    client.force_login(cast.user("aisha"))
    assert client.get(f"/api/v1/counts/{asked['number']}/").json()["expected"] == 5
    again = problem(drone.post(f"/counts/{asked['number']}/walk/", read), 409)
    assert "counts a bin again that they counted" in str(again)
    whole = {
        "units": [{"device": one.tag} for one in units] + [{"device": cables.tag, "pieces": 40}],
        "containers": [tote.number, other.number],
    }
    problem(us.post(f"/counts/{asked['id']}/walk/", whole | {"containers": ["C-NONE"]}), 422)
    done = us.post(f"/counts/{asked['id']}/walk/", whole).json()
    assert (done["state"], done["right"], len(done["walks"]), done["differences"]) == ("done", 5, 2, [])
    assert [one["number"] for one in us.get("/counts/?state=done&place=A-01").json()["results"]] == [asked["number"]]
    assert Count.objects.get().missing == 0
    assert Device.objects.get(pk=units[1].pk).location == place
    problem(caller(cast, hub=cast.leipzig).get(f"/counts/{asked['number']}/"), 404)
