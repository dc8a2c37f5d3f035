"""Rubrics: what is judged for each class of thing, and by which figures. Data with a version; a grade names the version that gave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triage.rubrics import defaults

AXES = ("function", "cosmetic", "battery", "storage")
Steps = tuple[tuple[int, str], ...]


@dataclass(frozen=True, kw_only=True)
class Rubric:
    """One class's rubric.

    ``required`` are the axes without which there is no grade at all; ``unseen`` caps the grade while an axis was not looked at.
    ``battery`` is percent of design capacity, at least, per letter; ``storage`` is counter -> figures from which a letter is the best.
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
    )


_DEFAULTS = {name: rubric_of(f"{name}-{defaults.VERSION}", body) for name, body in defaults.BODIES.items()}


def default_for(device_class: str) -> Rubric | None:
    """The house rubric for a class of thing, None where there is none."""
    return _DEFAULTS.get(device_class)
