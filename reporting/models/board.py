"""What the board counts from: one row a unit in a queue, their count by hour, and one row an act of the floor."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import ClassVar

from django.db import models
from typing_extensions import override

from reporting.models.figures import ReadableQuerySet

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The hour of what has no due moment."""


class Queued(models.Model):
    """A unit that is at a site and waits in a queue: since when, on whose clock, and when it is late.

    ``hour`` is the hour in which it is due: by it the rows are counted in ``QueueTally``, so that no page counts units.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device_id = models.UUIDField(unique=True)
    hub_id = models.UUIDField()
    owner_id = models.UUIDField(null=True)
    device_class = models.CharField(max_length=20)
    state = models.CharField(max_length=16)
    clock = models.CharField(max_length=10, default="ours")
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    hour = models.DateTimeField(default=NEVER)

    objects = ReadableQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hub_id", "hour", "state", "clock", "due_at"], name="queued_by_hour"),
            models.Index(fields=["hub_id", "state", "since", "device_id"], name="queued_by_age"),
            models.Index(fields=["hub_id", "since", "device_id"], name="queued_longest"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} in {self.state}"


class QueueTally(models.Model):
    """How many units of a queue, on one clock, are due in one hour: a rollup, always recounted from the rows of its hour."""

    id = models.BigAutoField(primary_key=True)
    hub_id = models.UUIDField()
    state = models.CharField(max_length=16)
    clock = models.CharField(max_length=10)
    hour = models.DateTimeField()
    units = models.IntegerField()
    oldest = models.DateTimeField()

    objects: models.Manager[QueueTally] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hub_id", "state", "clock", "hour"], name="one_count_an_hour"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.state} {self.clock} {self.hour}: {self.units}"


class Act(models.Model):
    """Something that was done to a unit, as the board counts it: received, put away, graded, wiped, refurbished, sent out.

    ``actor`` is the reference that the entry has; a page shows the team of that person, never the person.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device_id = models.UUIDField()
    ordinal = models.IntegerField()
    act = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    owner_id = models.UUIDField(null=True)
    hub_id = models.UUIDField(null=True)
    device_class = models.CharField(max_length=20)

    objects = ReadableQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device_id", "ordinal", "act"], name="an_act_counts_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hub_id", "at"], include=["act", "actor"], name="acts_of_a_day"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.act}"
