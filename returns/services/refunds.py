"""Refunds: the intent written before money moves, another person's approval where a person changed it, the payment, the posting."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from returns import deductions as deducted
from returns import facts
from returns.models import Outcome, Refund, RefundStatus, Rma, RmaLine, RmaUnit, UnitStatus
from returns.services import approval, closing
from returns.services.closing import UnableToSettle
from revlog.accounts import actors, separations
from revlog.accounts.actors import Actor, ActorKind
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.models import Device
from revlog.devices.services import money
from revlog.terms import queries as terms

RULES = actors.system("returns.rules")
PAYMENTS = actors.system("returns.payments")


def lock_unit(pk: uuid.UUID) -> RmaUnit:
    return (
        RmaUnit.objects.select_for_update(no_key=True, of=("self",))
        .select_related("line__order_line", "line__rma")
        .get(pk=pk)
    )


def worth(unit: RmaUnit) -> Decimal:
    """What the customer gets for a unit that is as sold: for a counted lot, for those that were there."""
    pieces = unit.quantity if unit.counted is None else min(unit.counted, unit.quantity)
    return unit.line.per_piece * pieces


def wrong_deduction(unit: RmaUnit, deduction: Decimal, why: str) -> list[Reason]:
    if deduction < 0 or not deduction.is_finite():
        return [Reason("deduction", _("A deduction is zero or more."), "deduction")]
    if deduction > worth(unit):
        return [Reason("deduction", _("No more can be deducted than is paid back."), "deduction")]
    if deduction != deduction.quantize(Decimal("0.01")):
        return [Reason("deduction", _("A deduction has at most two decimals."), "deduction")]
    if deduction and not why.strip():
        return [Reason("no_reason", _("Say why something is deducted; the customer reads it."), "why")]
    return []


def due_for(
    unit: RmaUnit,
    rma: Rma,
    device: Device,
    *,
    deduction: Decimal,
    why: str,
    deductions: Sequence[Mapping[str, Any]] = (),
    by: Actor,
    at: datetime,
) -> Refund | None:
    """The intent, written before any money moves. Paid at receipt already: nothing. By rule: due. By a person: another approves it."""
    standing_one = Refund.objects.filter(unit=unit).exclude(status=RefundStatus.REJECTED).first()
    if standing_one is not None:
        return standing_one
    by_rule = by.kind == ActorKind.SYSTEM
    row = Refund.objects.create(
        id=ids.new(at),
        line=unit.line,
        unit=unit,
        amount=worth(unit) - deduction,
        deduction=deduction,
        why=why.strip()[:300],
        deductions=[dict(part) for part in deductions] or deducted.by_person(deduction, why),
        currency=unit.line.currency,
        status=RefundStatus.DUE if by_rule else RefundStatus.PROPOSED,
        proposed_by=by.reference,
        proposed_at=at,
        approved_by=by.reference if by_rule else "",
        approved_at=at if by_rule else None,
    )
    if by_rule:
        say_due(row, rma, device, by=by, at=at)
    else:
        approval.say(
            rma,
            facts.RefundProposed(
                refund=str(row.pk),
                line=str(unit.line_id),
                tag=device.tag,
                amount=str(row.amount),
                deduction=str(row.deduction),
                currency=row.currency,
                why=row.why or "—",
            ),
            by=by,
            at=at,
        )
    return row


def say_due(row: Refund, rma: Rma, device: Device, *, by: Actor, at: datetime) -> None:
    approval.say(
        rma,
        facts.RefundDue(
            refund=str(row.pk),
            line=str(row.line_id),
            unit=str(row.unit_id),
            tag=device.tag,
            amount=str(row.amount),
            currency=row.currency,
        ),
        by=by,
        at=at,
        key=f"due:{row.pk}",
    )


def refund_on_receipt(unit: RmaUnit, rma: Rma, device: Device, *, at: datetime) -> Refund | None:
    """Where the policy pays at the dock: due as soon as the right thing was taken in. Acceptance still follows."""
    return due_for(unit, rma, device, deduction=Decimal(0), why="", by=RULES, at=at)


def reasons_against_approving(refund: Refund, *, by: Actor) -> list[Reason]:
    found = []
    if refund.status != RefundStatus.PROPOSED:
        found.append(Reason("wrong_status", _("This refund is %s.") % word(f"refund.{refund.status}")))
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
        if row.unit is not None and row.unit.device is not None:
            say_due(row, rma, row.unit.device, by=by, at=at)
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
                tag=row.unit.device.tag if row.unit is not None and row.unit.device else "—",
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
        rma = approval.lock(unit.line.rma_id)
        row = lock_unit(unit.pk)
        found = wrong_deduction(row, deduction, why)
        if row.status != UnitStatus.ACCEPTED or row.line.wanted != Outcome.REFUND or row.device is None:
            found.append(Reason("wrong_status", _("There is nothing to refund for this unit.")))
        elif Refund.objects.filter(unit=row).exclude(status=RefundStatus.REJECTED).exists():
            found.append(Reason("has_one", _("There is a refund for it already.")))
        if found or row.device is None:
            raise UnableToSettle(found)
        made = due_for(row, rma, row.device, deduction=deduction, why=why, by=by, at=at)
        if made is None:
            raise UnableToSettle(Reason("has_one", _("There is a refund for it already.")))
    return made


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
        if row.status != RefundStatus.DUE:
            raise UnableToSettle(Reason("wrong_status", _("This refund is %s.") % word(f"refund.{row.status}")))
        row.status, row.provider, row.reference, row.paid_at = RefundStatus.PAID, provider, reference, at
        row.save(update_fields=["status", "provider", "reference", "paid_at"])
        entry = ledger.append(
            rma.pk,
            facts.RefundPosted(
                refund=str(row.pk),
                line=str(row.line_id),
                unit=str(row.unit_id),
                amount=str(row.amount),
                currency=row.currency,
                provider=provider,
                reference=reference,
            ),
            by=by,
            at=at,
            key=f"refund:{row.pk}",
            owner=rma.seller_id,
            hub=rma.hub_id,
        )
        if row.amount:
            _post(row, rma, entry, at=at)
        closing.settle(rma, by=by, at=at)
    return row


def _post(row: Refund, rma: Rma, entry: Entry, *, at: datetime) -> None:
    ours = rma.seller_id == rma.hub.organization_id
    rate = terms.rate(row.currency, at=at)
    if rate is None:
        raise UnableToSettle(Reason("no_rate", _("There is no exchange rate for %s.") % row.currency))
    money.post(
        entry=entry,
        account="refund",
        amount=-row.amount,
        currency=row.currency,
        book="ours" if ours else "seller",
        device=row.unit.device if row.unit is not None else None,
        party=rma.seller,
        at=at,
        key=f"refund:{row.pk}",
        rate=rate,
    )
