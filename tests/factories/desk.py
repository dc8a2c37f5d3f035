"""Support cases for the tests, by the verbs that the desk uses."""

from __future__ import annotations

from datetime import UTC, datetime

from returns.models import Channel, SupportCase
from returns.services import desk
from revlog.accounts.actors import Actor
from revlog.terms.models import Order, OrderLine
from revlog.terms.services.new_orders import NewLine
from tests.cast import Cast
from tests.factories import terms

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def phone_line(**changes: object) -> NewLine:
    values: dict[str, object] = {
        "sku": "PX7A-128",
        "description": "Pixel 7a, 128 GB",
        "device_class": "phone",
        "serials": ("PX0001",),
        "parcel_number": "3SPHONE0001",
    }
    return terms.laptop_line(**(values | changes))


def case(
    cast: Cast,
    order: Order | None = None,
    *,
    line: OrderLine | None = None,
    by: Actor | None = None,
    at: datetime = AT,
    **changes: object,
) -> SupportCase:
    """Kim calls Sam about the first thing of an order."""
    order = order or terms.order(cast, "PS-1001", phone_line(), at=at)
    values: dict[str, object] = {
        "contact": order.contact,
        "seller": order.seller,
        "order": order,
        "line": line or order.lines.order_by("position")[0],
        "channel": Channel.CALL,
    }
    return desk.open_case(by=by or cast.sam, at=at, **(values | changes))  # type: ignore[arg-type]
