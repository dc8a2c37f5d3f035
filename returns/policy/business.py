"""What the rules say to returns of businesses: may a line come back and how many approve it; how much papers may differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from returns import reasons
from revlog.common import money
from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body, Decision, Kind, Ruling

OPENING = "returns.business"
MATCHING = "returns.matching"
CONDITIONS = ("good", "damaged", "wrong", "expired")

MAY_COME_BACK: Body = {
    "mode": "first",
    "parameters": {"window_days": 180, "reviewed_above": "2500.00", "twice_above": "10000.00"},
    "rules": [
        {
            "id": "not_safe",
            "when": {"fact": "reason_group", "op": "==", "value": "safety"},
            "then": {"allow": True, "steps": 1},
            "why": gettext_noop("What isn't safe comes back at any time; we first say how to pack it."),
        },
        {
            "id": "too_late",
            "when": {
                "all": [
                    {"fact": "reason_group", "op": "in", "value": ["remorse", "commercial"]},
                    {"fact": "days_since_delivery", "op": ">", "value": {"param": "window_days"}},
                ]
            },
            "then": {"allow": False},
            "why": gettext_noop("The time in which it could come back has ended."),
        },
        {
            "id": "wrong_lot",
            "when": {"fact": "lot_sent", "op": "==", "value": False},
            "then": {"allow": True, "steps": 1},
            "why": gettext_noop("We never sent this lot to you; a person looks at it."),
        },
        {
            "id": "very_large",
            "when": {"fact": "case_value", "op": ">", "value": {"param": "twice_above"}},
            "then": {"allow": True, "steps": 2},
            "why": gettext_noop("Two people approve a return of this value."),
        },
        {
            "id": "large",
            "when": {"fact": "case_value", "op": ">", "value": {"param": "reviewed_above"}},
            "then": {"allow": True, "steps": 1},
            "why": gettext_noop("A person approves a return of this value."),
        },
        {
            "id": "as_agreed",
            "then": {"allow": True, "steps": 0},
            "why": gettext_noop("It is within what was agreed."),
        },
    ],
}

MAY_DIFFER: Body = {
    "mode": "first",
    "parameters": {"percent": "1", "amount": "2.00", "partial": False},
    "rules": [
        {
            "id": "damaged_as_told",
            "when": {
                "any": [
                    {"fact": "reason", "op": "==", "value": "DAMAGED_TRANSIT"},
                    {"fact": "reason_group", "op": "in", "value": ["fault", "safety"]},
                ]
            },
            "then": {
                "percent": {"param": "percent"},
                "amount": {"param": "amount"},
                "credit": {"good": 100, "damaged": 100, "wrong": 0, "expired": 0},
            },
            "why": gettext_noop("It was announced as damaged."),
        },
        {
            "id": "wrong_as_told",
            "when": {"fact": "reason", "op": "==", "value": "WRONG_ITEM"},
            "then": {
                "percent": {"param": "percent"},
                "amount": {"param": "amount"},
                "credit": {"good": 100, "damaged": 0, "wrong": 100, "expired": 0},
            },
            "why": gettext_noop("It was announced as wrongly sent."),
        },
        {
            "id": "expired_as_told",
            "when": {"fact": "reason", "op": "==", "value": "EXPIRED"},
            "then": {
                "percent": {"param": "percent"},
                "amount": {"param": "amount"},
                "credit": {"good": 100, "damaged": 0, "wrong": 0, "expired": 100},
            },
            "why": gettext_noop("It was announced as past its date."),
        },
        {
            "id": "as_announced",
            "then": {
                "percent": {"param": "percent"},
                "amount": {"param": "amount"},
                "credit": {"good": 100, "damaged": 0, "wrong": 0, "expired": 0},
            },
            "why": gettext_noop("What is good is credited in full."),
        },
    ],
}


def _check_opening(body: Body) -> list[Reason]:
    found: list[Reason] = []
    days = body.get("parameters", {}).get("window_days", 0)
    if not isinstance(days, int) or not 0 <= days <= 36500:
        found.append(Reason("days", "window_days is a whole number of days.", "body.parameters.window_days"))
    for place, rule in enumerate(body.get("rules", [])):
        then, where = rule.get("then", {}), f"body.rules[{place}].then"
        if not isinstance(then.get("allow"), bool):
            found.append(Reason("allow", "Each rule says whether it allows.", f"{where}.allow"))
        if then.get("steps", 0) not in (0, 1, 2):
            found.append(Reason("steps", "0, 1 or 2 people approve.", f"{where}.steps"))
        fee = ruling.number(then.get("fee_percent", 0))
        if fee is None or not 0 <= fee <= 100:
            found.append(Reason("fee", "A fee is 0 to 100 percent.", f"{where}.fee_percent"))
    return found


def _check_matching(body: Body) -> list[Reason]:
    found: list[Reason] = []
    parameters = body.get("parameters", {})
    for place, rule in enumerate(body.get("rules", [])):
        then, where = rule.get("then", {}), f"body.rules[{place}].then"
        for name, most in (("percent", 100), ("amount", 1_000_000)):
            told = then.get(name, 0)
            limit = ruling.number(
                parameters.get(told["param"]) if isinstance(told, Mapping) and "param" in told else told
            )
            if limit is None or not 0 <= limit <= most:
                found.append(Reason("limit", f"{name} is a number from 0 to {most}.", f"{where}.{name}"))
        credit = then.get("credit", {})
        if not isinstance(credit, Mapping) or set(credit) - set(CONDITIONS):
            found.append(Reason("credit", f"Conditions are {', '.join(CONDITIONS)}.", f"{where}.credit"))
            continue
        for condition, percent in credit.items():
            share = ruling.number(percent)
            if share is None or not 0 <= share <= 100:
                found.append(Reason("credit", "A share is 0 to 100 percent.", f"{where}.credit.{condition}"))
    return found


ruling.register(Kind(OPENING, MAY_COME_BACK, _check_opening, trials="trials_of_draft"))
ruling.register(Kind(MATCHING, MAY_DIFFER, _check_matching))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the rules may ask about one line of an announced return, and about the whole of it."""

    customer: str
    reason: str
    price: Decimal
    quantity: int
    category: str
    device_class: str
    days: int | None
    lot_sent: bool
    expired: bool
    case_value: Decimal
    case_lines: int
    referenced: bool
    """Whether it names a purchase order, invoice or delivery."""
    lists: Sequence[str] = ()
    """The lists on which its customer's order, the product or a serial number of it is."""

    def inputs(self) -> Mapping[str, Any]:
        return {
            "customer": self.customer,
            "reason": self.reason,
            "reason_group": reasons.group(self.reason),
            "price": self.price,
            "quantity": self.quantity,
            "category": self.category,
            "device_class": self.device_class,
            "days_since_delivery": self.days,
            "lot_sent": self.lot_sent,
            "expired": self.expired,
            "case_value": self.case_value,
            "case_lines": self.case_lines,
            "referenced": self.referenced,
            "lists": list(self.lists),
        }


@dataclass(frozen=True)
class Permit:
    allowed: bool
    steps: int
    fee: Decimal
    why: str
    decision: Decision


def permit(found: Ruling, wanted: Wanted, *, currency: str) -> Permit:
    """Whether one line may come back, how many people approve it, and what is taken off a piece."""
    return permitted(found, wanted.inputs(), currency=currency)


def permitted(found: Ruling, inputs: Mapping[str, Any], *, currency: str) -> Permit:
    """The same from the facts of a line, as they are now or were kept."""
    decision = ruling.decide(found, inputs)
    price = ruling.number(inputs["price"]) or Decimal(0)
    percent = ruling.number(decision.outcome.get("fee_percent", 0)) or Decimal(0)
    steps = decision.outcome.get("steps", 0)
    return Permit(
        allowed=bool(decision.outcome.get("allow")),
        steps=steps if steps in (0, 1, 2) else 1,
        fee=money.rounded(price * percent / 100, currency),
        why=_(decision.why) if decision.why else "",
        decision=decision,
    )


@dataclass(frozen=True)
class Limits:
    """How far the found amount may be from the announced one, and what a piece in each condition is credited, in percent."""

    percent: Decimal
    amount: Decimal
    credit: Mapping[str, Decimal]
    rule: str = ""
    version: int = 0
    partial: bool = False

    def kept(self) -> dict[str, Any]:
        return {
            "percent": str(self.percent),
            "amount": str(self.amount),
            "credit": {name: str(share) for name, share in self.credit.items()},
            "rule": self.rule,
            "version": self.version,
        }


def limits(found: Ruling, *, customer: str, reason: str, category: str, device_class: str, value: Decimal) -> Limits:
    """The tolerances for one line."""
    decision = ruling.decide(
        found,
        {
            "customer": customer,
            "reason": reason,
            "reason_group": reasons.group(reason),
            "category": category,
            "device_class": device_class,
            "line_value": value,
        },
    )
    then = decision.outcome
    shares = then.get("credit", {})
    return Limits(
        percent=ruling.number(then.get("percent", 0)) or Decimal(0),
        amount=ruling.number(then.get("amount", 0)) or Decimal(0),
        credit={
            one: (ruling.number(shares.get(one, 100 if one == "good" else 0)) or Decimal(0))
            if isinstance(shares, Mapping)
            else Decimal(0)
            for one in CONDITIONS
        },
        rule=decision.rule,
        version=decision.version,
        partial=found.parameters.get("partial") is True,
    )
