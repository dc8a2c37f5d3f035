"""Who made a memory module, where the firmware prints the number of the maker (JEDEC's JEP106) and not the name.

A number is a place in a bank: the count of the 7F bytes before it, or a first byte whose low seven bits are that count.
"""

from __future__ import annotations

import re

from triage.reports.placeholders import clean

_MAKERS = {
    (0, 0x01): "AMD",
    (0, 0x04): "Fujitsu",
    (0, 0x2C): "Micron",
    (0, 0x4F): "Transcend",
    (0, 0x98): "Toshiba",
    (0, 0xAD): "SK hynix",
    (0, 0xC1): "Infineon",
    (0, 0xCE): "Samsung",
    (0, 0xDA): "Winbond",
    (1, 0x98): "Kingston",
    (1, 0x4F): "Transcend",
    (1, 0x94): "Smart Modular",
    (1, 0xBA): "PNY",
    (2, 0x9E): "Corsair",
    (2, 0xFE): "Elpida",
    (3, 0x0B): "Nanya",
    (3, 0x25): "Kingmax",
    (3, 0x94): "Mushkin",
    (4, 0x43): "Ramaxel",
    (4, 0xB0): "OCZ",
    (4, 0xCB): "ADATA",
    (4, 0xCD): "G.Skill",
    (4, 0xEF): "Team Group",
    (5, 0x02): "Patriot",
    (5, 0x51): "Qimonda",
    (5, 0x9B): "Crucial",
    (6, 0xF1): "InnoDisk",
    (7, 0x54): "Apacer",
    (8, 0x98): "GeIL",
    (9, 0x13): "Goldkey",
}
_NUMBER = re.compile(r"(?:JEDEC ID:|0x)?\s*((?:[0-9A-F]{2}\s*){2,16})", re.IGNORECASE)


def maker(printed: object) -> str | None:
    """The maker's name: as printed, or by its number; None for a placeholder and for a number that isn't in the table."""
    line = clean(printed)
    if line is None:
        return None
    found = _NUMBER.fullmatch(line)
    if found is None or not re.search(r"\d", line):
        return None if line.upper().startswith("JEDEC ID") else line
    return _of_number(bytes.fromhex("".join(found[1].split())))


def _of_number(number: bytes) -> str | None:
    rest = number.lstrip(b"\x7f")
    if len(rest) < len(number) or not any(number[1:]):
        return _MAKERS.get((len(number) - len(rest), rest[0])) if rest else None
    return _MAKERS.get((number[0] & 0x7F, number[1]))
