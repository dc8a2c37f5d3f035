"""Snapshots with ``device`` and ``components``: Workbench 7 to 11, the desktop and Android apps, the web form.

Versions before 11 write ``@type`` for ``type``, ``erasure`` and ``test`` for events, and sizes in mebibytes; later ones write
decimal megabytes, some with the unit ("160042.0 MB"). The first alphas of 11 still wrote whole mebibytes: there the sizes that
drives are really sold in decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from triage.reports import values
from triage.reports.ereuse import erasures
from triage.reports.media import is_sold, type_of_model
from triage.reports.normal import (
    Battery,
    Component,
    Erasure,
    Health,
    Medium,
    MediumType,
    Report,
    Test,
    UnreadableReport,
    Verdict,
)
from triage.reports.placeholders import clean, clean_serial
from triage.reports.sniff import Sniff

KIND = "ereuse.workbench11"

Thing = Mapping[str, Any]

_MB, _MIB = 10**6, 2**20
_DRIVES = {
    "HardDrive": MediumType.HDD,
    "SolidStateDrive": MediumType.SSD,
    "DataStorage": MediumType.UNKNOWN,
    "Storage": MediumType.UNKNOWN,
    "Disk": MediumType.UNKNOWN,
}
_PARTS = {
    "RamModule": "memory",
    "Processor": "processor",
    "GraphicCard": "graphics",
    "SoundCard": "sound",
    "NetworkAdapter": "network",
    "Motherboard": "motherboard",
    "Display": "display",
    "Battery": "battery",
    "OpticalDrive": "optical",
    "Camera": "camera",
}
_INSPECTION = {
    "appearanceRange": "appearance",
    "functionalityRange": "functionality",
    "biosRange": "bios",
    "labelling": "labelling",
}
# Millions of sectors that wait or hours that ran are several counters packed into one raw value.
_LARGEST_COUNT = 2**24
_MOST_PARTS = 2000


def recognises(sniff: Sniff) -> bool:
    top = sniff.document
    if isinstance(top.get("device"), dict):
        return erasures.kind(top) in {"Snapshot", "Live"} or "components" in top or {"software", "uuid"} <= top.keys()
    return erasures.kind(top) in {"Snapshot", "Live"} and "data" not in top


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE when the snapshot describes none."""
    found = report(sniff.document)
    if sniff.looks_like_json and sniff.complaint() is not None:
        return replace(found, warnings=(*found.warnings, "The file is no valid JSON; it was read as YAML."))
    return found


def report(top: Thing) -> Report:
    device = values.mapping(top.get("device"))
    if not device:
        raise UnreadableReport("NO_DEVICE", "The snapshot describes no device.")
    parts = list(values.mappings(top.get("components")))[:_MOST_PARTS]
    drives = [part for part in parts if erasures.kind(part) in _DRIVES]
    media = tuple(_medium(drive, top) for drive in drives)
    warnings = [
        f"{medium.model} is named a hard disk but is solid state by its model."
        for medium, drive in zip(media, drives, strict=True)
        if erasures.kind(drive) == "HardDrive" and medium.type is MediumType.SSD
    ]
    return Report(
        kind=KIND,
        tool=values.text(top.get("software")) or values.text(top.get("snapshotSoftware")) or "Workbench",
        tool_version=values.text(top.get("version")),
        manufacturer=clean(device.get("manufacturer")),
        model=clean(device.get("model")),
        serial=_serial(device),
        sku=clean(device.get("sku")),
        chassis=clean(device.get("chassis")) or clean(device.get("type")),
        memory_bytes=_memory(parts),
        media=media,
        components=(_system(device), *_components(parts)),
        erasures=tuple(_erasures(drives, media)),
        tests=tuple(_tests(top, device, parts)),
        battery=_battery(parts),
        macs=_macs(parts),
        inspection=_inspection(top, device, parts),
        issued_at=values.moment(top.get("endTime") or top.get("date")),
        warnings=tuple(warnings),
    )


def _serial(device: Thing) -> str | None:
    """The serial; not the address that Android gives to every app that asks for a phone's hardware address."""
    serial = clean_serial(device.get("serialNumber"))
    return None if serial == "02:00:00:00:00:00" else serial


def events_of(thing: Thing) -> Iterator[Thing]:
    """Events under all the names that the generations gave them."""
    for name in ("actions", "events", "tests", "benchmarks", "test", "erasure", "benchmark"):
        yield from values.mappings(thing.get(name))


def _system(device: Thing) -> Component:
    detail = {name: value for name in ("version", "type", "imei", "meid") if (value := clean(device.get(name)))}
    return Component(
        kind="system",
        manufacturer=clean(device.get("manufacturer")),
        model=clean(device.get("model")),
        serial=_serial(device),
        detail=detail,
    )


def _components(parts: list[Thing]) -> Iterator[Component]:
    for part in parts:
        kind = _PARTS.get(erasures.kind(part))
        if kind is None:
            continue
        detail = {}
        if kind == "memory" and (size := _size(part.get("size"), _MIB)):
            detail["size_bytes"] = str(size)
        if kind == "processor" and (cores := values.positive(part.get("cores") or part.get("numberOfCores"))):
            detail["cores"] = str(cores)
        found = Component(
            kind=kind,
            manufacturer=clean(part.get("manufacturer")),
            model=clean(part.get("model")),
            serial=clean_serial(part.get("serialNumber")),
            detail=detail,
        )
        if found.manufacturer or found.model or found.serial or found.detail:
            yield found


def _memory(parts: list[Thing]) -> int | None:
    sizes = [_size(part.get("size"), _MIB) or 0 for part in parts if erasures.kind(part) == "RamModule"]
    return sum(sizes) or None


def _size(value: object, unit: int) -> int | None:
    """Bytes of a size that is a bare number in ``unit`` or a text with its unit, in the words of eReuse's unit library."""
    if isinstance(value, str):
        found = re.match(r"\s*([\d.]{1,20})\s*([A-Za-z]*)", value)
        if not found or not found[1].strip("."):
            return None
        words = {
            "": unit, "mb": _MB, "megabyte": _MB, "mib": _MIB, "mebibyte": _MIB, "gb": 10**9, "gigabyte": 10**9,
            "gib": 2**30, "gibibyte": 2**30, "tb": 10**12, "terabyte": 10**12, "tib": 2**40, "byte": 1, "bytes": 1, "b": 1,
        }  # fmt: skip
        unit = words.get(found[2].lower(), 0)
        try:
            value = float(found[1])
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return values.positive(round(value * unit))
    except (ValueError, OverflowError):
        return None


def _capacity(value: object, top: Thing) -> int | None:
    before_11 = "@type" in top or re.match(r"\D*([1-9]|10)\.", values.text(top.get("version")) or "") is not None
    if isinstance(value, str) and re.search("[A-Za-z]", value):
        return _size(value, _MB)
    decimal, binary = _size(value, _MB), _size(value, _MIB)
    if decimal is None or binary is None or before_11:
        return binary
    if is_sold(binary) != is_sold(decimal):
        return binary if is_sold(binary) else decimal
    alpha = (values.text(top.get("version")) or "").startswith("11.0a")
    return binary if alpha and "." not in str(value) else decimal


def _medium(drive: Thing, top: Thing) -> Medium:
    model = clean(drive.get("model"))
    kind = _DRIVES[erasures.kind(drive)]
    stated = (values.text(drive.get("type")) or "").upper()
    if stated in {"HDD", "SSD"}:
        kind = MediumType(stated.lower())
    interface = (values.text(drive.get("interface")) or "").lower() or None
    if interface == "usb":
        kind = MediumType.USB
    elif interface and "nvme" in interface:
        kind = MediumType.NVME
    elif (flash := type_of_model(model)) is not MediumType.UNKNOWN and (
        kind is MediumType.UNKNOWN or flash is MediumType.SSD
    ):
        # Early versions called every drive a hard disk. To take flash for platters would mean a wipe that doesn't reach it.
        kind = flash
    return Medium(
        model=model,
        serial=clean_serial(drive.get("serialNumber")),
        capacity_bytes=_capacity(drive.get("size"), top),
        type=kind,
        manufacturer=clean(drive.get("manufacturer")),
        firmware=clean(drive.get("variant")),
        interface=interface,
        health=_health(drive),
    )


def _health(drive: Thing) -> Health | None:
    tests = [event for event in events_of(drive) if erasures.kind(event) in {"TestDataStorage", "TestHardDrive"}]
    if not tests:
        return None
    test = tests[-1]

    def count(*names: str) -> int | None:
        # Some drives pack several counters into one raw value (CommandTimeout 1786733725708): that is no count.
        found = next((number for name in names if (number := values.whole(test.get(name))) is not None), None)
        return found if found is not None and 0 <= found < _LARGEST_COUNT else None

    left = count("remainingLifetimePercentage")
    health = Health(
        passed=values.truth(test.get("assessment")),
        reallocated=count("reallocatedSectorCount"),
        pending=count("currentPendingSectorCount", "CurrentPendingSectorCount"),
        uncorrectable=count("offlineUncorrectable", "OfflineUncorrectable"),
        media_errors=count("reportedUncorrectableErrors"),
        wear_percent=100 - left if left is not None and left <= 100 else None,
        power_on_hours=count("lifetime", "passedLifetime"),
    )
    return None if health == Health() else health


def _erasures(drives: list[Thing], media: tuple[Medium, ...]) -> Iterator[Erasure]:
    for drive, medium in zip(drives, media, strict=True):
        for event in events_of(drive):
            if erasures.is_erasure(event):
                yield erasures.erasure(
                    event, device=None, model=medium.model, serial=medium.serial, capacity=medium.capacity_bytes
                )


def _tests(top: Thing, device: Thing, parts: list[Thing]) -> Iterator[Test]:
    for thing in (top, device, *parts):
        for event in events_of(thing):
            if test := test_of(event):
                yield test


def test_of(event: Thing) -> Test | None:
    """The event as a test, if it is one. Severity decides, then the tool's own verdict; none is UNKNOWN, not a pass."""
    code = {
        "StressTest": "stress",
        "TestDataStorage": "storage",
        "TestHardDrive": "storage",
        "TestMemory": "memory",
        "TestAudio": "audio",
        "TestConnectivity": "connectivity",
        "TestCamera": "camera",
        "TestKeyboard": "keyboard",
        "TestTrackpad": "trackpad",
        "TestBios": "bios",
        "TestBattery": "battery",
        "TestPowerAdapter": "power_adapter",
        "TestDisplayHinge": "hinge",
    }.get(erasures.kind(event))
    if code is None:
        return None
    severity = (values.text(event.get("severity")) or "").lower()
    said = [values.truth(event.get("assessment")), values.truth(event.get("success"))]
    error = values.truth(event.get("error"))
    status = values.text(event.get("status")) or values.text(event.get("accessRange")) or ""
    if False not in said and re.search(r"not started|in progress|abort|interrupted", status, re.IGNORECASE):
        # The tool calls a test that never ran an error; it says nothing of the part.
        verdict = Verdict.UNKNOWN
    elif severity == "error" or False in said or error is True or re.search("fail", status, re.IGNORECASE):
        verdict = Verdict.FAIL
    elif severity == "info" or True in said or error is False:
        verdict = Verdict.PASS
    else:
        verdict = Verdict.UNKNOWN
    return Test(code=code, verdict=verdict, detail=status)


def _battery(parts: list[Thing]) -> Battery | None:
    """Capacities come in milliampere hours; they become milliwatt hours only where the voltage stands beside them."""
    for part in parts:
        if erasures.kind(part) != "Battery":
            continue
        measures = [event for event in events_of(part) if erasures.kind(event) == "MeasureBattery"]
        measure = measures[-1] if measures else {}
        design = values.positive(_number(part.get("size")))
        full = values.positive(_number(measure.get("size")))
        volts = _number(measure.get("voltage"))
        voltage = volts / 1000 if volts and volts > 100 else volts
        return Battery(
            design_mwh=round(design * voltage) if design and voltage else None,
            full_mwh=round(full * voltage) if full and voltage else None,
            cycles=values.whole(_number(measure.get("cycles"))),
            health_percent=min(100, round(100 * full / design)) if full and design else None,
            serial=clean_serial(part.get("serialNumber")),
        )
    return None


def _number(value: object) -> float | None:
    if isinstance(value, str):
        found = re.match(r"\s*(\d{1,12}(?:\.\d{1,6})?)", value, re.ASCII)
        return float(found[1]) if found else None
    number = values.whole(value)
    return None if number is None else float(number)


def _macs(parts: list[Thing]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in parts:
        serial = values.text(part.get("serialNumber")) or ""
        if erasures.kind(part) == "NetworkAdapter" and re.fullmatch(r"(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}", serial):
            found.setdefault(serial.lower(), None)
    return tuple(found)


def _inspection(top: Thing, device: Thing, parts: list[Thing]) -> dict[str, str]:
    """What a person graded by eye: the ranges of a visual test, or the ``condition`` of old versions."""
    said: dict[str, str] = {}
    for event in [event for thing in (top, device, *parts) for event in events_of(thing)]:
        if erasures.kind(event) in {"VisualTest", "WorkbenchRate", "TestVisual", "ManualRate"}:
            for name, word in _INSPECTION.items():
                value = event.get(name)
                line = values.text(str(value).lower() if isinstance(value, bool) else value)
                if line:
                    said[word] = line
    condition = values.mapping(top.get("condition"))
    for word in ("appearance", "functionality"):
        if line := values.text(values.mapping(condition.get(word)).get("general")):
            said.setdefault(word, line)
    return said
