"""What the floor forgets in a worker."""

from __future__ import annotations

from celery import shared_task

from revlog.common import clock
from revlog.scanning import conflicts


@shared_task(name="scanning.forget")
def forget() -> int:
    """Drop the answers to acts that were done, and later the acts themselves: the ledger has what they did."""
    return conflicts.forget(at=clock.now())
