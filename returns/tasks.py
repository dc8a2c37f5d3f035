"""What the workers do for returns by the clock. It asks the clock, makes one call, and may run twice."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from returns.services import after, deadlines, recall_nights
from returns.services.fraud import linking
from returns.services.vendors import unsold
from revlog.common import clock


@shared_task(name="returns.deadlines")
def due(**_kwargs: Any) -> int:  # noqa: ANN401 - a newer sender may say more
    """Do what is due by its date."""
    return deadlines.run(at=clock.now())


@shared_task(name="returns.after")
def after_returns(**_kwargs: Any) -> int:  # noqa: ANN401 - a newer sender may say more
    """Ask customers how it went, and note who bought again."""
    return after.run(at=clock.now())


@shared_task(name="returns.recalls")
def recalls_searched(**_kwargs: Any) -> int:  # noqa: ANN401 - a newer sender may say more
    """Search everything for each recall that runs."""
    return recall_nights.search(at=clock.now())


@shared_task(name="returns.unsold")
def unsold_sweep(**_kwargs: Any) -> int:  # noqa: ANN401 - a newer sender may say more
    """Look for unsold goods."""
    return unsold.sweep(at=clock.now()).found


@shared_task(name="returns.links")
def accounts_linked(**_kwargs: Any) -> int:  # noqa: ANN401 - a newer sender may say more
    """Compare also who returned something before accounts were compared, or was imported since."""
    return linking.build(at=clock.now())
