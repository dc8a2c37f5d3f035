"""Nothing is ever called wiped on the strength of a log in which one thing speaks against it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from itad import plausibility
from itad.levels import DESTRUCTIVE, Level, reached
from itad.plausibility import Stage
from itad.policies import CLEAR_IS_ENOUGH, DESTROY, PURGE
from tests.factories.itad import SIZE, erasure

ARRIVED = datetime(2026, 11, 2, 12, 30, tzinfo=UTC)


def stage(**changes: Any) -> Stage:
    values: dict[str, Any] = {
        "kind": "ssd",
        "capacity_bytes": SIZE,
        "required": Level.CLEAR,
        "received_at": ARRIVED - timedelta(days=3),
        "begun_at": None,
        "arrived_at": ARRIVED,
    }
    return Stage(**(values | changes))


def codes(**changes: Any) -> set[str]:
    return {reason.code for reason in plausibility.reasons_against(erasure(**changes), stage())}


def test_a_good_log_has_nothing_against_it() -> None:
    assert plausibility.reasons_against(erasure(), stage()) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"outcome": "failed"}, "outcome"),
        ({"outcome": "aborted"}, "outcome"),
        ({"outcome": "unknown"}, "outcome"),
        ({"outcome": "verify_only"}, "outcome"),
        ({"outcome": None}, "outcome"),
        ({"outcome": "Success"}, "outcome"),
        ({"outcome": "something new"}, "outcome"),
        ({"doubts": ["A hidden area (HPA or DCO) was detected: the wipe doesn't reach it."]}, "doubt"),
        ({"method": None}, "no_method"),
        ({"method": "Verify Zeros (0x00)"}, "verify_only"),
        ({"bytes_total": None}, "no_bytes"),
        ({"bytes_erased": None}, "no_bytes"),
        ({"bytes_total": 0, "bytes_erased": 0}, "no_bytes"),
        ({"bytes_total": str(SIZE)}, "no_bytes"),
        ({"bytes_erased": SIZE - 1}, "bytes_short"),
        ({"bytes_total": SIZE // 2, "bytes_erased": SIZE // 2}, "capacity"),
        ({"bytes_total": SIZE * 2, "bytes_erased": SIZE * 2}, "capacity"),
        ({"pass_errors": 1}, "errors"),
        ({"verify_errors": 1}, "errors"),
        ({"sync_errors": 1}, "errors"),
        ({"hidden_area": "detected"}, "hidden_area"),
        ({"hidden_area": "indeterminate"}, "hidden_area"),
        ({"ended_at": None}, "no_time"),
        ({"ended_at": "yesterday"}, "no_time"),
        ({"ended_at": "2026-10-20T12:20:00"}, "older"),
        ({"ended_at": "2026-12-20T12:20:00"}, "future"),
        ({"started_at": "2026-11-02T12:21:00"}, "order"),
        ({"started_at": "2026-11-02T12:19:59"}, "too_fast"),
    ],
)
def test_each_thing_that_speaks_against_a_wipe_is_named(changes: dict[str, Any], code: str) -> None:
    assert code in codes(**changes)


def test_a_log_older_than_the_moment_the_job_was_begun_is_refused_although_the_stay_is_older() -> None:
    late = stage(begun_at=ARRIVED + timedelta(days=2), arrived_at=ARRIVED + timedelta(days=2, hours=1))
    assert {reason.code for reason in plausibility.reasons_against(erasure(), late)} == {"older"}


def test_an_overwrite_is_clear_and_never_called_purge() -> None:
    for kind in ("hdd", "ssd", "nvme", "emmc", "ufs", "usb", "unknown"):
        assert reached("overwrite", kind) is Level.CLEAR
        for required in (Level.PURGE, Level.DESTROY):
            found = plausibility.reasons_against(erasure(bytes_total=SIZE), stage(kind=kind, required=required))
            assert "level_not_met" in {reason.code for reason in found}
    assert reached("overwrite", "optical") is None


def test_the_outcome_of_a_log_with_reasons_is_never_success() -> None:
    for changes in ({"outcome": "failed"}, {"doubts": ["cut off"]}, {"bytes_erased": 1}, {"ended_at": None}):
        told = erasure(**changes)
        assert plausibility.outcome_of(told, plausibility.reasons_against(told, stage())) != "success"


def test_bending_drilling_and_crushing_destroy_nothing() -> None:
    assert not {"bend", "drill", "crush"} & set(DESTRUCTIVE)
    assert all(reached(code, "ssd") is Level.DESTROY for code in DESTRUCTIVE)


def test_levels_go_up_and_end_with_destroy() -> None:
    assert Level.CLEAR.next is Level.PURGE
    assert Level.PURGE.next is Level.DESTROY
    assert Level.DESTROY.next is None


def test_each_policy_says_what_a_medium_needs() -> None:
    assert CLEAR_IS_ENOUGH.level_for("hdd") is Level.CLEAR
    assert CLEAR_IS_ENOUGH.level_for("optical") is Level.DESTROY
    assert PURGE.level_for("ssd") is Level.PURGE
    assert DESTROY.level_for("hdd") is Level.DESTROY
