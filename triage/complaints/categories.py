"""Which of our classes other people's names of things are. What isn't here is said with ``--map``; what is neither is left out."""

from __future__ import annotations

from collections.abc import Mapping

from triage.complaints.labels import plain

MEANS: Mapping[str, str] = {
    "notebook": "laptop",
    "netbook": "laptop",
    "desktop computer": "desktop",
    "computer": "desktop",
    "pc": "desktop",
    "mobile": "phone",
    "mobile phone": "phone",
    "smartphone": "phone",
    "handy": "phone",
    "printer scanner": "printer",
    "scanner": "printer",
    "flat screen": "monitor",
    "screen": "monitor",
    "tv": "monitor",
    "pc accessory": "accessory",
    "battery charger adapter": "accessory",
    "headphones": "accessory",
    "router": "network",
    "hard drive": "storage",
    "coffee maker": "appliance",
    "fan": "appliance",
    "food processor": "appliance",
    "hair beauty item": "appliance",
    "hair dryer": "appliance",
    "iron": "appliance",
    "kettle": "appliance",
    "large home electrical": "appliance",
    "sewing machine": "appliance",
    "small home electrical": "appliance",
    "small kitchen item": "appliance",
    "toaster": "appliance",
    "vacuum": "appliance",
}


def meant(name: str, *, known: frozenset[str], mapped: Mapping[str, str] | None = None) -> str:
    """The class of ``name``; empty for what is none of ours."""
    if mapped and name in mapped:
        return mapped[name]
    bare = plain(name)
    if bare in known:
        return bare
    found = MEANS.get(bare, "")
    return found if found in known else ""
