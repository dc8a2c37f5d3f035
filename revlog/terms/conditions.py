"""Conditions of rules: compared with the facts of a case, in words when they fail, and compiled to functions where many are decided.

``failing`` interprets a condition and says where it fails; ``compiled`` makes a function of it that only answers yes or no, many times
faster. Both mean the same, which a test holds over random conditions and facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

Inputs = Mapping[str, Any]
Condition = Mapping[str, Any]
Test = Callable[[Inputs], bool]
DEEPEST = 12
OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains", "exists", "missing")


class BadRules(ValueError):
    """A body that can't be evaluated; raised only for bodies that ``ruling.problems`` would have refused."""


def number(value: object) -> Decimal | None:
    """A whole number, decimal or text of one; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def filled(value: Any, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """The value with each ``{"param": name}`` in it replaced by that parameter."""
    if isinstance(value, Mapping):
        if set(value) == {"param"}:
            return parameters.get(str(value["param"]))
        return {name: filled(part, parameters) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, parameters) for part in value]
    return value


# Interpreted ------------------------------------------------------------------------------------------------------------------------


def matches(condition: Condition | None, inputs: Inputs, parameters: Mapping[str, Any] | None = None) -> bool:
    """Whether a condition holds; None always does."""
    return failing(condition, inputs, parameters or {}) is None


def failing(
    condition: Condition | None, inputs: Inputs, parameters: Mapping[str, Any], depth: int = 0
) -> Condition | None:
    """The part of a condition by which it fails: the first comparison of an ``all``, the whole of an ``any`` or ``not``; None if none."""
    if condition is None:
        return None
    if depth > DEEPEST:
        raise BadRules("A condition is nested too deep.")
    if "all" in condition:
        for part in condition["all"]:
            if (failed := failing(part, inputs, parameters, depth + 1)) is not None:
                return failed
        return None
    if "any" in condition:
        holds = any(failing(part, inputs, parameters, depth + 1) is None for part in condition["any"])
        return None if holds else condition
    if "not" in condition:
        return condition if failing(condition["not"], inputs, parameters, depth + 1) is None else None
    return None if _compares(condition, inputs, parameters) else condition


def words(condition: Condition) -> str:
    """A condition in short, as logs and the API say it."""
    for name in ("all", "any"):
        if name in condition:
            return f" {'and' if name == 'all' else 'or'} ".join(words(part) for part in condition[name])
    if "not" in condition:
        return f"not ({words(condition['not'])})"
    value = condition.get("value")
    shown = value.get("param") if isinstance(value, Mapping) else value
    return f"{condition['fact']} {condition.get('op', '==')} {'' if shown is None else shown}".strip()


def facts_of(condition: Condition | None) -> list[str]:
    """The facts that a condition compares."""
    if condition is None:
        return []
    for name in ("all", "any"):
        if name in condition:
            return [fact for part in condition[name] for fact in facts_of(part)]
    if "not" in condition:
        return facts_of(condition["not"])
    return [str(condition["fact"])]


def _compares(condition: Condition, inputs: Inputs, parameters: Mapping[str, Any]) -> bool:
    left = inputs.get(str(condition["fact"]))
    operator = condition.get("op", "==")
    if operator == "exists":
        return left is not None
    if operator == "missing":
        return left is None
    right = filled(condition.get("value"), parameters)
    if left is None:
        return False
    match operator:
        case "==":
            return _equal(left, right)
        case "!=":
            return not _equal(left, right)
        case "in":
            return isinstance(right, list) and any(_equal(left, one) for one in right)
        case "not_in":
            return isinstance(right, list) and not any(_equal(left, one) for one in right)
        case "contains":
            return isinstance(left, list | tuple | str) and (
                str(right) in left if isinstance(left, str) else any(_equal(one, right) for one in left)
            )
        case _:
            return _ordered(left, operator, right)


def _equal(left: object, right: object) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    a, b = number(left), number(right)
    if a is not None and b is not None:
        return a == b
    return str(left) == str(right)


def _ordered(left: object, operator: str, right: object) -> bool:
    a, b = number(left), number(right)
    if a is None or b is None:
        return False
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]


# Compiled ---------------------------------------------------------------------------------------------------------------------------


def compiled(condition: Condition | None, parameters: Mapping[str, Any], depth: int = 0) -> Test:
    """A function that says of facts whether the condition holds. What the rules name is looked up now, once."""
    if condition is None:
        return lambda inputs: True
    if depth > DEEPEST:
        raise BadRules("A condition is nested too deep.")
    if "all" in condition:
        return _all([compiled(part, parameters, depth + 1) for part in condition["all"]])
    if "any" in condition:
        return _any([compiled(part, parameters, depth + 1) for part in condition["any"]])
    if "not" in condition:
        inner = compiled(condition["not"], parameters, depth + 1)
        return lambda inputs: not inner(inputs)
    fact = str(condition["fact"])
    operator = condition.get("op", "==")
    if operator == "exists":
        return lambda inputs: inputs.get(fact) is not None
    if operator == "missing":
        return lambda inputs: inputs.get(fact) is None
    holds = _comparison(operator, filled(condition.get("value"), parameters))

    def test(inputs: Inputs) -> bool:
        left = inputs.get(fact)
        return left is not None and holds(left)

    return test


def _all(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda inputs: first(inputs) and second(inputs)

    def test(inputs: Inputs) -> bool:
        for one in tests:  # noqa: SIM110 - a generator for each case costs more than the comparisons
            if not one(inputs):
                return False
        return True

    return test


def _any(tests: Sequence[Test]) -> Test:
    def test(inputs: Inputs) -> bool:
        for one in tests:  # noqa: SIM110 - as above
            if one(inputs):
                return True
        return False

    return test


def _comparison(operator: str, right: object) -> Callable[[Any], bool]:
    match operator:
        case "==":
            return _equals(right)
        case "!=":
            equals = _equals(right)
            return lambda left: not equals(left)
        case "in" | "not_in":
            if not isinstance(right, list):
                return lambda left: False
            within = _within(right)
            return within if operator == "in" else lambda left: not within(left)
        case "contains":
            return _contains(right)
        case _:
            return _orders(operator, right)


def _equals(right: object) -> Callable[[Any], bool]:
    if isinstance(right, bool):
        return lambda left: left is right
    sought, text = number(right), str(right)
    if sought is None:
        return lambda left: left is not True and left is not False and str(left) == text

    def equals(left: object) -> bool:
        if isinstance(left, bool):
            return False
        found = number(left)
        return found == sought if found is not None else str(left) == text

    return equals


def _within(right: Sequence[object]) -> Callable[[Any], bool]:
    flags = {one for one in right if isinstance(one, bool)}
    rest = [one for one in right if not isinstance(one, bool)]
    texts = {str(one) for one in rest}
    numbers = {found for one in rest if (found := number(one)) is not None}

    def within(left: object) -> bool:
        if isinstance(left, bool):
            return left in flags
        if str(left) in texts:
            return True
        return bool(numbers) and number(left) in numbers

    return within


def _contains(right: object) -> Callable[[Any], bool]:
    equals, text = _equals(right), str(right)

    def contains(left: object) -> bool:
        if isinstance(left, str):
            return text in left
        return isinstance(left, list | tuple) and any(map(equals, left))

    return contains


def _orders(operator: str, right: object) -> Callable[[Any], bool]:
    found = number(right)
    if found is None:
        return lambda left: False
    whole = found == found.to_integral_value() and abs(found) < 10**18
    bound: Any = int(found) if whole else found
    compare = _ORDERS[operator]

    def orders(left: object) -> bool:
        if type(left) is int:
            return compare(left, bound)
        value = number(left)
        return value is not None and compare(value, bound)

    return orders


@dataclass(frozen=True)
class Key:
    """A comparison without which a condition can't hold: the fact is (or with ``contains`` has) one of these texts."""

    fact: str
    texts: frozenset[str]
    contains: bool = False


def key(condition: Condition | None, parameters: Mapping[str, Any]) -> Key | None:
    """The comparison with the fewest texts that a condition can't do without; None where there is none with texts alone."""
    if condition is None or "any" in condition or "not" in condition:
        return None
    if "all" in condition:
        found = [made for part in condition["all"] if (made := key(part, parameters)) is not None]
        return min(found, key=lambda one: len(one.texts), default=None)
    operator, value = condition.get("op", "=="), filled(condition.get("value"), parameters)
    told = value if operator == "in" else [value]
    if operator not in {"==", "in", "contains"} or not isinstance(told, list):
        return None
    if not all(isinstance(one, str) and number(one) is None for one in told):
        return None
    return Key(str(condition["fact"]), frozenset(told), contains=operator == "contains")


_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
