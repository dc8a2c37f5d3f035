"""Rubrics as rules: shipped, published for everybody or for one owner, checked before they can judge."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from revlog.common.errors import BadInput
from revlog.terms import ruling
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import devices as make
from triage import rubrics
from triage.rubrics import defaults
from triage.services import grading


def body(**changes: Any) -> dict[str, Any]:
    return {"parameters": defaults.BODIES | changes}


def test_the_shipped_rubrics_hold_up_to_their_own_check() -> None:
    assert ruling.problems(body(), rubrics.RULES) == []
    assert {rubrics.default_for(name) is not None for name in defaults.BODIES} == {True}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"battery": [[80, "A"]]}, "rubric"),
        ({"axes": ["battery"], "battery": [["much", "A"]]}, "rubric"),
        ({"axes": ["battery"], "battery": [[80, "E"]]}, "letter"),
        ({"axes": ["battery"], "required": ["function"]}, "axes"),
        ({"axes": ["battery"], "battery": [[80, "A"]], "weights": {"function": 1}}, "axes"),
        ({"axes": ["battery"], "battery": [[80, "A"]], "weights": {"battery": 1}, "decides": "weighted"}, "weights"),
        ({"axes": ["data"], "data": {"open": "E"}}, "letter"),
        ("a laptop", "rubric"),
    ],
)
def test_a_rubric_that_can_not_judge_is_never_published(wrong: object, code: str) -> None:
    assert [reason.code for reason in ruling.problems(body(laptop=wrong), rubrics.RULES)] == [code]


def test_a_published_rubric_judges_from_its_day_on_and_names_its_version(cast: Cast, at: datetime) -> None:
    device = make.laptop(cast)
    strict = body(laptop=defaults.BODIES["laptop"] | {"battery": [[95, "A"], [90, "B"]]})
    drafted = rules.draft(kind=rubrics.KIND, body=strict, by=cast.admin, at=at)
    rules.publish(drafted, valid_from=at + timedelta(days=1), by=cast.maria, at=at)

    before, after = (grading.rubric_for(device, at=when) for when in (at, at + timedelta(days=2)))

    assert before is not None
    assert after is not None
    assert (before.version, after.version) == ("laptop-2026-2", "laptop/1")
    assert after.battery == ((95, "A"), (90, "B"))


def test_a_wrong_rubric_is_refused_when_it_is_drafted(cast: Cast, at: datetime) -> None:
    with pytest.raises(BadInput, match="letters are A to D"):
        rules.draft(
            kind=rubrics.KIND, body=body(laptop={"axes": ["battery"], "battery": [[1, "Z"]]}), by=cast.admin, at=at
        )
