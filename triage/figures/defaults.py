"""The figures as shipped: planning defaults of the trade, none of them a fact about the market. An operator publishes its own.

Money is in ``currency``, shares are of one, days run to the cash; each is text, as in every rule set. A table's ``other`` stands for
the classes that it doesn't name.
"""

from __future__ import annotations

from typing import Any

from triage.figures import before

VERSION = "2026-2"

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
    # Days to the cash; a sale's are its channel's, and ``bench_days`` come before them where it goes to the bench first.
    "days": {"RESTOCK": "5", "HARVEST": "45", "RECYCLE": "14", "DESTROY": "7"},
    "fee": {"RESTOCK": "0", "HARVEST": "0.15"},
    "bench_days": "7",
    # How long a part that doesn't lie on hand takes to come.
    "buy_days": "5",
    # Ways of selling: what each takes of the price, how long it takes, what it brings of the price for all where the book has none of
    # its own, what listing and sending one costs, and the worst grade that it takes.
    "channel_fee": {"own_shop": "0.025", "marketplace": "0.12", "business": "0", "lot": "0.05"},
    "channel_days": {"own_shop": "45", "marketplace": "21", "business": "30", "lot": "7"},
    "channel_share": {"own_shop": "0.97", "marketplace": "1", "business": "0.88", "lot": "0.70"},
    "channel_cost": {"own_shop": "9", "marketplace": "2", "business": "1.50", "lot": "0"},
    "channel_least": {"own_shop": "B", "marketplace": "C", "business": "D", "lot": "D"},
    "handling": {
        "RESTOCK": "3", "RESELL": "6", "LOT": "2", "REFURBISH": "8", "HARVEST": "4", "RECYCLE": "2", "DESTROY": "4",
        "RETURN_TO_OWNER": "3", "REPAIR_AND_RETURN": "5", "other": "4",
    },
    "carriage": {
        "RETURN_TO_OWNER": "7.50", "REPAIR_AND_RETURN": "7.50", "RETURN_TO_VENDOR": "7.50", "DONATE": "4", "REFURBISH_AND_DONATE": "4",
        "DEPLOY": "7.50", "other": "0",
    },
    # Of two paths whose sums differ by no more than this, the one higher up is proposed: use again before parts before material.
    "reuse_margin": "2",
    "restock_markdown": "0.08",
    # What a buyer pays of the grade's price for a unit that nobody worked on.
    "as_is_discount": "0.90",
    # The share that comes back under warranty, and what one costs.
    "warranty_rate": {"RESELL": "0.05", "REFURBISH": "0.06", "other": "0"},
    "warranty_cost": {"RESELL": "25", "REFURBISH": "30", "other": "0"},
    "holding_per_year": "0.12",
    "labor_per_hour": "32",
    # Skills that cost another rate, and which a fault asks for; the others are the bench's.
    "rate_per_hour": {"board": "52", "looks": "28", "data": "38"},
    "skill_of": {
        "no_power": "board", "does_not_work": "board", "scratch": "looks", "wear": "looks", "stain": "looks", "dent": "looks",
        "tear": "looks", "other": "bench",
    },
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
    # How that is divided between them. One that is broken brings nothing, one that the store is short of more.
    "parts_of": {
        "laptop": {"display": "0.36", "memory": "0.22", "battery": "0.14", "keyboard": "0.14", "storage": "0.14"},
        "desktop": {"processor": "0.36", "memory": "0.24", "storage": "0.20", "power_supply": "0.20"},
        "server": {"memory": "0.40", "processor": "0.33", "storage": "0.17", "power_supply": "0.10"},
        "phone": {"display": "0.50", "camera": "0.19", "housing": "0.19", "battery": "0.12"},
        "tablet": {"display": "0.64", "battery": "0.22", "housing": "0.14"},
        "printer": {"print_head": "0.60", "power_supply": "0.40"},
        "network": {"modules": "0.58", "power_supply": "0.42"},
    },
    "short_supply": "1.25",
    "harvest_yield": "0.75",
    "material_per_kg": {
        "laptop": "2.40", "desktop": "1.10", "server": "1.30", "phone": "9.00", "tablet": "3.50", "storage": "1.80", "network": "1.00",
        "other": "0.30",
    },
    "treatment_per_kg": {"monitor": "0.45", "appliance": "0.35", "apparel": "0.20", "other": "0.25"},
    # What is left over in the end, and what a kilogram of it costs.
    "landfill_share": {"RECYCLE": "0.10", "HARVEST": "0.08", "DESTROY": "0.15"},
    "landfill_per_kg": "0.12",
    "destruction_fee": "8",
    # What a gift is worth in its receipt, of what it would sell for, and a unit that goes back to work, of what another like it costs.
    "receipt_share": "0.80",
    "replacement_share": "1",
    # Work on units whose data can't be cleared, under supervision: minutes of two persons each, and how often a repair lets it be wiped.
    "supervised_minutes": {"harvest_under_control": "45", "repair_to_erase": "90", "remove_medium": "15", "witness": "15"},
    "supervised_persons": "2",
    "repair_to_erase_parts": "30",
    "repair_to_erase_yield": "0.45",
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
