"""Past returns decided again by other rules: what would have become of each, and what all of it would cost. Pure.

A case is rebuilt from the facts that were kept with its decision, and decided by the same function that decides at the portal; so what
a trial says is what the rules do. Facts of a case that were never kept stay unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from returns import policy
from returns.policy import Answer, foreseen
from returns.policy.cases import Case, History
from returns.policy.statutes import Statutes
from revlog.terms.ruling import Ruling

ZERO = Decimal(0)
PAID_BACK = frozenset({"refund", "credit"})


def case_of(inputs: Mapping[str, Any], law_days: int | None, price: Decimal = ZERO) -> Case | None:
    """The case that these facts were kept of; None where they don't say of which day it was.

    ``price`` is the line's: what was only told of has one by now, that no rule could compare.
    """
    if "ordered_on" not in inputs or "days_since_order" not in inputs:
        return None
    get = inputs.get
    ordered_on = date.fromisoformat(inputs["ordered_on"])
    today = ordered_on + timedelta(days=inputs["days_since_order"])
    return Case(
        reason=inputs["reason"],
        wanted=get("wanted", ""),
        kind=get("kind", "return"),
        today=today,
        ordered_on=ordered_on,
        shipped_on=_ago(today, get("days_since_shipment")),
        delivered_on=_ago(today, get("days_since_delivery")),
        law_from=_ago(today, law_days),
        sent=get("sent", False),
        category=get("category", ""),
        device_class=get("device_class", "other"),
        sku=get("sku", ""),
        product=get("product", ""),
        tags=get("tags", ()),
        channel=get("channel", ""),
        price=Decimal(inputs["price"]) if "price" in inputs else price,
        priced="price" in inputs,
        quantity=get("quantity", 1),
        value=Decimal(inputs["value"]) if "value" in inputs else None,
        country=get("country", ""),
        warranty=get("warranty", False),
        origin=get("origin", "portal"),
        gift=get("gift", False),
        risk=get("risk"),
        risk_band=get("risk_band"),
        lists=get("lists", ()),
        history=History(
            orders=inputs["orders"],
            returns=get("returns", 0),
            return_rate=get("return_rate"),
            refunded=Decimal(get("refunded", 0)),
            never_came=get("never_came", 0),
            kept_before=get("kept_before", 0),
        )
        if "orders" in inputs
        else None,
        foreseen=foreseen.left(inputs),
        answers={name[8:]: value for name, value in inputs.items() if name.startswith("answers.")},
    )


def _ago(today: date, days: int | None) -> date | None:
    return None if days is None else today - timedelta(days=days)


@dataclass(frozen=True)
class Result:
    """What rules make of one case, as far as it costs or gives anything; sums are for all of its pieces."""

    rule: str
    allowed: bool
    steps: int
    goods: str
    back: Decimal
    fee: Decimal
    bonus: Decimal
    why: str
    """The rule's sentence, untranslated."""
    rest: tuple[object, ...]
    """What else an answer says and a trial tells apart: photos, questions, outcomes, ways, destination, moment of the money."""

    @property
    def comparable(self) -> tuple[object, ...]:
        return (self.allowed, self.steps, self.goods, self.back, self.fee, self.bonus, self.rest)

    def kept(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "allowed": self.allowed,
            "steps": self.steps,
            "goods": self.goods,
            "back": str(self.back),
            "fee": str(self.fee),
            "bonus": str(self.bonus),
            "why": self.why,
        }

    def into(self, counts: Counter[str], sums: Any) -> None:  # noqa: ANN401 - a Counter of Decimals
        if not self.allowed:
            counts["refused"] += 1
            return
        counts["allowed"] += 1
        if self.steps:
            counts["approvals"] += self.steps
        counts["labels" if self.goods == "back" else "no_label"] += 1
        if self.back:
            sums["back"] += self.back
        if self.fee:
            sums["fee"] += self.fee
        if self.bonus:
            sums["bonus"] += self.bonus


def result(found: Ruling, case: Case, law: Statutes, currency: str) -> Result:
    answer = policy.decide(found, case, currency=currency, law=law)
    if not answer.allowed:
        return Result(answer.decision.rule, False, 0, "back", ZERO, ZERO, ZERO, answer.decision.why, ())  # noqa: FBT003
    pieces = case.quantity
    paid = case.price - answer.taken_off if case.wanted in PAID_BACK else ZERO
    return Result(
        answer.decision.rule,
        True,  # noqa: FBT003
        answer.steps,
        answer.goods,
        paid * pieces,
        answer.taken_off * pieces,
        answer.bonus * pieces,
        answer.decision.why,
        _rest(answer),
    )


def _rest(answer: Answer) -> tuple[object, ...]:
    return (answer.photos, answer.questions, answer.outcomes, answer.methods, answer.hub, answer.refund_on)


CHANGES = ("refused", "allowed", "review", "money", "goods", "terms")


def change(before: Result, after: Result) -> str:
    """What changes for the case, the gravest first; empty when nothing does but the name of the rule."""
    if before is after or before.comparable == after.comparable:
        return ""
    if before.allowed != after.allowed:
        return "allowed" if after.allowed else "refused"
    if before.steps != after.steps:
        return "review"
    if (before.back, before.fee, before.bonus) != (after.back, after.fee, after.bonus):
        return "money"
    return "goods" if before.goods != after.goods else "terms"
