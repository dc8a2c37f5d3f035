"""Labels with several fields that aren't GS1: ISO/IEC 15434 messages with data identifiers (ANSI MH10.8.2), and two suppliers' own.

Makers and distributors print them on boxes, parts and boards: ``[)>`` RS ``06`` GS field GS field RS EOT. Headers come broken by
printers and scanners (a separator missing, ``>[)>``), so what is readable is read.
"""

from __future__ import annotations

import re

RS, GS, EOT = "\x1e", "\x1d", "\x04"
_HEADER = re.compile(r"^>?\[\)>\x1e?(\d\d)[\x1d\x1e]?", re.ASCII)
# A data identifier: up to three digits and a letter. Separators within the field end it.
_FIELD = re.compile(r"^(\d{0,3}[A-Z])(.*)$", re.DOTALL)
_KEYED = re.compile(r"(?:^|\s)(QTY|PN|PO|CPO|MFR|MPN|SN|LOT):(\S+)")
_BRACED = re.compile(r"[{,](\w+):([^,{}]*)")
# What our own words for the fields are; the first identifier that is there counts.
MEANINGS: dict[str, tuple[str, ...]] = {
    "serial": ("S", "25S", "SN"),
    "part": ("1P", "30P", "MPN", "pm"),
    "customer_part": ("P", "PN", "pc"),
    "quantity": ("Q", "7Q", "QTY", "qty"),
    "lot": ("1T", "T", "LOT"),
    "order": ("K", "CPO", "on"),
    "maker": ("1V", "MFR", "mc"),
    "vendor": ("V",),
    "origin": ("4L", "cc"),
    "made_on": ("9D", "10D", "16D"),
    "expires": ("14D",),
    "licence_plate": ("J", "1J", "2J", "3J", "4J", "5J", "6J"),
    "packing_list": ("11K", "2K"),
    "mac": ("23S",),
    "imei": ("15S",),
}


def fields(text: str) -> dict[str, str]:
    """The fields of a label by their identifiers as printed (``{"1P": "LM358BIDDFR", "Q": "10"}``); empty for what is no such label."""
    begun = _HEADER.match(text)
    if begun is not None:
        if begun[1] not in {"05", "06", "12"}:
            return {}
        body = text[begun.end() :].split(EOT, maxsplit=1)[0].split(RS, maxsplit=1)[0]
        found: dict[str, str] = {}
        for piece in body.split(GS):
            told = _FIELD.match(piece.strip())
            if told is not None and told[2]:
                found.setdefault(told[1], told[2].strip())
        return found
    keyed = dict(_KEYED.findall(text))
    if len(keyed) >= 2:
        return keyed
    if text.startswith("{") and text.rstrip().endswith("}"):
        braced = {name: value.strip() for name, value in _BRACED.findall(text)}
        return braced if {"pc", "pm"} & set(braced) else {}
    return {}


def meanings(found: dict[str, str]) -> dict[str, str]:
    """The same by what it is: ``{"part": ..., "quantity": ...}``."""
    return {
        name: next(found[code] for code in codes if found.get(code))
        for name, codes in MEANINGS.items()
        if any(found.get(code) for code in codes)
    }
