"""``ipmitool fru`` (kind ``ipmitool.fru``): what a server's parts have written into their own memories.

The mapping stands in docs/reports/ipmitool.md. The machine's maker, model and serial are the *Product* fields of the built-in
unit; every other unit is a part. A list of parts alone (power supplies) names no machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from triage.reports import identifiers, values
from triage.reports.normal import Component, Firmware, IdentifierKind, Report, UnreadableReport
from triage.reports.placeholders import clean, clean_serial
from triage.reports.sniff import Sniff

KIND = "ipmitool.fru"
_LOOKED_AT = 16 * 1024
_MOST_UNITS = 500
_UNIT = re.compile(r"^FRU Device Description : (.*?)(?: \(ID (\d+)\))?\s*$")
_SIGN = re.compile(r"^FRU Device Description : ", re.MULTILINE)
_LONGEST_LINE = 500
_LINE = re.compile(r"^ +([A-Z][\w ./-]*?) *: (.*?)\s*$")
# What units that speak for the whole machine are called, surest first; the second is every server's, and a controller's in some.
_MACHINES = (
    re.compile(r"^/?(?:SYS(?:TEM)?|CHASSIS|SERVER|MAINFRAME)$", re.IGNORECASE),
    re.compile(r"built-?in", re.IGNORECASE),
    re.compile(r"main\s?board|system board", re.IGNORECASE),
)
_CONTROLLER = re.compile(r"\b(?:ILOM|BMC|IMM|iLO|service processor)\b", re.IGNORECASE)
# The first word that fits says the kind.
_KINDS = (
    ("memory", r"\bDIMM"),
    ("power_supply", r"^(?:PS|PSU)\s?\d*\b|pwr\s?supply|power\s?supply|\bPSU?\s*\d+ FRU"),
    ("processor", r"^(?:CPU|P|Proc)\s*\d+$"),
    ("firmware", r"\bBIOS\b"),
    ("network", r"ethernet|\bNDC\b|\bNIC\b|\bLOM\b|network"),
    ("storage_controller", r"\bSAS\b|\bPERC|\bRAID\b|storage|\bHBA\b"),
    ("backplane", r"backplane|^BP\s?\d*\b"),
)


def recognises(sniff: Sniff) -> bool:
    """Whether the text lists field-replaceable units as ipmitool does. Never raises."""
    try:
        return not sniff.looks_like_json and bool(_SIGN.search(sniff.text[:_LOOKED_AT]))
    except UnreadableReport:
        return False


def parse(sniff: Sniff) -> Report:
    """The machine and its parts, or the parts alone. Raises NO_DEVICE where no unit is there."""
    units = _units(sniff.text)
    machine = _machine(units)
    parts = [_board(machine)] if machine else []
    parts += [_part(name, lines) for name, number, lines in units if lines is not machine and lines]
    parts = [part for part in parts if part.manufacturer or part.model or part.serial or part.detail]
    maker = clean(machine.get("Product Manufacturer"))
    model, serial = clean(machine.get("Product Name")), clean_serial(machine.get("Product Serial"))
    if not (parts or maker or model or serial):
        raise UnreadableReport("NO_DEVICE", "No unit of the list is present or says what it is.", "line 1")
    sizes = [
        size for part in parts if part.kind == "memory" and (size := values.positive(part.detail.get("size_bytes")))
    ]
    return Report(
        kind=KIND,
        tool="ipmitool",
        manufacturer=maker,
        model=model,
        serial=serial,
        sku=clean(machine.get("Product Part Number")),
        chassis=clean(machine.get("Chassis Type")),
        asset_tag=clean_serial(machine.get("Product Asset Tag")),
        memory_bytes=values.positive(sum(sizes)),
        components=tuple(parts),
        identifiers=identifiers.identifiers(
            (
                (IdentifierKind.BOARD_SERIAL, machine.get("Board Serial")),
                (IdentifierKind.CHASSIS_SERIAL, machine.get("Chassis Serial")),
            )
        ),
        firmware=_firmware(units),
    )


def _machine(units: list[tuple[str, str | None, dict[str, str]]]) -> dict[str, str]:
    """The unit that speaks for the machine; empty where none does."""
    for sign in _MACHINES:
        for name, number, lines in units:
            named = sign.search(name) or (number == "0" and sign is _MACHINES[1])
            product = lines.get("Product Name", "")
            told = clean_serial(lines.get("Product Serial")) or clean(product) or clean(lines.get("Board Serial"))
            if named and told and not _CONTROLLER.search(product):
                return lines
    return {}


def _units(text: str) -> list[tuple[str, str | None, dict[str, str]]]:
    units: list[tuple[str, str | None, dict[str, str]]] = []
    for whole in text.splitlines():
        line = whole[:_LONGEST_LINE]
        if found := _UNIT.match(line):
            if len(units) >= _MOST_UNITS:
                break
            units.append((found[1].strip(), found[2], {}))
        elif units and (pair := _LINE.match(line)):
            units[-1][2].setdefault(pair[1], pair[2])
    return units


def _kind(name: str, lines: dict[str, str]) -> str:
    if "Memory size" in lines or "SDRAM Capacity" in lines:
        return "memory"
    described = f"{lines.get('Board Product', '')} {lines.get('Product Name', '')}"
    if re.search(r"^\s*PWR SPLY|power supply", described, re.IGNORECASE):
        return "power_supply"
    return next((kind for kind, sign in _KINDS if re.search(sign, name, re.IGNORECASE)), "board")


def _board(lines: dict[str, str]) -> Component:
    return Component(
        kind="motherboard",
        manufacturer=clean(lines.get("Board Mfg")),
        model=clean(lines.get("Board Product")),
        serial=clean_serial(lines.get("Board Serial")),
        detail=_detail(part_number=lines.get("Board Part Number")),
    )


def _part(name: str, lines: dict[str, str]) -> Component:
    kind = _kind(name, lines)
    size = values.size(lines.get("Memory size"), binary=True)
    return Component(
        kind=kind,
        manufacturer=_first(lines, clean, "Product Manufacturer", "Board Mfg", "Manufacturer"),
        model=_first(lines, clean, "Product Name", "Board Product", "Part Number"),
        serial=_first(lines, clean_serial, "Product Serial", "Board Serial", "Serial Number"),
        detail=_detail(
            part_number=lines.get("Product Part Number") or lines.get("Board Part Number"),
            type=lines.get("Memory Type"),
            size_bytes=None if size is None else str(size),
            slot=name,
        )
        if lines
        else {},
    )


def _first(lines: dict[str, str], read: Callable[[object], str | None], *names: str) -> str | None:
    return next((value for name in names if (value := read(lines.get(name)))), None)


def _detail(**said: str | None) -> dict[str, str]:
    return {name: value for name, raw in said.items() if (value := clean(raw))}


def _firmware(units: list[tuple[str, str | None, dict[str, str]]]) -> Firmware | None:
    """HP lists its BIOS as a unit: the family is its part number, the day of its release its version."""
    for name, _, lines in units:
        if "BIOS" in name.upper() and (version := clean(lines.get("Product Part Number"))):
            return Firmware(vendor=clean(lines.get("Product Manufacturer")), version=version)
    return None
