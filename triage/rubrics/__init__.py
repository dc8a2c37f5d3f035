"""Rubrics: what is judged for each class of thing, and by which figures. Data with a version; a grade names the version that gave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body, Kind, Ruling
from triage.rubrics import defaults

AXES = ("function", "cosmetic", "battery", "storage", "completeness", "data")
DECIDES = ("worst", "weighted")
Steps = tuple[tuple[int, str], ...]


@dataclass(frozen=True, kw_only=True)
class Rubric:
    """One class's rubric.

    ``required`` are the axes without which there is no grade at all; ``unseen`` caps the grade while an axis was not looked at.
    ``battery`` is percent of design capacity, at least, per letter; ``storage`` is counter -> figures from which a letter is the best.

    ``weights`` give a score of a hundred. The worst axis decides all the same, unless ``decides`` says ``weighted``: then the letter is
    the score's by ``score``, but never better than that of an axis in ``floors``, than an ``unseen`` cap, or than D for a lock or danger.
    """

    version: str
    axes: tuple[str, ...]
    required: tuple[str, ...] = ()
    unseen: Mapping[str, str] = field(default_factory=dict)
    battery: Steps = ()
    storage: Mapping[str, Steps] = field(default_factory=dict)
    minor: frozenset[str] = frozenset()
    """Function faults of which one alone costs only down to C."""
    cosmetic: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Defect -> severity -> letter; ``*`` for those not named."""
    completeness: Mapping[str, str] = field(default_factory=dict)
    """What is missing -> letter; ``*`` for what isn't named."""
    data: Mapping[str, str] = field(default_factory=dict)
    """What is known of the data (``cleared``, ``open``, ``stuck``) -> letter; what isn't named is not judged yet."""
    weights: Mapping[str, int] = field(default_factory=dict)
    decides: str = "worst"
    score: Steps = ()
    floors: tuple[str, ...] = ()


def _steps(pairs: Sequence[Sequence[Any]]) -> Steps:
    return tuple((int(figure), str(letter)) for figure, letter in pairs)


def rubric_of(version: str, body: Mapping[str, Any]) -> Rubric:
    """A rubric from its data. Raises KeyError or ValueError for data of another shape."""
    return Rubric(
        version=version,
        axes=tuple(axis for axis in AXES if axis in body["axes"]),
        required=tuple(body.get("required", ())),
        unseen=dict(body.get("unseen", {})),
        battery=_steps(body.get("battery", ())),
        storage={counter: _steps(steps) for counter, steps in body.get("storage", {}).items()},
        minor=frozenset(body.get("minor", ())),
        cosmetic={code: dict(letters) for code, letters in body.get("cosmetic", {}).items()},
        completeness={str(code): str(letter) for code, letter in body.get("completeness", {}).items()},
        data={str(status): str(letter) for status, letter in body.get("data", {}).items()},
        weights={str(axis): int(weight) for axis, weight in body.get("weights", {}).items()},
        decides=str(body.get("decides", DECIDES[0])),
        score=_steps(body.get("score", ())),
        floors=tuple(body.get("floors", ())),
    )


KIND = "triage.rubric"
LETTERS = ("A", "B", "C", "D")


def _check(body: Body) -> list[Reason]:
    """Each class's rubric must be one that can judge."""
    found = []
    for name, one in body.get("parameters", {}).items():
        where = f"body.parameters.{name}"
        try:
            made = rubric_of(name, one)
        except (KeyError, ValueError, TypeError, AttributeError):
            found.append(
                Reason("rubric", f"{name} is no rubric: it needs its axes, and steps of a figure and a letter.", where)
            )
            continue
        letters = {letter for steps in (made.battery, made.score, *made.storage.values()) for _, letter in steps}
        letters |= {*made.completeness.values(), *made.data.values()}
        letters |= {letter for by_severity in made.cosmetic.values() for letter in by_severity.values()}
        letters |= set(made.unseen.values())
        if unknown := letters - set(LETTERS):
            found.append(Reason("letter", f"{name} gives {min(unknown)!r}; letters are A to D.", where))
        named = {*made.required, *made.unseen, *made.weights, *made.floors}
        if not made.axes or named - set(made.axes):
            found.append(Reason("axes", f"{name} requires, caps or weighs an axis that it doesn't judge.", where))
        found += _weighing(name, made, where)
    return found


def _weighing(name: str, made: Rubric, where: str) -> list[Reason]:
    """What is wrong with a rubric's weights."""
    wrong = made.decides not in DECIDES or any(weight < 0 for weight in made.weights.values())
    if made.decides == "weighted":
        falling = [figure for figure, _letter in made.score]
        wrong |= not sum(made.weights.values()) or not made.score or falling != sorted(falling, reverse=True)
    if not wrong:
        return []
    told = "a weighted rubric has weights that aren't negative, and steps of a score that fall."
    return [Reason("weights", f"{name} can't weigh: {told}", where)]


RULES = ruling.register(Kind(KIND, {"parameters": defaults.BODIES}, _check, trials="trials_of_draft"))


def version_of(found: Ruling, device_class: str) -> str:
    """How a grade names the rubric that gave it: ``laptop-2026-1`` as shipped, ``laptop/3`` as published."""
    return f"{device_class}/{found.version}" if found.version else f"{device_class}-{defaults.VERSION}"


def of_class(found: Ruling, device_class: str) -> Rubric | None:
    """The rubric for a class of thing among the rules in force, None where there is none."""
    body = found.parameters.get(device_class)
    return rubric_of(version_of(found, device_class), body) if isinstance(body, Mapping) else None


def default_for(device_class: str) -> Rubric | None:
    """The house rubric for a class of thing, as shipped."""
    return of_class(Ruling(KIND, 0, RULES.shipped), device_class)
