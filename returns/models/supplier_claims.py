"""Claims to suppliers: what we want of a maker or vendor for a unit under warranty, and what came of it."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.devices.models import Device, Visit
from revlog.evidence.models import Attachment
from revlog.terms.models import Warranty


class ClaimAsks(models.TextChoices):
    REPAIR_COST = "repair_cost", _("the cost of our repair")
    REPLACEMENT = "replacement", _("a replacement")
    CREDIT = "credit", _("a credit")


class ClaimStatus(models.TextChoices):
    DRAFT = "draft", _("being prepared")
    SENT = "sent", _("waits for the supplier")
    GRANTED = "granted", _("granted")
    PARTLY = "partly", _("granted in part")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ClaimQuerySet(models.QuerySet["SupplierClaim"]):
    def visible_to(self, actor: Actor) -> ClaimQuerySet:
        """The operator's people see all, a supplier's people those to them; nobody else any."""
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(supplier_id=actor.organization_id).exclude(status=ClaimStatus.DRAFT)


class SupplierClaim(FSMModelMixin, models.Model):
    """What is claimed of one supplier for one unit. Its facts stand on the unit's chain; its number is what letters name.

    When it is sent, the amount stands in the book of whose the unit is; what isn't granted in the end is written off there, once.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    device = models.ForeignKey(Device, models.PROTECT, related_name="supplier_claims")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="supplier_claims")
    supplier = models.ForeignKey(Organization, models.PROTECT, related_name="supplier_claims")
    warranty = models.ForeignKey(Warranty, models.PROTECT, null=True, blank=True, related_name="claims")
    asks = models.CharField(max_length=12, choices=ClaimAsks.choices)
    defect = models.CharField(max_length=500)
    """What is wrong, as the supplier reads it."""
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    """What it is worth; of a replacement, the worth of the thing."""
    granted = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    status = FSMField(max_length=10, choices=ClaimStatus.choices, default=ClaimStatus.DRAFT.value, protected=True)
    theirs = models.CharField(max_length=60, blank=True)
    """The supplier's number of it."""
    evidence = models.ManyToManyField(Attachment, related_name="+", blank=True)
    drafted_by = models.CharField(max_length=80)
    drafted_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.CharField(max_length=80, blank=True)
    answer_by = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    """Who wrote the answer down."""
    answer = models.CharField(max_length=500, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-drafted_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="a_claim_has_an_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="no_more_is_granted_than_claimed",
                condition=Q(granted=None) | (Q(granted__gte=0) & Q(granted__lte=F("amount"))),
            ),
            models.UniqueConstraint(
                fields=["device", "supplier", "visit"],
                condition=Q(status__in=["draft", "sent"]),
                name="one_open_claim_a_visit",
                nulls_distinct=False,
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["answer_by"], name="claims_waiting", condition=Q(status="sent"))
        ]

    @override
    def __str__(self) -> str:
        return self.number

    @property
    def refused_amount(self) -> Decimal:
        return self.amount - (self.granted or Decimal(0))

    @transition(field=status, source=ClaimStatus.DRAFT.value, target=ClaimStatus.SENT.value)
    def send(self) -> None:
        """The supplier has it."""

    @transition(field=status, source=ClaimStatus.SENT.value, target=ClaimStatus.GRANTED.value)
    def grant(self) -> None:
        """All of it."""

    @transition(field=status, source=ClaimStatus.SENT.value, target=ClaimStatus.PARTLY.value)
    def grant_part(self) -> None:
        """Some of it."""

    @transition(field=status, source=ClaimStatus.SENT.value, target=ClaimStatus.REFUSED.value)
    def refuse(self) -> None:
        """Nothing of it."""

    @transition(
        field=status, source=[ClaimStatus.DRAFT.value, ClaimStatus.SENT.value], target=ClaimStatus.WITHDRAWN.value
    )
    def withdraw(self) -> None:
        """We don't claim it after all."""
