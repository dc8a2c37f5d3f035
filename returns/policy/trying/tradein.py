"""Trade-in rules tried again: what would have been quoted for the same answers and prices, and paid after inspection. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from returns.policy import tradein
from returns.policy.tradein import BUY, Found, Promise
from revlog.terms.ruling import Ruling

CHANGES = ("dropped", "bought", "money", "terms")


@dataclass(frozen=True)
class Result:
    ends: str
    grade: str
    amount: Decimal
    uplift: Decimal
    rule: str
    why: str
    accepted: bool
    """Whether whoever asked took the quote."""
    paid: Decimal | None = None
    """What is left of the sum after inspection; None where nothing was inspected."""

    def kept(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "ends": self.ends,
            "grade": self.grade,
            "amount": str(self.amount),
            "uplift": str(self.uplift),
            "paid": str(self.paid) if self.paid is not None else "",
            "why": self.why,
        }

    def into(self, counts: Counter[str], sums: Any) -> None:  # noqa: ANN401
        counts[self.ends] += 1
        if self.ends == BUY:
            sums["offered"] += self.amount
            if self.accepted:
                sums["accepted"] += self.amount
                if self.uplift:
                    sums["uplift"] += self.uplift
            if self.paid is not None:
                counts["inspected"] += 1
                sums["paid"] += self.paid


def result(
    found: Ruling, inputs: Mapping[str, Any], inspected: Mapping[str, Any], *, currency: str, accepted: bool
) -> Result:
    """``inspected`` is what was found of the thing, empty where it wasn't looked at (yet)."""
    prices = {grade: Decimal(amount) for grade, amount in inputs["prices"].items()}
    recoveries = tradein.recoveries_of(inputs.get("recoveries", {}))
    made = tradein.quote(
        found,
        prices=prices,
        answers=inputs["answers"],
        device_class=inputs["device_class"],
        currency=currency,
        lists=inputs.get("lists", ()),
        recoveries=recoveries,
    )
    # What the price begins with says nothing of the rules; the costliest step after it does.
    steps = sorted((one for one in made.steps if one.amount <= 0), key=lambda one: one.amount)
    rule = steps[0].rule if steps else ""
    why = made.why or (steps[0].what if steps else "")
    paid = None
    if inspected and made.ends == BUY:
        promise = Promise(
            made.amount, made.grade, prices, inputs["answers"], inputs["device_class"], currency, recoveries
        )
        less = tradein.compare(found, promise, Found(inspected["grade"], frozenset(inspected["codes"])))
        paid = made.amount - less.total
        if less.rows:
            rule, why = str(less.rows[0]["rule"]), str(less.rows[0]["why"])
    return Result(made.ends, made.grade, made.amount, made.uplift, rule, why, accepted, paid)


def change(before: Result, after: Result) -> str:
    if before.ends != after.ends:
        if after.ends == BUY:
            return "bought"
        return "dropped" if before.ends == BUY else "terms"
    if (before.amount, before.uplift, before.paid) != (after.amount, after.uplift, after.paid):
        return "money"
    return "terms" if before.grade != after.grade else ""
