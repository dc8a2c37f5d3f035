"""How things travel, for the tests: a shop, a van, carriers; set up by the same verbs that the product uses."""

from __future__ import annotations

from datetime import datetime, time

from revlog.logistics.models import Carrier, PickupWindow, Place
from revlog.logistics.services import setup
from tests.cast import Cast


def place(cast: Cast, *, at: datetime, **changes: object) -> Place:
    values: dict[str, object] = {
        "code": "coolsingel", "name": "Harbour Store", "hub": cast.rotterdam, "address": ["Coolsingel 44", "3011 AD Rotterdam"],
        "postcode": "3011 AD", "city": "Rotterdam", "country": "NL", "takes_unboxed": True,
        "hours": dict.fromkeys(range(5), "10:00-18:00") | {5: "10:00-17:00"},
    }  # fmt: skip
    return setup.keep_place(**(values | changes), by=cast.maria, at=at)  # type: ignore[arg-type]


def window(cast: Cast, *, at: datetime, **changes: object) -> PickupWindow:
    """Wednesdays, nine to twelve, two addresses in and around Rotterdam."""
    values: dict[str, object] = {
        "hub": cast.rotterdam, "weekday": 2, "begins": time(9), "ends": time(12), "capacity": 2, "postcodes": ["30", "31"],
    }  # fmt: skip
    return setup.keep_window(**(values | changes), by=cast.maria, at=at)  # type: ignore[arg-type]


def carrier(cast: Cast, *, at: datetime, **changes: object) -> Carrier:
    values: dict[str, object] = {"code": "post", "name": "Harbour Post", "for_returns": True, "label_free": True}
    return setup.keep_carrier(**(values | changes), by=cast.maria, at=at)  # type: ignore[arg-type]
