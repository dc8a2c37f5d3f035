"""The dump of a machine's drives that the GLPI agent's developers ask for (kind ``glpi.storages``): what the kernel said of each, and
what the agent made of it, as Perl data.

``$STORAGE`` names the drives; ``$SYSTEM`` beside it holds the exact sizes and the outputs of other tools, of one drive each. The
mapping stands in docs/reports/glpi-storages.md.
"""

from __future__ import annotations

import re

from triage.reports import values
from triage.reports.media import Found, merge, type_of_model
from triage.reports.normal import Medium, MediumType, Report, UnreadableReport
from triage.reports.placeholders import clean, clean_serial
from triage.reports.smartctl.makers import maker_of
from triage.reports.sniff import Sniff

KIND = "glpi.storages"
_SIGN = re.compile(r"^\$(?:SYSTEM|STORAGE) = [{\[]", re.MULTILINE)
_ROW = re.compile(r"\{([^{}]{1,4000})\}")
_PAIR = re.compile(r"'([A-Z_]+)' => (?:'((?:[^'\\]|\\.)*)'|(\d+)|undef)")
_MOST_DRIVES = 100
_SECTOR = 512
_LONGEST = 1024 * 1024


def recognises(sniff: Sniff) -> bool:
    """Whether the text begins with one of the dump's two variables. Never raises."""
    try:
        return sniff.head.startswith(("$SYSTEM", "$STORAGE")) and bool(_SIGN.match(sniff.head))
    except UnreadableReport:
        return False


def parse(sniff: Sniff) -> Report:
    """The drives. Raises NO_DEVICE where the dump lists none."""
    text = sniff.text.replace("\r\n", "\n")
    system, _, listed = text[:_LONGEST].partition("$STORAGE = ")
    rows = [dict(_pairs(row[1])) for row in list(_ROW.finditer(listed))[:_MOST_DRIVES]]
    media = merge([found for row in rows if (found := _drive(row, system)) is not None])
    if not media:
        raise UnreadableReport("NO_DEVICE", "The dump lists no drive.", "line 1")
    return Report(kind=KIND, tool="glpi-agent", media=media)


def _pairs(row: str) -> list[tuple[str, str]]:
    return [(name, re.sub(r"\\(.)", r"\1", quoted) or number) for name, quoted, number in _PAIR.findall(row)]


def _drive(row: dict[str, str], system: str) -> Found | None:
    name = clean(row.get("NAME"))
    model = clean(row.get("MODEL"))
    serial = clean_serial(row.get("SERIALNUMBER") or row.get("SERIAL"))
    kind = _type(row, name or "", model)
    size = _exact(system, name) if name else None
    if size is None and (megabytes := values.positive(row.get("DISKSIZE"))):
        size = megabytes * 1000**2
    if (size is None and kind is MediumType.USB) or not (model or serial or size):
        return None
    made_by = clean(row.get("MANUFACTURER"))
    medium = Medium(
        model=model,
        serial=serial,
        capacity_bytes=None if kind in {MediumType.OPTICAL, MediumType.TAPE} else size,
        type=kind,
        manufacturer=maker_of(made_by, model) or made_by,
        firmware=clean(row.get("FIRMWARE")),
        interface=clean(row.get("INTERFACE")) or clean(row.get("DESCRIPTION")),
    )
    return Found(device=f"/dev/{name}" if name else None, medium=medium)


def _exact(system: str, name: str) -> int | None:
    """Bytes by the kernel's count of sectors; an empty reader has none."""
    start = re.search(rf"^( +)'{re.escape(name)}' => \{{\n", system, re.MULTILINE)
    if start is None:
        return None
    end = system.find(f"\n{start[1]}}}", start.end())
    sectors = re.search(r"^ +'size' => '(\d{1,15})", system[start.end() : end], re.MULTILINE)
    return values.positive(int(sectors[1]) * _SECTOR) if sectors else None


def _type(row: dict[str, str], name: str, model: str | None) -> MediumType:
    words = f"{row.get('TYPE', '')} {row.get('DESCRIPTION', '')} {row.get('INTERFACE', '')}".lower()
    if re.search(r"\bcd|dvd|optical", words) or name.startswith("sr"):
        return MediumType.OPTICAL
    if "tape" in words:
        return MediumType.TAPE
    if "nvme" in words or name.startswith("nvme"):
        return MediumType.NVME
    return MediumType.USB if re.search(r"\busb|removable|external", words) else type_of_model(model)
