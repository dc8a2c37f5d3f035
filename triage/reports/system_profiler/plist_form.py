"""``system_profiler -xml``: a property list with one entry for each data type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from triage.reports import plists, values
from triage.reports.normal import Report
from triage.reports.sniff import Sniff
from triage.reports.system_profiler import machine
from triage.reports.system_profiler.items import Item, section

KIND = "system_profiler.xml"


def recognises(sniff: Sniff) -> bool:
    return sniff.looks_like_xml and "_dataType" in sniff.head and bool(_entries(plists.root_of(sniff)))


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE when the data types describe no thing."""
    sections: dict[str, list[Item]] = {}
    issued = None
    for entry in _entries(plists.root_of(sniff)):
        issued = issued or values.moment(entry.get("_timeStamp"))
        name = entry["_dataType"]
        sections.setdefault(name, []).append(section(name, entry.get("_items")))
    return machine.report_of(sections, kind=KIND, issued_at=issued)


def _entries(root: object) -> list[Mapping[str, Any]]:
    return list(_all(root))


def _all(root: object) -> Iterator[Mapping[str, Any]]:
    for entry in values.mappings(root):
        name = entry.get("_dataType")
        if isinstance(name, str) and name.startswith("SP"):
            yield entry
