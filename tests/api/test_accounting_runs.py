"""The books handed over by another system: made, listed, and the same file each time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from reporting.accounting import chart
from revlog.common import clock
from revlog.devices.services import money, moves, standing
from revlog.terms.services import rules
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import devices


def test_a_run_is_made_listed_and_read_by_a_key_that_may(cast: Cast) -> None:
    at = clock.now() - timedelta(days=3)
    unit = devices.for_sale(cast, at=at)
    with transaction.atomic():
        entry = standing.wait(moves.take_one(unit.pk), "buyer", asked="pay", due=None, by=cast.anouk, at=at)
        money.post(entry=entry, account="sale", amount=Decimal(90), currency="EUR", device=unit, at=at, key="s")
    them = caller(cast)
    until = (at + timedelta(days=1)).date().isoformat()

    refused = problem(them.post("/accounting-runs/", {"until": until}), 409)
    assert "has no number for “sale”" in str(refused)
    draft = rules.draft(kind=chart.KIND, body=chart.proposal(), by=cast.admin, at=clock.now())
    rules.publish(draft, by=cast.maria, at=clock.now())
    made = them.post("/accounting-runs/", {"until": until})
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["number"], told["sums"], told["datev"]) == (1, {"ours": "90.00"}, None)

    files = [them.get("/accounting-runs/1/file/?kind=journal").content for _n in range(2)]
    assert files[0] == files[1]
    assert b",90.00," in files[0]
    problem(them.get("/accounting-runs/1/file/?kind=datev"), 404)
    assert [row["number"] for row in them.get("/accounting-runs/").json()["results"]] == [1]
    problem(them.get("/accounting-runs/2/"), 404)
    problem(caller(cast, "accounting:read").post("/accounting-runs/", {"until": until}), 403)
    problem(caller(cast, "rmas:read").get("/accounting-runs/"), 403)
