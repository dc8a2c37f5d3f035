"""Who carries, what is on the way in which parcels, and who handed what to whom."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.evidence.models import Artifact


class Carrier(models.Model):
    """Somebody who carries parcels. ``vendor`` names the folder in ``revlog/logistics/carriers`` that speaks with them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    vendor = models.CharField(max_length=40, default="any")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="carriers")
    account = models.JSONField(default=dict, blank=True)
    """What the vendor's folder needs and may be shown: service, customer number. Secrets are in the environment."""
    for_returns = models.BooleanField(default=False)
    """Customers send their returns with it."""
    label_free = models.BooleanField(default=False)
    """Its counters print the label from a code that the customer shows."""
    dangerous = models.BooleanField(default=False)
    """It takes what may catch fire, by contract."""
    carries_data = models.BooleanField(default=False)
    """It is approved for what may hold data and isn't in a sealed container."""
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    @override
    def __str__(self) -> str:
        return self.name


class Direction(models.TextChoices):
    INBOUND = "inbound", _("to us")
    OUTBOUND = "outbound", _("from us")


class Shipment(models.Model):
    """What travels together from one party to another: one or more parcels. Its id is its chain's."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    direction = models.CharField(max_length=10, choices=Direction.choices)
    carrier = models.ForeignKey(Carrier, models.PROTECT, null=True, blank=True, related_name="shipments")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="shipments")
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="shipments")
    """Whose goods they are."""
    reference = models.CharField(max_length=60, blank=True)
    """``rma:<uuid>``, ``order:<uuid>``, ``job:<uuid>``: what it is for, named without knowing that app."""
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["reference"], name="shipments_by_reference")]

    @override
    def __str__(self) -> str:
        return self.number


class ParcelStatus(models.TextChoices):
    ANNOUNCED = "announced", _("announced")
    IN_TRANSIT = "in_transit", _("on its way")
    ARRIVED = "arrived", _("arrived")
    DONE = "done", _("unpacked")
    HANDED_OVER = "handed_over", _("handed over")
    CANCELLED = "cancelled", _("cancelled")


class Condition(models.TextChoices):
    INTACT = "intact", _("intact")
    DAMAGED = "damaged", _("damaged")
    EMPTY = "empty", _("empty")


class ParcelQuerySet(models.QuerySet["Parcel"]):
    def visible_to(self, actor: Actor) -> ParcelQuerySet:
        if actor.is_operator:
            return self.filter(Q(shipment__hub_id__in=actor.hubs)) if actor.hubs else self
        if actor.organization_id is None:
            return self.none()
        return self.filter(shipment__owner_id=actor.organization_id)


class Parcel(models.Model):
    """One box with a tracking number. A parcel nobody announced has a shipment of its own without a reference."""

    id = models.UUIDField(primary_key=True, editable=False)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="parcels")
    number = models.SmallIntegerField(default=1)
    tracking = models.CharField(max_length=60)
    status = models.CharField(max_length=12, choices=ParcelStatus.choices, default=ParcelStatus.ANNOUNCED)
    condition = models.CharField(max_length=10, choices=Condition.choices, blank=True)
    announced = models.BooleanField(default=True)
    grams = models.IntegerField(null=True, blank=True)
    expected_on = models.DateField(null=True, blank=True)
    """When its carrier means to bring it."""
    scan = models.CharField(max_length=20, blank=True)
    """The last that its carrier said of it: a word of ``carriers.SCANS``."""
    scanned_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    """When its carrier was last asked for it by the clock."""
    arrived_at = models.DateTimeField(null=True, blank=True)
    arrived_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()

    objects = ParcelQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["shipment", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shipment", "number"], name="parcels_are_numbered"),
            models.UniqueConstraint(Upper("tracking"), name="one_parcel_a_tracking_number"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "created_at"], name="parcels_by_status"),
        ]

    @override
    def __str__(self) -> str:
        return self.tracking


class Handover(models.Model):
    """Goods passing from hand to hand: released by one, accepted by the other, an entry each. Open while only one has spoken."""

    id = models.UUIDField(primary_key=True, editable=False)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="handovers")
    giver = models.CharField(max_length=120, blank=True)
    """Organization code, ``customer``, or a carrier's code."""
    taker = models.CharField(max_length=120, blank=True)
    parcels = models.SmallIntegerField(default=1)
    seal = models.CharField(max_length=60, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_entry = models.CharField(max_length=64, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_entry = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["created_at", "id"]

    @override
    def __str__(self) -> str:
        return f"{self.giver} to {self.taker}"

    @property
    def is_open(self) -> bool:
        return self.released_at is None or self.accepted_at is None


class BookingStatus(models.TextChoices):
    ASKED = "asked", _("being booked")
    BOOKED = "booked", _("booked")
    REFUSED = "refused", _("refused by the carrier")
    CANCELLED = "cancelled", _("called off")


class Booking(models.Model):
    """A parcel that a carrier on the net is to be asked for: written before it is asked, so that it is asked and paid for once.

    The row's id is the key under which the carrier is asked. Until it has answered, the parcel goes by a number of ours; where it says
    no for good, that number stays, and the customer gets a label of ours (``REFUSED``).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    parcel = models.OneToOneField(Parcel, models.PROTECT, related_name="booking")
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="bookings")
    label_free = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=BookingStatus.choices, default=BookingStatus.ASKED.value)
    reference = models.CharField(max_length=80, blank=True)
    """What the carrier calls it."""
    service = models.CharField(max_length=80, blank=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    label = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    """The picture of the code that a counter prints the label from."""
    why = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "asked_at"], name="bookings_by_status"),
            models.Index(fields=["reference"], name="bookings_by_reference"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.carrier_id} {self.status}"


class Place(models.Model):
    """Where people bring things: a store, a hub's counter, a partner's shop. What stands here, customers read."""

    id = models.UUIDField(primary_key=True, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="drop_offs")
    """The site whose people work at its counter, or that empties it."""
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="drop_offs")
    """The seller whose customers alone may use it; anybody's when null."""
    address = models.JSONField(default=list)
    postcode = models.CharField(max_length=12, blank=True)
    city = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    hours = models.JSONField(default=dict, blank=True)
    """Weekday ("0" is Monday) -> ["10:00", "18:00"]; a day that is missing is closed."""
    takes_parcels = models.BooleanField(default=True)
    takes_unboxed = models.BooleanField(default=False)
    """Somebody at its counter checks the thing and bags it."""
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["country", "postcode", "name"]

    @override
    def __str__(self) -> str:
        return self.name


class PickupWindow(models.Model):
    """When a van of ours comes by: a weekday, from when to when, to how many addresses, and until when it can be booked."""

    id = models.UUIDField(primary_key=True, editable=False)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="pickup_windows")
    weekday = models.SmallIntegerField()
    begins = models.TimeField()
    ends = models.TimeField()
    capacity = models.SmallIntegerField()
    cutoff_hours = models.SmallIntegerField(default=18)
    """How long before it begins it can be booked, moved or called off."""
    postcodes = models.JSONField(default=list, blank=True)
    """How the postal codes begin that the van goes to; everywhere when empty."""
    driven_by = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="pickup_windows")
    """Whose drivers come, and so see where to; ours alone when null."""
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["hub", "weekday", "begins"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="a_pickup_window_has_room", condition=Q(capacity__gte=1)),
            models.CheckConstraint(
                name="a_pickup_window_ends_after_it_begins", condition=Q(ends__gt=models.F("begins"))
            ),
            models.CheckConstraint(name="a_pickup_window_has_a_weekday", condition=Q(weekday__gte=0, weekday__lte=6)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.weekday} {self.begins:%H:%M}"


class PickupStatus(models.TextChoices):
    BOOKED = "booked", _("booked")
    DONE = "done", _("picked up")
    MISSED = "missed", _("nobody was there")
    CANCELLED = "cancelled", _("called off")


class Pickup(models.Model):
    """One address at which a van of ours calls in one window of one day. Whose it is, ``reference`` says; the chain knows no address."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="pickups")
    window = models.ForeignKey(PickupWindow, models.PROTECT, related_name="pickups")
    day = models.DateField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reference = models.CharField(max_length=60)
    """``rma:<uuid>``, ``job:<uuid>``: what is picked up, named without knowing that app."""
    status = models.CharField(max_length=10, choices=PickupStatus.choices, default=PickupStatus.BOOKED.value)
    signed_by = models.CharField(max_length=120, blank=True)
    """Who handed it over: personal, so never on the chain."""
    photo = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["begins_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["reference"], condition=Q(status="booked"), name="one_open_pickup_a_reference"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["window", "day", "status"], name="pickups_of_a_window"),
            models.Index(fields=["hub", "day"], name="pickups_of_a_day"),
        ]

    @override
    def __str__(self) -> str:
        return self.number
