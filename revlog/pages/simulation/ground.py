"""What has to be there before anything happens: people, places, catalog, parts."""

from __future__ import annotations

from datetime import datetime

from refurb.services import parts
from revlog.accounts.models import Hub, Organization
from revlog.accounts.services import preparing
from revlog.accounts.stable import stable_id
from revlog.devices.models import Location, ProductModel, Variant
from revlog.logistics.services import parcels
from revlog.pages.simulation import breakage, catalog, docks, freight, lots, shifts, store, travel, vendors
from revlog.pages.simulation.world import World

PLACES = (
    ("DOCK-1", "dock", False),
    ("CAGE-A1", "bin", True),
    ("CAGE-A2", "bin", True),
    ("SHELF-B1", "bin", False),
    ("BENCH-1", "bench", True),
)


PHOTOS = ("an empty drive bay", "a phone at its first set-up", "shredded fragments", "an unbroken seal")
"""One picture of each, whoever shows it. Like everything here: what the halves share is there before they part."""


def prepare(world: World) -> None:
    """Everything that isn't there yet; safe to run again."""
    preparing.prepare(at=world.at, demo=True)
    vendors.suppliers(world.at)
    lots.buyers(world.at)
    breakage.sellers(world.at)
    world.organizations = {one.code: one for one in Organization.objects.all()}
    world.hubs = {one.code: one for one in Hub.objects.select_related("organization")}
    for hub in world.hubs.values():
        _places(world, hub)
        store.build(world, hub)
    _catalog(world.at)
    parcels.default_carrier(at=world.at)
    travel.prepare(world)
    docks.prepare(world)
    shifts.prepare(world)
    freight.prepare(world)
    for half in catalog.HALVES:
        for number, name, quantity, cost in half.parts.values():
            parts.stock(
                hub=world.hubs["rotterdam"], number=number, name=name, quantity=quantity, cost=cost, minimum=3, by=world.henrik,
                at=world.at,
            )  # fmt: skip
    for what in PHOTOS:
        world.photo(what)
    world.drain()


def _places(world: World, hub: Hub) -> None:
    for code, kind, secured in PLACES:
        if secured and not hub.secured:
            continue
        place, _made = Location.objects.get_or_create(
            hub=hub,
            code=code,
            defaults={
                "id": stable_id("location", f"{hub.code}:{code}"),
                "kind": kind,
                "secured": secured,
                "created_at": world.at,
            },
        )
        if code == "CAGE-A1":
            world.cage[hub.code] = place
        elif code == "SHELF-B1":
            world.shelf[hub.code] = place


def _catalog(at: datetime) -> None:
    for model in catalog.MODELS:
        product, _made = ProductModel.objects.get_or_create(
            manufacturer=model.maker,
            name=model.name,
            defaults={
                "id": stable_id("product", model.sku),
                "device_class": model.device_class,
                "aliases": [alias.lower() for alias in (model.part, model.sku) if alias],
                "grams": model.grams,
                "list_price": model.price,
                "created_at": at,
            },
        )
        Variant.objects.get_or_create(
            sku=model.sku,
            defaults={
                "id": stable_id("variant", model.sku),
                "product": product,
                "name": f"{model.memory_gib} GB" if model.memory_gib else "",
                "list_price": model.price,
                "created_at": at,
            },
        )
