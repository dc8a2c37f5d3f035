"""Lots for one buyer in the demo: sold, offered for and undecided, awarded and not shipped, and one that gathers by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from resale.models import Lot
from resale.services.lots import gathering, selling
from resale.services.lots.gathering import Rule
from returns.models import Unsold
from returns.services.vendors import unsold
from revlog.accounts.models import Organization
from revlog.devices.models import Device, ProductModel
from revlog.pages.simulation import vendors
from revlog.pages.simulation.vendors import Going, next_day
from revlog.pages.simulation.world import World

GOODS = {
    "sold": (vendors.Lot("Mouse pad", 300, "1.20"), vendors.Lot("Phone case, clear", 250, "2.10")),
    "offered": (vendors.Lot("Tablet stand", 60, "6.40"), vendors.Lot("USB hub, 4 ports", 90, "5.10")),
    "awarded": (vendors.Lot("Card reader", 120, "3.30"),),
    "open": (vendors.Lot("Travel adapter", 80, "4.20"),),
}
"""What each of the lots is made of: bought long ago, and not sold since."""


def buyers(at: datetime) -> None:
    """The second buyer of lots in the demo; the first has a person of its own."""
    Organization.objects.get_or_create(
        code="lisbon", defaults={"name": "Lisbon Liquidators", "kind": "buyer", "country": "PT", "created_at": at}
    )
    for name in (lot.name for lots in GOODS.values() for lot in lots):
        ProductModel.objects.get_or_create(
            manufacturer="Norden", name=name, defaults={"device_class": "accessory", "grams": 120, "created_at": at}
        )


def _liquidated(world: World, which: str, own: dict[str, list[Device]]) -> None:
    """These are found unsold, and a person says that they are sold in a lot."""
    pks = [one.pk for one in own[which]]
    unsold.sweep(by=world.henrik, at=world.at, only=pks)
    for row in Unsold.objects.filter(device__in=pks, status="open").select_related("device"):
        unsold.send_on([row], "liquidate", reason="It sells better as a whole.", by=world.henrik, at=world.at)


def _begun(world: World, name: str, *, asking: str, reserve: str, rule: Rule) -> Lot:
    return gathering.open_lot(
        name=name, hub=world.hubs["rotterdam"], owner=world.organizations["operator"], rule=rule,
        asking=Decimal(asking), reserve=Decimal(reserve), by=world.anouk, at=world.at,
    )  # fmt: skip


def _put_up(world: World, which: str, own: dict[str, list[Device]], lot: Lot, *, days: int) -> None:
    _liquidated(world, which, own)
    gathering.gather(lot, by=world.anouk, at=world.at)
    selling.put_up(lot, until=(world.at + timedelta(days=days)).date(), by=world.anouk, at=world.at)


def liquidation(world: World) -> Going:
    """Four lots, each in another state."""
    first, other = world.organizations["buyer"], Organization.objects.get(code="lisbon")
    own = {which: [vendors.stocked(world, lot) for lot in lots] for which, lots in GOODS.items()}
    found = Rule(unsold=True)
    yield max(next_day(world, 20), world.end - timedelta(days=36))
    sold = _begun(world, "Accessories for phone and desk", asking="700", reserve="450", rule=found)
    _put_up(world, "sold", own, sold, days=7)
    yield next_day(world, 30)
    selling.bid(sold, buyer=first, amount=Decimal("480.00"), by=world.lola, at=world.at)
    selling.bid(sold, buyer=other, amount=Decimal("430.00"), note="By phone.", by=world.anouk, at=world.at)
    yield next_day(world, 30)
    won = selling.bid(sold, buyer=first, amount=Decimal("505.50"), by=world.lola, at=world.at)
    selling.award(won, by=world.anouk, at=world.at)
    yield next_day(world, 30)
    selling.ship(sold, parcels=3, by=world.luca, at=world.at)

    yield max(next_day(world, 20), world.end - timedelta(days=18))
    waits = _begun(world, "Stands and hubs", asking="600", reserve="400", rule=found)
    _put_up(world, "offered", own, waits, days=9)
    late = _begun(world, "Card readers", asking="300", reserve="150", rule=found)
    _put_up(world, "awarded", own, late, days=5)
    yield next_day(world, 30)
    selling.bid(waits, buyer=first, amount=Decimal("410.00"), by=world.lola, at=world.at)
    selling.bid(waits, buyer=other, amount=Decimal("365.00"), note="They fetch it.", by=world.anouk, at=world.at)
    won = selling.bid(late, buyer=other, amount=Decimal("180.00"), by=world.anouk, at=world.at)
    selling.award(won, by=world.anouk, at=world.at)
    yield max(next_day(world, 20), world.end - timedelta(days=3))
    rule = Rule(unsold=True, by_itself=True)
    gathers = _begun(world, "What gathers until the end of the month", asking="250", reserve="100", rule=rule)
    _liquidated(world, "open", own)
    gathering.gather(gathers, by=world.anouk, at=world.at)


def campaigns(world: World) -> list[tuple[datetime, Iterator[datetime]]]:
    """When it begins."""
    if world.half.name != "north":
        return []
    return [(max(world.at, world.end - timedelta(days=58)), liquidation(world))]
