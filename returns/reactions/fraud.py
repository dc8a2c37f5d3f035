"""What follows for the closer look: a score again when more is known, an end when there is nothing left to look at."""

from __future__ import annotations

import uuid
from datetime import datetime

from returns import facts
from returns.models import RmaParcel, RmaStatus, RmaUnit
from returns.services.fraud import assessing, deciding
from revlog.custody.models import Entry
from revlog.custody.outbox import on
from revlog.devices import facts as device_facts
from revlog.logistics import facts as logistics_facts


def _rma_of(entry: Entry) -> uuid.UUID | None:
    """Whose return a fact is about: it says so, or it stands on the return's own chain."""
    told = entry.payload.get("rma")
    if told:
        return uuid.UUID(str(told))
    return entry.chain_id if entry.chain.kind == "rma" else None


@on(
    facts.RmaOpened,
    facts.HandedOver,
    facts.ParcelArrived,
    facts.UnitMatched,
    facts.UnitTrouble,
    facts.BoxTrouble,
)
def score(entry: Entry, *, at: datetime) -> None:
    """Score the return by what is known now."""
    rma = _rma_of(entry)
    if rma is not None:
        assessing.assess(rma, cause=entry.kind, at=at)


@on(logistics_facts.ParcelWeighed)
def score_by_weight(entry: Entry, *, at: datetime) -> None:
    """The scale said what a parcel weighs: it may be lighter than what was to be in it."""
    for rma in RmaParcel.objects.filter(parcel=entry.payload["parcel"]).values_list("rma", flat=True):
        assessing.assess(rma, cause=entry.kind, at=at)


@on(device_facts.Identified)
def score_by_number(entry: Entry, *, at: datetime) -> None:
    """The bench read an IMEI that the dock hadn't: it may be of another model than was sold."""
    if entry.payload["scheme"] != "imei":
        return
    here = RmaUnit.objects.filter(device=entry.chain_id, received_at__isnull=False)
    for rma in here.filter(line__rma__status=RmaStatus.ARRIVED).values_list("line__rma", flat=True).distinct():
        assessing.assess(rma, cause=entry.kind, at=at)


@on(facts.CustomerWrote)
def score_by_photos(entry: Entry, *, at: datetime) -> None:
    """Photos came with a message: one may have been shown in another person's return."""
    if entry.payload["photos"]:
        assessing.assess(entry.chain_id, cause=entry.kind, at=at)


@on(facts.Accepted)
def end_by_inspection(entry: Entry, *, at: datetime) -> None:
    """What came was inspected and taken back: where nothing was found, nobody needs to look any more."""
    line = entry.payload.get("line")
    found = RmaUnit.objects.filter(line=line).values_list("line__rma", flat=True).first() if line else None
    if found is not None:
        deciding.inspected(found, at=at)


@on(facts.RmaCancelled, facts.RmaRefused, facts.RmaExpired)
def end_with_return(entry: Entry, *, at: datetime) -> None:
    deciding.over(entry.chain_id, at=at)


@on(facts.CustomerWrote)
def look_again(entry: Entry, *, at: datetime) -> None:
    """Who writes after fraud was confirmed objects."""
    deciding.objected(entry.chain_id, at=entry.occurred_at)
