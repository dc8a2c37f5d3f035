"""Other people's names of faults, and which of ours they are: tables that are imported are labelled in words of their own.

Ours are the defects of ``triage.defects``, and ``BESIDES``: what customers complain of that is no defect of the thing. A name that may
mean several of ours (``power/battery``) is settled by the words of each text (``settled``). What isn't here is said with ``--map``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

NOTHING = "no_clear_fault"
"""No fault is told: another reason, or nothing that can be made out."""
SOFTWARE = "software_trouble"
BUTTON = "button_fails"
BESIDES = (SOFTWARE, BUTTON, NOTHING)
"""What is proposed beside the defects of the house: software or settings, a button, no fault."""

MEANS: Mapping[str, Sequence[str]] = {
    "access issue": ("locked",),
    "battery": ("battery", "battery_worn", "battery_swollen"),
    "battery contacts": ("battery",),
    "bluetooth": ("connectivity",),
    "boot": (SOFTWARE, "bios", "drive_dead"),
    "buttons": (BUTTON,),
    "camera": ("camera",),
    "case": ("crack", "dent", "hinge", "part_missing"),
    "case chassis": ("hinge", "crack", "dent", "part_missing"),
    "charger": ("power_adapter",),
    "charging port": ("port",),
    "configuration": (SOFTWARE,),
    "connectivity": ("connectivity",),
    "connectors": ("port",),
    "display": ("display", "crack", "touch", "pixels"),
    "external damage": ("crack", "dent", "scratch", "part_missing"),
    "fan": ("fan",),
    "fix connectors or casing": ("port", "crack"),
    "fix the charging port": ("port",),
    "headphone jack": ("port",),
    "help configuration": (SOFTWARE,),
    "hinge": ("hinge",),
    "imaging unit drum": ("prints_badly",),
    "ink cartridge": ("prints_badly",),
    "integrated keyboard": ("keyboard",),
    "integrated media component": ("audio", "camera"),
    "integrated pointing device": ("trackpad",),
    "integrated screen": ("display", "crack", "touch", "pixels", "hinge"),
    "internal damage": ("does_not_work", "liquid", "burnt"),
    "internal storage": ("drive_failing", "drive_dead"),
    "keyboard": ("keyboard",),
    "liquid damage": ("liquid",),
    "memory card slot": ("port",),
    "microphone": ("audio",),
    "on off button": (BUTTON,),
    "operating system": (SOFTWARE,),
    "other buttons": (BUTTON,),
    "overheating": ("stress", "fan"),
    "paper feed": ("prints_badly",),
    "paper output": ("prints_badly",),
    "performance": (SOFTWARE,),
    "poor data": (NOTHING,),
    "ports slots connectors": ("port",),
    "power": ("no_power",),
    "power battery": ("no_power", "battery", "battery_worn", "battery_swollen", "power_adapter"),
    "power supply connectors": ("no_power", "power_adapter"),
    "print quality": ("prints_badly",),
    "printhead cleaning": ("prints_badly",),
    "printhead failure": ("prints_badly",),
    "replace the charger or charging cable": ("power_adapter",),
    "replace with new battery": ("battery_worn", "battery", "battery_swollen"),
    "scanner": ("prints_badly",),
    "screen": ("display", "crack", "touch", "pixels"),
    "sim card slot": ("connectivity",),
    "software": (SOFTWARE,),
    "software issue": (SOFTWARE,),
    "software issue update": (SOFTWARE,),
    "software update": (SOFTWARE,),
    "speaker": ("audio",),
    "speaker amplifier": ("audio",),
    "storage": ("drive_failing", "drive_dead"),
    "storage problem": (SOFTWARE,),
    "stuck booting": (SOFTWARE,),
    "system board": ("does_not_work", "memory", "liquid"),
    "toner": ("prints_badly",),
    "touchscreen": ("touch",),
    "trackpad": ("trackpad",),
    "unknown": (NOTHING,),
    "unrepairable corrosion or leakage": ("liquid",),
    "usb charging port": ("port",),
    "usb port cable": ("port",),
    "virus malware": (SOFTWARE,),
    "volume buttons": (BUTTON,),
    "wifi": ("connectivity",),
}
"""A name in plain words -> those of ours that it may mean. What says nothing of one fault (``other``, ``multiple``) isn't here."""


def plain(name: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


def meant(name: str, *, known: frozenset[str], mapped: Mapping[str, str] | None = None) -> Sequence[str]:
    """Which of ours ``name`` may mean: one that was mapped by hand, one of ours by its code, or one of this table; none is unknown."""
    if mapped and name in mapped:
        return (mapped[name],)
    bare = name.strip().casefold()
    if bare in known:
        return (bare,)
    return tuple(code for code in MEANS.get(plain(name), ()) if code in known)


def settled(may: Sequence[str], shares: Mapping[str, float]) -> str:
    """The one of several that the text itself points to most; the first where it points to none."""
    if len(may) == 1:
        return may[0]
    return max(may, key=lambda code: (shares.get(code, 0.0), -may.index(code)))
