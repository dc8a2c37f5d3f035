"""Reminding customers, once, of photos that rules want and that couldn't be sent along when it was announced."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from returns import facts
from returns.queries import photos
from returns.services import approval
from revlog.accounts import actors

CLOCK = actors.system("returns.clock")
MOST = 500


def due(*, at: datetime) -> list[uuid.UUID]:
    """Returns whose customers are to be reminded now."""
    return list(photos.to_remind(at=at).values_list("pk", flat=True)[:MOST])


def remind(pk: uuid.UUID, *, at: datetime) -> bool:
    """Say what is still missing, once; the mail follows. Whoever sent them meanwhile isn't reminded."""
    with transaction.atomic():
        rma = approval.lock(pk)
        missing = photos.still_wanted(rma, list(rma.lines.all()))
        if not missing or rma.hand_in_by is None or not photos.to_remind(at=at).filter(pk=pk).exists():
            return False
        fact = facts.PhotosReminded(number=rma.number, photos=missing, until=rma.hand_in_by.isoformat())
        approval.say(rma, fact, by=CLOCK, at=at, key="photos_reminded")
    return True
