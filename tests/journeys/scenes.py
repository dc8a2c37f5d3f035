"""What happened before a journey begins, played inside the platform by the verbs that its pages use."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.factories import devices as make
from tests.faults.scenes import cast, local


def sold_and_delivered(serial: str) -> dict[str, str]:
    """A laptop of ours whose wipe was verified, sold by our own shop ten days ago and delivered a week ago."""
    from itad.services import sanitization
    from resale.models import Pool, Sale
    from resale.services import offers, pools, sales
    from revlog.common import clock
    from revlog.devices.journey import Disposition
    from revlog.devices.models import Device
    from tests.factories import itad, resale

    people, at = cast(), clock.now() - timedelta(days=12)
    unit = make.decided(make.triaged(people, serial=serial, drive=f"D{serial}", at=at), Disposition.RESELL, at=at)
    medium = itad.medium_of(unit)
    sanitization.begin(medium=medium, by=people.tomas, at=at + timedelta(minutes=10))
    wiped = itad.erasure(serial=medium.serial, started_at=local(at, 15), ended_at=local(at, 75))
    recorded = itad.credited(unit, wiped, by=people.tomas, at=at + timedelta(hours=2)).recorded[0]
    sanitization.verify(job=recorded, by=people.sofia, at=at + timedelta(hours=3))
    unit = Device.objects.get(pk=unit.pk)
    pools.enter(unit=unit, by=people.anouk, at=at + timedelta(days=1))
    pool = Pool.objects.get(units__device=unit)
    offer = offers.publish(
        pool=pool, channel="own_shop", price=Decimal("249.00"), by=people.anouk, at=at + timedelta(days=1)
    )
    order = sales.sell(offer=offer, buyer=resale.BEA, by=people.anouk, at=at + timedelta(days=2))
    sale = Sale.objects.get(line__order=order)
    sales.pick(sale=sale, scanned=unit, by=people.luca, at=at + timedelta(days=3))
    sales.ship(sale=sale, parcel_number=f"3S{serial}", by=people.luca, at=at + timedelta(days=3))
    sales.deliver(sale=sale, by=people.luca, at=at + timedelta(days=5))
    return {
        "tag": unit.tag,
        "order": order.number,
        "email": resale.BEA.email,
        "name": order.lines.get().description,
        "pool": str(pool.pk),
    }


def ordered(number: str, email: str) -> dict[str, str]:
    """An order of a laptop and two chargers that reached its buyer five days ago, with the link that its shop put into the mail."""
    from returns.services import doors
    from revlog.common import clock
    from tests.factories import terms

    people, at = cast(), clock.now()
    charger = terms.laptop_line(
        sku=f"CH-{number}", description="Charger, 65 W", price=Decimal("29.00"), quantity=2, serials=()
    )
    laptop = terms.laptop_line(sku=f"LT-{number}", serials=(), parcel_number="")
    order = terms.order(people, number, laptop, charger, seller=people.operator, email=email, at=at)
    one = terms.order(people, f"{number}-1", laptop, seller=people.operator, email=email, at=at)
    return {
        "number": order.number,
        "link": doors.order_link(order, at=at).partition("/return/")[2],
        "one": doors.order_link(one, at=at).partition("/return/")[2],
    }


def thirty_announced(number: str, email: str) -> dict[str, list[str]]:
    """A return of thirty laptops that is announced."""
    from revlog.common import clock
    from tests.factories import returns, terms

    people, at = cast(), clock.now()
    serials = tuple(f"OFFLINE{place:03}" for place in range(30))
    lines = terms.laptop_line(sku=f"LT-{number}", quantity=30, serials=serials, parcel_number="")
    order = terms.order(people, number, lines, seller=people.operator, email=email, at=at)
    made = returns.rma(people, order=order, by=people.maria, at=at, quantity=30)
    return {"serials": list(serials), "status": [made.status]}


def with_ways(number: str, email: str) -> dict[str, str]:
    """An order of another shop that has a carrier with codes, a counter and a van around its customer; other journeys see none of it."""
    from datetime import time

    from returns.services import doors
    from revlog.common import clock
    from tests.factories import returns, terms, travel

    people, at = cast(), clock.now()
    shop = people.retailer
    returns.published(people, at=at, pickup_fee="4.95")
    travel.carrier(people, code="kade-post", name="Kade Post", organization=shop, at=at)
    travel.place(people, code="kade-shop", name="Kade Shop", organization=shop, at=at)
    for day in range(7):
        travel.window(people, weekday=day, begins=time(9), ends=time(12), postcodes=["9871"], at=at)
    serial = f"PF{number.replace('-', '')}"
    line = terms.laptop_line(sku=f"LT-{number}", serials=(serial,))
    order = terms.order(people, number, line, email=email, address=("Kade 12", "9871 AB Groningen"), at=at)
    return {"link": doors.order_link(order, at=at).partition("/return/")[2], "serial": serial}
