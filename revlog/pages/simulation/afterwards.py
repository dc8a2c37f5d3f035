"""What customers say, ask and buy when their return is over: told when all of it is, in its own days."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db.models import QuerySet

from returns.models import AfterReturn, AskedBy, RmaStatus, SupportCase
from returns.services import after, talking
from revlog.accounts.queries import guest
from revlog.common import ids
from revlog.pages.simulation.stories import SHOP
from revlog.pages.simulation.world import World
from revlog.terms.models import Order, OrderSource
from revlog.terms.services import orders
from revlog.terms.services.new_orders import NewLine, NewOrder

ANSWERS = {
    "refund": ((5, 30), (4, 34), (3, 18), (2, 11), (1, 7)),
    "credit": ((5, 44), (4, 36), (3, 14), (2, 4), (1, 2)),
    "refused": ((5, 2), (4, 8), (3, 20), (2, 34), (1, 36)),
    "": ((5, 38), (4, 34), (3, 16), (2, 8), (1, 4)),
}
"""How often which score is given, by outcome."""
WROTE = {
    1: "Two weeks and three mails. Never again.",
    2: "It took long until I heard anything.",
    5: "That was quick, thank you.",
}
ASKED = ("Where is my money?", "It says paid, and I see nothing on my account.", "When does the refund come?")


def tell(world: World) -> None:
    """Three of five answer, one of nine asks for the money, one of six buys again."""
    end = world.at
    rows: QuerySet[AfterReturn] = AfterReturn.objects.filter(
        score=None, rma__business=None, rma__status=RmaStatus.CLOSED
    )
    for row in rows.select_related("rma__contact", "rma__seller", "rma__order").order_by("closed_at", "pk"):
        asked_at = row.closed_at + timedelta(days=2, hours=world.dice.uniform(0, 20))
        if world.chance(0.11) and row.closed_at + timedelta(hours=30) < end:
            world.at = row.closed_at + timedelta(hours=world.dice.uniform(4, 28))
            _asks(world, row)
        if asked_at < end:
            world.at = asked_at
            after.ask(row.pk, at=world.at)
            answered_at = asked_at + timedelta(hours=world.dice.uniform(1, 60))
            if world.chance(0.6) and answered_at < end:
                world.at = answered_at
                _answers(world, row)
        bought_at = row.closed_at + timedelta(days=world.dice.uniform(3, 40))
        if world.chance(0.16) and bought_at < end:
            world.at = bought_at
            _buys_again(world, row)
        world.settle()
    world.at = end
    for pk, order in after.bought_again(at=end):
        after.note_again(pk, order, at=end)
    world.settle()


def _asks(world: World, row: AfterReturn) -> None:
    """On the status page, where it can be said what it is about; or at the desk, which notes it."""
    own = guest({f"rma:{row.rma_id}"})
    written = talking.write(row.rma, text=world.dice.choice(ASKED), key=ids.new(world.at), by=own, at=world.at)
    if world.chance(0.7):
        after.ask_for_refund(row.rma, source=written, asked_by=AskedBy.PORTAL, by=own, at=world.at)
    else:
        after.ask_for_refund(row.rma, source=written, by=world.sam, at=world.at)
    if (case := SupportCase.objects.filter(rma=row.rma, result="information").first()) is not None:
        after.ask_for_refund(row.rma, source=case, by=world.sam, at=world.at)
    talking.read(row.rma, by=world.sam, at=world.at)


def _answers(world: World, row: AfterReturn) -> None:
    own = guest({f"rma:{row.rma_id}"})
    weights = ANSWERS.get(row.outcome, ANSWERS[""])
    score = world.dice.choices([one for one, _n in weights], [n for _one, n in weights])[0]
    after.answer(row.rma, score=score, by=own, at=world.at)
    if score in WROTE and world.chance(0.4):
        talking.write(row.rma, text=WROTE[score], key=ids.new(world.at), by=own, at=world.at)
        talking.read(row.rma, by=world.sam, at=world.at)


def _buys_again(world: World, row: AfterReturn) -> None:
    """Another thing of the same shop, by the same e-mail."""
    contact = row.rma.contact
    number = f"{row.rma.order.number}-R"
    if not contact.email or Order.objects.filter(seller=row.rma.seller, number=number).exists():
        return
    line = NewLine(
        sku="USB-C-1M", description="USB-C cable, 1 m", quantity=1, price=Decimal("9.90"), device_class="accessory"
    )
    orders.place(
        NewOrder(number=number, contact=contact, currency="EUR", ordered_at=world.at, lines=[line]),
        seller=row.rma.seller, source=OrderSource.IMPORT, by=SHOP, at=world.at,
    )  # fmt: skip
