"""Tables of texts with their labels, as they come: CSV or TSV, plain or gzipped, with a header; quotes and line breaks in cells."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

MOST_BYTES = 400_000_000
MOST_ROWS = 2_000_000
LONGEST_CELL = 200_000


class UnusableTable(Exception):
    """The table can't be read or lacks a column; the sentence says which."""


def rows_of(path: Path, columns: Sequence[str]) -> Iterator[list[str]]:
    """The cells of ``columns`` in each row, "" where there is none. Raises UnusableTable, with the line where it has one."""
    try:
        content = _content(path)
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableTable(f"{path.name} can't be read: {error}") from error
    text = _text(content)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        header = [name.strip() for name in next(reader, [])]
        if missing := [name for name in columns if name not in header]:
            raise UnusableTable(f"{path.name} has no column {missing[0]!r}; it has {', '.join(header) or 'none'}.")
        places = [header.index(name) for name in columns]
        for count, row in enumerate(reader):
            if count >= MOST_ROWS:
                raise UnusableTable(f"{path.name} has more than {MOST_ROWS} rows.")
            if any(row):
                yield [row[place].strip() if place < len(row) else "" for place in places]
    except csv.Error as error:
        raise UnusableTable(f"{path.name}, line {reader.line_num}: {error}.") from error


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    with gzip.open(path) if zipped else path.open("rb") as opened:
        content: bytes = opened.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UnusableTable(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB.")
    return content


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1").replace("\x00", "")


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(",;\t|", key=first.count)
