"""Who calls, writes or chats with support, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from returns.models import Channel, Origin, Result, Rma, SupportCase
from returns.services import desk, opening, overriding, troubleshooting
from returns.services.opening import Wish
from revlog.accounts.actors import Actor
from revlog.accounts.queries import guest
from revlog.common import ids
from revlog.pages.simulation.world import World
from revlog.terms.models import Order, OrderLine

Going = Iterator[datetime]
CALLS = (("fixed", 5), ("told", 4), ("declined", 1))
CHANNELS = (Channel.CALL, Channel.CALL, Channel.CALL, Channel.MAIL, Channel.CHAT)
SAID = {
    "fixed": ("It stays dark, whatever they press.", "They tried one cable only."),
    "told": (
        "They can't find the label in their mail.",
        "They ask when the money comes.",
        "They ask whether the box matters.",
    ),
    "declined": ("They want money for a scratch that they made.",),
    "announced": ("They would rather tell it than type it.", "They have no printer."),
    "override": ("A customer of many years; a week too late.",),
}
WALKS = {
    "phone": ("POWER", (("safe", "no"), ("first", "yes"), ("press", "works"))),
    "tablet": ("POWER", (("safe", "no"), ("first", "yes"), ("press", "works"))),
    "laptop": ("POWER", (("safe", "no"), ("first", "yes"), ("press", "works"))),
    "accessory": ("DOA", (("safe", "no"), ("first", "no"), ("clean", "works"))),
}
"""How a walk goes that ends well, by the class of the thing."""


def agent(world: World, order: Order) -> Actor:
    """The shop has a provider for half of its calls; who calls the operator gets the operator."""
    outsourced = order.seller.code == "retailer" and world.chance(0.5)
    return world.orla if outsourced else world.sam


def _open(world: World, order: Order, what: str, by: Actor) -> SupportCase:
    case = desk.open_case(
        contact=order.contact, seller=order.seller, channel=world.dice.choice(CHANNELS), order=order, line=order.lines.first(),
        note=world.dice.choice(SAID[what]), by=by, at=world.at,
    )  # fmt: skip
    world.drain()
    return case


def call(world: World, order: Order, what: str = "") -> Going:
    """A talk with a customer of ``order`` that ends without a return."""
    what = what or world.dice.choices([name for name, _n in CALLS], [weight for _name, weight in CALLS])[0]
    line = order.lines.first()
    if what == "fixed" and (line is None or line.device_class not in WALKS):
        what = "told"
    by = agent(world, order)
    case = _open(world, order, what, by)
    if what == "fixed" and line is not None:
        reason, answers = WALKS[line.device_class]
        troubleshooting.begin(case, reason=reason, by=by, at=world.at)
        for node, option in answers:
            yield world.at + timedelta(minutes=world.dice.uniform(1, 4))
            troubleshooting.answer(case, node=node, option=option, by=by, at=world.at)
        desk.note(case, text="It starts again.", by=by, at=world.at)
    yield world.at + timedelta(minutes=world.dice.uniform(2, 9))
    result = {"fixed": Result.FIXED, "told": Result.INFORMATION, "declined": Result.DECLINED}[what]
    desk.close(case, result=result, by=by, at=world.at)
    world.drain()


def tried(world: World, order: Order) -> Going:
    """A customer begins a return, tries what the portal says first, and keeps it."""
    yield world.working(0.2, 4)
    line = OrderLine.objects.select_related("order__seller", "product").filter(order=order).first()
    if line is None or line.device_class not in WALKS:
        return
    reason, answers = WALKS[line.device_class]
    walk = troubleshooting.walk(line, reason=reason, answers=[option for _node, option in answers], at=world.at)
    if walk is not None:
        customer = guest({f"order:{order.pk}"})
        troubleshooting.fixed_by_customer(line, walk, reason=reason, key=ids.new(world.at), by=customer, at=world.at)
    world.drain()


def left_open(world: World, order: Order) -> Going:
    """Somebody tried a step or two in the portal, then called; support was called away, and the case stands open."""
    yield world.working(1, 4)
    line = OrderLine.objects.select_related("order__seller", "product").filter(order=order).first()
    if line is not None and line.device_class in WALKS:
        reason, answers = WALKS[line.device_class]
        walk = troubleshooting.walk(line, reason=reason, answers=[answers[0][1]], at=world.at)
        if walk is not None:
            troubleshooting.tried(line, walk, reason=reason, skipped=True, at=world.at)
    _open(world, order, "told", world.sam)


def announced(world: World, order: Order, wishes: Sequence[Wish]) -> Rma:
    """The return is told to support, who announces it; the case ends with it."""
    by = agent(world, order)
    case = _open(world, order, "announced", by)
    rma = opening.open_rma(order=order, wishes=wishes, origin=Origin.STAFF, by=by, at=world.at)
    desk.announced(case, rma, by=by, at=world.at)
    desk.close(
        case,
        result=Result.RMA_OPENED,
        minutes=world.dice.randint(4, 11),
        why="Closed with the return.",
        by=by,
        at=world.at,
    )
    world.drain()
    return Rma.objects.get(pk=rma.pk)


def overridden(world: World, order: Order) -> Going:
    """Long after the window: support allows it all the same. What is dear waits for a lead."""
    yield world.working(1, 4)
    case = _open(world, order, "override", world.sam)
    line = order.lines.first()
    if line is None:
        return
    override = overriding.person(world.sam, why="A customer of many years.")
    wish = Wish(line=line.pk, reason="CHANGED_MIND", wanted="refund", override=override)
    rma = opening.open_rma(order=order, wishes=[wish], origin=Origin.STAFF, by=world.sam, at=world.at)
    desk.announced(case, rma, by=world.sam, at=world.at)
    yield world.at + timedelta(minutes=6)
    desk.close(case, result=Result.RMA_OPENED, by=world.sam, at=world.at)
    world.drain()
