"""What ACPI itself says of a battery (kind ``acpi.battery``): FreeBSD's ``acpiconf -i`` and Linux' ``/proc/acpi/battery/*/info``, also as
an ini file with a section. (The kernel's ``uevent`` is ``sysfs.battery``.)

Capacities in mAh become mWh by the design voltage, for so the firmware means them; without it only the health is told. The battery's
maker, model and serial are its own and never the machine's. ``OEM info`` is the cell maker's code: a maker where it is a bare name.
"""

from __future__ import annotations

import re

from triage.reports import batteries, values
from triage.reports.normal import Battery, Report, UnreadableReport
from triage.reports.placeholders import clean
from triage.reports.sniff import Sniff

KIND = "acpi.battery"
_LINE = re.compile(r"^\s*([A-Za-z][A-Za-z0-9 _/()-]*?)\s*[:=]\s*(.*)$")
_SECTION = re.compile(r"^\s*\[[^\]\n]{1,80}\]\s*$")
_MOST_LINES = 400
_LONGEST = 1000
_NAMES = {
    "lastfullcapacity": "full", "fullchargecapacity": "full", "lastfullchargecapacity": "full", "designcapacity": "design",
    "designvoltage": "voltage", "modelnumber": "model", "modelname": "model", "model": "model", "serialnumber": "serial",
    "serial": "serial", "type": "chemistry", "batterytype": "chemistry", "technology": "technology", "oeminfo": "oem",
    "manufacturer": "maker", "cyclecount": "cycles", "cycles": "cycles", "present": "present", "state": "state",
}  # fmt: skip


def recognises(sniff: Sniff) -> bool:
    if len(sniff.text) > 40_000 or sniff.looks_like_xml or sniff.looks_like_json:
        return False
    head = sniff.head[:4000]
    return bool(
        re.search(r"^\s*Design capacity\s*[:=]", head, re.MULTILINE | re.IGNORECASE)
        and re.search(r"^\s*(Last full (charge )?capacity|Design voltage)\s*[:=]", head, re.MULTILINE | re.IGNORECASE)
        and not re.search(r"^Handle 0x", head, re.MULTILINE)
    ) or bool(re.match(r"(State|present):\s+(not present|no)\s*\Z", head.strip(), re.IGNORECASE))


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE for a slot without a battery."""
    packs = [one for told in _sections(sniff.text) if (one := _battery(told)) and batteries.says_anything(one)]
    if not packs:
        raise UnreadableReport("NO_DEVICE", "The output tells of no battery.", "line 1")
    return Report(
        kind=KIND,
        tool="acpi",
        components=tuple(batteries.part(one) for one in packs),
        battery=batteries.together(packs),
    )


def _sections(text: str) -> list[dict[str, str]]:
    sections: list[dict[str, str]] = [{}]
    for printed in text.splitlines()[:_MOST_LINES]:
        line = printed[:_LONGEST].rstrip()
        if _SECTION.match(line):
            sections.append({})
        elif pair := _LINE.match(line):
            known = _NAMES.get(re.sub(r"[^a-z]", "", pair[1].lower()))
            if known is None:
                continue
            if known == "design" and "design" in sections[-1]:
                sections.append({})
            sections[-1].setdefault(known, pair[2])
    return sections


def _battery(told: dict[str, str]) -> Battery | None:
    if told.get("present", "").lower() in {"no", "0"} or told.get("state", "").lower() == "not present":
        return None
    volts = batteries.number(told.get("voltage"))
    millivolts = round(volts[0] * (1000 if volts[1] == "v" else 1)) if volts else None
    # Firmware that doesn't know prints all bits of a word set.
    design, full = (batteries.milliwatt_hours(told.get(name), millivolts=millivolts) for name in ("design", "full"))
    charges = [batteries.number(told.get(name)) for name in ("full", "design")]
    amounts = [round(one[0]) if one and one[0] < batteries.LARGEST_MWH else None for one in charges]
    oem = clean(told.get("oem"))
    return Battery(
        design_mwh=design,
        full_mwh=full,
        cycles=values.positive(told.get("cycles")),
        health_percent=batteries.health(amounts[0], amounts[1]),
        serial=batteries.serial(told.get("serial")),
        manufacturer=clean(told.get("maker")) or (oem if oem and re.fullmatch(r"[A-Za-z][A-Za-z ]+", oem) else None),
        model=clean(told.get("model")),
        chemistry=clean(told.get("chemistry")) or _chemistry(told.get("technology")),
    )


def _chemistry(told: str | None) -> str | None:
    """ACPI's "technology" only says whether it can be charged; the kernel's names the chemistry."""
    return None if told is None or "rechargeable" in told.lower() else clean(told)
