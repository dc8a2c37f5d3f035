"""Refusals: every reason at once, each a sentence fit for the person who is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override


@dataclass(frozen=True)
class Reason:
    """Why an act is refused: ``code`` for machines and translations, ``sentence`` for people, ``field`` where input is at fault."""

    code: str
    sentence: str
    field: str | None = None

    @override
    def __str__(self) -> str:
        return self.sentence


class DomainError(Exception):
    """An act that can't be done, with every reason. Pages, API and command line show the same sentence.

    ``status`` is the HTTP answer: 409 when the state of things forbids it, 422 when the input does, 403, 404 likewise.
    """

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    opening: ClassVar[str] = ""

    def __init__(self, *reasons: Reason | str | Iterable[Reason]) -> None:
        found: list[Reason] = []
        for reason in reasons:
            if isinstance(reason, Reason):
                found.append(reason)
            elif isinstance(reason, str):
                found.append(Reason(self.code, reason))
            else:
                found.extend(reason)
        self.reasons: Sequence[Reason] = tuple(found)
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """One sentence that names every reason."""
        parts = [reason.sentence.rstrip(". ") for reason in self.reasons]
        text = parts[0] if len(parts) == 1 else "; ".join(parts)
        return f"{self.opening}{text}." if text else self.opening

    @override
    def __str__(self) -> str:
        return self.sentence


class BadInput(DomainError):
    """What was sent can't be used; each reason names its field."""

    status = 422
    code = "bad_input"


class NotFound(DomainError):
    """There is no such thing, or it isn't theirs to see: a stranger is told the same."""

    status = 404
    code = "not_found"


class NotAllowed(DomainError):
    """The person may see the thing but not do this to it."""

    status = 403
    code = "not_allowed"
