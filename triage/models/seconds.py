"""Second looks at units that were drawn for one, and the alarms when people agree less than they should."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.devices.models import Device, Visit


class SecondStatus(models.TextChoices):
    WAITING = "waiting", _("waits for a second look")
    DONE = "done", _("looked at twice")
    APART = "apart", _("the two looks are far apart")
    SETTLED = "settled", _("settled by a lead")
    LAPSED = "lapsed", _("lapsed without a second look")


COMPARED = (SecondStatus.DONE, SecondStatus.APART, SecondStatus.SETTLED)
"""Those of which there are two words to compare."""
OPEN = (SecondStatus.WAITING, SecondStatus.APART)
"""Those for which the unit waits."""


class SecondLookQuerySet(models.QuerySet["SecondLook"]):
    def visible_to(self, actor: Actor) -> SecondLookQuerySet:
        """The operator's own people, those of their sites."""
        if not actor.is_operator:
            return self.none()
        return self.filter(hub_id__in=actor.hubs) if actor.hubs else self


class SecondLook(models.Model):
    """A unit that was drawn: what the first said, and what somebody else said who didn't know it.

    Both grades are reckoned when the second look is kept, by the same rubric on the same reports, each on one person's findings alone.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    device = models.ForeignKey(Device, models.PROTECT, related_name="second_looks")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")
    hub_id = models.UUIDField(null=True, blank=True)
    device_class = models.CharField(max_length=20)
    status = models.CharField(max_length=8, choices=SecondStatus.choices, default=SecondStatus.WAITING)
    rules = models.CharField(max_length=60)
    """The version of the rules by which it was drawn."""
    why = models.CharField(max_length=8)
    """share: by its class's share; least: since the inspector's week lacked."""
    share = models.DecimalField(max_digits=9, decimal_places=8)
    number = models.DecimalField(max_digits=9, decimal_places=8)
    """The number that fell below ``share``."""
    drawn_at = models.DateTimeField()
    until = models.DateTimeField()
    first = models.ForeignKey("triage.Inspection", models.PROTECT, related_name="+")
    first_by = models.CharField(max_length=80)
    first_grade = models.CharField(max_length=3, blank=True)
    first_axes = models.JSONField(default=dict)
    second = models.ForeignKey("triage.Inspection", models.PROTECT, null=True, related_name="+")
    second_by = models.CharField(max_length=80, blank=True)
    second_at = models.DateTimeField(null=True, blank=True)
    second_grade = models.CharField(max_length=3, blank=True)
    second_axes = models.JSONField(default=dict)
    steps = models.PositiveSmallIntegerField(null=True, blank=True)
    """How many letters lie between the two."""
    lapsed_at = models.DateTimeField(null=True, blank=True)
    counts = models.CharField(max_length=8, blank=True)
    """Whose word counts after a lead settled it: first, second, both."""
    reason = models.CharField(max_length=300, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = SecondLookQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-drawn_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["device", "visit"], name="a_stay_is_drawn_once", nulls_distinct=False),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["until"], condition=Q(status__in=["waiting", "apart"]), name="open_second_looks"),
            models.Index(fields=["second_at"], name="second_looks_by_time"),
            models.Index(fields=["first_by", "drawn_at"], name="drawn_of_an_inspector"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.device_id} {self.status}"

    @property
    def firsts(self) -> list[str]:
        """Everybody who tapped in the first look: none of them makes the second."""
        return sorted({self.first_by, *self.first.hands})

    @property
    def seconds(self) -> list[str]:
        return sorted({self.second_by, *(self.second.hands if self.second is not None else ())} - {""})


class AgreementAlarm(models.Model):
    """A class or an inspector whose second looks agree too little, from when it was noticed until it was well again."""

    id = models.UUIDField(primary_key=True, editable=False)
    scope = models.CharField(max_length=8)
    """class or person."""
    key = models.CharField(max_length=80)
    """The class's code, or the inspector's reference."""
    why = models.CharField(max_length=8)
    """floor: below what the rules ask for; fell: fewer agree than in the window before."""
    classes = models.JSONField(default=list)
    """The classes that its second looks were of: what is said of a person to who may not see figures of persons."""
    hubs = ArrayField(models.UUIDField(), default=list, blank=True)
    """The sites where those units were."""
    n = models.PositiveIntegerField()
    kappa = models.DecimalField(max_digits=5, decimal_places=3, null=True)
    same = models.PositiveIntegerField()
    n_before = models.PositiveIntegerField(default=0)
    same_before = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-opened_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["scope", "key"], condition=Q(ended_at=None), name="an_alarm_of_agreement_is_open_once"
            ),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
