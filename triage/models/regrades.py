"""What is kept of grading units again by new rules."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.devices.models import Device
from revlog.terms.models import RuleSet


class RegradeStatus(models.TextChoices):
    RUNNING = "running", _("at work")
    DONE = "done", _("done")


class Regrade(models.Model):
    """Units whose grade still matters, graded again because a rubric or the grade books changed. Its id is its chain's.

    Each unit that changes has a transaction of its own that keeps how far the work came (``cursor``): a worker that dies loses one
    unit at the most, and two workers never grade one twice. Units that are promised, offered, appealed or decided by their old grade are
    listed and not touched.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="regrades")
    status = models.CharField(max_length=8, choices=RegradeStatus.choices, default=RegradeStatus.RUNNING)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    listed = models.PositiveIntegerField(default=0)
    cursor = models.UUIDField(null=True)
    """The last unit that was looked at."""
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["rule_set"], condition=Q(status="running"), name="one_regrade_a_version_at_a_time"
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.rule_set_id} {self.asked_at:%Y-%m-%d}"


class RegradedUnit(models.Model):
    """A unit that the new rules grade otherwise: what it was, what it is or would be. Without a grading it was listed, for ``why``."""

    regrade = models.ForeignKey(Regrade, models.CASCADE, related_name="units")
    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    before = models.JSONField()
    """{grade, axes, books}: books by the code of their grade."""
    after = models.JSONField()
    grading = models.ForeignKey("triage.Grading", models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=12, blank=True)
    """Why it was only listed: decided, offered, agreed, appealed, second, awaited, coming, failed."""
    reason = models.CharField(max_length=300, blank=True)
    """Of one that failed, what was in the way."""

    class Meta:
        ordering: ClassVar[list[str]] = ["regrade", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["regrade", "device"], name="a_regrade_has_a_unit_once"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.before.get('grade')} to {self.after.get('grade')}"
