"""The letter of a claim to a carrier."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from revlog.evidence.pdf.contexts.sheet import NothingToCertify, Party, Person, Proof, Sheet

ClaimKind = Literal["damage", "loss", "short", "delay"]
Regime = Literal["cmr", "hgb", "montreal_22", "montreal", "own"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPicture:
    """``source`` is a ``data:`` URI, ``digest`` the SHA-256 of the photo that is kept."""

    source: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLetter:
    """What a carrier is told: what happened, what it owes for it and why."""

    TEMPLATE: ClassVar[str] = "documents/claim_letter.html"
    VERSION: ClassVar[str] = "claim-letter/1"

    sheet: Sheet
    claim: str
    carrier: Party
    """``reference`` is the carrier's number of the contract."""
    sender: Party
    kind: ClaimKind
    text: str
    parcel: str
    shipment: str
    papers: str
    """The driver's sheet with which it came."""
    since: str
    told_at: str
    told_by: str
    """Until when it had to be told."""
    filed_by: Person
    grams: int
    value: str
    regime: Regime
    sdr_per_kg: str
    sdr_rate: str
    limit: str
    claimed: str
    currency: str
    pictures: tuple[ClaimPicture, ...]
    proof: Proof

    def __post_init__(self) -> None:
        if not 0 < Decimal(self.claimed) <= Decimal(self.limit):
            raise NothingToCertify("what is claimed is more than nothing and no more than the carrier owes")
