"""What a call names, as much of it as who acts on it has to know: read by statements that are made once, and nobody's but the caller's."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from returns.models import Rma, RmaLine, RmaUnit
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common.rows import Joined, Part, Together
from revlog.terms.models import Contact, Order, OrderLine

_RMA = {"hub": Hub}
_RMA_BY_ID = Joined(Rma, _RMA, "t.id = %(id)s", takes={"id": "uuid"})
_RMA_BY_NUMBER = Joined(Rma, _RMA, "t.number = %(number)s", takes={"number": "text"})
_UNIT = Joined(RmaUnit, {"line": RmaLine}, "t.id = %(unit)s", takes={"unit": "uuid"})
_UNITS = Joined(
    RmaUnit,
    {"line": RmaLine},
    '"line".rma_id = %(rma)s',
    takes={"rma": "uuid"},
    order='"line".position, t.position',
)
_OF_ORDERS = (
    Part("contact", Contact, "t.id IN (SELECT contact_id FROM bought)"),
    Part("seller", Organization, "t.id IN (SELECT seller_id FROM bought)"),
    Part("line", OrderLine, "t.order_id IN (SELECT id FROM bought)", only=("id", "order_id", "position")),
)
_ORDERS_BY_ID = Together((Part("bought", Order, "t.id = %(id)s"), *_OF_ORDERS), takes={"id": "uuid"})
_ORDERS_BY_NUMBER = Together(
    (Part("bought", Order, "upper(t.number) = upper(%(number)s)"), *_OF_ORDERS), takes={"number": "text"}
)


def rma(actor: Actor, *, id: uuid.UUID | None = None, number: str = "") -> Rma | None:
    """The return with this id, or else this number, that ``actor`` may see; with the site that it goes to."""
    found: list[Rma] = _RMA_BY_NUMBER.all(number=number) if id is None else _RMA_BY_ID.all(id=id)
    return next((one for one in found if one.is_visible_to(actor)), None)


def unit(rma: Rma, pk: uuid.UUID) -> RmaUnit | None:
    """The unit of this return with this id, with its line."""
    return next((one for one in _UNIT.all(unit=pk) if one.line.rma_id == rma.pk), None)


def units(rma: Rma) -> list[RmaUnit]:
    """All of a return, each with its line, in their order."""
    found: list[RmaUnit] = _UNITS.all(rma=rma.pk)
    return found


def orders(
    actor: Actor, *, id: uuid.UUID | None = None, number: str = "", seller: str = ""
) -> list[tuple[Order, Mapping[int, uuid.UUID]]]:
    """The orders with this id, or else this number, that ``actor`` may see: each with its contact and seller, and its lines by position.

    Two sellers may have given the same number; ``seller`` names one of them by its code.
    """
    told = _ORDERS_BY_NUMBER.read(number=number) if id is None else _ORDERS_BY_ID.read(id=id)
    sellers = {one.pk: one for one in told["seller"]}
    contacts = {one.pk: one for one in told["contact"]}
    for order in told["bought"]:
        order.seller, order.contact = sellers[order.seller_id], contacts[order.contact_id]
    return [
        (order, _places(told["line"], order))
        for order in told["bought"]
        if order.is_visible_to(actor) and seller in {"", order.seller.code}
    ]


def _places(lines: Sequence[OrderLine], order: Order) -> dict[int, uuid.UUID]:
    return {line.position: line.pk for line in lines if line.order_id == order.pk}
