"""The check port: what is known elsewhere of an IMEI or serial number.

An adapter answers about one number; it raises `Later` (an OSError) when the service can't be reached, takes too long or is asked too
often, and the reaction that asked comes again. What the service doesn't know is *unknown*, never *clear*. ``manual`` is built in: a
person looks it up and enters the answer with its source. ``generic`` asks over HTTP (docs/floor.md, "Checks of numbers").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from django.conf import settings

KINDS: Mapping[str, tuple[str, ...]] = {
    "phone": ("blacklist", "finance", "lock", "mdm"),
    "tablet": ("blacklist", "finance", "lock", "mdm"),
    "laptop": ("lock", "mdm"),
}
"""What is asked of which class of things; nothing of the others."""


class Later(OSError):
    """No answer now: asked again later."""


@dataclass(frozen=True)
class Answered:
    """What was said of one kind: clear, bad or unknown."""

    kind: str
    state: str
    detail: str = ""


@dataclass(frozen=True)
class Reply:
    source: str
    answers: Sequence[Answered]
    response: Mapping[str, Any] = field(default_factory=dict)


class Adapter(Protocol):
    def ask(self, *, scheme: str, number: str, kinds: Sequence[str]) -> Reply: ...


def adapter() -> Adapter | None:
    """The service of this install; None where people look numbers up by hand."""
    if not settings.CHECKS_URL:
        return None
    made: Adapter = import_module("returns.checks.generic").Generic(
        settings.CHECKS_URL, settings.CHECKS_KEY, settings.CHECKS_SECONDS
    )
    return made
