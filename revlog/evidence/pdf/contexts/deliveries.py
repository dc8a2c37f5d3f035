"""The driver's sheet: what came off a truck, counted and signed for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from revlog.evidence.pdf.contexts.sheet import NothingToCertify, Party, Person, Proof, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredParcel:
    """One that is an exception: what is odd about it stands in the reader's language."""

    tracking: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySheet:
    """Count and exceptions of a delivery. ``signature`` is a ``data:`` URI (PNG); without one ``unsigned`` says why."""

    TEMPLATE: ClassVar[str] = "documents/delivery_sheet.html"
    VERSION: ClassVar[str] = "delivery-sheet/1"

    sheet: Sheet
    delivery: str
    carrier: str
    receiver: Party
    door: str
    reference: str
    began_at: str
    ended_at: str
    list_from: str
    """What it was counted against, in the reader's language."""
    expected: int
    counted: int
    damaged: tuple[DeliveredParcel, ...]
    missing: tuple[DeliveredParcel, ...]
    uncounted: int
    """Missing by number only: of a count without a list nobody knows which."""
    unlisted: tuple[DeliveredParcel, ...]
    turned_away: tuple[DeliveredParcel, ...]
    taken_by: Person
    signature: str
    unsigned: str
    proof: Proof

    def __post_init__(self) -> None:
        if bool(self.signature) == bool(self.unsigned):
            raise NothingToCertify("a delivery is either signed for, or says why not")
