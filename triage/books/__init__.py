"""Grade books: what one unit is called by others (a channel, a carrier's scale, R2), from the same condition vector. Pure.

A book orders its grades, best first; each asks for conditions of a small closed vocabulary (``vocabulary.WORDS``), and a better grade asks
for at least what a worse one asks for. A unit has the best grade whose conditions it all meets; each better one names what it doesn't. A
defect more can therefore never improve it. What a book can't judge, because nobody tried or looked, it doesn't judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from revlog.terms import ruling
from revlog.terms.ruling import Kind, Ruling
from triage.books import checking, defaults, vocabulary
from triage.books.vocabulary import Clause, Failed, Seen

__all__ = [
    "KIND",
    "Book",
    "Clause",
    "Failed",
    "Grade",
    "Missed",
    "Seen",
    "Standing",
    "book_of",
    "shelf",
    "standing",
    "standings",
]

KIND = "triage.grade_book"
RULES = ruling.register(Kind(KIND, {"parameters": defaults.BOOKS}, checking.check, trials="trials_of_draft", told=True))


@dataclass(frozen=True)
class Grade:
    """One grade of a book: its own code and name, what it means in a sentence, and what it asks for."""

    code: str
    name: str
    means: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True)
class Book:
    """A book in one version. ``needs`` is what must be known before it judges at all; ``unjudged`` what it calls the rest."""

    code: str
    version: str
    name: str
    publisher: str
    edition: str
    source: str
    certainty: str
    classes: frozenset[str]
    grades: tuple[Grade, ...]
    needs: tuple[str, ...]
    unjudged: str

    def rank(self, grade: str | None) -> int:
        """Where a grade stands, the best at 0; below all where it is none of them."""
        codes = [one.code for one in self.grades]
        return codes.index(grade) if grade in codes else len(codes)

    def called(self, grade: str) -> str:
        """What the book calls one of its grades; the code itself where it is no grade of this version."""
        return next((one.name for one in self.grades if one.code == grade), grade)


@dataclass(frozen=True)
class Missed:
    """A better grade, and each of its conditions that isn't met."""

    grade: Grade
    failed: tuple[Failed, ...]


@dataclass(frozen=True)
class Standing:
    """What a book makes of a unit: a grade with why not each better one; none when it meets not even the last, or isn't judged."""

    book: Book
    grade: Grade | None
    better: tuple[Missed, ...] = ()
    wanting: tuple[Failed, ...] = ()
    """Why it isn't judged."""

    @property
    def judged(self) -> bool:
        return not self.wanting

    @property
    def code(self) -> str | None:
        """As a record keeps it: the grade's code, empty when it reaches none, None when it isn't judged."""
        if not self.judged:
            return None
        return self.grade.code if self.grade else ""


def book_of(code: str, version: str, body: Mapping[str, Any]) -> Book:
    """A book from its data, which ``checking`` has passed."""
    return Book(
        code=code,
        version=version,
        name=str(body["name"]),
        publisher=str(body.get("publisher", "")),
        edition=str(body.get("edition", "")),
        source=str(body.get("source", "")),
        certainty=str(body["certainty"]),
        classes=frozenset(body["classes"]),
        grades=tuple(
            Grade(
                code=str(one["code"]),
                name=str(one["name"]),
                means=str(one.get("means", "")),
                clauses=tuple(vocabulary.clause_of(asked) for asked in one.get("asks", ())),
            )
            for one in body["grades"]
        ),
        needs=tuple(body.get("needs", ())),
        unjudged=str(body.get("unjudged", "")),
    )


MOST_KEPT = 64


@dataclass(frozen=True)
class Shelf:
    """The books of one version of the rules, made ready once; ``digest`` names them by what they say."""

    body: ruling.Body
    digest: str
    books: tuple[Book, ...]


_shelves: dict[tuple[int, int], Shelf] = {}


def made(found: Ruling) -> Shelf:
    """The books among the rules in force, made ready once a process: a body that is in force stays the same object."""
    key = (id(found.body), found.version)
    known = _shelves.get(key)
    if known is not None and known.body is found.body:
        return known
    while len(_shelves) >= MOST_KEPT:
        _shelves.pop(next(iter(_shelves)), None)
    books = [book_of(code, version_of(code, found.version), body) for code, body in found.parameters.items()]
    # A table of JSON keeps no order: one's own first, then by name.
    books.sort(key=lambda book: (book.code != "house", book.name.casefold()))
    _shelves[key] = ready = Shelf(found.body, ruling.digest(found.body), tuple(books))
    return ready


def shelf(found: Ruling) -> tuple[Book, ...]:
    """All books among the rules in force, each in its version: ``ctia-2026-1`` as shipped, ``ctia/3`` as published."""
    return made(found).books


def version_of(code: str, version: int) -> str:
    return f"{code}/{version}" if version else f"{code}-{defaults.VERSION}"


def standing(book: Book, seen: Seen) -> Standing:
    """What the book makes of what was seen."""
    if wanting := _wanting(book, seen):
        return Standing(book, None, wanting=wanting)
    better: list[Missed] = []
    for grade in book.grades:
        failed = tuple(one for clause in grade.clauses for one in vocabulary.failing(clause, seen))
        if not failed:
            return Standing(book, grade, tuple(better))
        better.append(Missed(grade, failed))
    return Standing(book, None, tuple(better))


def _wanting(book: Book, seen: Seen) -> tuple[Failed, ...]:
    """Why the book can't judge: what it needs isn't known, or an axis that it goes by has no letter."""
    if seen.condition.pristine:
        return ()
    found = [one for need in book.needs for one in vocabulary.failing(Clause(need), seen)]
    axes = dict.fromkeys(clause.of for grade in book.grades for clause in grade.clauses if clause.word == "axis")
    found += [{"word": "axis_unknown", "of": axis} for axis in axes if vocabulary.is_unknown(axis, seen)]
    return tuple(found)


def standings(books: Sequence[Book], seen: Seen) -> list[Standing]:
    """What all the books for this class of thing make of it, in the order of the shelf."""
    return [standing(book, seen) for book in books if seen.device_class in book.classes]
