"""Trade-in rules tried again: what would have been quoted for the same answers and prices. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from returns.policy import tradein
from returns.policy.tradein import BUY
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

    def kept(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "ends": self.ends,
            "grade": self.grade,
            "amount": str(self.amount),
            "uplift": str(self.uplift),
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


def result(found: Ruling, inputs: Mapping[str, Any], *, currency: str, accepted: bool) -> Result:
    made = tradein.quote(
        found,
        prices={grade: Decimal(amount) for grade, amount in inputs["prices"].items()},
        answers=inputs["answers"],
        device_class=inputs["device_class"],
        currency=currency,
        lists=inputs.get("lists", ()),
    )
    # What the price begins with says nothing of the rules; the costliest step after it does.
    steps = sorted((one for one in made.steps if one.amount <= 0), key=lambda one: one.amount)
    rule = steps[0].rule if steps else ""
    why = made.why or (steps[0].what if steps else "")
    return Result(made.ends, made.grade, made.amount, made.uplift, rule, why, accepted)


def change(before: Result, after: Result) -> str:
    if before.ends != after.ends:
        if after.ends == BUY:
            return "bought"
        return "dropped" if before.ends == BUY else "terms"
    if (before.amount, before.uplift) != (after.amount, after.uplift):
        return "money"
    return "terms" if before.grade != after.grade else ""
