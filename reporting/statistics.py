"""The little statistics that figures need."""

from __future__ import annotations

from math import sqrt


def wilson(hits: int, of: int, *, z: float = 1.96) -> tuple[float, float]:
    """The interval (95 %) in which the true share lies when ``hits`` of ``of`` were seen: honest for few and for all or none."""
    if of <= 0 or not 0 <= hits <= of:
        raise ValueError("A share needs at least one, and no more hits than tries.")
    share, square = hits / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)
