"""Recycling: batches, what is in them, what they weighed, what came out, and the mass that moved."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from typing_extensions import override

from recycling.balances import Balance
from recycling.streams import STREAMS, TREATMENTS
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.devices.models import Device

STREAM_CHOICES = [(each.code, each.label) for each in STREAMS.values()]
TREATMENT_CHOICES = [(each.code, f"{each.code} {each.label}") for each in TREATMENTS.values()]


class BatchState(models.TextChoices):
    OPEN = "open", _("being filled")
    WEIGHED = "weighed", _("weighed in")
    CLOSED = "closed", _("closed")


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, actor: Actor) -> BatchQuerySet:
        """Staff see their hubs' batches; an owner sees those that hold units which are or were theirs in them."""
        if actor.is_operator:
            return self.filter(hub_id__in=actor.hubs) if actor.hubs else self
        if actor.organization_id is None:
            return self.none()
        return self.filter(pk__in=Member.objects.filter(owner_id=actor.organization_id).values("batch_id"))


class Batch(FSMModelMixin, models.Model):
    """A heap of one stream at one site, from the first unit to the fractions that left; its id is its chain's.

    A batch opens with what the one before it of its stream left on the floor (``opening_grams``), takes units in, is weighed, gives
    fractions, and closes with what is left (``closing_grams``). Nothing closes out of balance beyond the tolerance without a reason.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="batches")
    stream = models.CharField(max_length=24, choices=STREAM_CHOICES)
    state = FSMField(max_length=10, choices=BatchState.choices, default=BatchState.OPEN.value, protected=True)
    carried_from = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="carried_to")
    opening_grams = models.BigIntegerField(default=0)
    received_grams = models.BigIntegerField(null=True, blank=True)
    """The weight that counts: the final one, or the accepted correction; None until weighed."""
    received_final = models.BooleanField(default=False)
    loss_grams = models.BigIntegerField(default=0)
    """Loss and weighing difference together, once closed."""
    difference_grams = models.BigIntegerField(default=0)
    """What of the loss the scales can't explain."""
    closing_grams = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True)
    """Why it closed out of tolerance, or what the loss was."""
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    closed_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-opened_at", "-id"]
        verbose_name_plural = "batches"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="weights_are_not_negative",
                condition=Q(opening_grams__gte=0)
                & Q(closing_grams__gte=0)
                & (Q(received_grams=None) | Q(received_grams__gte=0)),
            ),
            models.CheckConstraint(
                name="a_closed_batch_was_weighed",
                condition=~Q(state=BatchState.CLOSED) | (Q(received_final=True) & Q(closed_at__isnull=False)),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hub", "stream", "closed_at"], name="batches_of_a_stream"),
        ]

    @override
    def __str__(self) -> str:
        return self.number

    @property
    def out_grams(self) -> int:
        return sum(each.grams for each in self.fractions.all())

    def balance(self, *, loss: int | None = None, closing: int | None = None) -> Balance:
        """As it stands, or as it would stand with this loss and this rest."""
        return Balance(
            opening=self.opening_grams,
            received=self.received_grams or 0,
            out=self.out_grams,
            loss=self.loss_grams if loss is None else loss,
            closing=self.closing_grams if closing is None else closing,
        )

    @transition(field=state, source=BatchState.OPEN, target=BatchState.WEIGHED)
    def weigh(self) -> None:
        """Its final weight is known; nothing joins it any more."""

    @transition(field=state, source=BatchState.WEIGHED, target=BatchState.CLOSED)
    def close(self) -> None:
        """It is in balance, and its units are material."""


class Member(models.Model):
    """A unit in a batch. ``grams`` is its own weight, or its class's typical one: by it, shared costs are divided."""

    id = models.UUIDField(primary_key=True, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="members")
    device = models.ForeignKey(Device, models.PROTECT, related_name="batches")
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    grams = models.IntegerField()
    weighed = models.BooleanField(default=False)
    """True when ``grams`` was measured, not taken from the class."""
    joined_by = models.CharField(max_length=80)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["joined_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device"], condition=Q(left_at=None), name="one_batch_at_a_time"),
            models.CheckConstraint(name="a_member_weighs_something", condition=Q(grams__gte=1)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} in {self.batch_id}"


class Weighing(models.Model):
    """A weight as read off a scale. Rows are only added: a correction is another row, which counts once another person accepted it."""

    id = models.UUIDField(primary_key=True, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="weighings")
    grams = models.BigIntegerField()
    final = models.BooleanField(default=False)
    scale = models.CharField(max_length=60, blank=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    reason = models.CharField(max_length=200, blank=True)
    weighed_by = models.CharField(max_length=80)
    weighed_at = models.DateTimeField()
    accepted_by = models.CharField(max_length=80, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    """When it began to count, or was refused."""
    refused = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["weighed_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="a_weighing_weighs_something", condition=Q(grams__gte=1)),
            models.UniqueConstraint(
                fields=["batch"],
                condition=Q(settled_at=None, final=True),
                name="one_correction_at_a_time",
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.grams} g"


class FractionOut(models.Model):
    """Material that left a batch: what, how much, to whom, for which treatment, and what it brought or cost per kilogram."""

    id = models.UUIDField(primary_key=True, editable=False)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="fractions")
    stream = models.CharField(max_length=24, choices=STREAM_CHOICES)
    grams = models.BigIntegerField()
    treatment = models.CharField(max_length=4, choices=TREATMENT_CHOICES)
    vendor = models.ForeignKey(Organization, models.PROTECT, related_name="fractions_received")
    load = models.CharField(max_length=60, blank=True)
    """Number of the transport or consignment note."""
    price_per_kilo = models.DecimalField(max_digits=10, decimal_places=4, default=Decimal(0))
    """Positive: the vendor pays us; negative: we pay for its treatment."""
    currency = models.CharField(max_length=3, default="EUR")
    weighed_by = models.CharField(max_length=80)
    out_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["out_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="a_fraction_weighs_something", condition=Q(grams__gte=1)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.grams} g {self.stream}"

    @property
    def amount(self) -> Decimal:
        """What it brought (positive) or cost, not yet rounded."""
        return self.price_per_kilo * self.grams / 1000


class MassRow(models.Model):
    """One movement of mass at a site, by stream: what the balances of any period are summed from. Rows are only added.

    ``kind``: *in* what was weighed in (a correction adds its difference, which may be negative), *out* what left as fractions, *loss*
    what was lost or never found.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="+")
    stream = models.CharField(max_length=24, choices=STREAM_CHOICES)
    kind = models.CharField(max_length=5, choices=[("in", _("in")), ("out", _("out")), ("loss", _("loss"))])
    grams = models.BigIntegerField()
    unexplained = models.BigIntegerField(default=0)
    """Of a loss: what the scales can't explain."""
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="mass")
    entry = models.CharField(max_length=64)
    key = models.CharField(max_length=100, unique=True)
    occurred_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hub", "stream", "occurred_at"], name="mass_of_a_stream"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.grams} g"
