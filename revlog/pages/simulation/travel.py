"""How things travel in the demo: a shop, vans and carriers, and returns that stand still at each place where they can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

from returns.models import Rma
from returns.services import approval, opening
from returns.services.opening import Wish
from returns.services.ways import counter, fetching
from returns.services.ways.choosing import Choice
from revlog.accounts import actors
from revlog.accounts.queries import guest
from revlog.accounts.stable import stable_id
from revlog.devices.models import Location
from revlog.logistics.carriers import Scan
from revlog.logistics.models import Booking, Place
from revlog.logistics.services import bookings, pickups, scans, setup
from revlog.pages.simulation.world import World
from revlog.terms.models import Order, OrderSource
from revlog.terms.services import orders
from revlog.terms.services.new_orders import NewLine, NewOrder

Going = Iterator[datetime]
SHOP = actors.system("simulation.shop")
WEEK = dict.fromkeys(range(5), "10:00-18:00") | {5: "10:00-17:00"}


def prepare(world: World) -> None:
    """Where people bring things, when a van comes, and who carries; safe to run again."""
    by, at = world.henrik, world.at
    rotterdam, leipzig = world.hubs["rotterdam"], world.hubs["leipzig"]
    setup.keep_place(
        code="coolsingel", name="Harbour Store Rotterdam", hub=rotterdam, address=["Coolsingel 44", "3011 AD Rotterdam"],
        postcode="3011 AD", city="Rotterdam", country="NL", hours=WEEK, takes_unboxed=True, by=by, at=at,
    )  # fmt: skip
    setup.keep_place(
        code="rokin", name="Harbour Store Amsterdam", hub=rotterdam, address=["Rokin 92", "1012 KZ Amsterdam"],
        postcode="1012 KZ", city="Amsterdam", country="NL", hours=WEEK, by=by, at=at,
    )  # fmt: skip
    setup.keep_place(
        code="leipzig", name="Counter at the hub, Leipzig", hub=leipzig, address=["Hafenstraße 3", "04179 Leipzig"],
        postcode="04179", city="Leipzig", country="DE", hours=dict.fromkeys(range(5), "08:00-16:00"), takes_unboxed=True,
        by=by, at=at,
    )  # fmt: skip
    for weekday in range(5):
        for begins, ends in ((time(9), time(12)), (time(13), time(17))):
            setup.keep_window(
                hub=rotterdam, weekday=weekday, begins=begins, ends=ends, capacity=6, cutoff_hours=18,
                driven_by=world.organizations.get("carrier"), by=by, at=at,
            )  # fmt: skip
    for number in (1, 2):
        code = f"TOTE-{number}"
        told = {"id": stable_id("location", f"rotterdam:{code}"), "kind": "container", "created_at": at}
        Location.objects.get_or_create(hub=rotterdam, code=code, defaults=told)
    setup.keep_carrier(code="harbour-post", name="Harbour Post", for_returns=True, label_free=True, by=by, at=at)


def returns(world: World) -> list[Going]:
    """One for each way, and one for each place at which such a return can stand still."""
    if world.half.name == "north":
        return []
    plain = [travelling(world, Choice(name)) for name in ("qr", "store", "counter")]
    bags = [bagged(world, "TOTE-1", sent=True), bagged(world, "TOTE-2", sent=False)]
    return [*plain, *bags, picked_up(world), missed(world), dangerous(world), refused(world), lost(world)]


def _sold(world: World) -> Order:
    number, delivered = world.number("travelling"), world.at - timedelta(days=6)
    line = NewLine(
        sku="IP13-128", description="Apple iPhone 13, 128 GB", price=Decimal("389.00"), device_class="phone",
        serials=(f"TRV{world.seed}{number:05}",),
    )  # fmt: skip
    told = NewOrder(
        number=f"HS{world.seed}-{40000 + number}", email=f"traveller{number}@example.org", name="Noa de Vries",
        address=(f"Mathenesserlaan {200 + number}", "3021 HC Rotterdam"), country="NL", ordered_at=delivered - timedelta(days=3),
        shipped_at=delivered - timedelta(days=1), delivered_at=delivered, lines=[line],
    )  # fmt: skip
    return orders.place(told, seller=world.organizations["retailer"], source=OrderSource.API, by=SHOP, at=world.at)


def _opened(world: World, choice: Choice | None, reason: str = "CHANGED_MIND") -> Rma:
    order = _sold(world)
    line = order.lines.get()
    by = guest({f"order:{order.pk}"})
    wish = Wish(line=line.pk, reason=reason, wanted="refund")
    return opening.open_rmas(order=order, wishes=[wish], choice=choice, by=by, at=world.at)[0]


def travelling(world: World, choice: Choice) -> Going:
    yield max(world.at, world.end - timedelta(days=world.dice.randint(1, 3)))
    _opened(world, choice)
    world.drain()


def bagged(world: World, tote: str, *, sent: bool) -> Going:
    """Checked at the counter and sealed; its tote stands there, or is on its way."""
    yield max(world.at, world.end - timedelta(days=2))
    rma = _opened(world, Choice("counter"))
    world.drain()
    yield world.working(2, 8)
    place = Place.objects.select_related("hub__organization").get(code="coolsingel")
    into = Location.objects.get(hub=place.hub, code=tote)
    unit = counter.waiting(rma)[0]
    counter.bag(unit, place=place, serial=unit.serial, tote=into, by=world.ines, at=world.at)
    world.drain()
    if sent:
        yield world.after(2, 4)
        counter.send(into, place=place, by=world.ines, at=world.at)
        world.drain()


def _slot(world: World) -> str:
    found = pickups.slots(world.hubs["rotterdam"], postcodes=["3021HC"], country="NL", at=world.at)
    return found[world.dice.randrange(min(4, len(found)))].key


def picked_up(world: World) -> Going:
    """Booked for one of the next days."""
    yield max(world.at, world.end - timedelta(hours=20))
    _opened(world, Choice("pickup", _slot(world)))
    world.drain()


def missed(world: World) -> Going:
    """The van came and met nobody."""
    yield max(world.at, world.end - timedelta(days=8))
    rma = _opened(world, Choice("pickup", _slot(world)))
    world.drain()
    pickup = pickups.open_one(f"rma:{rma.pk}")
    if pickup is None:
        return
    yield pickup.begins_at + timedelta(minutes=40)
    fetching.nobody_there(pickup, by=world.dirk, at=world.at)
    world.drain()


def dangerous(world: World) -> Going:
    """A battery is swollen: it may come, and nobody may carry it."""
    yield max(world.at, world.end - timedelta(days=2))
    order = _sold(world)
    wish = Wish(line=order.lines.get().pk, reason="SWOLLEN_BATTERY", wanted="refund")
    told = guest({f"order:{order.pk}"})
    rma = opening.open_rma(order=order, wishes=[wish], by=told, at=world.at)
    yield world.working(1, 5)
    approval.approve(rma, why="Agreed by support.", by=world.sam, at=world.at)
    world.drain()


def refused(world: World) -> Going:
    """An agency was tried for a day, and didn't know the address."""
    yield max(world.at, world.end - timedelta(days=3))
    _agency(world, used=True)
    rma = _opened(world, Choice("label"))
    booking = Booking.objects.get(parcel__rma_links__rma=rma)
    bookings.refused(booking.pk, why="Unknown postal code.", code="ADDRESS.VERIFY.FAILURE", at=world.at)
    _agency(world, used=False)
    world.drain()


def _agency(world: World, *, used: bool) -> None:
    setup.keep_carrier(
        code="agency",
        name="Carrier agency",
        vendor="easypost",
        for_returns=used,
        active=used,
        by=world.henrik,
        at=world.at,
    )


def lost(world: World) -> Going:
    """Its carrier scanned it once, and then says that something is wrong with it."""
    yield max(world.at, world.end - timedelta(days=5))
    rma = _opened(world, Choice("label"))
    world.drain()
    yield world.working(20, 30)
    parcel = rma.parcel_links.select_related("parcel").get().parcel
    for hours, status in ((9, "in_transit"), (2, "trouble")):
        scan = Scan(tracking=parcel.tracking, status=status, at=world.at - timedelta(hours=hours))
        scans.note(parcel, [scan], at=world.at)
        world.drain()
