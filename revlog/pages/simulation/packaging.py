"""Pallets, totes and cartons that go out and come back: two partners' accounts, one with an overdue rest and a lost one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from revlog.logistics.models import Delivery, Direction, Shipment
from revlog.logistics.services import packaging as of_papers
from revlog.pages.simulation.world import World
from revlog.storage.models import PackagingMoveKind as K
from revlog.storage.models import PackagingType
from revlog.storage.services import packaging

KINDS = (
    ("eur-pallet", "EUR pallet", "pallet", Decimal(12), Decimal(25), None, False),
    ("tote-60", "Tote 60 l", "tote", Decimal(8), Decimal(20), (560, 360, 290), True),
    ("cage", "Roll cage", "cage", Decimal(60), Decimal(180), None, False),
    ("carton-400", "Carton, laptop", "carton", Decimal(0), Decimal(0), (400, 300, 120), False),
    ("carton-600", "Carton, monitor", "carton", Decimal(0), Decimal(0), (680, 480, 200), False),
    ("paper", "Paper cushion", "dunnage", Decimal(0), Decimal(0), None, False),
)
STORY: tuple[tuple[int, str, K, int, str | None, str], ...] = (
    (60, "eur-pallet", K.BOUGHT, 120, None, ""),
    (60, "tote-60", K.BOUGHT, 200, None, ""),
    (58, "cage", K.BOUGHT, 12, None, ""),
    (56, "eur-pallet", K.GIVEN, 24, "demo", "DN-40112"),
    (56, "tote-60", K.GIVEN, 60, "demo", "DN-40112"),
    (50, "tote-60", K.GIVEN, 40, "retailer", "DN-40131"),
    (44, "eur-pallet", K.BACK, 14, "demo", "GR-20077"),
    (44, "tote-60", K.BACK, 36, "demo", "GR-20077"),
    (40, "tote-60", K.BACK_DAMAGED, 3, "demo", "GR-20081"),
    (38, "tote-60", K.CLEANED, 30, None, ""),
    (31, "tote-60", K.BACK, 38, "retailer", "GR-20102"),
    (30, "carton-400", K.KEPT, 46, None, ""),
    (30, "carton-600", K.KEPT, 18, None, ""),
    (24, "cage", K.GIVEN, 4, "demo", "DN-40190"),
    (20, "tote-60", K.LOST, 2, "retailer", "Letter of the 3rd"),
    (16, "carton-400", K.USED, 21, None, ""),
    (12, "tote-60", K.REPAIRED, 2, None, ""),
    (12, "tote-60", K.RETIRED, 1, None, ""),
    (9, "eur-pallet", K.GIVEN, 10, "retailer", "DN-40233"),
)


def tell(world: World) -> None:
    """The last two months of it, in the order of the days; the waiting days make some of it overdue today."""
    if PackagingType.objects.exists():
        return
    end, hub = world.at, world.hubs["rotterdam"]
    for code, name, kind, deposit, price, sides, cleaned in KINDS:
        packaging.keep_type(
            code=code, name=name, kind=kind, deposit=deposit, price=price, sides=sides, cleaned=cleaned, by=world.aisha
        )
    types = {one.code: one for one in PackagingType.objects.all()}
    for days, code, kind, quantity, partner, reference in STORY:
        world.at = end - timedelta(days=days)
        packaging.post(
            types[code], kind, hub=hub, quantity=quantity, partner=world.organizations[partner] if partner else None,
            reference=reference, by=world.ines, at=world.at,
        )  # fmt: skip
    world.at = end - timedelta(days=2)
    packaging.post(types["carton-600"], K.RECYCLED, hub=hub, quantity=6, grams=5400, by=world.ines, at=world.at)
    packaging.agree(
        types["cage"],
        world.organizations["demo"],
        deposit=Decimal(75),
        price=Decimal(190),
        days=14,
        by=world.maria,
        at=end,
    )
    _with_papers(world)
    world.at = end
    world.settle()


def _with_papers(world: World) -> None:
    """What the last truck brought back, and what went out with a shipment: each posted with its paper."""
    hub, retailer, at = world.hubs["rotterdam"], world.organizations["retailer"], world.at
    pallet = PackagingType.objects.get(code="eur-pallet")
    delivery = Delivery.objects.filter(hub=hub).order_by("-begun_at").first()
    if delivery is not None:
        of_papers.brought(delivery, pallet, partner=retailer, whole=3, damaged=1, by=world.ines, at=at)
    sent = Shipment.objects.filter(hub=hub, direction=Direction.OUTBOUND).order_by("-created_at", "-id").first()
    if sent is not None:
        of_papers.went(sent, pallet, partner=retailer, quantity=2, by=world.ines, at=at)
