"""What is talked over with a customer about a unit: offers they answer, appeals that we answer, and the messages between."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.money import Refund
from returns.models.rma import Rma, RmaUnit
from revlog.devices.models import Hold


class OfferKind(models.TextChoices):
    REPAIR = "repair", _("repair quote")
    REDUCTION = "reduction", _("less money")
    INSTEAD = "instead", _("instead of a repair")


class OfferStatus(models.TextChoices):
    OPEN = "open", _("waits for the customer")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    LAPSED = "lapsed", _("not answered in time")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Offer(models.Model):
    """Something that the customer is asked for one unit, with a day until when; while it is open, the unit waits under a hold.

    ``amount`` is what a repair costs the customer, or what they get when they take less, or money where a repair can't be had.
    ``lines`` say what it is made of, each ``{"what", "amount", "rule"}``. ``path`` is what the customer chose: send_back, give_up or
    appeal when they declined, refund or exchange instead of a repair.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    unit = models.ForeignKey(RmaUnit, models.PROTECT, related_name="offers")
    kind = models.CharField(max_length=10, choices=OfferKind.choices)
    amount = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    currency = models.CharField(max_length=3)
    lines = models.JSONField(default=list, blank=True)
    words = models.CharField(max_length=1000, blank=True)
    """What we write beside it."""
    status = models.CharField(max_length=10, choices=OfferStatus.choices, default=OfferStatus.OPEN.value)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.CharField(max_length=80, blank=True)
    path = models.CharField(max_length=12, blank=True)
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["made_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["unit"], condition=Q(status="open"), name="one_open_offer_a_unit"),
            models.CheckConstraint(name="an_offer_is_not_negative", condition=Q(amount__gte=0)),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["answer_by"], name="open_offers", condition=Q(status="open")),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"


class AppealStatus(models.TextChoices):
    OPEN = "open", _("being looked at again")
    CHANGED = "changed", _("decided anew")
    UPHELD = "upheld", _("stays as it was")
    WITHDRAWN = "withdrawn", _("withdrawn by the customer")


class Appeal(models.Model):
    """A customer doesn't agree with what we found: another inspector looks again, by a day that is promised."""

    id = models.UUIDField(primary_key=True, editable=False)
    unit = models.ForeignKey(RmaUnit, models.PROTECT, related_name="appeals")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="appeals")
    words = models.CharField(max_length=2000, blank=True)
    """The customer's own words: personal, so never on the chain."""
    status = models.CharField(max_length=10, choices=AppealStatus.choices, default=AppealStatus.OPEN.value)
    opened_at = models.DateTimeField()
    decide_by = models.DateTimeField()
    inspectors = models.JSONField(default=list, blank=True)
    """Who looked at it before, and so may not decide it."""
    grade_before = models.CharField(max_length=3, blank=True)
    grade_after = models.CharField(max_length=3, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=1000, blank=True)
    """What we answered, as the customer reads it."""
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["opened_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["unit"], condition=Q(status="open"), name="one_open_appeal_a_unit"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["decide_by"], name="open_appeals", condition=Q(status="open")),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.unit_id} {self.status}"


class CaseMessage(models.Model):
    """One message between a customer and the returns desk, about one RMA. Its text is personal, so the chain knows its id alone."""

    id = models.UUIDField(primary_key=True, editable=False)
    rma = models.ForeignKey(Rma, models.PROTECT, related_name="case_messages")
    by_customer = models.BooleanField()
    written_by = models.CharField(max_length=80)
    text = models.CharField(max_length=4000)
    written_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    """When the other side saw it."""

    class Meta:
        ordering: ClassVar[list[str]] = ["written_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["written_at"], name="unread_case_messages", condition=Q(read_at=None, by_customer=True)
            ),
        ]

    @override
    def __str__(self) -> str:
        return str(self.id)
