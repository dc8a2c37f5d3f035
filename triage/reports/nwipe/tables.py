"""The three tables at the end of a run. A row that doesn't have the form of its table is reported as malformed, not guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

TITLE = re.compile(r"^\*{3,}\s*(Error Summary|Erasure Summary|Drive Status)\s*\*{3,}$")
# A column that only this table has: another's header under its title means that lines were lost between them.
_COLUMN = {"Error Summary": "pass errors", "Erasure Summary": "bytes erased", "Drive Status": "status"}
ROW = re.compile(r"^!?\s*[A-Za-z0-9_.+/-]+\s*\|.*\|")
THROUGHPUT = re.compile(r"^Total Throughput\s+[\d.]*\s*\S*B/s,\s*(.+),\s*(\d{1,6})R\+(N?B)\+(NV|VL|VA)$")
_NUMBER = re.compile(r"\d{1,20}", re.ASCII)
_PERCENT = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s?%", re.ASCII)
_NAME = re.compile(r"(!?)\s*([A-Za-z0-9_.+/-]+)")
_STATUSES = {
    "Erased": "Erased",
    "-FAILED-": "FAILED",
    "--FAIL--": "FAILED",
    "UABORTED": "ABORTED",
    "INSANITY": "INSANITY",
}


@dataclass(slots=True)
class ErrorRow:
    flagged: bool
    pass_errors: int
    verify_errors: int
    sync_errors: int | None


@dataclass(slots=True)
class ErasureRow:
    flagged: bool
    bytes_erased: int
    bytes_total: int
    percent: float


@dataclass(slots=True)
class StatusRow:
    flagged: bool
    status: str
    printed: str
    """Model and serial with a stroke between them, as they stand in the last column."""

    def apart(self, known: Iterable[str]) -> tuple[str, str]:
        """Model and serial. Either may hold a stroke itself: a serial that is known from elsewhere shows where to cut, else the
        serial is what follows the last one. The model is cut at 17 characters by the tool."""
        for serial in known:
            before = self.printed.removesuffix(serial).rstrip()
            if before != self.printed and before.endswith("/"):
                return before[:-1].rstrip(), serial
        model, _, serial = self.printed.rpartition("/")
        return model.strip(), serial.strip()


@dataclass(slots=True)
class Table:
    """Rows by the name printed in the first column: cut to six or eight characters by nwipe, so it may be a tail of the name."""

    title: str
    columns: list[str] = field(default_factory=list)
    rows: list[tuple[str, ErrorRow | ErasureRow | StatusRow]] = field(default_factory=list)
    malformed: list[tuple[str, str]] = field(default_factory=list)
    rules: int = 0
    closed: bool = False

    def take(self, text: str, *, terminated: bool) -> bool:
        """Read a line; False when it can't be part of this table, which is then over."""
        plain = text.strip()
        if not plain:
            return not self.rows and not self.malformed
        if re.fullmatch(r"\*{5,}", plain):
            self.closed = True
            return False
        if re.fullmatch(r"-{5,}", plain):
            self.rules += 1
            self.closed = self.title == "Drive Status" and self.rules >= 2
            return not self.closed
        if "|" not in plain:
            return False
        cells = [cell.strip() for cell in plain.split("|")]
        if re.fullmatch(r"!?\s*Device", cells[0], re.IGNORECASE):
            if self.columns or _COLUMN[self.title] not in plain.lower():
                self.malformed.append(("", plain))
            self.columns = [cell.lower() for cell in cells[1:] if cell]
            return True
        named = _NAME.fullmatch(cells[0])
        if not named:
            self.malformed.append(("", plain))
            return True
        flagged, name = bool(named[1]), named[2].rsplit("/", 1)[-1]
        row = self._row(cells[1:], plain, flagged=flagged) if terminated else None
        if row is None:
            self.malformed.append((name, plain))
        else:
            self.rows.append((name, row))
        return True

    def _row(self, cells: list[str], plain: str, *, flagged: bool) -> ErrorRow | ErasureRow | StatusRow | None:
        if self.title == "Drive Status":
            return self._status(cells, plain, flagged=flagged)
        while cells and not cells[-1]:
            cells.pop()
        if self.columns and len(cells) != len(self.columns):
            return None
        if self.title == "Error Summary":
            if len(cells) not in {2, 3} or not all(_NUMBER.fullmatch(cell) for cell in cells):
                return None
            counts = [int(cell) for cell in cells]
            return ErrorRow(flagged, counts[0], counts[1], counts[2] if len(counts) == 3 else None)
        if len(cells) != 3 or not all(_NUMBER.fullmatch(cell) for cell in cells[:2]):
            return None
        percent = _PERCENT.fullmatch(cells[2])
        return ErasureRow(flagged, int(cells[0]), int(cells[1]), float(percent[1])) if percent else None

    def _status(self, cells: list[str], plain: str, *, flagged: bool) -> StatusRow | None:
        if len(cells) < 4 or not re.fullmatch(r"\d{1,6}:\d\d:\d\d", cells[2], re.ASCII):
            return None
        status = _STATUSES.get(cells[0])
        if status is None:
            return None
        return StatusRow(flagged, status, plain.split("|", 4)[4].strip())
