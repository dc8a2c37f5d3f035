"""Things that aren't worth their freight: a customer whose chargers fail keeps three of them, and is looked at when there is a fourth."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from returns.models import Origin
from returns.services import opening
from returns.services.asking import Wish
from revlog.accounts.stable import stable_id
from revlog.devices.models import ProductModel, Variant
from revlog.pages.simulation import catalog
from revlog.pages.simulation.stories import SHOP
from revlog.pages.simulation.world import World
from revlog.terms.models import OrderSource
from revlog.terms.services import orders, prices
from revlog.terms.services.new_orders import NewLine, NewOrder

SKU, NAME, PRICE, KIND = catalog.CHARGER
BROUGHT = {"A": "9.50", "B": "7.80", "C": "5.20", "D": "1.10"}
"""What a used one brings, by grade."""
DAYS = (39, 25, 12, 2)


def tell(world: World) -> None:
    """Told after all else, in its own days; the last one waits for a person."""
    end, seller = world.at, world.organizations["retailer"]
    if Variant.objects.filter(sku=SKU).exists():
        return
    world.at = end - timedelta(days=DAYS[0] + 1)
    model = ProductModel.objects.create(
        id=stable_id("product", SKU), manufacturer="Sonor", name=NAME, device_class=KIND, grams=140, created_at=world.at
    )
    Variant.objects.create(id=stable_id("variant", SKU), product=model, sku=SKU, created_at=world.at)
    for grade, amount in BROUGHT.items():
        prices.set_price(
            product=model,
            grade=grade,
            amount=Decimal(amount),
            currency="EUR",
            source="market",
            by=world.anouk,
            at=world.at,
        )
    for number, days in enumerate(DAYS, 1):
        world.at = end - timedelta(days=days)
        told = NewOrder(
            number=f"PS{world.seed}-3000{number}", email="noa.peeters@example.net", name="Noa Peeters",
            address=("Oudegracht 88", "3511 AV Utrecht"), country="NL", language="en",
            ordered_at=world.at - timedelta(days=5), shipped_at=world.at - timedelta(days=3),
            delivered_at=world.at - timedelta(days=2),
            lines=[NewLine(sku=SKU, description=NAME, price=PRICE, device_class=KIND)],
        )  # fmt: skip
        placed = orders.place_many([told], seller=seller, source=OrderSource.API, by=SHOP, at=world.at)
        line = placed.placed[0].lines.get()
        wish = Wish(line=line.pk, reason="DOA", wanted="refund")
        opening.open_rmas(order=placed.placed[0], wishes=[wish], origin=Origin.STAFF, by=world.sam, at=world.at)
        world.settle()
    world.at = end
