"""Travel: who carries, what is on the way in which parcels, and who handed what to whom."""

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


class Carrier(models.Model):
    """Somebody who carries parcels. ``vendor`` names the folder in ``revlog/logistics/carriers`` that speaks with them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    vendor = models.CharField(max_length=40, default="any")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="carriers")
    account = models.JSONField(default=dict, blank=True)
    """What the vendor's folder needs and may be shown: service, customer number. Secrets are in the environment."""
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
