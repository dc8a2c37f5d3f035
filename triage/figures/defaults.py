"""The figures as shipped: planning defaults of the trade, none of them a fact about the market. An operator publishes its own.

Money is in ``currency``, shares are of one, days run to the cash; each is text, as in every rule set. A table's ``other`` stands for
the classes that it doesn't name.
"""

from __future__ import annotations

from typing import Any

from triage.figures import before

VERSION = "2026-1"

BODY: dict[str, Any] = {
    "currency": "EUR",
    **before.BODY,
    # What a grade brings of the price in grade A.
    "grade_factor": {"NEW": "1.05", "A": "1.00", "B": "0.90", "C": "0.80", "D": "0.40"},
    # A new one of the class, where the catalog names no price.
    "list_price": {
        "laptop": "900", "desktop": "650", "server": "2600", "phone": "550", "tablet": "420", "storage": "90", "monitor": "190",
        "printer": "260", "network": "320", "medical": "1800", "appliance": "240", "accessory": "30", "part": "45", "apparel": "45",
        "materials": "0", "other": "50",
    },
    "monthly_decay": {
        "laptop": "0.027", "desktop": "0.030", "server": "0.035", "phone": "0.045", "tablet": "0.035", "storage": "0.025",
        "apparel": "0.060", "other": "0.030",
    },
    # How old one of the class is taken to be, where the catalog doesn't say when it came out; a customer's return was bought lately.
    "age_months": {
        "laptop": "36", "desktop": "48", "server": "48", "phone": "24", "tablet": "30", "storage": "36", "apparel": "2",
        "accessory": "12", "other": "36",
    },
    "age_of_a_return": "2",
    "days": {"RESTOCK": "5", "RESELL": "21", "REFURBISH": "28", "HARVEST": "45", "RECYCLE": "14", "DESTROY": "7"},
    "fee": {"RESTOCK": "0", "RESELL": "0.12", "REFURBISH": "0.12", "HARVEST": "0.15"},
    "handling": {
        "RESTOCK": "3", "RESELL": "6", "REFURBISH": "8", "HARVEST": "4", "RECYCLE": "2", "DESTROY": "4", "RETURN_TO_OWNER": "3",
        "REPAIR_AND_RETURN": "5", "other": "4",
    },
    "carriage": {"RETURN_TO_OWNER": "7.50", "REPAIR_AND_RETURN": "7.50", "other": "0"},
    "restock_markdown": "0.08",
    # What a buyer pays of the grade's price for a unit that nobody worked on.
    "as_is_discount": "0.90",
    # The share that comes back under warranty, and what one costs.
    "warranty_rate": {"RESELL": "0.05", "REFURBISH": "0.06", "other": "0"},
    "warranty_cost": {"RESELL": "25", "REFURBISH": "30", "other": "0"},
    "holding_per_year": "0.12",
    "labor_per_hour": "32",
    # The share of repairs that reach the grade aimed at; the rest is sold as D.
    "yield": "0.92",
    "data_per_medium": {"wipe": "4", "destroy": "6"},
    # A repair that costs more than this share of the repaired value is beyond economic repair.
    "beyond_repair": "0.70",
    "teardown_minutes": {
        "laptop": "30", "desktop": "25", "server": "45", "phone": "20", "tablet": "20", "printer": "30", "network": "15", "other": "30",
    },
    # What the parts of a unit bring, of its price in grade A; a class that isn't named has no parts worth taking out.
    "harvest_share": {
        "laptop": "0.22", "desktop": "0.25", "server": "0.30", "phone": "0.16", "tablet": "0.14", "printer": "0.10", "network": "0.12",
    },
    "harvest_yield": "0.75",
    "material_per_kg": {
        "laptop": "2.40", "desktop": "1.10", "server": "1.30", "phone": "9.00", "tablet": "3.50", "storage": "1.80", "network": "1.00",
        "other": "0.30",
    },
    "treatment_per_kg": {"monitor": "0.45", "appliance": "0.35", "apparel": "0.20", "other": "0.25"},
    "destruction_fee": "8",
    "hazard_fee": "15",
    # A price on a tonne of CO2e, if the operator sets one, and what it is multiplied with: kilograms of making a new one (middles of the
    # ranges that makers state), the share of a new one that a used one displaces, and its second life as a share of the first.
    "carbon_per_tonne": "0",
    "carbon_of_new": {"laptop": "250", "phone": "65", "monitor": "400", "other": "0"},
    "displaced": "0.5",
    "second_life": "0.6",
    # Minutes at the bench and parts, per fault; a class of its own where it differs.
    "repairs": {
        "battery_worn": ["12", "38"], "battery": ["12", "38"], "battery_missing": ["12", "38"], "keyboard": ["35", "35"],
        "trackpad": ["30", "25"], "display": ["32", "85"], "touch": ["32", "85"], "hinge": ["30", "18"], "port": ["30", "12"],
        "audio": ["20", "10"], "camera": ["20", "22"], "connectivity": ["10", "14"], "memory": ["5", "25"], "fan": ["20", "15"],
        "power_adapter": ["2", "22"], "bios": ["15", "0"], "drive_failing": ["5", "32"], "drive_dead": ["5", "32"],
        "no_power": ["60", "30"], "does_not_work": ["60", "30"], "stress": ["30", "12"], "prints_badly": ["25", "20"],
        "scratch": ["15", "4"], "wear": ["15", "6"], "stain": ["8", "2"], "pixels": ["32", "85"], "crack": ["35", "60"],
        "dent": ["20", "15"], "tear": ["15", "2"], "part_missing": ["10", "15"],
    },
    "repairs_of": {
        "phone": {
            "display": ["30", "110"], "touch": ["30", "110"], "battery_worn": ["20", "18"], "battery": ["20", "18"],
            "crack": ["45", "45"], "camera": ["20", "55"], "port": ["15", "14"], "pixels": ["30", "110"],
        },
        "apparel": {"wear": ["10", "1"], "stain": ["10", "1"]},
    },
}  # fmt: skip
