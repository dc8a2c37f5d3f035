"""Suppliers for the tests: what was agreed with them, what was bought of them and lies in stock, what goes back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from returns.models import Unsold, VendorReturn
from returns.services.vendors import asking, returning, sending, unsold
from returns.services.vendors.returning import Piece
from revlog.accounts.models import Organization
from revlog.devices import facts as device_facts
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, ProductModel
from revlog.devices.services import arrivals, moves, standing
from revlog.terms.models import Agreement, Purchase
from revlog.terms.services import agreements, purchases
from revlog.terms.services.purchases import Bought
from tests.cast import Cast
from tests.factories import devices

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def norden() -> Organization:
    """The supplier whose person Nils is."""
    return Organization.objects.get(code="supplier")


def other(at: datetime = AT) -> Organization:
    return Organization.objects.get_or_create(
        code="lenovo-service", defaults={"name": "Lenovo Service", "kind": "supplier", "created_at": at}
    )[0]


def agreed(
    cast: Cast,
    supplier: Organization | None = None,
    *,
    valid_from: date = date(2026, 1, 1),
    at: datetime = AT,
    **terms: object,
) -> Agreement:
    values = {"allowed": True, "restocking_percent": "10"} | terms
    return agreements.agree(supplier or norden(), values, valid_from=valid_from, by=cast.maria, at=at)


def model(name: str = "USB-C cable", device_class: str = "accessory", at: datetime = AT) -> ProductModel:
    return ProductModel.objects.get_or_create(
        manufacturer="Norden", name=name, defaults={"device_class": device_class, "created_at": at}
    )[0]


def stock(
    cast: Cast,
    *,
    pieces: int = 40,
    price: str | None = "2.50",
    age: int = 200,
    expires_on: date | None = None,
    product: ProductModel | None = None,
    supplier: Organization | None = None,
    order: str = "PO-7",
    state: State = State.TO_SELL,
    lot: str = "",
    sealed: bool = False,
    at: datetime = AT,
) -> Device:
    """A counted lot that lies in stock since ``age`` days, bought of Norden."""
    product = product or model(at=at)
    device = arrivals.arrive(
        what=arrivals.Description(
            device_class=product.device_class, product=product, manufacturer=product.manufacturer, model=product.name,
            tracking="counted", quantity=pieces, lot=lot,
        ),
        stay=devices.stay(cast, why="stock"),
        by=cast.ines,
        at=at - timedelta(days=age),
    )  # fmt: skip
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        moves.advance(
            taken, moves.TO_TRIAGE, fact=device_facts.SentToTriage(reason="stock"), by=cast.ravi,
            at=at - timedelta(days=age),
        )  # fmt: skip
        standing.authorize(taken, ground="title_is_ours", by=cast.aisha, at=at - timedelta(days=age))
    if state != State.IN_TRIAGE:
        devices.decided(device, Disposition.RESELL, at=at - timedelta(days=age))
    if price is not None:
        bought(
            cast,
            device,
            price=price,
            expires_on=expires_on,
            supplier=supplier,
            order=order,
            age=age,
            sealed=sealed,
            at=at,
        )
    return Device.objects.get(pk=device.pk)


def bought(
    cast: Cast,
    device: Device,
    *,
    price: str = "2.50",
    expires_on: date | None = None,
    supplier: Organization | None = None,
    order: str = "PO-7",
    age: int = 200,
    sealed: bool = False,
    at: datetime = AT,
) -> Purchase:
    return purchases.note(
        device,
        Bought(
            supplier=supplier or norden(), price=Decimal(price), bought_on=(at - timedelta(days=age)).date(),
            order=order, expires_on=expires_on, sealed=sealed,
        ),
        by=cast.henrik,
        at=at,
    )  # fmt: skip


def proposal(device: Device, *, at: datetime = AT) -> Unsold:
    unsold.sweep(at=at)
    return Unsold.objects.get(device=device, status="open")


def going_back(cast: Cast, at: datetime = AT, **changes: object) -> Device:
    """A lot that a person decided to send back to its vendor."""
    device = stock(cast, at=at, **changes)  # type: ignore[arg-type]
    unsold.send_on([proposal(device, at=at)], "vendor", by=cast.henrik, at=at)
    return Device.objects.get(pk=device.pk)


def drafted(cast: Cast, *found: Device, at: datetime = AT) -> VendorReturn:
    """A return to Norden of these lots."""
    pieces = [Piece(device=one) for one in found]
    return returning.draft(norden(), pieces, hub=cast.rotterdam, by=cast.henrik, at=at)


def authorized(cast: Cast, *found: Device, at: datetime = AT) -> VendorReturn:
    rtv = asking.ask(drafted(cast, *found, at=at), by=cast.henrik, at=at)
    return asking.authorize(rtv, theirs="ND-R-1", by=cast.nils, at=at)


def shipped(cast: Cast, *found: Device, at: datetime = AT) -> VendorReturn:
    rtv = sending.pack(authorized(cast, *found, at=at), by=cast.luca, at=at)
    return sending.ship(rtv, by=cast.luca, at=at)
