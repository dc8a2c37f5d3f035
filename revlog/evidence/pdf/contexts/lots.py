"""The list of what is in a lot that one buyer takes as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from revlog.evidence.pdf.contexts.sheet import NothingToCertify, Party, Proof, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLine:
    """A unit or counted goods of a lot. ``value`` is the list value of all its pieces, as text."""

    position: int
    description: str
    name: str
    """Serial number, else tag."""
    lot: str
    """The maker's."""
    condition: str
    quantity: int
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LotManifest:
    """What buyers offer for: everything that is in the lot, as it is, in one edition of its list."""

    TEMPLATE: ClassVar[str] = "documents/lot_manifest.html"
    VERSION: ClassVar[str] = "lot-manifest/1"

    sheet: Sheet
    number: str
    name: str
    edition: int
    seller: Party
    place: Party
    until: str
    lines: tuple[LotLine, ...]
    value: str
    asking: str
    """Empty where nothing is asked."""
    currency: str
    proof: Proof

    def __post_init__(self) -> None:
        if not self.lines:
            raise NothingToCertify("the list names nothing")
        if sum((Decimal(line.value) for line in self.lines), Decimal(0)) != Decimal(self.value):
            raise NothingToCertify("the list values don't add up to their sum")
