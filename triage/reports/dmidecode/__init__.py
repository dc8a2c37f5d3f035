"""The text of ``dmidecode`` (kind ``dmidecode.text``): the firmware's table of a machine, whole or an extract of some types.

The mapping stands in docs/reports/dmidecode.md. The machine's maker, model and serial are those of *System Information*, never
those of the board. An extract (memory, batteries, power supplies) is of parts alone and names no machine.
"""

from __future__ import annotations

import re
from dataclasses import replace

from triage.reports.dmidecode import parts
from triage.reports.dmidecode.table import Table
from triage.reports.normal import Report, UnreadableReport
from triage.reports.placeholders import clean, clean_serial
from triage.reports.sniff import Sniff

KIND = "dmidecode.text"
_LOOKED_AT = 16 * 1024
_SIGNS = re.compile(
    r"^# dmidecode \d|^(?:SM|DM)(?:BIOS|I) \d+\.\d+(?:\.\d+)? present|^Handle 0x[0-9A-Fa-f]{2,8}(?:, DMI type \d+.*)?\r?$",
    re.MULTILINE | re.ASCII,
)
_DECLARED = re.compile(r"^(\d{1,5}) structures occupying \d+ bytes", re.MULTILINE | re.ASCII)
_BROKEN = re.compile(r"DMI table is broken|Wrong DMI structures|<TRUNCATED>|bad checksum! Please report", re.IGNORECASE)
# Cases that hold one machine and bear its serial; a rack's case may hold several machines.
_OWN_CASES = frozenset(
    {
        "desktop", "laptop", "notebook", "portable", "tower", "handheld", "tablet", "convertible", "detachable", "lunchbox",
        "minitower", "minipc", "stickpc", "allinone", "lowprofiledesktop", "subnotebook", "spacesaving", "pizzabox",
    }
)  # fmt: skip


def recognises(sniff: Sniff) -> bool:
    """Whether the text has the tool's banner or the first lines of its structures. Never raises."""
    try:
        head = sniff.text[:_LOOKED_AT]
    except UnreadableReport:
        return False
    return not sniff.looks_like_json and bool(_SIGNS.search(head))


def parse(sniff: Sniff) -> Report:
    """The machine, or the parts of an extract. Raises NO_DEVICE where the table describes neither."""
    text = sniff.text
    table = Table(text)
    names = {
        (clean(one.get("Manufacturer")), number)
        for one in table.all("System Information")
        if (number := clean_serial(one.get("Serial Number")))
    }
    if len(names) > 1:
        raise UnreadableReport(
            "SEVERAL_DEVICES", "The text holds the tables of several machines; send one file for each."
        )
    banner = re.search(r"^# dmidecode (\S{1,40})", text, re.MULTILINE)
    found = report(table, kind=KIND, tool="dmidecode", tool_version=banner[1] if banner else None)
    declared = _DECLARED.search(text[:_LOOKED_AT])
    here = sum(1 for one in table.structures if one.handle)
    if declared and int(declared[1]) > here:
        # Half of the modules would be another machine's memory.
        told = (
            f"The output stops before its end: {here} of {declared[1]} structures are there, so its memory is not told."
        )
        found = replace(found, memory_bytes=None, warnings=(*found.warnings, told))
    if _BROKEN.search(text):
        found = replace(
            found, warnings=(*found.warnings, "The firmware's table is broken; some of its parts may be missing.")
        )
    if not (
        found.manufacturer or found.model or found.serial or found.components or found.memory_bytes or found.identifiers
    ):
        raise UnreadableReport("NO_DEVICE", _why_none(text), "offset 0")
    return found


def _why_none(text: str) -> str:
    if re.search(r"permission denied|/dev/mem|sorry", text, re.IGNORECASE):
        return "dmidecode was not allowed to read the firmware's table; run it as root."
    return "The firmware's table describes no machine and no part; send the output of dmidecode without options."


def report(table: Table, *, kind: str, tool: str, tool_version: str | None = None) -> Report:
    """A table as a report. Never raises, whatever it holds."""
    number, warnings = serial(table)
    return Report(
        kind=kind,
        tool=tool,
        tool_version=tool_version,
        manufacturer=clean(table.system.get("Manufacturer")),
        model=clean(table.system.get("Product Name")),
        serial=number,
        sku=clean(table.system.get("SKU Number")),
        chassis=clean(table.chassis.get("Type")),
        asset_tag=clean_serial(table.chassis.get("Asset Tag")),
        memory_bytes=table.memory(),
        components=tuple(parts.components(table)),
        battery=parts.battery(table),
        identifiers=parts.identifiers(table),
        firmware=parts.firmware(table),
        warnings=(*warnings, *parts.doubts(table)),
    )


def serial(table: Table) -> tuple[str | None, list[str]]:
    """The machine's serial. Where the system has none, that of its case, if the maker is the same and the case holds one machine."""
    system, case = table.system, table.chassis
    if own := clean_serial(system.get("Serial Number")):
        return own, []
    made_by = clean(system.get("Manufacturer"))
    form = re.sub(r"[^a-z]", "", case.get("Type", "").lower())
    other = clean_serial(case.get("Serial Number"))
    if other and made_by and made_by == clean(case.get("Manufacturer")) and form in _OWN_CASES:
        return other, ["The system states no serial; this is the serial of its case."]
    return None, []
