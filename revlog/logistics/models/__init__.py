"""Travel and the dock: who carries what, what is expected, and what was taken off a truck."""

from __future__ import annotations

from revlog.logistics.models.deliveries import (
    Appointment,
    AppointmentStatus,
    Delivery,
    DeliveryLine,
    DeliveryStatus,
    LineStatus,
    ListFrom,
    StagingRule,
    StagingWhen,
)
from revlog.logistics.models.travel import (
    Booking,
    BookingStatus,
    Carrier,
    Condition,
    Direction,
    Handover,
    Parcel,
    ParcelQuerySet,
    ParcelStatus,
    Pickup,
    PickupStatus,
    PickupWindow,
    Place,
    Shipment,
)

__all__ = [
    "Appointment",
    "AppointmentStatus",
    "Booking",
    "BookingStatus",
    "Carrier",
    "Condition",
    "Delivery",
    "DeliveryLine",
    "DeliveryStatus",
    "Direction",
    "Handover",
    "LineStatus",
    "ListFrom",
    "Parcel",
    "ParcelQuerySet",
    "ParcelStatus",
    "Pickup",
    "PickupStatus",
    "PickupWindow",
    "Place",
    "Shipment",
    "StagingRule",
    "StagingWhen",
]
