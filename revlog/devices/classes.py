"""What kinds of things travel, and what data each can hold, and where.

``holds`` is *never*, *maybe* or *always*; ``where`` lists the places. *Always* and *maybe* start as ``UNKNOWN``, which counts as
present; only *never* is ``NONE`` by itself. ``soldered`` names the medium that can't be taken out: it exists as soon as the unit does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Holds(StrEnum):
    NEVER = "never"
    MAYBE = "maybe"
    ALWAYS = "always"


@dataclass(frozen=True)
class DeviceClass:
    code: str
    label: Promise
    holds: Holds
    where: tuple[str, ...] = ()
    soldered: str | None = None
    """Type of the storage that is part of the board (``ufs``, ``emmc``), None where drives are separate."""
    icon: str = "box"
    weee_category: int | None = None
    """Category of Directive 2012/19/EU, Annex III; None for what is no electrical equipment."""
    typical_grams: int = 1000
    needs_decontamination: bool = False
    """Whether it may carry what makes people ill: nobody opens it before its decontamination is on record."""


_all = (
    DeviceClass("laptop", _("laptop"), Holds.ALWAYS, ("drive", "soldered flash"), None, "device-laptop", 2, 1700),
    DeviceClass("desktop", _("desktop computer"), Holds.ALWAYS, ("drive",), None, "device-desktop", 6, 7000),
    DeviceClass("server", _("server"), Holds.ALWAYS, ("drive", "management controller"), None, "server", 4, 20000),
    DeviceClass("phone", _("phone"), Holds.ALWAYS, ("soldered flash", "SIM", "SD"), "ufs", "device-mobile", 6, 180),
    DeviceClass("tablet", _("tablet"), Holds.ALWAYS, ("soldered flash", "SIM", "SD"), "emmc", "device-tablet", 2, 500),
    DeviceClass("storage", _("drive"), Holds.ALWAYS, ("drive",), None, "database", 6, 400),
    DeviceClass("monitor", _("monitor"), Holds.NEVER, (), None, "device-desktop", 2, 5000),
    DeviceClass("printer", _("printer"), Holds.MAYBE, ("copier disk", "memory"), None, "printer", 5, 9000),
    DeviceClass("network", _("network device"), Holds.MAYBE, ("switch configuration",), None, "router", 6, 2500),
    DeviceClass(
        "medical",
        _("medical device"),
        Holds.MAYBE,
        ("drive", "soldered flash", "SD"),
        None,
        "heartbeat",
        5,
        8000,
        needs_decontamination=True,
    ),
    DeviceClass("appliance", _("appliance"), Holds.NEVER, (), None, "fridge", 5, 3000),
    DeviceClass("part", _("part"), Holds.NEVER, (), None, "cpu", 6, 100),
    DeviceClass("accessory", _("accessory"), Holds.NEVER, (), None, "plug", 6, 150),
    DeviceClass("apparel", _("clothing"), Holds.NEVER, (), None, "shirt", None, 400),
    DeviceClass("materials", _("material"), Holds.NEVER, (), None, "stack-2", None, 1000),
    DeviceClass("other", _("other"), Holds.MAYBE, ("unknown",), None, "box", None, 1000),
)
CLASSES: dict[str, DeviceClass] = {each.code: each for each in _all}
CHOICES = [(each.code, each.label) for each in _all]


def of(code: str) -> DeviceClass:
    """The class called ``code``; what nobody classified may hold data."""
    return CLASSES.get(code, CLASSES["other"])
