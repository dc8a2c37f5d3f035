"""What we pay for a used thing: the questions, what an answer does to the price, our margin, and what inspection may find. Pure.

Rules of the kind ``returns.tradein``. The sum begins with what a thing in a grade is expected to bring (the price book), takes off
margin and handling (the first of ``rules`` that matches), then what the answers cost, and ends at zero or above:

* ``questions``: as those before a return, and each choice may say ``grade`` (it can't be better than that), ``percent`` (of the expected
  price) or ``amount`` (taken off), ``why`` (how that is explained), ``stop`` (we don't buy it so, and why) or ``recycle``.
* ``rules``: ``then`` holds ``margin_percent`` and ``handling``, or ``stop`` (we don't buy it, and why); they compare ``device_class``,
  ``grade``, ``price`` and ``lists``.
* ``findings``: what inspection may find that wasn't told: ``codes`` of defects, locks and reasons, what they cost, and ``unless``, the
  answer by which it was told before.

A quote is frozen with the prices and the version it was made by; `compare` reckons with those again, whatever holds by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from returns.policy import questions
from returns.policy.questions import Question
from revlog.common import money
from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body, Decision, Kind, Ruling

KIND = "returns.tradein"
GRADES = ("A", "B", "C", "D")
"""From the best that a private person's thing can be down; what is worse than D is worth nothing here."""
BUY, RECYCLE, STOP, ASK = "buy", "recycle", "stop", "ask"
"""How a quote ends: a sum; nothing, but we recycle it for free; not as it is; a person has to say."""
PERCENTS = ("uplift_percent", "tolerance_percent")
DAYS = ("valid_days", "ship_days", "answer_days")
SUMS = ("least", "tolerance")

_HAND = ["phone", "tablet"]
_WITH_SCREEN = ["phone", "tablet", "laptop", "monitor"]
_WITH_BATTERY = ["phone", "tablet", "laptop"]

SHIPPED: Body = {
    "mode": "first",
    "parameters": {
        "best_grade": "A",
        "valid_days": 14,
        "ship_days": 7,
        "answer_days": 7,
        "least": "5.00",
        "uplift_percent": 10,
        "tolerance": "3.00",
        "tolerance_percent": 3,
        "phone_margin": 30,
        "usual_margin": 38,
        "handling": "12.00",
    },
    "rules": [
        {
            "id": "phones",
            "when": {"fact": "device_class", "op": "in", "value": _HAND},
            "then": {"margin_percent": {"param": "phone_margin"}, "handling": {"param": "handling"}},
            "why": gettext_noop("What we keep for selling it again, with its guarantee."),
        },
        {
            "id": "all",
            "then": {"margin_percent": {"param": "usual_margin"}, "handling": {"param": "handling"}},
            "why": gettext_noop("What we keep for selling it again, with its guarantee."),
        },
    ],
    "questions": [
        {
            "id": "powers_on",
            "kind": "choice",
            "text": gettext_noop("Does it turn on and work?"),
            "required": True,
            "choices": [
                {"id": "yes", "text": gettext_noop("Yes, everything works")},
                {
                    "id": "partly",
                    "text": gettext_noop("It turns on, but something doesn't work"),
                    "grade": "D",
                    "percent": 15,
                    "why": gettext_noop("Something on it doesn't work."),
                },
                {
                    "id": "no",
                    "text": gettext_noop("No"),
                    "grade": "D",
                    "percent": 50,
                    "why": gettext_noop("It doesn't turn on."),
                },
            ],
        },
        {
            "id": "screen",
            "kind": "choice",
            "text": gettext_noop("How is the screen?"),
            "classes": _WITH_SCREEN,
            "required": True,
            "choices": [
                {"id": "clean", "text": gettext_noop("No scratches")},
                {"id": "light", "text": gettext_noop("Light scratches"), "grade": "B"},
                {"id": "deep", "text": gettext_noop("Scratches that can be felt"), "grade": "C"},
                {
                    "id": "broken",
                    "text": gettext_noop("Cracked, or with spots"),
                    "grade": "D",
                    "percent": 20,
                    "why": gettext_noop("The screen has to be replaced."),
                },
            ],
        },
        {
            "id": "body",
            "kind": "choice",
            "text": gettext_noop("How does it look otherwise?"),
            "required": True,
            "choices": [
                {"id": "clean", "text": gettext_noop("Like new")},
                {"id": "light", "text": gettext_noop("Light marks of use"), "grade": "B"},
                {"id": "worn", "text": gettext_noop("Dents or deep scratches"), "grade": "C"},
                {"id": "bent", "text": gettext_noop("Bent, or parts are missing"), "grade": "D"},
            ],
        },
        {
            "id": "battery",
            "kind": "choice",
            "text": gettext_noop("How is the battery?"),
            "classes": _WITH_BATTERY,
            "required": True,
            "choices": [
                {"id": "good", "text": gettext_noop("It lasts, or shows 80 % or more")},
                {
                    "id": "worn",
                    "text": gettext_noop("It runs down fast, or shows less than 80 %"),
                    "amount": "25.00",
                    "why": gettext_noop("The battery has to be replaced."),
                },
                {
                    "id": "swollen",
                    "text": gettext_noop("It is swollen or gets hot"),
                    "stop": gettext_noop(
                        "A swollen battery must not travel. Don't charge it; bring it to a collection point for batteries."
                    ),
                },
            ],
        },
        {
            "id": "account",
            "kind": "choice",
            "text": gettext_noop("Are your accounts and locks removed from it?"),
            "classes": _WITH_BATTERY,
            "required": True,
            "choices": [
                {"id": "yes", "text": gettext_noop("Yes, or I'll do it before I hand it in")},
                {
                    "id": "no",
                    "text": gettext_noop("No, I can't"),
                    "stop": gettext_noop(
                        "We can't buy it while it is locked to an account. Remove the lock and ask again."
                    ),
                },
            ],
        },
        {
            "id": "carrier_lock",
            "kind": "choice",
            "text": gettext_noop("Does it work with SIM cards of every provider?"),
            "classes": ["phone"],
            "required": True,
            "choices": [
                {"id": "free", "text": gettext_noop("Yes")},
                {
                    "id": "locked",
                    "text": gettext_noop("No, with one provider's only"),
                    "percent": 10,
                    "why": gettext_noop("It works with one provider's SIM cards only."),
                },
                {"id": "unsure", "text": gettext_noop("I don't know")},
            ],
        },
        {
            "id": "charger",
            "kind": "choice",
            "text": gettext_noop("Is the charger there?"),
            "classes": ["laptop"],
            "required": True,
            "choices": [
                {"id": "yes", "text": gettext_noop("Yes")},
                {
                    "id": "no",
                    "text": gettext_noop("No"),
                    "amount": "15.00",
                    "why": gettext_noop("The charger is missing."),
                },
            ],
        },
    ],
    "findings": [
        {
            "id": "locked",
            "codes": ["locked", "firmware_password", "reported_stolen", "account_lock", "LOCKED"],
            "percent": 100,
            "why": gettext_noop("It is locked, so it can only be recycled."),
        },
        {
            "id": "other_thing",
            "codes": ["SWAPPED", "COUNTERFEIT", "WRONG_ITEM", "EMPTY_BOX"],
            "percent": 100,
            "why": gettext_noop("It is another thing than the one you told us of."),
        },
        {
            "id": "liquid",
            "codes": ["liquid", "LIQUID"],
            "percent": 60,
            "why": gettext_noop("There was liquid in it."),
        },
        {
            "id": "charger",
            "codes": ["power_adapter"],
            "unless": {"question": "charger", "answer": "no"},
            "amount": "15.00",
            "why": gettext_noop("The charger is missing."),
        },
        {
            "id": "battery",
            "codes": ["battery", "battery_worn", "battery_missing"],
            "unless": {"question": "battery", "answer": "worn"},
            "amount": "25.00",
            "why": gettext_noop("The battery has to be replaced."),
        },
    ],
}


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
) -> Quoted:
    """The sum for what was told, by the expected sale prices of each grade; ``lists`` are those on which the thing is."""
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
    steps = _steps(found, grade, prices[grade], answers, decided=decided, currency=currency)
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
    found: Ruling, grade: str, expected: Decimal, answers: Mapping[str, str], *, decided: Decision, currency: str
) -> list[Step]:
    margin = ruling.number(decided.outcome.get("margin_percent") or 0) or Decimal(0)
    handling = ruling.number(decided.outcome.get("handling") or 0) or Decimal(0)
    steps = [
        Step(gettext_noop("What it sells for in this condition"), expected, f"grade:{grade}"),
        Step(decided.why, -money.rounded(expected * margin / 100, currency), decided.rule),
        Step(gettext_noop("Checking it and erasing your data"), -handling, decided.rule),
    ]
    steps += [
        Step(str(choice.get("why") or ""), -_cost(choice, expected, currency), f"question:{question}")
        for question, choice in chosen(found, answers)
    ]
    return [step for step in steps if step.amount]


def pays(found: Ruling, *, grade: str, expected: Decimal, device_class: str, currency: str) -> Decimal:
    """What is left of an expected price for who sells, before any answer takes something off."""
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
    return _steps(found, grade, price, promise.answers, decided=decided, currency=promise.currency)


# Checking ---------------------------------------------------------------------------------------------------------------------------


def _check(body: Body) -> list[Reason]:
    parameters = body.get("parameters", {})
    found = questions.check(body) + _wrong_parameters(parameters)
    if found:
        return found
    for place, question in enumerate(body.get("questions", [])):
        for choice in question.get("choices", ()):
            found += _wrong_effect(choice, f"body.questions[{place}].choices.{choice['id']}")
    for place, row in enumerate(body.get("findings", [])):
        where = f"body.findings[{place}]"
        if not isinstance(row, Mapping) or not isinstance(row.get("id"), str) or not isinstance(row.get("codes"), list):
            found.append(Reason("finding", f"{where} has an id and a list of codes.", where))
        else:
            found += _wrong_effect(row, where)
    for place, rule in enumerate(body.get("rules", [])):
        then = rule.get("then", {})
        margin = ruling.number(ruling.filled(then.get("margin_percent", 0), parameters) or 0)
        if margin is None or not 0 <= margin <= 100:
            where = f"body.rules[{place}].then.margin_percent"
            found.append(Reason("percent", "A margin is 0 to 100 percent.", where))
        if "stop" in then and not str(then["stop"] or "").strip():
            where = f"body.rules[{place}].then.stop"
            found.append(Reason("stop", "What isn't bought says why, in words that the seller reads.", where))
    return found


def _wrong_parameters(parameters: Mapping[str, Any]) -> list[Reason]:
    found = []
    for name in PERCENTS:
        value = ruling.number(parameters.get(name, 0))
        if value is None or not 0 <= value <= 100:
            found.append(Reason("percent", f"{name} is 0 to 100 percent.", f"body.parameters.{name}"))
    for name in DAYS:
        days = parameters.get(name, 1)
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= 365:
            found.append(Reason("days", f"{name} is 1 to 365 days.", f"body.parameters.{name}"))
    for name in SUMS:
        value = ruling.number(parameters.get(name, 0))
        if value is None or value < 0:
            found.append(Reason("amount", f"{name} is an amount of zero or more.", f"body.parameters.{name}"))
    if parameters.get("best_grade", "A") not in GRADES:
        found.append(Reason("grade", f"The best grade is one of {', '.join(GRADES)}.", "body.parameters.best_grade"))
    return found


def _wrong_effect(row: Mapping[str, Any], where: str) -> list[Reason]:
    found = []
    if row.get("grade") is not None and row["grade"] not in GRADES:
        found.append(Reason("grade", f"The grade of an answer is one of {', '.join(GRADES)}.", f"{where}.grade"))
    percent, amount = ruling.number(row.get("percent") or 0), ruling.number(row.get("amount") or 0)
    if percent is None or not 0 <= percent <= 100:
        found.append(Reason("percent", "What an answer costs is 0 to 100 percent.", f"{where}.percent"))
    if amount is None or amount < 0:
        found.append(Reason("amount", "What an answer costs is zero or more.", f"{where}.amount"))
    if (percent or amount) and not str(row.get("why") or "").strip():
        found.append(Reason("no_why", "What costs something says why, in words that the seller reads.", f"{where}.why"))
    return found


TRADE_IN = ruling.register(Kind(KIND, SHIPPED, _check, trials="trials_of_draft"))


def told(text: str) -> str:
    """A sentence of the rules in the reader's language."""
    return _(text) if text else ""
