"""The certificate of a batch that was recycled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from revlog.evidence.pdf.contexts.sheet import NothingToCertify, Party, Proof, Sheet, Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What came into a batch. ``waste_code`` is a List of Waste code, "" for goods that are not waste."""

    description: str
    waste_code: str
    pieces: int | None
    grams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fraction:
    """What came out. ``operation`` is an R or D code; ``interim`` ones (R12, R13, D13-D15) do not count as recycled."""

    description: str
    waste_code: str
    grams: int
    operation: str
    interim: bool
    receiver: str
    permit: str
    load: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Opening + received = fractions + loss + closing, in grams; ``recovered`` is a percentage of what was treated, final codes only."""

    opening_grams: int
    received_grams: int
    fractions_grams: int
    loss_grams: int
    closing_grams: int
    recovered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOfRecycling:
    TEMPLATE: ClassVar[str] = "documents/certificate_of_recycling.html"
    VERSION: ClassVar[str] = "certificate-of-recycling/1"

    sheet: Sheet
    client: Party | None
    batch: str
    site: str
    permit: str
    opened_at: str
    closed_at: str
    received: tuple[Received, ...]
    fractions: tuple[Fraction, ...]
    balance: Balance
    proof: Proof
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        balance = self.balance
        reasons = []
        if sum(line.grams for line in self.received) != balance.received_grams:
            reasons.append("the weights received don't add up to their sum")
        if sum(line.grams for line in self.fractions) != balance.fractions_grams:
            reasons.append("the weights of the fractions don't add up to their sum")
        came = balance.opening_grams + balance.received_grams
        if came != balance.fractions_grams + balance.loss_grams + balance.closing_grams:
            reasons.append("opening and received don't equal fractions, loss and closing")
        if reasons:
            raise NothingToCertify(*reasons)
