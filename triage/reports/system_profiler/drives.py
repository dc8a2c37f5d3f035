"""The drives of a Mac, and what hangs outside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.reports import values
from triage.reports.media import type_of_model
from triage.reports.normal import Health, Medium, MediumType
from triage.reports.placeholders import clean, clean_serial
from triage.reports.system_profiler.items import VOLUMES, Item, Sections, fold

_INSIDE = {
    "SPNVMeDataType": "nvme", "SPSerialATADataType": "sata", "SPParallelATADataType": "ata", "SPSASDataType": "sas",
    "SPParallelSCSIDataType": "scsi",
}  # fmt: skip
_MODEL = ("devicemodel", "model")
_SERIAL = ("deviceserial", "serialnumber", "serialnum")
_OPTICAL = re.compile(r"DVD|CD-?(ROM|RW?)\b|\bBD-?RE?\b|Blu-?ray|SuperDrive|COMBO", re.IGNORECASE)
_EXACT = re.compile(r"\(([\d.,'\s\u00a0\u2009\u202f]{1,40})\s*\w+\)")
_ROUNDED = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*([KMGT])B", re.IGNORECASE)
_BINARY = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_MOST = 200


def media(sections: Sections) -> list[Medium]:
    """The built-in drives first, then what is plugged in; each once."""
    found = [
        medium
        for name, interface in _INSIDE.items()
        for root in sections.get(name, [])
        for medium in _inside(root, interface)
    ]
    if not any(medium.type is not MediumType.OPTICAL for medium in found):
        found += [medium for root in sections.get("SPStorageDataType", []) for medium in _behind_volumes(root)]
    if not any(medium.type is MediumType.OPTICAL for medium in found):
        found += [medium for root in sections.get("SPDiscBurningDataType", []) for medium in _burners(root)]
    found += [medium for root in sections.get("SPUSBDataType", []) for medium in _usb(root)]
    found += [medium for root in sections.get("SPCardReaderDataType", []) for medium in _cards(root)]
    found += [medium for root in sections.get("SPFireWireDataType", []) for medium in _firewire(root)]
    # What has no serial may stand there several times: three drives of a kind are three.
    once = {medium.serial or str(place): medium for place, medium in reversed(list(enumerate(found)))}
    return list(reversed(once.values()))[:_MOST]


def capacity(item: Item) -> int | None:
    """The exact bytes; where the report has none (before 10.6) its GB are 2^30 bytes, rounded."""
    if exact := values.positive(item.get("sizeinbytes")):
        return exact
    printed = item.get("capacity", "size") or ""
    if found := _EXACT.search(printed):
        return values.positive("".join(re.findall(r"\d", found[1])))
    if found := _ROUNDED.match(printed):
        return round(float(found[1].replace(",", ".")) * _BINARY[found[2].upper()]) or None
    return None


def _inside(root: Item, interface: str) -> Iterator[Medium]:
    for item in root.walk():
        if item is root or not _is_drive(item) or any(_is_drive(one) for one in item.walk() if one is not item):
            continue
        size, model = capacity(item), clean(item.get(*_MODEL)) or clean(item.name)
        kind = _type(item, model, interface, size)
        maker = clean(item.get("manufacturer"))
        yield Medium(
            model=model,
            serial=clean_serial(item.get(*_SERIAL)),
            capacity_bytes=None if kind is MediumType.OPTICAL else size,
            type=kind,
            manufacturer=None if maker in {"ATA", "SATA"} else maker,
            firmware=clean(item.get("devicerevision", "revision")),
            interface="sata" if (item.get("satadevice") or "").lower() == "yes" else interface,
            health=_health(item),
        )


def _is_drive(item: Item) -> bool:
    # A controller names its vendor and product, never a model.
    return item.has(*_MODEL) or (item.has(*_SERIAL) and item.has("capacity", "size", "sizeinbytes"))


def _type(item: Item, model: str | None, interface: str, size: int | None) -> MediumType:
    told = (item.get("protocol") or "").upper()
    if "ATAPI" in told or _OPTICAL.search(model or "") or (size is None and _OPTICAL.search(item.name)):
        return MediumType.OPTICAL
    if (item.get("detachabledrive") or "").lower() == "yes":
        return MediumType.USB
    if interface == "nvme":
        return MediumType.NVME
    medium = (item.get("mediumtype") or "").lower()
    if "solid" in medium:
        return MediumType.SSD
    return MediumType.HDD if medium == "rotational" else type_of_model(model)


def _health(item: Item) -> Health | None:
    verdict = {"verified": True, "failing": False, "failed": False}.get((item.get("smartstatus") or "").lower())
    return None if verdict is None else Health(passed=verdict)


def _behind_volumes(root: Item) -> Iterator[Medium]:
    """Drives as ``SPStorageDataType`` tells of them: below each volume, without serial or size."""
    yield from dict.fromkeys(_of_volumes(root))


def _of_volumes(root: Item) -> Iterator[Medium]:
    for volume in root.below:
        drive = volume.child("physicaldrive")
        model = clean(drive.get("devicename"))
        if model is None or (drive.get("isinternaldisk", "internal") or "").lower() not in {"yes", "true"}:
            continue
        told = f"{drive.get('protocol')} {drive.get('mediumtype')}".lower()
        if "disk image" in told:
            continue
        kind = type_of_model(model)
        if "nvm" in told or "pci" in told or "apple fabric" in told:
            kind = MediumType.NVME
        elif "ssd" in told or "solid" in told:
            kind = MediumType.SSD
        elif "rotational" in told:
            kind = MediumType.HDD
        yield Medium(model=model, type=kind, health=_health(drive))


def _burners(root: Item) -> Iterator[Medium]:
    for item in root.below:
        if item.has("firmwarerevision", "firmware", "interconnect", "devicefirmware", "deviceinterconnect"):
            yield Medium(
                model=clean(item.name),
                type=MediumType.OPTICAL,
                firmware=clean(item.get("firmwarerevision", "devicefirmware", "firmware")),
            )


def _usb(root: Item) -> Iterator[Medium]:
    waiting = [root]
    while waiting:
        item = waiting.pop()
        waiting.extend(one for one in reversed(item.below) if fold(one.name) not in {*VOLUMES, "media"})
        if item is root or item.has("hostcontroller", "hostcontrollerdriver", "hostcontrollerlocation"):
            continue
        inside = [item, *item.child("media").below]
        size = next((size for one in inside if (size := capacity(one))), None)
        optical = _is_disc(inside) or bool(_OPTICAL.search(item.name))
        if size is None and not optical:
            continue
        is_reader = "card reader" in item.name.lower()
        yield Medium(
            # What lies in a reader has no name there.
            model=None if is_reader else clean(item.name),
            serial=None if is_reader else clean_serial(item.get(*_SERIAL)),
            capacity_bytes=None if optical else size,
            type=MediumType.OPTICAL if optical else MediumType.USB,
            manufacturer=None if is_reader else _maker(item),
            interface="usb",
        )


def _is_disc(items: list[Item]) -> bool:
    return any(
        volume.has("opticalmediatype")
        for item in items
        for one in item.below
        if fold(one.name) in VOLUMES
        for volume in one.below
    )


def _maker(item: Item) -> str | None:
    told = clean(item.get("manufacturer", "devicemanufacturer"))
    return None if told and re.fullmatch(r"USB( \d\.\d)?|General", told) else told


def _cards(root: Item) -> Iterator[Medium]:
    """Memory cards in a built-in slot; an empty reader has no size."""
    for item in root.walk():
        if size := capacity(item):
            yield Medium(capacity_bytes=size, interface="mmc")


def _firewire(root: Item) -> Iterator[Medium]:
    waiting = list(reversed(root.below))
    while waiting:
        device = waiting.pop()
        size = capacity(device)
        if device.has("manufacturer", "devicemanufacturer", "guid", "spfwguid"):
            size = size or next((each for one in device.walk() if (each := capacity(one))), None)
        if size is None:
            waiting.extend(one for one in reversed(device.below) if fold(one.name) not in VOLUMES)
            continue
        # A bridge that doesn't know its disk prints a standard's name in brackets.
        named = None if device.name.startswith("(") else clean(device.name)
        yield Medium(
            model=named,
            serial=clean_serial(device.get(*_SERIAL)),
            capacity_bytes=size,
            type=MediumType.USB,
            manufacturer=_maker(device) if named else None,
            interface="firewire",
        )
