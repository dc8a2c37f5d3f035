"""Columns of text to columns of numbers, learned from the examples and the same for every later row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.pricing.table import Kind, Table, kind_of, number_of

Matrix = NDArray[np.float64]
RAREST = 5
"""A category or word in fewer examples isn't a column of its own."""
MOST_WORDS = 150
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)?", re.UNICODE)


def words_of(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


class Encoder:
    """Learns the kinds of columns from a table; gives each row its numbers: measured ones first, then yes and no."""

    def __init__(self, table: Table) -> None:
        self.columns = table.columns
        values = {name: table.column(name) for name in table.columns}
        self.kinds = {name: kind_of(found) for name, found in values.items()}
        self.numbers = [name for name, kind in self.kinds.items() if kind is Kind.NUMBER]
        self.medians: dict[str, float] = {}
        self.spans: dict[str, tuple[float, float]] = {}
        self.gaps: list[str] = []
        for name in self.numbers:
            told = [number for value in values[name] if (number := number_of(value)) is not None]
            self.medians[name], self.spans[name] = float(np.median(told)), (min(told), max(told))
            if len(told) < 0.95 * len(values[name]):
                self.gaps.append(name)
        self.categories: dict[str, tuple[str, ...]] = {}
        self.words: dict[str, tuple[str, ...]] = {}
        for name, kind in self.kinds.items():
            if kind is Kind.CATEGORY:
                self.categories[name] = _often(Counter(value.casefold() for value in values[name] if value))
            elif kind is Kind.TEXT:
                said: Counter[str] = Counter()
                for value in values[name]:
                    said.update(words_of(value))
                usual = {word: count for word, count in said.items() if count <= 0.95 * len(values[name])}
                self.words[name] = _often(Counter(usual))[:MOST_WORDS]

    @property
    def measured(self) -> int:
        """How many of the first columns are measured numbers."""
        return len(self.numbers)

    def encode(self, table: Table) -> Matrix:
        """One row of numbers for each row, in the order of ``names``."""
        table = table.arranged(self.columns)
        parts: list[Matrix] = []
        told = {name: [number_of(value) for value in table.column(name)] for name in self.numbers}
        for name in self.numbers:
            median = self.medians[name]
            parts.append(np.array([median if value is None else value for value in told[name]], dtype=float))
        parts += [np.array([float(value is None) for value in told[name]]) for name in self.gaps]
        for name, known in self.categories.items():
            found = [value.casefold() for value in table.column(name)]
            parts += [np.array([float(value == one) for value in found]) for one in known]
        for name, known in self.words.items():
            said = [words_of(value) for value in table.column(name)]
            parts += [np.array([float(one in words) for words in said]) for one in known]
        if not parts:
            return np.zeros((len(table.rows), 1))
        return np.column_stack(parts)

    @property
    def names(self) -> list[str]:
        """What each column of ``encode`` says."""
        yes_no: Sequence[tuple[str, tuple[str, ...]]] = [*self.categories.items(), *self.words.items()]
        return [
            *self.numbers,
            *(f"{name} is missing" for name in self.gaps),
            *(f"{name}: {one}" for name, known in yes_no for one in known),
        ]


def _often(counted: Counter[str]) -> tuple[str, ...]:
    often = [(value, count) for value, count in counted.items() if count >= RAREST]
    return tuple(value for value, _ in sorted(often, key=lambda pair: (-pair[1], pair[0])))
