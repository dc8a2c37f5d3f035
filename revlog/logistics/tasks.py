"""What the workers do for parcels by the clock. It asks the clock, makes one call, and may run twice."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from revlog.common import clock
from revlog.logistics.services import tracking
from revlog.logistics.services.transfers import travelling


@shared_task(name="logistics.tracking")
def parcels_asked_for(**_kwargs: Any) -> int:  # noqa: ANN401 - a newer sender may say more
    """Ask carriers for parcels of which nothing was heard for long."""
    return tracking.catch_up(at=clock.now())


@shared_task(name="logistics.transfers_late")
def transfers_late(**_kwargs: Any) -> int:  # noqa: ANN401 - a newer sender may say more
    """Say of each leg that has become late that it is."""
    return travelling.say_late(at=clock.now())
