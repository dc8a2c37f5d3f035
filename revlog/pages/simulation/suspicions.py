"""Somebody who says again and again that nothing came, behind a door with other accounts: what a closer look is for, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from returns.models import Review, ReviewStatus, Rma
from returns.services import approval, lists, opening, talking
from returns.services.fraud import deciding
from returns.services.lists import NewListing
from returns.services.opening import Wish
from revlog.accounts import queries
from revlog.accounts.models import Organization
from revlog.common import ids
from revlog.devices.journey import State
from revlog.pages.simulation import catalog, stories
from revlog.pages.simulation.steps.onward import Plan
from revlog.pages.simulation.stories import SHOP, SHOPS
from revlog.pages.simulation.world import World
from revlog.terms.models import Order, OrderSource
from revlog.terms.services import orders
from revlog.terms.services.new_orders import NewLine, NewOrder

Going = Iterator[datetime]
DOORS = {
    "open": ("Veerkade 31 b", "3016 DE Rotterdam", "NL"),
    "cleared": ("Gutenbergstraße 8", "04178 Leipzig", "DE"),
    "first": ("Lange Poten 4", "2511 CL Den Haag", "NL"),
    "again": ("Hoogstraat 77", "5611 JM Eindhoven", "NL"),
    "confirmed": ("Schiedamseweg 114", "3025 AG Rotterdam", "NL"),
}
FOUND = {
    "cleared": "The carrier has found the parcel in its depot and confirmed the loss.",
    "confirmed": "The carrier has a signature and the place of delivery, and the phone was in use the day after.",
}


def _sold(world: World, how: str, who: str, sku: str, price: Decimal) -> Order:
    street, city, country = DOORS[how]
    model = catalog.BY_SKU[sku]
    told = NewOrder(
        number=f"{SHOPS['retailer']}{world.seed}-{20000 + world.number('order')}",
        email=f"{who}.{how}@example.org", name=f"{who.title()} Vermeer", address=(street, city), country=country,
        ordered_at=world.at - timedelta(days=4), shipped_at=world.at - timedelta(days=2), delivered_at=world.at,
        payment=f"card-{how}-{world.number('payment')}" if who == "noa" else f"card-{how}",
        lines=[NewLine(sku=model.sku, description=f"{model.maker} {model.name}"[:200], price=price, device_class=model.device_class)],
    )  # fmt: skip
    seller = world.organizations["retailer"]
    placed = orders.place_many([told], seller=seller, source=OrderSource.API, by=SHOP, at=world.at)
    world.drain()
    return placed.placed[0]


def _claimed(world: World, order: Order) -> Rma:
    line = order.lines.get()
    by = queries.guest({f"order:{order.pk}"})
    rma = opening.open_rma(order=order, wishes=[Wish(line=line.pk, reason="NEVER_ARRIVED")], by=by, at=world.at)
    world.drain()
    return Rma.objects.get(pk=rma.pk)


def claims(world: World, how: str, *, wait: timedelta) -> Going:
    """Two small claims of one account, one of two others at the same door; ``wait`` later a phone is said never to have arrived.

    Support agrees to it, and the money is held: ``how`` it ended, or that it is open.
    """
    for who in ("ida", "noa", "ben", "ida"):
        order = _sold(world, how, who, "RTX-JKT-M", Decimal("19.90"))
        yield world.after(20, 30)
        _claimed(world, order)
    yield world.at + wait
    for small in Review.objects.filter(status=ReviewStatus.OPEN, rma__order__payment=f"card-{how}"):
        why = "A small sum, and the carrier has no proof of delivery."
        deciding.clear(small, reason=why, by=world.esra, at=world.at)
        world.drain()
    order = _sold(world, how, "ida", "IP13-128", catalog.BY_SKU["IP13-128"].price)
    yield world.after(4, 8)
    rma = _claimed(world, order)
    if rma.status == "requested":
        yield world.after(1, 3)
        approval.approve(rma, why="The carrier is asked where it is.", by=world.sam, at=world.at)
        world.drain()
    if how == "open":
        return
    yield world.working(6, 20)
    review = Review.objects.get(rma=rma)
    if how == "confirmed":
        text = "Which day were you at home, and who else may have taken it in? Send us a photo of your door, as it looks on arrival."
        deciding.ask(review, text=text, key=ids.new(world.at), by=world.maria, at=world.at)
        world.drain()
        yield world.after(5, 9)
        by = queries.guest({f"rma:{rma.pk}"})
        talking.write(rma, text="I was at work all day.", key=ids.new(world.at), by=by, at=world.at)
        yield world.working(1, 4)
        talking.read(rma, by=world.maria, at=world.at)
        deciding.confirm(review, reason=FOUND[how], by=world.maria, at=world.at)
        lists.add_customer_of(rma, name="review", why=FOUND[how], by=world.maria, at=world.at)
        _listed(world, rma.seller)
    else:
        deciding.clear(review, reason=FOUND[how], by=world.esra, at=world.at)
    world.drain()


def shown_again(world: World) -> Going:
    """Two people at different doors show the very same photo of a broken screen; nobody has looked yet."""
    for how, who in (("first", "eva"), ("again", "tom")):
        order = _sold(world, how, who, "T480-16-256", catalog.BY_SKU["T480-16-256"].price)
        yield world.after(10, 20)
        wish = Wish(
            line=order.lines.get().pk,
            reason="DAMAGED_TRANSIT",
            photos=[world.photo(f"a screen that broke on the way, {world.seed}")],
        )
        opening.open_rma(order=order, wishes=[wish], by=queries.guest({f"order:{order.pk}"}), at=world.at)
        world.drain()


def light(world: World) -> Going:
    """A parcel weighed too little, nobody has looked at it, and the law wants the money back in the next days."""
    model, plan = catalog.BY_SKU["T480-16-256"], Plan(stop_at=State.RECEIVED)
    yield from stories.retail(world, mishap="light", model=model, plan=plan)


def _listed(world: World, seller: Organization) -> None:
    """What else stands on the lists of a shop after some weeks, and what was taken off again."""
    today = world.at.date()
    told = [
        NewListing(name="blocked", kind="serial", subject="F2LXK0QHJC6D", why="Reported stolen; the police has the case."),
        NewListing(
            name="review", kind="product", subject="RTX-JKT-M", why="The last delivery has a bad zip: we want to see photos.",
            until=today + timedelta(days=60),
        ),
        NewListing(name="review", kind="order", subject=f"PS-{world.seed}-17", why="Paid with a card that was charged back."),
    ]  # fmt: skip
    rows = [lists.add(seller, one, by=world.maria, at=world.at) for one in told]
    lists.lift(rows[-1], reason="The bank took the charge-back back.", by=world.maria, at=world.at)


def stories_of(world: World) -> list[tuple[timedelta, Going]]:
    """How long before the end each begins, and the story."""
    if world.half.name == "north":
        return [
            (timedelta(days=14), light(world)),
            (timedelta(days=4), shown_again(world)),
            (timedelta(days=19), claims(world, "cleared", wait=timedelta(days=1))),
        ]
    return [
        (timedelta(days=6, hours=12), claims(world, "open", wait=timedelta(hours=8))),
        (timedelta(days=20), claims(world, "confirmed", wait=timedelta(days=1))),
    ]
