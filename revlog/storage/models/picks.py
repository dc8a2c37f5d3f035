"""Pick lists: what is fetched from its bins for a bench or for shipping, by one person, in the order of the walk."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, User
from revlog.devices.models import Device, Location


class PickTarget(models.TextChoices):
    BENCH = "bench", _("for the bench")
    SHIPPING = "shipping", _("for shipping")


class PickListState(models.TextChoices):
    OPEN = "open", _("open")
    DONE = "done", _("fetched")
    CANCELLED = "cancelled", _("cancelled")


class PickState(models.TextChoices):
    WAITING = "waiting", _("to fetch")
    PICKED = "picked", _("in the cart")
    SHORT = "short", _("not fetched")
    STAGED = "staged", _("brought")
    CANCELLED = "cancelled", _("cancelled")


class ShortReason(models.TextChoices):
    MISSING = "missing", _("not there")
    DAMAGED = "damaged", _("damaged")
    BLOCKED = "blocked", _("out of reach")


class PickListQuerySet(models.QuerySet["PickList"]):
    def visible_to(self, actor: Actor) -> PickListQuerySet:
        return self.filter(hub__in=Hub.objects.worked_by(actor))


class PickList(models.Model):
    """What one walk fetches. Its chain says what was released, to whom, and what was brought in the end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="pick_lists")
    target = models.CharField(max_length=10, choices=PickTarget.choices)
    state = models.CharField(max_length=10, choices=PickListState.choices, default=PickListState.OPEN)
    assignee = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    brought_to = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = PickListQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["opened_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hub", "opened_at"], condition=Q(state="open"), name="open_pick_lists"),
        ]

    @override
    def __str__(self) -> str:
        return self.number


class Pick(models.Model):
    """One unit of a list, and the place where it lay when the list was released."""

    list = models.ForeignKey(PickList, models.CASCADE, related_name="picks")
    device = models.ForeignKey(Device, models.PROTECT, related_name="picks")
    place = models.ForeignKey(Location, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=PickState.choices, default=PickState.WAITING)
    why_short = models.CharField(max_length=10, choices=ShortReason.choices, blank=True)
    done_by = models.CharField(max_length=80, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(state__in=["waiting", "picked"]), name="one_open_pick_a_unit"
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} of {self.list_id}"
