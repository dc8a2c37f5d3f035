"""Text that people send, brought into one line that tables and ledger can hold."""

from __future__ import annotations


def line(text: str, most: int = 300) -> str:
    """``text`` as one printable line, trimmed and cut: no control characters, which neither a database nor a page takes."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[: most * 4]).split())[:most]
