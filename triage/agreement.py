"""How far two people agree on a grade: raw agreement and Cohen's kappa, plain and weighted, each with its interval. Pure.

Kappa says how much of the agreement is more than chance would bring: 1 is full agreement, 0 no more than chance. In the weighted one a
step of one letter counts as a third of a miss from A to D (linear weights). Its error is that of Fleiss, Cohen and Everitt (1969), large
n; the interval is 95 %. Whether a window is worse than the one before it is asked of the counts by Fisher's exact test, one-sided, which
holds for few as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb, sqrt

LETTERS = ("A", "B", "C", "D")
Z = 1.959964
Table = Sequence[Sequence[int]]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Kappa:
    """``value`` is None where it says nothing: nobody compared, or one of the two used a single letter."""

    value: float | None
    error: float | None = None

    @property
    def low(self) -> float | None:
        return None if self.value is None or self.error is None else max(-1.0, self.value - Z * self.error)

    @property
    def high(self) -> float | None:
        return None if self.value is None or self.error is None else min(1.0, self.value + Z * self.error)


@dataclass(frozen=True)
class Agreement:
    """``counts[i][j]`` are the units that the first called the i-th letter and the second the j-th."""

    n: int
    same: int
    counts: Table
    plain: Kappa
    weighted: Kappa

    @property
    def raw(self) -> float | None:
        return self.same / self.n if self.n else None


def of_pairs(pairs: Iterable[Pair], letters: Sequence[str] = LETTERS) -> Agreement:
    """The agreement of first and second words; a pair in which somebody gave no letter takes no part."""
    place = {letter: number for number, letter in enumerate(letters)}
    counts = [[0] * len(letters) for _ in letters]
    for first, second in pairs:
        if first in place and second in place:
            counts[place[first]][place[second]] += 1
    return of_table(counts)


def of_table(counts: Table) -> Agreement:
    """The agreement of a square table of counts."""
    size = len(counts)
    return Agreement(
        n=sum(map(sum, counts)),
        same=sum(counts[each][each] for each in range(size)),
        counts=counts,
        plain=kappa(counts, [[float(one == other) for other in range(size)] for one in range(size)]),
        weighted=kappa(counts, [[1 - abs(one - other) / (size - 1) for other in range(size)] for one in range(size)]),
    )


def kappa(counts: Table, weights: Sequence[Sequence[float]]) -> Kappa:
    """Cohen's kappa of a table by these weights of agreement (1 on the diagonal), with its asymptotic standard error."""
    n, every = sum(map(sum, counts)), range(len(counts))
    if not n:
        return Kappa(None)
    share = [[counts[i][j] / n for j in every] for i in every]
    rows = [sum(counts[i]) / n for i in every]
    columns = [sum(counts[i][j] for i in every) / n for j in every]
    seen = sum(weights[i][j] * share[i][j] for i in every for j in every)
    chance = sum(weights[i][j] * rows[i] * columns[j] for i in every for j in every)
    if max(rows) == 1 or max(columns) == 1:
        # One of them used a single letter: kappa is nought whatever they agree on, and says nothing.
        return Kappa(None)
    value = (seen - chance) / (1 - chance)
    of_row = [sum(weights[i][j] * columns[j] for j in every) for i in every]
    of_column = [sum(weights[i][j] * rows[i] for i in every) for j in every]
    spread = sum(
        share[i][j] * (weights[i][j] - (of_row[i] + of_column[j]) * (1 - value)) ** 2 for i in every for j in every
    )
    variance = (spread - (value - chance * (1 - value)) ** 2) / (n * (1 - chance) ** 2)
    return Kappa(value, sqrt(max(0.0, variance)))


def steps(first: str, second: str, letters: Sequence[str] = LETTERS) -> int | None:
    """How many letters lie between two grades; None where one of them is no letter."""
    if first not in letters or second not in letters:
        return None
    return abs(letters.index(first) - letters.index(second))


def fell(*, same: int, n: int, same_before: int, n_before: int) -> float:
    """How likely so few would agree if nothing had changed: Fisher's exact test, one-sided. Small means that agreement fell."""
    agreed, total = same + same_before, n + n_before
    least = max(0, agreed - n_before)
    ways = sum(comb(n, each) * comb(n_before, agreed - each) for each in range(least, same + 1))
    return ways / comb(total, agreed)
