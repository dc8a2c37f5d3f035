"""What is taken off a refund when something comes back other than it went out: the shipped rules, and the reckoning. Pure.

Nothing is taken off for a fault, for what was wrong with the delivery, or for what isn't known. Who withdraws from a purchase by the
law of the EU answers only for handling beyond what is needed to see what the thing is and how it works (2011/83/EU, Article 14).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from returns import reasons
from revlog.common import money
from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body, Kind, Ruling

KIND = "returns.deductions"
BY_PERSON = "person"
BY_CONSENT = "consent"
PARTS = ("condition", "accessories")
"""Of what speaks of the same part of a thing, the largest deduction counts, once."""
CHARGERS = frozenset({"power_adapter"})
MISSING = frozenset({"part_missing", "battery_missing"}) | CHARGERS
BEYOND = frozenset({"CUSTOMER_DAMAGE", "LIQUID"})
_NOT_WITHDRAWN = {
    "any": [
        {"fact": "withdrawal", "op": "==", "value": False},
        {"fact": "handling", "op": "==", "value": "beyond"},
    ]
}


def _graded(grade: str, name: str, why: str) -> dict[str, Any]:
    return {
        "id": f"grade_{grade.lower()}",
        "when": {
            "all": [
                {"fact": "sold_as", "op": "==", "value": "NEW"},
                {"fact": "grade", "op": "==", "value": grade},
                {"fact": "reason_group", "op": "in", "value": {"param": "deducted_for"}},
                _NOT_WITHDRAWN,
            ]
        },
        "then": {"deductions": [{"part": "condition", "percent": {"param": name}, "why": why}]},
    }


SHIPPED: Body = {
    "mode": "collect",
    "parameters": {
        "deducted_for": ["remorse", "commercial"],
        "grade_b_percent": 10,
        "grade_c_percent": 25,
        "grade_d_percent": 50,
        "damage_percent": 40,
        "charger_percent": 8,
        "part_percent": 5,
        "most_percent": 80,
        "ask_from_percent": 40,
        "appeal_days": 14,
        "decide_days": 7,
        "offer_days": 7,
        "repair_days": 14,
    },
    "rules": [
        _graded("B", "grade_b_percent", gettext_noop("It was sold as new and came back with light wear.")),
        _graded("C", "grade_c_percent", gettext_noop("It was sold as new and came back with visible wear.")),
        _graded("D", "grade_d_percent", gettext_noop("It was sold as new and came back damaged.")),
        {
            "id": "customer_damage",
            "when": {"fact": "handling", "op": "==", "value": "beyond"},
            "then": {
                "deductions": [
                    {
                        "part": "condition",
                        "percent": {"param": "damage_percent"},
                        "why": gettext_noop("It was damaged by more than trying it out."),
                    }
                ]
            },
        },
        {
            "id": "charger_missing",
            "when": {
                "all": [
                    {"fact": "missing", "op": "contains", "value": "power_adapter"},
                    {"fact": "reason", "op": "!=", "value": "MISSING_PARTS"},
                    {"fact": "reason_group", "op": "in", "value": {"param": "deducted_for"}},
                ]
            },
            "then": {
                "deductions": [
                    {
                        "part": "accessories",
                        "percent": {"param": "charger_percent"},
                        "why": gettext_noop("The charger is missing."),
                    }
                ]
            },
        },
        {
            "id": "part_missing",
            "when": {
                "all": [
                    {
                        "any": [
                            {"fact": "missing", "op": "contains", "value": "part_missing"},
                            {"fact": "missing", "op": "contains", "value": "battery_missing"},
                        ]
                    },
                    {"fact": "reason", "op": "!=", "value": "MISSING_PARTS"},
                    {"fact": "reason_group", "op": "in", "value": {"param": "deducted_for"}},
                ]
            },
            "then": {
                "deductions": [
                    {
                        "part": "accessories",
                        "percent": {"param": "part_percent"},
                        "why": gettext_noop("Something that belongs to it is missing."),
                    }
                ]
            },
        },
    ],
}
_DAYS = ("appeal_days", "decide_days", "offer_days", "repair_days")


def _check(body: Body) -> list[Reason]:
    found: list[Reason] = []
    parameters = body.get("parameters", {})
    for name, value in parameters.items():
        percent = ruling.number(value) if name.endswith("_percent") else None
        if name.endswith("_percent") and (percent is None or not 0 <= percent <= 100):
            found.append(Reason("percent", f"{name} is 0 to 100 percent.", f"body.parameters.{name}"))
        least = 0 if name == "appeal_days" else 1
        if name in _DAYS and (not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 365):
            found.append(Reason("days", f"{name} is {least} to 365 days.", f"body.parameters.{name}"))
    for place, rule in enumerate(body.get("rules", [])):
        where = f"body.rules[{place}].then.deductions"
        rows = rule.get("then", {}).get("deductions", [])
        if not isinstance(rows, list):
            found.append(Reason("deductions", "Deductions are a list.", where))
            continue
        for row in rows:
            found += _wrong(row, parameters, where)
    return found


def _wrong(row: Any, parameters: Mapping[str, Any], where: str) -> list[Reason]:  # noqa: ANN401 - any JSON
    if not isinstance(row, Mapping) or not str(row.get("why", "")).strip():
        return [Reason("no_why", "Each deduction says why, in words that the customer reads.", where)]
    percent, amount = row.get("percent"), row.get("amount")
    if isinstance(percent, Mapping):
        percent = parameters.get(str(percent.get("param")))
    known = ruling.number(percent) if percent is not None else None
    if amount is None and (known is None or not 0 <= known <= 100):
        return [Reason("percent", "A deduction is 0 to 100 percent of the price, or an amount.", where)]
    if amount is not None and ((told := ruling.number(amount)) is None or told < 0):
        return [Reason("amount", "The amount of a deduction is zero or more.", where)]
    return []


DEDUCTIONS = ruling.register(Kind(KIND, SHIPPED, _check, told=True))


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is known of one unit when it is taken back; what isn't known is None, and nothing is taken off for it."""

    reason: str
    price: Decimal
    pieces: int = 1
    grade: str | None = None
    sold_as: str | None = None
    """``NEW``, or the grade that it was sold in."""
    confirmed: str | None = None
    withdrawal: bool | None = None
    handling: str | None = None
    """``beyond`` when it was handled more than trying it out needs."""
    missing: Sequence[str] = ()
    device_class: str = "other"
    country: str = ""

    def inputs(self) -> dict[str, Any]:
        return {
            "reason": self.reason,
            "reason_group": reasons.group(self.reason),
            "confirmed": self.confirmed or None,
            "grade": self.grade or None,
            "sold_as": self.sold_as or None,
            "withdrawal": self.withdrawal,
            "handling": self.handling,
            "missing": list(self.missing),
            "price": self.price,
            "device_class": self.device_class,
            "country": self.country,
        }


@dataclass(frozen=True)
class Proposal:
    """The deductions that rules propose for one unit, largest first; each ``{"amount", "why", "rule", "version"}``."""

    rows: Sequence[Mapping[str, Any]] = ()
    total: Decimal = Decimal(0)
    ask: bool = False
    """True when so much is taken off that the customer is asked first."""
    rules: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class _Part:
    amount: Decimal
    why: str
    rule: str


def reckon(found: Ruling, case: Case, *, worth: Decimal, currency: str = "EUR") -> Proposal:
    """What the rules in force take off ``worth``, which is what the customer gets for it as sold."""
    inputs = case.inputs()
    parts: dict[str, _Part] = {}
    for rule in found.body.get("rules", []):
        if not ruling.matches(rule.get("when"), inputs, found.parameters):
            continue
        for told in rule.get("then", {}).get("deductions", []):
            amount = _amount(told, case, found.parameters, currency)
            part = str(told.get("part") or rule["id"])
            if amount > (parts[part].amount if part in parts else 0):
                parts[part] = _Part(amount, str(told["why"]), str(rule["id"]))
    most = worth * (ruling.number(found.parameters.get("most_percent", 100)) or Decimal(100)) / 100
    left = money.rounded(min(worth, most), currency)
    rows: list[dict[str, Any]] = []
    for made in sorted(parts.values(), key=lambda one: (-one.amount, one.rule)):
        amount = min(made.amount, left)
        if amount > 0:
            rows.append({"amount": str(amount), "why": made.why, "rule": made.rule, "version": found.version})
            left -= amount
    total = sum((Decimal(row["amount"]) for row in rows), Decimal(0))
    share = ruling.number(found.parameters.get("ask_from_percent", 100)) or Decimal(100)
    ask = bool(worth) and total > 0 and total * 100 >= worth * share
    return Proposal(tuple(rows), total, ask, tuple(str(row["rule"]) for row in rows))


def _amount(told: Mapping[str, Any], case: Case, parameters: Mapping[str, Any], currency: str) -> Decimal:
    if told.get("amount") is not None:
        return (ruling.number(told["amount"]) or Decimal(0)) * case.pieces
    percent = told.get("percent")
    if isinstance(percent, Mapping):
        percent = parameters.get(str(percent.get("param")))
    return money.rounded(case.price * case.pieces * (ruling.number(percent) or Decimal(0)) / 100, currency)


def days(found: Ruling, name: str) -> int:
    """A number of days that the rules name: appeal_days, decide_days, offer_days, repair_days."""
    value = found.parameters.get(name, SHIPPED["parameters"][name])
    return int(value) if isinstance(value, int) else int(SHIPPED["parameters"][name])


def told(why: str) -> str:
    """Why something was deducted, in the reader's language where a rule said it and as it was written where a person did."""
    return _(why) if why else ""


def by_person(amount: Decimal, why: str, *, rule: str = BY_PERSON) -> list[dict[str, Any]]:
    """One deduction as a person (or a customer's consent) made it."""
    return [{"amount": str(amount), "why": why.strip()[:300], "rule": rule}] if amount else []
