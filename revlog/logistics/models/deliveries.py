"""What comes to a door: appointments, deliveries that are scanned off parcel by parcel, and where each parcel goes then."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub
from revlog.devices.models import Location
from revlog.evidence.models import Artifact, Document
from revlog.logistics.models.travel import Carrier, Parcel


class AppointmentStatus(models.TextChoices):
    PLANNED = "planned", _("expected")
    ARRIVED = "arrived", _("at the door")
    DONE = "done", _("gone again")
    CANCELLED = "cancelled", _("called off")


def _mine(actor: Actor) -> Q:
    """Rows of a site: its own people see them."""
    if not actor.is_operator:
        return Q(pk__in=[])
    return Q() if actor.kind == ActorKind.SYSTEM else Q(hub_id__in=actor.hubs)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, actor: Actor) -> AppointmentQuerySet:
        return self.filter(_mine(actor))


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, actor: Actor) -> DeliveryQuerySet:
        return self.filter(_mine(actor))


class StagingRuleQuerySet(models.QuerySet["StagingRule"]):
    def visible_to(self, actor: Actor) -> StagingRuleQuerySet:
        return self.filter(_mine(actor))


class Appointment(models.Model):
    """A truck that is to come: whose, at which door, between when and when, with how much. Its id is its chain's."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="appointments")
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="appointments")
    door = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="appointments")
    """Any door when null."""
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    parcels = models.IntegerField(default=0)
    pallets = models.IntegerField(default=0)
    reference = models.CharField(max_length=60, blank=True)
    """What the carrier calls it."""
    status = models.CharField(max_length=10, choices=AppointmentStatus.choices, default=AppointmentStatus.PLANNED.value)
    arrived_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["begins_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="an_appointment_ends_after_it_begins", condition=Q(ends_at__gt=models.F("begins_at"))
            ),
            models.CheckConstraint(name="an_appointment_brings_no_less_than_nothing", condition=Q(parcels__gte=0, pallets__gte=0)),
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hub", "begins_at"], name="appointments_of_a_day"),
        ]

    @override
    def __str__(self) -> str:
        return self.number


class DeliveryStatus(models.TextChoices):
    OPEN = "open", _("being scanned off")
    ENDED = "ended", _("scanned off")


class ListFrom(models.TextChoices):
    ANNOUNCED = "announced", _("what is announced to us")
    LIST = "list", _("the carrier's list")
    COUNT = "count", _("the driver's count")


class Delivery(models.Model):
    """What one driver brings to one door, counted parcel by parcel against a list while the driver waits. Its id is its chain's."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="deliveries")
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="deliveries")
    door = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="deliveries")
    appointment = models.ForeignKey(Appointment, models.PROTECT, null=True, blank=True, related_name="deliveries")
    reference = models.CharField(max_length=60, blank=True)
    """The driver's reference: the number of the tour or of the freight bill, never a name."""
    list_from = models.CharField(max_length=10, choices=ListFrom.choices, default=ListFrom.ANNOUNCED.value)
    expected = models.IntegerField(default=0)
    station = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=6, choices=DeliveryStatus.choices, default=DeliveryStatus.OPEN.value)
    begun_by = models.CharField(max_length=80)
    begun_at = models.DateTimeField()
    ended_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.CharField(max_length=120, blank=True)
    """Who signed for the carrier: personal, so never on the chain."""
    signature = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    unsigned_why = models.CharField(max_length=200, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-begun_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["hub", "carrier", "door"],
                condition=Q(status="open"),
                name="one_open_delivery_of_a_carrier_at_a_door",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="an_ended_delivery_is_signed_or_says_why_not",
                condition=Q(status="open") | Q(signature__isnull=False) | ~Q(unsigned_why=""),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hub", "begun_at"], name="deliveries_of_a_day"),
        ]

    @override
    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.status == DeliveryStatus.OPEN


class LineStatus(models.TextChoices):
    EXPECTED = "expected", _("not here yet")
    COUNTED = "counted", _("taken off")
    FOREIGN = "foreign", _("not taken off")
    MISSING = "missing", _("missing")


class DeliveryLine(models.Model):
    """One parcel of a delivery: on its list, taken off the truck, or shown to us and not ours."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="lines")
    tracking = models.CharField(max_length=60)
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, blank=True, related_name="delivery_lines")
    listed = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=LineStatus.choices, default=LineStatus.EXPECTED.value)
    why = models.CharField(max_length=14, blank=True)
    """What is odd about it: unlisted, other_carrier, other_hub, unknown, gone."""
    damaged = models.BooleanField(default=False)
    photo = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    before = models.CharField(max_length=12, blank=True)
    """What the parcel was before it was taken off, for an undo."""
    goes_to = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    scanned_at = models.DateTimeField(null=True, blank=True)
    scanned_by = models.CharField(max_length=80, blank=True)
    accepted_entry = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["delivery", "tracking"], name="a_parcel_counts_once_a_delivery"),
        ]

    @override
    def __str__(self) -> str:
        return self.tracking


class StagingWhen(models.TextChoices):
    DAMAGED = "damaged", _("it is damaged")
    UNANNOUNCED = "unannounced", _("nobody announced it")
    BATTERY = "battery", _("a damaged battery is declared")
    DATA = "data", _("what is in it may hold data")
    VALUE = "value", _("what is in it is worth at least")
    DUE = "due", _("money for it is due within so many hours")
    CLIENT = "client", _("it is for this client")
    CLASS = "class", _("this kind of thing is in it")
    ANY = "any", _("anything else")


class StagingRule(models.Model):
    """Where a parcel goes from the dock: the first rule that fits decides, in the order of their positions."""

    id = models.UUIDField(primary_key=True, editable=False)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="staging_rules")
    position = models.SmallIntegerField()
    when = models.CharField(max_length=12, choices=StagingWhen.choices)
    value = models.CharField(max_length=40, blank=True)
    """How much, how many hours, whose, of which kind: as ``when`` asks."""
    place = models.ForeignKey(Location, models.PROTECT, related_name="staging_rules")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = StagingRuleQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["hub", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hub", "position"], name="staging_rules_are_numbered"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.position} {self.when}"
