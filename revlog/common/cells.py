"""Cells of files that a spreadsheet opens: in none of them it finds a formula to run."""

from __future__ import annotations

ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is run as a formula by the common spreadsheets."""


def safe(value: object) -> str:
    """A cell as text: numbers stay numbers, and text that a spreadsheet would run gets an apostrophe in front."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float):
        return text
    return f"'{text}" if text.lstrip(" ").startswith(ACTIVE) else text
