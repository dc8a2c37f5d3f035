"""Typed rows for figures, projected from the ledger by log position. Nothing here is a truth of its own: all of it can be rebuilt."""

from __future__ import annotations

import uuid
from typing import ClassVar, TypeVar

from django.db import models
from django.db.models import Q
from typing_extensions import override

from revlog.accounts.actors import Actor

M = TypeVar("M", bound=models.Model)


class ReadableQuerySet(models.QuerySet[M]):
    """Rows that carry ``owner_id`` and ``hub_id`` of their own, so that access needs no join."""

    def visible_to(self, actor: Actor) -> ReadableQuerySet[M]:
        """The operator's people read their hubs' rows (all, when bound to none); others those of what they owned at the time."""
        if actor.is_operator:
            return self.filter(Q(hub_id__in=actor.hubs) | Q(hub_id=None)) if actor.hubs else self
        if actor.organization_id is None:
            return self.none()
        return self.filter(owner_id=actor.organization_id)


class Cursor(models.Model):
    """How far a projection has read the log. Its row is the lock: one follower at a time."""

    name = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)

    @override
    def __str__(self) -> str:
        return f"{self.name} at {self.position}"


class Stay(models.Model):
    """A stretch of time that a unit spent in one state, on one clock.

    A state that is interrupted by waiting for somebody gives several rows: ``ordinal`` is the sequence of the entry that opened this
    stretch, ``began`` that of the entry that brought the unit into the state. Where the two are equal the row is also the move itself,
    from ``came_from``. ``clock`` is ``ours`` or the party that was waited for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device_id = models.UUIDField()
    ordinal = models.IntegerField()
    began = models.IntegerField()
    visit = models.SmallIntegerField()
    state = models.CharField(max_length=16)
    came_from = models.CharField(max_length=16, blank=True)
    clock = models.CharField(max_length=10, default="ours")
    entered_at = models.DateTimeField()
    entered_on = models.DateField()
    left_at = models.DateTimeField(null=True)
    owner_id = models.UUIDField(null=True)
    hub_id = models.UUIDField(null=True)
    device_class = models.CharField(max_length=20)

    objects = ReadableQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device_id", "ordinal"], name="one_stay_an_entry"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["entered_on", "hub_id"], name="stays_of_a_day"),
            models.Index(fields=["state", "left_at"], name="stays_in_a_state"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} in {self.state}"


class VisitFact(models.Model):
    """One stay of a unit with us, as a row to count: why and when it came, what it was, where it ended, what it brought."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device_id = models.UUIDField()
    number = models.SmallIntegerField()
    tag = models.CharField(max_length=20)
    face = models.CharField(max_length=340)
    device_class = models.CharField(max_length=20)
    why = models.CharField(max_length=20)
    owner_id = models.UUIDField(null=True)
    """Whose it was when the visit began."""
    hub_id = models.UUIDField(null=True)
    announced_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=16)
    """The present state, or the end of the visit."""
    outcome = models.CharField(max_length=16, blank=True)
    disposition = models.CharField(max_length=24, blank=True)
    overridden = models.BooleanField(default=False)
    grade = models.CharField(max_length=3, blank=True)
    """The last grade given on this visit; empty when nobody graded it."""
    gradings = models.SmallIntegerField(default=0)
    # Proceeds less costs by book, refunds to the customer left out (projections.UNDONE).
    recovery_ours = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    recovery_client = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    recovery_seller = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    postings = models.IntegerField(default=0)

    objects = ReadableQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device_id", "number"], name="one_row_a_visit"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["received_at"], name="visits_by_receipt"),
            models.Index(fields=["ended_at"], name="visits_by_end"),
            models.Index(fields=["state"], name="visits_by_state"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.tag} visit {self.number}"


class SanitizationFact(models.Model):
    """One attempt to clear one medium, and how it ended: ``verified``, ``failed`` or ``destroyed``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    device_id = models.UUIDField()
    ordinal = models.IntegerField()
    visit = models.SmallIntegerField()
    medium = models.CharField(max_length=60)
    medium_type = models.CharField(max_length=10, blank=True)
    level = models.CharField(max_length=10, blank=True)
    technique = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=10)
    at = models.DateTimeField()
    owner_id = models.UUIDField(null=True)
    hub_id = models.UUIDField(null=True)
    device_class = models.CharField(max_length=20)

    objects = ReadableQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device_id", "ordinal"], name="one_attempt_an_entry"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["at"], name="attempts_by_time")]

    @override
    def __str__(self) -> str:
        return f"{self.medium} {self.outcome}"


class MoneyFact(models.Model):
    """One posting, with the visit it counts for. ``amount`` is in the install's currency; positive is income."""

    id = models.UUIDField(primary_key=True, editable=False)
    """The posting's own."""
    device_id = models.UUIDField(null=True)
    visit = models.SmallIntegerField(null=True)
    book = models.CharField(max_length=10)
    account = models.CharField(max_length=30)
    amount = models.DecimalField(max_digits=14, decimal_places=3)
    at = models.DateTimeField()
    owner_id = models.UUIDField(null=True)
    hub_id = models.UUIDField(null=True)

    objects = ReadableQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["device_id"], name="money_of_a_unit"),
            models.Index(fields=["at"], name="money_by_time"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.account} {self.amount}"


class DayFlow(models.Model):
    """How many units moved from one state to another on one day (UTC): a rollup, always recomputed from the stays of its day."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    hub_id = models.UUIDField(null=True)
    owner_id = models.UUIDField(null=True)
    device_class = models.CharField(max_length=20)
    came_from = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=16)
    units = models.IntegerField()

    objects = ReadableQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["day"], name="flows_of_a_day")]

    @override
    def __str__(self) -> str:
        return f"{self.day} {self.came_from} to {self.state}: {self.units}"
