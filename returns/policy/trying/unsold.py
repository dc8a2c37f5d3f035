"""Rules of unsold goods tried again: what would be called unsold, by which way it would go, and what that brings. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from returns.policy import unsold
from returns.policy.unsold import Sum
from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Ruling

CHANGES = ("found", "spared", "way", "money", "terms")
NO = "no"


@dataclass(frozen=True)
class Result:
    unsold: str
    """The class, or ``no``."""
    way: str
    """The best open way; empty where none is open."""
    net: Decimal
    value: Decimal
    rule: str
    why: str

    def kept(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "unsold": self.unsold,
            "way": self.way,
            "net": str(self.net),
            "value": str(self.value),
            "why": self.why,
        }

    def into(self, counts: Counter[str], sums: Any) -> None:  # noqa: ANN401
        if self.unsold == NO:
            return
        counts["unsold"] += 1
        counts[self.way or "stuck"] += 1
        sums["value"] += self.value
        if self.way:
            sums["net"] += self.net


def result(found: Ruling, inputs: Mapping[str, Any], sums: Mapping[str, Any]) -> Result:
    """``sums`` is what the ways are reckoned from, as it was kept of the last look at the unit."""
    decided = ruling.decide(found, inputs)
    goods = str(decided.outcome.get("unsold", NO))
    value = Decimal(inputs.get("value", 0))
    if goods == NO:
        return Result(NO, "", Decimal(0), value, decided.rule, decided.why)
    allowed = decided.outcome.get("ways", unsold.ALL_WAYS)
    ways = [
        Sum(
            way,
            unsold.reckon(
                way,
                pieces=int(sums["pieces"]),
                price=_amount(sums, "price"),
                expected=_amount(sums, "expected"),
                credit=_amount(sums, "credit"),
                pays_carriage=bool(sums["carriage"]),
                parameters=found.parameters,
                currency=str(sums["currency"]),
            ),
            [Reason(code, code) for code in _against(sums["against"], way, goods)],
        )
        for way in unsold.WAYS
        if way in allowed
    ]
    best = unsold.best_of(ways)
    return Result(goods, best.way if best else "", best.net if best else Decimal(0), value, decided.rule, decided.why)


def _amount(sums: Mapping[str, Any], name: str) -> Decimal | None:
    return Decimal(sums[name]) if sums.get(name) is not None else None


def _against(told: Mapping[str, Any], way: str, goods: str) -> list[str]:
    """What stands against every way, against this one, and against it for goods of this class."""
    own = told.get(way, [])
    return [*told.get("all", []), *(own.get(goods, []) if isinstance(own, Mapping) else own)]


def change(before: Result, after: Result) -> str:
    if (before.unsold == NO) != (after.unsold == NO):
        return "spared" if after.unsold == NO else "found"
    if before.way != after.way:
        return "way"
    if before.net != after.net:
        return "money"
    return "terms" if before.unsold != after.unsold else ""
