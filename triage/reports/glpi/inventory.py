"""A thing out of the sections of an inventory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from triage.reports import apple, identifiers, values
from triage.reports.glpi import network, parts
from triage.reports.normal import Firmware, IdentifierKind, Report, UnreadableReport
from triage.reports.placeholders import clean, clean_serial, clean_uuid

Section = Mapping[str, Any]

_ANDROIDS_ID = re.compile(r"[0-9a-f]{14,16}", re.IGNORECASE)
_VERSION = re.compile(r"(?:(GLPI|FusionInventory|OCS)[\w .-]*?)[-_ /]+v?(\d[\w.~+-]*)", re.IGNORECASE)
_AGENT = re.compile(r"Inventory Agent/(\d[\w.]*)")
_TOOLS = {"glpi": "GLPI agent", "fusioninventory": "FusionInventory agent", "ocs": "OCS Inventory agent"}


def report_of(content: Section, *, itemtype: str | None, partial: bool, kind: str) -> Report:
    """The report of the one thing. Raises NO_DEVICE when the sections name and describe none."""
    told = one(content, "network_device")
    report = (
        network.report_of(content, told, kind=kind)
        if told
        else _computer(content, itemtype=itemtype, partial=partial, kind=kind)
    )
    if not any((report.manufacturer, report.model, report.serial, report.media, report.macs, report.components)):
        raise UnreadableReport("NO_DEVICE", _why_none(content), "line 1")
    return report


def one(content: Section, name: str) -> Section:
    """The section that stands there once; of several the first."""
    return next(iter(values.mappings(content.get(name))), {})


def rows(content: Section, name: str) -> Iterator[Section]:
    return values.mappings(content.get(name))


def _why_none(content: Section) -> str:
    error = one(content, "error")
    message = values.text(error.get("message"), longest=200)
    if message:
        return f"The agent got no answer from the thing it asked: {message.rstrip('.')}."
    return "The inventory names no machine and none of its parts."


def _computer(content: Section, *, itemtype: str | None, partial: bool, kind: str) -> Report:
    bios, hardware = one(content, "bios"), one(content, "hardware")
    warnings = []
    serial = clean_serial(bios.get("ssn"))
    if serial and _is_made_up(bios, hardware):
        serial = None
        warnings.append("The serial is the id that Android made for itself; it is no serial of the maker.")
    tool, version = _tool(content)
    batteries, doubts = parts.batteries(content)
    return Report(
        kind=kind,
        tool=tool,
        tool_version=version,
        manufacturer=clean(bios.get("smanufacturer")),
        model=clean(bios.get("smodel")),
        serial=serial,
        sku=clean(bios.get("skunumber")),
        chassis=_chassis(bios, hardware, itemtype),
        asset_tag=clean_serial(bios.get("assettag")),
        memory_bytes=parts.memory(content, partial=partial),
        media=tuple(parts.media(content)),
        components=tuple(parts.components(content, batteries)),
        battery=parts.together(batteries),
        macs=parts.macs(content),
        identifiers=identifiers.identifiers(_identifiers(content, serial)),
        firmware=_firmware(bios),
        warnings=(*warnings, *doubts),
    )


def _chassis(bios: Section, hardware: Section, itemtype: str | None) -> str | None:
    told = clean(hardware.get("chassis_type")) or clean(bios.get("type")) or clean(bios.get("chassis_type"))
    if told is None and (itemtype or "").lower() == "phone":
        return "Phone"
    model = clean(bios.get("smodel"))
    return told or (apple.chassis(model) if apple.maker(model) else None)


def _firmware(bios: Section) -> Firmware | None:
    version = clean(bios.get("bversion"))
    released = parts.day(bios.get("bdate"))
    if not (version or released):
        return None
    return Firmware(vendor=clean(bios.get("bmanufacturer")), version=version, released=released)


def _identifiers(content: Section, serial: str | None) -> Iterator[tuple[IdentifierKind, object]]:
    bios, hardware = one(content, "bios"), one(content, "hardware")
    # Sixteen digits (an Android's own id, a host id) are no UUID.
    yield IdentifierKind.UUID, clean_uuid(hardware.get("uuid"))
    for kind, name in ((IdentifierKind.BOARD_SERIAL, "msn"), (IdentifierKind.CHASSIS_SERIAL, "enclosureserial")):
        value = clean_serial(bios.get(name))
        if value != serial:
            yield kind, value
    yield from parts.imeis(content)


def _is_made_up(bios: Section, hardware: Section) -> bool:
    """Whether the serial is the id that the agent on Android prints in both places, since it may not read the maker's."""
    serial, uuid = values.text(bios.get("ssn")), values.text(hardware.get("uuid"))
    return bool(serial and uuid and serial.lower() == uuid.lower() and _ANDROIDS_ID.fullmatch(serial))


def _tool(content: Section) -> tuple[str | None, str | None]:
    told = values.text(content.get("versionclient")) or ""
    if found := _VERSION.search(told):
        return _TOOLS[found[1].lower()], found[2]
    if found := _AGENT.search(told):
        return "GLPI agent for Android", found[1]
    return None, None
