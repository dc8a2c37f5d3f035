"""What we pay for a used thing: the questions, what an answer does to the price, our margin, and what inspection may find. Pure.

Rules of the kind ``returns.tradein``. The sum begins with what a thing in a grade is expected to bring (the price book), takes off
margin and handling (the first of ``rules`` that matches), then what the answers cost, and ends at zero or above:

* ``questions``: as those before a return, and each choice may say ``grade`` (it can't be better than that), ``percent`` (of the expected
  price) or ``amount`` (taken off), ``why`` (how that is explained), ``stop`` (we don't buy it so, and why) or ``recycle``.
* ``rules``: ``then`` holds ``margin_percent`` and ``handling``, or ``stop`` (we don't buy it, and why); they compare ``device_class``,
  ``grade``, ``price`` and ``lists``. With ``recovery_margin_percent`` the sum begins with what the thing will bring us (the sums of its
  later decision, where a price is known), less bringing it here and checking it; that margin is what we keep of the rest.
* the parameter ``most_of_recovery``: whatever the sum is made by, it begins at no more than so many percent of what the thing will bring
  us, less what it costs.
* ``findings``: what inspection may find that wasn't told: ``codes`` of defects, locks and reasons, what they cost, and ``unless``, the
  answer by which it was told before.

A quote is frozen with the prices and the version it was made by; `compare` reckons with those again, whatever holds by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from returns.policy import questions
from returns.policy.questions import Question
from returns.policy.tradein import checking
from returns.policy.tradein.shipped import GRADES, SHIPPED
from revlog.common import money
from revlog.terms import ruling
from revlog.terms.ruling import Decision, Kind, Ruling

__all__ = ["GRADES", "SHIPPED"]

KIND = "returns.tradein"
BUY, RECYCLE, STOP, ASK = "buy", "recycle", "stop", "ask"
"""How a quote ends: a sum; nothing, but we recycle it for free; not as it is; a person has to say."""


# Reckoning --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One line of the sum as its reader sees it; ``rule`` names what it follows from."""

    what: str
    amount: Decimal
    rule: str

    def kept(self) -> dict[str, str]:
        return {"what": self.what, "amount": str(self.amount), "rule": self.rule}


@dataclass(frozen=True)
class Quoted:
    """What the rules make of the answers. ``why`` says why there is no sum, where there is none."""

    ends: str
    grade: str = ""
    amount: Decimal = Decimal(0)
    uplift: Decimal = Decimal(0)
    """What is added when store credit is taken."""
    steps: Sequence[Step] = ()
    why: str = ""


@dataclass(frozen=True)
class Recovery:
    """What a thing in a grade will bring us by the best way, and what bringing it here and checking it costs."""

    brings: Decimal
    costs: Decimal

    @property
    def left(self) -> Decimal:
        return self.brings - self.costs

    def kept(self) -> dict[str, str]:
        return {"brings": str(self.brings), "costs": str(self.costs)}


def recoveries_of(kept: Mapping[str, Mapping[str, str]]) -> dict[str, Recovery]:
    """As a quote kept them, by grade."""
    return {grade: Recovery(Decimal(one["brings"]), Decimal(one["costs"])) for grade, one in kept.items()}


NONE: Mapping[str, Recovery] = {}


def asked(found: Ruling, device_class: str) -> list[Question]:
    """The questions about a thing of this class, in its reader's language."""
    return questions.asked(found, reason="TRADE_IN", device_class=device_class)


def chosen(found: Ruling, answers: Mapping[str, str]) -> list[tuple[str, Mapping[str, Any]]]:
    """The choices that were made, each with its question's id, in the order of the questions."""
    rows = []
    for question in found.body.get("questions", []):
        told = answers.get(question["id"])
        rows += [(question["id"], one) for one in question.get("choices", ()) if told and one["id"] == told]
    return rows


def grade_of(found: Ruling, answers: Mapping[str, str]) -> str:
    """The best that it can be by what was told."""
    best = str(found.parameters.get("best_grade", "A"))
    told = [str(one["grade"]) for _question, one in chosen(found, answers) if one.get("grade")]
    return max([best, *told], key=GRADES.index)


def quote(
    found: Ruling,
    *,
    prices: Mapping[str, Decimal],
    answers: Mapping[str, str],
    device_class: str,
    currency: str = "EUR",
    lists: Sequence[str] = (),
    recoveries: Mapping[str, Recovery] = NONE,
) -> Quoted:
    """The sum for what was told, by the expected sale prices of each grade, and what each will bring us, where that is known.

    ``lists`` are those on which the thing is.
    """
    picked = chosen(found, answers)
    grade = grade_of(found, answers)
    for question, choice in picked:
        if choice.get("stop"):
            return Quoted(STOP, grade, why=str(choice["stop"]), steps=(Step("", Decimal(0), f"question:{question}"),))
    decided = _decided(found, device_class, grade, prices.get(grade), lists)
    if decided.outcome.get("stop"):
        return Quoted(STOP, grade, why=str(decided.outcome["stop"]), steps=(Step("", Decimal(0), decided.rule),))
    if any(choice.get("recycle") for _question, choice in picked):
        return Quoted(RECYCLE, grade)
    if grade not in prices:
        return Quoted(ASK, grade)
    steps = _steps(
        found, grade, prices[grade], answers, decided=decided, currency=currency, recovery=recoveries.get(grade)
    )
    amount = max(sum((step.amount for step in steps), Decimal(0)), Decimal(0))
    if amount < _sum(found, "least") or not amount:
        return Quoted(RECYCLE, grade, steps=tuple(steps))
    uplift = money.rounded(amount * _percent(found, "uplift_percent") / 100, currency)
    return Quoted(BUY, grade, amount, uplift, tuple(steps))


def _decided(
    found: Ruling, device_class: str, grade: str, expected: Decimal | None, lists: Sequence[str] = ()
) -> Decision:
    facts = {"device_class": device_class, "grade": grade, "price": expected, "lists": list(lists)}
    return ruling.decide(found, facts)


def _steps(
    found: Ruling,
    grade: str,
    expected: Decimal,
    answers: Mapping[str, str],
    *,
    decided: Decision,
    currency: str,
    recovery: Recovery | None = None,
) -> list[Step]:
    steps = [Step(gettext_noop("What it sells for in this condition"), expected, f"grade:{grade}")]
    share = decided.outcome.get("recovery_margin_percent")
    if share is not None and recovery is not None:
        margin = ruling.number(share) or Decimal(0)
        steps += [
            Step(gettext_noop("Selling it, and what it loses until then"), recovery.brings - expected, "recovery"),
            Step(gettext_noop("Bringing it to us, and checking it"), -recovery.costs, "recovery"),
            Step(decided.why, -money.rounded(max(recovery.left, Decimal(0)) * margin / 100, currency), decided.rule),
        ]
    else:
        margin = ruling.number(decided.outcome.get("margin_percent") or 0) or Decimal(0)
        handling = ruling.number(decided.outcome.get("handling") or 0) or Decimal(0)
        steps += [
            Step(decided.why, -money.rounded(expected * margin / 100, currency), decided.rule),
            Step(gettext_noop("Checking it and erasing your data"), -handling, decided.rule),
        ]
    if recovery is not None and (most := ruling.number(found.parameters.get("most_of_recovery"))) is not None:
        over = sum((step.amount for step in steps), Decimal(0)) - money.rounded(recovery.left * most / 100, currency)
        if over > 0:
            steps.append(Step(gettext_noop("Selling it brings us no more than that"), -over, "most_of_recovery"))
    steps += [
        Step(str(choice.get("why") or ""), -_cost(choice, expected, currency), f"question:{question}")
        for question, choice in chosen(found, answers)
    ]
    return [step for step in steps if step.amount]


def pays(found: Ruling, *, grade: str, expected: Decimal, device_class: str, currency: str) -> Decimal:
    """What is left of an expected price for who sells, before any answer takes something off: the most that it can be.

    Where a quote knows what selling it will bring us, it may begin lower (``most_of_recovery``, ``recovery_margin_percent``).
    """
    decided = _decided(found, device_class, grade, expected)
    steps = _steps(found, grade, expected, {}, decided=decided, currency=currency)
    return sum((step.amount for step in steps), Decimal(0))


def _cost(row: Mapping[str, Any], expected: Decimal, currency: str) -> Decimal:
    amount = ruling.number(row.get("amount") or 0) or Decimal(0)
    percent = ruling.number(row.get("percent") or 0) or Decimal(0)
    return amount + money.rounded(expected * percent / 100, currency)


def _percent(found: Ruling, name: str) -> Decimal:
    return ruling.number(found.parameters.get(name, 0)) or Decimal(0)


def _sum(found: Ruling, name: str) -> Decimal:
    return ruling.number(found.parameters.get(name, 0)) or Decimal(0)


def days(found: Ruling, name: str) -> int:
    """valid_days, ship_days or answer_days."""
    value = found.parameters.get(name, SHIPPED["parameters"][name])
    return int(value) if isinstance(value, int) else int(SHIPPED["parameters"][name])


# Comparing with what came -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Promise:
    """What a quote froze: the sum, and all that it was made of."""

    amount: Decimal
    grade: str
    prices: Mapping[str, Decimal]
    answers: Mapping[str, str]
    device_class: str
    currency: str = "EUR"
    recoveries: Mapping[str, Recovery] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """What inspection says of the thing that came: its grade, and the codes of defects, locks and confirmed reasons."""

    grade: str
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Less:
    """What it is worth less than promised, each part with its reason; nothing when it is as promised, or better."""

    rows: Sequence[Mapping[str, Any]] = ()
    total: Decimal = Decimal(0)


def compare(found: Ruling, promise: Promise, thing: Found) -> Less:
    """How much less the thing is worth than its quote said; within the tolerance of the rules, it is as promised."""
    rows: list[dict[str, Any]] = []
    left = promise.amount

    def take(amount: Decimal, why: str, rule: str) -> None:
        nonlocal left
        taken = min(money.rounded(amount, promise.currency), left)
        if taken > 0:
            rows.append({"amount": str(taken), "why": why, "rule": rule, "version": found.version})
            left -= taken

    if _rank(thing.grade) > _rank(promise.grade):
        # A sum that a person set knows no grades: what the worse one brings less is taken off in proportion.
        take(_worse(found, promise, thing.grade), gettext_noop("It is in worse condition than you told us."), "grade")
    for row in found.body.get("findings", []):
        told = row.get("unless") or {}
        known = bool(told) and promise.answers.get(str(told.get("question"))) == told.get("answer")
        if not known and thing.codes.intersection(row.get("codes", ())):
            share = ruling.number(row.get("percent") or 0) or Decimal(0)
            amount = ruling.number(row.get("amount") or 0) or Decimal(0)
            take(amount + promise.amount * share / 100, str(row["why"]), str(row["id"]))
    total = promise.amount - left
    tolerated = max(_sum(found, "tolerance"), promise.amount * _percent(found, "tolerance_percent") / 100)
    if total <= tolerated:
        return Less()
    return Less(tuple(rows), total)


def _rank(grade: str) -> int:
    if grade == "NEW":
        return -1
    return GRADES.index(grade) if grade in GRADES else len(GRADES)


def _worse(found: Ruling, promise: Promise, grade: str) -> Decimal:
    before, after = promise.prices.get(promise.grade), promise.prices.get(grade)
    if before is None or after is None or not before:
        return promise.amount
    steps = [
        sum((step.amount for step in _steps_of(found, promise, each, price)), Decimal(0))
        for each, price in ((promise.grade, before), (grade, after))
    ]
    if steps[0] != promise.amount:
        return promise.amount * (before - after) / before
    return promise.amount - max(steps[1], Decimal(0))


def _steps_of(found: Ruling, promise: Promise, grade: str, price: Decimal) -> list[Step]:
    decided = _decided(found, promise.device_class, grade, price)
    return _steps(
        found,
        grade,
        price,
        promise.answers,
        decided=decided,
        currency=promise.currency,
        recovery=promise.recoveries.get(grade),
    )


TRADE_IN = ruling.register(Kind(KIND, SHIPPED, checking.check, trials="trials_of_draft"))


def told(text: str) -> str:
    """A sentence of the rules in the reader's language."""
    return _(text) if text else ""
