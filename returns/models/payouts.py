"""Payments to sellers by a file for the bank: drawn up by one person, released by another, and each payment in one file only."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from typing_extensions import override

from returns.models.money import Refund


class PayoutFileStatus(models.TextChoices):
    DRAWN = "drawn", _("waits for a second person")
    RELEASED = "released", _("released, at the bank")
    DONE = "done", _("done")
    DROPPED = "dropped", _("dropped")


class TransferStatus(models.TextChoices):
    LISTED = "listed", _("in the file")
    PAID = "paid", _("paid")
    BOUNCED = "bounced", _("came back")
    DROPPED = "dropped", _("not in a file")


class PayoutFile(models.Model):
    """A file of credit transfers. It is made anew whenever it is loaded, from accounts that stay sealed, and is always the same one:
    ``digest`` is its SHA-256 from the moment it was released. Its id is its chain's."""

    id = models.UUIDField(primary_key=True, editable=False)
    number = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=8, choices=PayoutFileStatus.choices)
    currency = models.CharField(max_length=3, default="EUR")
    execute_on = models.DateField(null=True, blank=True)
    holder = models.CharField(max_length=70, blank=True)
    """Ours, as it was when the file was released, like the two after it."""
    iban = models.CharField(max_length=34, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    drawn_by = models.CharField(max_length=80)
    drawn_at = models.DateTimeField()
    released_by = models.CharField(max_length=80, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-drawn_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="a_released_file_has_a_digest", condition=~Q(status__in=["released", "done"]) | ~Q(digest="")
            ),
            models.CheckConstraint(
                name="who_drew_a_file_up_does_not_release_it",
                condition=Q(released_by="") | ~Q(released_by=models.F("drawn_by")),
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.number


class PayoutTransfer(models.Model):
    """One payment of a file. Whose it is stands with its refund; the account isn't here."""

    file = models.ForeignKey(PayoutFile, models.PROTECT, related_name="transfers")
    refund = models.ForeignKey(Refund, models.PROTECT, related_name="transfers")
    attempt = models.SmallIntegerField(default=1)
    place = models.IntegerField()
    reference = models.CharField(max_length=35)
    """The end-to-end identification: what the bank's statement calls it."""
    amount = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    status = models.CharField(max_length=8, choices=TransferStatus.choices)
    said_by = models.CharField(max_length=80, blank=True)
    said_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["place"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["refund", "attempt"], condition=~Q(status="dropped"), name="a_payment_is_in_one_file"
            ),
        ]

    @override
    def __str__(self) -> str:
        return self.reference
