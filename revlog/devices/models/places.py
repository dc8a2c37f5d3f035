"""Places: zones, bins, benches, cages, vans; a container is a place that moves."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.models import Hub


class LocationKind(models.TextChoices):
    ZONE = "zone", _("zone")
    AISLE = "aisle", _("aisle")
    BIN = "bin", _("bin")
    CONTAINER = "container", _("container")
    BENCH = "bench", _("bench")
    DOCK = "dock", _("dock")
    VAN = "van", _("van")
    SITE = "site", _("customer site")


class Location(models.Model):
    """A place where units can be. ``secured`` places may hold units with data; ``path`` is the readable way there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="locations")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=LocationKind.choices)
    capacity = models.IntegerField(null=True, blank=True)
    secured = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["hub", "code"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hub", "code"], name="one_place_a_code"),
        ]

    @override
    def __str__(self) -> str:
        return self.code
