"""A price model tried on what it hasn't seen, kept as bytes, and asked for prices. Loads scikit-learn: jobs and commands only."""

from __future__ import annotations

import pickle  # what is read back was written here, and is named by its digest
import platform
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
import sklearn

from triage.pricing import examples as what
from triage.pricing import learning, scoring
from triage.pricing.examples import Cell, Example
from triage.pricing.learning import Learned
from triage.pricing.scoring import Band

PROMISED = 0.8
WIDEST = 4.0
"""A band is stretched at most so much."""


def libraries() -> dict[str, str]:
    """What a model's bytes can be read with."""
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    }


def learn(examples: Sequence[Example]) -> Learned:
    return learning.learn(what.table_of(examples), what.TARGET)


def dumped(learned: Learned) -> bytes:
    return zlib.compress(pickle.dumps(learned, protocol=5), 6)


def loaded(data: bytes) -> Learned:
    """The model in bytes of ours: the caller has read them by the digest that our own row names."""
    found = pickle.loads(zlib.decompress(data))  # noqa: S301 - see above
    if not isinstance(found, Learned):
        raise TypeError("These bytes are no price model.")
    return found


# Trying -------------------------------------------------------------------------------------------------------------------------------


def tried(learned: Learned, held: Sequence[Example], stretch: float = 1.0) -> dict[str, Any]:
    """What the model misses on examples that it hasn't seen, beside what decisions would miss without it."""
    bands = predicted(learned, held, stretch)
    truth = [each.amount for each in held]
    middles = [band.p50 for band in bands]
    shares = [abs(each.amount - band.p50) / each.amount for each, band in zip(held, bands, strict=True)]
    without = [abs(each.amount - each.without) / each.amount for each in held]
    return {
        "begins": min(each.day for each in held).isoformat(),
        "ends": max(each.day for each in held).isoformat(),
        "rows": len(held),
        "mae": round(scoring.mean_miss(truth, middles), 4),
        "share": round(sum(shares) / len(shares), 4),
        "r2": round(scoring.explained(truth, middles), 4),
        "covered": round(scoring.covered(truth, bands), 4),
        "without": round(sum(without) / len(without), 4),
    }


def stretch_of(learned: Learned, held: Sequence[Example]) -> float:
    """How much wider the band must be to hold what it promises on later examples; never narrower than it was learned."""
    needed = []
    for each, band in zip(held, predicted(learned, held), strict=True):
        side = band.p90 - band.p50 if each.amount > band.p50 else band.p50 - band.p10
        miss = abs(each.amount - band.p50)
        needed.append(miss / side if side > 0 else (0.0 if miss == 0 else WIDEST))
    place = min(1.0, float(np.ceil((len(needed) + 1) * PROMISED)) / len(needed))
    return float(min(WIDEST, max(1.0, np.quantile(needed, place, method="higher"))))


def predicted(learned: Learned, asked: Sequence[Example], stretch: float = 1.0) -> list[Band]:
    bands = learned.predict(what.table_of(asked).without(what.TARGET))
    return [
        Band(
            p10=max(0.0, band.p50 - stretch * (band.p50 - band.p10)),
            p50=band.p50,
            p90=band.p50 + stretch * (band.p90 - band.p50),
        )
        for band in bands
    ]


# Prices -------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Said:
    """A price that a model says."""

    cell: Cell
    band: Band


def prices(learned: Learned, cells: Sequence[Cell], stretch: float = 1.0) -> list[Said]:
    """What the model says of each cell that it is familiar with; a better grade is never cheaper."""
    asked = [example for cell in cells for example, _weight in cell.asked]
    if not asked:
        return []
    known = learned.familiar(what.table_of(asked).without(what.TARGET))
    bands = predicted(learned, asked, stretch)
    place, said = 0, []
    for cell in cells:
        part = slice(place, place + len(cell.asked))
        place = part.stop
        if min(known[part]) >= what.FAMILIAR:
            said.append(Said(cell=cell, band=_mixed(bands[part], [weight for _example, weight in cell.asked])))
    return _in_order(said)


def _mixed(bands: Sequence[Band], weights: Sequence[int]) -> Band:
    whole = sum(weights)
    p10, p50, p90 = (
        sum(getattr(band, name) * weight for band, weight in zip(bands, weights, strict=True)) / whole
        for name in ("p10", "p50", "p90")
    )
    return Band(p10=p10, p50=p50, p90=p90)


def _in_order(said: Sequence[Said]) -> list[Said]:
    groups: dict[tuple[str, str, str], list[Said]] = {}
    for each in said:
        groups.setdefault((each.cell.product, each.cell.variant, each.cell.channel), []).append(each)
    found = []
    for group in groups.values():
        group.sort(key=lambda each: what.GRADES.index(each.cell.grade))
        sides: Mapping[str, list[float]] = {
            name: what.falling([getattr(each.band, name) for each in group]) for name in ("p10", "p50", "p90")
        }
        for each, low, middle, high in zip(group, sides["p10"], sides["p50"], sides["p90"], strict=True):
            found.append(Said(cell=each.cell, band=Band(p10=min(low, middle), p50=middle, p90=max(high, middle))))
    return found
