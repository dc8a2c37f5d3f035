"""Money to customers: the intent first, then the payment, then the posting, each exactly once."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.rma import RmaLine, RmaUnit


class RefundStatus(models.TextChoices):
    PROPOSED = "proposed", _("waits for a second person")
    DUE = "due", _("being paid")
    PAID = "paid", _("paid")
    REJECTED = "rejected", _("rejected")


class Refund(models.Model):
    """What a customer is to get for one unit: written before any money moves, so that a worker that dies in the middle can go on.

    The row's id is the provider's idempotency key. One refund a unit (``one_refund_a_unit``): who accepts it twice meets this row.
    A refund that a person made, or changed, waits for another person (``PROPOSED``); one that the rules made is due at once.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    line = models.ForeignKey(RmaLine, models.PROTECT, related_name="refunds")
    unit = models.ForeignKey(RmaUnit, models.PROTECT, related_name="refunds")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    deduction = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    why = models.CharField(max_length=300, blank=True)
    """Why something was deducted, as the customer reads it."""
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10, choices=RefundStatus.choices)
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    """What the provider calls the payment."""
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["proposed_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["unit"], condition=~Q(status="rejected"), name="one_refund_a_unit"),
            models.CheckConstraint(name="a_refund_is_not_negative", condition=Q(amount__gte=0, deduction__gte=0)),
            models.CheckConstraint(
                name="a_paid_refund_has_a_reference", condition=~Q(status="paid") | ~Q(reference="")
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["status"], name="refunds_by_status")]

    @override
    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Payout(models.Model):
    """The book of the provider that is built in: what it would have paid by card or bank. One row an idempotency key, whatever happens.

    It stands where a payment provider's own records would: nothing but the provider in ``returns/payments/manual.py`` reads or writes it.
    """

    key = models.CharField(max_length=80, primary_key=True)
    reference = models.CharField(max_length=80, unique=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    subject = models.CharField(max_length=60)
    paid_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-paid_at"]

    @override
    def __str__(self) -> str:
        return self.reference
