"""A bench's table, one row a unit: what its columns can be taken for, and each row as a report of its own or refused with its line.

Pure: what a file says depends on the file and the mapping. ``docs/reports/tables.md`` describes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from revlog.common import tables
from revlog.common.errors import Reason
from revlog.common.tables import Row, Sheet, UnreadableTable, cells
from revlog.common.tables.columns import Head, Headings, Vocabulary, fitting, heads_of
from revlog.devices import headings
from triage.reports.bench import MARK, TEST
from triage.reports.mobile import slug
from triage.reports.placeholders import clean_serial

FIELDS: Mapping[str, Promise] = {
    "serial": gettext_lazy("Serial"),
    "asset_tag": gettext_lazy("Asset tag"),
    "imei": gettext_lazy("IMEI"),
    "imei2": gettext_lazy("Second IMEI"),
    "mac": gettext_lazy("MAC address"),
    "manufacturer": gettext_lazy("Manufacturer"),
    "model": gettext_lazy("Model"),
    "sku": gettext_lazy("Part number"),
    "gtin": gettext_lazy("GTIN"),
    "kind": gettext_lazy("Kind of thing"),
    "processor": gettext_lazy("Processor"),
    "memory": gettext_lazy("Memory"),
    "storage": gettext_lazy("Capacity of the drive"),
    "drive_serial": gettext_lazy("Serial of the drive"),
    "drive_model": gettext_lazy("Model of the drive"),
    "drive_type": gettext_lazy("Kind of drive"),
    "battery_health": gettext_lazy("Health of the battery in percent"),
    "battery_cycles": gettext_lazy("Cycles of the battery"),
    "battery_serial": gettext_lazy("Serial of the battery"),
    "system": gettext_lazy("Version of the system"),
    "appearance": gettext_lazy("Grade of its looks"),
    "works": gettext_lazy("Whether it works"),
    "passed": gettext_lazy("Passed tests, in one list"),
    "failed": gettext_lazy("Failed tests, in one list"),
    "test": gettext_lazy("A test: passed or failed"),
    "lock_activation": gettext_lazy("Activation lock"),
    "lock_mdm": gettext_lazy("Lock of a company (MDM)"),
    "lock_carrier": gettext_lazy("Carrier's lock"),
    "stolen": gettext_lazy("Reported stolen"),
}
NAMING = ("serial", "asset_tag", "imei", "imei2", "drive_serial")
MOST_ROWS = 2_000
"""Of one file; each becomes a report."""
MOST_REFUSED = 100
_TOLD = frozenset(
    {*NAMING, "mac", "manufacturer", "model", "sku", "gtin", "kind", "processor", "drive_model", "system"}
)
_SIZES = frozenset({"memory", "storage"})
_UNIT = re.compile(r"\b([KMGT]i?B)\b", re.IGNORECASE)
_PHRASES: Mapping[str, Sequence[str]] = {
    "imei2": ("imei2", "imei 2", "second imei", "imei two"),
    "mac": ("mac", "mac address", "mac adresse", "wifi mac", "adresse mac"),
    "sku": ("sku", "part number", "part no", "teilenummer", "artikelnummer", "référence", "referencia"),
    "gtin": ("gtin", "ean", "upc", "ean code"),
    "kind": ("type", "device type", "category", "chassis", "form factor", "geräteart", "kategorie", "catégorie", "categoría", "tipo"),
    "processor": ("cpu", "processor", "prozessor", "processeur", "procesador"),
    "memory": ("ram", "memory", "ram gb", "memory gb", "arbeitsspeicher", "speicher", "mémoire", "memoria"),
    "storage": (
        "storage", "capacity", "hdd", "ssd", "disk size", "hdd size", "storage gb", "hdd gb", "ssd gb", "festplatte", "kapazität",
        "stockage", "almacenamiento",
    ),
    "drive_serial": ("hdd serial", "ssd serial", "disk serial", "drive serial", "hdd sn", "disk sn", "drive sn", "festplatte seriennummer"),
    "drive_model": ("hdd model", "ssd model", "disk model", "drive model"),
    "drive_type": ("disk type", "drive type", "hdd type", "storage type"),
    "battery_health": ("battery", "battery health", "battery %", "health", "akku", "akkuzustand", "batterie", "batería", "soh"),
    "battery_cycles": ("battery cycles", "cycles", "cycle count", "ladezyklen", "akku zyklen", "cycles batterie", "ciclos"),
    "battery_serial": ("battery serial", "battery sn"),
    "system": ("os", "os version", "version", "firmware", "betriebssystem", "système"),
    "appearance": ("grade", "cosmetic", "cosmetic grade", "condition", "zustand", "note", "état", "estado", "grado"),
    "works": ("working", "works", "functional", "result", "functionality", "funktion", "ergebnis", "fonctionne", "funciona"),
    "passed": ("passed", "passed tests", "tests passed", "bestanden"),
    "failed": ("failed", "failed tests", "defects", "tests failed", "fehler", "défauts", "defectos"),
    "lock_activation": ("icloud", "fmi", "find my", "activation lock", "icloud lock", "frp", "account lock", "device lock"),
    "lock_mdm": ("mdm", "mdm lock", "mdm status"),
    "lock_carrier": ("sim lock", "simlock", "carrier lock", "network lock", "unlock status"),
    "stolen": ("esn", "blacklist", "blacklisted", "esn status", "blacklist status", "stolen"),
}  # fmt: skip
_MODELS = ("phone", "device", "handset", "laptop", "computer", "gerät", "appareil", "dispositivo")
VOCABULARY = Vocabulary(
    {**_PHRASES, **headings.PHRASES, "model": (*headings.PHRASES["model"], *_MODELS)}, naming=NAMING
)


class Columns(Headings):
    """Field -> heading. Any number of columns can be a test; each has a field of its own, ``test:`` with its name."""

    @override
    def problems(self) -> list[Reason]:
        known = (*FIELDS, *(name for name in self.headings if name.startswith(TEST)))
        found = self.misnamed(known)
        if not found and not any(name in self.headings for name in NAMING):
            told = _("Say which column is the serial, the asset tag, the IMEI or the serial of the drive.")
            found.append(Reason("no_names", told, "columns"))
        if not found and len(self.headings) < 2:
            # By one heading alone any list would be taken for a bench's.
            told = _("Say of at least two columns what they are; by one alone a file isn't known again.")
            found.append(Reason("too_few", told, "columns"))
        return found


def columns_of(chosen: Iterable[tuple[str, str]]) -> tuple[Columns, list[Reason]]:
    """What a form said of each column, and what is wrong with that: two columns for one field."""
    found: dict[str, str] = {}
    twice = []
    for name, heading in chosen:
        key = f"{TEST}{slug(heading)}" if name == "test" else name
        if name not in FIELDS or key == TEST:
            continue
        if key in found:
            label = str(FIELDS[name])
            twice.append(
                Reason("twice", _("Two columns are taken for “%(field)s”; one can be.") % {"field": label}, "columns")
            )
        found[key] = heading
    return Columns(found), twice


@dataclass(frozen=True)
class Table:
    """A sheet that is read: the line that names its columns, and what each is."""

    sheet: Sheet
    head: Head
    columns: Columns
    name: str = ""
    """Of the mapping."""

    @property
    def rows(self) -> Sequence[Row]:
        return self.sheet.rows[self.head.place + 1 :]


@dataclass(frozen=True)
class Line:
    """A row: its cells by field, or why it can't be taken."""

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    told: str = ""

    @property
    def sentence(self) -> str:
        """Why it can't be taken, in words."""
        return str(_REFUSED[self.reason]) % {"told": self.told}


_REFUSED: Mapping[str, Promise] = {
    **cells.SPOILED,
    "nameless": gettext_lazy("It names neither a serial, an asset tag, an IMEI nor a drive."),
    "placeholder": gettext_lazy("“%(told)s” names nothing."),
}


GLANCE = 4096
"""Bytes from the start that tell whether a file may be a table."""


def looks_like_one(data: bytes) -> bool:
    """Whether it may be a table at all: no JSON, no XML, with a mark between cells in its first lines. Never raises."""
    start = data[:GLANCE].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(b"PK\x03\x04"):
        return True
    lines = start.splitlines()[:3]
    return (
        bool(lines)
        and not start.startswith((b"{", b"[", b"<"))
        and any(mark in lines[0] for mark in (b",", b";", b"\t", b"|", b"\x00"))
    )


def sheets_of(data: bytes) -> list[Sheet]:
    """Raises UnreadableTable."""
    return [sheet for sheet in tables.read(data, most_rows=MOST_ROWS + 200) if sheet.rows and not sheet.hidden]


def known(sheets: Sequence[Sheet], saved: Iterable[tuple[str, Columns]]) -> Table | None:
    """The first sheet whose header a saved mapping fits."""
    names = [(name, columns) for name, columns in saved]
    for sheet in sheets:
        if (found := fitting(heads_of(sheet), (columns for _name, columns in names))) is not None:
            head, columns = found
            name = next(name for name, one in names if one is columns)
            return Table(sheet, head, columns, name)
    return None


def guessed(sheets: Sequence[Sheet]) -> Table:
    """A table as its headings say by themselves: to be looked at by a person. Raises UnreadableTable where no line heads columns."""
    best: tuple[int, Sheet, Head] | None = None
    for sheet in sheets:
        for head in heads_of(sheet):
            told = [VOCABULARY.meaning(name) for name in head.names]
            row = sheet.rows[head.place]
            score = 10 * sum(sure for name, sure in told if name) - sum(
                any(one.isdigit() for one in cell.text) for cell in row.cells
            )
            score -= head.place
            if len([cell for cell in row.cells if cell]) >= 2 and (best is None or score > best[0]):
                best = (score, sheet, head)
    if best is None:
        raise UnreadableTable(Reason("no_header", _("No line of the file names columns."), "file"))
    _score, sheet, head = best
    return Table(sheet, head, Columns(VOCABULARY.guessed(head, FIELDS)))


def told_by(sheets: Sequence[Sheet], columns: Columns) -> Table:
    """The table by what a person said. Raises UnreadableTable where a column isn't in it."""
    found = known(sheets, [("", columns)])
    if found is None:
        raise UnreadableTable(Reason("no_column", _("The file has not all the columns that were named."), "columns"))
    return found


def lines(table: Table) -> list[Line]:
    """Every row below the head. Raises UnreadableTable for more than are taken of one file."""
    if len(table.rows) > MOST_ROWS:
        told = _("A file has at most %(most)s rows; split it.") % {"most": f"{MOST_ROWS:,}"}
        raise UnreadableTable(Reason("too_many_rows", told, "file"))
    places = table.columns.places(table.head)
    units = {name: _unit(table.columns.headings[name]) for name in _SIZES & places.keys()}
    found = []
    for row in table.rows:
        texts = [cells.text_of(cell) for cell in row.cells]
        if texts and all(text == name for text, name in zip(texts, table.head.names, strict=False) if text):
            # The head once more, as on every printed page.
            continue
        found.append(_line(row, places, units))
    return found


def _unit(heading: str) -> str:
    found = _UNIT.search(heading)
    return found[1] if found else ""


def _line(row: Row, places: Mapping[str, int], units: Mapping[str, str]) -> Line:
    if row.broken:
        return Line(row.line, reason="broken")
    told: dict[str, str] = {}
    for name, place in places.items():
        cell = row.cells[place] if place < len(row.cells) else None
        text = cells.text_of(cell)[:2000] if cell is not None else ""
        # "No" is an answer to whether it works, and no maker.
        if cell is None or (cells.is_nothing(text) if name in _TOLD else not re.search(r"[^\W_]", text)):
            continue
        if name in NAMING and (reason := cells.spoiled(cell)):
            return Line(row.line, reason=reason, told=text[:100])
        whole = cells.bare_number(text) if name in NAMING else None
        told[name] = f"{text} {units[name]}" if units.get(name) and text.replace(".", "").isdecimal() else whole or text
    named = [told[name] for name in NAMING if name in told]
    if not named:
        return Line(row.line, reason="nameless")
    if not any(clean_serial(text) for text in named):
        return Line(row.line, reason="placeholder", told=named[0][:100])
    return Line(row.line, cells=told)


def document(line: Line, *, mapping: str, file: str) -> bytes:
    """A row as the report that is kept of it: its cells by field, and of which line of which file it is."""
    told = {MARK: 1, "mapping": mapping, "file": file, "line": line.line, "cells": line.cells}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1).encode()
