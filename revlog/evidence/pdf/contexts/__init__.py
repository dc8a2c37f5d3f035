"""What each document says: the whole of it, as frozen records of primitives.

A caller builds one of these records from its own facts and hands ``context_of(record)`` to ``render``; no model, query or
clock reaches a template. ``VERSION`` is printed in the footer and kept with the document, so that a document made years ago can
be told from one of today's: change it whenever the words or the fields of a template change in meaning.

Instants are ISO 8601 text with an offset or ``Z``, digests 64 hexadecimal digits, weights whole grams, sizes bytes, percentages
text ("97.4"). Codes (``Literal`` types) are turned into words by ``words.py``. An empty text means "not told" and prints as a dash
or leaves its line out. People are pseudonyms (staff ids) with a role, never names: certificates outlive their right to be named.
"""

from __future__ import annotations

from dataclasses import asdict

from revlog.evidence.pdf.contexts.claims import ClaimLetter, ClaimPicture
from revlog.evidence.pdf.contexts.custody import ChainOfCustody, CustodyEntry
from revlog.evidence.pdf.contexts.deliveries import DeliveredParcel, DeliverySheet
from revlog.evidence.pdf.contexts.handovers import (
    HandedOver,
    HandoverDifference,
    HandoverPaper,
    HandoverStretch,
    HandoverTaken,
)
from revlog.evidence.pdf.contexts.lots import LotLine, LotManifest
from revlog.evidence.pdf.contexts.memos import Corrected, CreditedLine, CreditMemo, DebitNote, TaxSum
from revlog.evidence.pdf.contexts.parcels import PackedLine, PackingSlip, ReturnLabel
from revlog.evidence.pdf.contexts.purchases import PurchaseDocument
from revlog.evidence.pdf.contexts.receiving import ComparedWith, ReceivedLine, ReceivingReport
from revlog.evidence.pdf.contexts.recycling import Balance, CertificateOfRecycling, Fraction, Received
from revlog.evidence.pdf.contexts.sanitization import (
    DESTRUCTIVE,
    LEVELS,
    Attempt,
    CertificateOfDestruction,
    CertificateOfSanitization,
    Destination,
    DestroyedUnit,
    Destruction,
    Level,
    Medium,
    MediumKind,
    Outcome,
    Picture,
    Sanitization,
    SanitizedUnit,
    Technique,
    Verdict,
    Verification,
)
from revlog.evidence.pdf.contexts.sheet import (
    Act,
    Issuer,
    NothingToCertify,
    Paper,
    Party,
    Person,
    Proof,
    Role,
    Sheet,
    Signature,
    Unit,
)
from revlog.evidence.pdf.contexts.vendors import VendorReturn, VendorReturnLine

__all__ = [
    "DESTRUCTIVE",
    "LEVELS",
    "Act",
    "Attempt",
    "Balance",
    "CertificateOfDestruction",
    "CertificateOfRecycling",
    "CertificateOfSanitization",
    "ChainOfCustody",
    "ClaimLetter",
    "ClaimPicture",
    "ComparedWith",
    "Corrected",
    "CreditMemo",
    "CreditedLine",
    "CustodyEntry",
    "DebitNote",
    "DeliveredParcel",
    "DeliverySheet",
    "Destination",
    "DestroyedUnit",
    "Destruction",
    "DocumentRecord",
    "Fraction",
    "HandedOver",
    "HandoverDifference",
    "HandoverPaper",
    "HandoverStretch",
    "HandoverTaken",
    "Issuer",
    "Level",
    "LotLine",
    "LotManifest",
    "Medium",
    "MediumKind",
    "NothingToCertify",
    "Outcome",
    "PackedLine",
    "PackingSlip",
    "Paper",
    "Party",
    "Person",
    "Picture",
    "Proof",
    "PurchaseDocument",
    "Received",
    "ReceivedLine",
    "ReceivingReport",
    "ReturnLabel",
    "Role",
    "Sanitization",
    "SanitizedUnit",
    "Sheet",
    "Signature",
    "TaxSum",
    "Technique",
    "Unit",
    "VendorReturn",
    "VendorReturnLine",
    "Verdict",
    "Verification",
    "context_of",
]

DocumentRecord = (
    CertificateOfSanitization
    | CertificateOfDestruction
    | ChainOfCustody
    | ReturnLabel
    | PackingSlip
    | CertificateOfRecycling
    | CreditMemo
    | DebitNote
    | PurchaseDocument
    | VendorReturn
    | LotManifest
    | DeliverySheet
    | HandoverPaper
    | ReceivingReport
    | ClaimLetter
)


def context_of(record: DocumentRecord) -> dict[str, object]:
    """The record as the mapping of primitives that ``render`` takes, with its template version as ``version``."""
    return {**asdict(record), "version": record.VERSION}
