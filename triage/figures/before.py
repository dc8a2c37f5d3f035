"""Figures for what isn't here yet: planning defaults of the trade like the others, and published with them."""

from __future__ import annotations

from typing import Any

ODDS = ("odds_unused", "odds_tried", "odds_used", "odds_faulty", "odds_damaged")
"""One table a condition that is told: in which grade it turns out to be, and how likely."""

BODY: dict[str, Any] = {
    "odds_unused": {"NEW": "0.85", "A": "0.15"},
    "odds_tried": {"A": "0.55", "B": "0.35", "C": "0.08", "D": "0.02"},
    "odds_used": {"A": "0.30", "B": "0.40", "C": "0.20", "D": "0.10"},
    # Of what is said not to work, much works: no fault is found.
    "odds_faulty": {"A": "0.20", "B": "0.15", "C": "0.05", "D": "0.60"},
    "odds_damaged": {"C": "0.30", "D": "0.70"},
    "days_until_here": "6",
    "inspection_minutes": {
        "laptop": "18", "desktop": "16", "server": "40", "phone": "12", "tablet": "12", "storage": "6", "medical": "45", "apparel": "4",
        "accessory": "3", "part": "4", "other": "8",
    },
    # Bringing a parcel of up to two kilograms here, where no contract with a carrier says what that costs; and each kilogram more.
    "inbound": {"home": "6.50", "union": "13.50", "abroad": "29.00"},
    "inbound_per_kg": {"home": "0.60", "union": "1.20", "abroad": "3.50"},
}  # fmt: skip
