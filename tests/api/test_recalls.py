"""Recalls over the API: how far each is, and what was found; each organization reads of its own things alone."""

from __future__ import annotations

from returns.services import recall_units
from returns.services.recalls import NewCriterion
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import devices
from tests.factories import recalls as make


def test_a_recall_its_closure_rate_and_its_units_are_read_by_whose_they_are(cast: Cast) -> None:
    first = devices.laptop(cast, serial="PF1ABCDE", at=make.AT)
    devices.laptop(cast, serial="PF2BCDEF", at=make.AT)
    listed = NewCriterion(range="serials", serials=["PF1ABCDE", "PF2BCDEF"])
    recall = make.opened(cast, listed)
    row = recall.units.get(device=first)
    recall_units.settle(row, "repaired", by=cast.maria, at=make.AT)
    us = caller(cast, "recalls:read")

    told = us.get(f"/recalls/{recall.number}/").json()
    assert (told["status"], told["tally"]["found"], told["tally"]["remedied"]) == ("open", 2, 1)
    assert told["tally"]["closure_percent"] == told["days"][-1]["closure_percent"] == 50
    assert [one["number"] for one in us.get("/recalls/?status=open").json()["results"]] == [recall.number]
    units = us.get(f"/recall-units/?recall={recall.number}&open=true").json()["results"]
    assert [one["serial"] for one in units] == ["PF2BCDEF"]
    assert us.get(f"/recall-units/?recall={recall.number}&open=false").json()["results"][0]["device"] == first.tag

    # Whoever owns none of them, and never sold one, finds nothing.
    stranger = caller(cast, "recalls:read", organization=cast.retailer)
    assert stranger.get("/recalls/").json()["results"] == []
    assert stranger.get("/recall-units/").json()["results"] == []
    problem(stranger.get(f"/recalls/{recall.number}/"), 404)
    problem(caller(cast, "rmas:read").get("/recalls/"), 403)
