"""Returns of businesses for the tests: what Iberia Lots bought from the retailer, announced, counted, matched."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from returns.models import BoxCount, Origin, Rma, RmaUnit
from returns.services.business import announcing, counting, inspecting
from returns.services.business import boxes as box_verbs
from returns.services.business.announcing import Announcement
from returns.services.business.counting import Counted
from returns.services.business.finding import Papers
from returns.services.business.inspecting import Split
from returns.services.business.lines import Told
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.terms.models import Order
from revlog.terms.services.new_orders import NewLine
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


def boxes(
    cast: Cast, rma: Rma, count: int = 2, *, key: str = "boxes", at: datetime = AT, **changes: object
) -> BoxCount:
    """So many boxes taken in at Rotterdam by Ines, unopened."""
    return box_verbs.take_in(
        rma.business,
        boxes=count,
        hub=cast.rotterdam,
        key=key,
        by=cast.ines,
        at=at,
        **changes,  # type: ignore[arg-type]
    )


def counted(
    cast: Cast, rma: Rma, *rows: Counted, key: str = "", by: Actor | None = None, at: datetime = AT
) -> list[RmaUnit]:
    """What Ines counted at Rotterdam."""
    return counting.count(rma.business, rows, hub=cast.rotterdam, key=key or f"{rows}"[-80:], by=by or cast.ines, at=at)


def inspected(cast: Cast, *units: RmaUnit, at: datetime = AT, by: Actor | None = None, **split: int) -> list[RmaUnit]:
    """Each unit inspected by Ravi: good, where nothing else is said."""
    splits = [
        Split(unit=unit.pk, **(split or {"good": unit.counted or 0}))  # type: ignore[arg-type]
        for unit in units
    ]
    return inspecting.inspect(units[0].line.rma.business, splits, by=by or cast.ravi, at=at)


def came(cast: Cast, rma: Rma, at: datetime = AT) -> None:
    """Everything of it came as announced and is good."""
    rows = [
        Counted(position=line.position, pieces=1 if line.business.serials else line.quantity, serial=serial)
        for line in rma.lines.select_related("business")
        for serial in (line.business.serials or [""])
    ]
    inspected(cast, *counted(cast, rma, *rows, at=at), at=at)
