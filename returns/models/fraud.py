"""Returns that are looked at closely: what each was scored, what stands under review, and by what accounts are compared."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.rma import Rma
from revlog.accounts.actors import Actor
from revlog.terms.models import Contact


class ReviewStatus(models.TextChoices):
    WATCHED = "watched", _("nothing to look at")
    OPEN = "open", _("waits for a decision")
    CLEARED = "cleared", _("cleared")
    CONFIRMED = "confirmed", _("fraud confirmed")
    INSPECTED = "inspected", _("found to be as sold")
    LAPSED = "lapsed", _("paid by its legal date")
    ENDED = "ended", _("the return ended before")


class PersonKey(models.Model):
    """A keyed digest of something that accounts may share. Erasing the person deletes it; it can be read back into nothing.

    Made when a return is announced, so that nobody who never returned anything is compared with anybody.
    """

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8)
    """address, mailbox or payment."""
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contact", "kind", "digest"], name="a_person_has_a_key_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["digest"], name="persons_by_key")]

    @override
    def __str__(self) -> str:
        return f"{self.kind} of {self.contact_id}"


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, actor: Actor) -> ReviewQuerySet:
        """The operator's people who decide on it, and nobody else: neither customers nor partners read a score."""
        return self if actor.is_operator and actor.may("returns.fraud") else self.none()


class Review(models.Model):
    """Where an RMA stands with the risk that it was scored: the newest score, whether money is held for it, and what was decided.

    One row an RMA, locked after the RMA. ``held`` keeps money that would become due from becoming so (``RefundStatus.HELD``), and another
    thing from being sent; what was due before stays due. A hold ends in a decision, an inspection that found nothing, or on the day on
    which the law wants the money paid.
    """

    rma = models.OneToOneField(Rma, models.PROTECT, primary_key=True, related_name="review")
    points = models.SmallIntegerField(default=0)
    band = models.CharField(max_length=4, default="auto")
    version = models.IntegerField(default=0)
    """Of the rules by which it was scored last."""
    status = models.CharField(max_length=10, choices=ReviewStatus.choices, default=ReviewStatus.WATCHED)
    held = models.BooleanField(default=False)
    opened_at = models.DateTimeField(null=True, blank=True)
    """When it began to wait for a decision; again when it was opened again."""
    decide_by = models.DateTimeField(null=True, blank=True)
    """By when the customer was told that they hear from us."""
    pay_by = models.DateTimeField(null=True, blank=True)
    """The end of the day on which the law wants a withdrawal paid back; null where it wants none, or none yet."""
    asked_at = models.DateTimeField(null=True, blank=True)
    """When the customer was asked for more."""
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_why = models.CharField(max_length=300, blank=True)
    object_by = models.DateTimeField(null=True, blank=True)
    """Until when the customer may object to what was decided."""
    objected_at = models.DateTimeField(null=True, blank=True)
    before = models.CharField(max_length=80, blank=True)
    """Who decided it the first time: after an objection somebody else does."""
    was_held = models.BooleanField(default=False)
    """Whether money was ever held for it; for the share of those that were cleared."""
    inputs = models.JSONField(default=dict, blank=True)
    """The newest facts that the rules compared, also where they changed no signal; none of them names a person."""

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="a_risk_score_is_0_to_100", condition=Q(points__gte=0, points__lte=100)),
            models.CheckConstraint(
                name="money_is_held_only_while_somebody_looks", condition=Q(held=False) | Q(status="open")
            ),
            models.CheckConstraint(
                name="an_open_review_has_a_date", condition=~Q(status="open") | Q(decide_by__isnull=False)
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["decide_by"], name="reviews_open", condition=Q(status="open")),
            models.Index(fields=["status", "decided_at"], name="reviews_by_status", condition=~Q(status="watched")),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.rma_id}: {self.points}"

    @property
    def is_objected(self) -> bool:
        """Whether it is open because its customer objected: what was denied stays so until somebody has decided."""
        return self.status == ReviewStatus.OPEN and self.objected_at is not None and self.objected_at == self.opened_at


class Assessment(models.Model):
    """One score of an RMA: by which rules, from which numbers, and each signal with what it counted. Never changed."""

    rma = models.ForeignKey(Rma, models.PROTECT, related_name="assessments")
    number = models.SmallIntegerField()
    points = models.SmallIntegerField()
    band = models.CharField(max_length=4)
    version = models.IntegerField()
    signals = models.JSONField(default=list)
    """``{"code", "points", "counted", "group", "why", "facts"}``; what they count adds up to ``points``."""
    cause = models.CharField(max_length=60)
    """The kind of fact after which it was made."""
    made_at = models.DateTimeField()
    inputs = models.JSONField(default=dict, blank=True)
    """All the facts that the rules compared, also those of signals that didn't fire; none of them names a person."""

    class Meta:
        ordering: ClassVar[list[str]] = ["rma", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["rma", "number"], name="assessments_are_numbered"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.rma_id} {self.number}: {self.points}"
