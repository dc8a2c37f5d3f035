"""What follows for returns when a truck was scanned off."""

from __future__ import annotations

from datetime import datetime

from returns.services import unloading
from revlog.accounts.actors import system
from revlog.custody import outbox
from revlog.custody.models import Entry
from revlog.logistics import facts
from revlog.logistics.models import LineStatus, Parcel


@outbox.on(facts.DeliveryEnded)
def parcels_scanned_off(entry: Entry, *, at: datetime) -> None:
    """The returns whose parcels came with it have arrived, and their customers are told."""
    rows = Parcel.objects.filter(
        delivery_lines__delivery=entry.chain_id, delivery_lines__status=LineStatus.COUNTED
    ).select_related("shipment__hub")
    for parcel in rows.order_by("id"):
        unloading.scanned_off(parcel, by=system("returns"), at=at)
