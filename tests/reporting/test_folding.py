"""From entries to typed rows: whose clock ran, what a visit was, and what lateness does."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from reporting.folding import Said, fold

OWNER, HUB = uuid.UUID(int=1), uuid.UUID(int=2)
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def told(*lines: tuple[str, float, dict[str, Any]]) -> list[Said]:
    return [
        Said(number, kind, BEGIN + timedelta(hours=hours), payload, OWNER, HUB)
        for number, (kind, hours, payload) in enumerate(lines, start=1)
    ]


ARRIVED = ("devices.arrived", 0, {"what": "x", "why": "return", "visit": 1, "state_to": "RECEIVED"})


def test_it_gives_each_state_its_time() -> None:
    story = fold(told(ARRIVED, ("devices.sent_to_triage", 5, {"state_from": "RECEIVED", "state_to": "IN_TRIAGE"})))

    received, triage = story.stays
    assert received.left_at is not None
    assert (received.state, received.left_at - received.entered_at) == ("RECEIVED", timedelta(hours=5))
    assert (triage.state, triage.came_from, triage.left_at) == ("IN_TRIAGE", "RECEIVED", None)


def test_it_stops_our_clock_while_somebody_else_is_waited_for() -> None:
    story = fold(
        told(
            ARRIVED,
            ("devices.wait_begun", 2, {"party": "customer", "asked": "unlock it"}),
            ("devices.wait_ended", 26, {"party": "customer"}),
            ("devices.sent_to_triage", 27, {"state_from": "RECEIVED", "state_to": "IN_TRIAGE"}),
        )
    )

    spent = [(row.state, row.clock, row.began, row.left_at - row.entered_at) for row in story.stays if row.left_at]
    assert spent == [
        ("RECEIVED", "ours", 1, timedelta(hours=2)),
        ("RECEIVED", "customer", 1, timedelta(hours=24)),
        ("RECEIVED", "ours", 1, timedelta(hours=1)),
    ]


def test_it_keeps_a_clock_that_runs_on_through_a_move() -> None:
    story = fold(
        told(
            ARRIVED,
            ("devices.wait_begun", 2, {"party": "part"}),
            ("devices.sent_to_triage", 3, {"state_from": "RECEIVED", "state_to": "IN_TRIAGE"}),
        )
    )

    assert [row.clock for row in story.stays] == ["ours", "part", "part"]


def test_a_second_visit_is_a_row_of_its_own_with_a_clean_sheet() -> None:
    story = fold(
        told(
            ARRIVED,
            ("triage.graded", 1, {"grade": "B"}),
            ("resale.sold_to", 9, {"state_from": "TO_SELL", "state_to": "SOLD"}),
            ("devices.arrived_again", 99, {"why": "return", "visit": 2, "state_from": "SOLD", "state_to": "RECEIVED"}),
        )
    )

    first, second = story.visits
    assert (first.outcome, first.grade, first.ended_at) == ("SOLD", "B", BEGIN + timedelta(hours=9))
    assert (second.number, second.outcome, second.grade, second.received_at) == (2, "", "", BEGIN + timedelta(hours=99))


def test_an_announced_unit_keeps_one_row_when_it_arrives() -> None:
    story = fold(
        told(
            ("devices.announced", 0, {"why": "itad", "state_to": "EXPECTED"}),
            ("devices.arrived", 4, {"why": "itad", "visit": 1, "state_from": "EXPECTED", "state_to": "RECEIVED"}),
        )
    )

    (visit,) = story.visits
    assert (visit.announced_at, visit.received_at) == (BEGIN, BEGIN + timedelta(hours=4))


def test_it_takes_a_late_entry_at_its_own_time_without_counting_time_twice() -> None:
    story = fold(
        told(
            ARRIVED,
            ("devices.sent_to_triage", 10, {"state_from": "RECEIVED", "state_to": "IN_TRIAGE"}),
            ("triage.disposed", 4, {"disposition": "RECYCLE", "state_from": "IN_TRIAGE", "state_to": "TO_RECYCLE"}),
        )
    )

    triage, recycle = story.stays[1:]
    assert triage.left_at == triage.entered_at
    assert recycle.entered_at == BEGIN + timedelta(hours=4)


def test_it_counts_attempts_to_clear_a_medium() -> None:
    story = fold(
        told(
            ARRIVED,
            ("itad.erasure_failed", 3, {"medium": "m1", "reason": "bad sectors"}),
            ("itad.medium_destroyed", 5, {"medium": "m1", "level": "destroy", "technique": "shred"}),
        )
    )

    assert [(row.medium, row.outcome) for row in story.attempts] == [("m1", "failed"), ("m1", "destroyed")]


def test_a_chain_without_an_arrival_says_nothing() -> None:
    assert fold(told(("devices.held", 0, {"hold": "legal"}))).visits == []
