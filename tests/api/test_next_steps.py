"""A report posted by a test bench is answered with what to do next; what all reports say together is asked in one call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from revlog.common import clock
from revlog.custody.services import reactions
from revlog.devices.journey import Disposition
from revlog.devices.models import Device
from tests.api.callers import caller, problem
from tests.api.test_reports import sent
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from triage import nextsteps
from triage.services import inspection
from triage.services.inspection import Finding


def codes(device: Device, cast: Cast, at: datetime) -> list[str]:
    device.refresh_from_db()
    return [step.code for step in nextsteps.of(device, by=cast.ravi, at=at)]


def test_a_bench_is_told_the_next_step_by_the_receipt_it_asks_for_or_at_once(cast: Cast) -> None:
    device = make.laptop(cast)
    them = caller(cast)

    first = sent(them, bench.snapshot(battery=61))
    assert (first["status"], first["steps"]) == ("received", [])
    assert "ask again at its address" in first["next"]
    reactions.drain(at=clock.now())
    told: dict[str, Any] = them.get(first["address"].partition("/api/v1")[2]).json()

    assert [step["code"] for step in told["steps"]][:2] == ["look_at_battery", "in_triage"]
    assert told["steps"][0]["words"] == "Look at the battery: the report says 61 %."
    assert told["steps"][1]["address"].endswith(reverse("triage_unit", args=[device.tag]))
    assert told["next"] == f"{device.tag}: Look at the battery: the report says 61 %."

    answer = them.post("/reports/?wait=true", raw=bench.snapshot(battery=61, note="again"), form="text/plain")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["units"]) == ("ingested", [device.tag])
    assert answer.json()["next"] == told["next"]
    listed = them.get(f"/reports/?unit={device.tag}").json()["results"]
    assert len(listed) == 2
    assert "steps" not in listed[0]


def test_the_next_step_follows_the_unit_on_its_way(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)
    assert codes(device, cast, at)[0] == "triage"
    bench.sent(bench.snapshot(appearance="A"), cast.ravi, at=at)
    assert codes(device, cast, at)[0] == "in_triage"

    leaving = make.decided(make.triaged(cast, serial="OTHER001", drive="S4X1NB0Z"), Disposition.RESELL)
    (first, *_more) = nextsteps.of(leaving, by=cast.ravi, at=at)
    assert (first.code, first.words, first.why) == ("to_sanitize", "Clear its data.", "1 drive waits for it.")
    assert first.url == reverse("itad_unit", args=[leaving.tag])

    inspection.record(device=device, findings=[Finding(code="locked")], by=cast.ravi, at=at + timedelta(hours=1))
    assert "release_lock" in codes(device, cast, at)
    inspection.record(
        device=device, findings=[Finding(code="battery_swollen", severity="critical")], by=cast.ravi, at=at + timedelta(hours=2)
    )  # fmt: skip
    told = codes(device, cast, at)
    assert told[0] == "held"
    assert "check_battery" in told


def test_the_picture_is_told_with_its_sources_and_only_to_those_who_see_the_unit(cast: Cast) -> None:
    device = bench.tested(cast)
    bench.sent(bench.smart(passed=False), cast.ravi)

    told = caller(cast).get(f"/reports/picture/?unit={device.tag}").json()
    assert told["contradictions"] == ["health:S4X1NB0K"]
    facts = {fact["field"]: fact for fact in told["facts"]}
    health = facts["health:S4X1NB0K"]
    assert [(value["value"], value["counts"], value["sources"][0]["kind"]) for value in health["values"]] == [
        ("fail", True, "smartctl.json"),
        ("pass", False, "ereuse.workbench11"),
    ]
    assert (health["why"], health["todo"]) == ("careful", "Test this drive once more by itself.")
    assert health["values"][0]["sources"][0]["by"] == cast.ravi.reference

    problem(caller(cast, organization=cast.vega).get(f"/reports/picture/?unit={device.tag}"), 422)
    problem(caller(cast).get("/reports/picture/"), 422)
