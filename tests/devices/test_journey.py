"""The journey as a table: every route comes to an end, and no stop is entered with data that it refuses."""

from __future__ import annotations

import itertools

import pytest

from revlog.devices.journey import (
    ANY,
    CLEARED,
    DEPARTED,
    END,
    ENDS,
    FOR_SALE,
    OWNERS,
    ROUTES,
    SANITIZE,
    Data,
    Disposition,
    State,
    next_stop,
    stops_to_come,
)


@pytest.mark.parametrize(("disposition", "data"), list(itertools.product(Disposition, Data)))
def test_every_route_comes_to_an_end_in_at_most_eight_steps(disposition: Disposition, data: Data) -> None:
    for start in range(len(ROUTES[disposition]) + 1):
        known, done, steps = data, start, 0
        while (stop := next_stop(ROUTES[disposition], done, known)) is not END:
            steps += 1
            assert steps <= 8, f"{disposition} from {start} with {data} doesn't end"
            if stop is SANITIZE:
                known = Data.SANITIZED
            else:
                assert known in stop.enter
                known = Data.DESTROYED if stop.name == "destroy" else known
                done += 1


@pytest.mark.parametrize("disposition", Disposition)
def test_a_route_ends_where_a_visit_can_end(disposition: Disposition) -> None:
    last = ROUTES[disposition][-1]

    assert last.end in ENDS | {State.DEPLOYED}


def test_nothing_enters_the_shops_with_data_on_it() -> None:
    for route in ROUTES.values():
        for stop in route:
            if stop.queue in FOR_SALE:
                assert stop.enter == CLEARED


def test_data_leaves_only_to_the_one_it_belongs_to() -> None:
    with_data = {d for d, route in ROUTES.items() if any(s.end in DEPARTED and s.enter == ANY for s in route)}

    assert with_data == {Disposition.REPAIR_AND_RETURN, Disposition.RETURN_TO_OWNER}


def test_a_unit_with_data_is_wiped_before_the_bench_but_not_when_its_owner_wants_it_back() -> None:
    assert next_stop(ROUTES[Disposition.REFURBISH], 0, Data.UNKNOWN) is SANITIZE
    assert next_stop(ROUTES[Disposition.REPAIR_AND_RETURN], 0, Data.PRESENT).name == "refurbish"


def test_destruction_needs_no_wipe_and_the_remains_go_on_to_recycling() -> None:
    ahead = [stop.name for stop in stops_to_come(Disposition.DESTROY, 0, Data.PRESENT)]

    assert ahead == ["destroy", "recycle"]


def test_every_queue_has_one_owner() -> None:
    queues = {stop.queue for route in ROUTES.values() for stop in route} | {
        State.TO_SANITIZE,
        State.EXPECTED,
        State.RECEIVED,
    }

    assert queues <= set(OWNERS)
