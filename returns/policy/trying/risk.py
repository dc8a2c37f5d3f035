"""Risk rules tried again: whose money would be held, at whose return a person would look, and for how long. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from returns.fraud import rules, scoring
from revlog.terms.ruling import Ruling

CHANGES = ("held", "freed", "looked", "passed", "dates")


@dataclass(frozen=True)
class Result:
    """``points`` and the signals are those of the highest score that the return had on its way."""

    points: int
    band: str
    rules: tuple[str, ...]
    whys: tuple[str, ...]
    value: Decimal
    days: int
    """In which a person decides; so long money waits at most."""

    def kept(self) -> dict[str, Any]:
        return {
            "rule": list(self.rules),
            "band": self.band,
            "points": self.points,
            "value": str(self.value),
            "days": self.days,
            "why": list(self.whys),
        }

    def into(self, counts: Counter[str], sums: Any) -> None:  # noqa: ANN401
        if self.band == scoring.AUTO:
            return
        counts["looked"] += 1
        if self.band == scoring.HOLD:
            counts["held"] += 1
            counts["days"] += self.days
            sums["held"] += self.value


def result(found: Ruling, known: Iterable[Mapping[str, Any]]) -> Result:
    """What the rules make of a return by each of the states of knowledge that it was scored in: the highest score counts."""
    states = list(known)
    best = max((scoring.score(found, one) for one in states), key=lambda score: score.points)
    signals = [one for one in best.signals if one.counted]
    days = int(found.parameters.get("decide_days", rules.SHIPPED["parameters"]["decide_days"]))
    value = next((Decimal(one["value"]) for one in reversed(states) if "value" in one), Decimal(0))
    return Result(
        best.points,
        best.band,
        tuple(one.code for one in signals),
        tuple(one.why for one in signals),
        value,
        0 if best.band == scoring.AUTO else days,
    )


def change(before: Result, after: Result) -> str:
    if before.band == after.band:
        return "dates" if before.days != after.days else ""
    if after.band == scoring.HOLD:
        return "held"
    if before.band == scoring.HOLD:
        return "freed"
    return "looked" if after.band == scoring.LOOK else "passed"
