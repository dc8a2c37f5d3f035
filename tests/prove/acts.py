"""The people who work by verbs, inside the platform: decide, verify wipes, offer, sell, pick and ship whatever waits for it.

A loop of its own process: a JSON line for each act that was committed. It may be killed at any moment, like any other process.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from itad.models import JobState, SanitizationJob
from itad.services import sanitization
from resale.models import Offer, Pool, PoolUnit, Sale, SaleState
from resale.services import offers, sales
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device
from tests.cast import Cast
from tests.factories.resale import BEA
from tests.faults.scenes import cast
from triage.services import disposition

Told = dict[str, Any]


def decided(people: Cast) -> Iterator[Told]:
    """What was graded and accepted goes to be sold, by way of its wipe."""
    waiting = Device.objects.filter(state=State.IN_TRIAGE.value, disposition="").exclude(authority="")
    for unit in waiting.exclude(grade="U")[:5]:
        disposition.decide(
            device=unit, disposition=Disposition.RESELL, reason="it sells well", by=people.aisha, at=clock.now()
        )
        yield {"act": "decided", "tag": unit.tag}


def verified(people: Cast) -> Iterator[Told]:
    for job in SanitizationJob.objects.filter(state=JobState.RECORDED).select_related("device")[:5]:
        sanitization.verify(job=job, by=people.sofia, at=clock.now())
        yield {"act": "verified", "tag": job.device.tag}


def offered(people: Cast) -> Iterator[Told]:
    for pool in Pool.objects.exclude(pk__in=Offer.objects.filter(ended_at=None).values("pool"))[:5]:
        offers.publish(pool=pool, channel="own_shop", price=Decimal("249.00"), by=people.anouk, at=clock.now())
        yield {"act": "offered", "pool": str(pool.pk)}


def sold(people: Cast) -> Iterator[Told]:
    """Half of what is free: the rest is for those who buy by the page, at the same time."""
    for offer in Offer.objects.filter(ended_at=None)[:5]:
        if PoolUnit.objects.free().filter(pool=offer.pool).exists():
            order = sales.sell(offer=offer, buyer=BEA, by=people.maria, at=clock.now())
            yield {"act": "sold", "order": str(order.pk)}


def picked(people: Cast) -> Iterator[Told]:
    for sale in Sale.objects.filter(state=SaleState.SOLD).select_related("device")[:5]:
        sales.pick(sale=sale, scanned=sale.device, by=people.luca, at=clock.now())
        yield {"act": "picked", "sale": str(sale.pk)}


def shipped(people: Cast) -> Iterator[Told]:
    for sale in Sale.objects.filter(state=SaleState.PICKED).select_related("device")[:5]:
        sales.ship(sale=sale, parcel_number=f"3S{sale.pk.hex[:10]}", by=people.luca, at=clock.now())
        yield {"act": "shipped", "sale": str(sale.pk), "tag": sale.device.tag}


ACTS: tuple[Callable[[Cast], Iterator[Told]], ...] = (decided, verified, offered, sold, picked, shipped)


def work() -> None:
    """Until somebody ends us. What was refused is said; what broke is tried again by the next look."""
    people = None
    while True:
        for act in ACTS:
            try:
                people = people or cast()
                for told in act(people):
                    say(told)
            except DomainError as refusal:
                say({"refused": act.__name__, "why": f"{refusal.code}: {refusal.sentence}"})
            except (DatabaseError, InterfaceError):
                say({"broke": act.__name__})
                connection.close()
                time.sleep(0.3)
        time.sleep(0.3)


def say(told: Told) -> None:
    print(json.dumps(told), flush=True)
