"""Snapshots taken on Windows, where the outputs are objects of the system's own inventory (CIM, WMI) by the name of their class."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from triage.reports import values
from triage.reports.media import type_of_model
from triage.reports.normal import Component, Medium, MediumType, Report
from triage.reports.placeholders import clean, clean_serial

_PREFIX = re.compile(r"^(win32|cim|msft)[_ ]?|[^a-z0-9]", re.IGNORECASE)
_CLASSES = frozenset({"computersystem", "computersystemproduct", "bios", "diskdrive", "physicalmemory", "physicaldisk"})


def recognises(outputs: Mapping[str, Any]) -> bool:
    return bool({_folded(name) for name in outputs} & (_CLASSES - {"bios"}))


def report(outputs: Mapping[str, Any], *, kind: str) -> Report:
    classes: dict[str, list[Mapping[str, Any]]] = {}
    for name, value in outputs.items():
        classes.setdefault(_folded(name), []).extend(values.mappings(value))
    system, product, bios = (_first(classes, name) for name in ("computersystem", "computersystemproduct", "bios"))
    modules = classes.get("physicalmemory", [])
    sizes = [values.positive(module.get("Capacity")) or 0 for module in modules]
    return Report(
        kind=kind,
        manufacturer=clean(system.get("Manufacturer")) or clean(product.get("Vendor")),
        model=clean(system.get("Model")) or clean(product.get("Name")),
        serial=clean_serial(bios.get("SerialNumber")) or clean_serial(product.get("IdentifyingNumber")),
        sku=clean(system.get("SystemSKUNumber")) or clean(product.get("SKUNumber")),
        memory_bytes=sum(sizes) or values.positive(system.get("TotalPhysicalMemory")),
        media=tuple(_media(classes)),
        components=tuple(_components(classes)),
    )


def _folded(name: str) -> str:
    return _PREFIX.sub("", _PREFIX.sub("", name)).lower()


def _first(classes: Mapping[str, list[Mapping[str, Any]]], name: str) -> Mapping[str, Any]:
    return next(iter(classes.get(name, [])), {})


def _media(classes: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[Medium]:
    for drive in classes.get("diskdrive") or classes.get("physicaldisk", []):
        model = clean(drive.get("Model")) or clean(drive.get("Caption")) or clean(drive.get("FriendlyName"))
        bus = f"{drive.get('InterfaceType')} {drive.get('BusType')} {drive.get('PNPDeviceID')}".upper()
        media_type = (values.text(drive.get("MediaType")) or "").upper()
        kind = type_of_model(model)
        if "USB" in bus or "REMOVABLE" in media_type:
            kind = MediumType.USB
        elif "NVME" in bus or "NVME" in (model or "").upper():
            kind = MediumType.NVME
        elif media_type in {"SSD", "HDD"}:
            kind = MediumType(media_type.lower())
        yield Medium(
            model=model,
            serial=clean_serial(drive.get("SerialNumber")),
            capacity_bytes=values.positive(drive.get("Size")),
            type=kind,
            firmware=clean(drive.get("FirmwareRevision")),
        )


def _components(classes: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[Component]:
    kinds = {
        "baseboard": ("motherboard", "Product"),
        "processor": ("processor", "Name"),
        "physicalmemory": ("memory", "PartNumber"),
        "videocontroller": ("graphics", "Name"),
        "battery": ("battery", "Name"),
    }
    for name, (kind, model) in kinds.items():
        for one in classes.get(name, []):
            yield Component(
                kind=kind,
                manufacturer=clean(one.get("Manufacturer")),
                model=clean(one.get(model)),
                serial=clean_serial(one.get("SerialNumber")),
            )
