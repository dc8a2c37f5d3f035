"""How likely a repair succeeds, by class, age and fault: counts with their source, smoothed where they are few, with an interval. Pure.

A share of few cases says little: each is drawn towards the one above it (class and age towards the class, the class towards all), as if
``prior`` cases more had ended as that one says. What a fault changes is told by its share within the class, and added on the scale of
odds. ``counted`` makes counts of rows; ``triage.services.complaints`` reads those in force.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BANDS = ((0, 1), (2, 3), (4, 6), (7, 10), (11, None))
"""Years of age, from and to."""
ALL = "all"
PRIOR = 20
SURE = 1.2816
"""The interval holds four times in five."""
OLDEST = 60
Pair = Sequence[int]


@dataclass(frozen=True, kw_only=True)
class Odds:
    """The share of repairs that succeed, between ``low`` and ``high`` four times in five; ``n`` cases of just this were counted."""

    share: float
    low: float
    high: float
    n: int
    source: str
    by: tuple[str, ...] = ()
    """What it rests on: class, age, fault; none for all things together."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One case: what, how old in years (None where nobody said), which fault ("" where none is known), and whether it was mended."""

    device_class: str
    age: int | None
    fault: str
    mended: bool


def band_of(age: int | None) -> str:
    """``2-3``, ``11-``; empty for an age that nobody knows or that can't be."""
    if age is None or not 0 <= age <= OLDEST:
        return ""
    return next(_name(low, high) for low, high in BANDS if high is None or age <= high)


def _name(low: int, high: int | None) -> str:
    return f"{low}-{'' if high is None else high}"


BAND_NAMES = tuple(_name(low, high) for low, high in BANDS)


def counted(rows: Iterable[Row]) -> dict[str, Any]:
    """Counts as rules keep them: class -> [mended, not]; the same by age and by fault."""
    classes: dict[str, list[int]] = {}
    ages: dict[str, dict[str, list[int]]] = {}
    faults: dict[str, dict[str, list[int]]] = {}
    for row in rows:
        place = 0 if row.mended else 1
        classes.setdefault(row.device_class, [0, 0])[place] += 1
        if band := band_of(row.age):
            ages.setdefault(row.device_class, {}).setdefault(band, [0, 0])[place] += 1
        if row.fault:
            faults.setdefault(row.device_class, {}).setdefault(row.fault, [0, 0])[place] += 1
    return {"classes": classes, "ages": ages, "faults": faults}


def odds(counts: Mapping[str, Any], *, device_class: str, age: int | None = None, fault: str = "") -> Odds:
    """The odds of such a thing. What was never counted has those of what is above it."""
    prior = float(counts.get("prior", PRIOR))
    classes: Mapping[str, Pair] = counts["classes"]
    overall = _drawn(_together(classes), 0.5, 2)
    of_class = classes.get(device_class, (0, 0))
    share = class_share = _drawn(of_class, overall, prior)
    n = sum(of_class)
    by: tuple[str, ...] = ("class",) if n else ()
    told = [("age", counts["ages"], band_of(age)), ("fault", counts["faults"], fault)]
    for what, table, name in told:
        within: Mapping[str, Pair] = table.get(device_class, {})
        pair = within.get(name, (0, 0))
        if not name or not sum(pair):
            continue
        # Of whose cases age or fault are told may be other ones: what they change is measured among themselves.
        base = _drawn(_together(within), class_share, prior)
        share = _moved(share, _drawn(pair, base, prior), base)
        n, by = min(n, sum(pair)), (*by, what)
    wide = SURE / math.sqrt((n + prior) * share * (1 - share))
    middle = _logit(share)
    return Odds(
        share=share,
        low=_share(middle - wide),
        high=_share(middle + wide),
        n=n,
        source="; ".join(str(each) for each in counts.get("sources", ())),
        by=by,
    )


def _together(told: Mapping[str, Pair]) -> Pair:
    """Mended and not, over all of a table."""
    return [sum(pair[side] for pair in told.values()) for side in (0, 1)]


def _drawn(pair: Pair, towards: float, prior: float) -> float:
    """The share of ``pair`` as if ``prior`` cases more had ended as ``towards`` says; never quite none, never quite all."""
    share = (pair[0] + prior * towards) / (sum(pair) + prior)
    return min(max(share, 0.01), 0.99)


def _moved(share: float, told: float, base: float) -> float:
    """``share`` with what distinguishes ``told`` from ``base``, on the scale of odds."""
    return min(max(_share(_logit(share) + _logit(told) - _logit(base)), 0.01), 0.99)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _share(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


# How good they are --------------------------------------------------------------------------------------------------------------------


def judged(counts: Mapping[str, Any], rows: Sequence[Row]) -> dict[str, float]:
    """How well the odds foretold ``rows``: mean squared miss and surprise, beside those of one share for all, and whether they hold."""
    classes: Mapping[str, Pair] = counts["classes"]
    base = _drawn(_together(classes), 0.5, 2)
    told = [odds(counts, device_class=row.device_class, age=row.age, fault=row.fault).share for row in rows]
    truth = [float(row.mended) for row in rows]
    n = max(len(rows), 1)
    return {
        "n": float(len(rows)),
        "mended": sum(truth) / n,
        "expected": sum(told) / n,
        "brier": sum((one - other) ** 2 for one, other in zip(told, truth, strict=True)) / n,
        "brier_one_share": sum((base - other) ** 2 for other in truth) / n,
        "surprise": -sum(math.log(one if other else 1 - one) for one, other in zip(told, truth, strict=True)) / n,
        "surprise_one_share": -sum(math.log(base if other else 1 - base) for other in truth) / n,
    }
