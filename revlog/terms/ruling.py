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
A rule with ``"off": true`` is kept and not tried.
Numbers are whole numbers or text of decimals ("0.15"), never floats.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from revlog.common.errors import Reason
from revlog.terms import conditions
from revlog.terms.conditions import DEEPEST, OPERATORS, BadRules, Inputs, Test, filled, matches, number
from revlog.terms.indexing import Index

__all__ = ["BadRules", "Inputs", "filled", "matches", "number"]

Body = Mapping[str, Any]
MODES = ("first", "collect")
MOST_RULES = 2000
MOST_BYTES = 1_000_000


# Kinds ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """What the rules of a kind decide, the body shipped with the code, and what else must be true of a body before it is published.

    ``prepare`` rewrites what is short for something longer, before a body is decided by; ``combine`` says how the outcomes of several
    rules that match add up, and which of them is named, where "later ones win and lists grow" isn't it.
    """

    name: str
    shipped: Body
    check: Callable[[Body], list[Reason]] | None = None
    prepare: Callable[[Body], Body] | None = None
    combine: Callable[[Sequence[Rule]], tuple[Mapping[str, Any], Rule]] | None = None
    trials: str = ""
    """Name of the route that shows how a draft of this kind did on past cases, and where it can be tried."""
    told: bool = False
    """Whether those whom the rules bind may read them, clients and suppliers: law, and what was promised. Costs, margins and limits
    that somebody could play against stay in the house."""
    untold: frozenset[str] = frozenset()
    """Facts whose rules stay in the house even so, with the parameters that only those name."""


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


def kinds(*, told: bool = False) -> Sequence[str]:
    """All kinds; with ``told`` those that are read outside the house as well."""
    return sorted(name for name, kind in _kinds.items() if kind.told or not told)


def told_of(name: str, body: Body) -> Body:
    """What of a body those outside the house may read."""
    untold = kind(name).untold
    kept: list[Any] = []
    held: list[Any] = []
    for rule in body.get("rules", []):
        (held if untold & _said(rule.get("when"), "fact") else kept).append(rule)
    if not held:
        return body
    gone = _said(held, "param") - _said({**body, "rules": kept}, "param")
    parameters = {name: value for name, value in body.get("parameters", {}).items() if name not in gone}
    return {**body, "rules": kept, "parameters": parameters}


def _said(value: object, name: str) -> set[str]:
    """Everything that ``name`` says at any depth."""
    if isinstance(value, list):
        return {found for part in value for found in _said(part, name)}
    if not isinstance(value, Mapping):
        return set()
    own = {value[name]} if isinstance(value.get(name), str) else set()
    return own | {found for part in value.values() for found in _said(part, name)}


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

    @cached_property
    def compiled(self) -> Compiled:
        return compiled(self.kind, self.body)


# Deciding ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """A rule made ready: ``test`` says whether it matches, ``then`` is its outcome with the parameters filled in."""

    id: str
    test: Test
    then: Mapping[str, Any]
    why: str
    when: Mapping[str, Any] | None


@dataclass(frozen=True)
class Compiled:
    """A body made ready to decide many cases by."""

    mode: str
    rules: Sequence[Rule]
    parameters: Mapping[str, Any]

    @cached_property
    def index(self) -> Index:
        return Index([conditions.key(rule.when, self.parameters) for rule in self.rules])

    def matching(self, inputs: Inputs) -> list[Rule]:
        """The first rule that matches, or in ``collect`` mode all that do."""
        found = []
        left = self.index.candidates(inputs)
        while left:
            lowest = left & -left
            rule = self.rules[lowest.bit_length() - 1]
            if rule.test(inputs):
                found.append(rule)
                if self.mode == "first":
                    break
            left ^= lowest
        return found


_MOST_COMPILED = 64
_compiled: dict[tuple[str, str], Compiled] = {}


def compiled(kind: str, body: Body) -> Compiled:
    """The body made ready, kept by what it says, so that the same rules are made ready once in a process."""
    key = (kind, digest(body))
    if (found := _compiled.get(key)) is not None:
        return found
    declared = _kinds.get(kind)
    ready = declared.prepare(body) if declared is not None and declared.prepare is not None else body
    parameters = ready.get("parameters", {})
    rules = tuple(
        Rule(
            str(rule["id"]),
            conditions.compiled(rule.get("when"), parameters),
            filled(rule.get("then", {}), parameters),
            str(rule.get("why", "")),
            rule.get("when"),
        )
        for rule in ready.get("rules", [])
        if not rule.get("off")
    )
    while len(_compiled) >= _MOST_COMPILED:
        _compiled.pop(next(iter(_compiled)), None)
    found = _compiled[key] = Compiled(str(ready.get("mode", "first")), rules, parameters)
    return found


@dataclass(frozen=True)
class Tried:
    """A rule that was looked at: whether it matched, and the part of its condition at which it failed."""

    rule: str
    at: conditions.Condition | None = None

    @property
    def matched(self) -> bool:
        return self.at is None

    @property
    def failed_at(self) -> str:
        return "" if self.at is None else conditions.words(self.at)


@dataclass(frozen=True)
class Decision:
    """What was decided, by which version of which rules, by which rule or rules, and what was tried on the way.

    ``rule`` is the last that matched (or the one that ``Kind.combine`` names), empty when none did; ``outcome`` its ``then``, in
    ``collect`` mode all of them together. ``inputs`` are the facts it was decided on.
    """

    kind: str
    version: int
    rule: str
    outcome: Mapping[str, Any]
    why: str = ""
    rules: Sequence[str] = ()
    organization: uuid.UUID | None = None
    inputs: Inputs = field(default_factory=dict, compare=False, repr=False)
    by: Compiled | None = field(default=None, compare=False, repr=False)

    @property
    def tried(self) -> Sequence[Tried]:
        """Each rule that was looked at, in order, with the comparison at which it failed. Worked out when asked for."""
        return explained(self.by, self.inputs) if self.by is not None else ()

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
    ready = ruling.compiled
    matched = ready.matching(inputs)
    declared = _kinds.get(ruling.kind)
    last = matched[-1] if matched else None
    outcome: Mapping[str, Any]
    if len(matched) > 1 and declared is not None and declared.combine is not None:
        outcome, last = declared.combine(matched)
    elif len(matched) == 1:
        outcome = matched[0].then
    else:
        outcome = added(matched)
    return Decision(
        kind=ruling.kind,
        version=ruling.version,
        rule=last.id if last else "",
        outcome=outcome,
        why=last.why if last else "",
        rules=tuple(rule.id for rule in matched),
        organization=ruling.organization,
        inputs=inputs,
        by=ready,
    )


def added(rules: Iterable[Rule]) -> dict[str, Any]:
    """Later outcomes win, but lists grow: ``collect`` gathers reasons, warnings."""
    outcome: dict[str, Any] = {}
    for rule in rules:
        for name, value in rule.then.items():
            known = outcome.get(name)
            outcome[name] = [*known, *value] if isinstance(known, list) and isinstance(value, list) else value
    return outcome


def explained(ready: Compiled, inputs: Inputs) -> list[Tried]:
    """What each rule came to, in words; in ``first`` mode up to the one that matched."""
    found = []
    for rule in ready.rules:
        failed = conditions.failing(rule.when, inputs, ready.parameters)
        found.append(Tried(rule.id, failed))
        if failed is None and ready.mode == "first":
            break
    return found


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
    if unknown := set(rule) - {"id", "when", "then", "why", "off"}:
        found.append(Reason("unknown", f"{where} has a part that nothing reads: {min(unknown)!r}.", where))
    if not isinstance(rule.get("off", False), bool):
        found.append(Reason("off", f"{where} is off (true) or not (false).", f"{where}.off"))
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


def diff(before: Body, after: Body, *, within: bool = False) -> list[Change]:
    """What changed, rule by rule (by their ids, so that a moved rule shows as moved) and parameter by parameter.

    ``within`` looks into parameters that are tables, part by part, and into lists of things with a code, by their codes.
    """
    changes: list[Change] = []
    changes += _parts("", {"mode": before.get("mode", "first")}, {"mode": after.get("mode", "first")})
    levels = DEEPEST if within else 0
    changes += _parts("parameters", before.get("parameters", {}), after.get("parameters", {}), levels)
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


def _parts(where: str, before: Mapping[str, Any], after: Mapping[str, Any], levels: int = 0) -> list[Change]:
    prefix = f"{where}." if where else ""
    found = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        inside = (_table(old), _table(new)) if levels else (None, None)
        if inside[0] is not None and inside[1] is not None:
            found += _parts(f"{prefix}{name}", inside[0], inside[1], levels - 1)
            if list(inside[0]) != list(inside[1]) and set(inside[0]) == set(inside[1]) and isinstance(new, list):
                found.append(Change(f"order of {prefix}{name}", ", ".join(inside[0]), ", ".join(inside[1])))
        else:
            found.append(Change(f"{prefix}{name}", _text(old), _text(new)))
    return found


def _table(value: object) -> Mapping[str, Any] | None:
    """A table, or a list of things that each have a code of their own, as a table by those; None for anything else."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list) and value and all(isinstance(one, Mapping) and "code" in one for one in value):
        found = {str(one["code"]): one for one in value}
        return found if len(found) == len(value) else None
    return None


def _text(value: object) -> str | None:
    return None if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)


def digest(body: Body) -> str:
    """SHA-256 of the body, the same for the same rules however they were spaced."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
