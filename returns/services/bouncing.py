"""Money that didn't arrive: a refund that the provider refuses, or that comes back after it was paid, and the other way to pay it."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts, payments
from returns.models import Refund, RefundMethod, RefundStatus, Rma
from returns.services import approval, owing
from returns.services.owing import UnableToSettle
from revlog.accounts import actors, separations
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.custody.services import ledger

PAYMENTS = actors.system("returns.payments")


def locked(refund: uuid.UUID) -> tuple[Rma, Refund]:
    """Its return and itself, fresh and locked in this order."""
    rma = approval.lock(Refund.objects.values_list("line__rma", flat=True).get(pk=refund))
    row = (
        Refund.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit__device", "line")
        .get(pk=refund)
    )
    return rma, row


def failed(refund: uuid.UUID, *, why: str, attempt: int, by: Actor = PAYMENTS, at: datetime) -> Refund:
    """The provider refuses to pay what is due, for good: a person finds another way. Said once for each attempt."""
    with transaction.atomic():
        rma, row = locked(refund)
        if row.attempt == attempt and row.status == RefundStatus.DUE:
            _fail(row, rma, why=why, was_paid=False, by=by, at=at)
    return row


def came_back(refund: uuid.UUID, *, why: str, attempt: int, by: Actor = PAYMENTS, at: datetime) -> Refund:
    """What was paid came back (the account is closed, the bank refused it): the books say so, and it is still owed."""
    with transaction.atomic():
        rma, row = locked(refund)
        if row.attempt == attempt and row.status == RefundStatus.PAID:
            entry = _fail(row, rma, why=why, was_paid=True, by=by, at=at)
            if row.amount:
                key = f"{row.key}:back"
                owing.post(
                    row, rma, entry, account=owing.account_of(rma), amount=row.amount, at=at, key=f"refund:{key}"
                )
    return row


def _fail(row: Refund, rma: Rma, *, why: str, was_paid: bool, by: Actor, at: datetime) -> Entry:
    row.status, row.why_failed = RefundStatus.FAILED, why.strip()[:300]
    row.save(update_fields=["status", "why_failed"])
    return ledger.append(
        rma.pk,
        facts.RefundFailed(
            refund=str(row.pk),
            line=str(row.line_id),
            amount=str(row.amount),
            currency=row.currency,
            provider=row.provider or payments.for_order(row.line.order_line.order.payment),
            was_paid=was_paid,
            why=row.why_failed or "—",
        ),
        by=by,
        at=at,
        key=f"refund:{row.key}:failed",
        owner=rma.seller_id,
        hub=rma.hub_id,
    )


# By people --------------------------------------------------------------------------------------------------------------------------


def reasons_against_saying_it_came_back(refund: Refund) -> list[Reason]:
    if refund.status != RefundStatus.PAID or refund.method != RefundMethod.ORIGINAL or not refund.amount:
        return [Reason("wrong_status", _("This refund is %s.") % word(f"refund.{refund.status}"))]
    if refund.provider == "sepa":
        return [Reason("by_file", _("Say it on the page of its payment file."))]
    if refund.provider != "manual":
        return [Reason("by_provider", _("The payment provider says by itself when money comes back."))]
    return []


def say_it_came_back(refund: Refund, *, why: str, by: Actor, at: datetime) -> Refund:
    """Somebody sees on the account that the bank sent it back."""
    if not by.may("returns.refund"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to approve refunds.")))
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say why it came back."), "reason"))
    with transaction.atomic():
        _rma, row = locked(refund.pk)
        if found := reasons_against_saying_it_came_back(row):
            raise UnableToSettle(found)
        return came_back(row.pk, why=why, attempt=row.attempt, by=by, at=at)


def reasons_against_paying_again(refund: Refund, *, by: Actor) -> list[Reason]:
    found = []
    if refund.status != RefundStatus.FAILED:
        found.append(Reason("wrong_status", _("This refund is %s.") % word(f"refund.{refund.status}")))
    return found + separations.reasons_against("refund_approval", doer=[refund.proposed_by], by=by)


def pay_again(refund: Refund, *, by: Actor, at: datetime) -> Refund:
    """Pay by hand what didn't arrive: due anew, under a key of its own, so that neither payment can be taken for the other."""
    if not by.may("returns.refund"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to approve refunds.")))
    with transaction.atomic():
        rma, row = locked(refund.pk)
        if found := reasons_against_paying_again(row, by=by):
            raise UnableToSettle(found)
        return due_again(row, rma, provider="manual", by=by, at=at)


def due_again(row: Refund, rma: Rma, *, provider: str, by: Actor, at: datetime) -> Refund:
    """Both locked: what didn't arrive is due under the key of its next attempt."""
    row.status, row.provider, row.reference, row.paid_at = RefundStatus.DUE, provider, "", None
    row.attempt += 1
    row.save(update_fields=["status", "provider", "reference", "paid_at", "attempt"])
    owing.say_due(row, rma, by=by, at=at)
    return row
