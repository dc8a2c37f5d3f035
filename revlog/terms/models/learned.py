"""What prices are learned from, and what came of learning: observations, runs, and the versions of the price model."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.devices.models import ProductModel, Variant
from revlog.devices.models.device import GRADES
from revlog.evidence.models import Artifact


class Seen(models.TextChoices):
    """Whether somebody paid it, or only asked it."""

    SALE = "sale", _("sale")
    OFFER = "offer", _("market offer")


class Observation(models.Model):
    """What one thing sold for, or was offered at, on one day. ``own`` is the source's own name for it: it is taken once.

    One that turned out not to have happened stays with the moment at which it was taken back, and teaches nothing.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    product = models.ForeignKey(ProductModel, models.PROTECT, related_name="observations")
    variant = models.ForeignKey(Variant, models.PROTECT, null=True, blank=True, related_name="observations")
    grade = models.CharField(max_length=3, choices=GRADES)
    channel = models.CharField(max_length=24, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    sold_on = models.DateField()
    battery = models.PositiveSmallIntegerField(null=True, blank=True)
    """What the battery holds, in percent of new."""
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    """How old it was."""
    kind = models.CharField(max_length=5, choices=Seen.choices)
    source = models.CharField(max_length=60)
    own = models.CharField(max_length=120)
    noted_by = models.CharField(max_length=80)
    noted_at = models.DateTimeField()
    void_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["sold_on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "own"], name="an_observation_is_taken_once"),
            models.CheckConstraint(name="an_observed_amount_is_above_nothing", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="a_battery_holds_up_to_all", condition=Q(battery=None) | Q(battery__lte=100)),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sold_on", "id"], name="observations_by_day", condition=Q(void_at=None)),
            models.Index(fields=["product", "-sold_on"], name="observations_of_a_model"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.product_id} {self.grade} {self.amount} {self.currency}"


class ModelStatus(models.TextChoices):
    CHAMPION = "champion", _("in force")
    CHALLENGER = "challenger", _("kept beside the one in force")
    RETIRED = "retired", _("replaced")


class PriceModel(models.Model):
    """One version of the price model: its bytes by their digest, how it was made, and how it did on what it had not seen.

    ``artifact`` is read by the digest that this row names and by no other way: nothing is loaded that we didn't write.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.PositiveIntegerField(unique=True)
    status = models.CharField(max_length=10, choices=ModelStatus.choices)
    artifact = models.ForeignKey(Artifact, models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    rows = models.PositiveIntegerField()
    begins_on = models.DateField()
    ends_on = models.DateField()
    """The days of the oldest and the newest observation that it learned from."""
    made = models.JSONField(default=dict)
    """How: columns, each candidate's figures, who speaks how loud, versions of the libraries, the digest of what it learned from."""
    tried = models.JSONField(default=list)
    """The back-test, oldest part first: [{begins, ends, rows, mae, share, r2, covered, without}], each by what was known before."""
    verdict = models.JSONField(default=dict)
    """Against the one in force on the same newest rows: {code, mine, theirs, rows, margin}."""
    trained_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    watched = models.JSONField(default=dict)
    """What its prices missed on sales since: {rows, share, covered, at}."""
    drifted_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["status"], condition=Q(status="champion"), name="one_price_model_in_force"),
        ]

    @override
    def __str__(self) -> str:
        return str(self.number)


class TrainingStatus(models.TextChoices):
    ASKED = "asked", _("being learned")
    DONE = "done", _("done")
    UNCHANGED = "unchanged", _("nothing new to learn from")
    TOO_FEW = "too_few", _("too little to learn from")
    FAILED = "failed", _("failed")


class Training(models.Model):
    """One run of learning, asked for by a person or by the clock. Its id is its chain's."""

    id = models.UUIDField(primary_key=True, editable=False)
    status = models.CharField(max_length=10, choices=TrainingStatus.choices, default=TrainingStatus.ASKED)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    model = models.ForeignKey(PriceModel, models.PROTECT, null=True, blank=True, related_name="trainings")
    written = models.PositiveIntegerField(default=0)
    """Prices that the book holds by it."""
    ended = models.PositiveIntegerField(default=0)
    """Prices that it took out of the book, because too little is known by now."""
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at", "-id"]

    @override
    def __str__(self) -> str:
        return f"{self.status} {self.asked_at:%Y-%m-%d}"
