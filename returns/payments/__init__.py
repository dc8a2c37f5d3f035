"""Paying customers: what we ask of a payment provider, and the table of those we can ask.

A provider is asked with an idempotency key that never changes (the refund's id): the same key again gives the payment that was made.
Before a payment is asked for once more after an accident, ``find`` asks whether it happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from typing import Protocol

from django.conf import settings

PROVIDERS: Mapping[str, str] = {"manual": "returns.payments.manual"}


@dataclass(frozen=True)
class Payment:
    """What the provider says of a payment: its own reference, and what it paid."""

    reference: str
    amount: Decimal
    currency: str


class Provider(Protocol):
    """A provider's module. Both raise OSError when it can't be reached; the reaction tries again later."""

    def find(self, key: str) -> Payment | None: ...

    def pay(self, *, key: str, amount: Decimal, currency: str, subject: str, at: datetime) -> Payment: ...


def name() -> str:
    """Which provider this install pays by."""
    return str(getattr(settings, "PAYMENT_PROVIDER", "manual"))


def provider() -> Provider:
    """Raises LookupError for a name that there is no module for."""
    chosen = name()
    if chosen not in PROVIDERS:
        raise LookupError(f"There is no payment provider {chosen!r}; known are {', '.join(PROVIDERS)}.")
    return import_module(PROVIDERS[chosen])
