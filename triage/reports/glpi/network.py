"""A thing that an agent asked over the network: a switch, a printer, a telephone, a power distribution unit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from triage.reports import identifiers, values
from triage.reports.glpi import parts
from triage.reports.normal import Component, Firmware, Report, UnreadableReport
from triage.reports.placeholders import clean, clean_serial

Section = Mapping[str, Any]

_CHASSIS = {
    "networking": "Network device", "printer": "Printer", "phone": "Phone", "storage": "Storage appliance", "power": "Power supply",
    "video": "Video", "kvm": "KVM",
}  # fmt: skip
"""What the agent calls the thing, as a chassis. ``Computer`` and ``Unmanaged`` say nothing of a form."""
_KINDS = {"module": "module", "powersupply": "power_supply", "chassis": "chassis", "stack": "chassis"}
_MOST_PARTS = 200
_MOST_PORTS = 8
_ETHERNET = {6, 71}


def report_of(content: Section, told: Section, *, kind: str) -> Report:
    """Raises NO_DEVICE when the thing didn't answer and nothing is known of it."""
    kinds = (values.text(told.get("type")) or "").lower()
    firmware = _firmware(content, told)
    model, serial = clean(told.get("model")), clean_serial(told.get("serial"))
    macs = tuple(_macs(content, told))
    maker = clean(told.get("manufacturer"))
    if not (maker or model or serial or macs):
        error = next(iter(values.mappings(content.get("error"))), {})
        message = values.text(error.get("message"), longest=200)
        said = f": {message.rstrip('.')}" if message else ""
        raise UnreadableReport(
            "NO_DEVICE",
            f"The agent learnt neither maker, model, serial nor a card's own address of the thing{said}.",
            "line 1",
        )
    warnings = []
    if not (maker or model or serial):
        warnings.append("Seen on the network only: neither maker, model nor serial is known.")
    stack = _units(content)
    if len(stack) > 1:
        warnings.append(f"A stack of {len(stack)} units answers as one; each has a serial of its own.")
    return Report(
        kind=kind,
        manufacturer=maker,
        model=model,
        serial=serial,
        chassis=_CHASSIS.get(kinds),
        asset_tag=clean_serial(told.get("assettag")),
        memory_bytes=parts.mebibytes(told.get("ram")) or parts.mebibytes(told.get("memory")),
        components=tuple(_components(content)),
        macs=macs,
        identifiers=identifiers.identifiers(parts.imeis(content)),
        firmware=firmware,
        warnings=tuple(warnings),
    )


def _firmware(content: Section, told: Section) -> Firmware | None:
    listed = list(values.mappings(content.get("firmwares")))
    own = next((one for one in listed if values.text(one.get("type")) == "device"), listed[0] if listed else {})
    version = clean(told.get("firmware")) or clean(own.get("version"))
    if version is None:
        return None
    return Firmware(vendor=clean(own.get("manufacturer")), version=version, released=parts.day(own.get("date")))


def _macs(content: Section, told: Section) -> Iterator[str]:
    """The thing's own address, and those of its sockets where they are few: the ports of a switch name nothing."""
    own = parts.hardware_address(told.get("mac"))
    ports = [
        mac
        for port in values.mappings(content.get("network_ports"))
        if values.whole(port.get("iftype")) in _ETHERNET and (mac := parts.hardware_address(port.get("mac")))
    ]
    found = dict.fromkeys([own] if own else [])
    if len(set(ports)) <= _MOST_PORTS:
        found |= dict.fromkeys(ports)
    yield from found


def _units(content: Section) -> set[str]:
    return {
        serial
        for one in values.mappings(content.get("network_components"))
        if (values.text(one.get("type")) or "").lower() == "chassis" and (serial := clean_serial(one.get("serial")))
    }


def _components(content: Section) -> Iterator[Component]:
    count = 0
    seen: set[str] = set()
    for one in values.mappings(content.get("network_components")):
        kind = _KINDS.get(re.sub(r"[^a-z]", "", (values.text(one.get("type")) or "").lower()))
        serial = clean_serial(one.get("serial"))
        # A stack and the chassis in it have one serial, and so have a module and what sits on it.
        if kind is None or not serial or serial in seen or count >= _MOST_PARTS:
            continue
        seen.add(serial)
        count += 1
        yield Component(
            kind=kind,
            manufacturer=clean(one.get("manufacturer")),
            model=clean(one.get("model")),
            serial=serial,
            detail={"firmware": version} if (version := clean(one.get("firmware"))) else {},
        )
    yield from parts.modems(content)
