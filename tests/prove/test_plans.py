"""A week of days planned as one each, against choosing unit by unit; and a queue of thousands in time."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import plans
from tests.prove.results import keep
from triage import capacity

pytestmark = pytest.mark.prove


def test_a_week_planned_day_by_day_recovers_more_than_choosing_unit_by_unit() -> None:
    told: dict[str, Any] = {}
    for patience in (0, 2, None):
        rows = []
        for seed in range(1, 6):
            planned = plans.week(seed, plans.by_plan, patience=patience)
            alone = plans.week(seed, capacity.one_by_one, patience=patience)
            rows.append((planned, alone))
            # Where anything may wait as long as it likes, little is lost by waiting: the plan must not lose by it either.
            assert planned.recovered >= alone.recovered
        share = sum(a.recovered for a, _b in rows) / sum(b.recovered for _a, b in rows) - 1
        told[f"gain, waiting {'at will' if patience is None else f'{patience} days at most'}"] = f"{share:.2%}"
        assert patience is None or share > 0.02
    print(told)
    keep("plans", told)


def test_five_thousand_units_are_planned_in_under_thirty_seconds() -> None:
    seconds, found = plans.many(5000)
    assert seconds < 30
    assert found.bound - found.worth <= found.bound / 1_000_000 + 1
    keep(
        "plans_of_thousands",
        {"seconds": round(seconds, 1), "gain": str(found.gain), "below_bound": str(found.bound - found.worth)},
    )
