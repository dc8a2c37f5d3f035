"""A Mac, or the parts of one, out of the registry's entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from triage.reports import apple, batteries, identifiers, values
from triage.reports.edid.block import HEADER, SIZE, Block
from triage.reports.ioreg.entries import Entry
from triage.reports.media import type_of_model
from triage.reports.normal import (
    Battery,
    BatteryCondition,
    Component,
    IdentifierKind,
    Medium,
    MediumType,
    Report,
    Screen,
    UnreadableReport,
)
from triage.reports.placeholders import clean, clean_serial, clean_uuid

_FRAME_BUFFERS = frozenset({"AppleCLCD2", "IOMobileFramebufferShim", "AppleCLCD", "AppleM2ScalerDisplay"})
_MOST = 100


@dataclass
class _Seen:
    expert: Entry | None = None
    packs: list[Component] = field(default_factory=list)
    batteries: list[Battery] = field(default_factory=list)
    media: list[Medium] = field(default_factory=list)
    sized: bool = True
    screens: list[Screen] = field(default_factory=list)
    displays: list[Component] = field(default_factory=list)
    macs: dict[str, None] = field(default_factory=dict)


def report_of(entries: Iterable[Entry], *, kind: str) -> Report:
    """Raises NO_DEVICE when the entries are of no Mac and of no battery, screen or drive."""
    seen = _Seen()
    for entry in entries:
        _look_at(entry, seen)
    expert = seen.expert or Entry("", "")
    named = clean(expert.text("model", "product-name")) or (expert.name if apple.maker(expert.name) else None)
    maker = clean(expert.text("manufacturer")) or apple.maker(named)
    report = Report(
        kind=kind,
        tool="ioreg",
        manufacturer=maker,
        model=named,
        serial=clean_serial(expert.text("IOPlatformSerialNumber")),
        sku=_sku(expert),
        chassis=apple.chassis(named),
        media=tuple(seen.media[:_MOST]),
        components=(*_system(expert, maker, named), *seen.packs, *seen.displays[:_MOST]),
        battery=batteries.together(seen.batteries),
        macs=tuple(seen.macs),
        identifiers=identifiers.identifiers([(IdentifierKind.UUID, clean_uuid(expert.text("IOPlatformUUID")))]),
        screens=tuple(seen.screens[:_MOST]),
    )
    if not any((report.model, report.serial, report.media, seen.packs, seen.displays, report.screens, report.macs)):
        raise UnreadableReport("NO_DEVICE", "The entries are of no Mac, battery, screen or drive.", "line 1")
    return report


def _look_at(entry: Entry, seen: _Seen) -> None:
    if entry.kind == "IOPlatformExpertDevice" or (not entry.kind and "IOPlatformSerialNumber" in entry.told):
        seen.expert = seen.expert or entry
    elif entry.kind == "AppleSmartBattery" or "IOBatteryInfo" in entry.told:
        _battery(entry, seen)
    elif "Device Characteristics" in entry.told:
        _drive(entry, seen)
    elif entry.kind == "IOMedia" and entry.told.get("Whole") is True:
        size = values.positive(entry.told.get("Size"))
        if not seen.sized and seen.media and size:
            seen.media[-1] = replace(seen.media[-1], capacity_bytes=size)
        seen.sized = True
    elif entry.kind in _FRAME_BUFFERS:
        _frame_buffer(entry, seen)
    elif "IODisplayEDID" in entry.told:
        _display(entry, seen)
    elif entry.told.get("IOBuiltin") is True and isinstance(entry.told.get("IOMACAddress"), bytes):
        address = entry.told["IOMACAddress"]
        if len(address) == 6 and any(address) and not address[0] & 3:
            seen.macs.setdefault(":".join(f"{byte:02x}" for byte in address))


def _system(expert: Entry, maker: str | None, model: str | None) -> Iterator[Component]:
    if model:
        board = clean(expert.text("board-id"))
        yield Component(kind="system", manufacturer=maker, model=model, detail={"board": board} if board else {})


def _sku(expert: Entry) -> str | None:
    """Apple's order number: the model's and the region's halves stand apart."""
    number, region = clean(expert.text("model-number")), clean(expert.text("region-info"))
    return f"{number}{region}" if number and region else number


def _battery(entry: Entry, seen: _Seen) -> None:
    if entry.told.get("BatteryInstalled") is False or len(seen.packs) >= 8:
        return
    data = entry.group("BatteryData")
    old = entry.told.get("IOBatteryInfo")
    if isinstance(old, str):
        old = entry.group("IOBatteryInfo") or Entry("", "", {"x": old.strip("()")}).group("x")
    told = next(values.mappings(old), {})
    design = values.positive(entry.told.get("DesignCapacity")) or values.positive(data.get("DesignCapacity"))
    design = design or values.positive(told.get("AbsoluteMaxCapacity"))
    most = values.positive(entry.told.get("MaxCapacity"))
    full = values.positive(entry.told.get("AppleRawMaxCapacity")) or (most if most and most > 100 else None)
    full = full or values.positive(told.get("Capacity"))
    failed = values.positive(entry.told.get("PermanentFailureStatus")) is not None
    cycles = values.whole(entry.told.get("CycleCount"))
    serial = entry.text("BatterySerialNumber", "Serial") or values.text(data.get("Serial"))
    pack = Battery(
        cycles=values.whole(told.get("Cycle Count")) if cycles is None else cycles,
        health_percent=batteries.health(full, design),
        serial=batteries.serial(serial),
        manufacturer=clean(entry.text("Manufacturer")),
        model=clean(entry.text("DeviceName")),
        condition=BatteryCondition.FAILED if failed else None,
    )
    if batteries.says_anything(pack):
        seen.batteries.append(pack)
        seen.packs.append(batteries.part(pack, design_mah=design, full_mah=full))


def _drive(entry: Entry, seen: _Seen) -> None:
    told, way = entry.group("Device Characteristics"), entry.group("Protocol Characteristics")
    model, serial = clean(told.get("Product Name")), clean_serial(told.get("Serial Number"))
    bus = (values.text(way.get("Physical Interconnect")) or "").lower()
    if bus == "virtual interface" or not (model or serial):
        # A disk image.
        return
    medium = (values.text(told.get("Medium Type")) or "").lower()
    if "DVD" in entry.kind or "CD" in entry.kind or "optical" in medium:
        kind = MediumType.OPTICAL
    elif (values.text(way.get("Physical Interconnect Location")) or "").lower() == "external" or bus == "usb":
        kind = MediumType.USB
    elif "nvme" in entry.kind.lower() or bus in {"pci-express", "apple fabric"}:
        kind = MediumType.NVME
    elif "solid" in medium:
        kind = MediumType.SSD
    else:
        kind = MediumType.HDD if medium == "rotational" else type_of_model(model)
    seen.sized = kind is MediumType.OPTICAL
    seen.media.append(
        Medium(
            model=model,
            serial=serial,
            type=kind,
            manufacturer=clean(told.get("Vendor Name")),
            firmware=clean(told.get("Product Revision Level")),
            interface=bus or None,
        )
    )


def _frame_buffer(entry: Entry, seen: _Seen) -> None:
    width, height = (values.positive(entry.told.get(name)) for name in ("DisplayWidth", "DisplayHeight"))
    product = values.mapping(entry.group("DisplayAttributes").get("ProductAttributes"))
    if entry.told.get("external") is True:
        name = clean(product.get("ProductName"))
        serial = clean_serial(product.get("AlphanumericSerialNumber"))
        if name or serial:
            seen.displays.append(
                Component(kind="display", manufacturer=clean(product.get("ManufacturerID")), model=name, serial=serial)
            )
    elif width and height:
        seen.screens.append(Screen(model=clean(product.get("ProductName")), width_px=width, height_px=height))


def _display(entry: Entry, seen: _Seen) -> None:
    edid = entry.told["IODisplayEDID"]
    if not isinstance(edid, bytes) or len(edid) < SIZE or not edid.startswith(HEADER):
        return
    screen = Block(edid).screen()
    if "Backlight" in entry.kind:
        seen.screens.append(screen)
    else:
        seen.displays.append(
            Component(kind="display", manufacturer=screen.manufacturer, model=screen.model, serial=screen.serial)
        )
