"""Which formats are known, and who reads them. A report is recognised by what it holds, never by its file name.

A format is a module in the folder of its tool with two functions::

    def recognises(sniff: Sniff) -> bool     # cheap; never raises
    def parse(sniff: Sniff) -> Report        # raises UnreadableReport only

The first that recognises a file reads it, so the narrower format stands first. ``Report.kind`` is the kind named here.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import Protocol, cast

from triage.reports import identifiers
from triage.reports.normal import Report, UnreadableReport
from triage.reports.sniff import Sniff
from triage.reports.wrappers import unwrap

FORMATS: dict[str, str] = {
    "nwipe.log": "triage.reports.nwipe",
    "glpi.storages": "triage.reports.glpi_storages",
    "smartctl.json": "triage.reports.smartctl",
    "smartctl.text": "triage.reports.smartctl.text_form",
    "ereuse.workbench-script": "triage.reports.ereuse.script",
    "ereuse.workbench-lite": "triage.reports.ereuse.lite",
    "ereuse.workbench11": "triage.reports.ereuse.workbench11",
    "ereuse.events": "triage.reports.ereuse.events",
    "storcli.drives": "triage.reports.storcli",
    "sysfs.battery": "triage.reports.sysfs",
    "edid.block": "triage.reports.edid",
    "hwinfo.text": "triage.reports.hwinfo",
    "hdparm.text": "triage.reports.hdparm",
    "megacli.text": "triage.reports.megacli",
    "ipmitool.fru": "triage.reports.ipmitool",
    "dmidecode.text": "triage.reports.dmidecode",
    "lshw.json": "triage.reports.lshw.json_form",
    "lshw.xml": "triage.reports.lshw.xml_form",
    "blancco.json": "triage.reports.blancco.json_form",
    "blancco.xml": "triage.reports.blancco.xml_form",
    "phonecheck.json": "triage.reports.phonecheck",
    "ios.deviceinfo": "triage.reports.ios.deviceinfo",
    "ios.diagnostics": "triage.reports.ios.diagnostics",
    "android.battery": "triage.reports.android.battery",
    "android.getprop": "triage.reports.android.getprop",
    "lshw.text": "triage.reports.lshw.text_form",
    "bench.row": "triage.reports.bench",
    "glpi.json": "triage.reports.glpi.json_form",
    "glpi.xml": "triage.reports.glpi.xml_form",
    "system_profiler.json": "triage.reports.system_profiler.json_form",
    "system_profiler.xml": "triage.reports.system_profiler.plist_form",
    "system_profiler.text": "triage.reports.system_profiler.text_form",
    "ioreg.xml": "triage.reports.ioreg.plist_form",
    "ioreg.text": "triage.reports.ioreg.text_form",
    "powercfg.xml": "triage.reports.powercfg",
    "upower.text": "triage.reports.upower",
    "acpi.battery": "triage.reports.acpi",
}
DRIVE_TOOLS: frozenset[str] = frozenset({"smartctl", "nwipe", "hdparm", "megacli", "storcli"})
"""Tools that speak of drives alone: the machine they ran on may be any."""
KINDS: tuple[str, ...] = tuple(FORMATS)
TABLE = "bench.table"
KEPT_KINDS: tuple[str, ...] = (*KINDS, TABLE)
"""What a report that is kept can be: a table is none of the formats, since each of its rows is a report of its own."""
MOST_COLLECTED = 100


class Format(Protocol):
    def recognises(self, sniff: Sniff) -> bool: ...

    def parse(self, sniff: Sniff) -> Report: ...


def format_of(kind: str) -> Format:
    """The module that reads a kind."""
    return cast("Format", import_module(FORMATS[kind]))


def read(data: bytes) -> Report:
    """The report in the bytes. Raises UnreadableReport with a code, a sentence and, where known, the place."""
    sniff, warnings = unwrap(Sniff(data))
    if not sniff.head:
        raise UnreadableReport("EMPTY", "The file holds nothing but blanks.", "offset 0")
    report = _read(sniff) or _only_one(sniff.json_or_none)
    if report is None:
        raise sniff.complaint() or UnreadableReport(
            "UNKNOWN_FORMAT", "The file is none of the reports that are read here.", "offset 0"
        )
    report = identifiers.checked(report)
    if sniff.encoding == "latin-1":
        warnings = (*warnings, "The file is not UTF-8; it was read as Latin-1.")
    if sniff.is_mended:
        warnings = (*warnings, "The JSON is not quite in order; it was read as what it means.")
    return replace(report, warnings=(*report.warnings, *warnings)) if warnings else report


def kind_of(sniff: Sniff) -> str | None:
    """The kind that takes the bytes for its own."""
    return next((kind for kind in KINDS if format_of(kind).recognises(sniff)), None)


def _read(sniff: Sniff) -> Report | None:
    kind = kind_of(sniff)
    if kind is None:
        return None
    try:
        return format_of(kind).parse(sniff)
    except UnreadableReport as refusal:
        refusal.kind = kind
        raise


def _only_one(collected: object) -> Report | None:
    """The report in a list of one. Raises SEVERAL_DEVICES for a list of several, since a report is of one thing."""
    if not isinstance(collected, list):
        return None
    reports = [Sniff.holding(one) for one in collected if isinstance(one, dict)][:MOST_COLLECTED]
    known = [(one, kind) for one in reports if (kind := kind_of(one)) is not None]
    if len(known) > 1:
        sentence = "The file holds several reports; send one file for each."
        raise UnreadableReport("SEVERAL_DEVICES", sentence, kind=known[0][1])
    return _read(known[0][0]) if known else None
