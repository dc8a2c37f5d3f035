"""The paper that travels with goods that go back to a supplier."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from revlog.evidence.pdf.contexts.sheet import NothingToCertify, Party, Person, Proof, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorReturnLine:
    """A unit or lot that goes back to its supplier. ``price`` is what one piece was bought for, as text."""

    position: int
    description: str
    name: str
    """Serial number, else tag."""
    lot: str
    order: str
    reason: str
    quantity: int
    price: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorReturn:
    """The paper that travels with goods that go back to a supplier: packing list and claim in one."""

    TEMPLATE: ClassVar[str] = "documents/vendor_return.html"
    VERSION: ClassVar[str] = "vendor-return/1"

    sheet: Sheet
    number: str
    sender: Party
    receiver: Party
    theirs: str
    """The supplier's number of it, which the parcels carry."""
    agreement: int
    until: str
    carrier: str
    account: str
    carriage: str
    """Who pays it, in the reader's language."""
    papers: str
    parcels: int
    packed_by: Person
    lines: tuple[VendorReturnLine, ...]
    value: str
    expected: str
    currency: str
    proof: Proof

    def __post_init__(self) -> None:
        if sum((Decimal(line.price) * line.quantity for line in self.lines), Decimal(0)) != Decimal(self.value):
            raise NothingToCertify("the prices of the lines don't add up to their sum")
