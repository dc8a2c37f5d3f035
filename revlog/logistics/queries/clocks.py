"""The clock of what travels: when a leg is late, by its plan and the grace of its site and carrier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from revlog.logistics.models import ConsignmentStatus, Grace, Leg, Transfer

TRAVELS = (ConsignmentStatus.UNDER_WAY.value, ConsignmentStatus.OPENED.value)


def grace(leg: Leg, transfer: Transfer, rows: Sequence[Grace] | None = None) -> timedelta:
    """How long after its plan a leg is late: as said for the site and the carrier, for the site, for the carrier, for all."""
    told = {(one.hub_id, one.carrier_id): one.hours for one in (Grace.objects.all() if rows is None else rows)}
    hub = transfer.destination_id or transfer.origin_id
    for key in ((hub, leg.carrier_id), (hub, None), (None, leg.carrier_id), (None, None)):
        if key in told:
            return timedelta(hours=told[key])
    return timedelta(hours=settings.TRANSFER_GRACE_HOURS)


def due(leg: Leg, transfer: Transfer, rows: Sequence[Grace] | None = None) -> datetime:
    return leg.planned_to + grace(leg, transfer, rows)


def on_the_way() -> QuerySet[Leg]:
    """Legs that have begun, or are to begin, of what was released and isn't taken in."""
    return (
        Leg.objects.filter(came_at=None, shipment__consignment__status__in=TRAVELS)
        .select_related(
            "carrier",
            "shipment__consignment__transfer__origin",
            "shipment__consignment__transfer__destination",
            "shipment__consignment__transfer__receiver",
        )
        .order_by("planned_to", "number")
    )


def late(legs: QuerySet[Leg], *, at: datetime) -> list[tuple[Leg, datetime]]:
    """The first late leg of each shipment, and since when it is late."""
    rows = list(Grace.objects.all())
    found: dict[object, tuple[Leg, datetime]] = {}
    for leg in legs.filter(planned_to__lt=at):
        when = due(leg, leg.shipment.consignment.transfer, rows)
        if when < at and leg.shipment_id not in found:
            found[leg.shipment_id] = (leg, when)
    return list(found.values())
