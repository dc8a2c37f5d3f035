"""Tables as people send them: CSV in any of the common encodings and delimiters, and XLSX, as rows of cells that keep what they were.

``read(data)`` gives the sheets. A cell keeps how it was stored (text, number, date, formula without a value), because a spreadsheet turns
a serial into a number or a date without asking, and only the cell can tell. Nothing is run: no macro, no formula, no link is followed.
"""

from __future__ import annotations

from revlog.common.tables.reading import MOST_BYTES, MOST_ROWS, read
from revlog.common.tables.shapes import Cell, Kind, Row, Sheet, UnreadableTable

__all__ = ["MOST_BYTES", "MOST_ROWS", "Cell", "Kind", "Row", "Sheet", "UnreadableTable", "read"]
