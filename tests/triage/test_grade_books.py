"""Grade books: one condition, many scales; each better grade says why not, a defect never helps, and a book that can't judge is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from resale import queries as sales
from revlog.common.errors import Reason
from revlog.custody.models import Entry
from revlog.terms import ruling
from revlog.terms.ruling import Ruling
from revlog.terms.services import rules
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from tests.triage.test_judging import EVIDENCE, FLAWS, rubric_of_any_kind
from triage import books, condition, judging, rubrics
from triage.books import Book, Seen, checking, defaults, telling, vocabulary
from triage.condition import Condition
from triage.defects import DEFECTS
from triage.judging import Evidence
from triage.merging import Flaw
from triage.rubrics import Rubric
from triage.services import grading, inspection, shelf
from triage.services.inspection import Finding

HOUR = timedelta(hours=1)

SHELF = {one.code: one for one in books.shelf(Ruling(books.KIND, 0, books.RULES.shipped))}
FINE = Condition(
    works="yes", inspected=True, missing=(), data="cleared", passed=("stress",), battery=91, has_drive=False
)


def seen(known: Condition, kind: str = "phone") -> Seen:
    return shelf.seen(kind, known, judging.judge(known, rubrics.default_for(kind)))


def called(known: Condition, kind: str = "phone") -> dict[str, str | None]:
    return {one.book.code: one.code for one in books.standings(tuple(SHELF.values()), seen(known, kind))}


def why(book: str, known: Condition, kind: str = "phone") -> dict[str, list[str]]:
    """Better grade -> why not, as it is told."""
    told = telling.as_data(books.standing(SHELF[book], seen(known, kind)))
    return {one["called"]: one["why"] for one in told["better"]}


def flawed(*flaws: tuple[str, str, str], **changes: Any) -> Condition:
    made = tuple(Flaw(code=code, zone=zone, severity=severity) for code, zone, severity in flaws)
    return replace(FINE, flaws=made, **changes)


def test_a_flawless_phone_is_the_best_of_every_book_that_can_be_given() -> None:
    assert called(FINE) == {
        "house": "A", "backmarket": "premium", "ctia": "A", "r2_cosmetic": "C6", "r2_function": "F4", "ebay": "excellent",
        "amazon_renewed": "premium",
    }  # fmt: skip
    assert why("backmarket", FINE) == {}
    assert set(called(replace(FINE, sealed=True, battery=None), "laptop").values()) == {
        "NEW", "premium", "C8", "F4", "excellent"
    }  # fmt: skip
    assert set(called(FINE, "apparel")) == {"house"}


def test_each_better_grade_says_in_a_sentence_what_refuses_it() -> None:
    deep = flawed(("scratch", "front", "critical"), ("dent", "back", "minor"), battery=84)

    assert called(deep) == {
        "house": "D", "backmarket": "", "ctia": "C", "r2_cosmetic": "C2", "r2_function": "F4", "ebay": "parts", "amazon_renewed": "",
    }  # fmt: skip
    told = why("backmarket", deep)
    assert list(told) == ["Fair", "Good", "Excellent", "Premium"]
    assert told["Excellent"] == ["Scratches (front), severe; Excellent allows none on the screen."]
    assert told["Premium"][0] == "The battery holds 84 % of its capacity; Premium asks for 90 %."
    assert why("house", deep)["Like new"] == ["Graded D as a whole; Like new asks for A. Scratches (front), severe."]
    marks = flawed(
        *[("scratch", zone, "minor") for zone in ("back", "frame")],
        ("dent", "back", "minor"),
        ("wear", "back", "minor"),
    )
    assert why("backmarket", marks)["Excellent"] == ["Marks: 4 found; Excellent allows 3 at the most."]
    assert called(marks)["backmarket"] == "good"


LOCKED = "Locked to an account, a company or a finder service; Good - Refurbished allows none."
UNTRIED = "Nobody tried yet whether it works; F3, key functions working asks for that."


@pytest.mark.parametrize(
    ("known", "book", "grade", "sentence"),
    [
        (flawed(("locked", "", "major")), "ebay", "parts", LOCKED),
        (flawed(("battery_swollen", "", "critical")), "r2_cosmetic", "C1", "Battery swollen; C2, used poor allows none."),
        (flawed(("crack", "screen", "major")), "ctia", "D", "Crack (screen), clear; C, more wear allows none."),
        (flawed(("display", "screen", "major")), "ctia", "E", "Display fault (screen); D, cracked glass allows none."),
        (replace(FINE, battery=None), "backmarket", "", "Nobody read its battery; Fair asks for 80 %."),
        (replace(FINE, data="open"), "r2_function", "controlled", "Its data isn't cleared; F3, key functions working asks for that."),
        (flawed(("audio", "", "major")), "r2_function", "F3", "Sound fault; F4, hardware functional allows none."),
        (flawed(("part_missing", "", "major")), "r2_cosmetic", "C3", "A part is missing; C4, used good allows none."),
        (replace(FINE, works="untested", passed=()), "r2_function", "controlled", UNTRIED),
    ],
)  # fmt: skip
def test_the_next_grade_is_refused_by_what_is_known(known: Condition, book: str, grade: str, sentence: str) -> None:
    found = why(book, known)

    assert called(known)[book] == grade
    assert sentence in next(iter(found.values()))


def test_what_nobody_tried_or_looked_at_is_not_judged_rather_than_bad() -> None:
    unseen = replace(FINE, inspected=False)
    untried = replace(FINE, works="untested", passed=())

    assert (called(unseen)["ctia"], called(untried)["house"], called(untried)["backmarket"]) == (None, None, None)
    told = telling.as_data(books.standing(SHELF["r2_cosmetic"], seen(unseen)))
    assert (told["called"], told["wanting"], told["better"]) == (
        "C0, not categorized",
        ["Nobody looked at it yet."],
        [],
    )
    assert telling.as_data(books.standing(SHELF["house"], seen(untried)))["wanting"] == [
        "It has no grade by our own rubric yet."
    ]


NO_DENT = {"most": 0, "of": "dent", "on": "housing"}


def test_a_published_shelf_may_hold_books_of_one_s_own_and_names_its_version() -> None:
    own = {
        "name": "Shop floor", "certainty": "own", "classes": ["phone"],
        "grades": [
            {"code": "one", "name": "One", "asks": [{"axis": "function", "least": "A"}, {"complete": True}, NO_DENT]},
            {"code": "two", "name": "Two", "asks": [{"axis": "function", "least": "C"}]},
        ],
    }  # fmt: skip
    found = books.shelf(Ruling(books.KIND, 3, {"parameters": {"mine": own}}))

    assert [one.version for one in found] == ["mine/3"]
    small = books.standing(found[0], seen(flawed(("audio", "", "major"), ("dent", "", "minor"), missing=("charger",))))
    told = telling.as_data(small)
    assert (told["called"], told["better"][0]["why"]) == (
        "Two",
        [
            "Function: C; One asks for A. Sound fault, clear.",
            "Missing: charger; One asks for all that belongs to it.",
            "Dents (housing): 1 found; One allows 0 at the most.",
        ],
    )


def with_grades(*grades: list[dict[str, Any]], **changes: Any) -> list[Reason]:
    made = [{"code": f"g{place}", "name": "G", "asks": asks} for place, asks in enumerate(grades)]
    book = {"name": "B", "certainty": "own", "classes": ["phone"], "grades": made} | changes
    return ruling.problems({"parameters": {"b": book}}, ruling.kind(books.KIND))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (with_grades([{"battery": 80}], [{"worst": "minor", "of": "cosmetic"}]), "overlap"),
        (with_grades([{"battery": 80}], [{"battery": 85}]), "overlap"),
        (with_grades([{"battery": 80}], [{"battery": 80}]), "unreachable"),
        (with_grades([], [{"battery": 80}]), "overlap"),
        (with_grades([], []), "unreachable"),
        (with_grades([{"worst": "none"}, {"most": 0}], [{"most": 0}]), "unreachable"),
        (with_grades([{"shiny": True}]), "word"),
        (with_grades([{"worst": "minor", "of": "paint"}]), "subject"),
        (with_grades([{"worst": "minor", "of": ["dent"]}]), "subject"),
        (with_grades([{"worst": "minor", "on": {}}]), "place"),
        (with_grades([{"worst": "minor", "on": "cellar"}]), "place"),
        (with_grades([{"battery": 101}]), "value"),
        (with_grades([{"axis": "function", "least": "D"}]), "value"),
        (with_grades([{"tested": True, "of": "lock"}]), "word"),
        (with_grades([{"battery": 80}], needs=["complete"]), "needs"),
        (with_grades([{"battery": 80}], classes=["boat"]), "classes"),
        (with_grades([{"battery": 80}], certainty="sure"), "certainty"),
        (with_grades([{"battery": 80}], grades=[]), "grades"),
    ],
)
def test_a_book_that_cannot_judge_is_refused(wrong: list[Reason], code: str) -> None:
    assert [one.code for one in wrong] == [code]
    assert wrong[0].sentence.startswith("b: ")


def test_what_is_shipped_says_where_it_comes_from_and_how_sure_that_is() -> None:
    assert ruling.problems({"parameters": defaults.BOOKS}, ruling.kind(books.KIND)) == []
    for book in SHELF.values():
        assert book.source
        assert book.certainty in checking.CERTAINTIES
        for grade in telling.shown(book)["grades"]:
            assert all("%(" not in line and "_" not in line for line in grade["asks"])
    assert telling.shown(SHELF["backmarket"])["grades"][1]["asks"][-3:] == [
        "Marks on the screen: none",
        "Marks: light ones only",
        "Marks: 3 at the most",
    ]
    assert {code for code, book in SHELF.items() if book.certainty == "uncertain"} == {"ebay", "amazon_renewed"}


# Whatever the book ----------------------------------------------------------------------------------------------------------------------

SUBJECT = some.sampled_from(["*", "cosmetic", "function", "lock", "hazard", "scratch", "audio"])
PLACE = some.sampled_from(["", "screen", "housing", "keyboard"])


@some.composite
def asked(draw: some.DrawFn) -> list[dict[str, Any]]:
    """One condition in steps, the strictest first, the last of which asks for nothing."""
    of, on = draw(SUBJECT), draw(PLACE)
    where: dict[str, Any] = {"of": of} | ({"on": on} if on else {})
    steps: list[dict[str, Any]]
    match draw(some.sampled_from(vocabulary.WORDS)):
        case "worst":
            steps = [{"worst": level, **where} for level in vocabulary.LEVELS]
        case "most":
            steps = [{"most": most, **where} for most in sorted(draw(some.sets(some.integers(0, 4), min_size=1)))]
        case "battery":
            steps = [
                {"battery": most} for most in sorted(draw(some.sets(some.integers(40, 95), min_size=1)), reverse=True)
            ]
        case "axis":
            axis = draw(some.sampled_from(vocabulary.axis_names()))
            steps = [{"axis": axis, "least": letter} for letter in vocabulary.LEAST]
        case word:
            steps = [{word: True}]
    return [*steps, {}]


@some.composite
def book_of_any_kind(draw: some.DrawFn) -> Book:
    """A valid book: each grade asks for the same conditions as the better one, or for less."""
    ladders = draw(some.lists(asked(), min_size=1, max_size=4))
    at = [draw(some.integers(0, len(steps) - 1)) for steps in ladders]
    grades = []
    for place in range(draw(some.integers(1, 4))):
        asks = [steps[here] for steps, here in zip(ladders, at, strict=True) if steps[here]]
        grades.append({"code": f"g{place}", "name": f"G{place}", "asks": asks})
        at = [draw(some.integers(here, len(steps) - 1)) for steps, here in zip(ladders, at, strict=True)]
    body = {
        "name": "Any", "certainty": "own", "classes": ["phone", "laptop"], "grades": grades,
        "needs": draw(some.lists(some.sampled_from(vocabulary.NEEDS), unique=True)),
    }  # fmt: skip
    wrong = checking.check({"parameters": {"any": body}})
    assume(not wrong or {one.code for one in wrong} == {"unreachable"})
    return books.book_of("any", "any/1", body)


def of(evidence: Evidence, kind: str, rubric: Rubric) -> Seen:
    return shelf.seen(kind, evidence.condition, judging.judge(evidence, rubric))


ANY_FLAW = some.builds(
    lambda flaw, zone: replace(flaw, zone=zone), FLAWS, some.sampled_from(["", "screen", "front", "lid", "keyboard"])
)


@settings(max_examples=60, deadline=None)
@given(
    EVIDENCE,
    some.lists(ANY_FLAW, min_size=1, max_size=3),
    book_of_any_kind(),
    some.sampled_from(["phone", "laptop"]),
    rubric_of_any_kind(),
)
def test_a_defect_more_never_improves_the_grade_in_any_book(
    evidence: Evidence, flaws: list[Flaw], book: Book, kind: str, rubric: Rubric
) -> None:
    for one in (book, *SHELF.values()):
        before = books.standing(one, of(evidence, kind, rubric))
        after = books.standing(one, of(replace(evidence, flaws=(*evidence.flaws, *flaws)), kind, rubric))
        if before.judged and after.judged:
            assert one.rank(after.code) >= one.rank(before.code), (before, after)


@settings(max_examples=50, deadline=None)
@given(
    EVIDENCE,
    some.lists(ANY_FLAW, max_size=3),
    book_of_any_kind(),
    some.sampled_from(["phone", "laptop"]),
    rubric_of_any_kind(),
)
def test_the_grade_meets_all_it_asks_for_and_each_better_one_fails_something(
    evidence: Evidence, flaws: list[Flaw], book: Book, kind: str, rubric: Rubric
) -> None:
    known = of(replace(evidence, flaws=tuple(flaws)), kind, rubric)
    assert condition.read(condition.as_json(known.condition)) == known.condition
    for one in (book, *SHELF.values()):
        found = books.standing(one, known)
        if not found.judged:
            assert (found.grade, found.better) == (None, ())
            continue
        reached = one.rank(found.code)
        assert [missed.grade for missed in found.better] == list(one.grades[:reached])
        assert all(missed.failed for missed in found.better)
        if found.grade is not None:
            assert not [1 for clause in found.grade.clauses if vocabulary.failing(clause, known)]
        for row in telling.as_data(found)["better"]:
            assert row["why"]
            assert all(told.endswith(".") and "%(" not in told and "_" not in told for told in row["why"])
        if one.code == "house":
            assert found.code == known.whole


def test_a_grading_keeps_what_the_books_made_of_it_and_tells_it_again_by_its_own_version(
    cast: Cast, at: datetime
) -> None:
    device = bench.tested(cast)
    inspection.record(
        device=device,
        tests={"complete": "pass"},
        works="yes",
        findings=[Finding(code="scratch", zone="lid", severity="major")],
        by=cast.ravi,
        at=at + HOUR,
    )
    given = device.gradings.first()
    assert given is not None
    assert (given.overall, given.books["house"], given.books["backmarket"], given.books["r2_function"]) == (
        "C", "C", "fair", "controlled",
    )  # fmt: skip
    entry = Entry.objects.get(digest=given.entry)
    assert {one["book"]: one["called"] for one in entry.payload["books"]}["backmarket"] == "Fair"

    assert {"book": "Back Market", "called": "Fair", "count": 1} in sales.called_elsewhere([device])

    # The shelf of this owner changes: what was told stays told by the version of its time, and its data counts as it is now.
    own = {"name": "Own", "certainty": "own", "classes": ["laptop"], "grades": [{"code": "x", "name": "X", "asks": []}]}
    draft = rules.draft(kind=books.KIND, body={"parameters": {"own": own}}, by=cast.admin, at=at)
    rules.publish(draft, by=cast.maria, at=at + HOUR)
    device = make.cleared(device, at=at + HOUR)
    client = Client()
    client.force_login(cast.user("ravi"))

    page = client.get(reverse("triage_unit", args=[device.tag])).content.decode()
    assert "In other books" in page
    assert "Scratches (lid), clear; Good allows light ones only." in page
    shelf_page = client.get(reverse("triage_books")).content.decode()
    assert "Own" in shelf_page
    told = caller(cast).get(f"/reports/grade/?unit={device.tag}").json()
    found = {one["book"]: one for one in told["books"]}
    assert (told["grade"], told["refused"], found["r2_function"]["grade"]) == ("C", ["Scratches (lid), clear."], "F4")
    assert (found["r2_function"]["data_since"], found["backmarket"]["version"]) == (True, "backmarket-2026-1")
    problem(caller(cast, organization=cast.vega).get(f"/reports/grade/?unit={device.tag}"), 422)

    again = grading.grade(device=device, by=cast.ravi, at=at + 2 * HOUR)
    assert again.books == {"own": "x"}
    assert [row["version"] for row in shelf.told(again, device)] == ["own/1"]


def test_every_defect_and_place_has_its_sentence() -> None:
    for code, defect in DEFECTS.items():
        for zone in (*defect.zones, ""):
            flaw = {
                "word": "worst",
                "flaw": code,
                "zone": zone,
                "severity": "critical",
                "allowed": "none",
                "place": "screen",
            }
            assert "_" not in telling.sentence(flaw, "Good")
