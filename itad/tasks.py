"""What the workers do for ITAD by the clock. It asks the clock, makes one call, and may run twice."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from itad.services import drafts
from revlog.common import clock


@shared_task(name="itad.drafts")
def drafts_dropped(**_kwargs: Any) -> int:  # noqa: ANN401 - a newer sender may say more
    """Drop clients' lists whose columns nobody came to look at."""
    return drafts.drop_forgotten(at=clock.now())
