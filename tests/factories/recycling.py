"""Units that wait for recycling, and batches of them, made by the verbs of the product."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from recycling.models import Batch
from recycling.services import batches, weighing
from revlog.accounts.models import Organization
from revlog.devices.journey import Disposition
from revlog.devices.models import Device
from tests.cast import Cast
from tests.factories import devices as make

AT = make.AT


def to_recycle(cast: Cast, number: int = 0, *, at: datetime = AT) -> Device:
    """A wiped laptop that waits for recycling."""
    unit = make.triaged(cast, serial=f"RCY{number:05d}", drive=f"DRV{number:05d}", at=at)
    return make.decided(make.cleared(unit, at=at), Disposition.RECYCLE, grade="D", at=at)


def opened(cast: Cast, *, stream: str = "it_mixed", at: datetime = AT) -> Batch:
    return batches.open_batch(hub=cast.rotterdam, stream=stream, by=cast.pavel, at=at)


def filled(cast: Cast, grams: Sequence[int] = (1700, 1600, 1500), *, first: int = 0, at: datetime = AT) -> Batch:
    """A batch with a laptop of each of these weights in it."""
    batch = opened(cast, at=at)
    for number, weight in enumerate(grams, first):
        batches.join(batch=batch, unit=to_recycle(cast, number, at=at), grams=weight, by=cast.pavel, at=at)
    return batch


def weighed(cast: Cast, grams: int = 4800, *, first: int = 0, at: datetime = AT) -> Batch:
    """The same, weighed in for good."""
    batch = filled(cast, first=first, at=at)
    weighing.weigh_in(batch=batch, grams=grams, final=True, scale="floor scale 1", by=cast.pavel, at=at)
    batch.refresh_from_db()
    return batch


def vendor(code: str = "recycler") -> Organization:
    return Organization.objects.get(code=code)
