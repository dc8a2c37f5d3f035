"""Refunds: another person's approval where a person changed one, the payment, the posting. What is owed at all is ``owing``'s."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts
from returns.models import Refund, RefundMethod, RefundStatus, Rma, RmaLine, RmaUnit, UnitStatus
from returns.services import approval, awaiting, closing, owing
from returns.services.fraud import holding
from returns.services.owing import UnableToSettle
from revlog.accounts import actors, separations
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.services import ledger
from revlog.devices.services import moves

PAYMENTS = actors.system("returns.payments")


def reasons_against_approving(refund: Refund, *, by: Actor) -> list[Reason]:
    found = []
    if refund.status != RefundStatus.PROPOSED:
        found.append(Reason("wrong_status", _("This refund is %s.") % word(f"refund.{refund.status}")))
    else:
        found += holding.reasons_against_paying(refund.line.rma_id)
    return found + separations.reasons_against("refund_approval", doer=[refund.proposed_by], by=by)


def _locked(refund: Refund, *, by: Actor) -> tuple[Rma, Refund]:
    if not by.may("returns.refund"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to approve refunds.")))
    rma = approval.lock(RmaLine.objects.values_list("rma", flat=True).get(pk=refund.line_id))
    row = (
        Refund.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit__device", "line")
        .get(pk=refund.pk)
    )
    if found := reasons_against_approving(row, by=by):
        raise UnableToSettle(found)
    return rma, row


def approve_refund(refund: Refund, *, by: Actor, at: datetime) -> Refund:
    """A second person says that it may be paid; the payment follows by itself."""
    with transaction.atomic():
        rma, row = _locked(refund, by=by)
        row.status, row.approved_by, row.approved_at = RefundStatus.DUE, by.reference, at
        row.save(update_fields=["status", "approved_by", "approved_at"])
        owing.say_due(row, rma, by=by, at=at)
    return row


def reject_refund(refund: Refund, *, why: str, by: Actor, at: datetime) -> Refund:
    """A second person doesn't agree: another amount has to be proposed."""
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say what is wrong with it."), "why"))
    with transaction.atomic():
        rma, row = _locked(refund, by=by)
        row.status, row.approved_by, row.approved_at = RefundStatus.REJECTED, by.reference, at
        row.save(update_fields=["status", "approved_by", "approved_at"])
        approval.say(
            rma,
            facts.RefundRejected(
                refund=str(row.pk),
                line=str(row.line_id),
                tag=owing.tag_of(row, rma),
                why=why.strip()[:300],
            ),
            by=by,
            at=at,
        )
    return row


def propose_refund(unit: RmaUnit, *, deduction: Decimal, why: str, by: Actor, at: datetime) -> Refund:
    """Another amount for an accepted unit whose first proposal was rejected."""
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to settle returns.")))
    with transaction.atomic():
        device = moves.take_one(unit.device_id) if unit.device_id else None
        rma = approval.lock(unit.line.rma_id)
        row = owing.lock_unit(unit.pk)
        found = owing.wrong_deduction(row, deduction, why)
        if row.status != UnitStatus.ACCEPTED or row.line.wanted not in owing.PAID_BACK:
            found.append(Reason("wrong_status", _("There is nothing to refund for this unit.")))
        elif Refund.objects.filter(unit=row).exclude(status=RefundStatus.REJECTED).exists():
            found.append(Reason("has_one", _("There is a refund for it already.")))
        if found:
            raise UnableToSettle(found)
        refund = owing.due_for(row, rma, deduction=deduction, why=why, by=by, at=at)
        if device is not None and awaiting.is_with_us(row, device):
            awaiting.leave_or_keep(row, device, rma, refund=refund, by=by, at=at)
        return refund


def paid(refund: uuid.UUID, *, provider: str, reference: str, by: Actor = PAYMENTS, at: datetime) -> Refund:
    """The provider has paid: state, books and ledger say so, once, whoever gets here."""
    with transaction.atomic():
        rma = approval.lock(Refund.objects.values_list("line__rma", flat=True).get(pk=refund))
        row = (
            Refund.objects.select_for_update(no_key=True, of=("self",))
            .select_related("unit__device", "line")
            .get(pk=refund)
        )
        if row.status == RefundStatus.PAID:
            return row
        if row.status != RefundStatus.DUE or row.method != RefundMethod.ORIGINAL:
            raise UnableToSettle(Reason("wrong_status", _("This refund is %s.") % word(f"refund.{row.status}")))
        row.status, row.provider, row.reference, row.paid_at = RefundStatus.PAID, provider, reference, at
        row.save(update_fields=["status", "provider", "reference", "paid_at"])
        entry = ledger.append(
            rma.pk,
            facts.RefundPosted(
                refund=str(row.pk),
                line=str(row.line_id),
                unit=str(row.unit_id or ""),
                amount=str(row.amount),
                currency=row.currency,
                provider=provider,
                reference=reference,
            ),
            by=by,
            at=at,
            key=f"refund:{row.key}",
            owner=rma.seller_id,
            hub=rma.hub_id,
        )
        if row.amount:
            owing.post(
                row, rma, entry, account=owing.account_of(rma), amount=-row.amount, at=at, key=f"refund:{row.key}"
            )
        closing.add_rest(row)
        closing.settle(rma, by=by, at=at)
    return row
