"""What became of decisions, kept beside what was expected. Each row is made from what others keep, and made anew it is the same."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import F

from revlog.custody.models import Entry
from revlog.devices.models import Posting
from triage import outturning
from triage.models import Decision, Outturn, RepairDone
from triage.outturning import Folded, Money, Said

MOST = 2000
ZERO = Decimal(0)


def follow(device: uuid.UUID, *, at: datetime) -> int:
    """Make the rows of a unit's decisions whose stay has ended; how many there are."""
    decisions = list(
        Decision.objects.filter(device=device, visit__closed_at__isnull=False)
        .select_related("valuation__figures", "visit", "device")
        .order_by("at", "id")
    )
    made = 0
    for place, decision in enumerate(decisions):
        later = next((one for one in decisions[place + 1 :] if one.visit_id == decision.visit_id), None)
        if decision.valuation.currency == settings.BASE_CURRENCY:
            _keep(decision, later, at=at)
            made += 1
    return made


@transaction.atomic
def _keep(decision: Decision, later: Decision | None, *, at: datetime) -> None:
    visit = decision.visit
    if visit is None or visit.closed_at is None:
        return
    found = _folded(decision, later, ended_at=visit.closed_at, end=visit.outcome)
    columns = {
        "decision": decision,
        "device_id": decision.device_id,
        "visit": visit,
        "hub_id": decision.device.hub_id,
        "device_class": decision.device.device_class,
        "disposition": decision.disposition,
        "overridden": decision.overridden,
        "currency": decision.valuation.currency,
        "decided_at": decision.at,
        "ended_at": visit.closed_at,
        "end": visit.outcome,
        "again": later is not None,
        "folded_at": at,
        **found.columns,
    }
    row, fresh = Outturn.objects.update_or_create(pk=decision.pk, defaults=columns)
    if not fresh:
        row.repairs.all().delete()
    RepairDone.objects.bulk_create(
        RepairDone(
            outturn=row,
            work=one.work,
            fault=one.fault,
            device_class=row.device_class,
            minutes=one.minutes,
            parts=one.parts,
        )
        for one in found.repairs
    )


def _folded(decision: Decision, later: Decision | None, *, ended_at: datetime, end: str) -> Folded:
    valuation = decision.valuation
    wanted = decision.path or decision.disposition
    path = next((one for one in valuation.paths if one["path"] == wanted), None)
    usual = valuation.figures.body.get("days", {}).get(wanted) if valuation.figures is not None else None
    money = Posting.objects.filter(device=decision.device_id, visit=decision.visit_id, occurred_at__gte=decision.at)
    chain = Entry.objects.filter(
        chain_id=decision.device_id, kind__in=outturning.HEARD, occurred_at__gte=decision.at, occurred_at__lte=ended_at
    )
    return outturning.fold(
        path=path,
        expected=decision.expected or ZERO,
        usual_days=int(Decimal(usual)) if usual is not None else None,
        decided_at=decision.at,
        ended_at=ended_at,
        end=end,
        until=later.at if later is not None else None,
        money=[
            Money(account=account, amount=amount)
            for account, amount in money.order_by("occurred_at", "key").values_list("account", "base_amount")
        ],
        said=[
            Said(kind=kind, at=moment, payload=payload)
            for kind, moment, payload in chain.order_by("sequence").values_list("kind", "occurred_at", "payload")
        ],
    )


def refresh(*, at: datetime) -> int:
    """Make anew what money came to since it was made (a freight bill, a batch that was closed later), and what was never made. How many
    units."""
    late = Outturn.objects.filter(
        device__postings__occurred_at__gt=F("folded_at"), device__postings__visit=F("visit")
    ).values_list("device_id", flat=True)
    missing = Decision.objects.filter(
        visit__closed_at__isnull=False, outturn=None, valuation__currency=settings.BASE_CURRENCY
    ).values_list("device_id", flat=True)
    return _all({*late.distinct()[:MOST], *missing.distinct()[:MOST]}, at=at)


def rebuild(*, at: datetime) -> int:
    """Make all rows anew from nothing; how many units."""
    devices = Decision.objects.filter(visit__closed_at__isnull=False).values_list("device_id", flat=True).distinct()
    with transaction.atomic():
        Outturn.objects.all().delete()
        return _all(devices.iterator(), at=at)


def _all(devices: Iterable[uuid.UUID | None], *, at: datetime) -> int:
    count = 0
    for device in devices:
        if device is not None:
            follow(device, at=at)
            count += 1
    return count
