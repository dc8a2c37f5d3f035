"""Where what came differs from what was announced, and how often somebody guessed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.rma import Rma, RmaUnit
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.devices.models import Device
from revlog.logistics.models import Parcel
from revlog.terms.models import Order


class Trouble(models.TextChoices):
    UNANNOUNCED_PARCEL = "unannounced_parcel", _("unannounced parcel")
    UNANNOUNCED_UNIT = "unannounced_unit", _("unannounced unit")
    WRONG_SERIAL = "wrong_serial", _("wrong serial")
    NO_SERIAL = "no_serial", _("serial unreadable")
    SHORT_COUNT = "short_count", _("short count")
    OVER_COUNT = "over_count", _("too many")
    DAMAGED = "damaged", _("damaged")
    EMPTY_BOX = "empty_box", _("empty box")
    WRONG_ITEM = "wrong_item", _("wrong item")
    OVER = "over", _("more than announced")
    MISSING = "missing", _("missing in the delivery")
    FOUND_PROPERTY = "found_property", _("found property")


class DiscrepancyQuerySet(models.QuerySet["Discrepancy"]):
    def visible_to(self, actor: Actor) -> DiscrepancyQuerySet:
        if actor.is_operator:
            return self.filter(hub_id__in=actor.hubs) if actor.hubs else self
        if actor.organization_id is None:
            return self.none()
        return self.filter(rma__seller_id=actor.organization_id)


class Discrepancy(models.Model):
    """Something on the dock was not as announced: recorded with what was expected and what was found, until a person has decided."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=20, choices=Trouble.choices)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="discrepancies")
    rma = models.ForeignKey(Rma, models.PROTECT, null=True, blank=True, related_name="discrepancies")
    unit = models.ForeignKey(RmaUnit, models.PROTECT, null=True, blank=True, related_name="discrepancies")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="discrepancies")
    """The thing that was found."""
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, blank=True, related_name="discrepancies")
    expected = models.CharField(max_length=200, blank=True)
    found = models.CharField(max_length=200, blank=True)
    money_at_risk = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    raised_by = models.CharField(max_length=80)
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField()
    resolved_by = models.CharField(max_length=80, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=300, blank=True)

    objects = DiscrepancyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-raised_at", "-id"]
        verbose_name_plural = "discrepancies"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["raised_at"], name="open_discrepancies", condition=Q(resolved_at=None)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind}: {self.expected} / {self.found}"


class Attempts(models.Model):
    """How often a guest guessed from one address, or at one order number, in one stretch of time. Keys are keyed digests, not addresses."""

    key = models.CharField(max_length=64, primary_key=True)
    begun_at = models.DateTimeField()
    count = models.IntegerField(default=0)

    @override
    def __str__(self) -> str:
        return f"{self.count} since {self.begun_at}"


class Announcement(models.Model):
    """What one form of the portal became: the same form sent again (a double click, a try after a time-out) gives the same RMAs."""

    key = models.UUIDField(primary_key=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="announcements")
    rmas = models.JSONField(default=list)
    """Ids of the RMAs, the first one first."""
    made_at = models.DateTimeField()

    @override
    def __str__(self) -> str:
        return str(self.key)
