"""Wiping: attempts at a medium, what was left over of logs, supervised exceptions, owners' policies."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.devices.models import Device, Location, Medium, Visit


class JobState(models.TextChoices):
    REQUIRED = "required", _("to do")
    BEGUN = "begun", _("begun")
    RECORDED = "recorded", _("to verify")
    VERIFIED = "verified", _("verified")
    FAILED = "failed", _("failed")
    ESCALATED = "escalated", _("escalated")
    WITHDRAWN = "withdrawn", _("not needed any more")


OPEN = (JobState.REQUIRED, JobState.BEGUN, JobState.RECORDED)


class PolicyChoice(models.Model):
    """Which policy an owner chose, when, and why. The newest one counts; none is ever changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="sanitization_policies")
    policy = models.CharField(max_length=60)
    reason = models.CharField(max_length=300)
    chosen_by = models.CharField(max_length=80)
    chosen_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-chosen_at", "-id"]

    @override
    def __str__(self) -> str:
        return f"{self.owner_id} {self.policy}"


class JobQuerySet(models.QuerySet["SanitizationJob"]):
    def visible_to(self, actor: Actor) -> JobQuerySet:
        return self.filter(device__in=Device.objects.visible_to(actor))

    def open(self) -> JobQuerySet:
        return self.filter(state__in=OPEN)


class SanitizationJob(FSMModelMixin, models.Model):
    """One attempt to bring one medium to a level: what was needed, what was done with what, by whom, and how it ended.

    An attempt that failed stays as it is: trying again, or escalating to the next level, makes another row that names it in
    ``previous``, so that a certificate can cite the attempt that succeeded and list those before it. ``required`` may rise from one
    attempt to the next and never falls. The unit's chain carries the facts; a job has no chain of its own.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="sanitization_jobs")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="sanitization_jobs")
    medium = models.ForeignKey(Medium, models.PROTECT, null=True, blank=True, related_name="sanitization_jobs")
    """None where a unit without storage is destroyed as a whole."""
    attempt = models.SmallIntegerField(default=1)
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    state = FSMField(max_length=10, choices=JobState.choices, default=JobState.REQUIRED.value, protected=True)
    required = models.CharField(max_length=10)
    """clear, purge or destroy."""
    policy = models.CharField(max_length=60)
    own_choice = models.BooleanField(default=False)
    """Whether the owner chose the policy; else it is the house's."""
    technique = models.CharField(max_length=20, blank=True)
    achieved = models.CharField(max_length=10, blank=True)
    tool = models.CharField(max_length=60, blank=True)
    tool_version = models.CharField(max_length=40, blank=True)
    method = models.CharField(max_length=120, blank=True)
    verification = models.CharField(max_length=20, blank=True)
    """As on certificates: full_read_back, last_pass_read_back, tool_log, inspection, none."""
    report = models.CharField(max_length=64, blank=True)
    """Digest of the tool's report that proves it."""
    report_key = models.CharField(max_length=140, blank=True)
    """Which erasure of that report: digest, device and serial. One erasure proves one medium, once."""
    evidence = models.JSONField(default=dict, blank=True)
    """The erasure as the report has it, or what was recorded of a destruction."""
    photos = models.JSONField(default=list, blank=True)
    """``{digest, caption, taken_at}`` of each photo kept as proof."""
    bytes_total = models.BigIntegerField(null=True, blank=True)
    bytes_erased = models.BigIntegerField(null=True, blank=True)
    grams = models.BigIntegerField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    reasons = models.JSONField(default=list, blank=True)
    """Why it failed: sentences."""
    operator = models.CharField(max_length=80, blank=True)
    verified_by = models.CharField(max_length=80, blank=True)
    required_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["required_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["medium"], condition=Q(state__in=[s.value for s in OPEN]), name="one_open_attempt_a_medium"
            ),
            models.UniqueConstraint(
                fields=["report_key"], condition=~Q(report_key=""), name="an_erasure_proves_one_medium_once"
            ),
            models.CheckConstraint(
                name="nobody_verifies_an_own_wipe",
                condition=~Q(state="verified") | (~Q(verified_by="") & ~Q(verified_by=models.F("operator"))),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["device", "required_at"], name="attempts_on_a_unit"),
            models.Index(fields=["state", "recorded_at"], name="attempts_by_state"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.medium_id} attempt {self.attempt}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @transition(field=state, source=JobState.REQUIRED, target=JobState.BEGUN)
    def begin(self) -> None:
        """Somebody has it in hand."""

    @transition(field=state, source=JobState.BEGUN, target=JobState.RECORDED)
    def record(self) -> None:
        """The outcome is known and looks well; a second person has to agree."""

    @transition(field=state, source=JobState.RECORDED, target=JobState.VERIFIED)
    def verify(self) -> None:
        """A second person agreed."""

    @transition(field=state, source=[JobState.REQUIRED, JobState.BEGUN, JobState.RECORDED], target=JobState.FAILED)
    def fail(self) -> None:
        """It didn't reach what was needed."""

    @transition(field=state, source=JobState.FAILED, target=JobState.ESCALATED)
    def escalate(self) -> None:
        """Another attempt, at a higher level, takes over."""

    @transition(field=state, source=[JobState.REQUIRED, JobState.BEGUN], target=JobState.WITHDRAWN)
    def withdraw(self) -> None:
        """The medium was taken out, or the unit has left: there is nothing to do here any more."""


class SetAside(models.Model):
    """An erasure in a log that proves nothing for a unit, and why: kept, shown, and settled by a person. Never matched by guessing."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="erasures_set_aside")
    report = models.CharField(max_length=64)
    key = models.CharField(max_length=200, unique=True)
    erasure = models.JSONField(default=dict)
    code = models.CharField(max_length=40)
    reasons = models.JSONField(default=list)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)
    settled_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["at"]

    @override
    def __str__(self) -> str:
        return f"{self.code} {self.report[:12]}"


class ExceptionKind(models.TextChoices):
    REPAIR = "repair_to_erase", _("repair to erase")
    REMOVE = "remove_medium", _("remove the medium")
    HARVEST = "harvest_under_control", _("harvest under control")


class SupervisedException(models.Model):
    """Work on a unit whose data can't be wiped as it is: one of three kinds, in the secured zone, asked for by one, allowed by another."""

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="supervised_exceptions")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")
    medium = models.ForeignKey(Medium, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=24, choices=ExceptionKind.choices)
    reason = models.CharField(max_length=300)
    place = models.ForeignKey(Location, models.PROTECT, related_name="+")
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    allowed = models.BooleanField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["requested_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(done_at=None) & ~Q(allowed=False), name="one_open_exception_a_unit"
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.device_id}"

    @property
    def is_waiting(self) -> bool:
        return self.allowed is None


def plain_photo(*, digest: str, caption: str, taken_at: str) -> dict[str, Any]:
    """A photo as a job keeps it."""
    return {"digest": digest, "caption": caption, "taken_at": taken_at}
