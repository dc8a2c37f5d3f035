"""What counters take in without a box: one bag a thing, carried to the site in totes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from typing_extensions import override

from returns.models.rma import RmaUnit
from revlog.devices.models import Location
from revlog.evidence.models import Artifact
from revlog.logistics.models import Parcel, Place


class Bag(models.Model):
    """A sealed bag with one thing that somebody at a counter looked at. The thing is still expected until the dock scans its bag."""

    id = models.UUIDField(primary_key=True, editable=False)
    code = models.CharField(max_length=20, unique=True)
    unit = models.OneToOneField(RmaUnit, models.PROTECT, related_name="bag")
    place = models.ForeignKey(Place, models.PROTECT, related_name="bags")
    serial = models.CharField(max_length=120, blank=True)
    """What was read on it at the counter."""
    wrong = models.BooleanField(default=False)
    """It isn't what was sold, and was taken all the same."""
    damaged = models.BooleanField(default=False)
    photo = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    tote = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="bags")
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, blank=True, related_name="bags")
    """The tote as it travels, once it was sent."""
    bagged_at = models.DateTimeField()
    bagged_by = models.CharField(max_length=80)

    class Meta:
        ordering: ClassVar[list[str]] = ["bagged_at", "id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["tote", "parcel"], name="bags_in_a_tote")]

    @override
    def __str__(self) -> str:
        return self.code
