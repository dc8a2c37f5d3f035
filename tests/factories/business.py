"""Returns of businesses for the tests: what Iberia Lots bought from the retailer, announced, counted, matched."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from returns.models import Origin, Rma
from returns.services.business import announcing
from returns.services.business.announcing import Announcement
from returns.services.business.finding import Papers
from returns.services.business.lines import Told
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.terms.models import Order
from revlog.terms.services.orders import NewLine
from tests.cast import Cast
from tests.factories import terms

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
KIT = (
    {"sku": "DOCK-1", "description": "Dock", "quantity": 1, "share": "80"},
    {"sku": "CABLE-1", "description": "Cable", "quantity": 3, "share": "20"},
)


def buyer(cast: Cast) -> Organization:
    return Organization.objects.get(code="buyer")


def toner(lot: str = "L-100", quantity: int = 40, **changes: object) -> NewLine:
    values: dict[str, object] = {
        "sku": "TONER-1",
        "description": "Toner, black",
        "price": Decimal("25.00"),
        "quantity": quantity,
        "device_class": "accessory",
        "tracking": "counted",
        "lot": lot,
        "expires_on": date(2027, 6, 30),
    }
    return NewLine(**(values | changes))  # type: ignore[arg-type]


def phones(*serials: str, **changes: object) -> NewLine:
    values: dict[str, object] = {
        "sku": "PHONE-1",
        "description": "Phone",
        "price": Decimal("199.00"),
        "quantity": len(serials),
        "device_class": "phone",
        "serials": serials,
    }
    return NewLine(**(values | changes))  # type: ignore[arg-type]


def kit(quantity: int = 5, **changes: object) -> NewLine:
    values: dict[str, object] = {
        "sku": "KIT-1",
        "description": "Docking kit",
        "price": Decimal("100.00"),
        "quantity": quantity,
        "device_class": "accessory",
        "tracking": "counted",
        "components": KIT,
    }
    return NewLine(**(values | changes))  # type: ignore[arg-type]


def order(cast: Cast, number: str = "B-1", *lines: NewLine, **changes: object) -> Order:
    """An order of Iberia Lots from the retailer, delivered five days before."""
    told: dict[str, object] = {
        "customer": "buyer",
        "po_number": "PO-77",
        "invoice_number": f"INV-{number}",
        "delivery_number": f"DN-{number}",
        "email": "office@buyer.revlog.invalid",
    }
    return terms.order(cast, number, *(lines or (toner(),)), **(told | changes))  # type: ignore[arg-type]


def told(row: int = 1, **changes: object) -> Told:
    values: dict[str, object] = {
        "row": row,
        "sku": "TONER-1",
        "quantity": 10,
        "lot": "L-100",
        "reason": "STOCK_ROTATION",
    }
    return Told(**(values | changes))  # type: ignore[arg-type]


def announcement(cast: Cast, *lines: Told, **changes: object) -> Announcement:
    values: dict[str, object] = {
        "customer": buyer(cast),
        "seller": cast.retailer,
        "papers": Papers(),
        "lines": lines or (told(),),
    }
    return Announcement(**(values | changes))  # type: ignore[arg-type]


def rma(cast: Cast, *lines: Told, by: Actor | None = None, at: datetime = AT, **changes: object) -> Rma:
    return announcing.announce(announcement(cast, *lines, **changes), origin=Origin.STAFF, by=by or cast.sam, at=at)
