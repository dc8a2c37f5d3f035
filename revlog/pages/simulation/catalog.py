"""What is sold, returned and retired in the simulated operation: models of well-known makers, with their rough facts.

Prices are made up and plausible; weights and capacities are those of such things.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property


@dataclass(frozen=True)
class Model:
    """``sku`` names the variant that orders sell; ``prefix`` begins its serials; ``drive`` is a key of ``DRIVES``."""

    sku: str
    maker: str
    name: str
    device_class: str
    price: Decimal
    grams: int
    memory_gib: int = 0
    drive: str = ""
    drives: int = 1
    cpu: str = ""
    prefix: str = ""
    part: str = ""
    """The product number that firmware tells, where it differs from the name."""
    year: int = 2022
    category: str = ""
    weight: int = 1
    """How often it comes, relative to the others; 0 for what comes only when a story names it."""


@dataclass(frozen=True)
class Drive:
    maker: str
    model: str
    type: str
    capacity: int
    firmware: str
    prefix: str
    hours: int = 40
    """Tenths of minutes that one overwrite of it takes, roughly: its size by its speed."""


DRIVES: dict[str, Drive] = {
    "nvme256": Drive("Samsung", "SAMSUNG MZVLB256HBHQ-000L7", "nvme", 256_060_514_304, "4L2QEXH7", "S4ELNX0M", 12),
    "nvme512": Drive(
        "Western Digital", "WDC PC SN730 SDBQNTY-512G-1001", "nvme", 512_110_190_592, "11170101", "2105", 14
    ),
    "sata256": Drive("Samsung", "SAMSUNG MZ7LN256HAJQ-000L7", "ssd", 256_060_514_304, "MVT06L6Q", "S3TZNX0K", 18),
    "sata512": Drive("Micron", "MTFDDAK512TBN-1AR1ZABHA", "ssd", 512_110_190_592, "HPC0T14", "UGXVK01J", 26),
    "hdd500": Drive("Seagate", "ST500LM021-1KJ152", "hdd", 500_107_862_016, "0002LVM1", "W62", 80),
    "hdd1000": Drive("Western Digital", "WDC WD10EZEX-08WN4A0", "hdd", 1_000_204_886_016, "01.01A01", "WD-WCC6Y", 110),
    "sas600": Drive("Seagate", "ST600MM0088", "hdd", 600_127_266_816, "N004", "W421", 70),
}


CPUS: dict[str, str] = {
    "i5-8350U": "Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz",
    "i5-1145G7": "11th Gen Intel(R) Core(TM) i5-1145G7 @ 2.60GHz",
    "i7-8665U": "Intel(R) Core(TM) i7-8665U CPU @ 1.90GHz",
    "i5-1135G7": "11th Gen Intel(R) Core(TM) i5-1135G7 @ 2.40GHz",
    "i5-8365U": "Intel(R) Core(TM) i5-8365U CPU @ 1.60GHz",
    "i5-6300U": "Intel(R) Core(TM) i5-6300U CPU @ 2.40GHz",
    "i5-8500": "Intel(R) Core(TM) i5-8500 CPU @ 3.00GHz",
    "i5-8400T": "Intel(R) Core(TM) i5-8400T CPU @ 1.70GHz",
    "silver-4114": "Intel(R) Xeon(R) Silver 4114 CPU @ 2.20GHz",
}
MODELS: tuple[Model, ...] = (
    Model(
        sku="T480-16-256", maker="Lenovo", name="ThinkPad T480", device_class="laptop", price=Decimal("449.00"), grams=1580,
        memory_gib=16, drive="nvme256", cpu="i5-8350U", prefix="PF1", part="20L5S00100", year=2018, weight=9,
    ),
    Model(
        sku="T14-16-512", maker="Lenovo", name="ThinkPad T14 Gen 2", device_class="laptop", price=Decimal("799.00"), grams=1470,
        memory_gib=16, drive="nvme512", cpu="i5-1145G7", prefix="PF3", part="20W0S0CK00", year=2021, weight=8,
    ),
    Model(
        sku="X1C7-16-512", maker="Lenovo", name="ThinkPad X1 Carbon 7th", device_class="laptop", price=Decimal("899.00"), grams=1090,
        memory_gib=16, drive="nvme512", cpu="i7-8665U", prefix="R90", part="20QDS3BX00", year=2019, weight=4,
    ),
    Model(
        sku="P1G4-32-1T", maker="Lenovo", name="ThinkPad P1 Gen 4", device_class="laptop", price=Decimal("1590.00"), grams=1810,
        memory_gib=32, drive="nvme512", cpu="i7-8665U", prefix="R91", part="20Y3S00N00", year=2021, weight=0,
    ),
    Model(
        sku="L5420-8-256", maker="Dell Inc.", name="Latitude 5420", device_class="laptop", price=Decimal("629.00"), grams=1400,
        memory_gib=8, drive="nvme256", cpu="i5-1135G7", year=2021, weight=8,
    ),
    Model(
        sku="L7490-16-256", maker="Dell Inc.", name="Latitude 7490", device_class="laptop", price=Decimal("429.00"), grams=1400,
        memory_gib=16, drive="sata256", cpu="i5-8350U", year=2018, weight=5,
    ),
    Model(
        sku="EB840G6-16-512", maker="HP", name="HP EliteBook 840 G6", device_class="laptop", price=Decimal("519.00"), grams=1480,
        memory_gib=16, drive="nvme512", cpu="i5-8365U", prefix="5CG9", year=2019, weight=7,
    ),
    Model(
        sku="PB450G8-8-256", maker="HP", name="HP ProBook 450 G8 Notebook PC", device_class="laptop", price=Decimal("569.00"), grams=1740,
        memory_gib=8, drive="nvme256", cpu="i5-1135G7", prefix="5CD1", year=2021, weight=5,
    ),
    Model(
        sku="E5570-8-500", maker="Dell Inc.", name="Latitude E5570", device_class="laptop", price=Decimal("189.00"), grams=2060,
        memory_gib=8, drive="hdd500", cpu="i5-6300U", year=2016, weight=3,
    ),
    Model(
        sku="O7060-8-1T", maker="Dell Inc.", name="OptiPlex 7060", device_class="desktop", price=Decimal("299.00"), grams=5260,
        memory_gib=8, drive="hdd1000", cpu="i5-8500", year=2018, weight=4,
    ),
    Model(
        sku="M720Q-8-256", maker="Lenovo", name="ThinkCentre M720q", device_class="desktop", price=Decimal("279.00"), grams=1320,
        memory_gib=8, drive="sata256", cpu="i5-8400T", prefix="PC1", part="10T8S1JB00", year=2018, weight=4,
    ),
    Model(
        sku="R640-64", maker="Dell Inc.", name="PowerEdge R640", device_class="server", price=Decimal("1890.00"), grams=21900,
        memory_gib=64, drive="sas600", drives=4, cpu="silver-4114", year=2018, weight=2,
    ),
    Model(
        sku="IP12-64", maker="Apple", name="iPhone 12", device_class="phone", price=Decimal("389.00"), grams=162,
        prefix="F1", year=2020, weight=6,
    ),
    Model(
        sku="IP13-128", maker="Apple", name="iPhone 13", device_class="phone", price=Decimal("529.00"), grams=173,
        prefix="G6", year=2021, weight=6,
    ),
    Model(
        sku="GS22-128", maker="Samsung", name="Galaxy S22", device_class="phone", price=Decimal("449.00"), grams=168,
        prefix="R5C", year=2022, weight=6,
    ),
    Model(
        sku="PX6A-128", maker="Google", name="Pixel 6a", device_class="phone", price=Decimal("299.00"), grams=178,
        prefix="2B", year=2022, weight=3,
    ),
    Model(
        sku="IPAD9-64", maker="Apple", name="iPad (9th generation)", device_class="tablet", price=Decimal("329.00"), grams=487,
        prefix="DM", year=2021, weight=4,
    ),
    Model(
        sku="U2419H", maker="Dell Inc.", name="U2419H", device_class="monitor", price=Decimal("169.00"), grams=5500,
        prefix="CN", year=2019, weight=9,
    ),
    Model(
        sku="C9200L-24", maker="Cisco", name="Catalyst 9200L-24T", device_class="network", price=Decimal("890.00"), grams=4600,
        prefix="JAE", year=2020, weight=2,
    ),
    Model(
        sku="M404DN", maker="HP", name="LaserJet Pro M404dn", device_class="printer", price=Decimal("219.00"), grams=8560,
        prefix="VNB", year=2019, weight=2,
    ),
    Model(
        sku="RTX-JKT-M", maker="Fjällräven", name="Greenland Winter Jacket, M", device_class="apparel", price=Decimal("379.00"), grams=1300,
        year=2024, weight=14,
    ),
    Model(
        sku="TNF-PRK-L", maker="The North Face", name="McMurdo Parka, L", device_class="apparel", price=Decimal("449.00"), grams=1500,
        year=2024, weight=11,
    ),
)  # fmt: skip
BY_SKU: dict[str, Model] = {model.sku: model for model in MODELS}
CABLE = ("USBC-1M", "USB-C cable, 1 m", Decimal("2.50"), "accessory")
CHARGER = ("CHG-65W", "65 W charger, USB-C", Decimal("19.00"), "accessory")


@dataclass(frozen=True)
class Half:
    """One half of the assortment, with the parts that fit it: pools, stocks and batches of one half are never those of the other."""

    name: str
    makers: frozenset[str]
    bench: str
    """Who works at the bench on it (one person has one thing in hand), and who checks that work."""
    check: str
    parts: dict[str, tuple[str, str, int, Decimal]]
    """What it is for: number, name, quantity at the beginning, cost."""

    @cached_property
    def sold(self) -> tuple[Model, ...]:
        """What the retailer's customers buy."""
        return tuple(m for m in self._models if m.device_class not in {"server", "network", "printer"})

    @cached_property
    def retired(self) -> tuple[Model, ...]:
        """What the client's offices retire."""
        return tuple(m for m in self._models if m.device_class in {"laptop", "desktop", "server", "monitor", "printer"})

    @property
    def _models(self) -> Iterator[Model]:
        return (model for model in MODELS if model.maker in self.makers)


HALVES: tuple[Half, ...] = (
    Half(
        "north",
        frozenset({"Lenovo", "HP", "Samsung", "Google", "Fjällräven"}),
        "jakob",
        "mei",
        {
            "battery": ("BAT-LH57", "Battery for Lenovo and HP laptops, 57 Wh", 40, Decimal("32.00")),
            "keyboard": ("KBD-LH", "Keyboard for Lenovo and HP laptops, US", 20, Decimal("24.00")),
            "display": ("LCD-14-LH", "Display panel, 14 inch, 30 pins", 12, Decimal("58.00")),
            "screen": ("SCR-AND", "Screen, Galaxy and Pixel", 15, Decimal("61.00")),
            "phone_battery": ("BAT-AND", "Battery, Galaxy and Pixel", 15, Decimal("12.50")),
            "drive": ("SSD-256-M2", "SSD, 256 GB, M.2", 20, Decimal("21.00")),
            "hinge": ("HNG-T480", "Hinges, ThinkPad T480", 2, Decimal("14.00")),
        },
    ),
    Half(
        "south",
        frozenset({"Dell Inc.", "Apple", "Cisco", "The North Face"}),
        "mei",
        "jakob",
        {
            "battery": ("BAT-DL63", "Battery for Dell laptops, 63 Wh", 30, Decimal("35.00")),
            "keyboard": ("KBD-DL", "Keyboard for Dell laptops, US", 15, Decimal("22.00")),
            "display": ("LCD-14-DL", "Display panel, 14 inch, 40 pins", 10, Decimal("62.00")),
            "screen": ("SCR-IPH", "Screen, iPhone", 25, Decimal("69.00")),
            "phone_battery": ("BAT-IPH", "Battery, iPhone", 25, Decimal("14.00")),
            "drive": ("SSD-256-25", "SSD, 256 GB, 2.5 inch", 20, Decimal("23.00")),
        },
    ),
)
FIRST_NAMES = (
    "Kim",
    "Lotte",
    "Daan",
    "Sanne",
    "Emre",
    "Julia",
    "Marek",
    "Chloé",
    "Pablo",
    "Aino",
    "Luis",
    "Greta",
    "Tim",
    "Nora",
    "Finn",
)
LAST_NAMES = (
    "Jansen",
    "de Boer",
    "Schmidt",
    "Meyer",
    "Kaya",
    "Nowak",
    "Dubois",
    "García",
    "Visser",
    "Bauer",
    "Peeters",
    "Rossi",
    "Smit",
)
STREETS = ("Kade", "Lindenstraße", "Rue du Moulin", "Calle Mayor", "Dorpsstraat", "Bahnhofstraße")
CITIES = (
    ("3011 AA Rotterdam", "NL"),
    ("04109 Leipzig", "DE"),
    ("1000 Bruxelles", "BE"),
    ("1012 AB Amsterdam", "NL"),
    ("10115 Berlin", "DE"),
)
