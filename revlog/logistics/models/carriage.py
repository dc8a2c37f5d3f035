"""What carriage is expected to cost, from when goods are handed over until their carrier's bill says what it did."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub, Organization
from revlog.logistics.models.contracts import Contract, RateCard, sees_prices
from revlog.logistics.models.transfers import Leg
from revlog.logistics.models.travel import Shipment


class AccrualStatus(models.TextChoices):
    OPEN = "open", _("not billed yet")
    UNRATED = "unrated", _("without a price")
    BILLED = "billed", _("billed")
    CANCELLED = "cancelled", _("called off")


class AccrualQuerySet(models.QuerySet["Accrual"]):
    def visible_to(self, actor: Actor) -> AccrualQuerySet:
        if not sees_prices(actor):
            return self.none()
        return self if actor.kind == ActorKind.SYSTEM else self.filter(hub_id__in=actor.hubs)


class Accrual(models.Model):
    """The expected cost of one shipment, or of one leg of it. Its id is its chain's; the owner of the goods reads none of it."""

    id = models.UUIDField(primary_key=True, editable=False)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="accruals")
    leg = models.ForeignKey(Leg, models.PROTECT, null=True, blank=True, related_name="accruals")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="accruals")
    card = models.ForeignKey(RateCard, models.PROTECT, null=True, blank=True, related_name="+")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="accruals")
    book = models.CharField(max_length=10, default="ours")
    party = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    """Whose cost it is, where it isn't ours."""
    handed_over_at = models.DateTimeField()
    service = models.CharField(max_length=30, blank=True)
    parcels = models.SmallIntegerField(default=0)
    grams = models.IntegerField(default=0)
    assumed = models.BooleanField(default=False)
    """A weight or an end of the way was taken by rule, since nobody knew it."""
    steps = models.JSONField(default=list)
    amount = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    """What stands in the book as expected, in the contract's currency."""
    billed = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    """What carriers' bills came to that were approved."""
    reversed = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    """What of the expected went out of the book again, since it was billed."""
    status = models.CharField(max_length=9, choices=AccrualStatus.choices, default=AccrualStatus.OPEN.value)
    why = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    objects = AccrualQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-handed_over_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shipment", "leg"], name="carriage_is_expected_once", nulls_distinct=False),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hub", "handed_over_at"], name="accruals_of_a_month"),
            models.Index(fields=["status", "handed_over_at"], name="accruals_by_status"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.shipment_id} {self.amount}"
