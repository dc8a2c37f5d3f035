"""Why a line was decided as it was: the version, each rule that was tried and where it failed, and the facts that were compared."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from returns import policy
from returns.models import RmaLine
from returns.policy import foreseen
from revlog.common.words import known, word
from revlog.terms import queries as terms
from revlog.terms import ruling, wording
from revlog.terms.conditions import facts_of
from revlog.terms.models import RuleSet
from revlog.terms.ruling import Compiled, Ruling

RISK = frozenset({"risk", "risk_band", "lists"})
"""Facts that only our own people read."""
STATUTORY = ("statutory_withdrawal", "statutory_guarantee")


@dataclass(frozen=True)
class Step:
    """One rule that was tried: what it is called, whether it matched, and the condition that wasn't met."""

    rule: str
    label: str
    matched: bool
    failed_at: str


@dataclass(frozen=True)
class Explanation:
    """``facts`` are name, label and value of what the tried rules compared; empty where a decision is older than the keeping of facts."""

    version: int
    rule: str
    label: str
    why: str
    steps: Sequence[Step] = ()
    facts: Sequence[tuple[str, str, str]] = ()
    law: Sequence[str] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)


def explained(lines: Iterable[RmaLine], *, risk: bool = True, worth: bool = True) -> dict[uuid.UUID, Explanation]:
    """The explanation of each line; the rules of a version are read once.

    Without ``risk``, as for partners, what a customer was scored isn't in it, nor what rules say of scores. Without ``worth``, as for all
    but the operator's people, neither is what a thing would bring and cost before it was sent.
    """
    read: dict[tuple[int, str], Ruling | None] = {}
    told = {line.pk: _explained(line.decision, read) for line in lines}
    if not worth:
        told = {pk: _without_worth(one) for pk, one in told.items()}
    return told if risk else {pk: _without_risk(one, read) for pk, one in told.items()}


def _without_worth(told: Explanation) -> Explanation:
    return replace(
        told,
        facts=[one for one in told.facts if one[0] not in foreseen.FACTS],
        inputs={name: value for name, value in told.inputs.items() if name not in foreseen.FACTS},
    )


def _without_risk(told: Explanation, read: Mapping[tuple[int, str], Ruling | None]) -> Explanation:
    by_score = {
        rule.id
        for found in read.values()
        if found is not None
        for rule in found.compiled.rules
        if not RISK.isdisjoint(facts_of(rule.when))
    }
    return replace(
        told,
        steps=[one for one in told.steps if one.rule not in by_score],
        facts=[one for one in told.facts if one[0] not in RISK],
        inputs={name: value for name, value in told.inputs.items() if name not in RISK},
    )


def _explained(decision: Mapping[str, Any], read: dict[tuple[int, str], Ruling | None]) -> Explanation:
    version, rule = int(decision.get("version") or 0), str(decision.get("rule") or "")
    why = str(decision.get("why") or "")
    told = Explanation(version, rule, name_of(rule, why), _(why) if why else "", law=_law(decision.get("law") or {}))
    inputs = decision.get("inputs")
    key = (version, str(decision.get("organization") or ""))
    if key not in read:
        read[key] = _of_version(*key)
    found = read[key]
    if not inputs or found is None:
        return told
    ready = found.compiled
    steps = [_step(one, ready, found) for one in ruling.explained(ready, inputs)]
    if rule in STATUTORY:
        steps.append(Step(rule, told.label, matched=True, failed_at=""))
    words = wording.of(policy.KIND)
    compared = dict.fromkeys(
        name
        for one, step in zip(ready.rules, steps, strict=False)
        for name in facts_of(one.when)
        if step.rule == one.id
    )
    facts = [(name, str(words.fact(name).label), words.fact(name).said(inputs.get(name))) for name in compared]
    return Explanation(version, rule, told.label, told.why, steps, facts, told.law, inputs)


def _of_version(version: int, organization: str) -> Ruling | None:
    try:
        return terms.of_version(policy.KIND, version, organization=uuid.UUID(organization) if organization else None)
    except RuleSet.DoesNotExist:
        return None


def _step(tried: ruling.Tried, ready: Compiled, found: Ruling) -> Step:
    rule = next(one for one in ready.rules if one.id == tried.rule)
    failed = wording.condition(tried.at, wording.of(policy.KIND), found.parameters) if tried.at is not None else ""
    return Step(tried.rule, name_of(tried.rule, rule.why), tried.matched, failed)


def name_of(rule: str, why: str = "") -> str:
    """What a rule is called: its word where it has one, else its id as words."""
    if not rule:
        return _("no rule")
    return word(rule) if known(rule) else rule.replace("_", " ")


def _law(law: Mapping[str, Any]) -> list[str]:
    found = []
    if (row := law.get("withdrawal")) and row.get("days"):
        found.append(_("Withdrawal within %(days)s days: %(source)s") % {"days": row["days"], "source": row["source"]})
    if row := law.get("guarantee"):
        found.append(
            _("Guarantee of %(months)s months: %(source)s") % {"months": row["months"], "source": row["source"]}
        )
    return found
