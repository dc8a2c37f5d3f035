"""``storcli /cX/eall/sall show all`` (and perccli) as JSON or text (kind ``storcli.drives``): the drives behind a RAID card.

The mapping stands in docs/reports/megacli.md. Drives stand in one section each for their state and their attributes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from triage.reports import values
from triage.reports.megacli import drives
from triage.reports.normal import Medium, Report, UnreadableReport
from triage.reports.sniff import Sniff

KIND = "storcli.drives"
_MOST_DRIVES = 500
_LONGEST_LINE = 500
_PLACE = re.compile(
    r"^Drive (/c\d+(?:/e\d+)?/s\d+) *(?:- Detailed Information|State|Device attributes|Policies/Settings)?\s*:?\s*$"
)
_PAIR = re.compile(r"^([A-Z][\w .()/-]*?) = ?(.*?)\s*$")
_SIGN = re.compile(r"^CLI Version = \S+", re.MULTILINE)
_ROW = re.compile(r"^\d*:\d+\s+\d+\s+\S+\s+\S+\s+[\d.]+ [KMGTP]B\s+(SAS|SATA|NVMe)\s+(HDD|SSD)\s", re.MULTILINE)


def recognises(sniff: Sniff) -> bool:
    """Whether the answer has the tool's banner (text) or its list of controllers (JSON). Never raises."""
    if sniff.looks_like_json:
        return any("Command Status" in one or "Response Data" in one for one in _controllers(sniff.json_object))
    try:
        return bool(
            _SIGN.search(sniff.text[:4000]) and re.search(r"^Controller = |^Status = ", sniff.text[:4000], re.MULTILINE)
        )
    except UnreadableReport:
        return False


def parse(sniff: Sniff) -> Report:
    """The drives. Raises NO_DEVICE for an answer that names none by its serial."""
    found = _of_json(sniff.json_object) if sniff.looks_like_json else _of_text(sniff.text)
    media = [medium for one in list(found.values())[:_MOST_DRIVES] if (medium := _medium(one)).serial or medium.model]
    if not media:
        raise UnreadableReport(
            "NO_DEVICE",
            "The answer names no drive by its serial; send the output of storcli /call/eall/sall show all.",
            "line 1",
        )
    return drives.report(media, kind=KIND, tool="storcli")


def _controllers(top: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(values.mappings(top.get("Controllers")))[:_MOST_DRIVES]


def _of_json(top: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Per drive its lines, from whatever sections stand below its name."""
    found: dict[str, dict[str, str]] = {}
    for controller in _controllers(top):
        for name, section in values.mapping(controller.get("Response Data")).items():
            place = _PLACE.match(name[:_LONGEST_LINE])
            if place is None:
                continue
            lines = found.setdefault(place[1], {})
            for row in values.mappings(section):
                _take(lines, row)
                for below in row.values():
                    _take(lines, values.mapping(below))
    # A drive of which only the line of the table stands there has no serial.
    return {place: lines for place, lines in found.items() if "SN" in lines}


def _take(lines: dict[str, str], row: Mapping[str, Any]) -> None:
    for name, value in row.items():
        if (line := values.text(value)) is not None:
            lines.setdefault(name, line)


def _of_text(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    lines: dict[str, str] | None = None
    for whole in text.splitlines():
        line = whole[:_LONGEST_LINE]
        if place := _PLACE.match(line):
            lines = found.setdefault(place[1], {})
        elif lines is not None and (pair := _PAIR.match(line)):
            lines.setdefault(pair[1], pair[2])
        elif lines is not None and (row := _ROW.match(line)):
            lines.setdefault("Intf", row[1])
            lines.setdefault("Med", row[2])
    return {place: lines for place, lines in found.items() if "SN" in lines}


def _medium(one: Mapping[str, str]) -> Medium:
    return drives.medium(
        vendor=one.get("Manufacturer Id"), model=one.get("Model Number") or one.get("Model"), serial=one.get("SN"),
        firmware=one.get("Firmware Revision"), size=one.get("Raw size"),
        health=drives.health(one, alert=one.get("S.M.A.R.T alert flagged by drive")), interface=one.get("Intf"), media=one.get("Med", ""),
    )  # fmt: skip
