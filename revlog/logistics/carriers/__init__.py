"""Carriers: what we ask of each, and a folder for each that we can ask.

A folder holds everything about one carrier: its calls, its formats, its status codes. ``VENDORS`` is the table from the ``vendor`` of a
``Carrier`` to its folder. ``any`` is for every carrier that nobody has taught us: it takes our own tracking number on the label. ``van``
is our own. Both are asked nothing and ``AT_ONCE`` is true. ``easypost`` is on the net: a booking is written down first (``Booking``), then
it is asked under that row's id, and before it is asked once more after an accident, ``find`` says whether it happened.

What can't be reached, or is too busy, raises OSError: the worker comes again. What is refused for good is `Refused`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Protocol

VENDORS: Mapping[str, str] = {
    "any": "revlog.logistics.carriers.any",
    "van": "revlog.logistics.carriers.van",
    "easypost": "revlog.logistics.carriers.easypost",
}
SCANS = ("announced", "in_transit", "out_for_delivery", "waiting", "delivered", "going_back", "trouble")
"""What a carrier says of a parcel, whoever it is: each folder translates its own words into these."""
ON_ITS_WAY = frozenset({"in_transit", "out_for_delivery", "waiting", "delivered"})
"""Of these the carrier has the parcel, or had it."""


class Refused(Exception):
    """The carrier says no for good: asking again would get the same answer. ``code`` is its own."""

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.sentence, self.code = sentence, code


@dataclass(frozen=True)
class Party:
    """Who sends or gets a parcel, and where; lines as on an envelope, without the country."""

    name: str
    lines: Sequence[str]
    postcode: str = ""
    city: str = ""
    country: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Wanted:
    """One parcel that is to be booked. ``sender`` is who hands it to the carrier, ``receiver`` where it goes."""

    sender: Party
    receiver: Party
    direction: str
    grams: int
    label_free: bool = False


@dataclass(frozen=True)
class Booking:
    """What a carrier gave for one parcel: the number it is tracked by, words for the label, and what there is to print or to show."""

    tracking: str
    service: str = ""
    reference: str = ""
    price: Decimal | None = None
    currency: str = ""
    label: bytes = field(default=b"", repr=False)
    label_type: str = "application/pdf"
    code: bytes = field(default=b"", repr=False)
    code_type: str = "image/png"
    expected_on: date | None = None


@dataclass(frozen=True)
class Scan:
    """One thing that a carrier says of a parcel: a word of ``SCANS``, when, and its own words."""

    tracking: str
    status: str
    at: datetime
    reference: str = ""
    words: str = ""
    expected_on: date | None = None


class Vendor(Protocol):
    """A carrier's folder. ``key`` makes a booking happen once: the same key again gives the same parcel."""

    AT_ONCE: bool

    def book(
        self, *, key: str, direction: str, account: Mapping[str, object], wanted: Wanted | None = None, at: datetime
    ) -> Booking: ...

    def find(self, *, key: str, account: Mapping[str, object], label_free: bool = False) -> Booking | None: ...

    def cancel(self, *, reference: str, account: Mapping[str, object]) -> bool:
        """Ask the postage back; ``reference`` is the carrier's own, or the key it was asked under where no answer came."""
        ...

    def track(self, *, tracking: str, account: Mapping[str, object]) -> Sequence[Scan]: ...


def vendor(name: str) -> Vendor:
    """The folder of a vendor. Raises LookupError for one that there is none for."""
    if name not in VENDORS:
        raise LookupError(f"There is no folder for the carrier {name!r} in revlog/logistics/carriers.")
    found: Vendor = import_module(VENDORS[name])
    return found
