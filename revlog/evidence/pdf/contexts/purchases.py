"""What is kept of a purchase from somebody."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from revlog.evidence.pdf.contexts.sheet import NothingToCertify, Party, Proof, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseDocument:
    """What a buyer of used things keeps of a purchase from somebody: who sold what for how much, and what they declared.

    It names a person, so what is kept of its context leaves ``seller`` out; the file goes when the law no longer asks for it.
    """

    TEMPLATE: ClassVar[str] = "documents/purchase_document.html"
    VERSION: ClassVar[str] = "purchase-document/1"

    sheet: Sheet
    buyer: Party
    seller: Party
    trade_in: str
    description: str
    tag: str
    grade: str
    serials: tuple[str, ...]
    promised: str
    amount: str
    currency: str
    bought_at: str
    paid_by: str
    """In the reader's language, as are the next three."""
    vat: str
    identity: str
    declaration: str
    declared_at: str
    proof: Proof
    why: str = ""
    """Why it is less than was promised."""
    hold_until: str = ""

    def __post_init__(self) -> None:
        if Decimal(self.amount) < 0 or not self.seller.name:
            raise NothingToCertify("a purchase names who sold, and for how much")
