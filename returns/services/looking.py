"""Asking the provider what became of money: when it tells us to, when the customer comes back to the page, and now and then."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from returns import facts, payments
from returns.models import Charge, ChargeStatus, Refund
from returns.services import approval, bouncing, charges
from returns.services.charges import UnableToCharge

PAYMENTS = charges.PAYMENTS


def look(charge: uuid.UUID, *, at: datetime) -> Charge | None:
    """Ask once, outside any transaction, and say what is so. What came for a charge that is over goes back. Raises OSError."""
    row = Charge.objects.filter(pk=charge).first()
    if row is None or not row.reference:
        return row
    provider = payments.provider(row.provider)
    if provider.BY_HAND:
        return row
    now = provider.state(str(row.pk))
    if now is None or now.status not in {"held", "paid", "failed"}:
        return row
    try:
        return charges.came(row.pk, asked=now, provider=row.provider, at=at)
    except UnableToCharge:
        provider.release(key=str(row.pk), at=at)
        return _gave_back(row.pk, at=at)


def _gave_back(charge: uuid.UUID, *, at: datetime) -> Charge:
    with transaction.atomic():
        row = Charge.objects.select_related("line").get(pk=charge)
        rma = approval.lock(row.line.rma_id)
        approval.say(
            rma,
            facts.ChargeGivenBack(
                charge=str(row.pk),
                line=str(row.line_id),
                purpose=charges.purpose(row),
                amount=str(row.amount),
                currency=row.currency,
            ),
            by=PAYMENTS,
            at=at,
            key=f"charge:{row.pk}:given_back",
        )
    return row


def open_ones(*, most: int = 100) -> list[uuid.UUID]:
    """Charges that are still asked for by a provider that says by itself what was paid, the oldest first."""
    names = [name for name in payments.PROVIDERS if not payments.provider(name).BY_HAND]
    waiting = Charge.objects.filter(status=ChargeStatus.ASKED, provider__in=names).exclude(reference="")
    return list(waiting.order_by("asked_at").values_list("pk", flat=True)[:most])


def refund_failed(key: str, *, reference: str, at: datetime) -> Refund | None:
    """The provider says that a refund may have failed: ask it, and say so when it did."""
    pk, _mark, number = key.partition(":")
    try:
        row = Refund.objects.filter(pk=uuid.UUID(pk)).first()
        attempt = int(number or 1)
    except ValueError:
        return None
    if row is None or row.reference != reference or row.attempt != attempt:
        return None
    from returns.payments import stripe  # noqa: PLC0415 - the one provider that speaks up by itself

    why = stripe.refund_failed(reference)
    return row if why is None else bouncing.came_back(row.pk, why=why, attempt=attempt, at=at)
