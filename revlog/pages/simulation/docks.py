"""The dock of the demo: doors, rules of where parcels go, and the trucks of the last day: one gone, one at its door, some to come."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from revlog.accounts.stable import stable_id
from revlog.devices.models import Location
from revlog.logistics.models import Appointment, Carrier, Direction, Parcel, StagingRule, StagingWhen
from revlog.logistics.services import docks, parcels, scanning_off, setup, signing_off
from revlog.pages.simulation import pictures
from revlog.pages.simulation.world import World

Going = Iterator[datetime]
DOORS = ("DOCK-2", "DOCK-3")
RULES = (
    (10, StagingWhen.DAMAGED, "", "SHELF-B1"),
    (20, StagingWhen.DATA, "", "CAGE-A1"),
    (30, StagingWhen.VALUE, "500", "CAGE-A2"),
    (40, StagingWhen.DUE, "24", "TOTE-1"),
    (50, StagingWhen.UNANNOUNCED, "", "SHELF-B1"),
    (60, StagingWhen.ANY, "", "TOTE-2"),
)
POST, FREIGHT = "harbour-post", "north-freight"


def prepare(world: World) -> None:
    """Doors, a second carrier and the rules; safe to run again."""
    hub, at = world.hubs["rotterdam"], world.at
    for code in DOORS:
        told = {"id": stable_id("location", f"rotterdam:{code}"), "kind": "dock", "created_at": at}
        Location.objects.get_or_create(hub=hub, code=code, defaults=told)
    setup.keep_carrier(code=FREIGHT, name="North Freight", for_returns=False, label_free=False, by=world.henrik, at=at)
    for position, when, value, code in RULES:
        if not StagingRule.objects.filter(hub=hub, position=position).exists():
            place = Location.objects.get(hub=hub, code=code)
            docks.keep_rule(hub=hub, position=position, when=when, value=value, place=place, by=world.aisha, at=at)


def campaigns(world: World) -> list[tuple[datetime, Going]]:
    """When each truck's story begins."""
    if world.half.name == "north":
        return []
    hours = timedelta(hours=1)
    return [
        (max(world.at, world.end - 6 * hours), gone(world)),
        (max(world.at, world.end - 2 * hours), at_its_door(world)),
        (max(world.at, world.end - 5 * hours), planned(world)),
    ]


def _door(world: World, code: str) -> Location:
    return Location.objects.get(hub=world.hubs["rotterdam"], code=code)


def _coming(world: World, carrier: Carrier, count: int, hub: str = "rotterdam") -> list[Parcel]:
    made = parcels.announce(
        direction=Direction.INBOUND, hub=world.hubs[hub], owner=world.organizations["retailer"], parcels=count,
        carrier=carrier, by=world.henrik, at=world.at,
    )  # fmt: skip
    parcels.release(made.shipment, giver="retailer", taker=carrier.code, parcels=count, by=world.henrik, at=world.at)
    return list(made.parcels)


def _plan(world: World, carrier: Carrier, door: str, begins: float, **told: int) -> Appointment:
    """A truck whose window begins so many hours from now."""
    at = world.at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=begins)
    return docks.plan(
        hub=world.hubs["rotterdam"], carrier=carrier, door=_door(world, door) if door else None, begins_at=at,
        ends_at=at + timedelta(hours=1), reference=f"TOUR {world.number('tour') + 4710}", by=world.aisha, at=world.at,
        **told,
    )  # fmt: skip


def gone(world: World) -> Going:
    """Counted and signed for: one box crushed, two that never came, one for Leipzig, one that nobody announced."""
    post = Carrier.objects.get(code=POST)
    coming, elsewhere = _coming(world, post, 16), _coming(world, post, 1, "leipzig")[0]
    expected = _plan(world, post, "DOCK-1", 1, parcels=16)
    yield world.at + timedelta(minutes=70)
    delivery = scanning_off.begin(
        hub=world.hubs["rotterdam"], carrier=post, appointment=expected, station="Dock 1", by=world.ines, at=world.at
    )
    for parcel in coming[:14]:
        yield world.at + timedelta(seconds=4)
        scanning_off.scan(delivery, [parcel.tracking], by=world.ines, at=world.at)
    scanning_off.scan(delivery, [elsewhere.tracking], by=world.ines, at=world.at)
    scanning_off.scan(delivery, [f"HP{world.number('tour') + 880412}NL"], anyway=True, by=world.ines, at=world.at)
    crushed = coming[4].tracking
    scanning_off.damaged(delivery, crushed, by=world.ines, at=world.at)
    yield world.at + timedelta(seconds=30)
    picture = ContentFile(pictures.drawn("a crushed corner"), "crushed.jpg")
    scanning_off.photograph(delivery, crushed, picture, by=world.ines, at=world.at)
    yield world.at + timedelta(minutes=1)
    signing_off.end(delivery, signature=drawn(), signed_by="K. Bakker", by=world.ines, at=world.at)
    world.drain()


def at_its_door(world: World) -> Going:
    """Half of it is scanned."""
    freight = Carrier.objects.get(code=FREIGHT)
    coming = _coming(world, freight, 24)
    expected = _plan(world, freight, "DOCK-2", 1, parcels=24, pallets=2)
    yield world.end - timedelta(minutes=12)
    delivery = scanning_off.begin(
        hub=world.hubs["rotterdam"], carrier=freight, appointment=expected, station="Dock 2", by=world.ines, at=world.at
    )
    for parcel in coming[:11]:
        yield world.at + timedelta(seconds=5)
        scanning_off.scan(delivery, [parcel.tracking], by=world.ines, at=world.at)


def planned(world: World) -> Going:
    """One that should have been here, and two that are to come."""
    post, freight = Carrier.objects.get(code=POST), Carrier.objects.get(code=FREIGHT)
    _plan(world, freight, "DOCK-3", 2, parcels=0, pallets=6)
    _plan(world, post, "DOCK-1", 7, parcels=30)
    _plan(world, freight, "", 9, parcels=12, pallets=1)
    yield world.end
    world.drain()


@cache
def drawn() -> str:
    """A signature as a tablet sends it."""
    picture = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    points = [
        (60, 140),
        (90, 60),
        (110, 150),
        (150, 90),
        (190, 140),
        (230, 70),
        (250, 140),
        (330, 100),
        (420, 130),
        (540, 90),
    ]
    pen.line(points, fill=(0, 0, 0, 255), width=5, joint="curve")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return signing_off.PEN + base64.b64encode(out.getvalue()).decode()
