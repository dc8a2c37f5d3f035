"""What is scarce goes to where it earns most: the plan equals the best of all, and is never worse than choosing unit by unit."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import plans
from triage import capacity
from triage.capacity import Asking, Choice, UnableToPlan
from triage.services import planning

LIMITS = ("minutes", "screens", "shop")


def unit(drawn: random.Random, name: str) -> Asking:
    def choice(path: str, worth: int, **uses: int) -> Choice:
        return Choice(path=path, worth=Decimal(drawn.randint(0, worth)), uses=uses)

    return Asking(
        unit=name,
        choices=[
            choice("REFURBISH", 400, minutes=drawn.randint(10, 90), screens=drawn.randint(0, 1), shop=1),
            choice("RESELL", 250, shop=1),
            choice("HARVEST", 120, minutes=drawn.randint(10, 40)),
            choice("RECYCLE", 5),
        ],
    )


def best_of_all(queue: list[Asking], limits: dict[str, int]) -> Decimal:
    fits = (
        picked
        for picked in itertools.product(*(range(len(asking.choices)) for asking in queue))
        if all(used <= limits[name] for name, used in capacity.used_by(queue, picked, limits).items())
    )
    return max(capacity.worth_of(queue, picked) for picked in fits)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 5), minutes=st.integers(0, 200), screens=st.integers(0, 3))
def test_a_small_queue_is_solved_as_well_as_by_trying_everything(
    seed: int, count: int, minutes: int, screens: int
) -> None:
    drawn = random.Random(seed)
    queue = [unit(drawn, str(number)) for number in range(count)]
    limits = {"minutes": minutes, "screens": screens, "shop": 3}

    found = capacity.plan(queue, limits)

    assert found.worth == best_of_all(queue, limits)
    assert found.worth >= found.alone
    assert all(found.used[name] <= limits[name] for name in limits)


def test_the_bench_s_last_hour_goes_to_the_unit_that_earns_most_by_it() -> None:
    def laptop(name: str, mended: int, sold: int) -> Asking:
        mend = Choice(path="REFURBISH", worth=Decimal(mended), uses={"minutes": 60})
        return Asking(unit=name, choices=[mend, Choice(path="RESELL", worth=Decimal(sold))])

    queue = [laptop("first", 210, 200), laptop("second", 300, 100)]

    found = capacity.plan(queue, {"minutes": 60})

    assert [asking.choices[place].path for asking, place in zip(queue, found.chosen, strict=True)] == [
        "RESELL",
        "REFURBISH",
    ]
    assert (found.worth, found.alone, found.gain) == (Decimal(500), Decimal(310), Decimal(190))


def test_what_isn_t_limited_is_chosen_as_if_alone() -> None:
    drawn = random.Random(4)
    queue = [unit(drawn, str(number)) for number in range(30)]

    found = capacity.plan(queue, {})

    assert found.chosen == found.alone_chosen
    assert found.gain == 0


def test_a_unit_that_can_do_nothing_without_the_scarce_is_refused_by_name() -> None:
    stuck = Asking(unit="RL-4QXX", choices=[Choice(path="REFURBISH", worth=Decimal(9), uses={"minutes": 5})])
    with pytest.raises(UnableToPlan, match="RL-4QXX"):
        capacity.plan([stuck], {"minutes": 3})
    assert capacity.plan([], {"minutes": 3}).worth == 0


def test_a_week_s_queue_gains_over_first_come_first_served_and_comes_within_a_hair_of_the_bound() -> None:
    drawn = random.Random(7)
    queue = [unit(drawn, str(number)) for number in range(600)]
    limits = {"minutes": 5 * 8 * 60, "screens": 40, "shop": 250}

    found = capacity.plan(queue, limits)

    assert found.gain > Decimal("0.05") * found.alone
    assert found.bound - found.worth <= Decimal("0.0001") * found.bound
    assert all(found.used[name] <= limits[name] for name in limits)


def test_waiting_costs_the_days_that_the_queue_takes_and_who_is_here_too_long_doesn_t_wait() -> None:
    drawn = random.Random(1)
    units = [(str(place), found) for place in range(40) if (found := plans.unit(drawn)).case.mendable]
    wanted = sum(planning.uses_of(found.paths[0]).get("minutes", 0) for _unit, found in units)

    def waits(minutes: int) -> dict[str, Decimal]:
        asked = planning.asking_of(units, {"minutes": minutes})
        return {one.unit: one.choices[0].worth for one in asked if one.choices[0].path == ""}

    for unit, found in units:
        uses = planning.uses_of(found.paths[0]).get("minutes", 0)
        day, net = planning.cost_of_a_day(found), found.paths[0].result.net
        assert waits(wanted)[unit] == net - day
        assert waits(wanted // 4)[unit] == net - day * (5 if uses else 1)
        assert waits(0)[unit] == net - day * (planning.MOST_DAYS_OF_WAIT if uses else 1)
    stood = [2 if place % 2 else 1 for place in range(len(units))]
    asked = planning.asking_of(units, {"minutes": 60, planning.WAIT: 2}, stood=stood)
    assert [one.choices[0].path == "" for one in asked] == [days < 2 for days in stood]
