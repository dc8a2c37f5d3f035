"""The ways out: sold and shipped, back on the shelf, sent back, given away, deployed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from itad.services import leaving as itad
from resale.channels import CHANNELS
from resale.models import Offer, Pool, Sale
from resale.services import offers, pools, sales
from resale.services.sales import Buyer
from returns.services import leaving as returns
from revlog.devices.models import Device
from revlog.pages.simulation import catalog
from revlog.pages.simulation.world import World
from revlog.terms import instructions

Going = Iterator[datetime]
FACTOR = {"NEW": Decimal("0.95"), "A": Decimal("0.72"), "B": Decimal("0.6"), "C": Decimal("0.46"), "D": Decimal("0.2")}


def customer(world: World) -> tuple[str, str, list[str], str, str]:
    """E-mail, name, address, country and language of somebody made up."""
    first, last = world.dice.choice(catalog.FIRST_NAMES), world.dice.choice(catalog.LAST_NAMES)
    city, country = world.dice.choice(catalog.CITIES)
    number = world.number("customer")
    language = {"NL": "en", "DE": "de", "BE": "fr", "ES": "es"}.get(country, "en")
    street = f"{world.dice.choice(catalog.STREETS)} {world.dice.randint(1, 180)}"
    return f"customer{number}@example.org", f"{first} {last}", [street, city], country, language


def sell(world: World, device: Device) -> Going:
    """Into its pool (by itself), an offer on the pool, a buyer, a parcel."""
    offer = offered(world, device)
    if offer is None:
        return
    world.drain()
    yield world.after(12, 300)
    email, name, address, country, language = customer(world)
    buyer = Buyer(email=email, name=name, address=address, country=country, language=language)
    if world.device(device.pk).state != "TO_SELL" or instructions.of_one(device.pk, at=world.at).against(offer.channel):
        return
    order = sales.sell(offer=offer, buyer=buyer, unit=device, by=world.anouk, at=world.at)
    world.drain()
    sale = Sale.objects.select_related("line").get(line__order=order)
    yield world.working(2, 20)
    sales.pick(sale=sale, scanned=device, by=world.luca, at=world.at)
    yield world.working(0.3, 6)
    sales.ship(sale=sale, parcel_number=f"3SREV{world.seed}S{world.number('outbound'):06d}", by=world.luca, at=world.at)
    world.drain()
    yield world.after(20, 70)
    sales.deliver(sale=sale, by=world.luca, at=world.at)
    world.drain()
    world.sold.append(sale.pk)


def offered(world: World, device: Device) -> Offer | None:
    """The offer by which it can be sold: one that stands, or a new one where its owner's contract lets it be offered. What was decided
    to be sold in a lot, and no lot takes, somebody sells by itself after all."""
    told = instructions.of_one(device.pk, at=world.at)
    pool = pool_of(device)
    if pool is None and told.by_lot and world.device(device.pk).state == "TO_SELL":
        pool = pools.enter(unit=device, by=world.anouk, at=world.at).pool
    open_ones = [channel for channel in CHANNELS if not told.against(channel)]
    if pool is None or not open_ones:
        return None
    found = pool.offers.filter(ended_at=None, channel__in=open_ones).order_by("published_at", "id").first()
    return found or offers.publish(pool=pool, channel=open_ones[0], price=price_of(device), by=world.anouk, at=world.at)


def pool_of(device: Device) -> Pool | None:
    return Pool.objects.filter(units__device=device, units__left_at=None).first()


def price_of(device: Device) -> Decimal:
    """What the seller asks for such a thing in its grade."""
    new = device.product.list_price if device.product and device.product.list_price else Decimal(150)
    price = (new * FACTOR.get(device.grade, Decimal("0.3"))).quantize(Decimal(1)) - Decimal("0.05")
    return max(price, Decimal("4.95"))


def restock(world: World, device: Device) -> None:
    by = world.katja if device.hub is not None and device.hub.code == "leipzig" else world.ines
    returns.restock(device, place=f"A-{world.dice.randint(1, 40):02d}", by=by, at=world.at)
    world.drain()


def send_back(world: World, device: Device) -> None:
    hub = device.hub or world.hubs["rotterdam"]
    by = world.jonas if hub.code == "leipzig" else world.luca
    returns.send_back(device, tracking=f"3SBACK{world.seed}S{world.number('back'):06d}", hub=hub, by=by, at=world.at)
    world.drain()


def donate(world: World, device: Device) -> None:
    by = world.jonas if device.hub is not None and device.hub.code == "leipzig" else world.aisha
    itad.donate(
        unit=device,
        to="School of the Harbor District",
        reference=f"DON-{world.number('donation'):03d}",
        by=by,
        at=world.at,
    )
    world.drain()


def deploy(world: World, device: Device) -> None:
    itad.deploy(
        unit=device,
        site="Vega GmbH, Leipzig office",
        reference=f"DEP-{world.number('deploy'):03d}",
        by=world.luca,
        at=world.at,
    )
    world.drain()
