"""A day planned, read and followed by a key that may: the same plan asked twice, and nothing sent twice."""

from __future__ import annotations

from revlog.common import clock
from revlog.custody.models import Entry
from revlog.devices.models import Device
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.triage.test_planning import worn
from triage.models import DayPlan
from triage.services import planning


def test_a_day_is_planned_read_and_followed_by_a_key_that_may(cast: Cast) -> None:
    at = clock.now()
    units = [worn(cast, at, number) for number in range(2)]
    them = caller(cast)
    asked = {"site": "rotterdam", "limits": {"minutes": 480, "path:REFURBISH": 1}}

    assert problem(them.post("/plans/", {"site": "atlantis"}), 422)["code"]
    assert "luck" in str(problem(them.post("/plans/", asked | {"limits": {"luck": 1}}), 422))
    first = them.post("/plans/", asked)
    assert first.status_code == 202, first.content
    assert them.post("/plans/", asked).json()["id"] == first.json()["id"]
    address = f"/plans/{first.json()['id']}/"
    problem(them.post(f"{address}follow/"), 409)
    planning.make(DayPlan.objects.get(), at=at)

    told = them.get(address).json()
    assert (told["status"], told["site"], told["units"], told["used"]["path:REFURBISH"]) == ("made", "rotterdam", 2, 1)
    rows = them.get(f"{address}units/").json()
    assert ({row["unit"] for row in rows["results"]}, rows["next"]) == ({one.tag for one in units}, None)
    differing = them.get(f"{address}units/?differing=true").json()["results"]
    assert (
        [row["unit"] for row in differing]
        == [row["unit"] for row in rows["results"] if row["path"] != row["best"]]
        != []
    )
    problem(them.get(f"{address}units/?after=x"), 422)

    going = next(row["unit"] for row in rows["results"] if row["path"])
    sent = them.post(f"{address}follow/", {"units": [going]}).json()
    assert (sent["status"], sent["sent"]) == ("followed", 1)
    decided = Entry.objects.filter(kind="triage.decided").count()
    assert them.post(f"{address}follow/", {"units": [going]}).json()["sent"] == 1
    assert Entry.objects.filter(kind="triage.decided").count() == decided
    assert Device.objects.get(tag=going).disposition
    assert [row["id"] for row in them.get("/plans/?site=rotterdam&status=followed").json()["results"]] == [told["id"]]

    problem(caller(cast, "plans:read").post("/plans/", asked), 403)
    problem(caller(cast, "rmas:read").get("/plans/"), 403)
    problem(caller(cast, hub=cast.leipzig).get(address), 404)
