"""The figures the valuation reckons with: planning defaults with a version, shown beside every sum. None is a fact about the market.

Money is in ``currency``, shares are of one, days run to the cash. An operator replaces them by its own prices and rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

VERSION = "economics-2026-1"
CURRENCY = "EUR"

GRADE_FACTOR: Mapping[str, Decimal] = {
    "NEW": Decimal("1.05"),
    "A": Decimal("1.00"),
    "B": Decimal("0.90"),
    "C": Decimal("0.80"),
    "D": Decimal("0.40"),
}
_OTHER = "other"
LIST_PRICE: Mapping[str, Decimal] = {
    "laptop": Decimal(900), "desktop": Decimal(650), "server": Decimal(2600), "phone": Decimal(550), "tablet": Decimal(420),
    "storage": Decimal(90), "monitor": Decimal(190), "printer": Decimal(260), "network": Decimal(320), "medical": Decimal(1800),
    "appliance": Decimal(240), "accessory": Decimal(30), "part": Decimal(45), "apparel": Decimal(45), "materials": Decimal(0),
    "other": Decimal(50),
}  # fmt: skip
"""A new one of the class, where the catalog names no price."""
MONTHLY_DECAY: Mapping[str, Decimal] = {
    "laptop": Decimal("0.027"), "desktop": Decimal("0.030"), "server": Decimal("0.035"), "phone": Decimal("0.045"),
    "tablet": Decimal("0.035"), "storage": Decimal("0.025"), "apparel": Decimal("0.060"), "other": Decimal("0.030"),
}  # fmt: skip
AGE_MONTHS: Mapping[str, int] = {
    "laptop": 36, "desktop": 48, "server": 48, "phone": 24, "tablet": 30, "storage": 36, "apparel": 2, "accessory": 12, "other": 36,
}  # fmt: skip
"""How old one of the class is taken to be, where the catalog doesn't say when it came out."""
AGE_OF_A_RETURN = 2
"""A customer's return was bought lately."""

DAYS: Mapping[str, int] = {"RESTOCK": 5, "RESELL": 21, "REFURBISH": 28, "HARVEST": 45, "RECYCLE": 14, "DESTROY": 7}
FEE: Mapping[str, Decimal] = {
    "RESTOCK": Decimal(0), "RESELL": Decimal("0.12"), "REFURBISH": Decimal("0.12"), "HARVEST": Decimal("0.15"),
}  # fmt: skip
HANDLING: Mapping[str, Decimal] = {
    "RESTOCK": Decimal(3), "RESELL": Decimal(6), "REFURBISH": Decimal(8), "HARVEST": Decimal(4), "RECYCLE": Decimal(2),
    "DESTROY": Decimal(4), "RETURN_TO_OWNER": Decimal(3), "REPAIR_AND_RETURN": Decimal(5),
}  # fmt: skip
CARRIAGE: Mapping[str, Decimal] = {"RETURN_TO_OWNER": Decimal("7.50"), "REPAIR_AND_RETURN": Decimal("7.50")}
RESTOCK_MARKDOWN = Decimal("0.08")
AS_IS_DISCOUNT = Decimal("0.90")
"""What a buyer pays of the grade's price for a unit that nobody worked on."""
WARRANTY: Mapping[str, tuple[Decimal, Decimal]] = {
    "RESELL": (Decimal("0.05"), Decimal(25)),
    "REFURBISH": (Decimal("0.06"), Decimal(30)),
}
"""Share that comes back under warranty, and what one costs."""
HOLDING_PER_YEAR = Decimal("0.12")
LABOR_PER_HOUR = Decimal(32)
YIELD = Decimal("0.92")
"""Share of repairs that reach the grade aimed at; the rest is sold as D."""
DATA_PER_MEDIUM: Mapping[str, Decimal] = {"wipe": Decimal(4), "destroy": Decimal(6)}
BEYOND_REPAIR = Decimal("0.70")
"""A repair that costs more than this share of the repaired value is beyond economic repair."""
TEARDOWN_MINUTES: Mapping[str, int] = {
    "laptop": 30,
    "desktop": 25,
    "server": 45,
    "phone": 20,
    "tablet": 20,
    "printer": 30,
    "network": 15,
}
HARVEST_SHARE: Mapping[str, Decimal] = {
    "laptop": Decimal("0.22"), "desktop": Decimal("0.25"), "server": Decimal("0.30"), "phone": Decimal("0.16"),
    "tablet": Decimal("0.14"), "printer": Decimal("0.10"), "network": Decimal("0.12"),
}  # fmt: skip
"""What the parts of a unit bring, of its price in grade A."""
HARVEST_YIELD = Decimal("0.75")
MATERIAL_PER_KG: Mapping[str, Decimal] = {
    "laptop": Decimal("2.40"), "desktop": Decimal("1.10"), "server": Decimal("1.30"), "phone": Decimal("9.00"), "tablet": Decimal("3.50"),
    "storage": Decimal("1.80"), "network": Decimal("1.00"), "other": Decimal("0.30"),
}  # fmt: skip
TREATMENT_PER_KG: Mapping[str, Decimal] = {
    "monitor": Decimal("0.45"), "appliance": Decimal("0.35"), "apparel": Decimal("0.20"), "other": Decimal("0.25"),
}  # fmt: skip
DESTRUCTION_FEE = Decimal(8)
HAZARD_FEE = Decimal(15)

# Minutes at the bench and parts, per fault; a class of its own where it differs.
REPAIRS: Mapping[str, tuple[int, Decimal]] = {
    "battery_worn": (12, Decimal(38)), "battery": (12, Decimal(38)), "battery_missing": (12, Decimal(38)),
    "keyboard": (35, Decimal(35)), "trackpad": (30, Decimal(25)), "display": (32, Decimal(85)), "touch": (32, Decimal(85)),
    "hinge": (30, Decimal(18)), "port": (30, Decimal(12)), "audio": (20, Decimal(10)), "camera": (20, Decimal(22)),
    "connectivity": (10, Decimal(14)), "memory": (5, Decimal(25)), "fan": (20, Decimal(15)), "power_adapter": (2, Decimal(22)),
    "bios": (15, Decimal(0)), "drive_failing": (5, Decimal(32)), "drive_dead": (5, Decimal(32)), "no_power": (60, Decimal(30)),
    "does_not_work": (60, Decimal(30)), "stress": (30, Decimal(12)), "prints_badly": (25, Decimal(20)),
    "scratch": (15, Decimal(4)), "wear": (15, Decimal(6)), "stain": (8, Decimal(2)), "pixels": (32, Decimal(85)),
    "crack": (35, Decimal(60)), "dent": (20, Decimal(15)), "tear": (15, Decimal(2)), "part_missing": (10, Decimal(15)),
}  # fmt: skip
REPAIRS_OF: Mapping[str, Mapping[str, tuple[int, Decimal]]] = {
    "phone": {
        "display": (30, Decimal(110)), "touch": (30, Decimal(110)), "battery_worn": (20, Decimal(18)), "battery": (20, Decimal(18)),
        "crack": (45, Decimal(45)), "camera": (20, Decimal(55)), "port": (15, Decimal(14)), "pixels": (30, Decimal(110)),
    },
    "apparel": {"wear": (10, Decimal(1)), "stain": (10, Decimal(1))},
}  # fmt: skip


def of(table: Mapping[str, Any], device_class: str) -> Any:  # noqa: ANN401 - the tables' own values
    """The class's figure, else that of ``other``; KeyError where there is neither."""
    return table.get(device_class, table.get(_OTHER))


def repair(fault: str, device_class: str) -> tuple[int, Decimal] | None:
    """Minutes and parts to mend ``fault``; None for what the bench can't mend."""
    return REPAIRS_OF.get(device_class, {}).get(fault) or REPAIRS.get(fault)
