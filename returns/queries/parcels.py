"""What returns know of a parcel before anybody opens it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from returns import reasons
from returns.models import Rma, RmaUnit, UnitStatus, VendorReturn
from revlog.common import addresses
from revlog.logistics import staging
from revlog.logistics.freight import ends
from revlog.logistics.freight.rating import Spot
from revlog.logistics.models import Parcel
from revlog.logistics.staging import Content


@staging.knows
def content_of(parcel: Parcel, at: datetime) -> Content | None:
    """What its returns expect in it: of which kinds, worth how much, whether its battery may burn, by when money is due."""
    rows = list(
        RmaUnit.objects.filter(line__rma__parcel_links__parcel=parcel, status=UnitStatus.EXPECTED)
        .order_by()
        .values_list(
            "quantity",
            "line__price",
            "line__currency",
            "line__reason",
            "line__order_line__device_class",
            "line__rma__seller__code",
            "line__rma__check_by",
            "line__rma__refund_on",
        )
    )
    if not rows:
        return None
    # Where the rules pay on receipt, the money is due as soon as it is unpacked.
    dues = [row[6] if row[6] is not None else at for row in rows if row[6] is not None or row[7] == "receipt"]
    return Content(
        classes=frozenset(row[4] for row in rows),
        value=sum((row[1] * row[0] for row in rows), Decimal(0)),
        currency=rows[0][2],
        battery=any(row[3] in reasons.MAY_BURN for row in rows),
        due=min(dues, default=None),
        client=rows[0][5],
    )


@ends.knows
def came_from(reference: str, shipment: UUID) -> Spot | None:
    """Where a customer's parcel comes from, or goes back to: for what its carriage costs, and kept nowhere."""
    rma = (
        Rma.objects.filter(
            Q(parcel_links__parcel__shipment=shipment) | Q(pk__in=_id(reference, "rma")), contact__erased_at=None
        )
        .select_related("contact")
        .first()
    )
    if rma is None or not rma.contact.country:
        return None
    return Spot(rma.contact.country, addresses.read(rma.contact.address, rma.contact.country).postcode)


@ends.knows
def goes_to_a_vendor(reference: str, _shipment: UUID) -> Spot | None:
    row = VendorReturn.objects.filter(pk__in=_id(reference, "vendor_return")).select_related("supplier").first()
    return Spot(row.supplier.country, row.supplier.postcode) if row is not None and row.supplier.country else None


def _id(reference: str, kind: str) -> list[UUID]:
    name, _colon, bare = reference.partition(":")
    try:
        return [UUID(bare)] if name == kind else []
    except ValueError:
        return []
