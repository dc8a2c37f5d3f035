"""Units over the API, as a partner meets them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from itad.services import intake
from revlog.accounts.models import ApiKey
from revlog.common import clock
from revlog.custody.models import Entry
from revlog.devices import identifiers
from revlog.devices.models import Device, Location
from revlog.devices.services import arrivals, moves, standing
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import devices as make


def place(cast: Cast, code: str = "A-01", **changes: object) -> Location:
    values = {"hub": cast.rotterdam, "code": code, "kind": "bin", "secured": True, "created_at": cast.at} | changes
    return Location.objects.create(**values)


NEW = {"device_class": "laptop", "manufacturer": "Lenovo", "model": "ThinkPad T480", "serial": "PF0NEW01"}


# Made ------------------------------------------------------------------------------------------------------------------------------


def test_it_announces_a_unit_and_says_where_it_is_found(cast: Cast) -> None:
    them = caller(cast)

    answer = them.post("/devices/", NEW)

    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert told["state"] == "EXPECTED"
    assert told["data"] == "UNKNOWN"
    assert told["owner"] == "operator"
    assert answer.headers["Location"].endswith(f"/api/v1/devices/{told['id']}/")
    entry = Entry.objects.get(chain_id=told["id"])
    assert entry.kind == "devices.announced"
    assert entry.actor.startswith("key:")


def test_it_takes_a_unit_in_at_a_hub(cast: Cast) -> None:
    told = caller(cast).post("/devices/", NEW | {"arrived": True, "hub": "rotterdam", "owner": "demo"}).json()

    assert (told["state"], told["hub"], told["owner"]) == ("RECEIVED", "rotterdam", "demo")


def test_it_lets_a_client_announce_and_not_take_in(cast: Cast) -> None:
    vega = caller(cast, organization=cast.vega)

    assert vega.post("/devices/", NEW).json()["owner"] == "demo"
    refused = problem(vega.post("/devices/", NEW | {"serial": "PF0NEW02", "arrived": True, "hub": "rotterdam"}), 403)

    assert refused["reasons"][0]["pointer"] == "/arrived"


def test_it_lets_nobody_announce_for_another_organization(cast: Cast) -> None:
    refused = problem(caller(cast, organization=cast.vega).post("/devices/", NEW | {"owner": "altair"}), 422)

    assert refused["reasons"] == [
        {"code": "unknown_owner", "detail": "You have no organization altair.", "pointer": "/owner"}
    ]


def test_it_makes_no_twin_of_a_unit_that_is_here(cast: Cast) -> None:
    known = make.laptop(cast, serial="PF1ABCDE")

    refused = problem(caller(cast).post("/devices/", NEW | {"serial": "pf1 abcde"}), 409)

    assert refused["code"] == "already_known"
    assert known.tag in refused["detail"]
    assert Device.objects.count() == 1


def test_it_knows_what_came_by_a_clients_list_by_its_asset_tag(cast: Cast) -> None:
    lines = intake.read("serial,model,asset_tag\nPF100001,T480,VG-001\n")
    listed = intake.take_in(
        client=cast.vega, lines=lines, contract="MSA-7", hub=cast.rotterdam, here=True, by=cast.henrik, at=cast.at
    ).new
    told = {"device_class": "laptop", "owner": "demo", "identifiers": [{"scheme": "asset_tag", "value": "vg-001"}]}

    refused = problem(caller(cast).post("/devices/", told), 409)

    assert listed[0].tag in refused["detail"]


def test_it_tells_nobody_that_a_stranger_has_that_serial(cast: Cast) -> None:
    make.laptop(cast, serial="PF1ABCDE")

    assert caller(cast, organization=cast.vega).post("/devices/", NEW | {"serial": "PF1ABCDE"}).status_code == 201


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"device_class": "spaceship"}, "/device_class"),
        ({"quantity": 3}, "/quantity"),
        ({"quantity": "many"}, "/quantity"),
        ({"tracking": "weighed", "serial": ""}, "/grams"),
        ({"grams": 10**30}, "/grams"),
        ({"serail": "PF0NEW01"}, "/serail"),
        ({"manufacturer": "a\x00b"}, "/manufacturer"),
        ({"model": "\ud800"}, "/model"),
        ({"model": ["T480"]}, "/model"),
        ({"identifiers": [{"scheme": "imei", "value": "490154203237519"}]}, "/identifiers/0/value"),
        ({"identifiers": {"scheme": "imei"}}, "/identifiers"),
        ({"hub": "nowhere"}, "/hub"),
        ({"arrived": True}, "/hub"),
        ({"reference": "for Mrs Müller"}, "/reference"),
    ],
)
def test_it_names_the_field_at_fault(cast: Cast, change: dict, pointer: str) -> None:
    refused = problem(caller(cast).post("/devices/", NEW | change), 422)

    assert any(str(reason.get("pointer", "")).startswith(pointer) for reason in refused["reasons"]), refused
    assert Device.objects.count() == 0


# Found -----------------------------------------------------------------------------------------------------------------------------


def test_it_finds_a_unit_by_id_and_by_tag_with_its_names_and_drives(cast: Cast) -> None:
    device = make.triaged(cast, serial="PF1ABCDE")
    them = caller(cast)

    by_id, by_tag = them.get(f"/devices/{device.id}/").json(), them.get(f"/devices/{device.tag.lower()}/").json()

    assert by_id == by_tag
    assert {"scheme": "serial", "printed": "PF1ABCDE"} in by_id["identifiers"]
    assert [drive["serial"] for drive in by_id["media"]] == ["S4X1NB0K"]
    assert by_id["created_at"] == "2026-11-02T09:30:00Z"


def test_it_looks_up_by_serial_tag_and_imei(cast: Cast) -> None:
    device = make.laptop(cast, serial="PF1ABCDE")
    phone = arrivals.arrive(
        what=arrivals.Description(device_class="phone", names=identifiers.readings("490154203237518")[:1]),
        stay=make.stay(cast), by=cast.ines, at=make.AT,
    )  # fmt: skip
    them = caller(cast)

    assert them.get("/devices/lookup/?code=pf1abcde").json()["id"] == str(device.id)
    assert them.get(f"/devices/lookup/?code={device.tag}").json()["id"] == str(device.id)
    assert them.get("/devices/lookup/?code=49015420-3237518").json()["id"] == str(phone.id)
    problem(them.get("/devices/lookup/?code=NOSUCHTHING"), 404)
    problem(them.get("/devices/lookup/"), 422)


def test_it_names_all_that_answer_to_one_serial(cast: Cast) -> None:
    first = make.laptop(cast, serial="TWIN0001")
    second = make.laptop(cast, serial="TWIN0001", manufacturer="Dell", model="Latitude")
    them = caller(cast)

    refused = problem(them.get("/devices/lookup/?code=TWIN0001"), 409)

    assert {first.tag in refused["detail"], second.tag in refused["detail"]} == {True}
    assert them.get("/devices/lookup/?code=TWIN0001&maker=Dell").json()["id"] == str(second.id)


def test_it_lists_by_filters_and_page_by_page_without_losing_any(cast: Cast) -> None:
    # One moment for all of them, as an import makes it.
    units = [make.laptop(cast, serial=f"PAGE{number:04}") for number in range(7)]
    make.triaged(cast, serial="OTHER001")
    them = caller(cast)
    found, address = [], "/devices/?state=RECEIVED&limit=3"
    while address:
        page = them.get(address).json()
        assert len(page["results"]) <= 3
        found += [unit["id"] for unit in page["results"]]
        address = page["next"].removeprefix("http://testserver/api/v1") if page["next"] else None

    assert sorted(found) == sorted(str(unit.id) for unit in units)
    assert len(found) == 7
    assert [u["serial"] for u in them.get("/devices/?q=page0003").json()["results"]] == ["PAGE0003"]
    assert (
        len(
            them.get(
                "/devices/?state=RECEIVED&state=IN_TRIAGE&device_class=laptop&owner=operator&hub=rotterdam"
            ).json()["results"]
        )
        == 8
    )
    assert them.get("/devices/?owner=demo").json()["results"] == []
    assert them.get("/devices/?grade=A").json()["results"] == []


def test_a_list_says_of_each_unit_what_is_said_of_it_alone(cast: Cast) -> None:
    # One that has everything, and one that was only announced: no site, no place, nothing awaited.
    here = make.triaged(cast, serial="WHOLE001")
    place(cast)
    them = caller(cast)
    them.post(f"/devices/{here.id}/moves/", {"move": "put", "location": "A-01"})
    them.post(f"/devices/{here.id}/moves/", {"move": "hold", "hold": "safety", "reason": "a crack"})
    Device.objects.filter(pk=here.id).update(grams=1480, waiting_for="client", waiting_since=cast.at)
    them.post("/devices/", NEW)

    listed = them.get("/devices/").json()["results"]

    alone = [them.get(f"/devices/{unit['id']}/").json() for unit in listed]
    assert listed == [{name: one[name] for name in unit} for unit, one in zip(listed, alone, strict=True)]
    assert [(unit["hub"], unit["location"], unit["authorized"], bool(unit["holds"])) for unit in listed] == [
        (None, None, False, False),
        ("rotterdam", "A-01", True, True),
    ]


@pytest.mark.parametrize(
    "query", ["state=GONE", "limit=0", "limit=1000", "limit=x", "cursor=abc", "colour=red", "created_after=yesterday"]
)
def test_it_refuses_a_filter_that_it_would_otherwise_have_to_ignore(cast: Cast, query: str) -> None:
    refused = problem(caller(cast).get(f"/devices/?{query}"), 422)

    assert refused["reasons"][0]["pointer"] == f"/{query.partition('=')[0]}"


# Seen by whom ----------------------------------------------------------------------------------------------------------------------


def test_it_shows_a_client_its_own_units_alone(cast: Cast) -> None:
    ours = make.laptop(cast, serial="OURS0001")
    theirs = arrivals.arrive(
        what=arrivals.Description(device_class="laptop", serial="VEGA0001"),
        stay=make.stay(cast, owner=cast.vega.id), by=cast.ines, at=make.AT,
    )  # fmt: skip
    vega, altair = caller(cast, organization=cast.vega), caller(cast, organization=cast.altair)

    assert [unit["id"] for unit in vega.get("/devices/").json()["results"]] == [str(theirs.id)]
    assert vega.get(f"/devices/{theirs.id}/").status_code == 200
    for path in (f"/devices/{ours.id}/", f"/devices/{ours.tag}/entries/", "/devices/lookup/?code=OURS0001"):
        problem(vega.get(path), 404)
    problem(altair.get(f"/devices/{theirs.id}/"), 404)
    problem(altair.get(f"/devices/{theirs.id}/entries/"), 404)


def test_it_keeps_a_key_of_one_hub_to_that_hub(cast: Cast) -> None:
    there = arrivals.arrive(
        what=arrivals.Description(device_class="laptop"),
        stay=make.stay(cast, hub=cast.leipzig.id),
        by=cast.katja,
        at=make.AT,
    )
    them = caller(cast, hub=cast.rotterdam)

    problem(them.get(f"/devices/{there.id}/"), 404)
    problem(them.post(f"/devices/{there.id}/moves/", {"move": "to_triage", "reason": "look"}), 404)


# Moved -----------------------------------------------------------------------------------------------------------------------------


def test_it_sends_a_unit_to_triage_and_answers_with_the_entry(cast: Cast) -> None:
    device = make.laptop(cast)

    answer = caller(cast).post(f"/devices/{device.tag}/moves/", {"move": "to_triage", "reason": "first look"})

    assert answer.status_code == 201, answer.content
    told = answer.json()
    entry = Entry.objects.get(chain_id=device.id, sequence=told["sequence"])
    assert entry.digest == told["entry"]
    assert entry.payload["state_to"] == told["device"]["state"] == "IN_TRIAGE"


def test_it_names_every_reason_against_a_move(cast: Cast) -> None:
    device = make.for_sale(cast)
    with transaction.atomic():
        taken = moves.take_one(device.id)
        standing.promise(taken, taker="order_line:1", label="order 1", by=cast.anouk, at=make.AT)
    them = caller(cast)

    refused = problem(them.post(f"/devices/{device.id}/moves/", {"move": "to_triage", "reason": "again"}), 409)

    assert "promised" in refused["detail"]
    make.sold(device)
    refused = problem(them.post(f"/devices/{device.id}/moves/", {"move": "to_triage", "reason": "again"}), 409)
    assert refused["code"] == "unable_to_move"
    assert device.tag in refused["detail"]


@pytest.mark.parametrize("move", ["to_sell", "sell", "to_sanitize", "recycle", "write_off", ""])
def test_it_leaves_the_acts_of_stages_to_the_stages(cast: Cast, move: str) -> None:
    device = make.triaged(cast)

    problem(caller(cast).post(f"/devices/{device.id}/moves/", {"move": move, "reason": "why not"}), 422)

    assert make.state_of(device) == "IN_TRIAGE"


def test_it_puts_a_unit_in_a_place_and_refuses_an_open_one_for_data(cast: Cast) -> None:
    device = make.laptop(cast)
    place(cast, "CAGE-1")
    place(cast, "OPEN-1", secured=False)
    place(cast, "FULL-1", capacity=0)
    place(cast, "L-1", hub=cast.leipzig)
    them = caller(cast)

    told = them.post(f"/devices/{device.id}/moves/", {"move": "put", "location": "CAGE-1"}).json()
    assert told["device"]["location"] == "CAGE-1"
    assert them.get(f"/devices/{device.id}/").json()["location"] == "CAGE-1"
    refused = problem(them.post(f"/devices/{device.id}/moves/", {"move": "put", "location": "OPEN-1"}), 409)
    assert refused["reasons"][0]["code"] == "not_secured"
    problem(them.post(f"/devices/{device.id}/moves/", {"move": "put", "location": "FULL-1"}), 409)
    problem(them.post(f"/devices/{device.id}/moves/", {"move": "put", "location": "NOWHERE"}), 422)
    problem(them.post(f"/devices/{device.id}/moves/", {"move": "put"}), 422)
    told = them.post(f"/devices/{device.id}/moves/", {"move": "put", "location": "L-1", "hub": "leipzig"}).json()
    assert told["device"]["hub"] == "leipzig"


def test_it_holds_a_unit_and_lets_nobody_release_their_own_hold(cast: Cast) -> None:
    device = make.laptop(cast)
    one, other = caller(cast), caller(cast)
    asked = {"move": "hold", "hold": "fraud", "reason": "serial looks filed off"}

    told = one.post(f"/devices/{device.id}/moves/", asked).json()
    assert told["device"]["holds"] == ["fraud"]
    assert Entry.objects.get(digest=told["entry"]).kind == "devices.held"
    problem(one.post(f"/devices/{device.id}/moves/", asked), 409)
    release = {"move": "release", "hold": "fraud", "reason": "it is only worn"}
    problem(one.post(f"/devices/{device.id}/moves/", release), 409)
    assert other.post(f"/devices/{device.id}/moves/", release).json()["device"]["holds"] == []
    problem(other.post(f"/devices/{device.id}/moves/", release), 409)
    problem(other.post(f"/devices/{device.id}/moves/", asked | {"reason": " "}), 422)


def test_who_works_in_no_store_finds_none_of_its_places(cast: Cast) -> None:
    what = arrivals.Description(device_class="laptop", manufacturer="Lenovo", serial="PF7VEGA01")
    here = make.stay(cast, owner=cast.vega.pk)
    device = arrivals.arrive(what=what, stay=here, by=cast.ines, at=clock.now())
    place(cast, "CAGE-1")
    client = caller(cast, organization=cast.vega)
    elsewhere = caller(cast, hub=cast.leipzig)
    for asked in ({"location": "CAGE-1"}, {"location": "CAGE-1", "hub": "rotterdam"}):
        refused = client.post(f"/devices/{device.id}/moves/", {"move": "put", **asked})
        assert refused.status_code in {403, 422}
        assert "no place CAGE-1" in str(refused.json()["detail"]) or refused.status_code == 403
    there = make.stay(cast, hub=cast.leipzig.pk)
    mine = arrivals.arrive(what=what, stay=there, by=cast.ines, at=clock.now())
    told = {"move": "put", "location": "CAGE-1", "hub": "rotterdam"}
    assert (
        "There is no place CAGE-1 there" in problem(elsewhere.post(f"/devices/{mine.id}/moves/", told), 422)["detail"]
    )
    device.refresh_from_db()
    assert device.location is None


def test_it_asks_for_the_right_behind_each_move(cast: Cast) -> None:
    device = make.laptop(cast)
    place(cast)
    mover = caller(cast, "moves:write", "devices:read")

    refused = problem(mover.post(f"/devices/{device.id}/moves/", {"move": "put", "location": "A-01"}), 403)

    assert "move units between bins" in refused["detail"]
    assert mover.post(f"/devices/{device.id}/moves/", {"move": "to_triage", "reason": "look"}).status_code == 201


def test_it_receives_what_was_announced_and_what_comes_again(cast: Cast) -> None:
    them = caller(cast)
    made = them.post("/devices/", NEW).json()

    told = them.post(f"/devices/{made['tag']}/arrivals/", {"hub": "rotterdam"}).json()
    assert told["device"]["state"] == "RECEIVED"
    second = problem(caller(cast).post(f"/devices/{made['tag']}/arrivals/", {"hub": "rotterdam"}), 409)
    key = ApiKey.objects.earliest("created_at")
    assert f"it is received, and {key} took it in on " in second["detail"]
    device = make.sold(make.for_sale(cast, serial="BACK0001"))
    told = them.post(f"/devices/{device.id}/arrivals/", {"hub": "leipzig", "why": "return"}).json()
    assert (told["device"]["state"], told["device"]["data"], told["device"]["hub"]) == (
        "RECEIVED",
        "UNKNOWN",
        "leipzig",
    )


def test_it_leaves_what_an_rma_expects_to_the_rma(cast: Cast) -> None:
    device = arrivals.announce(
        what=arrivals.Description(device_class="laptop"),
        stay=make.stay(cast, reference="rma_line:0"), by=cast.sam, at=make.AT,
    )  # fmt: skip

    refused = problem(caller(cast).post(f"/devices/{device.id}/arrivals/", {"hub": "rotterdam"}), 409)

    assert refused["reasons"][0]["code"] == "belongs_to_rma"


def test_it_lists_what_was_made_after_a_moment(cast: Cast) -> None:
    make.laptop(cast)
    later = (clock.now() + timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert caller(cast).get(f"/devices/?created_after={later}").json()["results"] == []
    assert len(caller(cast).get("/devices/?created_after=2026-01-01T00:00:00Z").json()["results"]) == 1


MOVE = {"move": "to_triage", "reason": "look at it"}


def test_it_opens_a_medical_device_by_its_paper(cast: Cast) -> None:
    mover = caller(cast, "moves:write", "devices:read")
    device = make.laptop(cast, device_class="medical", at=clock.now() - timedelta(hours=1))
    said = {"done_by": "Ward 4", "done_on": clock.now().date().isoformat(), "method": "wiped", "paper": "DK-17"}
    assert "isn't on record" in str(problem(mover.post(f"/devices/{device.tag}/moves/", MOVE), 409))
    assert caller(cast, "devices:read").post(f"/devices/{device.tag}/decontamination/", said).status_code == 403

    assert mover.post(f"/devices/{device.tag}/decontamination/", said).status_code == 201

    assert mover.get(f"/devices/{device.tag}/").json()["decontamination"]["paper"] == "DK-17"
    assert mover.post(f"/devices/{device.tag}/moves/", MOVE).status_code == 201
    assert problem(mover.post(f"/devices/{device.tag}/decontamination/", said), 409)["code"]
