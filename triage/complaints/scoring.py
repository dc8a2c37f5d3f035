"""How good labels are: share right, and the mean over labels, in which a rare one counts like a common one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def accuracy(truth: Sequence[str], told: Sequence[str]) -> float:
    return sum(one == other for one, other in zip(truth, told, strict=True)) / max(len(truth), 1)


def macro_f1(truth: Sequence[str], told: Sequence[str]) -> float:
    """The mean F1 over every label that is true or told of anything."""
    right = Counter(one for one, other in zip(truth, told, strict=True) if one == other)
    true, said = Counter(truth), Counter(told)
    labels = true.keys() | said.keys()
    return sum(2 * right[label] / (true[label] + said[label]) for label in labels) / max(len(labels), 1)


def majority(train: Sequence[str], test: Sequence[str]) -> float:
    """The share right of always saying what was most frequent in ``train``."""
    most = min(Counter(train).items(), key=lambda pair: (-pair[1], pair[0]))[0]
    return sum(one == most for one in test) / max(len(test), 1)
