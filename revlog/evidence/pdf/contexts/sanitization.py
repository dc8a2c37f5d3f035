"""Certificates of wiped and of destroyed media."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from revlog.evidence.pdf.contexts.sheet import NothingToCertify, Party, Person, Proof, Sheet, Signature, Unit

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
Destination = Literal["resale", "redeployment", "donation", "return_to_owner", "repair", "recycling", "not_told"]

LEVELS: tuple[Level, ...] = ("clear", "purge", "destroy")  # each reaches what the ones before it reach
DESTRUCTIVE: frozenset[Technique] = frozenset(
    {"degauss", "shred", "disintegrate", "pulverize", "crush", "drill", "bend", "incinerate", "melt"},
)


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
