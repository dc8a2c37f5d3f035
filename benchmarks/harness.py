"""How a ratio is measured: both sides in turn, several rounds, the median of each; never one after the other, since machines drift."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Result:
    """One line of the table. ``ours`` and ``reference`` are in ``unit``; ``ratio`` is ours / reference; ``goal`` is what it must reach."""

    name: str
    unit: str
    ours: float
    reference: float | None
    ratio: float | None
    goal: str = ""
    note: str = ""

    def as_row(self) -> dict[str, object]:
        return {
            key: value for key, value in asdict(self).items() if key in {"name", "unit", "ours", "reference", "ratio"}
        }


def rate(act: Callable[[], int]) -> float:
    """How many a second ``act`` did; it returns how many it did."""
    start = time.perf_counter()
    count = act()
    return count / (time.perf_counter() - start)


def compare(
    name: str, ours: Callable[[], int], reference: Callable[[], int], *, goal: str, rounds: int = 5, note: str = ""
) -> Result:
    """Both in turn, ``rounds`` times after one warm-up; rates a second, and the median of the paired ratios."""
    rate(ours), rate(reference)
    pairs = [(rate(ours), rate(reference)) for _ in range(rounds)]
    ratios = sorted(mine / theirs for mine, theirs in pairs)
    return Result(
        name=name,
        unit="1/s",
        ours=round(statistics.median(mine for mine, _ in pairs), 1),
        reference=round(statistics.median(theirs for _, theirs in pairs), 1),
        ratio=round(statistics.median(ratios), 3),
        goal=goal,
        note="; ".join(part for part in (f"{ratios[0]:.2f}-{ratios[-1]:.2f}", note) if part),
    )
