"""The figures' worker: reads on in the log every few seconds."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from reporting.services import projections
from revlog.common import clock

MOST_STEPS = 20
"""One message reads at most so many batches, so that a worker that is told to stop gets to it; the next one goes on."""


@shared_task(name="reporting.follow")
def follow(**_kwargs: Any) -> int:  # noqa: ANN401 - a newer sender may say more
    """Bring the figures up to date with the log. Harmless twice, and at the same time as another."""
    read = 0
    for _step in range(MOST_STEPS):
        step = projections.follow(at=clock.now())
        if step is None or not step.entries:
            break
        read += step.entries
    return read
