"""Units in pools, offers on them and buyers, made by the verbs of the product."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from resale.models import Offer, Pool, Sale
from resale.services import offers, pools, sales
from resale.services.sales import Buyer
from revlog.accounts.models import Organization
from revlog.devices.models import Device
from revlog.devices.services import moves, standing
from tests.cast import Cast
from tests.factories import devices as make

AT = make.AT
BEA = Buyer(email="bea@example.org", name="Bea Brand", address=["Kade 5", "3011 AA Rotterdam"], country="NL")
ODA = Buyer(email="oda@example.org", name="Oda Otten", address=["Plein 2", "1012 AB Amsterdam"], country="NL")


def pooled(
    cast: Cast, number: int = 0, *, owner: Organization | None = None, grade: str = "B", at: datetime = AT
) -> Device:
    """A laptop for sale, in its pool."""
    from revlog.devices.journey import Disposition

    unit = make.cleared(make.triaged(cast, serial=f"SALE{number:05d}", drive=f"DRVS{number:05d}", at=at), at=at)
    if owner is not None:
        with transaction.atomic():
            standing.pass_title(moves.take_one(unit.id), owner, by=cast.aisha, at=at)
    unit = make.decided(unit, Disposition.RESELL, grade=grade, at=at)
    pools.enter(unit=unit, by=cast.anouk, at=at)
    return unit


def offered(
    cast: Cast,
    *,
    count: int = 1,
    price: str = "249.00",
    channel: str = "own_shop",
    at: datetime = AT,
    **changes: object,
) -> Offer:
    """So many like laptops in one pool, offered."""
    units = [pooled(cast, number, at=at, **changes) for number in range(count)]  # type: ignore[arg-type]
    pool = Pool.objects.get(units__device=units[0])
    return offers.publish(pool=pool, channel=channel, price=Decimal(price), by=cast.anouk, at=at)


def sold(cast: Cast, offer: Offer | None = None, *, buyer: Buyer = BEA, at: datetime = AT) -> Sale:
    order = sales.sell(offer=offer or offered(cast, at=at), buyer=buyer, by=cast.anouk, at=at)
    return Sale.objects.get(line__order=order)


def picked(cast: Cast, sale: Sale | None = None, *, at: datetime = AT) -> Sale:
    sale = sale or sold(cast, at=at)
    return sales.pick(sale=sale, scanned=sale.device, by=cast.luca, at=at)


def shipped(cast: Cast, sale: Sale | None = None, *, at: datetime = AT) -> Sale:
    return sales.ship(sale=picked(cast, sale, at=at), parcel_number="3SXYZ 0001", by=cast.luca, at=at)
