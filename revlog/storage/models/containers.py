"""Containers: totes, cages, pallets, gaylords and boxes. Each is a place that moves, with its number, seals, weight and owner."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Location


class ContainerKind(models.TextChoices):
    TOTE = "tote", _("tote")
    CAGE = "cage", _("cage")
    PALLET = "pallet", _("pallet")
    GAYLORD = "gaylord", _("gaylord")
    BOX = "box", _("box")


class ContainerState(models.TextChoices):
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")
    SEALED = "sealed", _("sealed")
    RETIRED = "retired", _("retired")


class ContainerQuerySet(models.QuerySet["Container"]):
    def visible_to(self, actor: Actor) -> ContainerQuerySet:
        return self.filter(location__hub__in=Hub.objects.worked_by(actor))


class Container(models.Model):
    """What a place of kind ``container`` is beside a place. It has the place's id, which is also its chain's.

    Units in it have it as their location; where it stands is the place's parent; whether it is secured, whom it is kept for and how
    much fits are the place's too. So moving it changes one row, whatever is inside.
    """

    location = models.OneToOneField(Location, models.PROTECT, primary_key=True, related_name="container")
    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=ContainerKind.choices, default=ContainerKind.TOTE)
    label = models.CharField(max_length=60, blank=True)
    """The GRAI or SSCC on it, digits first, as a scanner reads it; empty where it has none."""
    state = models.CharField(max_length=10, choices=ContainerState.choices, default=ContainerState.OPEN)
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="containers")
    tare_grams = models.IntegerField(null=True, blank=True)
    gross_grams = models.IntegerField(null=True, blank=True)
    weighed_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ContainerQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["label"], condition=~Q(label=""), name="one_container_a_label"),
            models.CheckConstraint(
                name="what_is_gross_is_not_less_than_empty",
                condition=Q(gross_grams=None) | Q(tare_grams=None) | Q(gross_grams__gte=models.F("tare_grams")),
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.number

    @property
    def net_grams(self) -> int | None:
        return None if self.gross_grams is None else self.gross_grams - (self.tare_grams or 0)


class Seal(models.Model):
    """A numbered seal on a container: put on, looked at, broken with a reason. A number is used once."""

    id = models.UUIDField(primary_key=True, editable=False)
    container = models.ForeignKey(Container, models.PROTECT, related_name="seals")
    number = models.CharField(max_length=40, unique=True)
    put_at = models.DateTimeField()
    put_by = models.CharField(max_length=80)
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.CharField(max_length=80, blank=True)
    broken_at = models.DateTimeField(null=True, blank=True)
    broken_by = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["put_at", "number"]

    @override
    def __str__(self) -> str:
        return self.number
