"""Support cases: somebody asked, and what came of it."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.rma import Rma
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.terms.models import Contact, Order, OrderLine


class Channel(models.TextChoices):
    CALL = "call", _("call")
    MAIL = "mail", _("mail")
    CHAT = "chat", _("chat")
    COUNTER = "counter", _("at the counter")


class Result(models.TextChoices):
    FIXED = "fixed", _("fixed, nothing comes back")
    RMA_OPENED = "rma_opened", _("return announced")
    INFORMATION = "information", _("told what they asked")
    DECLINED = "declined", _("refused")


class SupportCaseQuerySet(models.QuerySet["SupportCase"]):
    def visible_to(self, actor: Actor) -> SupportCaseQuerySet:
        """The operator's people see all, others the cases of whom they stand for; guests none."""
        if actor.is_operator:
            return self
        return self.filter(seller_id__in=actor.stands_for) if actor.stands_for else self.none()


class SupportCase(models.Model):
    """One talk with one customer, from when it is opened until it is closed with a result. Its id is its chain's.

    What was said (``CaseNote``) is personal, so the chain knows nothing of it; it goes when the customer is erased. ``desk`` is whose
    people did the work: their minutes are the operator's cost or the seller's.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    seller = models.ForeignKey(Organization, models.PROTECT, related_name="support_cases")
    desk = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="support_cases")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="support_cases")
    line = models.ForeignKey(OrderLine, models.PROTECT, null=True, blank=True, related_name="support_cases")
    """The thing that it is about, where it is about one."""
    rma = models.ForeignKey(Rma, models.PROTECT, null=True, blank=True, related_name="support_cases")
    """The return that it is about, or that came of it."""
    channel = models.CharField(max_length=8, choices=Channel.choices)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    walk = models.JSONField(default=dict, blank=True)
    """How far troubleshooting went: ``{"tree", "version", "organization", "reason", "answers": [...]}``; empty before."""
    result = models.CharField(max_length=12, choices=Result.choices, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    measured = models.IntegerField(null=True, blank=True)
    """Minutes from open to close, at most as many as the figures say."""
    minutes = models.IntegerField(null=True, blank=True)
    """What is reckoned with: the measured ones, or what a person said instead, and ``minutes_why``."""
    minutes_why = models.CharField(max_length=300, blank=True)
    cost = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    currency = models.CharField(max_length=3, blank=True)

    objects = SupportCaseQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-opened_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="a_closed_case_has_a_result",
                condition=Q(closed_at=None, result="") | (Q(closed_at__isnull=False, minutes__gte=0) & ~Q(result="")),
            ),
            models.CheckConstraint(
                name="other_minutes_have_a_reason",
                condition=Q(minutes=None) | Q(minutes=models.F("measured")) | ~Q(minutes_why=""),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["opened_at"], name="open_support_cases", condition=Q(closed_at=None)),
            models.Index(fields=["closed_at"], name="closed_support_cases", condition=Q(closed_at__isnull=False)),
        ]

    @override
    def __str__(self) -> str:
        return self.number

    @property
    def charged(self) -> Decimal | None:
        """What it cost, once it is closed."""
        return None if self.is_open else self.cost

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class CaseNote(models.Model):
    """What somebody wrote down of a case: personal, and gone (empty) when the customer is erased."""

    id = models.UUIDField(primary_key=True, editable=False)
    case = models.ForeignKey(SupportCase, models.PROTECT, related_name="notes")
    text = models.CharField(max_length=4000, blank=True)
    written_by = models.CharField(max_length=80)
    written_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["written_at", "id"]

    @override
    def __str__(self) -> str:
        return str(self.id)


class TriedFirst(models.Model):
    """What a customer tried in the portal for a thing before it was announced: the desk goes on from there. The newest try of a line.

    Answers of a tree, by the version that was walked; nothing of the person.
    """

    line = models.OneToOneField(OrderLine, models.CASCADE, primary_key=True, related_name="tried_first")
    reason = models.CharField(max_length=40)
    tree = models.CharField(max_length=80)
    version = models.IntegerField()
    organization = models.UUIDField(null=True, blank=True)
    """Whose trees they were; everybody's when null."""
    answers = models.JSONField(default=list)
    end = models.CharField(max_length=20, blank=True)
    skipped = models.BooleanField(default=False)
    """Whether the customer went past what was left of it."""
    tried_at = models.DateTimeField()

    @override
    def __str__(self) -> str:
        return f"{self.line_id}: {self.tree}"
