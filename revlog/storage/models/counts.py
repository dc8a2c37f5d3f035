"""Cycle counts: a place is counted blind, again by somebody else where it differs, and settled by a third person."""

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


class CountState(models.TextChoices):
    OPEN = "open", _("to count")
    COUNTING = "counting", _("being counted")
    RECOUNT = "recount", _("to count again")
    REVIEW = "review", _("to decide")
    DONE = "done", _("counted")
    CANCELLED = "cancelled", _("cancelled")


class CountWhy(models.TextChoices):
    """How the place came to be counted."""

    PLACE = "place", _("chosen places")
    ZONE = "zone", _("all of a zone")
    STALE = "stale", _("not counted for long")
    VALUE = "value", _("by worth")
    OWN = "own", _("begun on the floor")


class DifferenceKind(models.TextChoices):
    MISSING = "missing", _("not there")
    EXTRA = "extra", _("belongs elsewhere")
    QUANTITY = "quantity", _("another number")
    UNKNOWN = "unknown", _("unknown code")


class DifferenceOutcome(models.TextChoices):
    MISSING = "missing", _("missing, looked for")
    HERE = "here", _("lies here from now on")
    BACK = "back", _("brought where it belongs")
    ADJUSTED = "adjusted", _("number corrected")
    LEFT = "left", _("no difference after all")


CURRENT = (CountState.OPEN, CountState.COUNTING, CountState.RECOUNT, CountState.REVIEW)
WAITING = (CountState.RECOUNT, CountState.REVIEW)
"""A difference stands, and nobody has settled it."""


class CountQuerySet(models.QuerySet["Count"]):
    def visible_to(self, actor: Actor) -> CountQuerySet:
        return self.filter(hub__in=Hub.objects.worked_by(actor))

    def current(self) -> CountQuerySet:
        return self.filter(state__in=CURRENT)


class Count(models.Model):
    """One place to be counted, and what came of it. Its entries stand on the place's own chain.

    ``expected`` to ``unknown`` are what the last walk found, without what was no difference after all.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="counts")
    place = models.ForeignKey(Location, models.PROTECT, related_name="counts")
    state = models.CharField(max_length=10, choices=CountState.choices, default=CountState.OPEN)
    why = models.CharField(max_length=10, choices=CountWhy.choices)
    assignee = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    due_at = models.DateTimeField(null=True, blank=True)
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    differs_since = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    expected = models.IntegerField(default=0)
    right = models.IntegerField(default=0)
    missing = models.IntegerField(default=0)
    extra = models.IntegerField(default=0)
    wrong = models.IntegerField(default=0)
    unknown = models.IntegerField(default=0)

    objects = CountQuerySet.as_manager()
    counter: str = ""
    """Who counted it last, by name, where a page has asked."""

    class Meta:
        ordering: ClassVar[list[str]] = ["requested_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["place"],
                condition=Q(state__in=["open", "counting", "recount", "review"]),
                name="one_open_count_a_place",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["hub", "requested_at"],
                condition=Q(state__in=["open", "counting", "recount", "review"]),
                name="open_counts",
            ),
            models.Index(fields=["hub", "closed_at"], condition=Q(state="done"), name="counts_done"),
            models.Index(fields=["place", "closed_at"], condition=Q(state="done"), name="counts_of_a_place"),
        ]

    @override
    def __str__(self) -> str:
        return self.number

    @property
    def differing(self) -> int:
        return self.missing + self.extra + self.wrong + self.unknown


class Walk(models.Model):
    """One person's way through the place. ``lay`` is how far each unit's chain was that lay there when it began: whatever was moved since
    is no difference."""

    id = models.UUIDField(primary_key=True, editable=False)
    count = models.ForeignKey(Count, models.PROTECT, related_name="walks")
    number = models.SmallIntegerField()
    person = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    counted_by = models.CharField(max_length=80)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    lay = models.JSONField(default=dict)
    stood = models.JSONField(default=dict)
    """The same of each container that stood there, which is counted as one thing."""
    expected = models.IntegerField(default=0)
    right = models.IntegerField(default=0)
    moved = models.IntegerField(default=0)
    """How many came, went or were fetched while it was counted."""

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["count"], condition=Q(ended_at=None, dropped_at=None), name="one_counts_a_place"
            ),
            models.UniqueConstraint(fields=["count", "number"], name="walks_are_numbered"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.count_id} {self.number}"


class Seen(models.Model):
    """One thing that was scanned on a walk: a unit, with its pieces where it is a counted lot, a container, or a code that nobody knows."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    walk = models.ForeignKey(Walk, models.CASCADE, related_name="seen")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    container = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=80, blank=True)
    pieces = models.IntegerField(null=True, blank=True)
    place = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    """Where it lay or stood by the books when it was scanned."""
    sequence = models.IntegerField(default=0)
    """How far its chain was then."""
    seen_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["seen_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["walk", "device"], name="a_unit_is_seen_once"),
            models.UniqueConstraint(fields=["walk", "container"], name="a_container_is_seen_once"),
            models.UniqueConstraint(fields=["walk", "code"], condition=~Q(code=""), name="a_code_is_seen_once"),
            models.CheckConstraint(name="pieces_are_not_negative", condition=Q(pieces=None) | Q(pieces__gte=0)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.walk_id} {self.device_id or self.container_id or self.code}"


class Difference(models.Model):
    """What a walk found otherwise than the books have it, and how it was settled."""

    walk = models.ForeignKey(Walk, models.PROTECT, related_name="differences")
    kind = models.CharField(max_length=10, choices=DifferenceKind.choices)
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    container = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=80, blank=True)
    belongs = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    """Where it lies by the books."""
    sequence = models.IntegerField(default=0)
    expected = models.IntegerField(default=1)
    counted = models.IntegerField(default=1)
    value = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    """What is not there, at what it was expected to bring; below nothing, what is too much."""
    currency = models.CharField(max_length=3, default="EUR")
    outcome = models.CharField(max_length=10, choices=DifferenceOutcome.choices, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["kind", "id"]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def name(self) -> str:
        """What people call it: a unit's tag, a container's number, or what stood on it."""
        if self.device is not None:
            return self.device.tag
        return self.container.code if self.container is not None else self.code
