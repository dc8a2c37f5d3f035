"""The provider that is built in: it writes what is to be paid into a book, from which somebody pays by bank, or which a demo looks at.

It keeps to what the port asks of a real one: one payment a key, for ever, whoever asks how often. Money from customers comes by bank
transfer under a reference; ``came`` is said by a person who has seen it on the account. A deposit lies there until it is captured, and is
paid back from the same book when it (or what is left of it) is released.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from returns.models import Payin, Payout
from returns.payments import Asked, Payment

BY_HAND = True


def _reference(prefix: str, key: str) -> str:
    return prefix + hashlib.sha256(key.encode()).hexdigest()[:12].upper()


# Money to customers -----------------------------------------------------------------------------------------------------------------


def find(key: str, *, source: str = "") -> Payment | None:
    row = Payout.objects.filter(key=key).first()
    return Payment(row.reference, row.amount, row.currency) if row else None


def pay(*, key: str, amount: Decimal, currency: str, subject: str, source: str = "", at: datetime) -> Payment:
    row, _made = Payout.objects.get_or_create(
        key=key,
        defaults={
            "reference": _reference("PO-", key),
            "amount": amount,
            "currency": currency,
            "subject": subject,
            "paid_at": at,
        },
    )
    return Payment(row.reference, row.amount, row.currency)


# Money from customers ---------------------------------------------------------------------------------------------------------------


def state(key: str) -> Asked | None:
    row = Payin.objects.filter(key=key).first()
    return _told(row) if row else None


def ask(*, key: str, amount: Decimal, currency: str, subject: str, hold: bool, at: datetime) -> Asked:
    row, _made = Payin.objects.get_or_create(
        key=key,
        defaults={
            "reference": _reference("PI-", key),
            "amount": amount,
            "currency": currency,
            "subject": subject,
            "hold": hold,
            "asked_at": at,
        },
    )
    return _told(row)


def came(key: str, *, at: datetime) -> Asked:
    """Somebody has seen it on the account. Said again, nothing changes; what was released already can't come any more."""
    with transaction.atomic():
        row = Payin.objects.select_for_update().get(key=key)
        if row.status == "asked":
            row.status, row.came_at = "held" if row.hold else "paid", at
            row.taken = Decimal(0) if row.hold else row.amount
            row.save(update_fields=["status", "came_at", "taken"])
    return _told(row)


def capture(*, key: str, amount: Decimal, at: datetime) -> Asked:
    """Keep so much of what is held; the rest goes back."""
    with transaction.atomic():
        row = Payin.objects.select_for_update().get(key=key)
        if row.status == "held":
            row.status, row.taken, row.ended_at = "paid", amount, at
            row.save(update_fields=["status", "taken", "ended_at"])
            _pay_back(row, at=at)
    return _told(row)


def release(*, key: str, at: datetime) -> Asked | None:
    """Give back what is held, or no longer wait for what hasn't come."""
    with transaction.atomic():
        row = Payin.objects.select_for_update().filter(key=key).first()
        if row is None:
            return None
        if row.status in {"asked", "held"}:
            held, row.status, row.ended_at = row.status == "held", "released", at
            row.save(update_fields=["status", "ended_at"])
            if held:
                _pay_back(row, at=at)
    return _told(row)


def _pay_back(row: Payin, *, at: datetime) -> None:
    if row.amount > row.taken:
        pay(
            key=f"{row.key}:back", amount=row.amount - row.taken, currency=row.currency, subject=row.subject, at=at
        )  # fmt: skip


def _told(row: Payin) -> Asked:
    account = str(getattr(settings, "PAYMENT_ACCOUNT", ""))
    return Asked(
        reference=row.reference,
        status=row.status,
        amount=row.amount,
        currency=row.currency,
        instructions={"account": account, "reference": row.reference},
        taken=row.taken,
    )
