"""Figures as CSV that a spreadsheet can open without running anything in it."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from revlog.common import cells


def safe(value: object) -> str:
    """A cell as text: moments in one format, text that a spreadsheet would run with an apostrophe in front."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else cells.safe(value)


def lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """CSV (RFC 4180, UTF-8), line by line, so that a long one needs no memory."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_MINIMAL)
    for row in itertools.chain([header], rows):
        writer.writerow([safe(cell) for cell in row])
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
