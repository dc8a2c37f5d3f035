"""Asking carriers of their own accord: what a webhook should have told and didn't, because it was lost, refused or never set up."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from revlog.common import clock
from revlog.logistics import carriers
from revlog.logistics.models import BookingStatus, Parcel, ParcelStatus
from revlog.logistics.services import scans

MOST = 100
"""Parcels a run; who waits longest comes first, so the next run goes on with the others."""
LONGEST = timedelta(minutes=4)
"""How long a run takes at most; a worker's message counts as lost after ten minutes."""
UNTIL = timedelta(days=60)
"""How long a parcel may be under way and is still asked for; of one that nobody ever sent nothing is to be heard."""
log = logging.getLogger(__name__)


def due(*, at: datetime) -> list[Parcel]:
    """Parcels under way with a carrier on the net who hasn't said anything of them for long, and wasn't asked since."""
    hours = settings.TRACKING_HOURS
    if hours <= 0:
        return []
    before = at - timedelta(hours=hours)
    on_the_net = [name for name in carriers.VENDORS if not carriers.vendor(name).AT_ONCE]
    silent = Q(scanned_at__isnull=True) | Q(scanned_at__lt=before)
    unasked = Q(looked_at__isnull=True) | Q(looked_at__lt=before)
    # Without a booking its number was told to us; one that is still being booked, or was refused, has a number of ours.
    known = Q(booking__isnull=True) | Q(booking__status=BookingStatus.BOOKED)
    found = Parcel.objects.filter(
        silent,
        unasked,
        known,
        status__in=[ParcelStatus.ANNOUNCED, ParcelStatus.IN_TRANSIT],
        shipment__carrier__vendor__in=on_the_net,
        shipment__carrier__active=True,
        created_at__lt=before,
        created_at__gt=at - UNTIL,
    ).exclude(scan="delivered")
    return list(
        found.select_related("shipment__carrier").order_by(F("looked_at").asc(nulls_first=True), "created_at", "pk")[
            :MOST
        ]
    )


def catch_up(*, at: datetime) -> int:
    """Ask for the parcels that are due; returns of how many something new was heard.

    A carrier that can't be reached is left alone until the next run; what it can't answer is logged, and asked again when it is due again.
    """
    started, heard, away = clock.now(), 0, set[uuid.UUID]()
    for parcel in due(at=at):
        carrier = parcel.shipment.carrier
        if carrier is None or carrier.pk in away:
            continue
        if clock.now() - started > LONGEST:
            break
        if not _claimed(parcel, at=at):
            continue
        try:
            told = scans.look(parcel, at=at)
        except carriers.Refused as refusal:
            log.warning("logistics: %s says nothing of parcel %s: %s", carrier.code, parcel.tracking, refusal.sentence)
        except OSError as trouble:
            away.add(carrier.pk)
            log.warning("logistics: %s can't be asked: %s", carrier.code, trouble)
        else:
            heard += told.scanned_at != parcel.scanned_at
    return heard


def _claimed(parcel: Parcel, *, at: datetime) -> bool:
    """Whether it is this run that asks: of two at once, one does."""
    same = Q(looked_at=parcel.looked_at) if parcel.looked_at else Q(looked_at__isnull=True)
    return Parcel.objects.filter(same, pk=parcel.pk).update(looked_at=at) == 1
