"""Carriers: what we ask of each, and a folder for each that we can ask.

A folder holds everything about one carrier: its calls, its formats, its status codes. ``VENDORS`` is the table from the ``vendor`` of a
``Carrier`` to its folder; ``any`` is for every carrier that nobody has taught us: it takes our own tracking number on the label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Protocol

VENDORS: Mapping[str, str] = {"any": "revlog.logistics.carriers.any"}


@dataclass(frozen=True)
class Booking:
    """What a carrier gave for one parcel: the number it is tracked by, and words for the label."""

    tracking: str
    service: str = ""


class Vendor(Protocol):
    """A carrier's folder. ``key`` makes a booking happen once: the same key again gives the same parcel."""

    def book(self, *, key: str, direction: str, account: Mapping[str, object], at: datetime) -> Booking: ...


def vendor(name: str) -> Vendor:
    """The folder of a vendor. Raises LookupError for one that there is none for."""
    if name not in VENDORS:
        raise LookupError(f"There is no folder for the carrier {name!r} in revlog/logistics/carriers.")
    found: Vendor = import_module(VENDORS[name])
    return found
