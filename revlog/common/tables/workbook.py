"""XLSX as rows of cells: values as they were stored, with how they are shown where that says more (leading zeros, dates).

Our own small reader: of the readers to be had, those that stream don't tell hidden rows, merged cells and formulas without a stored value,
and the one that tells them holds fifty times the file in memory. It unpacks only the parts that it reads, each up to a limit.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _
from typing_extensions import override

from revlog.common.errors import Reason
from revlog.common.tables.shapes import EMPTY, MOST_COLUMNS, Cell, Kind, Row, Sheet, UnreadableTable, trimmed

MOST_PARTS = 2_000
MOST_PART = 200 * 1024 * 1024
MOST_UNPACKED = 400 * 1024 * 1024
MOST_RATIO = 300
"""How many bytes one byte of the file may become: tables shrink to a twentieth or so, bombs to a thousandth."""
MOST_SHEETS = 60
MOST_LINES = 1_048_576
"""Of a sheet, as spreadsheets have it; empty ones count, too."""
MOST_ELEMENTS = 12_000_000
MOST_IN_ONE = 150_000
"""Elements of the file, and of one row or text: they are held one by one, and a small file can say millions."""
LONGEST_NAME = 60
MOST_STRINGS = 1_000_000
LONGEST_CELL = 2_000
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")


@dataclass
class _Book:
    """What is needed of the workbook while its sheets are read."""

    archive: zipfile.ZipFile
    names: Mapping[str, str]
    """Lower case -> as it stands in the archive: writers differ."""
    left: int = field(default_factory=lambda: MOST_UNPACKED)
    elements: int = 0
    strings: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    """By style: ``date``, ``0``s for leading zeros, else empty."""
    since_1904: bool = False


def read(data: bytes, *, most_rows: int) -> list[Sheet]:
    """The sheets that hold anything, in their order. Raises UnreadableTable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive, most_rows)
    except (
        zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, ParseError, DefusedXmlException, EOFError, NotImplementedError,
        LookupError, RuntimeError, ValueError, ArithmeticError, OSError,
    ) as error:  # fmt: skip
        # Foreign bytes break a reader in more ways than it documents, and each means the same.
        raise UnreadableTable(
            Reason("broken", _("This Excel file can't be read; save it anew, or as CSV."), "file")
        ) from error


def _read(archive: zipfile.ZipFile, most_rows: int) -> list[Sheet]:
    book = _Book(archive, {name.lower().replace("\\", "/").lstrip("/"): name for name in archive.namelist()})
    _demand(book)
    _styles(book)
    found: list[Sheet] = []
    rows = 0
    for name, path, hidden in _sheets(book):
        if not hidden and not book.strings and "xl/sharedstrings.xml" in book.names:
            _strings(book)
        sheet = Sheet(_unlike(name, found), hidden=hidden)
        # A hidden sheet is named, never read: whoever sent the file didn't see it.
        sheet.rows = [] if hidden else _rows(book, path, most_rows - rows)
        rows += len(sheet.rows)
        if sheet.rows or hidden:
            found.append(sheet)
    return found


def _unlike(name: str, others: list[Sheet]) -> str:
    """The name of a sheet, short and no other's: a row is told by sheet and line."""
    bare, number = " ".join(name.split())[:LONGEST_NAME], 1
    told = bare
    while any(other.name == told for other in others):
        number += 1
        told = f"{bare[: LONGEST_NAME - 6]} ({number})"
    return told


def _demand(book: _Book) -> None:
    """What is refused by its list of contents, before anything is unpacked."""
    names, parts = book.names, book.archive.infolist()
    if len(parts) > MOST_PARTS:
        raise UnreadableTable(Reason("bomb", _("This file holds more parts than a table has."), "file"))
    if "mimetype" in names and "content.xml" in names:
        raise UnreadableTable(
            Reason("opendocument", _("This is an OpenDocument table. Save it as .xlsx or CSV."), "file")
        )
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) or "/macrosheets/" in name for name in names):
        raise UnreadableTable(
            Reason("macros", _("This file holds macros, which are never opened here. Save it as .xlsx or CSV."), "file")
        )
    if "xl/workbook.bin" in names:
        raise UnreadableTable(
            Reason("binary", _("This is a binary Excel file (.xlsb). Save it as .xlsx or CSV."), "file")
        )
    if "xl/workbook.xml" not in names:
        raise UnreadableTable(Reason("no_table", _("This is no table. Send the list as CSV or XLSX."), "file"))
    for part in parts:
        if part.file_size > MOST_PART or part.file_size > max(part.compress_size, 1) * MOST_RATIO + 1_000_000:
            raise UnreadableTable(Reason("bomb", _("This file unpacks to far more than a table has."), "file"))
        if part.flag_bits & 1:
            raise UnreadableTable(Reason("password", _("This file has a password. Save it without one."), "file"))
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise UnreadableTable(Reason("bomb", _("This file unpacks to far more than a table has."), "file"))


class _Limited(io.RawIOBase):
    """A part as it is unpacked, up to a limit that doesn't believe what the archive says of itself."""

    def __init__(self, book: _Book, name: str) -> None:
        self.book, self.file = book, book.archive.open(book.names[name])

    @override
    def read(self, size: int = -1, /) -> bytes:
        piece = self.file.read(min(size, 1 << 16) if size and size > 0 else 1 << 16)
        self.book.left -= len(piece)
        if self.book.left < 0:
            raise UnreadableTable(Reason("bomb", _("This file unpacks to far more than a table has."), "file"))
        return piece


def _events(book: _Book, path: str, *, whole: str = "") -> Iterator[tuple[str, str, Any]]:
    """Each element of a part as it begins and ends, by its bare name: writers use different namespaces.

    Of what stands within a ``whole`` its inside is there when it ends; of all else the attributes alone, so that nothing piles up.
    """
    above: list[Any] = []
    inside = 0
    for event, element in iterparse(_Limited(book, path), events=("start", "end"), forbid_dtd=True):
        tag = element.tag.rpartition("}")[2]
        if event == "start":
            book.elements += 1
            inside += bool(inside) or tag == whole
            if book.elements > MOST_ELEMENTS or inside > MOST_IN_ONE:
                raise UnreadableTable(Reason("bomb", _("This file unpacks to far more than a table has."), "file"))
            yield event, tag, element
            above.append(element)
            continue
        above.pop()
        yield event, tag, element
        if tag == whole:
            inside = 0
        if above and not inside:
            above[-1].remove(element)


def _sheets(book: _Book) -> list[tuple[str, str, bool]]:
    targets: dict[str, str] = {}
    if "xl/_rels/workbook.xml.rels" in book.names:
        for event, tag, element in _events(book, "xl/_rels/workbook.xml.rels"):
            if event == "end" and tag == "Relationship" and element.get("TargetMode") != "External":
                target = element.get("Target", "").replace("\\", "/")
                path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
                targets[element.get("Id", "")] = path.lower()
    found = []
    for event, tag, element in _events(book, "xl/workbook.xml"):
        if event != "end":
            continue
        if tag == "workbookPr" and element.get("date1904") in {"1", "true"}:
            book.since_1904 = True
        if tag != "sheet":
            continue
        key = next((value for name, value in element.attrib.items() if name.rpartition("}")[2] == "id"), "")
        path = targets.get(key, "")
        if path in book.names and "worksheets/" in path:
            found.append((element.get("name", ""), path, element.get("state", "visible") != "visible"))
    if not found:
        raise UnreadableTable(Reason("no_table", _("This Excel file has no sheet with rows."), "file"))
    return found[:MOST_SHEETS]


def _strings(book: _Book) -> None:
    for event, tag, element in _events(book, "xl/sharedstrings.xml", whole="si"):
        if event == "end" and tag == "si":
            book.strings.append(_written(element))
            if len(book.strings) > MOST_STRINGS:
                raise UnreadableTable(Reason("bomb", _("This file unpacks to far more than a table has."), "file"))


def _written(element: Any) -> str:  # noqa: ANN401 - an element of the parser
    """The text of an element: its runs, without how it is to be pronounced."""
    found: list[str] = []

    def walk(node: Any) -> None:  # noqa: ANN401
        for child in node:
            tag = child.tag.rpartition("}")[2]
            if tag == "t":
                found.append(child.text or "")
            elif tag == "r":
                walk(child)

    walk(element)
    return "".join(found)[:LONGEST_CELL]


def _styles(book: _Book) -> None:
    if "xl/styles.xml" not in book.names:
        return
    own: dict[int, str] = {}
    within = False
    for event, tag, element in _events(book, "xl/styles.xml"):
        if event == "start":
            within = within or tag == "cellXfs"
            continue
        if tag == "numFmt":
            own[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
        elif tag == "cellXfs":
            within = False
        elif tag == "xf" and within:
            number = int(element.get("numFmtId", "0") or 0)
            book.formats.append("date" if number in _DATES else _meant(own.get(number, "")))


def _meant(code: str) -> str:
    """What a format of one's own says of the value: a date, or zeros in front."""
    first = code.split(";", maxsplit=1)[0]
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.', "", first)
    if re.fullmatch(r"0{2,}", bare) and bare == first:
        return bare
    return "date" if re.search(r"[ymdhs]", bare, re.IGNORECASE) and "general" not in bare.lower() else ""


def _rows(book: _Book, path: str, most: int) -> list[Row]:
    found: list[Row] = []
    merged: list[str] = []
    line = 0
    for event, tag, element in _events(book, path, whole="row"):
        if event != "end":
            continue
        if tag == "row":
            told = int(element.get("r") or 0)
            line = told if told > line else line + 1  # lines only go up; what says otherwise was made by hand
            if line > MOST_LINES:
                raise UnreadableTable(Reason("too_long", _("This file has too many rows; split it."), "file"))
            row = Row(line, trimmed(_cells(book, element)), hidden=element.get("hidden") in {"1", "true"})
            if row.cells:
                found.append(row)
            if len(found) > most:
                raise UnreadableTable(Reason("too_long", _("This file has too many rows; split it."), "file"))
        elif tag == "mergeCell" and len(merged) < 20_000:
            merged.append(element.get("ref", ""))
    _spread(found, merged)
    return found


def _cells(book: _Book, row: Any) -> list[Cell]:  # noqa: ANN401
    cells: list[Cell] = []
    column = 0
    for element in row:
        if element.tag.rpartition("}")[2] != "c":
            continue
        place = _REFERENCE.match(element.get("r", ""))
        column = _number(place.group(1)) if place else column + 1
        if column > MOST_COLUMNS:
            continue
        cell = _cell(book, element)
        if cell:
            cells += [EMPTY] * (column - 1 - len(cells))
            if len(cells) < column:
                cells.append(cell)
    return cells


def _number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _cell(book: _Book, element: Any) -> Cell:  # noqa: ANN401
    kind, value, formula, inline = element.get("t", "n"), None, False, ""
    for child in element:
        tag = child.tag.rpartition("}")[2]
        if tag == "v":
            value = (child.text or "").strip() if kind != "str" else child.text or ""
        elif tag == "f":
            formula = True
        elif tag == "is":
            inline = _written(child)
    if kind == "inlineStr":
        return _plain(inline)
    if not value:
        # A formula that gave no text says so by its type; one that nobody ever reckoned has none.
        return Cell("", Kind.FORMULA) if formula and (value is None or kind == "n") else EMPTY
    if kind == "s":
        place = int(value)
        return _plain(book.strings[place]) if 0 <= place < len(book.strings) else EMPTY
    if kind == "str":
        return _plain(value)
    if kind == "b":
        return Cell("TRUE" if value == "1" else "FALSE", Kind.BOOL)
    if kind == "e":
        return Cell(value[:40], Kind.ERROR)
    if kind == "d":
        return Cell(value[:40], Kind.DATE)
    style = int(element.get("s") or 0)
    return _figure(book, value, book.formats[style] if 0 <= style < len(book.formats) else "")


def _plain(text: str) -> Cell:
    # _x000D_ and the like are how XML writes what it can't hold.
    text = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda code: chr(int(code.group(1), 16)), text)
    # Half of a surrogate pair, which can't be written anywhere, may come of that.
    text = text.encode("utf-8", "ignore").decode()
    bare = text.replace("\0", "").strip().strip("\u200b\ufeff\u00a0").strip()
    return Cell(bare[:LONGEST_CELL])


def _figure(book: _Book, value: str, meant: str) -> Cell:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return _plain(value)
    if not number.is_finite():
        return Cell(value[:40], Kind.ERROR)
    if meant == "date":
        return Cell(_day(number, since_1904=book.since_1904), Kind.DATE)
    if number == number.to_integral_value() and abs(number) < Decimal(10) ** 30:
        text = f"{number:.0f}"
        return Cell(text.zfill(len(meant)) if meant and number >= 0 else text, Kind.NUMBER)
    return Cell(value[:40], Kind.NUMBER)


def _day(number: Decimal, *, since_1904: bool) -> str:
    start = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days have no zone
    if not 0 <= number < 2_957_000:  # after the year 9990 no spreadsheet means a day
        return str(number)[:40]
    moment = start + timedelta(days=float(number))
    return moment.date().isoformat() if number == number.to_integral_value() else moment.isoformat(" ", "minutes")


def _spread(rows: list[Row], merged: list[str]) -> None:
    """Merged cells show one value; each of the rows that they stand in has it."""
    by_line = {row.line: row for row in rows}
    left_to_do = 2 * len(rows) + 10_000
    for reference in merged:
        ends = [_REFERENCE.fullmatch(one) for one in reference.replace("$", "").split(":")]
        if len(ends) != 2 or ends[0] is None or ends[1] is None:
            continue
        left, top = _number(ends[0].group(1)), int(ends[0].group(2))
        right, bottom = _number(ends[1].group(1)), int(ends[1].group(2))
        first = by_line.get(top)
        if left != right or first is None or left > MOST_COLUMNS or len(first.cells) < left:
            # Merged across columns it is a heading; its first cell holds it.
            continue
        value = first.cells[left - 1]
        left_to_do -= bottom - top
        if left_to_do < 0:
            break
        for line in range(top + 1, bottom + 1):
            row = by_line.get(line)
            if row is None or not value:
                continue
            row.cells += [EMPTY] * (left - len(row.cells))
            if not row.cells[left - 1]:
                row.cells[left - 1] = value
