"""Who works when: teams, shifts, and what one shift handed to the next."""

from __future__ import annotations

import uuid
from typing import ClassVar, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, User

M = TypeVar("M", bound=models.Model)


class AtAHub(models.QuerySet[M]):
    """Rows of a site: those who work there see them."""

    def visible_to(self, actor: Actor) -> AtAHub[M]:
        return self.filter(hub__in=Hub.objects.worked_by(actor))


class Team(models.Model):
    """Some people of a site whose work is counted together, so that nobody's own figure is shown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="teams")
    name = models.CharField(max_length=60)
    active = models.BooleanField(default=True)

    objects = AtAHub.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hub", "name"], name="one_team_a_name"),
        ]

    @override
    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """A person is in one team of a site."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="members")
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hub", "user"], name="one_team_a_person"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class Shift(models.Model):
    """A part of the working day at a site, in its own time. One that ends before it begins goes on past midnight."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="shifts")
    name = models.CharField(max_length=40)
    begins = models.TimeField()
    ends = models.TimeField()
    active = models.BooleanField(default=True)

    objects = AtAHub.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["begins"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hub", "name"], name="one_shift_a_name"),
            models.CheckConstraint(name="a_shift_takes_some_time", condition=~Q(begins=F("ends"))),
        ]

    @override
    def __str__(self) -> str:
        return self.name


class HandOverState(models.TextChoices):
    GIVEN = "given", _("handed over")
    TAKEN = "taken", _("taken over")


class HandOver(models.Model):
    """What the lead of one shift told the next: what was open then, kept as it read, notes, and the points to look after.

    Its id is its chain's. Who leaves signs by handing over, who comes by taking over; they are two people.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    hub = models.ForeignKey(Hub, models.PROTECT, related_name="hand_overs")
    shift = models.CharField(max_length=40)
    day = models.DateField()
    """The day on which the shift began, at the site."""
    state = models.CharField(max_length=6, choices=HandOverState.choices, default=HandOverState.GIVEN.value)
    open = models.JSONField(default=list)
    """What was open: ``[{code, label, count, alarms, rows: [{text, since, url}]}]``."""
    notes = models.TextField(blank=True)
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    remark = models.CharField(max_length=300, blank=True)
    """What the one who took over had to say about it."""

    objects = AtAHub.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-given_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hub", "shift", "day"], name="a_shift_is_handed_over_once"),
            models.CheckConstraint(
                name="nobody_takes_over_from_themselves", condition=Q(taken_by=None) | ~Q(taken_by=F("given_by"))
            ),
            models.CheckConstraint(
                name="what_is_taken_over_says_by_whom",
                condition=Q(state="given", taken_by=None, taken_at=None)
                | Q(state="taken", taken_by__isnull=False, taken_at__isnull=False),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["hub", "given_at"], name="hand_overs_of_a_hub")]

    @override
    def __str__(self) -> str:
        return self.number


class Point(models.Model):
    """One thing that the next shift is asked to look after; somebody ticks it off."""

    hand_over = models.ForeignKey(HandOver, models.CASCADE, related_name="points")
    position = models.SmallIntegerField()
    text = models.CharField(max_length=200)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["hand_over", "position"], name="points_are_numbered"),
            models.CheckConstraint(
                name="what_is_ticked_says_by_whom",
                condition=Q(done_by=None, done_at=None) | Q(done_by__isnull=False, done_at__isnull=False),
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.text
