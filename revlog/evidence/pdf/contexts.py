"""What each document says: the whole of it, as frozen records of primitives.

A caller builds one of the eight records from its own facts and hands ``context_of(record)`` to ``render``; no model, query or
clock reaches a template. ``VERSION`` is printed in the footer and kept with the document, so that a document made years ago can
be told from one of today's: change it whenever the words or the fields of a template change in meaning.

Instants are ISO 8601 text with an offset or ``Z``, digests 64 hexadecimal digits, weights whole grams, sizes bytes, percentages
text ("97.4"). Codes (``Literal`` types) are turned into words by ``words.py``. An empty text means "not told" and prints as a dash
or leaves its line out. People are pseudonyms (staff ids) with a role, never names: certificates outlive their right to be named.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from revlog.common.errors import DomainError

Paper = Literal["a4", "letter", "label"]
MediumKind = Literal["hdd", "ssd", "nvme", "emmc", "ufs", "usb", "optical", "tape", "unknown"]
Level = Literal["clear", "purge", "destroy"]
Technique = Literal[
    "overwrite",
    "sanitize_overwrite",
    "block_erase",
    "crypto_erase",
    "secure_erase",
    "enhanced_secure_erase",
    "format",
    "factory_reset",
    "degauss",
    "shred",
    "disintegrate",
    "pulverize",
    "crush",
    "drill",
    "bend",
    "incinerate",
    "melt",
]
Outcome = Literal["success", "failed", "aborted", "exception", "level_not_met", "not_supported", "not_detected"]
Verification = Literal["full_read_back", "sampled_read_back", "last_pass_read_back", "tool_log", "inspection", "none"]
Verdict = Literal["passed", "failed", "not_done"]
Role = Literal["technician", "data_technician", "quality", "witness", "lead", "manager", "recycler", "packer", "system"]
Act = Literal["performed", "verified", "witnessed", "approved"]
Destination = Literal["resale", "redeployment", "donation", "return_to_owner", "repair", "recycling", "not_told"]

LEVELS: tuple[Level, ...] = ("clear", "purge", "destroy")  # each reaches what the ones before it reach
DESTRUCTIVE: frozenset[Technique] = frozenset(
    {"degauss", "shred", "disintegrate", "pulverize", "crush", "drill", "bend", "incinerate", "melt"},
)


class NothingToCertify(DomainError):
    """The record would certify what did not happen. The last guard of several: the stage that asks has its own."""

    code = "nothing_to_certify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who puts their name to the document. ``logo`` is a ``data:`` URI (PNG, JPEG or SVG); ``registration`` a permit or register line."""

    name: str
    address_lines: tuple[str, ...] = ()
    logo: str = ""
    contact: str = ""
    registration: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody the document is for or about. ``reference`` is their own number for the matter."""

    name: str
    address_lines: tuple[str, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What every document carries around its matter. ``zone`` is the IANA zone its times are written in."""

    number: str
    issued_at: str
    issuer: Issuer
    verify_url: str = ""
    qr: str = ""
    paper: Paper = "a4"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``staff`` is a pseudonymous staff id."""

    staff: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    act: Act
    person: Person
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The stretch of ledger a document stands on, and how it is anchored.

    ``checkpoint_size`` 0 means that no checkpoint covers the entries yet. ``attachment`` names the embedded file that holds the
    entries in full.
    """

    chain: str
    first_sequence: int
    last_sequence: int
    head_digest: str
    attachment: str
    checkpoint_size: int = 0
    checkpoint_root: str = ""
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The device as a reader knows it: ``name`` is maker, model and variant in one line."""

    name: str
    tag: str
    serial: str = ""
    asset_tag: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """One drive, chip, card or cartridge. A ``serial`` that could not be read stays empty and ``internal_id`` says how it is known."""

    kind: MediumKind
    model: str
    serial: str
    capacity_bytes: int | None = None
    internal_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An earlier try that did not reach the required level; it stays on the record."""

    at: str
    technique: Technique
    tool: str
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanitization:
    """How one medium was wiped.

    ``standard`` is what the technique was carried out by ("IEEE 2883-2022"), "" when it is the tool's own method.
    """

    medium: Medium
    level_required: Level
    level_achieved: Level
    technique: Technique
    method: str
    standard: str
    tool: str
    tool_version: str
    tool_report_digest: str
    started_at: str
    ended_at: str
    bytes_total: int | None
    bytes_erased: int | None
    errors: int
    outcome: Outcome
    verification: Verification
    verification_verdict: Verdict
    verification_detail: str
    performed_by: Person
    verified_by: Person | None
    earlier_attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SanitizedUnit:
    unit: Unit
    media: tuple[Sanitization, ...]
    destination: Destination = "not_told"
    requirement: str = ""
    """By which policy the media needed their level, and whose choice that was; in the reader's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOfSanitization:
    """For media that were wiped and can still be used. Destroyed media get ``CertificateOfDestruction``."""

    TEMPLATE: ClassVar[str] = "documents/certificate_of_sanitization.html"
    VERSION: ClassVar[str] = "certificate-of-sanitization/1"

    sheet: Sheet
    client: Party | None
    job: str
    site: str
    units: tuple[SanitizedUnit, ...]
    proof: Proof
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        reasons = [reason for item in self.units for entry in item.media for reason in _doubts_of_wiping(entry)]
        reasons += _doubts_of_count(self.units)
        if reasons:
            raise NothingToCertify(*reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A photo or clip kept as evidence, known here by its digest alone."""

    caption: str
    taken_at: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Destruction:
    """How one medium was destroyed.

    ``particle_mm`` is the largest edge measured, as text ("9.5"); ``particle_class`` a class of ISO/IEC 21964 ("H-5").
    """

    medium: Medium
    technique: Technique
    equipment: str
    equipment_serial: str
    particle_mm: str
    particle_class: str
    weight_grams: int | None
    at: str
    performed_by: Person
    witnessed_by: Person | None
    pictures: tuple[Picture, ...] = ()
    earlier_attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyedUnit:
    """``unit`` is the device the media were in, or the loose medium itself; ``remains`` says where the fragments went."""

    unit: Unit
    media: tuple[Destruction, ...]
    remains: str = ""
    requirement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOfDestruction:
    """For media that no longer exist as media."""

    TEMPLATE: ClassVar[str] = "documents/certificate_of_destruction.html"
    VERSION: ClassVar[str] = "certificate-of-destruction/1"

    sheet: Sheet
    client: Party | None
    job: str
    site: str
    units: tuple[DestroyedUnit, ...]
    proof: Proof
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        reasons = [reason for item in self.units for entry in item.media for reason in _doubts_of_destruction(entry)]
        reasons += _doubts_of_count(self.units)
        if reasons:
            raise NothingToCertify(*reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyEntry:
    """One fact of the chain as its reader is told it. ``sentence`` is already in the reader's language."""

    sequence: int
    at: str
    sentence: str
    kind: str
    actor: str
    place: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainOfCustody:
    TEMPLATE: ClassVar[str] = "documents/chain_of_custody.html"
    VERSION: ClassVar[str] = "chain-of-custody/1"

    sheet: Sheet
    unit: Unit
    owner: Party | None
    entries: tuple[CustodyEntry, ...]
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLabel:
    """A parcel label of 100 x 150 mm; its ``sheet.paper`` is ``label``.

    ``hand_in`` says where, ``hand_in_until`` is a day (``2026-03-14``) or "".
    """

    TEMPLATE: ClassVar[str] = "documents/return_label.html"
    VERSION: ClassVar[str] = "return-label/1"

    sheet: Sheet
    rma: str
    sender: Party
    receiver: Party
    qr: str
    parcel: int
    parcels: int
    hand_in: str
    hand_in_until: str
    carrier: str = ""
    tracking: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedLine:
    """``serials`` are the tags or serial numbers in the parcel; goods that are only counted have none."""

    description: str
    sku: str
    grade: str
    quantity: int
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingSlip:
    TEMPLATE: ClassVar[str] = "documents/packing_slip.html"
    VERSION: ClassVar[str] = "packing-slip/1"

    sheet: Sheet
    order: str
    ordered_at: str
    sender: Party
    receiver: Party
    lines: tuple[PackedLine, ...]
    packed_by: Person
    parcels: int = 1
    weight_grams: int | None = None
    carrier: str = ""
    tracking: str = ""
    warranty: str = ""
    note: str = ""


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


def _name(medium: Medium) -> str:
    return f"{medium.model} {medium.serial or medium.internal_id}".strip()


def _doubts_of_count(units: tuple[SanitizedUnit, ...] | tuple[DestroyedUnit, ...]) -> list[str]:
    if not units:
        return ["the certificate names no device"]
    return [f"{item.unit.name} {item.unit.tag} has no medium to certify" for item in units if not item.media]


def _doubts_of_wiping(entry: Sanitization) -> list[str]:
    name = _name(entry.medium)
    reasons = []
    if not entry.medium.serial and not entry.medium.internal_id:
        reasons.append(f"{name} has neither a serial number nor a number of ours")
    if entry.outcome != "success" or entry.errors:
        reasons.append(f"the erasure of {name} did not complete without errors")
    if LEVELS.index(entry.level_achieved) < LEVELS.index(entry.level_required):
        reasons.append(f"{name} did not reach the level it needs")
    if entry.level_achieved == "destroy" or entry.technique in DESTRUCTIVE:
        reasons.append(f"{name} was destroyed, which is another certificate")
    if entry.verification_verdict != "passed":
        reasons.append(f"the erasure of {name} was not verified")
    if entry.bytes_total is not None and entry.bytes_erased is not None and entry.bytes_erased < entry.bytes_total:
        reasons.append(f"not all bytes of {name} were erased")
    if entry.verified_by is not None and entry.verified_by.staff == entry.performed_by.staff:
        reasons.append(f"the erasure of {name} was verified by the person who performed it")
    return reasons


def _doubts_of_destruction(entry: Destruction) -> list[str]:
    name = _name(entry.medium)
    reasons = []
    if not entry.medium.serial and not entry.medium.internal_id:
        reasons.append(f"{name} has neither a serial number nor a number of ours")
    if entry.technique not in DESTRUCTIVE:
        reasons.append(f"{name} was not destroyed by this technique")
    if entry.witnessed_by is not None and entry.witnessed_by.staff == entry.performed_by.staff:
        reasons.append(f"the destruction of {name} was witnessed by the person who performed it")
    return reasons


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
)


def context_of(record: DocumentRecord) -> dict[str, object]:
    """The record as the mapping of primitives that ``render`` takes, with its template version as ``version``."""
    return {**asdict(record), "version": record.VERSION}
