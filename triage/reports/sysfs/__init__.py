"""Linux' own account of a battery, ``/sys/class/power_supply/BAT0/uevent`` (kind ``sysfs.battery``).

The mapping stands in docs/reports/sysfs.md. It is of a battery alone: whose machine it sits in, it doesn't say.
"""

from __future__ import annotations

import re

from triage.reports import batteries, values
from triage.reports.normal import Battery, Report, UnreadableReport
from triage.reports.placeholders import clean
from triage.reports.sniff import Sniff

KIND = "sysfs.battery"
_LINE = re.compile(r"^POWER_SUPPLY_([A-Z_]+)=([^\r\n]*)", re.MULTILINE)
_LONGEST = 64 * 1024


def recognises(sniff: Sniff) -> bool:
    """Whether the text begins with the kernel's lines for a power supply. Never raises."""
    try:
        return bool(re.match(r"(?:DEVTYPE=power_supply\s+)?POWER_SUPPLY_[A-Z_]+=", sniff.head))
    except UnreadableReport:
        return False


def parse(sniff: Sniff) -> Report:
    """The battery. Raises NO_DEVICE for a mains adapter, for an empty bay and for an answer without figures."""
    text = sniff.text[:_LONGEST]
    if len(re.findall(r"^POWER_SUPPLY_NAME=\S", text, re.MULTILINE)) > 1:
        raise UnreadableReport("SEVERAL_DEVICES", "The text holds several power supplies; send one file for each.")
    said: dict[str, str] = dict(_LINE.findall(text))
    if said.get("TYPE", "Battery") not in {"Battery", ""} or said.get("PRESENT") == "0":
        raise UnreadableReport("NO_DEVICE", "This is no battery that is present.", "line 1")
    design, full = _energy(said, "FULL_DESIGN"), _energy(said, "FULL")
    battery = Battery(
        design_mwh=design,
        full_mwh=full,
        # Firmware that doesn't count cycles says 0.
        cycles=values.positive(said.get("CYCLE_COUNT")),
        health_percent=_health(said),
        serial=batteries.serial(said.get("SERIAL_NUMBER")),
        manufacturer=clean(said.get("MANUFACTURER")),
        model=clean(said.get("MODEL_NAME")),
        chemistry=clean(said.get("TECHNOLOGY")),
    )
    if not (battery.design_mwh or battery.full_mwh or battery.health_percent or battery.model or battery.serial):
        raise UnreadableReport("NO_DEVICE", "The answer names no battery and measures none.", "line 1")
    return Report(kind=KIND, tool="linux", battery=battery, components=(batteries.part(battery),))


def _energy(said: dict[str, str], name: str) -> int | None:
    """Milliwatt hours: from microwatt hours, or from microampere hours at the voltage that the battery was designed for."""
    if energy := values.positive(said.get(f"ENERGY_{name}")):
        return batteries.energy(energy // 1000)
    charge, volts = values.positive(said.get(f"CHARGE_{name}")), values.positive(said.get("VOLTAGE_MIN_DESIGN"))
    return batteries.energy(charge * volts // 10**9) if charge and volts else None


def _health(said: dict[str, str]) -> int | None:
    for unit in ("ENERGY", "CHARGE"):
        full, design = values.positive(said.get(f"{unit}_FULL")), values.positive(said.get(f"{unit}_FULL_DESIGN"))
        if share := batteries.health(full, design):
            return share
    return None
