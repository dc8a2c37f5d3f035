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
    rate: str = ""
    """In percent; empty for what has no rate, or of which nobody knows."""
    net: str = ""
    """Without its tax; empty where the memo shows none."""
    tax: str = ""
    invoice: str = ""
    """Number of the invoice that it corrects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSum:
    """What a memo comes to by one way of being taxed. ``name`` is it in the reader's language, ``rate`` in percent where it has one."""

    name: str
    rate: str
    net: str
    tax: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """An invoice that a memo corrects: its number, and the order that it was for, with that one's day (``2026-03-14``)."""

    invoice: str
    order: str
    ordered_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditMemo:
    """What a seller credits to a business customer's account for a return; ``corrects`` is the number of the memo that it adds to."""

    TEMPLATE: ClassVar[str] = "documents/credit_memo.html"
    VERSION: ClassVar[str] = "credit-memo/2"

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
    invoices: tuple[Corrected, ...] = ()
    taxes: tuple[TaxSum, ...] = ()
    """Empty where nobody knows of any tax: then none is shown."""
    net: str = ""
    tax: str = ""
    notes: tuple[str, ...] = ()
    """What the law wants to be said of what has no tax, in the reader's language."""

    def __post_init__(self) -> None:
        if sum((Decimal(line.amount) for line in self.lines), Decimal(0)) != Decimal(self.total):
            raise NothingToCertify("the amounts of the lines don't add up to their sum")
        if not self.taxes:
            return
        for name, told in (("net", self.net), ("tax", self.tax), ("amount", self.total)):
            if sum((Decimal(getattr(one, name)) for one in self.taxes), Decimal(0)) != Decimal(told):
                raise NothingToCertify("what the rates come to doesn't add up to the sum")
        for name, told in (("net", self.net), ("tax", self.tax)):
            if sum((Decimal(getattr(line, name)) for line in self.lines), Decimal(0)) != Decimal(told):
                raise NothingToCertify("net and tax of the lines don't add up to their sums")
        if Decimal(self.net) + Decimal(self.tax) != Decimal(self.total):
            raise NothingToCertify("net and tax don't add up to the sum")


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitNote(CreditMemo):
    """What of an issued credit memo is taken back."""

    TEMPLATE: ClassVar[str] = "documents/debit_note.html"
    VERSION: ClassVar[str] = "debit-note/2"
