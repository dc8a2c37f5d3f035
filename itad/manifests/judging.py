"""Each row of a manifest judged: a unit by its names, a count of like things, or refused with its reason and kept as it was sent."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from itad.manifests import values
from itad.manifests.columns import NAMING, Columns, guessed, head_of
from revlog.common.errors import Reason
from revlog.common.tables import Cell, Kind, Row, Sheet, UnreadableTable
from revlog.common.tables.columns import Head, samples
from revlog.devices import classes, identifiers

MOST_COUNT = 100_000
MOST_UNITS_A_LINE = 1_000
"""Of things that may hold data each piece is a unit of its own; so many come of one line at most."""


@dataclass(slots=True)
class Line:
    """One row as it was understood. ``reason`` says why it was refused; ``cells`` is what was sent."""

    sheet: str
    line: int
    cells: list[str] = field(default_factory=list)
    serial: str = ""
    asset_tag: str = ""
    imeis: list[str] = field(default_factory=list)
    count: int | None = None
    manufacturer: str = ""
    model: str = ""
    device_class: str = "other"
    key: str = ""
    """What a line that only counts is known by when it is sent again."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    reason: str = ""
    told: str = ""

    @property
    def is_named(self) -> bool:
        return bool(self.serial or self.asset_tag or self.imeis)

    @property
    def is_lot(self) -> bool:
        """Whether its pieces are one counted lot: what never holds data needs no number of its own."""
        return not self.is_named and classes.of(self.device_class).holds == classes.Holds.NEVER

    def refuse(self, reason: str, told: str = "") -> Line:
        self.reason, self.told = reason, told[:200]
        return self

    def note(self, code: str, told: str = "") -> None:
        self.notes.append((code, told[:200]))


@dataclass
class Part:
    """One sheet that is read: the line that names its columns, which mean what, and the rows below it."""

    sheet: Sheet
    head: Head
    columns: Columns

    @property
    def rows(self) -> Sequence[Row]:
        return self.sheet.rows[self.head.place + 1 :]

    def samples(self) -> list[list[str]]:
        """For each column the first values that stand below it."""
        return samples(self.head, self.rows[:200])


@dataclass
class Judged:
    """All that a file holds: its lines in their order, and what a person should know of it."""

    parts: list[Part]
    lines: list[Line]
    warnings: list[tuple[str, str]]


def parts_of(
    sheets: Sequence[Sheet], *, columns: Columns | None = None, saved: Sequence[Columns] = ()
) -> tuple[list[Part], list[tuple[str, str]]]:
    """The sheets that list things, each with its columns; and which sheets are left out. Raises UnreadableTable.

    ``columns`` is what a person said, ``saved`` what was said of earlier files of this client, newest first.
    """
    wanted = [*([columns] if columns is not None else []), *saved]
    parts: list[Part] = []
    warnings = [("hidden_sheet", sheet.name) for sheet in sheets if sheet.hidden]
    for sheet in sheets:
        if sheet.hidden or not sheet.rows:
            continue
        head = head_of(sheet, wanted=wanted)
        if head is None:
            warnings.append(("no_head", sheet.name))
            continue
        fitting = next((one for one in wanted if one.headings and one.fits(head)), None)
        parts.append(Part(sheet, head, fitting or guessed(head)))
    if any(_names(part) for part in parts):
        warnings += [("only_counts", part.sheet.name) for part in parts if not _names(part)]
        parts = [part for part in parts if _names(part)]
    if not parts:
        first = next((row for sheet in sheets for row in sheet.rows), None)
        shown = ", ".join(values.text_of(cell) for cell in first.cells[:8]) if first is not None else ""
        told = _(
            "No line names the columns. One of the first lines has to name a serial, an asset tag, or a count with maker, model "
            "or category. "
            "The file begins with: %s"
        )
        raise UnreadableTable(Reason("no_header", told % (shown[:200] or "—"), "file"))
    if columns is not None and not any(columns.fits(part.head) for part in parts):
        names = parts[0].head
        missing = ", ".join(heading for heading in columns.headings.values() if names.at(heading) is None)
        told = _("The file has no column “%(missing)s”; it has: %(known)s.")
        raise UnreadableTable(
            Reason("no_column", told % {"missing": missing, "known": ", ".join(names.names[:30])}, "columns")
        )
    return parts, warnings


def _names(part: Part) -> bool:
    return any(name in part.columns.headings for name in NAMING)


def judged(sheets: Sequence[Sheet], *, columns: Columns | None = None, saved: Sequence[Columns] = ()) -> Judged:
    """Every row of the file. Raises UnreadableTable."""
    parts, warnings = parts_of(sheets, columns=columns, saved=saved)
    lines: list[Line] = []
    hidden = 0
    for part in parts:
        places = part.columns.places(part.head)
        for row in part.rows:
            if (left_out := _left_out(row, part, places)) is not None:
                warnings.append((left_out, f"{part.sheet.name} {row.line}".strip()))
                continue
            line = _judge(row, part, places)
            if row.hidden:
                line.note("hidden")
                hidden += 1
            lines.append(line)
    if not lines:
        raise UnreadableTable(Reason("no_rows", _("The file names columns and has no lines below them."), "file"))
    _swapped(lines, warnings)
    _twice(lines)
    _counted(lines)
    if hidden:
        warnings.append(("hidden_rows", f"{hidden:,}"))
    if phones := sum(("imei_as_serial", "") in line.notes for line in lines):
        warnings.append(("imei_column", f"{phones:,}"))
    return Judged(parts, lines, warnings)


def _left_out(row: Row, part: Part, places: Mapping[str, int]) -> str | None:
    """Totals, and the heading once more on the next printed page: no things."""
    told = [values.text_of(cell) for cell in row.cells]
    filled = [text for text in told if text]
    if (
        filled
        and len(filled) > 1
        and all(text == name for text, name in zip(told, part.head.names, strict=False) if text)
    ):
        return "head_again"
    if not filled or not values.is_total(filled[0]):
        return None
    own = [told[places[name]] for name in NAMING if name in places and places[name] < len(told)]
    others = [
        text for text in own if text and text != filled[0] and not values.is_nothing(text) and values.may_name(text)
    ]
    return "total" if not others or len(filled) <= 3 else None


def _judge(row: Row, part: Part, places: Mapping[str, int]) -> Line:
    line = Line(part.sheet.name, row.line, cells=[values.text_of(cell) for cell in row.cells])
    if row.broken:
        return line.refuse("broken")

    def cell(name: str) -> Cell:
        place = places.get(name)
        return row.cells[place] if place is not None and place < len(row.cells) else Cell()

    def said(name: str, most: int) -> str:
        text = values.text_of(cell(name))
        return "" if values.is_nothing(text) or cell(name).kind == Kind.ERROR else text[:most]

    line.manufacturer, line.model = said("manufacturer", 120), said("model", 200)
    if category := said("category", 80):
        known = values.class_of(category)
        line.device_class = known or "other"
        if known is None:
            line.note("category", category)
    for name in NAMING:
        if reason := values.spoiled(cell(name)):
            return line.refuse(reason, values.text_of(cell(name)))
    if _named(line, said("serial", 200), said("asset_tag", 200), said("imei", 200)).reason:
        return line
    counted = said("count", 40)
    if counted and (
        not (told := re.fullmatch(r"(\d{1,6})([.,]0{1,2})?", counted)) or not 1 <= int(told.group(1)) <= MOST_COUNT
    ):
        return line.refuse("count", counted)
    if cell("count").kind == Kind.FORMULA:
        return line.refuse("formula")
    line.count = int(re.split(r"[.,]", counted)[0]) if counted else None
    if line.is_named:
        return line.refuse("count_named", counted) if (line.count or 1) > 1 else line
    if line.count is None or not (line.manufacturer or line.model or category):
        return line.refuse("nameless") if not line.reason else line
    if not line.is_lot and line.count > MOST_UNITS_A_LINE:
        return line.refuse("too_many", f"{MOST_UNITS_A_LINE:,}")
    if line.is_lot and line.device_class == "materials":
        line.device_class = "other"
    return line


def _named(line: Line, serial: str, asset_tag: str, imei: str) -> Line:
    """The names in a row; refused where one of them can't be what it is said to be."""
    placeholder = ""
    for name, text in (("serial", serial), ("asset_tag", asset_tag)):
        if not text:
            continue
        if (whole := values.bare_number(text)) is not None:
            line.note("decimal", text)
            text = whole  # noqa: PLW2901
        if identifiers.is_placeholder(text):
            placeholder = text
            continue
        if not values.may_name(text):
            return line.refuse("no_name", text)
        if name == "serial" and len(identifiers.normal_serial(text)) < 3:
            return line.refuse("too_short", text)
        setattr(line, name, text)
    if line.serial and values.is_imei(line.serial, line.device_class):
        line.imeis, line.serial = [line.serial], ""
        line.note("imei_as_serial")
    for each in re.split(r"[/,;|]\s*|\s+(?=\d{15})", imei) if imei else ():
        text = values.bare_number(each.strip()) or each.strip()
        if identifiers.imei(text) is not None:
            line.imeis.append(text)
        elif not values.is_nothing(text):
            if not (line.serial or line.asset_tag or line.imeis):
                return line.refuse("imei", text)
            line.note("imei", text)
    if placeholder and not line.is_named:
        return line.refuse("placeholder", placeholder)
    return line


_PREFIX = re.compile(r"^([A-Za-z]{2,8}[-_/ ]?|[A-Za-z][-_/])\d+$")


def _prefix(text: str) -> str:
    told = _PREFIX.match(text)
    return told.group(1).upper() if told is not None else ""


def _swapped(lines: Sequence[Line], warnings: list[tuple[str, str]]) -> None:
    """Rows in which the serial looks like all other asset tags, and the asset tag doesn't: refused, since either may be wrong."""
    both = [line for line in lines if line.serial and line.asset_tag and not line.reason]
    if len(both) < 5:
        return
    tags, times = Counter(_prefix(line.asset_tag) for line in both).most_common(1)[0]
    if tags and times >= 0.6 * len(both):
        for line in both:
            if _prefix(line.serial) == tags and _prefix(line.asset_tag) != tags:
                line.refuse("swapped", line.serial)
    serials, times = Counter(_prefix(line.serial) for line in both).most_common(1)[0]
    others = Counter(_prefix(line.asset_tag) for line in both).most_common(1)[0]
    if serials and times >= 0.8 * len(both) and not (others[0] and others[1] >= 0.6 * len(both)) and len(serials) >= 3:
        warnings.append(("swapped_columns", both[0].serial))


def _twice(lines: Iterable[Line]) -> None:
    """A unit that the file names again; the first stays."""
    seen: dict[str, str] = {}
    for line in lines:
        if line.reason:
            continue
        keys = [
            *([f"serial {identifiers.normal_serial(line.serial)}"] if line.serial else []),
            *([f"asset {identifiers.normal_serial(line.asset_tag)}"] if line.asset_tag else []),
            *(f"imei {re.sub(r'[^0-9]', '', one)}" for one in line.imeis),
        ]
        first = next((seen[key] for key in keys if key in seen), None)
        if first is not None:
            line.refuse("twice", first)
            continue
        seen.update(dict.fromkeys(keys, f"{line.sheet} {line.line}".strip()))


def _counted(lines: Iterable[Line]) -> None:
    """What lines that only count are known by: what they say, and which of the same it is in the file."""
    seen: Counter[str] = Counter()
    for line in lines:
        if line.reason or line.is_named:
            continue
        said = json.dumps([line.manufacturer.casefold(), line.model.casefold(), line.device_class, line.count])
        seen[said] += 1
        line.key = hashlib.sha256(f"{said} {seen[said]}".encode()).hexdigest()
