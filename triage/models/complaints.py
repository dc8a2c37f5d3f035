"""What triage keeps of complaints: which faults the words pointed to and what was found, the models, and examples that were imported.

Never the words of a customer: they stay with the return, and are asked for when a model learns (``revlog.devices.complaints``).
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.devices.models import Device, Visit
from revlog.evidence.models import Artifact


class Settled(models.TextChoices):
    CONFIRMED = "confirmed", _("as the words said")
    CORRECTED = "corrected", _("another fault")
    IGNORED = "ignored", _("nobody said what")


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, actor: Actor) -> ComplaintQuerySet:
        """Those of units that ``actor`` may see, at the hubs where they work."""
        if not actor.is_operator:
            return self.none()
        return self.filter(device__hub_id__in=actor.hubs) if actor.hubs else self


class Complaint(models.Model):
    """What the words of a return pointed to for a unit, and what a person found it to be."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="complaints")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    device_class = models.CharField(max_length=20)
    model = models.CharField(max_length=60)
    """The version that proposed."""
    proposals = models.JSONField(default=list)
    """[{code, share, words}], likeliest first; ``words`` are of the model's own vocabulary. Empty: no clear fault was told."""
    at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=Settled.choices, blank=True)
    """Empty while nobody has looked."""
    found = models.CharField(max_length=40, blank=True)
    """What it was: a fault's code, or ``no_clear_fault``; empty where nobody said and the look found several or none."""
    settled_by = models.CharField(max_length=80, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device", "visit"], name="one_complaint_a_stay", nulls_distinct=False),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-settled_at"], condition=~Q(outcome=""), name="settled_complaints"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.told or 'no clear fault'}"

    @property
    def told(self) -> str:
        """What the words pointed to most; empty for no clear fault."""
        return str(self.proposals[0]["code"]) if self.proposals else ""


class ComplaintAhead(models.Model):
    """What the words of a return's line point to when it is announced, before anything has come."""

    line = models.UUIDField(primary_key=True, editable=False)
    model = models.CharField(max_length=60)
    proposals = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "line"]
        verbose_name_plural = "complaints ahead"

    @override
    def __str__(self) -> str:
        return str(self.line)


class ComplaintModel(models.Model):
    """A model that was learned: its weights as bytes, how it did on examples it hadn't seen, and whether it is the one that proposes."""

    number = models.PositiveIntegerField(primary_key=True)
    artifact = models.ForeignKey(Artifact, models.PROTECT, related_name="+")
    own = models.PositiveIntegerField()
    """Cases of this install that it learned from."""
    imported = models.PositiveIntegerField()
    accuracy = models.FloatField()
    macro_f1 = models.FloatField()
    before = models.CharField(max_length=60)
    """The version that proposed until then, and how that did on the same examples."""
    before_accuracy = models.FloatField()
    before_macro_f1 = models.FloatField()
    better = models.BooleanField()
    """Whether it took that one's place."""
    phrases = models.FloatField(null=True)
    """The share right of our own phrases, which nobody on the floor labels, each not seen; and that of the one before."""
    phrases_before = models.FloatField(null=True)
    forgot = models.BooleanField(default=False)
    """Whether it tells our phrases so much worse that it can't take that one's place, however well it does on the cases."""
    learned_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]

    @override
    def __str__(self) -> str:
        return self.version

    @property
    def version(self) -> str:
        return f"complaints/{self.number}"


class ComplaintExample(models.Model):
    """A text of an imported table with the fault that it was labelled with; the operator answers for where it comes from."""

    source = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    """Of text and class: the same row again is the same example."""
    text = models.CharField(max_length=4000)
    device_class = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "digest"], name="an_example_is_there_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.source}: {self.code}"
