"""Credit memos and debit notes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from revlog.evidence.pdf.contexts.sheet import NothingToCertify, Party, Proof, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditedLine:
    """What a memo credits (or takes back) for one line of a return. Amounts are decimals as text."""

    position: int
    description: str
    sku: str
    lot: str
    order: str
    announced: int
    received: int
    quantity: int
    price: str
    amount: str
    note: str = ""
    """Why it is another amount than announced, in the reader's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditMemo:
    """What a seller credits to a business customer's account for a return; ``corrects`` is the number of the memo that it adds to."""

    TEMPLATE: ClassVar[str] = "documents/credit_memo.html"
    VERSION: ClassVar[str] = "credit-memo/1"

    sheet: Sheet
    seller: Party
    customer: Party
    rma: str
    papers: tuple[tuple[str, str], ...]
    """What the return referred to: name of the paper in the reader's language, and its number."""
    lines: tuple[CreditedLine, ...]
    total: str
    currency: str
    proof: Proof
    corrects: str = ""
    why: str = ""
    approved_by: str = ""

    def __post_init__(self) -> None:
        if sum((Decimal(line.amount) for line in self.lines), Decimal(0)) != Decimal(self.total):
            raise NothingToCertify("the amounts of the lines don't add up to their sum")


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitNote(CreditMemo):
    """What of an issued credit memo is taken back."""

    TEMPLATE: ClassVar[str] = "documents/debit_note.html"
    VERSION: ClassVar[str] = "debit-note/1"
