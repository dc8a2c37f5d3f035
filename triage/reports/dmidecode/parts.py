"""What a decoded table says of the machine beyond its name: its parts, battery, firmware and further identifiers."""

from __future__ import annotations

import re
from datetime import date

from triage.reports import batteries, values
from triage.reports import identifiers as checks
from triage.reports.dmidecode import jedec
from triage.reports.dmidecode.table import Table
from triage.reports.normal import Battery, Component, Firmware, Identifier, IdentifierKind
from triage.reports.placeholders import clean, clean_serial, clean_uuid

_A_PLACE = re.compile(
    r"(?:redundant |system )?(?:(?:power|pwr) ?supply|psu|ps|supply)(?: slot| bay| unit)?[ _#-]*\d*", re.IGNORECASE
)
_LEAST_MILLIAMPERE_HOURS = 1000
"""What a pack of several cells holds at least; less is a figure in another unit."""


def components(table: Table) -> list[Component]:
    """The parts, in the order system, board, firmware, processors, memory, batteries, power supplies."""
    parts = []
    for title, kind in (("System Information", "system"), ("Base Board Information", "motherboard")):
        parts += [
            _component(kind, one, "Product Name", Version="version", Family="family") for one in table.all(title)[:1]
        ]
    parts += [
        Component(
            kind="firmware",
            manufacturer=clean(one.get("Vendor")),
            detail=_detail(one, Version="version", **{"Release Date": "date"}),
        )
        for one in table.all("BIOS Information")[:1]
    ]
    for one in table.all("Processor Information"):
        if "unpopulated" not in one.get("Status", "").lower():
            parts.append(_component("processor", one, "Version", **{"Core Count": "cores"}))
    parts += [_module(one) for one in table.modules()]
    parts += [_battery_part(one) for one in table.all("Portable Battery")]
    parts += [_supply(one) for one in table.all("System Power Supply")]
    return [part for part in parts if part.manufacturer or part.model or part.serial or part.detail]


def _module(one: dict[str, str]) -> Component:
    detail = _detail(one, **{"Form Factor": "form", "Type": "type", "Locator": "slot", "Speed": "speed"})
    detail["size_bytes"] = str(values.size(one.get("Size"), binary=True))
    return Component(
        kind="memory",
        manufacturer=jedec.maker(one.get("Manufacturer")),
        model=_padded(clean(one.get("Part Number"))),
        serial=clean_serial(one.get("Serial Number")),
        detail=detail,
    )


def _padded(name: str | None) -> str | None:
    """A part number without the dashes that fill it up."""
    return None if name is None else clean(re.sub(r"-{3,}$", "", name))


def _battery(one: dict[str, str]) -> Battery:
    return Battery(
        design_mwh=_design(one),
        serial=batteries.serial(one.get("Serial Number")),
        manufacturer=clean(one.get("Manufacturer")),
        model=clean(one.get("Name")),
        chemistry=clean(one.get("Chemistry")),
    )


def _battery_part(one: dict[str, str]) -> Component:
    battery = _battery(one)
    if not (battery.manufacturer or battery.model or battery.serial or battery.design_mwh):
        # Chemistry and place alone stand in tables of machines that have no battery.
        return Component(kind="battery")
    return batteries.part(battery, location=one.get("Location"), made=_iso(one.get("Manufacture Date")))


def _supply(one: dict[str, str]) -> Component:
    """A power supply. HP's names are places ("Power Supply 1"): there the part number is the model."""
    name = clean(one.get("Name"))
    number = clean(one.get("Model Part Number"))
    watts = re.match(r"(\d{1,5}) W\b", one.get("Max Power Capacity", ""))
    detail = {"part_number": number, "watts": watts[1] if watts and int(watts[1]) else None}
    if name is None or _A_PLACE.fullmatch(name):
        name, detail["slot"] = number, name
    else:
        detail["slot"] = clean(one.get("Location"))
    maker, serial = clean(one.get("Manufacturer")), clean_serial(one.get("Serial Number"))
    known = maker or name or serial or detail["watts"]
    return Component(
        kind="power_supply",
        manufacturer=maker,
        model=name,
        serial=serial,
        detail={key: value for key, value in detail.items() if value} if known else {},
    )


def _component(kind: str, one: dict[str, str], model: str, **detail: str) -> Component:
    return Component(
        kind=kind,
        manufacturer=clean(one.get("Manufacturer")),
        model=clean(one.get(model)),
        serial=clean_serial(one.get("Serial Number")),
        detail=_detail(one, **detail),
    )


def _detail(one: dict[str, str], **names: str) -> dict[str, str]:
    return {name: value for source, name in names.items() if (value := clean(one.get(source)))}


def battery(table: Table) -> Battery | None:
    """What the table knows of the batteries: how they left the factory, not their state. Of several, the sum of the designs."""
    known = [_battery(one) for one in table.all("Portable Battery")]
    return batteries.together([one for one in known if one.design_mwh or one.serial or one.model])


def doubts(table: Table) -> list[str]:
    """Figures that were left out because they can't be what they are called."""
    odd = [one for one in table.all("Portable Battery") if _stated(one) and _design(one) is None]
    return ["The battery's design capacity can't be in the unit that is printed; it was left out."] if odd else []


def _stated(one: dict[str, str]) -> int | None:
    found = re.match(r"(\d{1,7}) mWh", one.get("Design Capacity", ""))
    return values.positive(found[1]) if found else None


def _design(one: dict[str, str]) -> int | None:
    capacity = _stated(one)
    volts = re.match(r"(\d{1,6}) mV", one.get("Design Voltage", ""))
    if capacity is None or volts is None or int(volts[1]) < 7000:
        return capacity
    return capacity if capacity * 1000 // int(volts[1]) >= _LEAST_MILLIAMPERE_HOURS else None


def firmware(table: Table) -> Firmware | None:
    one = table.first("BIOS Information")
    vendor, version = clean(one.get("Vendor")), clean(one.get("Version"))
    released = _iso(one.get("Release Date"))
    return Firmware(vendor=vendor, version=version, released=released) if vendor or version or released else None


def _iso(printed: str | None) -> str | None:
    """A day as ISO 8601. SMBIOS writes month, day, year; two digits of a year are of the twentieth century."""
    text = (printed or "").strip()
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})", text, re.ASCII)
    year, month, day = (found[3], found[1], found[2]) if found else ("", "", "")
    if found is None:
        other = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text, re.ASCII)
        if other is None:
            return None
        year, month, day = other[1], other[2], other[3]
    try:
        found_day = date(int(year) if len(year) == 4 else 1900 + int(year), int(month), int(day))
    except ValueError:
        return None
    return found_day.isoformat() if 1985 <= found_day.year <= 2099 else None


def identifiers(table: Table) -> tuple[Identifier, ...]:
    """What else names the machine: the UUID, and the serials of its board and its case."""
    return checks.identifiers(
        (
            (IdentifierKind.UUID, clean_uuid(table.system.get("UUID"))),
            (IdentifierKind.BOARD_SERIAL, table.board.get("Serial Number")),
            (IdentifierKind.CHASSIS_SERIAL, table.chassis.get("Serial Number")),
        )
    )
