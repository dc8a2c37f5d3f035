"""A unit that was graded, graded again by other rules on what was known of it then: its letters, its books, its value. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from revlog.common.templatetags.ui import money
from revlog.common.words import because
from revlog.terms.trying import Cell
from triage.books import Book, Standing
from triage.judging import Judgement, Reason

RANKS = ("NEW", "A", "B", "C", "D")
CHANGES = ("worse", "better", "judged", "axes")
OF_BOOKS = ("worse", "better", "judged", "shelf")
NOT_JUDGED, NO_GRADE, NO_BOOK = "?", "-", "+"
"""How a table of a book names what is none of its grades."""
LAST = 99


# By a rubric ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Graded:
    """What a rubric makes of one unit. ``value`` is what the price book expects for the grade, None where it isn't asked or known."""

    grade: str
    rubric: str
    axes: Mapping[str, str]
    refused: Sequence[Reason] = ()
    value: Decimal | None = None

    def kept(self) -> dict[str, Any]:
        told: dict[str, Any] = {"rule": self.rubric, "why": [], "grade": self.grade, "axes": dict(self.axes)}
        return told | {
            "refused": [dict(one) for one in self.refused],
            "value": "" if self.value is None else str(self.value),
        }

    def into(self, counts: Counter[str], sums: Any) -> None:  # noqa: ANN401 - a Counter of Decimals
        counts[self.grade] += 1
        if self.value is not None:
            counts["priced"] += 1
            sums["value"] += self.value


def by_rubric(judged: Judgement) -> Graded:
    return Graded(judged.overall, judged.rubric, judged.axes, tuple(judged.blocked))


def change(before: Graded, after: Graded) -> str:
    """What changes for a unit, the gravest first; empty when nothing does but the name of the version."""
    if before.grade == after.grade:
        return "axes" if before.axes != after.axes else ""
    if before.grade not in RANKS or after.grade not in RANKS:
        return "judged"
    return "worse" if RANKS.index(after.grade) > RANKS.index(before.grade) else "better"


def cell(device_class: str, before: Graded, after: Graded) -> Cell:
    return Cell(device_class, _ranked(before.grade), _ranked(after.grade))


def _ranked(grade: str) -> str:
    """A grade that sorts as it ranks: ``01:A``."""
    return f"{RANKS.index(grade) if grade in RANKS else LAST:02}:{grade}"


def says(told: Mapping[str, Any], currency: str) -> str:
    """One side of a change in words."""
    parts = [_("grade %s") % told["grade"]]
    if told.get("value"):
        parts.append(str(money(Decimal(told["value"]), currency)))
    text = ", ".join(parts)
    why = " ".join(because(one) for one in told.get("refused", ())[:3])
    return f"{text}. {why}" if why else text


# In grade books -------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Called:
    """What a shelf calls one unit: book -> its grade there, as a table names it."""

    shelf: str
    grades: Mapping[str, str]
    names: Mapping[str, str]
    differing: frozenset[str] = frozenset()
    """The books that a change is about."""

    def kept(self) -> dict[str, Any]:
        grades = {self.names[code]: grade for code, grade in self.grades.items() if code in self.differing}
        return {"rule": self.shelf, "why": [], "grades": grades}

    def into(self, counts: Counter[str], sums: Any) -> None:  # noqa: ANN401 - no book names a price
        for grade in self.grades.values():
            counts["without" if _letter(grade) in {NOT_JUDGED, NO_GRADE} else "judged"] += 1


def by_books(found: Sequence[Standing], shelf: str) -> Called:
    return Called(
        shelf,
        {one.book.code: _graded(one.book, one) for one in found},
        {one.book.code: one.book.name for one in found},
    )


def _graded(book: Book, found: Standing) -> str:
    if not found.judged:
        return f"{LAST}:{NOT_JUDGED}"
    if found.grade is None:
        return f"{LAST - 1}:{NO_GRADE}"
    return f"{book.rank(found.grade.code):02}:{found.grade.name}"


def _letter(grade: str) -> str:
    return grade.partition(":")[2]


def change_of_books(before: Called, after: Called) -> tuple[str, frozenset[str]]:
    """What changes in the books, the gravest first, and which books are concerned."""
    found: dict[str, set[str]] = {}
    for code in {*before.grades, *after.grades}:
        one, other = before.grades.get(code), after.grades.get(code)
        if one is None or other is None:
            found.setdefault("shelf", set()).add(code)
        elif _letter(one) != _letter(other):
            found.setdefault(_kind(one, other), set()).add(code)
    gravest = next((name for name in OF_BOOKS if name in found), "")
    return gravest, frozenset(code for codes in found.values() for code in codes)


def _kind(before: str, after: str) -> str:
    if NOT_JUDGED in {_letter(before), _letter(after)}:
        return "judged"
    return "worse" if after > before else "better"


def cells_of_books(before: Called, after: Called) -> list[Cell]:
    names = {**before.names, **after.names}
    absent = f"{LAST}:{NO_BOOK}"
    return [
        Cell(names[code], before.grades.get(code, absent), after.grades.get(code, absent))
        for code in dict.fromkeys([*before.grades, *after.grades])
    ]


def cell_name(_group: str, code: str) -> str:
    """What a row or column of a table is called."""
    name = _letter(code)
    special = {
        NOT_JUDGED: _("not judged"), NO_GRADE: _("none of its grades"), NO_BOOK: _("no such book"), "U": _("not tested"),
        "NA": _("no rubric"),
    }  # fmt: skip
    return special.get(name) or _(name)


def book_name(name: str) -> str:
    return _(name)


def says_books(told: Mapping[str, Any], currency: str) -> str:
    return "; ".join(f"{_(book)}: {cell_name(book, grade)}" for book, grade in told["grades"].items()) or _(
        "no such book"
    )
