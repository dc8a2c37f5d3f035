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


class BatteryCondition(StrEnum):
    """What the report itself calls the battery. A person's look outranks it (``battery_swollen`` is no reading)."""

    GOOD = "good"
    WORN = "worn"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Battery:
    """A thing's battery; of several that one of the parts in ``Report.components`` says more, this is their sum.

    ``health_percent`` is full charge against design capacity, as the report states it or as its figures give it.
    """

    design_mwh: int | None = None
    full_mwh: int | None = None
    cycles: int | None = None
    health_percent: int | None = None
    serial: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    chemistry: str | None = None
    condition: BatteryCondition | None = None
    genuine: bool | None = None
    """Whether the report calls it the maker's own part."""


class IdentifierKind(StrEnum):
    """What beside the maker's serial names one thing. A second IMEI of the same phone is an IMEI too."""

    IMEI = "imei"
    MEID = "meid"
    EID = "eid"
    UUID = "uuid"
    UDID = "udid"
    BOARD_SERIAL = "board_serial"
    CHASSIS_SERIAL = "chassis_serial"


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """As printed, trimmed. ``valid`` is False where its own check (Luhn, length, form) fails, None where it has none."""

    kind: IdentifierKind
    value: str
    valid: bool | None = None


class LockKind(StrEnum):
    ACTIVATION = "activation"
    ACCOUNT = "account"
    FINDER = "finder"
    MDM = "mdm"
    FIRMWARE = "firmware"
    CARRIER = "carrier"
    STOLEN = "stolen"
    FINANCE = "finance"
    DRIVE = "drive"
    ROOTED = "rooted"


class LockState(StrEnum):
    """``UNKNOWN`` is not open."""

    OPEN = "open"
    LOCKED = "locked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Lock:
    kind: LockKind
    state: LockState
    detail: str = ""
    """Who holds it (a carrier, an enterprise), as printed; never a person's account."""


@dataclass(frozen=True, kw_only=True)
class Screen:
    """A display: built in, or the thing itself where the report is of a monitor."""

    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    made_year: int | None = None


@dataclass(frozen=True, kw_only=True)
class Firmware:
    """BIOS, UEFI or the system of a phone. ``released`` is an ISO 8601 date."""

    vendor: str | None = None
    version: str | None = None
    released: str | None = None


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
    identifiers: tuple[Identifier, ...] = ()
    locks: tuple[Lock, ...] = ()
    screens: tuple[Screen, ...] = ()
    firmware: Firmware | None = None
    inspection: dict[str, str] = field(default_factory=dict)
    """What a person stated in the report: ``appearance``, ``functionality`` and the like, as printed."""
    issued_at: str | None = None
    warnings: tuple[str, ...] = ()


class UnreadableReport(Exception):
    """The bytes are no report we can use: ``code`` for machines, ``sentence`` for people, ``position`` where known.

    ``kind`` is the format that refused it, None where none was recognised.
    """

    def __init__(self, code: str, sentence: str, position: str | None = None, *, kind: str | None = None) -> None:
        self.kind = kind
        self.code = code
        self.sentence = sentence
        self.position = position
        super().__init__(f"{code}: {sentence}" + (f" ({position})" if position else ""))
