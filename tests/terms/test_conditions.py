"""Compiled conditions say what interpreted ones say, on anything."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from revlog.terms import conditions, ruling
from revlog.terms.conditions import OPERATORS
from revlog.terms.ruling import Ruling
from tests.examples import examples

FACTS = ("a", "b", "c", "answers.d")
PARAMETERS = {"whole": 7, "text": "x", "list": ["x", 7, "0.50"], "flag": True, "sum": "0.5"}
plain = st.one_of(
    st.booleans(),
    st.integers(-10, 10),
    st.sampled_from(["", "x", "y", "7", "7.0", "0.5", "0.50", " 7 ", "NaN", "None", "True", "xy"]),
)
values = st.one_of(
    plain,
    st.none(),
    st.lists(plain, max_size=4),
    st.sampled_from(list(PARAMETERS)).map(lambda name: {"param": name}),
)
comparisons = st.fixed_dictionaries({"fact": st.sampled_from(FACTS), "op": st.sampled_from(OPERATORS), "value": values})
some_conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=4)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=4)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=8,
)
facts = st.one_of(plain, st.none(), st.decimals(-10, 10, places=2), st.lists(plain, max_size=3))
inputs = st.dictionaries(st.sampled_from(FACTS), facts)
bodies = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["first", "collect"]),
        "parameters": st.just(PARAMETERS),
        "rules": st.lists(
            st.fixed_dictionaries(
                {"when": st.one_of(st.none(), some_conditions), "then": st.fixed_dictionaries({"n": values})},
                optional={"off": st.booleans()},
            ),
            max_size=5,
        ).map(lambda rules: [rule | {"id": str(place)} for place, rule in enumerate(rules)]),
    }
)


@settings(max_examples=examples(600), deadline=None)
@given(condition=some_conditions, known=inputs)
def test_a_compiled_condition_is_the_interpreted_one(condition: dict[str, Any], known: dict[str, Any]) -> None:
    compiled = conditions.compiled(condition, PARAMETERS)

    assert compiled(known) is conditions.matches(condition, known, PARAMETERS)


@settings(max_examples=examples(300), deadline=None)
@given(body=bodies, known=inputs)
def test_compiled_rules_decide_what_the_explanation_says(body: dict[str, Any], known: dict[str, Any]) -> None:
    decision = ruling.decide(Ruling("test", 1, body), known)

    live = [rule for rule in body["rules"] if not rule.get("off")]
    holding = [rule["id"] for rule in live if conditions.matches(rule["when"], known, PARAMETERS)]
    wanted = holding[:1] if body["mode"] == "first" else holding
    assert list(decision.rules) == wanted
    assert [one.rule for one in decision.tried if one.matched] == wanted
    assert all(bool(one.failed_at) is not one.matched for one in decision.tried)


def test_a_rule_that_is_off_is_not_tried() -> None:
    body = {"rules": [{"id": "a", "off": True, "then": {"n": 1}}, {"id": "b", "then": {"n": 2}}]}

    decision = ruling.decide(Ruling("test", 1, body), {})

    assert (decision.rule, [one.rule for one in decision.tried]) == ("b", ["b"])


def test_sums_compare_as_sums_however_they_are_written() -> None:
    holds = conditions.compiled({"fact": "price", "op": "<=", "value": "15.00"}, {})

    assert holds({"price": Decimal("15.00")})
    assert holds({"price": "15"})
    assert holds({"price": 15})
    assert not holds({"price": "15.01"})
    assert not holds({"price": "much"})
