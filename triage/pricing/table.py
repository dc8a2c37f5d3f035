"""A table of examples as it comes (CSV), and what kind of thing each column holds."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "-", "?"})
MOST_ROWS = 2_000_000
FEW_DISTINCT = 60
"""A column with no more distinct words is one of categories."""
FEWEST_ROWS = 40
"""With fewer examples nothing is learned: a figure made of them would pretend to know."""


class UnusableTable(Exception):
    """The table can't be learned from; the sentence says why."""


class Kind(StrEnum):
    NUMBER = "number"
    CATEGORY = "category"
    TEXT = "text"
    NOTHING = "nothing"
    """Says nothing that carries over to another row: constant, empty, or another value (a link, a number) in each row."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """``rows[i][j]`` is the text in row i of ``columns[j]``, "" where there is none."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]

    def column(self, name: str) -> list[str]:
        at = self.columns.index(name)
        return [row[at] for row in self.rows]

    def without(self, name: str) -> Table:
        at = self.columns.index(name)
        return Table(
            columns=self.columns[:at] + self.columns[at + 1 :],
            rows=[[*row[:at], *row[at + 1 :]] for row in self.rows],
        )

    def arranged(self, columns: Sequence[str]) -> Table:
        """The same rows with ``columns`` in that order; one that isn't here is empty."""
        places = [self.columns.index(name) if name in self.columns else None for name in columns]
        rows = [["" if at is None else row[at] for at in places] for row in self.rows]
        return Table(columns=tuple(columns), rows=rows)


def read_csv(path: Path) -> Table:
    """The table in a CSV file with a header. Raises UnusableTable with the line that is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = file.read(64 * 1024)
            file.seek(0)
            reader = csv.reader(file, delimiter=_delimiter(sample))
            header = [name.strip() for name in next(reader, [])]
            if not any(header):
                raise UnusableTable(f"{path.name} is empty.")
            if twice := [name for name, count in Counter(header).items() if count > 1]:
                raise UnusableTable(f"{path.name} has two columns called {twice[0]!r}.")
            rows = []
            for row in reader:
                if not any(row):
                    continue
                if len(row) != len(header):
                    raise UnusableTable(
                        f"{path.name}, line {reader.line_num}: {len(row)} values for {len(header)} columns."
                    )
                rows.append([value_of(text) for text in row])
                if len(rows) > MOST_ROWS:
                    raise UnusableTable(f"{path.name} has more than {MOST_ROWS} rows.")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableTable(f"{path.name} can't be read: {error}") from error
    return Table(columns=tuple(header), rows=rows)


def _delimiter(sample: str) -> str:
    first = sample.split("\n", 1)[0]
    return max(",;\t|", key=first.count)


def value_of(text: str) -> str:
    trimmed = " ".join(text.split())
    return "" if trimmed.casefold() in MISSING else trimmed


def number_of(text: str) -> float | None:
    """The number that a cell says, None for none: a comma may be the decimal sign, a currency sign may stand beside it."""
    bare = text.strip().strip("€$£% ").replace("\u00a0", "").replace(" ", "")
    if "," in bare:
        bare = bare.replace(",", "") if "." in bare or _groups(bare) else bare.replace(",", ".")
    try:
        number = float(bare)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _groups(bare: str) -> bool:
    head, *groups = bare.lstrip("+-").split(",")
    return len(head) <= 3 and len(groups) > 1 and all(len(group) == 3 for group in groups)


def targets(table: Table, name: str) -> list[float]:
    """The column to be learned as numbers. Raises UnusableTable."""
    if name not in table.columns:
        raise UnusableTable(f"There is no column {name!r}; there are {', '.join(table.columns)}.")
    found = []
    for line, text in enumerate(table.column(name), start=2):
        number = number_of(text)
        if number is None:
            raise UnusableTable(f"Row {line}: {text!r} in {name!r} is no number.")
        found.append(number)
    return found


def kind_of(values: Sequence[str]) -> Kind:
    """What kind of column these values make."""
    told = [value for value in values if value]
    distinct = set(told)
    if len(distinct) < 2:
        return Kind.NOTHING
    numbers = sum(number_of(value) is not None for value in told)
    if numbers >= 0.95 * len(told):
        return Kind.NUMBER
    if len(distinct) <= FEW_DISTINCT or len(distinct) <= 0.05 * len(told):
        return Kind.CATEGORY
    words = sum(len(value.split()) for value in told) / len(told)
    return Kind.TEXT if words >= 2 else Kind.NOTHING if len(distinct) > 0.5 * len(told) else Kind.CATEGORY
