"""Reading the ledger over the API: in one order, on from where one stopped, and no more than is one's business."""

from __future__ import annotations

import json

import pytest
from django.db import transaction

from revlog.custody import digests
from revlog.custody.models import Entry
from revlog.custody.services.sequencer import sequence
from revlog.devices import facts
from revlog.devices.services import arrivals, moves, standing
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import devices as make


def test_it_reads_the_log_on_from_a_position_and_misses_nothing(cast: Cast) -> None:
    first = make.triaged(cast)
    sequence()
    them = caller(cast)
    page = them.get("/entries/?limit=2").json()
    found = list(page["results"])
    while page["next"]:
        page = them.get(page["next"].removeprefix("http://testserver/api/v1")).json()
        found += page["results"]
    make.laptop(cast, serial="LATER001")
    sequence()
    later = them.get(f"/entries/?after={page['position']}").json()

    assert [entry["position"] for entry in found] == list(range(1, len(found) + 1))
    assert {entry["chain"] for entry in found} == {f"unit:{first.id}"}
    assert [entry["kind"] for entry in later["results"]] == ["devices.arrived"]
    assert later["next"] is None
    assert them.get(f"/entries/?after={later['position']}").json()["results"] == []


def test_it_gives_what_the_digest_is_made_of(cast: Cast) -> None:
    device = make.triaged(cast)
    previous = "0" * 64

    for told in caller(cast).get(f"/devices/{device.tag}/entries/").json()["results"]:
        assert told["previous"] == previous
        entry = Entry.objects.get(digest=told["digest"])
        made = digests.entry_digest(
            chain=told["chain"], sequence=told["sequence"], kind=told["kind"], version=told["version"],
            occurred_at=entry.occurred_at, actor=told["actor"], key=told["key"], payload=told["payload"], previous=told["previous"],
        )  # fmt: skip
        assert digests.utc_text(entry.occurred_at) == told["occurred_at"]
        assert made == told["digest"]
        previous = made


def test_it_tells_one_entry_a_line_when_asked_to(cast: Cast) -> None:
    device = make.triaged(cast)
    sequence()
    them = caller(cast)

    answer = them.get("/entries/?limit=2", Accept="application/x-ndjson")
    lines = b"".join(answer.streaming_content).decode().splitlines()

    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert [json.loads(line)["sequence"] for line in lines] == [1, 2]
    assert answer.headers["Revlog-Position"] == "2"
    assert 'rel="next"' in answer.headers["Link"]
    chain = them.get(f"/devices/{device.id}/entries/", Accept="application/x-ndjson")
    assert len(b"".join(chain.streaming_content).splitlines()) == Entry.objects.filter(chain_id=device.id).count()
    assert (
        problem(them.get("/entries/?after=x", Accept="application/x-ndjson"), 422)["reasons"][0]["pointer"] == "/after"
    )


def test_it_keeps_what_is_said_for_our_own_people_from_others_and_leaves_the_chain_whole(cast: Cast) -> None:
    device = make.laptop(cast)
    moves_of = {"owner_id": cast.vega.id}
    with transaction.atomic():
        taken = moves.take_one(device.id)
        moves.note(taken, fact=facts.TitlePassed(to="demo", before="operator"), by=cast.aisha, at=make.AT, set=moves_of)
        moves.note(taken, fact=facts.Located(place="CAGE-7", hub="rotterdam"), by=cast.ines, at=make.AT)
    found = caller(cast, organization=cast.vega).get(f"/devices/{device.id}/entries/").json()["results"]

    assert "devices.arrived" not in {entry["kind"] for entry in found}, "it was not theirs then"
    located = next(entry for entry in found if entry["kind"] == "devices.located")
    assert located["payload"] is None
    assert located["sentence"] is None
    assert len(located["digest"]) == 64
    ours = caller(cast).get(f"/devices/{device.id}/entries/").json()["results"]
    assert next(entry for entry in ours if entry["kind"] == "devices.located")["payload"]["place"] == "CAGE-7"


def test_it_lets_a_former_owner_read_up_to_the_passing_of_title(cast: Cast) -> None:
    device = make.laptop(cast)
    theirs = arrivals.arrive(
        what=arrivals.Description(device_class="laptop"),
        stay=make.stay(cast, owner=cast.vega.id),
        by=cast.ines,
        at=make.AT,
    )
    with transaction.atomic():
        taken = moves.take_one(theirs.id)
        standing.pass_title(taken, cast.operator, by=cast.aisha, at=make.AT)
        standing.back_to_triage(taken, reason="look", by=cast.ravi, at=make.AT)
    vega = caller(cast, organization=cast.vega)

    kinds = [entry["kind"] for entry in vega.get(f"/devices/{theirs.id}/entries/").json()["results"]]

    assert kinds[0] == "devices.arrived"
    assert "devices.sent_to_triage" not in kinds
    problem(vega.get(f"/devices/{theirs.id}/"), 404)
    problem(vega.get(f"/devices/{device.id}/entries/"), 404)


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=1e3",
        "after=99999999999999999999",
        "limit=0",
        "limit=100000",
        "kind=devices.exploded",
        "sort=up",
    ],
)
def test_it_refuses_what_it_does_not_understand(cast: Cast, query: str) -> None:
    refused = problem(caller(cast).get(f"/entries/?{query}"), 422)

    assert refused["reasons"][0]["pointer"] == f"/{query.partition('=')[0]}"
