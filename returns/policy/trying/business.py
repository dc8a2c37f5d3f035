"""Rules of business returns tried again: what would have come back, on whose word, and at what fee. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from returns.policy import business
from revlog.terms.ruling import Ruling

CHANGES = ("refused", "allowed", "review", "money")


@dataclass(frozen=True)
class Result:
    """``credit`` and ``fee`` are for all pieces of the line."""

    rule: str
    allowed: bool
    steps: int
    credit: Decimal
    fee: Decimal
    why: str

    def kept(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "allowed": self.allowed,
            "steps": self.steps,
            "credit": str(self.credit),
            "fee": str(self.fee),
            "why": self.why,
        }

    def into(self, counts: Counter[str], sums: Any) -> None:  # noqa: ANN401
        if not self.allowed:
            counts["refused"] += 1
            return
        counts["allowed"] += 1
        if self.steps:
            counts["approvals"] += self.steps
        sums["credit"] += self.credit
        if self.fee:
            sums["fee"] += self.fee


def result(found: Ruling, inputs: Mapping[str, Any], *, currency: str, part_of_kit: Decimal | None = None) -> Result:
    """``part_of_kit`` is what a part of a kit brings, of which no fee is kept."""
    permit = business.permitted(found, inputs, currency=currency)
    why = permit.decision.why
    if not permit.allowed:
        return Result(permit.decision.rule, False, 0, Decimal(0), Decimal(0), why)  # noqa: FBT003
    if part_of_kit is not None:
        return Result(permit.decision.rule, True, permit.steps, part_of_kit, Decimal(0), why)  # noqa: FBT003
    pieces, price = int(inputs["quantity"]), Decimal(inputs["price"])
    return Result(
        permit.decision.rule,
        True,  # noqa: FBT003
        permit.steps,
        (price - permit.fee) * pieces,
        permit.fee * pieces,
        why,
    )


def change(before: Result, after: Result) -> str:
    if before.allowed != after.allowed:
        return "allowed" if after.allowed else "refused"
    if before.steps != after.steps:
        return "review"
    return "money" if (before.credit, before.fee) != (after.credit, after.fee) else ""
