"""The report of a receiving session: what was expected, what was found, and what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from revlog.evidence.pdf.contexts.sheet import NothingToCertify, Party, Person, Proof, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLine:
    """One thing. ``outcome`` and ``missing`` (what belongs to it and wasn't there) are in the reader's language."""

    position: int
    expected: str
    found: str
    name: str
    """Serial number, else tag."""
    announced_in: str
    outcome: str
    as_announced: bool
    quantity: int
    grams: str
    missing: str
    photos: tuple[str, ...]
    """Small pictures as ``data:`` URIs."""
    photo_digests: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedWith:
    """One return or list against what was found of it."""

    number: str
    expected: int
    received: int
    not_here: int
    differs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivingReport:
    """What one person unpacked in one go, compared with what was announced."""

    TEMPLATE: ClassVar[str] = "documents/receiving_report.html"
    VERSION: ClassVar[str] = "receiving-report/1"

    sheet: Sheet
    number: str
    place: Party
    station: str
    against: str
    opened_at: str
    closed_at: str
    unpacked_by: Person
    received: int
    differing: int
    note: str
    compared: tuple[ComparedWith, ...]
    lines: tuple[ReceivedLine, ...]
    proof: Proof

    def __post_init__(self) -> None:
        if len(self.lines) != self.received + self.differing:
            raise NothingToCertify("the lines of the report don't add up to what was received and what differs")
