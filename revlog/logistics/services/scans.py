"""What carriers say of parcels on their way: kept in order, each word once, whether it comes by webhook, late, twice or when asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from revlog.accounts.actors import Actor
from revlog.custody.services import ledger
from revlog.logistics import carriers, facts
from revlog.logistics.carriers import Scan
from revlog.logistics.models import Parcel, ParcelStatus
from revlog.logistics.services.bookings import CARRIERS

GONE = frozenset({ParcelStatus.DONE.value, ParcelStatus.CANCELLED.value, ParcelStatus.HANDED_OVER.value})


def note(parcel: Parcel, scans: Sequence[Scan], *, by: Actor = CARRIERS, at: datetime) -> Parcel:
    """Say what is new of what a carrier says. The newest is the parcel's; a word that comes late is kept where it belongs."""
    with transaction.atomic():
        row = Parcel.objects.select_for_update(no_key=True, of=("self",)).select_related("shipment").get(pk=parcel.pk)
        for scan in sorted(scans, key=lambda one: one.at):
            if scan.status not in carriers.SCANS or scan.at > at:
                continue
            key = f"scan:{row.pk}:{scan.status}:{int(scan.at.timestamp())}"
            if ledger.already(row.shipment_id, key) is not None:
                continue
            late = row.scanned_at is not None and scan.at < row.scanned_at
            if not late:
                row.scan, row.scanned_at = scan.status, scan.at
                row.expected_on = scan.expected_on or row.expected_on
                if scan.status in carriers.ON_ITS_WAY and row.status == ParcelStatus.ANNOUNCED:
                    row.status = ParcelStatus.IN_TRANSIT
            ledger.append(
                row.shipment_id,
                facts.ParcelScanned(
                    parcel=str(row.pk),
                    tracking=row.tracking,
                    scan=f"scan.{scan.status}",
                    expected_on=scan.expected_on.isoformat() if scan.expected_on else None,
                ),
                by=by,
                at=at,
                key=key,
                owner=row.shipment.owner_id,
                hub=row.shipment.hub_id,
            )
        row.save(update_fields=["scan", "scanned_at", "expected_on", "status"])
    return row


def look(parcel: Parcel, *, by: Actor = CARRIERS, at: datetime) -> Parcel:
    """Ask its carrier where it is. Slow; raises OSError when the carrier can't be reached."""
    carrier = parcel.shipment.carrier
    if carrier is None:
        return parcel
    found = carriers.vendor(carrier.vendor).track(tracking=parcel.tracking, account=carrier.account)
    return note(parcel, found, by=by, at=at) if found else parcel
