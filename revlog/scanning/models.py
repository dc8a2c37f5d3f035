"""What a person has in hand on a tablet, and the acts that came from there under a key of their own."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, User


class Hand(models.Model):
    """What lies open for one person at one tablet: the job, and what it is about (a session, a parcel, a bin to count).

    On the server and not in the browser's session: scans that waited for the net are played in order after a new sign-in, and find
    the same things open. Another person at the same tablet has a hand of their own.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="hands")
    tablet = models.CharField(max_length=64, blank=True)
    """The browser's own id of itself (`tablets.py`)."""
    open = models.JSONField(default=dict)
    recent = models.JSONField(default=list)
    """The lines at the foot of the page, newest first."""
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "tablet"], name="one_hand_a_tablet"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.person_id} {self.tablet}"


class Outcome(models.TextChoices):
    """What became of an act."""

    ACCEPTED = "accepted", _("done")
    REFUSED = "refused", _("refused at once")
    CONFLICT = "conflict", _("conflict")
    TOO_OLD = "too_old", _("too old to understand")
    HELD = "held", _("not taken")


class Settled(models.TextChoices):
    """How an act that couldn't be done came to its end."""

    AGAIN = "again", _("done again by the person")
    GIVEN_UP = "given_up", _("given up by the person")
    RESOLVED = "resolved", _("resolved by a lead")


OPEN = Q(outcome__in=[Outcome.CONFLICT, Outcome.TOO_OLD, Outcome.HELD], settled_at=None)


class ActQuerySet(models.QuerySet["Act"]):
    def visible_to(self, actor: Actor) -> ActQuerySet:
        """Those of the sites where the actor works."""
        return self.filter(hub__in=Hub.objects.worked_by(actor))

    def open(self) -> ActQuerySet:
        """What waits for somebody to say what becomes of it."""
        return self.filter(OPEN)


class Act(models.Model):
    """One act of a person on a tablet, done once however often it is sent: the row is written with what it did, or not at all.

    ``fields`` and files are kept where the act wasn't done, so that nothing is lost; of those that were done, the first answer is.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="acts")
    key = models.CharField(max_length=64)
    tablet = models.CharField(max_length=64)
    sequence = models.BigIntegerField()
    """Counted by the tablet for each person."""
    hub = models.ForeignKey(Hub, models.PROTECT, null=True, related_name="acts")
    form = models.CharField(max_length=40, blank=True)
    url = models.CharField(max_length=300)
    label = models.CharField(max_length=200, blank=True)
    """What the person did, as the tablet shows it: the code, or the words of the button."""
    told_at = models.DateTimeField()
    """By the tablet's own clock."""
    offset_ms = models.BigIntegerField(null=True)
    """By how much the server's clock was ahead when the tablet last measured it; unknown before it ever did."""
    made_at = models.DateTimeField()
    """When it happened: both together, never in the future, nor before what was done there before it."""
    taken_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    status = models.SmallIntegerField(default=0)
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    hand = models.JSONField(default=dict)
    """What lay in the person's hand after it, so that a photo can name it; before it, where it wasn't done, to do it again with."""
    fields = models.JSONField(default=dict)
    story = models.JSONField(default=dict)
    """``said``: why it wasn't done; ``about``: the thing in the hand; ``theirs`` {what, by, at}: what somebody else did meanwhile."""
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=80, blank=True)
    settled_how = models.CharField(max_length=10, blank=True, choices=Settled.choices)
    settled_why = models.CharField(max_length=300, blank=True)

    objects = ActQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "key"], name="one_act_a_key"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "tablet", "-sequence"], name="last_act_of_a_tablet"),
            models.Index(fields=["hub", "-taken_at"], name="acts_to_settle", condition=OPEN),
            models.Index(fields=["taken_at"], name="acts_by_age"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.tablet} {self.sequence}"


class ActFile(models.Model):
    """A photo of an act that wasn't done."""

    act = models.ForeignKey(Act, models.CASCADE, related_name="files")
    field = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=80)
    content = models.BinaryField()

    @override
    def __str__(self) -> str:
        return self.name
