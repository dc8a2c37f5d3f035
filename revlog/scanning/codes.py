"""What a scanned or typed text says, without looking anything up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from revlog.scanning import gs1, labels
from revlog.scanning.gs1.checking import ends_right

MOST = 2000
# How scanners and browsers write the separators that can't be typed.
_SPELT = {
    "\x1d": ("{GS}", "<GS>", "␝", "[GS]", "\\x1d", "^]"),
    "\x1e": ("{RS}", "<RS>", "␞", "[RS]"),
    "\x04": ("{EOT}", "<EOT>", "␄", "[EOT]"),
}
# ISO/IEC 15424: a bracket, a letter for the symbology, a modifier. These carry GS1 elements.
_SYMBOLOGY = re.compile(r"^\](?P<letter>[ACEFGHIJLMOPQRSXdeh])(?P<modifier>[0-9A-Za-z])")
_GS1 = frozenset({"C1", "e0", "e1", "e2", "d2", "Q3", "J1"})
_NAMES = {
    "00": "sscc", "01": "gtin", "02": "content", "10": "lot", "11": "made_on", "17": "expires", "21": "serial", "37": "quantity",
    "240": "part", "241": "customer_part", "250": "second_serial", "253": "document", "254": "place_part", "400": "order",
    "401": "consignment", "402": "shipment", "414": "place", "417": "party", "8002": "imei", "8003": "asset", "8004": "asset",
    "8017": "person", "8020": "slip",
}  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """``raw`` as it came, ``text`` without what can't be printed and without the scanner's own prefix.

    ``elements`` names what a label with several parts says: ``serial``, ``gtin``, ``sscc``, ``imei``, ``asset`` (GRAI or GIAI), ``part``,
    ``quantity``, ``lot``, ``order``, ``place``... ``fields`` is the same by the label's own identifiers. ``kind`` says what the label is:
    ``gs1``, ``link`` (a Digital Link), ``label`` (ISO/IEC 15434 and suppliers' own), or empty for a plain text.
    """

    raw: str
    text: str
    kind: str = ""
    elements: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """For comparing with our own codes: upper case, no spaces around."""
        return self.text.upper()

    def candidates(self, *names: str) -> list[str]:
        """What may be looked up: the elements of these names that are there, and the plain text where the label has no parts."""
        found = [self.elements[name] for name in names if self.elements.get(name)]
        return found if self.kind else [*found, self.text]


def read(raw: str) -> Reading:
    """The reading of what a scanner typed or a camera read. Never raises: what is no label of a known kind is a plain text."""
    raw = raw[:MOST]
    told = raw.strip(" \t\r\n\0")
    for control, spellings in _SPELT.items():
        for spelt in spellings:
            told = told.replace(spelt, control)
    named = _SYMBOLOGY.match(told)
    body = told[named.end() :] if named else told
    text = "".join(letter for letter in body if letter.isprintable()).strip()[:200]
    symbol = f"{named['letter']}{named['modifier']}" if named else ""
    for kind, found in (("gs1", _elements(body, symbol)), ("link", _link(body)), ("label", labels.fields(body))):
        if found:
            meanings = labels.meanings(found) if kind == "label" else _meanings(found)
            return Reading(raw, text, kind, meanings, found)
    if text.isdecimal() and len(text) in {8, 12, 13, 14} and ends_right(text):
        return Reading(raw, text, "", {"gtin": text.rjust(14, "0")})
    return Reading(raw, text)


def _elements(body: str, symbol: str) -> dict[str, str]:
    """GS1 elements; without the scanner's prefix only where the text can't well be anything else."""
    try:
        if symbol in _GS1 or "\x1d" in body or body.startswith("^"):
            return _by_code(gs1.parse("^" + body.strip("\x1d^").replace("\x1d", "^")))
        if re.match(r"\(\d{2,4}\)", body):
            return _by_code(gs1.parse_bracketed(body))
        if re.match(r"(00\d{18}|01\d{14}(21|10|11|17|240|241).+|8003.{14}|8004.{4})", body):
            return _by_code(gs1.parse("^" + body))
    except gs1.BadElements:
        pass
    return {}


def _link(body: str) -> dict[str, str]:
    if not re.match(r"https?://", body, re.IGNORECASE):
        return {}
    try:
        return _by_code(gs1.parse_link(body))
    except gs1.BadElements:
        return {}


def _by_code(elements: list[gs1.Element]) -> dict[str, str]:
    return {element.code: element.value for element in elements}


def _meanings(found: Mapping[str, str]) -> dict[str, str]:
    told: dict[str, str] = {}
    for code, value in found.items():
        if code in _NAMES:
            told.setdefault(_NAMES[code], value)
    return told
