from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from revlog.terms import ruling
from revlog.terms.ruling import Ruling


def rules(*given: dict[str, object], mode: str = "first", **parameters: object) -> Ruling:
    return Ruling("test", 3, {"mode": mode, "parameters": parameters, "rules": list(given)})


WINDOW = {"fact": "days", "op": "<=", "value": {"param": "window"}}


def test_it_answers_with_the_first_rule_that_matches_and_says_which_version_it_was() -> None:
    found = rules(
        {"id": "in_window", "when": WINDOW, "then": {"allow": True}, "why": "in time"},
        {"id": "late", "then": {"allow": False}},
        window=30,
    )

    decision = ruling.decide(found, {"days": 12})

    assert (decision.rule, decision.version, decision.outcome, decision.why) == (
        "in_window",
        3,
        {"allow": True},
        "in time",
    )


def test_it_says_at_which_comparison_a_rule_failed() -> None:
    found = rules({"id": "in_window", "when": {"all": [WINDOW]}}, {"id": "late"}, window=30)

    tried = ruling.decide(found, {"days": 31}).tried

    assert [(one.rule, one.matched, one.failed_at) for one in tried] == [
        ("in_window", False, "days <= window"),
        ("late", True, ""),
    ]


def test_collecting_gathers_lists_and_lets_later_rules_win() -> None:
    found = rules(
        {"id": "a", "then": {"reasons": ["scratch"], "grade": "B"}},
        {
            "id": "b",
            "when": {"fact": "battery", "op": "<", "value": 80},
            "then": {"reasons": ["battery"], "grade": "C"},
        },
        {"id": "c", "when": {"fact": "battery", "op": "<", "value": 10}, "then": {"grade": "D"}},
        mode="collect",
    )

    decision = ruling.decide(found, {"battery": 71})

    assert decision.outcome == {"reasons": ["scratch", "battery"], "grade": "C"}
    assert decision.rules == ("a", "b")


def test_nothing_unknown_is_held_against_anybody() -> None:
    for operator in ("==", "!=", "<", ">=", "in", "not_in", "contains"):
        assert not ruling.matches({"fact": "days", "op": operator, "value": [1]}, {})
    assert ruling.matches({"fact": "days", "op": "missing"}, {"days": None})
    assert not ruling.matches({"fact": "days", "op": "exists"}, {})


@pytest.mark.parametrize(
    ("condition", "inputs", "holds"),
    [
        ({"fact": "price", "op": ">", "value": "99.50"}, {"price": Decimal("99.51")}, True),
        ({"fact": "price", "op": ">", "value": "99.50"}, {"price": "99.50"}, False),
        ({"fact": "price", "value": 100}, {"price": "100.00"}, True),
        ({"fact": "dead", "value": True}, {"dead": 1}, False),
        ({"fact": "dead", "value": True}, {"dead": True}, True),
        ({"fact": "code", "op": "<", "value": "x"}, {"code": "a"}, False),
        ({"fact": "kind", "op": "in", "value": ["a", "b"]}, {"kind": "b"}, True),
        ({"fact": "faults", "op": "contains", "value": "LCD"}, {"faults": ["LCD", "KB"]}, True),
        ({"not": {"fact": "kind", "value": "a"}}, {"kind": "b"}, True),
        ({"any": [{"fact": "a", "value": 1}, {"fact": "b", "value": 1}]}, {"b": 1}, True),
        ({"any": [{"fact": "a", "value": 1}]}, {}, False),
    ],
)
def test_comparisons_mean_what_they_say(condition: dict[str, object], inputs: dict[str, object], holds: bool) -> None:
    assert ruling.matches(condition, inputs) is holds


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ([], "body"),
        ({"mode": "best"}, "body.mode"),
        ({"rules": {}}, "body.rules"),
        ({"rules": [{"then": {}}]}, "body.rules[0].id"),
        ({"rules": [{"id": "a"}, {"id": "a"}]}, "body.rules[1].id"),
        ({"rules": [{"id": "a", "than": {}}]}, "body.rules[0]"),
        ({"rules": [{"id": "a", "when": {"fact": "x", "op": "~"}}]}, "body.rules[0].when.op"),
        ({"rules": [{"id": "a", "when": {"all": []}}]}, "body.rules[0].when.all"),
        ({"rules": [{"id": "a", "when": {"fact": "x", "op": "in", "value": 3}}]}, "body.rules[0].when.value"),
        ({"rules": [{"id": "a", "when": {"fact": "x", "value": {"param": "no"}}}]}, "body.rules[0].when.value"),
        ({"parameters": {"fee": 0.15}}, "body.parameters.fee"),
        ({"rules": [{"id": "a", "when": {"not": {"not": {"op": "=="}}}}]}, "body.rules[0].when.not.not.fact"),
    ],
)
def test_it_names_the_place_that_is_wrong(body: object, where: str) -> None:
    assert [reason.field for reason in ruling.problems(body)] == [where]


def test_rules_nested_too_deep_are_refused_not_followed() -> None:
    condition: dict[str, object] = {"fact": "a", "value": 1}
    for _ in range(500):
        condition = {"not": condition}

    assert [reason.code for reason in ruling.problems({"rules": [{"id": "a", "when": condition}]})] == ["deep"]


def test_the_diff_names_rules_and_parameters_that_changed() -> None:
    before = {"parameters": {"window": 30, "fee": "0"}, "rules": [{"id": "a", "then": {"x": 1}}, {"id": "b"}]}
    after = {
        "parameters": {"window": 14, "fee": "0"},
        "rules": [{"id": "b"}, {"id": "a", "then": {"x": 2}}, {"id": "c"}],
    }

    changes = {change.where: (change.before, change.after) for change in ruling.diff(before, after)}

    assert changes["parameters.window"] == ("30", "14")
    assert changes["rules.c"] == (None, '{"id": "c"}')
    assert changes["order of rules"] == ("a, b", "b, a")
    assert set(changes) == {"parameters.window", "rules.a", "rules.c", "order of rules"}
    assert ruling.diff(before, before) == []


def test_the_diff_may_look_into_tables_and_lists_of_things_with_a_code() -> None:
    def shelf(*grades: tuple[str, int]) -> dict[str, Any]:
        return {"parameters": {"b": {"name": "B", "grades": [{"code": code, "asks": asks} for code, asks in grades]}}}

    found = ruling.diff(shelf(("x", 1), ("y", 2)), shelf(("y", 3), ("x", 1)), within=True)

    assert [(one.where, one.before, one.after) for one in found] == [
        ("parameters.b.grades.y.asks", "2", "3"),
        ("order of parameters.b.grades", "x, y", "y, x"),
    ]


def test_the_digest_is_of_what_the_rules_say_not_of_how_they_are_spaced() -> None:
    assert ruling.digest({"a": 1, "b": 2}) == ruling.digest({"b": 2, "a": 1})
    assert ruling.digest({"a": 1}) != ruling.digest({"a": 2})
