"""What is wrong with books: a shelf is published only if each book on it can judge. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from revlog.common.errors import Reason
from revlog.devices.classes import CLASSES
from revlog.terms.ruling import Body
from triage.books import vocabulary
from triage.books.vocabulary import FLAGS, LEAST, LEVELS, NEEDS, PLACES, SEVERITY, SUBJECTS, WORDS, Clause

CERTAINTIES = ("own", "read", "secondary", "known", "uncertain")
"""How sure the content is: one's own rules, read in the publisher's text, read second-hand, known in the trade, uncertain."""
MOST_BOOKS, MOST_GRADES, MOST_CLAUSES = 40, 20, 40
_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")
_GRADE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]{0,19}")
_BOOK = {"name", "publisher", "edition", "source", "certainty", "classes", "grades", "needs", "unjudged"}
_QUALIFIERS = {"worst": {"of", "on"}, "most": {"of", "on", "from"}, "axis": {"least"}}


def check(body: Body) -> list[Reason]:
    """Each book must be one that can judge: known words, no two grades that overlap, none that nothing reaches."""
    books = body.get("parameters", {})
    found = []
    if body.get("rules"):
        found.append(
            Reason("rules", "A shelf of grade books has no rules, only books as its parameters.", "body.rules")
        )
    if len(books) > MOST_BOOKS:
        found.append(Reason("too_many", f"A shelf holds at most {MOST_BOOKS} books.", "body.parameters"))
    for code, book in books.items():
        where = f"body.parameters.{code}"
        found += [Reason(what, f"{code}: {sentence}", at) for what, sentence, at in _book(str(code), book, where)]
    return found


Wrong = Iterator[tuple[str, str, str]]


def _book(code: str, book: object, where: str) -> Wrong:
    if not _CODE.fullmatch(code):
        yield "code", "the code of a book is small letters, digits and _.", where
    if not isinstance(book, Mapping):
        yield "book", "a book is an object.", where
        return
    if unknown := set(book) - _BOOK:
        yield "unknown", f"a part that nothing reads: {min(map(str, unknown))!r}.", where
    for name in ("name", "publisher", "edition", "source", "unjudged"):
        told = book.get(name, "")
        if not isinstance(told, str) or len(told) > 600 or (name == "name" and not told.strip()):
            yield "text", f"its {name} is a text.", f"{where}.{name}"
    if book.get("certainty") not in CERTAINTIES:
        yield "certainty", f"its certainty is one of {', '.join(CERTAINTIES)}.", f"{where}.certainty"
    classes = book.get("classes")
    if not isinstance(classes, list) or not classes or not set(map(str, classes)) <= set(CLASSES):
        yield "classes", "it names the classes of things that it is for.", f"{where}.classes"
    needs = book.get("needs", [])
    if not isinstance(needs, list) or not set(map(str, needs)) <= set(NEEDS):
        yield "needs", f"a book can need {' and '.join(NEEDS)} and nothing else.", f"{where}.needs"
    yield from _grades(book.get("grades"), f"{where}.grades")


def _grades(grades: object, where: str) -> Wrong:
    if not isinstance(grades, list) or not 1 <= len(grades) <= MOST_GRADES:
        yield "grades", f"it has one to {MOST_GRADES} grades, the best first.", where
        return
    made: list[tuple[str, list[Clause]]] = []
    for place, grade in enumerate(grades):
        at = f"{where}[{place}]"
        wrong = list(_grade(grade, at))
        yield from wrong
        if not wrong:
            made.append((str(grade["code"]), [vocabulary.clause_of(one) for one in grade.get("asks", [])]))
    if len(made) < len(grades):
        return
    codes = [code for code, _clauses in made]
    if len(set(codes)) < len(codes):
        yield "same_grade", "two of its grades have one code.", where
        return
    for place, (code, clauses) in enumerate(made[1:], 1):
        better, asked = made[place - 1]
        at = f"{where}[{place}]"
        if not vocabulary.all_imply(asked, clauses):
            yield "overlap", f"{code} asks for something that the better {better} doesn't ask for, so they overlap.", at
        elif vocabulary.all_imply(clauses, asked):
            yield "unreachable", f"nothing reaches {code}: whatever meets it meets the better {better}.", at


def _grade(grade: object, where: str) -> Wrong:
    if not isinstance(grade, Mapping):
        yield "grade", "a grade is an object.", where
        return
    if unknown := set(grade) - {"code", "name", "means", "asks"}:
        yield "unknown", f"a part that nothing reads: {min(map(str, unknown))!r}.", where
    code, name, means, asks = (grade.get(key, "") for key in ("code", "name", "means", "asks"))
    if not isinstance(code, str) or not _GRADE.fullmatch(code):
        yield "grade_code", "a grade has a code of at most 20 letters, digits, +, - and _.", f"{where}.code"
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 80 or not isinstance(means, str) or len(means) > 300:
        yield "grade_name", "a grade has a name, and may say what it means.", f"{where}.name"
    asks = asks or []
    if not isinstance(asks, list) or len(asks) > MOST_CLAUSES:
        yield "asks", f"a grade asks for a list of at most {MOST_CLAUSES} conditions.", f"{where}.asks"
        return
    for place, asked in enumerate(asks):
        at = f"{where}.asks[{place}]"
        if trouble := _clause(asked):
            yield *trouble, at


def _clause(asked: object) -> tuple[str, str] | None:
    """What is wrong with a condition."""
    if not isinstance(asked, Mapping):
        return "condition", "a condition is an object."
    words = [word for word in WORDS if word in asked]
    if len(words) != 1:
        return "word", f"a condition has one word of {', '.join(WORDS)}."
    word = words[0]
    if unknown := set(asked) - {word} - _QUALIFIERS.get(word, set()):
        return "word", f"{word} goes without {min(map(str, unknown))!r}."
    if not _value_fits(word, asked[word], asked):
        return "value", f"{word} asks for something that can't be told."
    of, place, from_ = (
        str(asked.get(key, usual)) for key, usual in (("of", vocabulary.ANY), ("on", ""), ("from", "minor"))
    )
    if of not in SUBJECTS:
        return "subject", f"no defect and no axis is called {of!r}."
    if place not in {"", *PLACES} or from_ not in SEVERITY:
        return "place", f"places are {', '.join(PLACES)}; severities are {', '.join(SEVERITY)}."
    return None


def _value_fits(word: str, value: Any, asked: Mapping[str, Any]) -> bool:  # noqa: ANN401 - any JSON
    whole = isinstance(value, int) and not isinstance(value, bool)
    match word:
        case "worst":
            return isinstance(value, str) and value in LEVELS
        case "most":
            return whole and 0 <= value <= 99
        case "battery":
            return whole and 1 <= value <= 100
        case "axis":
            return value in vocabulary.axis_names() and asked.get("least") in LEAST
    return word in FLAGS and value is True
