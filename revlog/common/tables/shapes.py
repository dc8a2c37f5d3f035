"""What a table is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from revlog.common.errors import BadInput


class UnreadableTable(BadInput):
    """The file is no table that can be read; nothing was taken from it."""

    code = "unreadable_table"


class Kind(StrEnum):
    """How a cell was stored. CSV knows text alone."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOL = "bool"
    ERROR = "error"
    FORMULA = "formula"
    """A formula whose value was never stored: what it gives is not in the file."""


@dataclass(frozen=True, slots=True)
class Cell:
    """``text`` is what a person sees, as far as it can be known without guessing; of a number, its digits."""

    text: str = ""
    kind: Kind = Kind.TEXT

    def __bool__(self) -> bool:
        return bool(self.text) or self.kind in {Kind.FORMULA, Kind.ERROR}


EMPTY = Cell()
MOST_COLUMNS = 200
"""Of a row; what stands further right isn't read."""


@dataclass(slots=True)
class Row:
    """``line`` is its number as an editor or a spreadsheet shows it. ``broken`` says why its cells can't be told apart."""

    line: int
    cells: list[Cell]
    hidden: bool = False
    broken: str = ""


@dataclass
class Sheet:
    """``name`` is empty in CSV. Rows without anything in them are left out, as are empty cells at the end of a row."""

    name: str
    rows: list[Row] = field(default_factory=list)
    hidden: bool = False

    def width(self) -> int:
        return max((len(row.cells) for row in self.rows), default=0)


def trimmed(cells: Sequence[Cell]) -> list[Cell]:
    """Without the empty cells at the end."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return list(cells[:end])
