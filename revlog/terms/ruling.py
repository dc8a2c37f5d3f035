"""Deciding by rules: pure functions over a body of JSON and the facts of a case. No database, no clock.

A body has rules, tried in order, and parameters that conditions and outcomes may name:

    {"mode": "first",
     "parameters": {"window_days": 30},
     "rules": [
        {"id": "in_window", "when": {"fact": "days_since_delivery", "op": "<=", "value": {"param": "window_days"}},
         "then": {"allow": true}, "why": "..."},
        {"id": "otherwise", "then": {"allow": false}}]}

``first`` answers with the first rule that matches; ``collect`` with all that match, a later outcome adding to the earlier ones. A
condition is ``{"all": [...]}``, ``{"any": [...]}``, ``{"not": ...}`` or a comparison; a rule without ``when`` always matches. A
comparison with a fact that is not known (absent or null) is never true, but for ``missing``: nobody is refused for what we don't know.
Numbers are whole numbers or text of decimals ("0.15"), never floats.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from revlog.common.errors import Reason

Body = Mapping[str, Any]
Inputs = Mapping[str, Any]
MODES = ("first", "collect")
DEEPEST = 12
MOST_RULES = 2000
MOST_BYTES = 1_000_000
OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains", "exists", "missing")


class BadRules(ValueError):
    """A body that can't be evaluated; raised only for bodies that ``problems`` would have refused."""


# Kinds ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """What the rules of a kind decide, the body shipped with the code, and what else must be true of a body before it is published."""

    name: str
    shipped: Body
    check: Callable[[Body], list[Reason]] | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known. Its shipped body must hold up to its own check."""
    if found := problems(kind.shipped, kind):
        raise ValueError(f"The rules shipped for {kind.name} are wrong: {'; '.join(r.sentence for r in found)}")
    _kinds[kind.name] = kind
    return kind


def kind(name: str) -> Kind:
    """Raises LookupError for a kind that no code declares."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"No code declares rules of the kind {name!r}.") from None


def kinds() -> Sequence[str]:
    return sorted(_kinds)


@dataclass(frozen=True)
class Ruling:
    """The rules in force for somebody at some time: what a decision was made by. Version 0 is what the code ships."""

    kind: str
    version: int
    body: Body
    organization: uuid.UUID | None = None
    rule_set: uuid.UUID | None = None

    @property
    def parameters(self) -> Mapping[str, Any]:
        found = self.body.get("parameters", {})
        return found if isinstance(found, Mapping) else {}


# Deciding ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tried:
    """A rule that was looked at: whether it matched, and the comparison at which it failed."""

    rule: str
    matched: bool
    failed_at: str = ""


@dataclass(frozen=True)
class Decision:
    """What was decided, by which version of which rules, by which rule or rules, and what was tried on the way.

    ``rule`` is the last that matched, empty when none did; ``outcome`` its ``then``, in ``collect`` mode all of them together.
    """

    kind: str
    version: int
    rule: str
    outcome: Mapping[str, Any]
    why: str = ""
    rules: Sequence[str] = ()
    tried: Sequence[Tried] = field(default_factory=tuple)
    organization: uuid.UUID | None = None

    def kept(self) -> dict[str, Any]:
        """The decision as a row keeps it beside what it decided."""
        return {
            "kind": self.kind,
            "version": self.version,
            "rule": self.rule,
            "rules": list(self.rules),
            "why": self.why,
            "outcome": dict(self.outcome),
            "organization": str(self.organization) if self.organization else None,
        }


def decide(ruling: Ruling, inputs: Inputs) -> Decision:
    """Try the rules in order on the facts of a case."""
    body = ruling.body
    parameters = ruling.parameters
    tried: list[Tried] = []
    matched: list[Mapping[str, Any]] = []
    outcome: dict[str, Any] = {}
    for rule in body.get("rules", []):
        failed = _fails(rule.get("when"), inputs, parameters, 0)
        tried.append(Tried(str(rule["id"]), not failed, failed))
        if failed:
            continue
        matched.append(rule)
        _add(outcome, _filled(rule.get("then", {}), parameters))
        if body.get("mode", "first") == "first":
            break
    last = matched[-1] if matched else None
    return Decision(
        kind=ruling.kind,
        version=ruling.version,
        rule=str(last["id"]) if last else "",
        outcome=outcome,
        why=str(last.get("why", "")) if last else "",
        rules=tuple(str(rule["id"]) for rule in matched),
        tried=tuple(tried),
        organization=ruling.organization,
    )


def _add(outcome: dict[str, Any], then: Mapping[str, Any]) -> None:
    """Later outcomes win, but lists grow: ``collect`` gathers reasons, fees, warnings."""
    for name, value in then.items():
        known = outcome.get(name)
        outcome[name] = [*known, *value] if isinstance(known, list) and isinstance(value, list) else value


def _filled(value: Any, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        if set(value) == {"param"}:
            return parameters.get(str(value["param"]))
        return {name: _filled(part, parameters) for name, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, parameters) for part in value]
    return value


def matches(condition: Mapping[str, Any] | None, inputs: Inputs, parameters: Mapping[str, Any] | None = None) -> bool:
    """Whether a condition holds; None always does."""
    return not _fails(condition, inputs, parameters or {}, 0)


def _fails(condition: Mapping[str, Any] | None, inputs: Inputs, parameters: Mapping[str, Any], depth: int) -> str:
    """The first comparison that fails, in words; empty when the condition holds."""
    if condition is None:
        return ""
    if depth > DEEPEST:
        raise BadRules("A condition is nested too deep.")
    if "all" in condition:
        for part in condition["all"]:
            if failed := _fails(part, inputs, parameters, depth + 1):
                return failed
        return ""
    if "any" in condition:
        failures = [_fails(part, inputs, parameters, depth + 1) for part in condition["any"]]
        return "" if "" in failures else " and ".join(failures) or "any of nothing"
    if "not" in condition:
        return "" if _fails(condition["not"], inputs, parameters, depth + 1) else f"not ({_words(condition['not'])})"
    return "" if _compares(condition, inputs, parameters) else _words(condition)


def _words(condition: Mapping[str, Any]) -> str:
    if "fact" not in condition:
        return json.dumps(condition, sort_keys=True)[:120]
    value = condition.get("value")
    shown = value.get("param") if isinstance(value, Mapping) else value
    return f"{condition['fact']} {condition.get('op', '==')} {'' if shown is None else shown}".strip()


def _compares(condition: Mapping[str, Any], inputs: Inputs, parameters: Mapping[str, Any]) -> bool:
    left = inputs.get(str(condition["fact"]))
    operator = condition.get("op", "==")
    if operator == "exists":
        return left is not None
    if operator == "missing":
        return left is None
    right = _filled(condition.get("value"), parameters)
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


def number(value: object) -> Decimal | None:
    """A whole number, decimal or text of one; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


# Checking ---------------------------------------------------------------------------------------------------------------------------


def problems(body: object, of: Kind | None = None) -> list[Reason]:
    """Everything that is wrong with a body, each with its place; empty when it can be published."""
    found: list[Reason] = []
    if not isinstance(body, Mapping):
        return [Reason("no_object", "Rules are a JSON object.", "body")]
    try:
        size = len(json.dumps(body))
    except (TypeError, ValueError, RecursionError):
        return [Reason("no_json", "Rules hold plain JSON and nothing else.", "body")]
    if size > MOST_BYTES:
        return [Reason("too_large", f"Rules are at most {MOST_BYTES // 1000} kB.", "body")]
    if _is_deep(body, 3 * DEEPEST):
        return [Reason("deep", f"Conditions are nested at most {DEEPEST} levels deep.", "body")]
    if (where := _first(body, "body", lambda value: isinstance(value, float))) is not None:
        found.append(Reason("no_floats", f'Write the number at {where} as text, like "0.15".', where))
    if (where := _first(body, "body", _is_unreadable)) is not None:
        return [*found, Reason("unreadable", f"{where} holds characters that no text can hold.", where)]
    if body.get("mode", "first") not in MODES:
        found.append(Reason("mode", f"The mode is one of {', '.join(MODES)}.", "body.mode"))
    parameters = body.get("parameters", {})
    if not isinstance(parameters, Mapping):
        found.append(Reason("parameters", "Parameters are a JSON object.", "body.parameters"))
        parameters = {}
    rules = body.get("rules", [])
    if not isinstance(rules, list) or len(rules) > MOST_RULES:
        return [*found, Reason("rules", f"Rules are a list of at most {MOST_RULES}.", "body.rules")]
    seen: set[str] = set()
    for place, rule in enumerate(rules):
        found += _rule_problems(rule, f"body.rules[{place}]", parameters, seen)
    if not found and of is not None and of.check is not None:
        found += of.check(body)
    return found


def _first(value: object, where: str, wrong: Callable[[object], bool]) -> str | None:
    """The first place in a body, names included, where ``wrong`` is true."""
    if wrong(value):
        return where
    parts: list[tuple[str, object]] = []
    if isinstance(value, Mapping):
        if any(wrong(name) for name in value):
            return where
        parts = [(f"{where}.{name}", part) for name, part in value.items()]
    elif isinstance(value, list):
        parts = [(f"{where}[{place}]", part) for place, part in enumerate(value)]
    return next((found for at, part in parts if (found := _first(part, at, wrong)) is not None), None)


def _is_unreadable(value: object) -> bool:
    """Text that PostgreSQL cannot keep: with a zero byte, or half of a surrogate pair."""
    return isinstance(value, str) and ("\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value))


def _is_deep(value: object, levels: int) -> bool:
    if not isinstance(value, Mapping | list):
        return False
    parts = value.values() if isinstance(value, Mapping) else value
    return levels == 0 or any(_is_deep(part, levels - 1) for part in parts)


def _rule_problems(rule: object, where: str, parameters: Mapping[str, Any], seen: set[str]) -> list[Reason]:
    if not isinstance(rule, Mapping):
        return [Reason("rule", f"{where} is not a rule.", where)]
    found = []
    name = rule.get("id")
    if not isinstance(name, str) or not name:
        found.append(Reason("no_id", f"{where} has no id, by which decisions name it.", f"{where}.id"))
    elif name in seen:
        found.append(Reason("same_id", f"Two rules are called {name!r}.", f"{where}.id"))
    else:
        seen.add(name)
    if not isinstance(rule.get("then", {}), Mapping):
        found.append(Reason("then", f"The outcome of {where} is a JSON object.", f"{where}.then"))
    if unknown := set(rule) - {"id", "when", "then", "why"}:
        found.append(Reason("unknown", f"{where} has a part that nothing reads: {min(unknown)!r}.", where))
    if rule.get("when") is not None:
        found += _condition_problems(rule["when"], f"{where}.when", parameters, 0)
    return found


def _condition_problems(condition: object, where: str, parameters: Mapping[str, Any], depth: int) -> list[Reason]:
    if depth > DEEPEST:
        return [Reason("deep", f"{where} is nested deeper than {DEEPEST} levels.", where)]
    if not isinstance(condition, Mapping):
        return [Reason("condition", f"{where} is not a condition.", where)]
    for word in ("all", "any"):
        if word in condition:
            parts = condition[word]
            if not isinstance(parts, list) or not parts:
                return [Reason("empty", f"{where}.{word} needs a list of conditions.", f"{where}.{word}")]
            return [
                reason
                for place, part in enumerate(parts)
                for reason in _condition_problems(part, f"{where}.{word}[{place}]", parameters, depth + 1)
            ]
    if "not" in condition:
        return _condition_problems(condition["not"], f"{where}.not", parameters, depth + 1)
    found = []
    if not isinstance(condition.get("fact"), str):
        found.append(Reason("no_fact", f"{where} names no fact to compare.", f"{where}.fact"))
    operator = condition.get("op", "==")
    if operator not in OPERATORS:
        found.append(Reason("operator", f"{where} compares by one of {' '.join(OPERATORS)}.", f"{where}.op"))
    value = condition.get("value")
    if isinstance(value, Mapping) and set(value) != {"param"}:
        found.append(Reason("value", f"The value of {where} is plain, or names a parameter.", f"{where}.value"))
    elif isinstance(value, Mapping) and value["param"] not in parameters:
        found.append(Reason("no_param", f"There is no parameter {value['param']!r}.", f"{where}.value"))
    elif operator in {"in", "not_in"} and not isinstance(value, Mapping) and not isinstance(value, list):
        found.append(Reason("no_list", f"{where} needs a list to look in.", f"{where}.value"))
    elif operator in {"<", "<=", ">", ">="} and not isinstance(value, Mapping) and number(value) is None:
        found.append(Reason("no_number", f"{where} needs a number to compare with.", f"{where}.value"))
    return found


# Comparing versions -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One difference between two bodies: ``before`` or ``after`` None where it was not or is no more."""

    where: str
    before: str | None
    after: str | None


def diff(before: Body, after: Body) -> list[Change]:
    """What changed, rule by rule (by their ids, so that a moved rule shows as moved) and parameter by parameter."""
    changes: list[Change] = []
    changes += _parts("", {"mode": before.get("mode", "first")}, {"mode": after.get("mode", "first")})
    changes += _parts("parameters", before.get("parameters", {}), after.get("parameters", {}))
    old = {str(rule["id"]): rule for rule in before.get("rules", [])}
    new = {str(rule["id"]): rule for rule in after.get("rules", [])}
    changes += _parts("rules", old, new)
    kept_before = [name for name in old if name in new]
    kept_after = [name for name in new if name in old]
    if kept_before != kept_after:
        changes.append(Change("order of rules", ", ".join(kept_before), ", ".join(kept_after)))
    rest_before = {k: v for k, v in before.items() if k not in {"mode", "parameters", "rules"}}
    rest_after = {k: v for k, v in after.items() if k not in {"mode", "parameters", "rules"}}
    return changes + _parts("", rest_before, rest_after)


def _parts(where: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    prefix = f"{where}." if where else ""
    return [
        Change(f"{prefix}{name}", _text(before.get(name)), _text(after.get(name)))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _text(value: object) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)


def digest(body: Body) -> str:
    """SHA-256 of the body, the same for the same rules however they were spaced."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
