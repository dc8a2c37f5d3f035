"""Money to customers: the intent first, then the payment, then the posting, each exactly once."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.rma import RmaLine, RmaUnit
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.terms.models import Contact


class RefundStatus(models.TextChoices):
    PROPOSED = "proposed", _("waits for a second person")
    HELD = "held", _("held until somebody has looked")
    DUE = "due", _("being paid")
    PAID = "paid", _("paid")
    REJECTED = "rejected", _("rejected")
    FAILED = "failed", _("didn't arrive")


class RefundMethod(models.TextChoices):
    ORIGINAL = "original", _("the way it was paid")
    CREDIT = "credit", _("store credit")


class Refund(models.Model):
    """What a customer is to get for one unit, or for a line that needn't come back.

    It is written before any money moves, so that a worker that dies in the middle can go on.
    The row's id is the provider's idempotency key. One refund a unit (``one_refund_a_unit``), and where nothing comes back one a line:
    who accepts it twice meets this row.
    A refund that a person made, or changed, waits for another person (``PROPOSED``); one that the rules made is due at once.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    line = models.ForeignKey(RmaLine, models.PROTECT, related_name="refunds")
    unit = models.ForeignKey(RmaUnit, models.PROTECT, null=True, blank=True, related_name="refunds")
    method = models.CharField(max_length=10, choices=RefundMethod.choices, default=RefundMethod.ORIGINAL.value)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    deduction = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    why = models.CharField(max_length=300, blank=True)
    """Why something was deducted, as the customer reads it."""
    deductions = models.JSONField(default=list, blank=True)
    """Each deduction by itself: ``{"amount", "why", "rule"}``; together they are ``deduction``."""
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10, choices=RefundStatus.choices)
    supplement_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supplements")
    """The refund of which this is the rest, after an appeal was granted: the only way for a unit to have a second one."""
    proposed_by = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    """When its customer agreed to what was deducted; then there is nothing to appeal against."""
    provider = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    """What the provider calls the payment."""
    paid_at = models.DateTimeField(null=True, blank=True)
    attempt = models.SmallIntegerField(default=1)
    """Counts up when a person pays another way what didn't arrive."""
    why_failed = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["proposed_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["unit"], condition=~Q(status="rejected") & Q(supplement_to=None), name="one_refund_a_unit"
            ),
            models.UniqueConstraint(
                fields=["line"], condition=Q(unit=None) & ~Q(status="rejected"), name="one_refund_a_line_without_units"
            ),
            models.UniqueConstraint(
                fields=["supplement_to"], condition=~Q(status="rejected"), name="one_supplement_a_refund"
            ),
            models.CheckConstraint(name="a_refund_is_not_negative", condition=Q(amount__gte=0, deduction__gte=0)),
            models.CheckConstraint(
                name="a_paid_refund_has_a_reference", condition=~Q(status="paid") | ~Q(reference="")
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["status"], name="refunds_by_status")]

    @override
    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    @property
    def key(self) -> str:
        """The provider's idempotency key: one for each attempt, so that no payment is taken for another."""
        return str(self.pk) if self.attempt == 1 else f"{self.pk}:{self.attempt}"


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


class Payin(models.Model):
    """The other page of that book: what customers were asked for, and what of it came. One row an idempotency key, like ``Payout``."""

    key = models.CharField(max_length=80, primary_key=True)
    reference = models.CharField(max_length=80, unique=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    subject = models.CharField(max_length=60)
    hold = models.BooleanField(default=False)
    status = models.CharField(max_length=10, default="asked")
    """asked, held, paid or released."""
    taken = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    asked_at = models.DateTimeField()
    came_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-asked_at"]

    @override
    def __str__(self) -> str:
        return self.reference


class StoreCreditQuerySet(models.QuerySet["StoreCredit"]):
    def visible_to(self, actor: Actor) -> StoreCreditQuerySet:
        """The operator's people see all, a seller's people those that are spent with it; guests none by this way."""
        if actor.is_operator:
            return self
        if actor.organization_id is None:
            return self.none()
        return self.filter(seller_id=actor.organization_id)


class StoreCredit(models.Model):
    """Money that a customer may spend with one seller; its code is what they spend it by. ``balance`` is what is left of ``amount``."""

    id = models.UUIDField(primary_key=True, editable=False)
    code = models.CharField(max_length=24, unique=True)
    seller = models.ForeignKey(Organization, models.PROTECT, related_name="store_credits")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="store_credits")
    refund = models.OneToOneField(Refund, models.PROTECT, related_name="store_credit")
    """What it was given for."""
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    bonus = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    """How much of ``amount`` was given for taking credit and not money."""
    balance = models.DecimalField(max_digits=12, decimal_places=2)
    lapsed = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    """How much of ``amount`` was left when its day had passed; it is the seller's then."""
    currency = models.CharField(max_length=3)
    issued_at = models.DateTimeField()
    expires_on = models.DateField(null=True, blank=True)
    """The last day on which it can be spent, by the site's days; never over when empty."""

    objects = StoreCreditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-issued_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="a_credit_is_spent_once", condition=Q(balance__gte=0, balance__lte=models.F("amount"))
            ),
            models.CheckConstraint(
                name="what_lapsed_is_not_left",
                condition=Q(lapsed=0) | Q(lapsed__gt=0, balance=0, expires_on__isnull=False),
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.code


class CreditUse(models.Model):
    """A part of a store credit that was spent, once, under the key of who spent it."""

    id = models.UUIDField(primary_key=True, editable=False)
    credit = models.ForeignKey(StoreCredit, models.PROTECT, related_name="uses")
    key = models.CharField(max_length=80)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reference = models.CharField(max_length=60, blank=True)
    """The order that it was spent on."""
    used_by = models.CharField(max_length=80)
    used_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["used_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["credit", "key"], name="a_credit_is_used_once_a_key"),
            models.CheckConstraint(name="a_use_has_an_amount", condition=Q(amount__gt=0)),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.amount} of {self.credit_id}"


class ChargeFor(models.TextChoices):
    DIFFERENCE = "difference", _("price difference")
    DEPOSIT = "deposit", _("deposit")
    REPAIR = "repair", _("repair")


class ChargeStatus(models.TextChoices):
    ASKED = "asked", _("waits for the customer")
    HELD = "held", _("held")
    KEEPING = "keeping", _("being taken")
    RELEASING = "releasing", _("being given back")
    PAID = "paid", _("paid")
    RELEASED = "released", _("given back")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("no longer asked for")


PENDING = (ChargeStatus.ASKED, ChargeStatus.HELD, ChargeStatus.KEEPING, ChargeStatus.RELEASING)
"""While a charge is one of these, its line can't settle: money is unaccounted for."""


class Charge(models.Model):
    """Money that a customer is to give for one line: written before they are asked, so that it is asked, held and taken once.

    The row's id is the provider's idempotency key. A deposit is held first, and then taken (``PAID``) or given back (``RELEASED``);
    ``KEEPING`` and ``RELEASING`` say which was decided before the provider is told, so that whoever gets there next does the same.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    line = models.ForeignKey(RmaLine, models.PROTECT, related_name="charges")
    purpose = models.CharField(max_length=10, choices=ChargeFor.choices)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=10, choices=ChargeStatus.choices, default=ChargeStatus.ASKED.value)
    asked_at = models.DateTimeField()
    due_by = models.DateTimeField(null=True, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.CharField(max_length=80, blank=True)
    """Who says that it came, where no provider does."""
    kept = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """How much of a deposit is taken; the rest is given back."""
    why = models.CharField(max_length=300, blank=True)
    """Why it was taken, given back or no longer asked for, as the customer reads it."""

    class Meta:
        ordering: ClassVar[list[str]] = ["asked_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["line", "purpose"],
                condition=~Q(status__in=["failed", "cancelled"]),
                name="one_charge_a_line_and_purpose",
            ),
            models.CheckConstraint(name="a_charge_has_an_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="no_more_is_kept_than_was_held",
                condition=Q(kept=None) | Q(kept__gt=0, kept__lte=models.F("amount")),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["status"], name="charges_by_status")]

    @override
    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
