"""What we asked of a payment provider on the net, kept so that a page or worker that comes later finds it again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from typing_extensions import override


class CheckoutSession(models.Model):
    """One page on which a customer was to pay, at the provider; it lapses after a day, and then the charge gets the next one.

    ``key`` is the charge that it is for. Nothing but the adapter in ``returns/payments/stripe.py`` reads or writes it; what was paid is
    never read from here but asked of the provider.
    """

    key = models.CharField(max_length=80)
    number = models.SmallIntegerField()
    session = models.CharField(max_length=200)
    url = models.CharField(max_length=2000, blank=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    subject = models.CharField(max_length=60)
    hold = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["key", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key", "number"], name="checkout_sessions_are_numbered"),
            models.CheckConstraint(name="a_checkout_asks_for_something", condition=Q(amount__gt=0)),
        ]

    @override
    def __str__(self) -> str:
        return self.session
