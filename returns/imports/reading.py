"""A file as rows of text: .csv or .csv.gz, in the encoding that fits, comma, semicolon or tab; and its digest, whatever it is packed in."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from returns.imports.mapping import Mapping
from revlog.common.errors import BadInput, Reason

MOST_BYTES = 1024 * 1024 * 1024
MOST_ROWS = 2_000_000
LONGEST_ROW = 200_000


class UnreadableFile(BadInput):
    """The file is no table; nothing was imported."""

    code = "unreadable_file"


@dataclass(frozen=True)
class Source:
    """The bytes of a file, unpacked, and what names them."""

    name: str
    data: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def opened(path: Path) -> Source:
    """Read a file. Raises UnreadableFile."""
    try:
        return unpacked(path.read_bytes(), name=path.name)
    except OSError as error:
        raise UnreadableFile(Reason("unreadable", f"{path}: {error.strerror}")) from error


def unpacked(data: bytes, *, name: str) -> Source:
    """What a file holds, unpacked where it is gzip. Raises UnreadableFile."""
    if data.startswith(b"\x1f\x8b"):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(MOST_BYTES + 1)
        except (EOFError, OSError, zlib.error) as error:
            raise UnreadableFile(
                Reason("no_gzip", _("%(name)s can't be unpacked: %(why)s") % {"name": name, "why": error})
            ) from error
    if len(data) > MOST_BYTES:
        raise UnreadableFile(
            Reason("too_large", _("A file has at most %s MB; split it.") % (MOST_BYTES // (1024 * 1024)))
        )
    if data.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise UnreadableFile(
            Reason("no_csv", _("This is no CSV file. In a spreadsheet, save it as CSV (UTF-8)."), "line 1")
        )
    return Source(name, data)


@dataclass(frozen=True)
class Table:
    """The columns that the first line names, and all rows behind it: ``line`` as an editor shows it, and the cells."""

    columns: Sequence[str]
    rows: Sequence[tuple[int, list[str]]]


def table(source: Source, mapping: Mapping) -> Table:
    """All rows of the file; empty ones are left out. Raises UnreadableFile, naming the line."""
    text = _text(source, mapping)
    first = text[: text.find("\n") + 1] or text
    if not first.strip():
        raise UnreadableFile(Reason("empty", _("The file is empty; the first line names the columns."), "line 1"))
    reader = csv.reader(_lines(text), delimiter=max(",;\t", key=first.count), strict=True)
    rows: list[tuple[int, list[str]]] = []
    start = 1
    try:
        columns = [cell.strip() for cell in next(reader)]
        _check(columns, mapping)
        start = reader.line_num + 1
        for cells in reader:
            if any(cells):
                rows.append((start, cells))
            start = reader.line_num + 1
            if len(rows) > MOST_ROWS:
                raise UnreadableFile(
                    Reason("too_long", _("A file has at most %s rows; split it.") % f"{MOST_ROWS:,}", f"line {start}")
                )
    except csv.Error as error:
        raise UnreadableFile(
            Reason(
                "no_csv",
                _("Line %(line)s: this is no CSV (%(why)s).") % {"line": start, "why": error},
                f"line {start}",
            )
        ) from error
    if not rows:
        raise UnreadableFile(Reason("empty", _("The file names columns and holds no rows."), "line 2"))
    return Table(columns, rows)


def _text(source: Source, mapping: Mapping) -> str:
    for name in mapping.encodings:
        try:
            return source.data.decode(name).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            wrong = error
    line = source.data.count(b"\n", 0, wrong.start) + 1
    raise UnreadableFile(
        Reason(
            "encoding",
            _("Line %(line)s: the file isn't written in %(encodings)s, as the mapping says.")
            % {"line": line, "encodings": ", ".join(mapping.encodings)},
            f"line {line}",
        )
    )


def _lines(text: str) -> Iterator[str]:
    """The lines, none longer than a row may be: a quote that is never closed must not swallow the file."""
    stream = io.StringIO(text, newline="")
    while line := stream.readline(LONGEST_ROW + 1):
        if len(line) > LONGEST_ROW or "\0" in line:
            raise csv.Error("NUL" if "\0" in line else "a line without end")
        yield line


def _check(columns: Sequence[str], mapping: Mapping) -> None:
    wrong = [
        Reason(
            "missing",
            _("The file has no column “%(column)s”, which mapping %(mapping)s reads as %(field)s.")
            % {"column": column, "mapping": mapping.name, "field": field},
            "line 1",
        )
        for field, column in mapping.columns.items()
        if column not in columns
    ]
    wrong += [
        Reason("twice", _("The column “%s” is named twice.") % column, "line 1")
        for column in sorted(set(mapping.columns.values()))
        if columns.count(column) > 1
    ]
    if wrong:
        raise UnreadableFile(wrong)
