"""Orders for the tests, placed by the same verbs that the product uses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from revlog.accounts.actors import system
from revlog.accounts.models import Organization
from revlog.terms.models import Order, OrderSource
from revlog.terms.services import orders
from revlog.terms.services.new_orders import NewLine, NewOrder
from tests.cast import Cast

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
EMAIL = "kim@example.com"


def laptop_line(**changes: object) -> NewLine:
    values: dict[str, object] = {
        "sku": "T480-16-256",
        "description": "Lenovo ThinkPad T480, 16 GB",
        "price": Decimal("449.00"),
        "device_class": "laptop",
        "serials": ("PF1ABCDE",),
        "parcel_number": "3SABCD1234567",
    }
    return NewLine(**(values | changes))  # type: ignore[arg-type]


def cable_line(quantity: int = 400, **changes: object) -> NewLine:
    values: dict[str, object] = {
        "sku": "USB-C-1M",
        "description": "USB-C cable, 1 m",
        "price": Decimal("2.50"),
        "quantity": quantity,
        "device_class": "accessory",
        "tracking": "counted",
    }
    return NewLine(**(values | changes))  # type: ignore[arg-type]


def new_order(
    number: str = "PS-1001", *lines: NewLine, at: datetime = AT, days: int = 5, **changes: object
) -> NewOrder:
    """An order that was delivered ``days`` before ``at``, of one laptop where no lines are given."""
    delivered = at - timedelta(days=days)
    values: dict[str, object] = {
        "number": number,
        "email": EMAIL,
        "name": "Kim Jansen",
        "address": ("Kade 12", "3011 AA Rotterdam", "Netherlands"),
        "country": "NL",
        "ordered_at": delivered - timedelta(days=3),
        "shipped_at": delivered - timedelta(days=1),
        "delivered_at": delivered,
        "lines": list(lines) or [laptop_line()],
    }
    return NewOrder(**(values | changes))  # type: ignore[arg-type]


def order(
    cast: Cast,
    number: str = "PS-1001",
    *lines: NewLine,
    seller: Organization | None = None,
    at: datetime = AT,
    days: int = 5,
    **changes: object,
) -> Order:
    """The same, placed; of the retailer's where no seller is named."""
    return orders.place(
        new_order(number, *lines, at=at, days=days, **changes),
        seller=seller or cast.retailer,
        source=OrderSource.IMPORT,
        by=system("test"),
        at=at,
    )
