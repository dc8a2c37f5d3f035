"""The one shape every test report is brought into: what was seen, and nothing that was not.

A field the report doesn't hold is ``None``; a placeholder ("To Be Filled By O.E.M.") is not a value and is ``None`` too.
Serials stay as printed, trimmed. Sizes are bytes. Times are timezone-aware UTC, or ``None`` when the report gives no zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class MediumType(StrEnum):
    HDD = "hdd"
    SSD = "ssd"
    NVME = "nvme"
    EMMC = "emmc"
    UFS = "ufs"
    USB = "usb"
    OPTICAL = "optical"
    TAPE = "tape"
    UNKNOWN = "unknown"


class ErasureOutcome(StrEnum):
    SUCCESS = "success"
    FAILED = "failed"
    ABORTED = "aborted"
    VERIFY_ONLY = "verify_only"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What a test said. ``UNKNOWN`` is not a pass."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Component:
    """A part seen in the machine: ``kind`` is one of the list in docs/api.md (processor, memory, display, battery, ...)."""

    kind: str
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    detail: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Health:
    """What a drive says of itself. Counts are None when not reported; packed raw values are not counts."""

    passed: bool | None = None
    reallocated: int | None = None
    pending: int | None = None
    uncorrectable: int | None = None
    media_errors: int | None = None
    grown_defects: int | None = None
    wear_percent: int | None = None
    power_on_hours: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Medium:
    model: str | None = None
    serial: str | None = None
    capacity_bytes: int | None = None
    type: MediumType = MediumType.UNKNOWN
    manufacturer: str | None = None
    firmware: str | None = None
    interface: str | None = None
    health: Health | None = None


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """One drive's erasure as the tool reported it. ``device`` is the tool's name for it (``/dev/sda``)."""

    device: str | None = None
    model: str | None = None
    serial: str | None = None
    method: str | None = None
    rounds: int | None = None
    verification: str | None = None
    blanked: bool | None = None
    bytes_total: int | None = None
    bytes_erased: int | None = None
    pass_errors: int | None = None
    verify_errors: int | None = None
    sync_errors: int | None = None
    hidden_area: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    outcome: ErasureOutcome = ErasureOutcome.UNKNOWN
    doubts: tuple[str, ...] = ()
    """Sentences that say why the outcome may not be trusted as erased (hidden area, bytes short, log cut)."""


@dataclass(frozen=True, kw_only=True)
class Test:
    code: str
    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Battery:
    design_mwh: int | None = None
    full_mwh: int | None = None
    cycles: int | None = None
    health_percent: int | None = None
    serial: str | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report, brought into one shape. ``kind`` is the recognised format and generation."""

    kind: str
    tool: str | None = None
    tool_version: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    sku: str | None = None
    chassis: str | None = None
    asset_tag: str | None = None
    memory_bytes: int | None = None
    media: tuple[Medium, ...] = ()
    components: tuple[Component, ...] = ()
    erasures: tuple[Erasure, ...] = ()
    tests: tuple[Test, ...] = ()
    battery: Battery | None = None
    macs: tuple[str, ...] = ()
    inspection: dict[str, str] = field(default_factory=dict)
    """What a person stated in the report: ``appearance``, ``functionality`` and the like, as printed."""
    issued_at: str | None = None
    warnings: tuple[str, ...] = ()


class UnreadableReport(Exception):
    """The bytes are no report we can use: ``code`` for machines, ``sentence`` for people, ``position`` where known."""

    def __init__(self, code: str, sentence: str, position: str | None = None) -> None:
        self.code = code
        self.sentence = sentence
        self.position = position
        super().__init__(f"{code}: {sentence}" + (f" ({position})" if position else ""))
