"""Carriers' bills: each line matched to what travelled, paid or disputed, approved by another person."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from revlog.accounts.actors import Actor
from revlog.evidence.models import Artifact
from revlog.logistics.models.carriage import Accrual
from revlog.logistics.models.contracts import Contract
from revlog.logistics.models.travel import Carrier, Parcel


class BillStatus(models.TextChoices):
    DRAFT = "draft", _("to be read")
    OPEN = "open", _("to be decided")
    APPROVED = "approved", _("approved")
    VOID = "void", _("put aside")


class BillState(models.TextChoices):
    MATCHED = "matched", _("as expected")
    OVER_RATE = "over_rate", _("above the contract")
    UNKNOWN = "unknown", _("unknown shipment")
    TWICE = "twice", _("billed twice")
    WEIGHT = "weight", _("weight differs")
    SURCHARGE = "surcharge", _("charge not in the contract")


class Decision(models.TextChoices):
    PAY = "pay", _("to be paid")
    DISPUTE = "dispute", _("disputed")


class BillQuerySet(models.QuerySet["Bill"]):
    def visible_to(self, actor: Actor) -> BillQuerySet:
        if not actor.is_operator or not actor.may("money.view"):
            return self.none()
        return self.filter(contract__in=Contract.objects.visible_to(actor))


class BillColumns(models.Model):
    """How a carrier's files are read, as somebody said it the last time."""

    carrier = models.OneToOneField(Carrier, models.PROTECT, related_name="bill_columns")
    columns = models.JSONField(default=dict)
    grams = models.BooleanField(default=False)
    dates = models.CharField(max_length=10, default="%Y-%m-%d")
    words = models.JSONField(default=dict)

    @override
    def __str__(self) -> str:
        return str(self.carrier_id)


class Bill(models.Model):
    """One bill of one carrier. Its id is its chain's."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="bills")
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="bills")
    theirs = models.CharField(max_length=60)
    dated = models.DateField()
    total = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    """Its net sum as printed on it."""
    file = models.ForeignKey(Artifact, models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=8, choices=BillStatus.choices, default=BillStatus.DRAFT.value)
    entered_by = models.CharField(max_length=80)
    entered_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)

    objects = BillQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-dated", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                "carrier", Upper("theirs"), condition=~Q(status="void"), name="a_bill_is_entered_once"
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.number


class BillLine(models.Model):
    """One line of a bill. ``state`` is what it was found to be, ``decision`` what a person made of it."""

    bill = models.ForeignKey(Bill, models.PROTECT, related_name="lines")
    position = models.IntegerField()
    tracking = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    shipped_on = models.DateField(null=True, blank=True)
    grams = models.IntegerField(null=True, blank=True)
    charge = models.CharField(max_length=40, blank=True)
    """Empty for the carriage itself; else an extra's code, or the carrier's own word."""
    text = models.CharField(max_length=120, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    accrual = models.ForeignKey(Accrual, models.PROTECT, null=True, blank=True, related_name="bill_lines")
    parcel = models.ForeignKey(Parcel, models.PROTECT, null=True, blank=True, related_name="bill_lines")
    expected = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    state = models.CharField(max_length=10, choices=BillState.choices)
    why = models.CharField(max_length=300, blank=True)
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True)
    paid = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    dispute = models.CharField(max_length=500, blank=True)
    """As the carrier reads it."""
    decided_by = models.CharField(max_length=80, blank=True)
    """Empty where it was as expected and nobody had to."""
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=80, blank=True)
    settled_note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["bill", "position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["bill", "position"], name="lines_of_a_bill_are_numbered"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["tracking"], name="billed_by_tracking"),
        ]

    @override
    def __str__(self) -> str:
        return f"{self.bill_id} {self.position}"

    @property
    def disputed_amount(self) -> Decimal:
        return self.amount - self.paid
