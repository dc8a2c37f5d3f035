"""What comes after a return: how its money was shared out, what its customer thinks, and whether they buy again."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.rma import Rma
from revlog.accounts.actors import Actor
from revlog.terms.models import Order


class MoneyState(models.TextChoices):
    """Where the money of a return is, at the moment at which its customer asks."""

    NONE = "none", _("there is none to be paid")
    NOT_DUE = "not_due", _("not due yet")
    WAITS = "waits", _("waits for a second person")
    DUE = "due", _("being paid")
    FAILED = "failed", _("didn't arrive")
    CREDIT = "credit", _("given as store credit")
    PAID = "paid", _("paid")


class AskedBy(models.TextChoices):
    PORTAL = "portal", _("on the status page")
    MESSAGE = "message", _("by a message")
    CASE = "case", _("at the support desk")


class AfterReturnQuerySet(models.QuerySet["AfterReturn"]):
    def visible_to(self, actor: Actor) -> AfterReturnQuerySet:
        return self.filter(rma__in=Rma.objects.visible_to(actor).values("pk"))


class AfterReturn(models.Model):
    """One row for each return that was settled and closed; the sums are in the install's currency.

    ``refunded`` went back as money, ``credited`` stayed as store credit, ``exchanged`` went into another thing, ``deducted`` was kept by
    rule or decision. What the customer wrote with their answer stands with the messages, not here.
    """

    rma = models.OneToOneField(Rma, models.PROTECT, primary_key=True, related_name="after")
    closed_at = models.DateTimeField()
    outcome = models.CharField(max_length=14)
    """What its dearest line was settled as."""
    reason = models.CharField(max_length=20)
    refunded = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    credited = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    exchanged = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    deducted = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    asked_at = models.DateTimeField(null=True, blank=True)
    """When the customer was mailed the question."""
    score = models.SmallIntegerField(null=True, blank=True)
    """1 to 5, as the customer says; 5 is best."""
    answered_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    again = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="+")
    """The first order that the same customer placed with the same seller afterwards."""
    again_days = models.SmallIntegerField(null=True, blank=True)

    objects = AfterReturnQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-closed_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="a_score_is_one_to_five", condition=Q(score=None) | Q(score__range=(1, 5))),
            models.CheckConstraint(name="a_score_has_its_day", condition=Q(score=None) | Q(answered_at__isnull=False)),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["closed_at"], name="after_returns_by_end")]

    @override
    def __str__(self) -> str:
        return f"{self.rma_id} {self.score}"


class RefundQuestion(models.Model):
    """A customer asked where their refund is: once for a message or case, with where the money was at that moment."""

    id = models.UUIDField(primary_key=True, editable=False)
    """That of the message or the support case."""
    rma = models.ForeignKey(Rma, models.PROTECT, related_name="refund_questions")
    asked_by = models.CharField(max_length=8, choices=AskedBy.choices)
    money = models.CharField(max_length=8, choices=MoneyState.choices)
    noted_by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["at"], name="refund_questions_by_time")]

    @override
    def __str__(self) -> str:
        return f"{self.rma_id} {self.money}"
