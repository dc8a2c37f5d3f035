"""Trials: drafted rules tried on past cases, to see who would change and what it would cost before anybody publishes them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.terms.models import RuleSet


class TrialStatus(models.TextChoices):
    RUNNING = "running", _("running")
    STOPPED = "stopped", _("stopped")
    DONE = "done", _("done")


class TrialQuerySet(models.QuerySet["Trial"]):
    def visible_to(self, actor: Actor) -> TrialQuerySet:
        """The operator's people see all; who is drafting rules for others is nobody else's business."""
        return self if actor.is_operator else self.none()


class Trial(models.Model):
    """One run of a draft over past cases, against the rules that are in force for each.

    The work is done in portions, each in a transaction of its own that keeps how far it came (``cursor``) and the sums so far: a trial
    that was stopped, or whose worker died, goes on where it was. What a past case is depends on the kind of the rules (a line of an RMA, a
    score, a quote, a unit in stock); each is decided again on the facts kept with its decision. What was refused at once left no case, so
    a trial can't say of it.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="trials")
    seller = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="trials")
    """Whose cases; those of all sellers when null."""
    since = models.DateField()
    until = models.DateField()
    """Cases opened from a day to a day, both included."""
    status = models.CharField(max_length=8, choices=TrialStatus.choices, default=TrialStatus.RUNNING.value)
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)
    """Cases of which too little is known to decide them again."""
    changed = models.IntegerField(default=0)
    cursor = models.UUIDField(null=True, blank=True)
    """The last case that was looked at."""
    sums = models.JSONField(default=dict, blank=True)
    started_by = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = TrialQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-started_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="a_trial_has_a_period", condition=Q(until__gte=models.F("since"))),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.rule_set_id} {self.since} to {self.until}"


class TrialChange(models.Model):
    """One case that would have gone another way, as it is decided now and as it would be."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="changes")
    case = models.UUIDField()
    """What was decided: a line of an RMA, an RMA, a quote or a unit, by the kind of the rules."""
    change = models.CharField(max_length=8)
    """The gravest thing that changes: see the ``CHANGES`` of the kind in ``returns/policy/trying``."""
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering: ClassVar[list[str]] = ["trial", "case"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["trial", "case"], name="a_case_changes_once_a_trial"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["trial", "change", "case"], name="changes_of_a_trial"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.change} {self.case}"
