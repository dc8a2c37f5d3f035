"""Workbench 2022 ("lite", 14) and the script's legacy form: raw outputs under ``data``, lshw among them."""

from __future__ import annotations

from dataclasses import replace

from triage.reports import values
from triage.reports.ereuse import raw
from triage.reports.normal import Report
from triage.reports.sniff import Sniff

KIND = "ereuse.workbench-lite"


def recognises(sniff: Sniff) -> bool:
    top = sniff.document
    data = values.mapping(top.get("data"))
    return "device" not in top and bool({"lshw", "smart", "hwinfo"} & data.keys()) and ("type" in top or "uuid" in top)


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE when no output describes a machine."""
    top = sniff.document
    return replace(
        raw.report(values.mapping(top.get("data")), kind=KIND),
        tool=values.text(top.get("software")),
        tool_version=values.text(top.get("version")),
        issued_at=values.moment(top.get("timestamp")),
    )
