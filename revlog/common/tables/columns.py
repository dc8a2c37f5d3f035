"""Which column means what, whatever is listed: how headings are compared, where they stand, and what a person said and saved."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TypeVar

from django.utils.translation import gettext as _

from revlog.common.errors import Reason
from revlog.common.tables.shapes import Row, Sheet

LOOKED_AT = 60
"""Rows in which the line that names the columns is looked for."""
_REMEMBERED = 4_000
_NUMBER = {"number", "numero", "num", "nummer", "nr", "no", "n", "nbr", "nummern", "numbers", "numer", "№"}
_SMALL = {
    "de",
    "du",
    "d",
    "des",
    "del",
    "la",
    "le",
    "el",
    "los",
    "les",
    "der",
    "die",
    "das",
    "van",
    "het",
    "the",
    "of",
    "l",
    "en",
    "a",
    "its",
}


def normal(text: str) -> str:
    """A heading as it is compared: no accents, no case, no signs; whatever stands for *number* is one word."""
    bare = re.sub(r"n\s*[°º]|№|#", " no ", text, flags=re.IGNORECASE)
    bare = re.sub(r"([a-z])([A-Z])", r"\1 \2", bare) if not bare.isupper() and " " not in bare.strip() else bare
    bare = bare.replace("ß", "ss")
    bare = "".join(one for one in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(one)).lower()
    words = re.findall(r"[a-z0-9]+", bare)
    return " ".join("no" if word in _NUMBER else word for word in words if word not in _SMALL)


_compared = lru_cache(_REMEMBERED)(normal)


@dataclass(frozen=True)
class Head:
    """The line that names the columns: where it stands, and each column's name, made unique."""

    line: int
    place: int
    names: tuple[str, ...]

    def at(self, name: str) -> int | None:
        """The column of that name, as it is written or nearly so."""
        if name in self.names:
            return self.names.index(name)
        fitting = self._nearly.get(_compared(name), ())
        return fitting[0] if len(fitting) == 1 else None

    @cached_property
    def _nearly(self) -> dict[str, list[int]]:
        """Where each heading stands, as it is compared: a file is asked this once for each mapping that somebody saved."""
        found: dict[str, list[int]] = {}
        for place, one in enumerate(self.names):
            if compared := normal(one):
                found.setdefault(compared, []).append(place)
        return found


@dataclass(frozen=True)
class Headings:
    """Field -> the heading of its column."""

    headings: Mapping[str, str] = field(default_factory=dict)

    def problems(self) -> list[Reason]:
        """Why rows can't be read by it."""
        raise NotImplementedError

    def misnamed(self, known: Collection[str]) -> list[Reason]:
        """Fields that there aren't, and columns that are chosen twice."""
        found = [
            Reason(
                "unknown_field",
                _("There is no field “%(field)s”; there are %(known)s.") % {"field": name, "known": ", ".join(known)},
                "columns",
            )
            for name in self.headings
            if name not in known
        ]
        twice = {heading for heading in self.headings.values() if list(self.headings.values()).count(heading) > 1}
        return found + [
            Reason("twice", _("The column “%s” is chosen twice.") % heading, "columns") for heading in sorted(twice)
        ]

    def fits(self, head: Head) -> bool:
        """Whether all columns that it names are in the file."""
        return all(head.at(heading) is not None for heading in self.headings.values())

    def places(self, head: Head) -> dict[str, int]:
        found = {name: head.at(heading) for name, heading in self.headings.items()}
        return {name: place for name, place in found.items() if place is not None}


class Vocabulary:
    """What headings mean by themselves: the phrases by which people call each field. Those that ``naming`` names may stand beside a
    word for *number*."""

    def __init__(self, phrases: Mapping[str, Sequence[str]], *, naming: Collection[str]) -> None:
        self._phrases, self._naming = phrases, naming
        self._told: dict[str, tuple[str, int]] = {}

    @cached_property
    def _known(self) -> dict[frozenset[str], str]:
        found: dict[frozenset[str], str] = {}
        for name, phrases in self._phrases.items():
            for phrase in phrases:
                for form in (phrase, phrase.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")):
                    found.setdefault(frozenset(normal(form).split()), name)
        return found

    def meaning(self, heading: str) -> tuple[str, int]:
        """The field that a heading names, and how surely: 3 exactly, 2 among other words, 0 not at all."""
        if heading not in self._told:
            if len(self._told) > _REMEMBERED:
                self._told.clear()
            self._told[heading] = self._meaning(heading)
        return self._told[heading]

    def _meaning(self, heading: str) -> tuple[str, int]:
        words = frozenset(normal(heading).split())
        if not words or len(heading) > 80:
            return "", 0
        if words in self._known:
            return self._known[words], 3
        best = ("", 0)
        for phrase, name in self._known.items():
            # "no" alone, or a word that means many things, says nothing in company.
            numbered = "no" in words - phrase and name not in self._naming
            if (
                phrase < words
                and phrase - {"no"}
                and not numbered
                and len(words) - len(phrase) <= 3
                and len(phrase) > best[1]
            ):
                best = (name, len(phrase))
        return (best[0], 2) if best[0] else ("", 0)

    def guessed(self, head: Head, fields: Iterable[str]) -> dict[str, str]:
        """Field -> heading, as the headings say by themselves: for each field the surest, of equals the first."""
        found: dict[str, tuple[int, int]] = {}
        for place, heading in enumerate(head.names):
            name, sure = self.meaning(re.sub(r" \(\d+\)$", "", heading))
            if name and sure > found.get(name, (0, 0))[0]:
                found[name] = (sure, place)
        return {name: head.names[found[name][1]] for name in fields if name in found}


Told = TypeVar("Told", bound=Headings)


def names_of(row: Row, width: int) -> tuple[str, ...]:
    """What the columns are called; one without a name by its letter, the second of one name with its number."""
    found: dict[str, None] = {}
    times: Counter[str] = Counter()
    for place in range(width):
        text = " ".join(row.cells[place].text.split())[:80] if place < len(row.cells) else ""
        text = text or _("Column %s") % letter(place)
        times[text] += 1
        name = text if times[text] == 1 else f"{text} ({times[text]})"
        while name in found:
            times[text] += 1
            name = f"{text} ({times[text]})"
        found[name] = None
    return tuple(found)


def letter(place: int) -> str:
    """A, B, ... Z, AA: as a spreadsheet calls its columns."""
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(65 + rest) + found
    return found


def heads_of(sheet: Sheet) -> list[Head]:
    """Every line that may be the one that names the columns."""
    width = sheet.width()
    rows = enumerate(sheet.rows[:LOOKED_AT])
    return [Head(row.line, place, names_of(row, width)) for place, row in rows if not row.broken]


def fitting(heads: Sequence[Head], wanted: Iterable[Told]) -> tuple[Head, Told] | None:
    """The first line that what was saved fits, with it; the first of ``wanted`` goes before the others."""
    return next(
        ((head, told) for told in wanted if told.headings for head in heads if told.fits(head)),
        None,
    )


def samples(head: Head, rows: Iterable[Row], *, most: int = 3) -> list[list[str]]:
    """Of each column the first values that stand below it."""
    found: list[list[str]] = [[] for _name in head.names]
    for row in rows:
        for place, cell in enumerate(row.cells[: len(found)]):
            if cell and len(found[place]) < most:
                found[place].append(" ".join(cell.text.split())[:40] or "?")
    return found


def posted(post: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a form said of each column: its field, empty for none, and its heading (``components/columns.html``)."""
    told = post.get("count", "")
    count = min(int(told), 500) if told.isdecimal() and len(told) < 5 else 0
    return [(post.get(f"field-{place}", ""), post.get(f"heading-{place}", "")) for place in range(count)]
