"""Windows' battery report, ``powercfg /batteryreport /xml`` (kind ``powercfg.xml``); its page in HTML is refused with the way to the XML.

What goes where
---------------
* ``SystemManufacturer`` and ``SystemProductName`` are the machine's; a serial of the machine isn't in the report. The name of the
  computer is somebody's and not read.
* ``PlatformRole`` names the form: *Mobile* is a notebook, *Slate* a tablet.
* Each ``Battery`` is a component; ``battery`` is the one, or the sum of several. Capacities are milliwatt hours; where
  ``RelativeCapacity`` is set they are shares of an unknown unit and only the health is told.
* A cycle count of 0 means that the battery doesn't count; Windows' own page prints a dash there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from triage.reports import batteries, values
from triage.reports.normal import Battery, Firmware, Report, UnreadableReport
from triage.reports.placeholders import clean
from triage.reports.sniff import Sniff

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

KIND = "powercfg.xml"
_ROOT = re.compile(r"(?:\{https?://schemas\.microsoft\.com/battery/\d+\})?BatteryReport")
_PAGE = re.compile(r"<title>\s*Battery report\s*</title>", re.IGNORECASE)
_ROLES = {
    "mobile": "Notebook", "slate": "Tablet", "desktop": "Desktop", "workstation": "Workstation", "enterpriseserver": "Server",
    "sohoserver": "Server", "performanceserver": "Server",
}  # fmt: skip
_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")


def recognises(sniff: Sniff) -> bool:
    if not sniff.looks_like_xml:
        return False
    if "BatteryReport" not in sniff.head:
        return _is_page(sniff)
    root = sniff.xml_or_none
    return root is not None and bool(_ROOT.fullmatch(root.tag))


def _is_page(sniff: Sniff) -> bool:
    return sniff.head[:200].lower().startswith(("<!doctype html", "<html")) and bool(_PAGE.search(sniff.head))


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE when neither a machine nor a battery is told, UNKNOWN_FORMAT for the page made for browsers."""
    if _is_page(sniff):
        raise UnreadableReport(
            "UNKNOWN_FORMAT",
            "This is the battery report's page; send the output of powercfg /batteryreport /xml.",
            "offset 0",
        )
    root = sniff.xml
    system = _below(root, "SystemInformation")
    found = [_battery(one) for one in root.iter() if _name(one) == "Battery"][:8]
    packs = [one for one in found if batteries.says_anything(one)]
    report = Report(
        kind=KIND,
        tool="powercfg",
        tool_version=_text(_below(root, "ReportInformation"), "ReportVersion"),
        manufacturer=clean(_text(system, "SystemManufacturer")),
        model=clean(_text(system, "SystemProductName")),
        chassis=_ROLES.get((_text(system, "PlatformRole") or "").lower()),
        components=tuple(batteries.part(one) for one in packs),
        battery=batteries.together(packs),
        firmware=_firmware(system),
        issued_at=values.moment(_text(_below(root, "ReportInformation"), "ScanTime")),
    )
    if not (report.manufacturer or report.model or packs):
        raise UnreadableReport("NO_DEVICE", "The battery report names no machine and no battery.", "line 1")
    return report


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _below(element: Element | None, name: str) -> Element | None:
    return next((child for child in element if _name(child) == name), None) if element is not None else None


def _text(element: Element | None, name: str) -> str | None:
    child = _below(element, name)
    return values.text(child.text) if child is not None else None


def _firmware(system: Element | None) -> Firmware | None:
    version, printed = clean(_text(system, "BIOSVersion")), _text(system, "BIOSDate") or ""
    found = _DATE.fullmatch(printed)
    released = f"{found[3]}-{found[1]}-{found[2]}" if found and 1 <= int(found[1]) <= 12 else None
    return Firmware(version=version, released=released) if version or released else None


def _battery(element: Element) -> Battery:
    design, full = (batteries.energy(_text(element, name)) for name in ("DesignCapacity", "FullChargeCapacity"))
    relative = _text(element, "RelativeCapacity") == "1"
    return Battery(
        design_mwh=None if relative else design,
        full_mwh=None if relative else full,
        cycles=values.positive(_text(element, "CycleCount")),
        health_percent=batteries.health(full, design),
        serial=batteries.serial(_text(element, "SerialNumber")),
        manufacturer=clean(_text(element, "Manufacturer")),
        model=clean(_text(element, "Id")),
        chemistry=clean(_text(element, "Chemistry")),
    )
