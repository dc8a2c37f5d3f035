"""Money from and to customers: what we ask of a payment provider, and the table of those we can ask.

A provider is asked with an idempotency key that never changes (the refund's id, or the charge's): the same key again gives the payment
that was made. Before anything is asked for once more after an accident, ``find`` (money to a customer) and ``state`` (money from one) say
whether it happened. All calls raise OSError when the provider can't be reached; the reaction tries again later.

What it refuses for good raises `Declined`, and a person has to find another way.

A provider is a module with these six functions: ``manual`` is built in, ``stripe`` speaks to Stripe. ``source`` is what the provider calls
the payment that is given back, as the order says it; a provider on the net can give back only what came through it, so an order without
one is paid by hand (``for_order``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from typing import Protocol

from django.conf import settings

PROVIDERS: Mapping[str, str] = {"manual": "returns.payments.manual", "stripe": "returns.payments.stripe"}


class Declined(Exception):
    """The provider says no for good: asking again would get the same answer. ``code`` is the provider's own."""

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.sentence, self.code = sentence, code


@dataclass(frozen=True)
class Payment:
    """What the provider says of a payment: its own reference, and what it paid."""

    reference: str
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Asked:
    """What the provider says of money that a customer is to give: where it stands, and how the customer pays it.

    ``status`` is asked, held, paid, released or failed. ``url`` is a page of the provider's; without one the customer is shown
    ``instructions``. ``taken`` is what was captured of money that was held.
    """

    reference: str
    status: str
    amount: Decimal
    currency: str
    url: str = ""
    instructions: Mapping[str, str] | None = None
    taken: Decimal = Decimal(0)


class Provider(Protocol):
    """A provider's module. ``BY_HAND`` is true where a person has to say that money came, since the provider can't."""

    BY_HAND: bool

    def find(self, key: str, *, source: str = "") -> Payment | None: ...

    def pay(
        self, *, key: str, amount: Decimal, currency: str, subject: str, source: str = "", at: datetime
    ) -> Payment: ...

    def state(self, key: str) -> Asked | None: ...

    def ask(self, *, key: str, amount: Decimal, currency: str, subject: str, hold: bool, at: datetime) -> Asked: ...

    def capture(self, *, key: str, amount: Decimal, at: datetime) -> Asked: ...

    def release(self, *, key: str, at: datetime) -> Asked | None: ...


def name() -> str:
    """Which provider this install pays by."""
    return str(getattr(settings, "PAYMENT_PROVIDER", "manual"))


def provider(chosen: str = "") -> Provider:
    """The provider ``chosen``, else the one of this install. Raises LookupError for a name that there is no module for."""
    chosen = chosen or name()
    if chosen not in PROVIDERS:
        raise LookupError(f"There is no payment provider {chosen!r}; known are {', '.join(PROVIDERS)}.")
    return import_module(PROVIDERS[chosen])


def for_order(payment: str) -> str:
    """By which provider money of an order with this ``payment`` goes back: the one that it came by, else by hand."""
    return name() if payment and name() != "manual" else "manual"
