"""The JSON of ``inxi --output json``: lists of objects whose keys carry their order and level, as in ``004#0#3#serial``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, TypeAlias

from triage.reports import values
from triage.reports.media import Found, type_of_model
from triage.reports.normal import Battery, Component, Health, Medium, MediumType
from triage.reports.placeholders import clean, clean_serial

_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)
_NOTHING = {"n/a", "none", ""}

Value: TypeAlias = Any  # whatever a foreign file holds
Row = list[tuple[str, Value]]


class Machine:
    """The sections of an inxi report. Every row keeps its pairs in inxi's order, since names repeat (the system's serial stands
    before the chassis's)."""

    def __init__(self, value: object) -> None:
        self.sections: dict[str, list[Row]] = {}
        for section in values.mappings(value):
            for key, rows in section.items():
                self.sections.setdefault(_name(key), []).extend(_row(row) for row in values.mappings(rows))

    def rows(self, section: str) -> list[Row]:
        return self.sections.get(section, [])

    @property
    def system(self) -> Row:
        return next((row for row in self.rows("Machine") if _has(row, "System")), [])

    @property
    def board(self) -> Row:
        return next((row for row in self.rows("Machine") if _has(row, "Mobo")), [])

    def manufacturer(self) -> str | None:
        return clean(get(self.system, "System"))

    def model(self) -> str | None:
        return clean(get(self.system, "product"))

    def serial(self) -> str | None:
        return clean_serial(get(self.system, "serial"))

    def chassis(self) -> str | None:
        return clean(next((get(row, "Type") for row in self.rows("Machine") if _has(row, "Type")), None))

    def memory(self) -> int | None:
        """Bytes of the modules; without them what the kernel sees, which is a little less."""
        sizes = [values.size(get(row, "size"), binary=True) or 0 for row in self.rows("Memory") if _has(row, "Device")]
        if total := sum(sizes):
            return total
        totals = (values.size(get(row, "total"), binary=True) for row in self.rows("Memory"))
        return next((size for size in totals if size), None)

    def media(self) -> list[Found]:
        found: list[Found] = []
        section = [*self.rows("Drives"), *self.rows("Disk"), *self.rows("Optical")]
        for row in section:
            name = values.text(get(row, "ID"))
            if name is not None and (_has(row, "model") or _has(row, "serial") or _has(row, "size")):
                found.append(Found(device=name, medium=_medium(row, name)))
            elif found and (_has(row, "cycles") or _has(row, "health")):
                # inxi puts what the drive says of itself in a row of its own behind the drive.
                last = found.pop()
                found.append(Found(device=last.device, medium=_with_health(last.medium, row)))
        return found

    def battery(self) -> Battery | None:
        for row in self.rows("Battery"):
            condition = values.text(get(row, "condition")) or ""
            numbers = re.match(r"([\d.]+)/([\d.]+) Wh", condition)
            percent = re.search(r"\(([\d.]+)%\)", condition)
            serial = clean_serial(get(row, "serial"))
            cycles = values.whole(get(row, "cycles"))
            if numbers or percent or serial or cycles:
                full, design = (_milliwatt_hours(numbers[1]), _milliwatt_hours(numbers[2])) if numbers else (None, None)
                return Battery(
                    design_mwh=design,
                    full_mwh=full,
                    cycles=cycles,
                    health_percent=None if percent is None else _percent(percent[1]),
                    serial=serial,
                )
        return None

    def macs(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        usb = False
        for row in self.rows("Network"):
            if _has(row, "Device"):
                usb = get(row, "type") == "USB"
            mac = values.text(get(row, "mac")) or ""
            if _MAC.fullmatch(mac) and not usb:
                found.setdefault(mac.lower(), None)
        return tuple(found)

    def components(self) -> list[Component]:
        parts = [
            Component(
                kind="motherboard",
                manufacturer=clean(get(self.board, "Mobo")),
                model=clean(get(self.board, "model")),
                serial=clean_serial(get(self.board, "serial")),
            )
        ]
        sections = {"CPU": "processor", "Graphics": "graphics", "Network": "network", "Audio": "sound"}
        for section, kind in sections.items():
            name = "model" if section == "CPU" else "Device"
            parts += [
                Component(kind=kind, manufacturer=clean(get(row, "vendor")), model=clean(get(row, name)))
                for row in self.rows(section)
                if clean(get(row, name))
            ]
        parts += [_display(row) for row in self.rows("Graphics") if _has(row, "Monitor")]
        parts += [
            Component(
                kind="memory",
                manufacturer=clean(get(row, "manufacturer")),
                model=clean(get(row, "part-no")),
                serial=clean_serial(get(row, "serial")),
                detail={"size_bytes": str(size)},
            )
            for row in self.rows("Memory")
            if _has(row, "Device") and (size := values.size(get(row, "size"), binary=True))
        ]
        parts += [
            Component(kind="battery", model=clean(get(row, "model")), serial=clean_serial(get(row, "serial")))
            for row in self.rows("Battery")
        ]
        return [part for part in parts if part.manufacturer or part.model or part.serial]


def get(row: Row, name: str) -> Value:
    """The first value of that name in the row, or None; inxi's N/A is None."""
    value = next((value for key, value in row if key == name), None)
    return None if isinstance(value, str) and value.strip().lower() in _NOTHING else value


def _display(row: Row) -> Component:
    said = {"resolution": clean(get(row, "res")), "diagonal": clean(get(row, "diag"))}
    return Component(
        kind="display",
        model=clean(get(row, "model")),
        serial=clean_serial(get(row, "serial")),
        detail={name: value for name, value in said.items() if value},
    )


def _has(row: Row, name: str) -> bool:
    return any(key == name for key, _ in row)


def _name(key: object) -> str:
    return str(key).split("#")[-1]


def _row(row: Value) -> Row:
    return [(_name(key), value) for key, value in sorted(row.items(), key=lambda pair: str(pair[0]))]


def _medium(row: Row, name: str) -> Medium:
    model = clean(get(row, "model"))
    return Medium(
        model=model,
        serial=clean_serial(get(row, "serial")),
        capacity_bytes=values.size(get(row, "size")),
        type=_type(row, name, model),
        manufacturer=clean(get(row, "vendor")),
        firmware=clean(get(row, "fw-rev") or get(row, "rev")),
        interface="nvme" if "nvme" in name else None,
    )


def _type(row: Row, name: str, model: str | None) -> MediumType:
    if get(row, "type") == "USB":
        return MediumType.USB
    if "/sr" in name:
        return MediumType.OPTICAL
    if "nvme" in name:
        return MediumType.NVME
    if "mmcblk" in name:
        return MediumType.UNKNOWN if get(row, "type") == "Removable" else MediumType.EMMC
    tech = (values.text(get(row, "tech")) or "").upper()
    if tech == "SSD":
        return MediumType.SSD
    if tech == "HDD" or get(row, "rpm") is not None:
        return MediumType.HDD
    return type_of_model(model)


def _with_health(medium: Medium, row: Row) -> Medium:
    health = (values.text(get(row, "health")) or "").upper()
    passed = True if health in {"PASSED", "OK"} else False if health.startswith("FAIL") else None
    return medium if passed is None else replace(medium, health=Health(passed=passed))


def _milliwatt_hours(text: str) -> int | None:
    try:
        return values.positive(round(float(text) * 1000))
    except (ValueError, OverflowError):
        return None


def _percent(text: str) -> int | None:
    try:
        return max(0, min(100, round(float(text))))
    except (ValueError, OverflowError):
        return None
