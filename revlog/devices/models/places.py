"""Places: zones, aisles, bins, benches, cages, vans, each in another; a container is a place that moves."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.models import Hub, Organization


class LocationKind(models.TextChoices):
    ZONE = "zone", _("zone")
    AISLE = "aisle", _("aisle")
    BIN = "bin", _("bin")
    CONTAINER = "container", _("container")
    BENCH = "bench", _("bench")
    DOCK = "dock", _("dock")
    VAN = "van", _("van")
    SITE = "site", _("customer site")


class Purpose(models.TextChoices):
    """What a place is kept for; a place without one takes whatever comes."""

    RETURNS = "returns", _("returns to look at")
    WIPE = "wipe", _("data to remove")
    HOLD = "hold", _("hold shelf")
    QUARANTINE = "quarantine", _("quarantine")
    BENCH = "bench", _("work for the bench")
    SALE = "sale", _("goods for sale")
    RESTOCK = "restock", _("back to stock")
    OUTGOING = "outgoing", _("going out")
    RECYCLE = "recycle", _("recycling")


class Hazard(models.TextChoices):
    """What is known of the danger in a unit. ``suspect`` until the assessor has classified it, and kept like the worst until then."""

    SUSPECT = "suspect", _("not assessed yet")
    DAMAGED = "damaged", _("damaged or defective")
    CRITICAL = "critical", _("critical")


class Location(models.Model):
    """A place where units can be: hub, zone, aisle, bin, each by its ``parent``. ``secured`` places may hold units with data.

    What a place is for, whom it is kept for and what it bears stands on the place itself: one that is set up in another takes it over
    from there, so that whether a unit may lie in it is told by this row alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="locations")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=LocationKind.choices)
    capacity = models.IntegerField(null=True, blank=True)
    secured = models.BooleanField(default=False)
    purpose = models.CharField(max_length=12, choices=Purpose.choices, blank=True)
    client = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    """Kept for what this one owns, and nothing else."""
    hazard_class = models.CharField(max_length=20, blank=True)
    """The worst class of dangerous goods that may lie here, and nothing harmless; empty: none."""
    hazard_limit_kg = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    hazard_limit_count = models.IntegerField(null=True, blank=True)
    min_distance_m = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)
    """How far it stands from what it is kept apart from, from what burns and from where people work."""
    kept_apart_from = ArrayField(models.CharField(max_length=20, choices=Hazard.choices), default=list, blank=True)
    """Classes of which nothing may lie in another place of the same zone."""
    insured_value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    """Up to which worth of things our insurer answers for this place."""
    currency = models.CharField(max_length=3, default="EUR")
    active = models.BooleanField(default=True)
    frozen_by = models.CharField(max_length=20, blank=True)
    """The number of the hazard for which nothing goes in or out until an assessor or an inspection has freed it."""
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["hub", "code"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hub", "code"], name="one_place_a_code"),
        ]

    @override
    def __str__(self) -> str:
        return self.code
