"""The score: signals that fired, what each counts, and the band that the sum falls into. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from revlog.terms import ruling
from revlog.terms.conditions import facts_of
from revlog.terms.ruling import Ruling

AUTO, LOOK, HOLD = "auto", "look", "hold"
BANDS = (AUTO, LOOK, HOLD)
MOST = 100
RECEIPT = "receipt"
"""The group of what was found in our own hands: it is about the goods, not about the person."""


@dataclass(frozen=True)
class Signal:
    """One rule that fired. ``points`` is what it gives, ``counted`` what is left of it under the caps; ``facts`` is what it compared."""

    code: str
    points: int
    counted: int
    group: str
    why: str
    facts: Mapping[str, Any]

    def kept(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "points": self.points,
            "counted": self.counted,
            "group": self.group,
            "why": self.why,
            "facts": dict(self.facts),
        }


@dataclass(frozen=True)
class Score:
    """``points`` is the sum of what its signals count, never more than 100."""

    points: int
    band: str
    version: int
    signals: Sequence[Signal] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """All that was known, whether a rule compared it or not."""

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.signals]

    def of_group(self, group: str) -> int:
        return sum(one.counted for one in self.signals if one.group == group)


NOTHING = Score(0, AUTO, 0)


def band_of(points: int, parameters: Mapping[str, Any]) -> str:
    if points >= int(parameters.get("hold_from", MOST + 1)):
        return HOLD
    return LOOK if points >= int(parameters.get("look_from", MOST + 1)) else AUTO


def score(found: Ruling, known: Mapping[str, Any]) -> Score:
    """Add up what the rules in force see in ``known``. What isn't known fires nothing.

    Signals count in the order of the rules; a group counts no more than its cap (``cap_<group>``), and all of them no more than 100.
    """
    parameters = found.parameters
    left: dict[str, int] = {}
    total, signals = 0, []
    for rule in found.compiled.matching(known):
        points = int(ruling.number(rule.then.get("points")) or 0)
        group = str(rule.then.get("group") or "")
        room = left.setdefault(group, int(parameters.get(f"cap_{group}", MOST)))
        counted = max(0, min(points, room, MOST - total))
        left[group] -= counted
        total += counted
        compared = {name: known[name] for name in dict.fromkeys(facts_of(rule.when)) if known.get(name) is not None}
        signals.append(Signal(rule.id, points, counted, group, rule.why, compared))
    return Score(total, band_of(total, parameters), found.version, tuple(signals), known)
