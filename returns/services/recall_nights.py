"""The search of recalls that run, night by night: what came in by a door that nobody thought of is found all the same."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from returns.models import Recall, RecallStatus
from returns.services import recall_units
from revlog.common.errors import DomainError

REST = timedelta(hours=20)
"""One that was searched since then isn't searched again: whoever asks twice a night gets one search."""
log = logging.getLogger(__name__)


def search(*, at: datetime) -> int:
    """Search everything for each recall that runs; returns how many were searched. Not for a mock one, whose clock would be disturbed.

    What fails is logged, and left for the next night; a person sees it by the day of the last search.
    """
    done = 0
    running = Recall.objects.filter(status=RecallStatus.OPEN, mock=False).exclude(swept_at__gt=at - REST)
    for recall in running.order_by("opened_at", "id"):
        try:
            recall_units.sweep(recall, at=at)
            done += 1
        except (DomainError, OSError):
            log.exception("returns: the recall %s could not be searched", recall.number)
    return done
