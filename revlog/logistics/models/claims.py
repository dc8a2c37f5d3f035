"""Claims to carriers for what was damaged, lost, short or late."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub
from revlog.evidence.models import Artifact
from revlog.logistics.models.contracts import Contract, sees_prices
from revlog.logistics.models.deliveries import Delivery
from revlog.logistics.models.transfers import Discrepancy
from revlog.logistics.models.travel import Carrier, Parcel, Shipment


class ClaimKind(models.TextChoices):
    DAMAGE = "damage", _("damage")
    LOSS = "loss", _("loss")
    SHORT = "short", _("something is missing")
    DELAY = "delay", _("delay")


class CarrierClaimStatus(models.TextChoices):
    DRAFT = "draft", _("being prepared")
    FILED = "filed", _("waits for the carrier")
    ANSWERED = "answered", _("answered")
    PAID = "paid", _("paid")
    REJECTED = "rejected", _("rejected")
    GIVEN_UP = "given_up", _("given up")


OPEN = (CarrierClaimStatus.DRAFT.value, CarrierClaimStatus.FILED.value, CarrierClaimStatus.ANSWERED.value)


class CarrierClaimQuerySet(models.QuerySet["CarrierClaim"]):
    def visible_to(self, actor: Actor) -> CarrierClaimQuerySet:
        if not sees_prices(actor):
            return self.none()
        return self if actor.kind == ActorKind.SYSTEM else self.filter(hub_id__in=actor.hubs)


class CarrierClaim(models.Model):
    """What we want of a carrier for one parcel or shipment. Its id is its chain's; the clock runs until the carrier is told."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="claims")
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="claims")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="carrier_claims")
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="claims")
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, blank=True, related_name="claims")
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, blank=True, related_name="claims")
    """With which it came: the driver's sheet says what was seen."""
    discrepancy = models.ForeignKey(Discrepancy, models.PROTECT, null=True, blank=True, related_name="claims")
    kind = models.CharField(max_length=6, choices=ClaimKind.choices)
    apparent = models.BooleanField(default=True)
    """It could be seen when the goods were taken over."""
    since = models.DateTimeField()
    """When it was taken over, or should have been: from then on the days count."""
    notice_by = models.DateTimeField()
    grams = models.IntegerField()
    value = models.DecimalField(max_digits=12, decimal_places=2)
    limit = models.DecimalField(max_digits=12, decimal_places=2)
    claimed = models.DecimalField(max_digits=12, decimal_places=2)
    regime = models.CharField(max_length=12)
    sdr_per_kg = models.DecimalField(max_digits=7, decimal_places=2)
    sdr_rate = models.DecimalField(max_digits=10, decimal_places=6)
    text = models.CharField(max_length=500)
    """What happened, as the carrier reads it."""
    evidence = models.ManyToManyField(Artifact, related_name="+", blank=True)
    status = models.CharField(max_length=8, choices=CarrierClaimStatus.choices, default=CarrierClaimStatus.DRAFT.value)
    theirs = models.CharField(max_length=60, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    offered = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    paid = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    drafted_by = models.CharField(max_length=80)
    drafted_at = models.DateTimeField()
    filed_by = models.CharField(max_length=80, blank=True)
    filed_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CarrierClaimQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-drafted_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["shipment", "parcel", "kind"], condition=Q(status__in=["draft", "filed", "answered"]),
                name="one_open_claim_to_a_carrier", nulls_distinct=False,
            ),
            models.CheckConstraint(name="no_more_is_claimed_than_the_limit", condition=Q(claimed__lte=models.F("limit"))),
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["notice_by"], name="claims_to_be_filed", condition=Q(status="draft")),
        ]

    @override
    def __str__(self) -> str:
        return self.number
