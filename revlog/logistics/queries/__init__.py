"""Questions about parcels, and about what comes to the doors of a site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.devices.exceptions import ExceptionRow
from revlog.devices.models import Location, LocationKind
from revlog.logistics.carriers.any import PREFIX
from revlog.logistics.models import (
    Appointment,
    AppointmentStatus,
    Carrier,
    Delivery,
    DeliveryStatus,
    LineStatus,
    Parcel,
    ParcelStatus,
    Place,
)
from revlog.logistics.queries import freight

EARLY, LATE = timedelta(hours=2), timedelta(hours=6)
"""So long before and after its window a truck is still taken for the one that has the appointment."""


def parcel_by_tracking(text: str, actor: Actor) -> Parcel | None:
    """The parcel whose tracking number was scanned, written with or without spaces and dashes."""
    bare = "".join(text.split()).upper()
    if not bare:
        return None
    own = ids.normal(bare, PREFIX, (4, 4, 4))
    return (
        Parcel.objects.visible_to(actor)
        .filter(tracking__iexact=own or bare)
        .select_related("shipment", "shipment__hub", "shipment__carrier")
        .first()
    )


def carrier_name(code: str) -> str | None:
    return Carrier.objects.filter(code=code).values_list("name", flat=True).first()


def drop_off_name(code: str) -> str | None:
    return Place.objects.filter(code=code).values_list("name", flat=True).first()


# The dock ---------------------------------------------------------------------------------------------------------------------------


def appointment_now(
    hub: Hub, *, carrier: Carrier | None = None, door: Location | None = None, at: datetime
) -> Appointment | None:
    """The truck that is expected now: of this carrier, or at this door; the one whose window is the nearest."""
    rows = Appointment.objects.filter(
        hub=hub, status=AppointmentStatus.PLANNED, begins_at__lte=at + EARLY, ends_at__gte=at - LATE
    ).select_related("carrier", "door")
    if carrier is not None:
        rows = rows.filter(carrier=carrier)
    if door is not None:
        rows = rows.filter(door=door)
    return min(rows, key=lambda one: abs(one.begins_at - at), default=None)


@dataclass
class Door:
    """A door on a day: ``place`` is None for trucks that no door is planned for."""

    place: Location | None
    appointments: list[Appointment] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    doors: Sequence[Door]
    expected: int
    late: int
    arrived: int
    parcels: int


def is_late(appointment: Appointment, *, at: datetime) -> bool:
    return appointment.status == AppointmentStatus.PLANNED and appointment.ends_at < at


def bounds(hub: Hub, day: date) -> tuple[datetime, datetime]:
    """The midnights around a day of the site."""
    zone = hub.calendar.tz
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def day_of(hub: Hub, day: date, *, at: datetime) -> Day:
    """What comes to which door on a day, and what came."""
    begin, end = bounds(hub, day)
    appointments = list(
        Appointment.objects.filter(hub=hub, begins_at__lt=end, ends_at__gt=begin)
        .exclude(status=AppointmentStatus.CANCELLED)
        .select_related("carrier", "door")
    )
    deliveries = list(
        Delivery.objects.filter(hub=hub)
        .filter(Q(begun_at__gte=begin, begun_at__lt=end) | Q(status=DeliveryStatus.OPEN, begun_at__lt=end))
        .select_related("carrier", "door", "appointment")
        .annotate(
            counted=Count("lines", filter=Q(lines__status=LineStatus.COUNTED)),
            damaged=Count("lines", filter=Q(lines__damaged=True)),
        )
        .order_by("begun_at")
    )
    places = list(Location.objects.filter(hub=hub, kind=LocationKind.DOCK, active=True).order_by("code"))
    doors = {place.pk: Door(place) for place in places}
    none = Door(None)
    for one in appointments:
        doors.get(one.door_id, none).appointments.append(one)  # type: ignore[arg-type]
    for delivery in deliveries:
        doors.get(delivery.door_id, none).deliveries.append(delivery)  # type: ignore[arg-type]
    rows = [*doors.values(), *([none] if none.appointments or none.deliveries else [])]
    late = sum(is_late(one, at=at) for one in appointments)
    return Day(
        doors=rows,
        expected=sum(one.status == AppointmentStatus.PLANNED for one in appointments) - late,
        late=late,
        arrived=sum(one.status in {AppointmentStatus.ARRIVED, AppointmentStatus.DONE} for one in appointments),
        parcels=sum(getattr(one, "counted", 0) for one in deliveries),
    )


def waiting(actor: Actor, *, hub: Hub) -> QuerySet[Parcel]:
    """Parcels that arrived at a site and aren't unpacked: the oldest first, each with the delivery that brought it."""
    return (
        Parcel.objects.visible_to(actor)
        .filter(status=ParcelStatus.ARRIVED, shipment__hub=hub)
        .select_related("shipment__owner", "shipment__carrier")
        .annotate(
            delivery=Max("delivery_lines__delivery__number", filter=Q(delivery_lines__status=LineStatus.COUNTED)),
            goes_to=Max("delivery_lines__goes_to__code", filter=Q(delivery_lines__status=LineStatus.COUNTED)),
        )
        .order_by("arrived_at", "id")
    )


def exceptions(actor: Actor) -> list[ExceptionRow]:
    """What asks for a person: carriage without a price, bills and claims that wait."""
    return freight.exceptions(actor)


def address_of(delivery: Delivery) -> str:
    return reverse("delivery", args=[delivery.number])
