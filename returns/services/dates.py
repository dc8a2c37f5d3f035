"""Refunds that the law wants by a day: said on the chain when the day comes near, and when it has gone by, once each."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from returns.facts.dates import RefundLate, RefundWantedSoon
from returns.models import RmaLine
from returns.queries import dates
from returns.services import approval
from revlog.accounts import actors
from revlog.custody.services import ledger

CLOCK = actors.system("returns.clock")


def to_say(*, at: datetime, rma: uuid.UUID | None = None) -> list[uuid.UUID]:
    """The lines of which there may be something to say."""
    days = dates.warn_days(at)
    return [
        line.pk
        for line, due, _source in dates.refunds(rma=rma)
        if dates.warned_from(line.rma.hub.calendar, due, days) <= at
    ]


def say(pk: uuid.UUID, *, at: datetime) -> bool:
    """Say what is to be said of a line's refund; again, nothing happens."""
    with transaction.atomic():
        rma = approval.lock(RmaLine.objects.values_list("rma", flat=True).get(pk=pk))
        found = [one for one in dates.refunds(rma=rma.pk) if one[0].pk == pk]
        if not found:
            return False
        line, due, source = found[0]
        fact = RefundLate if due <= at else RefundWantedSoon
        key = f"{fact.kind}:{pk}"
        if ledger.already(rma.pk, key) is not None:
            return False
        day = rma.hub.calendar.local(due - timedelta(seconds=1)).date()
        approval.say(
            rma,
            fact(line=str(pk), position=line.position, day=day.isoformat(), source=source or "—"),
            by=CLOCK,
            at=at,
            key=key,
        )
    return True
