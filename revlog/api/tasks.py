"""What the API's own housekeeping does in a worker."""

from __future__ import annotations

from celery import shared_task

from revlog.api import idempotency
from revlog.common import clock


@shared_task(name="api.forget")
def forget() -> int:
    """Drop answers to idempotent requests that are older than 24 hours."""
    return idempotency.forget(at=clock.now())
