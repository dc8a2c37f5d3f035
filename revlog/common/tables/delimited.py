"""CSV as it is found: its encoding and its delimiter are told by the file itself."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from django.utils.translation import gettext as _

from revlog.common.errors import Reason
from revlog.common.tables.shapes import EMPTY, MOST_COLUMNS, Cell, Row, Sheet, UnreadableTable, trimmed

DELIMITERS = (",", ";", "\t", "|")
LONGEST_RECORD = 60
"""Lines of one record: a quote that is never closed must not swallow the file."""
LONGEST_LINE = 100_000
LONGEST_CELL = 2_000
_KEPT_AS_TEXT = re.compile(r'^="([^"]*)"$')
"""How text is kept from becoming a number in Excel: ="00123"."""


def read(data: bytes, *, most_rows: int) -> Sheet:
    """The one table of the file. Raises UnreadableTable."""
    lines = list(islice(_lines(_text(data)), 10 * most_rows + 1_000))
    if len(lines) >= 10 * most_rows + 1_000:
        raise _too_long(most_rows)
    skipped, delimiter = _told(lines)
    mark = delimiter or _delimiter(lines)
    sheet = Sheet("")
    for row in _rows(lines, mark, start=skipped):
        if row.broken or row.cells:
            sheet.rows.append(row)
        if len(sheet.rows) > most_rows:
            raise _too_long(most_rows)
    return sheet


def _too_long(most_rows: int) -> UnreadableTable:
    return UnreadableTable(Reason("too_long", _("A file has at most %s rows; split it.") % f"{most_rows:,}", "file"))


def _text(data: bytes) -> str:
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _strictly(data, name)
    if (wide := _wide(data)) is not None:
        return _strictly(data, wide)
    if b"\0" in data:
        raise UnreadableTable(Reason("no_table", _("This is no table. Send the list as CSV or XLSX."), "file"))
    for name in ("utf-8", "cp1252"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _strictly(data: bytes, name: str) -> str:
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        told = _("The file says that it is written in %(name)s, and it isn't. Save it as CSV (UTF-8).") % {
            "name": name.upper()
        }
        raise UnreadableTable(Reason("encoding", told, "file")) from error
    if "\0" in text:
        raise UnreadableTable(Reason("no_table", _("This is no table. Send the list as CSV or XLSX."), "file"))
    return text


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: in Latin text every other byte is zero."""
    head = data[:4000]
    half = len(head) // 2
    if half < 4 or len(data) % 2:
        return None
    if head[1::2].count(0) > half * 0.7 and not head[0::2].count(0):
        return "utf-16-le"
    if head[0::2].count(0) > half * 0.7 and not head[1::2].count(0):
        return "utf-16-be"
    return None


def _lines(text: str) -> Iterator[str]:
    stream = io.StringIO(text, newline="")
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise UnreadableTable(Reason("no_table", _("One line is longer than a table's can be."), "file"))
        yield line


def _told(lines: Sequence[str]) -> tuple[int, str]:
    """``sep=;`` on the first line, as Excel writes and reads it: how many lines to leave out, and the delimiter."""
    first = lines[0].rstrip("\r\n").strip('"') if lines else ""
    told = re.fullmatch(r"sep=([,;|\t])", first, re.IGNORECASE)
    return (1, told.group(1)) if told else (0, "")


def _delimiter(lines: Sequence[str]) -> str:
    """The one by which most of the first rows fall into the same number of cells, and into most of them."""
    best, best_score = ",", (0.0, 0)
    head = lines[:400]
    for mark in DELIMITERS:
        widths = [len(row.cells) for row in islice(_rows(head, mark), 60) if row.cells]
        if not widths:
            continue
        common, times = Counter(width for width in widths if width > 1).most_common(1)[0] if max(widths) > 1 else (1, 0)
        # How many rows have more than one cell, weighed by how alike they are; a comma inside of names splits only some of them.
        score = ((sum(width > 1 for width in widths) + times) / len(widths), common)
        if score > best_score:
            best, best_score = mark, score
    return best


class _Feed:
    """Lines for the reader, which takes one after the other until a record is whole; a quote that is never closed ends it."""

    def __init__(self, lines: Sequence[str], place: int) -> None:
        self.lines, self.place, self.record = lines, place, 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if self.place >= len(self.lines):
            raise StopIteration
        if self.record >= LONGEST_RECORD:
            raise csv.Error("a quote without end")
        self.place += 1
        self.record += 1
        return self.lines[self.place - 1]


def _rows(lines: Sequence[str], mark: str, *, start: int = 0) -> Iterator[Row]:
    """Record by record; one whose quotes don't end is a broken row of its own, and the next line begins anew."""
    begun = start
    while begun < len(lines):
        feed = _Feed(lines, begun)
        reader = csv.reader(feed, delimiter=mark, strict=True)
        try:
            for cells in reader:
                yield Row(begun + 1, trimmed([_cell(text) for text in cells[:MOST_COLUMNS]]))
                begun, feed.record = feed.place, 0
        except csv.Error:
            try:
                loose = next(csv.reader([lines[begun]], delimiter=mark), [])
            except csv.Error:
                loose = []
            # Quotes that are paired are only in the wrong place; one that opens a cell and never ends breaks the row.
            broken = _("Its quotes can't be told apart.") if lines[begun].count('"') % 2 or not loose else ""
            yield Row(begun + 1, trimmed([_cell(text) for text in loose[:MOST_COLUMNS]]), broken=broken)
            begun += 1


def _cell(text: str) -> Cell:
    bare = text.strip().strip("\u200b\ufeff\u00a0").strip()
    if not bare:
        return EMPTY
    if (kept := _KEPT_AS_TEXT.match(bare)) is not None:
        bare = kept.group(1).strip()
    elif bare.startswith("'") and len(bare) > 1:
        # An apostrophe in front is how a spreadsheet marks text; our own files have it, too.
        bare = bare[1:]
    return Cell(bare[:LONGEST_CELL])
