"""How good predictions are: share explained, mean miss, and whether a band covers what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Band:
    """What a thing is expected to bring: half sell for more than ``p50``, a tenth for less than ``p10``, a tenth for more than ``p90``."""

    p10: float
    p50: float
    p90: float


def explained(truth: ArrayLike, guess: ArrayLike) -> float:
    """R2: 1 is perfect, 0 is no better than always saying the mean."""
    truth, guess = np.asarray(truth, float), np.asarray(guess, float)
    spread = float(((truth - truth.mean()) ** 2).sum())
    missed = float(((truth - guess) ** 2).sum())
    return 1 - missed / spread if spread else 0.0


def mean_miss(truth: ArrayLike, guess: ArrayLike) -> float:
    """MAE, in the truth's own unit."""
    return float(np.abs(np.asarray(truth, float) - np.asarray(guess, float)).mean())


def covered(truth: Sequence[float], bands: Sequence[Band]) -> float:
    """Which share of the truths lies between ``p10`` and ``p90``; 0.8 is what the band promises."""
    return sum(band.p10 <= value <= band.p90 for value, band in zip(truth, bands, strict=True)) / max(len(truth), 1)


def interval_score(truth: Vector, low: Vector, high: Vector, *, misses: float = 0.2) -> float:
    """Winkler's score of a band: its width, and what it missed by, weighed so that honest bands score lowest."""
    below = np.clip(low - truth, 0, None)
    above = np.clip(truth - high, 0, None)
    return float((high - low + (2 / misses) * (below + above)).mean())
