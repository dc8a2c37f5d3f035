"""The handover paper: what left with a carrier, under which seals, by which way, and signed for; then, what came of it, signed for too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from revlog.evidence.pdf.contexts.sheet import NothingToCertify, Party, Person, Proof, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """One container or unit. ``root`` is the digest of the entry by which it left."""

    code: str
    units: int
    seals: str
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverStretch:
    number: int
    carrier: str
    mode: str
    begins_at: str
    ends_at: str
    planned_from: str
    planned_to: str
    note: str
    """Overseas container, its seals, vessel and voyage, the bill's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverDifference:
    """What wasn't as it was released."""

    code: str
    what: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverTaken:
    """The other end: ``things`` of those that left came. ``signature`` is a ``data:`` URI; without one ``unsigned`` says why."""

    at: str
    things: int
    of: int
    differences: tuple[HandoverDifference, ...]
    taken_by: Person
    signature: str
    unsigned: str

    def __post_init__(self) -> None:
        if bool(self.signature) == bool(self.unsigned):
            raise NothingToCertify("taking in is either signed for, or says why not")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverPaper:
    """``signature`` is a ``data:`` URI (PNG), the driver's; without it, and without ``given_signature``, ``unsigned`` says why."""

    TEMPLATE: ClassVar[str] = "documents/handover_paper.html"
    VERSION: ClassVar[str] = "handover-paper/2"

    sheet: Sheet
    transfer: str
    shipment: str
    giver: Party
    receiver: Party
    carrier: str
    released_at: str
    things: tuple[HandedOver, ...]
    total: int
    """Units in all of it."""
    left: int
    legs: tuple[HandoverStretch, ...]
    given_by: Person | None
    """None where another organization handed it over: the paper says that one's name."""
    given_signature: str = ""
    """That one's own, where its people signed here."""
    signature: str
    unsigned: str
    taken: HandoverTaken | None = None
    """None while it is on its way."""
    proof: Proof

    def __post_init__(self) -> None:
        if bool(self.signature or self.given_signature) == bool(self.unsigned):
            raise NothingToCertify("a handover is either signed for, or says why not")
        if not self.things:
            raise NothingToCertify("nothing was handed over")
