"""What a grade of a book may ask for: a closed list of words, each with when it holds, what fails it, and which implies which. Pure.

    {"worst": "minor", "of": "cosmetic", "on": "screen"}    no defect of that kind there is worse; "none" allows none
    {"most": 2, "of": "dent", "from": "major"}              at most so many of that kind there, counted from that severity on
    {"battery": 80}                                         read, and at least so many percent; asked of what has a battery
    {"axis": "function", "least": "B"}                      the rubric's letter of an axis, or of the "whole"
    {"tested": true}                                        somebody or something tried it
    {"looked_at": true}                                     a person looked at it
    {"complete": true}                                      what belongs to it was compared, and nothing is missing
    {"cleared": true}                                       it holds no data, or its data is cleared
    {"sealed": true}                                        the maker's seal is unbroken

``of`` is an axis (``function cosmetic battery storage completeness lock hazard``), the code of a defect, or ``*`` for any; ``on`` is
``screen``, ``keyboard`` or ``housing``, left out for anywhere. Each word is one that a defect can only break: no condition asks for one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triage.condition import Condition
from triage.defects import DEFECTS, Axis, axis_of
from triage.judging import NOT_APPLICABLE, UNTESTED, Reason
from triage.merging import Flaw
from triage.rubrics import AXES

Failed = dict[str, Any]
"""A condition that isn't met, as codes: ``{word, ...}``, said by ``telling.sentence``."""

FLAGS = ("tested", "looked_at", "complete", "cleared", "sealed")
WORDS = ("worst", "most", "battery", "axis", *FLAGS)
NEEDS = ("tested", "looked_at")
"""What a book may need before it judges at all: a defect that was noticed is neither."""
PLACES = ("screen", "keyboard", "housing")
LEVELS = {"none": 0, "minor": 1, "major": 2}
SEVERITY = {"minor": 1, "major": 2, "critical": 3}
WHOLE = "whole"
LEAST = ("NEW", "A", "B", "C")
"""Letters that can be asked for; a D asks for nothing."""
ANY = "*"
SUBJECTS = frozenset({ANY, *(axis.value for axis in Axis), *DEFECTS})
_RANKS = ("NEW", "A", "B", "C", "D")
_GLASS = frozenset({"phone", "tablet"})
"""Whose front is their screen."""


@dataclass(frozen=True)
class Clause:
    """One condition. ``value`` is what the word asks for, ``from_`` the severity from which defects are counted."""

    word: str
    value: Any = True
    of: str = ANY
    place: str = ""
    from_: str = "minor"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a book looks at: the condition vector of a unit, and what the rubric of its class made of it."""

    device_class: str
    condition: Condition
    whole: str = NOT_APPLICABLE
    axes: Mapping[str, str] = field(default_factory=dict)
    because: Sequence[Reason] = ()
    """What refused the rubric's better grade."""


def clause_of(told: Mapping[str, Any]) -> Clause:
    """A clause from its data."""
    word = next(name for name in WORDS if name in told)
    if word == "axis":
        return Clause("axis", told["least"], of=told["axis"])
    return Clause(
        word, told[word], of=told.get("of", ANY), place=told.get("on", ""), from_=told.get("from", "minor")
    )  # fmt: skip


# Whether it holds -----------------------------------------------------------------------------------------------------------------------


def failing(clause: Clause, seen: Seen) -> list[Failed]:
    """What of it isn't met; empty when it holds. What is sealed and without a fault meets everything."""
    if seen.condition.pristine:
        return []
    match clause.word:
        case "worst":
            return _worst(clause, seen)
        case "most":
            return _most(clause, seen)
        case "battery":
            return _battery(clause, seen)
        case "axis":
            return _axis(clause, seen)
        case "complete":
            return _complete(seen)
        case word:
            return [] if _flag(word, seen.condition) else [{"word": word}]


def _flag(word: str, known: Condition) -> bool:
    if word == "tested":
        return known.tested
    if word == "looked_at":
        return known.looked_at
    # A sealed thing with a fault isn't pristine, and nothing else is sealed.
    return word == "cleared" and known.data in {"none", "cleared"}


def _of(clause: Clause, seen: Seen) -> list[Flaw]:
    return [
        flaw
        for flaw in seen.condition.flaws
        if _is(flaw.code, clause.of) and _at(flaw.zone, clause.place, seen.device_class)
    ]


def _is(code: str, subject: str) -> bool:
    return subject in {ANY, code} or axis_of(code).value == subject


def _at(zone: str, place: str, device_class: str) -> bool:
    """Whether a defect counts for a place; one of which nobody said where it is counts for each."""
    if not place or not zone:
        return True
    if place in {"screen", "keyboard"}:
        return zone == place or (place == "screen" and zone == "front" and device_class in _GLASS)
    return zone not in {"screen", "keyboard"} and not (zone == "front" and device_class in _GLASS)


def _worst(clause: Clause, seen: Seen) -> list[Failed]:
    return [
        {
            "word": "worst",
            "flaw": flaw.code,
            "zone": flaw.zone,
            "severity": flaw.severity,
            "allowed": clause.value,
            "place": clause.place,
        }
        for flaw in _of(clause, seen)
        if SEVERITY.get(flaw.severity, 3) > LEVELS[clause.value]
    ]


def _most(clause: Clause, seen: Seen) -> list[Failed]:
    count = sum(1 for flaw in _of(clause, seen) if SEVERITY.get(flaw.severity, 3) >= SEVERITY[clause.from_])
    if count <= clause.value:
        return []
    told = {"word": "most", "count": count, "allowed": clause.value, "of": clause.of, "place": clause.place}
    return [told | {"from": clause.from_}]


def _battery(clause: Clause, seen: Seen) -> list[Failed]:
    share, classes = seen.condition.battery, DEFECTS["battery"].classes
    if share is None:
        return [{"word": "battery_unread", "least": clause.value}] if seen.device_class in classes else []
    return [] if share >= clause.value else [{"word": "battery", "share": share, "least": clause.value}]


def _letter(axis: str, seen: Seen) -> str:
    return seen.whole if axis == WHOLE else seen.axes.get(axis) or NOT_APPLICABLE


def is_unknown(axis: str, seen: Seen) -> bool:
    """Whether nobody knows the letter: an axis that wasn't tried, or a class without a rubric."""
    letter = _letter(axis, seen)
    return letter == UNTESTED or (axis == WHOLE and letter == NOT_APPLICABLE)


def _axis(clause: Clause, seen: Seen) -> list[Failed]:
    letter = _letter(clause.of, seen)
    if letter == NOT_APPLICABLE and clause.of != WHOLE:
        return []
    if letter in _RANKS and _RANKS.index(letter) <= _RANKS.index(clause.value):
        return []
    told: Failed = {"word": "axis", "of": clause.of, "letter": letter, "least": clause.value}
    because = [dict(one) for one in seen.because if clause.of in {WHOLE, one.get("axis")}]
    return [told | ({"because": because[:3]} if because else {})]


def _complete(seen: Seen) -> list[Failed]:
    known = seen.condition
    found = [flaw.code for flaw in known.flaws if axis_of(flaw.code) is Axis.COMPLETENESS]
    found += [f"belongs.{part}" for part in known.missing or ()]
    if found:
        return [{"word": "complete", "missing": found}]
    return [{"word": "not_compared"}] if known.missing is None else []


# Which implies which --------------------------------------------------------------------------------------------------------------------


def implies(one: Clause, other: Clause) -> bool:
    """Whether whatever meets ``one`` meets ``other``."""
    if one.word == "sealed":
        return True
    if {one.word, other.word} <= {"worst", "most"}:
        return _covers(one, other) and _bounds(one, other)
    if one.word != other.word:
        return False
    match one.word:
        case "battery":
            return bool(one.value >= other.value)
        case "axis":
            return one.of == other.of and LEAST.index(one.value) <= LEAST.index(other.value)
    return True


def _covers(one: Clause, other: Clause) -> bool:
    """Whether every defect that ``other`` looks at is one that ``one`` looks at."""
    subject = one.of in {ANY, other.of} or (other.of in DEFECTS and axis_of(other.of).value == one.of)
    return subject and one.place in {"", other.place}


def _bounds(one: Clause, other: Clause) -> bool:
    match one.word, other.word:
        case "worst", "worst":
            return LEVELS[one.value] <= LEVELS[other.value]
        case "most", "most":
            return bool(one.value <= other.value and SEVERITY[one.from_] <= SEVERITY[other.from_])
        case "worst", "most":
            return LEVELS[one.value] < SEVERITY[other.from_]
    return bool(one.value == 0 and SEVERITY[one.from_] <= LEVELS[other.value] + 1)


def all_imply(these: Sequence[Clause], those: Sequence[Clause]) -> bool:
    """Whether whatever meets all of ``these`` meets all of ``those``."""
    return all(any(implies(one, other) for one in these) for other in those)


def axis_names() -> tuple[str, ...]:
    return (WHOLE, *AXES)
