"""Where a unit goes: by what it recovers, past every gate, by a person's word, with its sums kept."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import translation

from returns.facts import UnitMatched
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, HoldKind, ProductModel
from revlog.devices.services import arrivals, moves, standing
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import returns
from tests.factories import triage as bench
from triage import figures
from triage.models import Decision, KeptFigures, Valuation
from triage.services import disposition, grading, inspection, worth
from triage.services.inspection import Finding


def looked(device: Device, cast: Cast, *findings: Finding, works: str = "yes", at: datetime = make.AT) -> Device:
    inspection.record(device=device, findings=findings, works=works, by=cast.ravi, at=at)
    device.refresh_from_db()
    return device


def codes(refused: pytest.ExceptionInfo[disposition.UnableToDecide]) -> set[str]:
    return {reason.code for reason in refused.value.reasons}


def test_a_good_laptop_is_sold_after_its_wipe(cast: Cast, at: datetime) -> None:
    device = looked(bench.tested(cast), cast)
    assert device.grade == "A"

    decision = disposition.decide(device=device, by=cast.ravi, at=at)

    device.refresh_from_db()
    assert (decision.disposition, decision.overridden) == (decision.valuation.best, False)
    assert device.state == State.TO_SANITIZE
    assert (device.disposition, device.stops_done, device.expected_value) == (
        decision.disposition,
        0,
        decision.expected,
    )
    told = Entry.objects.get(digest=decision.entry)
    assert told.payload["economics"] == "economics-2026-2"
    assert {path["path"] for path in told.payload["paths"]} >= {"RESELL", "RECYCLE"}


def test_a_decision_keeps_its_version_inputs_and_every_path_with_its_sum(cast: Cast, at: datetime) -> None:
    device = looked(bench.tested(cast), cast)

    kept = disposition.decide(device=device, by=cast.ravi, at=at).valuation

    assert {path["path"] for path in kept.paths} == {
        "RESTOCK", "RESELL", "LOT", "REFURBISH", "HARVEST", "DONATE", "DEPLOY", "RETURN_TO_VENDOR", "RECYCLE", "DESTROY",
    }  # fmt: skip
    assert kept.inputs["grade"] == "A"
    assert kept.inputs["price_from"] == "assumption"
    for path in kept.paths:
        assert Decimal(path["net"]) == sum(Decimal(line["amount"]) for line in path["lines"])
    open_ones = [Decimal(path["net"]) for path in kept.paths if not path["against"] and path["weighed"]]
    assert open_ones == sorted(open_ones, reverse=True)


def test_the_catalog_s_price_goes_before_the_assumption(cast: Cast, at: datetime) -> None:
    product = ProductModel.objects.create(
        manufacturer="Lenovo", name="ThinkPad T480", device_class="laptop", list_price=Decimal(1400), created_at=at
    )
    device = looked(bench.tested(cast), cast)
    Device.objects.filter(pk=device.pk).update(product=product)

    kept = disposition.decide(device=Device.objects.get(pk=device.pk), by=cast.ravi, at=at).valuation

    assert (kept.inputs["price_from"], Decimal(kept.inputs["price_new"])) == ("list_price", Decimal(1400))


def test_another_path_needs_a_reason_and_the_right(cast: Cast, at: datetime) -> None:
    device = looked(bench.tested(cast), cast)

    with pytest.raises(NotAllowed, match="override"):
        disposition.decide(device=device, disposition=Disposition.RECYCLE, reason="x", by=cast.ravi, at=at)
    with pytest.raises(BadInput, match="another way"):
        disposition.decide(device=device, disposition=Disposition.RECYCLE, reason=" ", by=cast.aisha, at=at)
    assert make.state_of(device) == State.IN_TRIAGE

    decision = disposition.decide(
        device=device, disposition=Disposition.RECYCLE, reason="client wants it gone", by=cast.aisha, at=at
    )
    assert (decision.overridden, decision.reason, decision.disposition) == (True, "client wants it gone", "RECYCLE")


def test_naming_the_proposed_path_is_no_override(cast: Cast, at: datetime) -> None:
    device = looked(bench.tested(cast), cast)
    best = worth.worth_of(device, at=at).best

    assert not disposition.decide(device=device, disposition=best, by=cast.ravi, at=at).overridden


def test_a_path_nobody_knows_is_refused(cast: Cast, at: datetime) -> None:
    device = looked(bench.tested(cast), cast)

    with pytest.raises(BadInput, match="no path called THROW_AWAY"):
        disposition.decide(device=device, disposition="THROW_AWAY", reason="x", by=cast.aisha, at=at)


def test_nobody_decides_without_the_right_or_outside_triage(cast: Cast, at: datetime) -> None:
    device = looked(bench.tested(cast), cast)

    with pytest.raises(NotAllowed):
        disposition.decide(device=device, by=cast.ines, at=at)
    disposition.decide(device=device, by=cast.ravi, at=at)
    with pytest.raises(disposition.UnableToDecide, match="waiting for wipe"):
        disposition.decide(device=device, by=cast.ravi, at=at)


# Gates that nobody overrides ----------------------------------------------------------------------------------------------------------


def test_a_held_unit_goes_nowhere(cast: Cast, at: datetime) -> None:
    device = looked(bench.tested(cast), cast)
    with transaction.atomic():
        standing.hold(moves.take_one(device.id), HoldKind.LEGAL, reason="matter 14", by=cast.carla, at=at)

    with pytest.raises(disposition.UnableToDecide, match="legal hold") as refused:
        disposition.decide(device=device, disposition=Disposition.RESELL, reason="x", by=cast.aisha, at=at)
    assert "on_hold" in codes(refused)


def test_without_leave_nothing_is_proposed(cast: Cast, at: datetime) -> None:
    device = looked(bench.tested(cast, owner_agreed=False), cast)

    with pytest.raises(disposition.UnableToDecide, match="nobody entitled") as refused:
        disposition.decide(device=device, by=cast.ravi, at=at)

    assert codes(refused) == {"no_authority"}
    assert make.state_of(device) == State.IN_TRIAGE


def test_a_dead_phone_whose_flash_can_not_be_wiped_goes_to_destruction(cast: Cast, at: datetime) -> None:
    phone = make.laptop(cast, serial="", device_class="phone", manufacturer="Google", model="Pixel 7a")
    with transaction.atomic():
        standing.authorize(moves.take_one(phone.id), ground="title_is_ours", by=cast.aisha, at=at)
    looked(phone, cast, Finding(code="no_power", severity="critical"), works="no")

    with pytest.raises(disposition.UnableToDecide, match="can't be cleared"):
        disposition.decide(device=phone, disposition=Disposition.RECYCLE, reason="x", by=cast.aisha, at=at)
    decision = disposition.decide(device=phone, by=cast.ravi, at=at)

    assert decision.disposition == "DESTROY"
    assert make.state_of(phone) == State.TO_DESTROY


def test_a_locked_laptop_is_not_sold_whoever_asks(cast: Cast, at: datetime) -> None:
    device = looked(bench.tested(cast), cast, Finding(code="locked"))

    with pytest.raises(disposition.UnableToDecide, match="locked"):
        disposition.decide(device=device, disposition=Disposition.RESELL, reason="x", by=cast.maria, at=at)
    assert disposition.decide(device=device, by=cast.ravi, at=at).disposition in {"HARVEST", "RECYCLE"}


def test_a_swollen_battery_is_held_for_safety_and_then_goes_to_recycling(cast: Cast, at: datetime) -> None:
    device = looked(bench.tested(cast), cast, Finding(code="battery_swollen", severity="critical"))
    assert device.holds == ["safety"]
    with pytest.raises(disposition.UnableToDecide, match="on hold"):
        disposition.decide(device=device, by=cast.ravi, at=at)

    with transaction.atomic():
        taken = moves.take_one(device.id)
        standing.release(taken, taken.hold_rows.get(), reason="looked at, boxed", by=cast.greta, at=at)

    assert disposition.decide(device=device, by=cast.ravi, at=at).disposition == "RECYCLE"


def test_an_ungraded_unit_is_not_sold(cast: Cast, at: datetime) -> None:
    device = make.triaged(cast)

    with pytest.raises(disposition.UnableToDecide, match="no grade"):
        disposition.decide(device=device, disposition=Disposition.RESELL, reason="x", by=cast.aisha, at=at)


# What the owner asked for -------------------------------------------------------------------------------------------------------------


def returned(cast: Cast, at: datetime, wanted: str) -> Device:
    what = arrivals.Description(device_class="laptop", manufacturer="Lenovo", model="T480", serial="PF1ABCDE")
    device = arrivals.arrive(what=what, stay=make.stay(cast, owner=cast.retailer.id), by=cast.ines, at=at)
    fact = UnitMatched(
        rma=str(returns.rma(cast, at=at).pk),
        number="R-1",
        line="b",
        position=1,
        how="serial",
        reason="defective",
        wanted=wanted,
    )
    with transaction.atomic():
        moves.note(moves.take_one(device.id), fact=fact, by=cast.ines, at=at)
    bench.sent(bench.snapshot(failed=("TestKeyboard",)), cast.ravi, at=at)
    device.refresh_from_db()
    return device


def test_a_repair_that_was_asked_for_goes_to_the_bench_and_home(cast: Cast, at: datetime) -> None:
    device = returned(cast, at, "repair")

    decision = disposition.decide(device=device, by=cast.ravi, at=at)

    assert decision.disposition == "REPAIR_AND_RETURN"
    assert make.state_of(device) == State.TO_REFURBISH


def test_a_refund_that_was_asked_for_waits_until_the_return_is_accepted(cast: Cast, at: datetime) -> None:
    device = returned(cast, at, "refund")

    with pytest.raises(disposition.UnableToDecide, match="nobody entitled"):
        disposition.decide(device=device, by=cast.ravi, at=at)
    with transaction.atomic():
        standing.authorize(moves.take_one(device.id), ground="title_is_ours", by=cast.ravi, at=at)

    assert disposition.decide(device=device, by=cast.ravi, at=at).disposition == "REFURBISH"


# Regrade ------------------------------------------------------------------------------------------------------------------------------


def at_regrade(cast: Cast, at: datetime) -> Device:
    """Refurbished: the battery was changed, and the unit waits for its regrade."""
    device = looked(bench.tested(cast, battery=55), cast, at=at)
    assert disposition.decide(device=device, by=cast.ravi, at=at).disposition == "REFURBISH"
    make.cleared(device, at=at)
    with transaction.atomic():
        taken = moves.take_one(device.id)
        moves.proceed(taken, fact=make.facts.SentToTriage(reason="wiped"), by=cast.tomas, at=at)
        for fault in taken.faults.filter(cleared_at=None):
            standing.clear_fault(taken, fault, by=cast.jakob, at=at + timedelta(hours=1))
        moves.proceed(
            taken,
            fact=make.facts.SentToTriage(reason="bench"),
            by=cast.jakob,
            at=at + timedelta(hours=1),
            finished=taken.next_stop,
        )
    device.refresh_from_db()
    assert (device.state, device.disposition, device.stops_done) == (State.IN_TRIAGE, "REFURBISH", 1)
    return device


def test_a_regrade_that_is_good_enough_goes_on_along_its_route(cast: Cast, at: datetime) -> None:
    device = at_regrade(cast, at)

    bench.sent(bench.snapshot(battery=99), cast.ravi, at=at + timedelta(hours=2))

    device.refresh_from_db()
    assert (device.state, device.grade, device.stops_done) == (State.TO_SELL, "A", 2)
    assert Decision.objects.filter(device=device).count() == 1


def test_a_regrade_that_is_not_takes_the_route_back_for_a_new_decision(cast: Cast, at: datetime) -> None:
    device = at_regrade(cast, at)

    bench.sent(bench.snapshot(failed=("TestKeyboard",), battery=99), cast.ravi, at=at + timedelta(hours=2))

    device.refresh_from_db()
    assert (device.state, device.grade, device.disposition, device.stops_done) == (State.IN_TRIAGE, "D", "", 0)
    decision = disposition.decide(device=device, by=cast.ravi, at=at + timedelta(hours=3))
    assert decision.disposition in {"REFURBISH", "RESELL"}


def test_a_person_may_ask_for_the_grade_at_the_regrade(cast: Cast, at: datetime) -> None:
    device = at_regrade(cast, at)

    found = grading.grade(device=device, by=cast.ravi, at=at + timedelta(hours=2))

    assert (found.overall, found.battery) == ("B", "U")  # changed, and not measured yet
    assert make.state_of(device) == State.TO_SELL


def test_a_grade_says_what_keeps_the_unit_from_being_used_apart_from_what_refused_the_better_one(cast: Cast) -> None:
    device = looked(bench.tested(cast), cast, Finding(code="scratch", severity="major"))

    def told() -> dict[str, Any]:
        return Entry.objects.filter(chain_id=device.id, kind="triage.graded").order_by("-sequence")[0].payload

    assert (told()["grade"], told()["blocked"]) == ("C", [])
    assert [reason["flaw"] for reason in told()["refused"]] == ["scratch"]
    looked(device, cast, Finding(code="locked"))
    assert told()["blocked"] == [{"code": "locked"}]


def test_a_unit_nobody_tested_is_blocked_until_somebody_does(cast: Cast, at: datetime) -> None:
    device = make.triaged(cast)

    grading.grade(device=device, by=cast.ravi, at=at)

    entry = Entry.objects.filter(chain_id=device.id, kind="triage.graded").get()
    assert (entry.payload["grade"], entry.payload["blocked"]) == ("U", [{"code": "untested"}])


def test_only_triage_grades(cast: Cast, at: datetime) -> None:
    device = make.for_sale(cast)

    with pytest.raises(grading.UnableToGrade, match="for sale"):
        grading.grade(device=device, by=cast.ravi, at=at)
    with pytest.raises(NotAllowed):
        grading.grade(device=device, by=cast.ines, at=at)


def test_looking_at_the_sums_writes_a_valuation_and_moves_nothing(cast: Cast, at: datetime) -> None:
    device = looked(bench.tested(cast), cast)
    before = Entry.objects.filter(chain_id=device.id).count()

    worth.propose(device, at=at)

    assert Valuation.objects.filter(device=device).count() == 1
    assert Entry.objects.filter(chain_id=device.id).count() == before


# Again ------------------------------------------------------------------------------------------------------------------------------


def test_a_decision_is_reckoned_again_to_the_same_sums_whatever_is_published_since(cast: Cast, at: datetime) -> None:
    device = looked(bench.tested(cast), cast, Finding(code="scratch", zone="lid", severity="minor"))
    with translation.override("de"):
        kept = disposition.decide(device=device, by=cast.ravi, at=at).valuation
    dear = rules.draft(kind=figures.KIND, body={"parameters": {"labor_per_hour": "90"}}, by=cast.admin, at=at)
    rules.publish(dear, by=cast.maria, at=at)

    found = worth.again(Valuation.objects.select_related("figures").get(pk=kept.pk))

    # Who reads it again reads another language; what stood against a path is told as it was told.
    assert json.dumps(found, sort_keys=True) == json.dumps(kept.paths, sort_keys=True)
    assert (found[0]["path"], kept.version, kept.inputs["shape"]) == (kept.best, "economics-2026-2", 2)
    assert KeptFigures.objects.count() == 1


def test_the_command_tells_every_path_and_decides_nothing(
    cast: Cast, at: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    device = looked(bench.tested(cast), cast)

    call_command("decide", device.tag.lower(), json=True)

    found = json.loads(capsys.readouterr().out)
    assert set(found) >= {"tag", "data", "chosen", "ranked", "versions"}
    assert found["ranked"][0]["path"] == found["chosen"]
    assert found["ranked"][0]["blocked_by"] == []
    assert {path["path"]: path["blocked_by"] for path in found["ranked"]}["REFURBISH"] == ["nothing_to_mend"]
    for path in found["ranked"]:
        assert Decimal(path["recovery"]) == sum(Decimal(line["amount"]) for line in path["lines"])
    assert found["versions"]["economics"] == "economics-2026-2"
    assert not Decision.objects.exists()
    with pytest.raises(CommandError, match="no unit RL-NONE"):
        call_command("decide", "RL-NONE", json=True)
