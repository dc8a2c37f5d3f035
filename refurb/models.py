"""The bench: work orders with their operations and parts, the stock of parts, and what was harvested."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Device, Fault, ProductModel, Visit


class WorkKind(models.TextChoices):
    REFURBISH = "refurbish", _("refurbish")
    REPAIR = "repair", _("repair and return")
    HARVEST = "harvest", _("harvest parts")
    CONTROLLED_HARVEST = "controlled_harvest", _("harvest under control")
    REPAIR_TO_ERASE = "repair_to_erase", _("repair to erase")


HARVESTS = frozenset({WorkKind.HARVEST.value, WorkKind.CONTROLLED_HARVEST.value})


class WorkState(models.TextChoices):
    OPEN = "open", _("at the bench")
    TO_CHECK = "to_check", _("waiting for check")
    PASSED = "passed", _("passed")
    FAILED = "failed", _("not repairable")
    HARVESTED = "harvested", _("harvested")
    CANCELLED = "cancelled", _("cancelled")


SUPERVISED = frozenset({WorkKind.CONTROLLED_HARVEST.value, WorkKind.REPAIR_TO_ERASE.value})
"""Work on a unit that still holds data: a data technician's alone, in the secured zone, once a second person allowed it."""
ENDED = (WorkState.PASSED, WorkState.FAILED, WorkState.HARVESTED, WorkState.CANCELLED)


class WorkOrderQuerySet(models.QuerySet["WorkOrder"]):
    def visible_to(self, actor: Actor) -> WorkOrderQuerySet:
        """The bench is the operator's own house: staff see the work at their hubs, others none by this way."""
        if not actor.is_operator:
            return self.none()
        return self.filter(Q(hub_id__in=actor.hubs) | Q(hub_id=None)) if actor.hubs else self

    def live(self) -> WorkOrderQuerySet:
        return self.exclude(state__in=ENDED)


class WorkOrder(FSMModelMixin, models.Model):
    """The work on one unit in one stay at the bench, from the first scan until somebody else found it good, or it failed.

    It has no chain of its own: what happened to the unit is said on the unit's. A rework is another round of the same order, so that
    what a repair took in all, in minutes and parts, is one sum. ``returned_by`` and ``return_reason`` say why the last round came back.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    device = models.ForeignKey(Device, models.PROTECT, related_name="work_orders")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="work_orders")
    kind = models.CharField(max_length=20, choices=WorkKind.choices)
    state = FSMField(max_length=12, choices=WorkState.choices, default=WorkState.OPEN.value, protected=True)
    round = models.SmallIntegerField(default=1)
    hub = models.ForeignKey(Hub, models.PROTECT, null=True, related_name="work_orders")
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    worked_by = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    """Everybody who did anything on it; none of them may check it."""
    finished_at = models.DateTimeField(null=True, blank=True)
    checked_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.CharField(max_length=200, blank=True)
    allowed_by = models.CharField(max_length=64, blank=True)
    """For a harvest under control: digest of the entry that allowed it."""

    objects = WorkOrderQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["opened_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device"], condition=Q(closed_at=None), name="one_open_work_order"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "opened_at"], name="work_by_state")]

    @override
    def __str__(self) -> str:
        return self.number

    @property
    def is_harvest(self) -> bool:
        return self.kind in HARVESTS

    @property
    def minutes(self) -> int:
        """All minutes booked so far, the running operation not counted."""
        return sum(each.minutes or 0 for each in self.operations.all())

    @property
    def running(self) -> Operation | None:
        return self.operations.filter(ended_at=None).order_by("-begun_at").first()

    @transition(field=state, source=WorkState.OPEN, target=WorkState.TO_CHECK)
    def finish(self) -> None:
        """The technician is done; somebody else looks."""

    @transition(field=state, source=WorkState.TO_CHECK, target=WorkState.OPEN)
    def rework(self) -> None:
        """Not good yet: another round."""

    @transition(field=state, source=WorkState.TO_CHECK, target=WorkState.PASSED)
    def accept(self) -> None:
        """Good."""

    @transition(field=state, source=[WorkState.OPEN, WorkState.TO_CHECK], target=WorkState.FAILED)
    def fail(self) -> None:
        """It can't be repaired, or not for its worth."""

    @transition(field=state, source=WorkState.OPEN, target=WorkState.HARVESTED)
    def close_harvest(self) -> None:
        """Every part worth taking was taken."""

    @transition(field=state, source=[WorkState.OPEN, WorkState.TO_CHECK], target=WorkState.CANCELLED)
    def cancel(self) -> None:
        """The unit was called away."""


class Operation(models.Model):
    """A piece of work: from one scan to the next scan of the same person, counted in whole minutes up to the operation's cap.

    ``minutes`` is what counts; ``measured`` what the clock said. They differ when the cap was hit or a lead corrected it.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="operations")
    code = models.CharField(max_length=20)
    fault = models.ForeignKey(Fault, models.PROTECT, null=True, blank=True, related_name="operations")
    """The fault it answers; cleared when the check is passed."""
    round = models.SmallIntegerField(default=1)
    done_by = models.CharField(max_length=80)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    measured = models.IntegerField(null=True, blank=True)
    minutes = models.IntegerField(null=True, blank=True)
    corrected_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["begun_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["done_by"], condition=Q(ended_at=None), name="one_running_operation_a_person"
            ),
            models.CheckConstraint(name="minutes_are_not_negative", condition=Q(minutes=None) | Q(minutes__gte=0)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.order_id} {self.code}"


class PartQuerySet(models.QuerySet["Part"]):
    def visible_to(self, actor: Actor) -> PartQuerySet:
        if not actor.is_operator:
            return self.none()
        return self.filter(hub_id__in=actor.hubs) if actor.hubs else self

    def fitting(self, device: Device) -> PartQuerySet:
        """Parts in stock that fit ``device``: those made for its model, and those that fit any (no model named). None that is stopped."""
        if device.hub_id is None:
            return self.none()
        fits = Q(models_fitting=None)
        if device.product_id is not None:
            fits |= Q(models_fitting=device.product_id)
        stopped = PartStop.objects.filter(part=OuterRef("pk"), ended_at=None)
        found = self.filter(fits, ~Exists(stopped), hub_id=device.hub_id, quantity__gt=F("reserved"))
        return found.distinct()


class Part(models.Model):
    """A spare part in stock at a hub, by part number and condition. Its id is its chain's: every movement is an entry.

    ``quantity`` is what lies there, ``reserved`` what of it is promised to work orders; ``cost`` what one of them stands in the books.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="parts")
    number = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    condition = models.CharField(
        max_length=10, choices=[("new", _("new")), ("harvested", _("harvested"))], default="new"
    )
    models_fitting = models.ManyToManyField(ProductModel, related_name="spare_parts", blank=True)
    quantity = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")
    minimum = models.IntegerField(default=0)
    """Below it, the planner is told to order."""
    bin = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hub", "number", "condition"], name="one_stock_a_part"),
            models.CheckConstraint(name="stock_is_not_negative", condition=Q(quantity__gte=0)),
            models.CheckConstraint(
                name="no_more_reserved_than_there_is", condition=Q(reserved__gte=0) & Q(reserved__lte=F("quantity"))
            ),
            models.CheckConstraint(name="a_part_costs_nothing_or_more", condition=Q(cost__gte=0)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def available(self) -> int:
        return self.quantity - self.reserved

    @property
    def is_low(self) -> bool:
        return self.available < self.minimum


class PartStop(models.Model):
    """A recall names this stock of parts: none of it is reserved or put in until the campaign ends, or a person sorted it out."""

    id = models.UUIDField(primary_key=True, editable=False)
    part = models.ForeignKey(Part, models.PROTECT, related_name="stops")
    recall = models.UUIDField()
    """The chain of the campaign."""
    number = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=80, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["since", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["part", "recall"], name="a_recall_stops_a_stock_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.number} {self.part_id}"


class PartUse(models.Model):
    """Parts of one kind for a work order: reserved, then put in or given back."""

    id = models.UUIDField(primary_key=True, editable=False)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="parts")
    part = models.ForeignKey(Part, models.PROTECT, related_name="uses")
    quantity = models.IntegerField()
    cost = models.DecimalField(max_digits=12, decimal_places=2)
    """Of one, when it was reserved: a later price doesn't change what this repair cost."""
    currency = models.CharField(max_length=3)
    state = models.CharField(
        max_length=10,
        choices=[("reserved", _("reserved")), ("used", _("put in")), ("returned", _("given back"))],
        default="reserved",
    )
    reserved_by = models.CharField(max_length=80)
    reserved_at = models.DateTimeField()
    key = models.CharField(max_length=80, blank=True)
    """Of the scan that took it: one that comes again takes no second part."""
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["reserved_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="parts_are_used_in_numbers", condition=Q(quantity__gte=1)),
            models.UniqueConstraint(fields=["order", "key"], condition=~Q(key=""), name="a_scan_takes_parts_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.quantity} × {self.part_id}"

    @property
    def total(self) -> Decimal:
        return self.cost * self.quantity


class HarvestedPart(models.Model):
    """What was taken out of a unit: into stock (``part``), as a unit of its own (``became``), or found broken and left with the rest."""

    id = models.UUIDField(primary_key=True, editable=False)
    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="harvested")
    number = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    quantity = models.IntegerField(default=1)
    grams = models.IntegerField(default=0)
    """Of all of them together; nothing for a broken one, whose weight stays with the rest."""
    value = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    """Of one."""
    usable = models.BooleanField(default=True)
    part = models.ForeignKey(Part, models.PROTECT, null=True, blank=True, related_name="harvests")
    became = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="harvested_as")
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    taken_by = models.CharField(max_length=80)
    taken_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["taken_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="harvests_come_in_numbers", condition=Q(quantity__gte=1) & Q(grams__gte=0)),
            models.CheckConstraint(
                name="a_broken_part_goes_nowhere", condition=Q(usable=True) | (Q(part=None) & Q(became=None))
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"
