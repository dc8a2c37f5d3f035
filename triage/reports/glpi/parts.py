"""The parts of an inventoried computer: drives, memory, batteries, network cards and the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from triage.reports import batteries as cells
from triage.reports import values
from triage.reports.media import is_sold, type_of_model
from triage.reports.normal import Battery, BatteryCondition, Component, IdentifierKind, Medium, MediumType
from triage.reports.placeholders import clean, clean_serial

Section = Mapping[str, Any]

together = cells.together

_MIB = 2**20
_MB = 10**6
_MOST_ROWS = 500
_LARGEST = 10**9
"""Megabytes that no drive holds."""
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)
_OPTICAL = re.compile(r"\b(?:CD|DVD|BD)\b|-?ROM\b|DVD[-+]?R|\bBD-?RE?\b|optical", re.IGNORECASE)
_TAPE = re.compile(r"\btape\b|\bLTO\b|ultrium", re.IGNORECASE)
_READER = re.compile(r"card\s?reader|floppy|disquette", re.IGNORECASE)
_LOGICAL = re.compile(r"virtual floppy|remote|iSCSI|\bLUN\b|raid volume|logical volume", re.IGNORECASE)
_NOT_MODULES = re.compile(r"flash|\brom\b|cache|bios", re.IGNORECASE)
_NO_CARDS = {"loopback", "bridge", "alias", "aggregate", "dialup", "fibrechannel", "infiniband"}
_NO_HARDWARE = re.compile(
    r"virtual|vmware|vbox|hyper-v|\bvpn\b|\btap\b|tap-windows|\btun\d|wan miniport|loopback|docker|\bveth|\bbr\d|\bvirbr|teredo"
    r"|isatap|npcap|\busb\b|bluetooth|\br815\d|\bax88|\basix|\bcdc_|\blan7\d",
    re.IGNORECASE,
)
_SMALLEST_PACK_MAH = 1000
_PCI_CLASSES = {"02": "network", "03": "graphics"}
_OF_A_CARD = re.compile(
    r"^(PERC\b|LOGICAL VOLUME|MR\d{4}|ServeRAID|Smart Array|RAID\s?\d|VIRTUAL-DISK)|MegaRAID", re.IGNORECASE
)
"""Names of disks that a RAID card makes of its drives."""


def mebibytes(value: object) -> int | None:
    """Bytes of a number of mebibytes, as the agents count memory."""
    number = values.positive(value)
    return None if number is None or number > 2**40 else number * _MIB


def day(value: object) -> str | None:
    """An ISO date out of "2016-02-06", "08/24/2010" (as firmware prints) or "24/08/2010" where it can be nothing else."""
    line = values.text(value) or ""
    if found := re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", line):
        year, month, number = (int(part) for part in found.groups())
    elif found := re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)", line):
        month, number, year = (int(part) for part in found.groups())
        if month > 12:
            month, number = number, month
    else:
        return None
    try:
        return date(year, month, number).isoformat() if 1980 <= year <= 2100 else None
    except ValueError:
        return None


def hardware_address(value: object) -> str | None:
    """An address that a card's maker gave it; those that software makes up (the "local" bit) and group addresses are none."""
    line = (values.text(value) or "").lower().replace("-", ":")
    if not _MAC.fullmatch(line) or int(line[:2], 16) & 3 or line.startswith("00:00:00:00"):
        return None
    return line


# Drives ---------------------------------------------------------------------------------------------------------------------------------


def media(content: Section) -> Iterator[Medium]:
    seen: set[tuple[str | None, str | None, str | None]] = set()
    rows = list(values.mappings(content.get("storages")))[:_MOST_ROWS]
    unit = _unit([number for row in rows if (number := values.positive(row.get("disksize")))])
    for row in rows:
        medium = _medium(row, unit)
        if medium is None:
            continue
        name = (medium.serial, medium.model, None if medium.serial else values.text(row.get("name")))
        if name not in seen:
            seen.add(name)
            yield medium


def _medium(row: Section, unit: int) -> Medium | None:
    told = " ".join(values.text(row.get(name)) or "" for name in ("type", "description", "interface", "name", "model"))
    model, serial = clean(row.get("model")) or clean(row.get("name")), clean_serial(row.get("serial"))
    size = _capacity(row.get("disksize"), unit)
    kind = _type(row, told, model)
    if (
        _READER.search(told)
        or _OF_A_CARD.search(model or "")
        or _LOGICAL.search(told)
        or (serial is None and size is None and kind is not MediumType.OPTICAL)
    ):
        # Nothing in the slot of a reader, or a disk that a controller made up.
        return None
    if kind is MediumType.OPTICAL:
        size = None
    maker = clean(row.get("manufacturer"))
    return Medium(
        model=model,
        serial=serial,
        capacity_bytes=size,
        type=kind,
        manufacturer=None
        if maker and re.fullmatch(r"0x[0-9a-f]+|ATA|USB|NVMe|\(.*\)", maker, re.IGNORECASE)
        else maker,
        firmware=clean(row.get("firmware")),
        interface=_interface(row, kind),
    )


def _unit(numbers: Sequence[int]) -> int:
    """Decimal megabytes; the agents for macOS and some older ones count mebibytes: the capacities drives are sold in decide for all."""
    binary = sum(is_sold(number * _MIB) for number in numbers if number < _LARGEST)
    return _MIB if binary > sum(is_sold(number * _MB) for number in numbers if number < _LARGEST) else _MB


def _capacity(value: object, unit: int) -> int | None:
    number = values.positive(value)
    return None if number is None or number >= _LARGEST else number * unit


def _type(row: Section, told: str, model: str | None) -> MediumType:
    bus = f"{values.text(row.get('interface')) or ''} {values.text(row.get('description')) or ''}".upper()
    sort = (values.text(row.get("type")) or "").upper()
    if _TAPE.search(told):
        return MediumType.TAPE
    if _OPTICAL.search(told) or "/DEV/SR" in told.upper():
        return MediumType.OPTICAL
    if re.search(r"\b(USB|1394|FIREWIRE)\b", bus) or re.search(r"\bUSB\b|REMOVABLE|EXTERNAL", sort):
        return MediumType.USB
    if "NVME" in told.upper():
        return MediumType.NVME
    if "MMC" in told.upper():
        return MediumType.UNKNOWN
    if re.search(r"\bSSD\b|SOLID STATE", sort):
        return MediumType.SSD
    if re.fullmatch(r"HDD|ROTATIONAL", sort):
        return MediumType.HDD
    return type_of_model(model)


def _interface(row: Section, kind: MediumType) -> str | None:
    if kind is MediumType.NVME:
        return "nvme"
    told = f"{values.text(row.get('interface')) or ''} {values.text(row.get('description')) or ''}".upper()
    found = re.search(r"\b(USB|SAS|SATA|SERIAL-ATA|SCSI|IDE|ATA|MMC)\b", told)
    return {"SERIAL-ATA": "sata", "IDE": "ata"}.get(found[1], found[1].lower()) if found else None


# Memory ---------------------------------------------------------------------------------------------------------------------------------


def memory(content: Section, *, partial: bool) -> int | None:
    sizes = [size for row in _modules(content) if (size := mebibytes(row.get("capacity")))]
    if sizes:
        return sum(sizes)
    hardware = next(iter(values.mappings(content.get("hardware"))), {})
    virtual = (values.text(hardware.get("vmsystem")) or "Physical").lower() != "physical"
    return mebibytes(hardware.get("memory")) if virtual and not partial else None


def _modules(content: Section) -> Iterator[Section]:
    for row in values.mappings(content.get("memories")):
        told = f"{values.text(row.get('type')) or ''} {values.text(row.get('caption')) or ''} {values.text(row.get('purpose')) or ''}"
        if not _NOT_MODULES.search(told):
            yield row


# Batteries ------------------------------------------------------------------------------------------------------------------------------


def batteries(content: Section) -> tuple[list[Battery], list[str]]:
    """The batteries of which something is told, and sentences on what was left out."""
    found, doubts = [], []
    for row in list(values.mappings(content.get("batteries")))[:8]:
        battery, doubt = _battery(row)
        if cells.says_anything(battery):
            found.append(battery)
        if doubt:
            doubts.append(doubt)
    return found, doubts


def _battery(row: Section) -> tuple[Battery, str | None]:
    millivolts = _millivolts(row.get("voltage"))
    # Beside a level, the capacity of an Android is the charge in percent.
    design = None if "level" in row else cells.milliwatt_hours(row.get("capacity"), millivolts=millivolts)
    full = cells.milliwatt_hours(row.get("real_capacity"), millivolts=millivolts)
    doubt = None
    if design and millivolts and millivolts >= 7000 and 1_000_000 * design // millivolts < 1000 * _SMALLEST_PACK_MAH:
        doubt = "The battery's capacity is too small for its voltage to be mWh, as the report says; it was left out."
        design = None
    battery = Battery(
        design_mwh=design,
        full_mwh=full,
        cycles=values.positive(row.get("cycles")),
        health_percent=cells.health(full, design),
        serial=cells.serial(row.get("serial")),
        manufacturer=clean(row.get("manufacturer")),
        model=clean(row.get("name")),
        chemistry=clean(row.get("chemistry")),
        condition={
            "good": BatteryCondition.GOOD,
            "dead": BatteryCondition.FAILED,
            "unspecified failure": BatteryCondition.FAILED,
        }.get((values.text(row.get("health")) or "").lower()),
    )
    return battery, doubt


def _millivolts(value: object) -> int | None:
    found = cells.number(value)
    if found is None:
        return None
    return round(found[0] * (1000 if found[1] == "v" else 1)) or None


# The rest -------------------------------------------------------------------------------------------------------------------------------


def macs(content: Section) -> tuple[str, ...]:
    """Addresses of the machine's own cards: nothing virtual, nothing behind USB."""
    found: dict[str, None] = {}
    # A network adapter on USB prints its address as its serial.
    plugged = {(values.text(row.get("serial")) or "").lower() for row in values.mappings(content.get("usbdevices"))}
    for row in list(values.mappings(content.get("networks")))[:_MOST_ROWS]:
        told = " ".join(values.text(row.get(name)) or "" for name in ("description", "model", "driver"))
        plug = (values.text(row.get("pnpdeviceid")) or "").upper()
        if (
            values.truth(row.get("virtualdev"))
            or values.text(row.get("virtualdev")) == "1"
            or (values.text(row.get("type")) or "").lower() in _NO_CARDS
            or _NO_HARDWARE.search(told)
            or plug.startswith(("USB", "ROOT", "SWD", "BTH"))
        ):
            continue
        mac = hardware_address(row.get("mac"))
        if mac and mac.replace(":", "") not in plugged:
            found.setdefault(mac)
    return tuple(found)


def components(content: Section, packs: Sequence[Battery]) -> Iterator[Component]:
    bios = next(iter(values.mappings(content.get("bios"))), {})
    yield from _told(
        Component(
            kind="motherboard",
            manufacturer=clean(bios.get("mmanufacturer")),
            model=clean(bios.get("mmodel")),
            serial=clean_serial(bios.get("msn")),
        )
    )
    for row in _some(content, "cpus"):
        yield from _told(_part("processor", row, "name", cores=row.get("core"), threads=row.get("thread")))
    for row in _modules(content):
        if size := mebibytes(row.get("capacity")):
            yield Component(
                kind="memory",
                manufacturer=clean(row.get("manufacturer")),
                model=clean(row.get("model")),
                serial=clean_serial(row.get("serialnumber") or row.get("serial")),
                detail=_detail(
                    size_bytes=str(size), type=row.get("type"), form=row.get("formfactor") or row.get("description")
                ),
            )
    cards = list(_some(content, "videos"))
    for row in cards:
        yield from _told(_part("graphics", row, "name", chipset=row.get("chipset")))
    for row in _some(content, "controllers"):
        kind = _PCI_CLASSES.get((values.text(row.get("pciclass")) or "")[:2])
        if kind == "network" or (kind == "graphics" and not cards):
            yield from _told(_part(kind, row, "name"))
    for row in _some(content, "sounds"):
        yield from _told(_part("sound", row, "name"))
    for row in _some(content, "monitors"):
        yield from _told(_monitor(row))
    for row in _some(content, "powersupplies"):
        serial = clean_serial(row.get("serialnumber") or row.get("serial"))
        part = _part("power_supply", row, "model", serial=serial, watts=values.text(row.get("power_max")))
        if part.serial or part.model:
            yield part
    for pack in packs:
        part = cells.part(pack)
        if part.detail or part.model or part.serial or part.manufacturer:
            yield part
    yield from modems(content)


def modems(content: Section) -> Iterator[Component]:
    for row in _some(content, "modems"):
        yield from _told(_part("modem", row, "model", serial=clean_serial(row.get("serial"))))


def imeis(content: Section) -> list[tuple[IdentifierKind, object]]:
    return [(IdentifierKind.IMEI, row.get("imei")) for row in _some(content, "modems")]


def _some(content: Section, name: str) -> list[Section]:
    return list(values.mappings(content.get(name)))[:_MOST_ROWS]


def _monitor(row: Section) -> Component:
    maker = clean(row.get("manufacturer"))
    return Component(
        kind="display",
        manufacturer=maker,
        model=clean(row.get("name")) or clean(row.get("caption")),
        serial=clean_serial(row.get("serial")) or clean_serial(row.get("altserial")),
    )


def _part(kind: str, row: Section, model: str, *, serial: str | None = None, **detail: object) -> Component:
    return Component(
        kind=kind,
        manufacturer=clean(row.get("manufacturer")),
        model=clean(row.get(model)),
        serial=serial,
        detail=_detail(**detail),
    )


def _detail(**told: object) -> dict[str, str]:
    return {name: text for name, value in told.items() if (text := clean(value))}


def _told(part: Component) -> Iterator[Component]:
    if part.manufacturer or part.model or part.serial:
        yield part
