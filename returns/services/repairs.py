"""Repairs of ours that didn't last: found by a visit that opens too soon after the one on which we repaired."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from refurb import facts as refurb_facts
from returns.facts import recalls as facts
from returns.queries import claims as queries_claims
from revlog.accounts.actors import Actor
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.models import Visit
from revlog.devices.services import moves


def note_repeat(unit: uuid.UUID, *, by: Actor, at: datetime) -> Entry | None:
    """Say on the unit's chain, once a visit, that it is here again within so many days after our repair. None when it isn't."""
    with transaction.atomic():
        device = moves.take_one(unit)
        visits = list(Visit.objects.filter(device=device).order_by("-number")[:2])
        if len(visits) < 2:
            return None
        now, before = visits
        if (known := ledger.already(device.pk, f"repeat:{now.number}")) is not None:
            return known
        repaired = (
            Entry.objects.filter(
                chain_id=device.pk,
                kind=refurb_facts.WorkPassed.kind,
                occurred_at__gte=before.opened_at,
                occurred_at__lte=now.opened_at,
            )
            .order_by("-sequence")
            .first()
        )
        if repaired is None:
            return None
        closed = before.closed_at or repaired.occurred_at
        days = (now.opened_at - closed).days
        if days > queries_claims.repeat_days(at):
            return None
        return moves.note(
            device,
            fact=facts.RepeatRepair(
                visit=now.number, repaired=before.number, days=max(days, 0), work=repaired.payload.get("work")
            ),
            by=by,
            at=at,
            key=f"repeat:{now.number}",
        )
