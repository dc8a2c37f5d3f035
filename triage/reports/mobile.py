"""What the tools for phones share: capacities that are placeholders, tests listed by name, the class of thing behind a model's name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from triage.reports import values
from triage.reports.normal import Test, Verdict

_SLUG = re.compile(r"[^a-z0-9]+")
_MODELS = (
    (re.compile(r"\b(ipad|tablet|galaxy tab)|\btab\b", re.IGNORECASE), "Tablet"),
    (re.compile(r"\b(iphone|smartphone|phone|pixel \d|galaxy [a-z]+\s?\d)", re.IGNORECASE), "Smartphone"),
    (re.compile(r"\bwatch\b", re.IGNORECASE), "Watch"),
    (re.compile(r"\bipod\b", re.IGNORECASE), "Media player"),
)
LEAST_FULL, MOST_FULL = 0.1, 1.3
"""A full charge outside these shares of the design capacity is no capacity but a percentage, a placeholder or a fault."""


def share(full: int | None, design: int | None) -> int | None:
    """Full charge against design capacity in percent. iOS has answered 100 for the full charge since 12.2: that is no capacity."""
    if not full or not design or (full <= 100 < design) or not LEAST_FULL <= full / design <= MOST_FULL:
        return None
    return min(100, round(100 * full / design))


def percent(value: object) -> int | None:
    """A stated share from 1 to 100; 0 stands where nothing was measured."""
    line = (values.text(value) or "").removesuffix("%").strip()
    number = values.whole(line)
    return number if number is not None and 1 <= number <= 100 else None


def slug(name: str) -> str:
    """A test's name as a code: "Rear Camera Quality" is ``rear_camera_quality``."""
    return _SLUG.sub("_", name.lower()).strip("_")[:40]


def tests(names: Iterable[str], verdict: Verdict) -> list[Test]:
    """A verdict for each test that a list names; the name as printed is the detail."""
    found = ((slug(name), name.strip()) for name in names)
    return [Test(code=code, verdict=verdict, detail=name[:100]) for code, name in found if code]


def chassis(*names: str | None) -> str | None:
    """Smartphone or Tablet, where the model's name says which."""
    return next((word for name in names if name for pattern, word in _MODELS if pattern.search(name)), None)
