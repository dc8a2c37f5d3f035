"""What the formats that speak of batteries share: a share of health that can be true, several batteries as one, a battery as a part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from triage.reports import values
from triage.reports.normal import Battery, BatteryCondition, Component
from triage.reports.placeholders import clean, clean_serial

Same = TypeVar("Same")

LARGEST_MWH = 1_000_000
_NUMBER = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*([A-Za-z%]*)", re.ASCII)
_WORST_FIRST = (
    BatteryCondition.FAILED,
    BatteryCondition.WORN,
    BatteryCondition.UNKNOWN,
    BatteryCondition.GOOD,
)


def number(value: object) -> tuple[float, str] | None:
    """A figure and its unit in lower case, whatever mark the language of the tool sets before decimals: "51,504 Wh"."""
    line = values.text(value)
    found = _NUMBER.match(line) if line else None
    return (float(found[1].replace(",", ".")), found[2].lower()) if found else None


def milliwatt_hours(value: object, *, millivolts: int | None = None) -> int | None:
    """The energy of "51.5 Wh", "7236 mAh" (with the voltage that the design names) or a bare number, which is mWh."""
    found = number(value)
    if found is None:
        return None
    amount, unit = found
    volts = (millivolts or 0) / 1000
    factor = {"": 1.0, "mwh": 1.0, "wh": 1000.0, "mah": volts, "ah": 1000 * volts}.get(unit, 0.0)
    # What isn't told in hours of work (a bare percentage, a broken unit) is none.
    return energy(round(amount * factor))


def energy(value: object) -> int | None:
    """A number of milliwatt hours that a battery can hold; registers without a value read 0, 65535 or all bits set."""
    found = values.positive(value)
    return found if found is not None and found <= LARGEST_MWH else None


def health(full: int | None, design: int | None) -> int | None:
    """Full charge against design capacity in whole percent; None where one of them isn't told."""
    return min(100, round(100 * full / design)) if full and design else None


def share(value: object) -> int | None:
    """A share that a report states as such: "92,8269%"."""
    found = number(value)
    return round(found[0]) if found and 0 < found[0] <= 100 else None


def serial(value: object) -> str | None:
    """A battery's serial. Packs count in few digits, so 541 is one; nothing but zeros is none."""
    return clean_serial(value)


def together(batteries: Sequence[Battery]) -> Battery | None:
    """The one battery, or the sum of several; a figure that one of them doesn't tell is none of the sum."""
    if len(batteries) <= 1:
        return batteries[0] if batteries else None
    designs, fulls = [one.design_mwh for one in batteries], [one.full_mwh for one in batteries]
    design = sum(filter(None, designs)) if all(designs) else None
    full = sum(filter(None, fulls)) if all(fulls) else None
    told = [one.condition for one in batteries if one.condition is not None]
    return Battery(
        design_mwh=design,
        full_mwh=full,
        cycles=max((one.cycles for one in batteries if one.cycles is not None), default=None),
        health_percent=health(full, design),
        manufacturer=_same([one.manufacturer for one in batteries]),
        model=_same([one.model for one in batteries]),
        chemistry=_same([one.chemistry for one in batteries]),
        condition=next((one for one in _WORST_FIRST if one in told), None),
    )


def _same(told: Sequence[Same | None]) -> Same | None:
    return told[0] if len(set(told)) == 1 else None


def part(battery: Battery, **detail: object) -> Component:
    """The battery as a part of the machine, with what else is told of it."""
    figures: dict[str, object] = {
        "design_mwh": battery.design_mwh,
        "full_mwh": battery.full_mwh,
        "cycles": battery.cycles,
        "chemistry": battery.chemistry,
        **detail,
    }
    return Component(
        kind="battery",
        manufacturer=battery.manufacturer,
        model=battery.model,
        serial=battery.serial,
        detail={name: text for name, value in figures.items() if (text := _printed(value))},
    )


def _printed(value: object) -> str | None:
    return clean(value) if isinstance(value, str) else values.text(value)


def says_anything(battery: Battery) -> bool:
    """Whether anything at all is told of the battery."""
    return battery != Battery()
