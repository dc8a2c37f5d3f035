"""Lines on which the papers disagree: what both sides say about them, with evidence, and who decides what is credited."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns.facts import business as business_facts
from returns.models import BusinessCase, BusinessLine, Dispute, DisputeEnd, DisputeNote, MatchStatus, RmaUnit
from returns.services import approval
from returns.services.business import comparing, memos
from returns.services.owing import UnableToSettle
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts

WORKS = ("returns.open", "returns.approve", "returns.settle", "returns.receive", "triage.inspect")
"""Who works on returns, and so has something to say; who only reads them has not."""


class UnableToDecide(UnableToSettle):
    code = "unable_to_decide"


def reasons_against_answering(dispute: Dispute, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't say something in it: the customer's people and those who work on returns can, while it is open."""
    case, rma = dispute.line.line.rma.business, dispute.line.line.rma
    ours = (by.is_operator or rma.seller_id in by.stands_for) and any(by.may(one) for one in WORKS)
    if not _is_customer(case, by) and not ours:
        return [Reason("not_allowed", _("Only the customer and those who work on returns can answer."))]
    if dispute.decided_at is not None:
        return [Reason("decided", _("This was decided already."))]
    return []


def _is_customer(case: BusinessCase, by: Actor) -> bool:
    return by.organization_id == case.customer_id and not by.is_operator


def answer(dispute: Dispute, *, text: str, artifact: Artifact | None = None, by: Actor, at: datetime) -> DisputeNote:
    """Say something about a disputed line, with a photo as evidence. The words stay off the chain, the photo's digest is on it."""
    told = text.strip()
    if not told and artifact is None:
        raise BadInput(Reason("nothing", _("Write something, or add a photo."), "text"))
    if len(told) > 4000:
        raise BadInput(Reason("text", _("At most 4,000 characters."), "text"))
    with transaction.atomic():
        rma = approval.lock(dispute.line.line.rma_id)
        row = _fresh(dispute)
        if found := reasons_against_answering(row, by=by):
            raise NotAllowed(found) if found[0].code == "not_allowed" else UnableToDecide(found)
        note = DisputeNote.objects.create(
            id=ids.new(at),
            dispute=row,
            by_customer=_is_customer(rma.business, by),
            written_by=by.reference,
            written_at=at,
            text=told,
            artifact=artifact,
        )
        if artifact is not None:
            artifacts.attach(artifact, chain=rma.pk, use="photo_dispute", audience="client", by=by, at=at)
        approval.say(
            rma,
            business_facts.DisputeAnswered(
                dispute=str(row.pk),
                position=row.line.line.position,
                by_customer=note.by_customer,
                evidence=artifact.digest if artifact else None,
            ),
            by=by,
            at=at,
        )
    return note


def _fresh(dispute: Dispute) -> Dispute:
    return (
        Dispute.objects.select_for_update(no_key=True, of=("self",))
        .select_related("line__line__order_line", "line__line__rma__business__customer")
        .get(pk=dispute.pk)
    )


def reasons_against_deciding(dispute: Dispute, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't decide it. Nobody decides about what they counted or inspected."""
    found = []
    if dispute.decided_at is not None:
        found.append(Reason("decided", _("This was decided already.")))
    units = RmaUnit.objects.filter(line=dispute.line_id)
    doers = {who for pair in units.values_list("received_by", "found__inspected_by") for who in pair if who}
    return found + separations.reasons_against("match_decision", doer=sorted(doers), by=by)


def decide(
    dispute: Dispute,
    end: DisputeEnd,
    *,
    amount: Decimal | None = None,
    reason: str,
    by: Actor,
    at: datetime,
) -> Dispute:
    """Say what is credited for the line: what was found, what was announced, or another amount. Then it no longer blocks the credit."""
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to settle returns.")))
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why; the customer reads it."), "reason"))
    with transaction.atomic():
        rma = approval.lock(dispute.line.line.rma_id)
        row = _fresh(dispute)
        if found := reasons_against_deciding(row, by=by):
            raise UnableToDecide(found)
        own = BusinessLine.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.line_id)
        credited = _amount(row, end, amount, at=at)
        row.ended_as, row.amount, row.reason = end.value, credited, reason.strip()[:300]
        row.decided_by, row.decided_at = by.reference, at
        row.save()
        own.status, own.found = MatchStatus.DECIDED, credited
        own.save(update_fields=["status", "found"])
        approval.say(
            rma,
            business_facts.LineDecided(
                dispute=str(row.pk),
                line=str(own.pk),
                position=row.line.line.position,
                ended_as=end.value,
                amount=str(credited),
                currency=row.currency,
            ),
            by=by,
            at=at,
        )
        memos.follow(rma, by=by, at=at)
    return row


def _amount(dispute: Dispute, end: DisputeEnd, amount: Decimal | None, *, at: datetime) -> Decimal:
    line = dispute.line.line
    case = line.rma.business
    match = next(row for row in comparing.rows_of(case, at=at) if row.line.pk == line.pk)
    if end == DisputeEnd.FOUND:
        return match.verdict.found
    if end == DisputeEnd.ANNOUNCED:
        return match.verdict.announced
    most = line.order_line.price * line.order_line.quantity
    if amount is None or not amount.is_finite() or amount < 0 or amount != amount.quantize(Decimal("0.01")):
        raise BadInput(Reason("amount", _("Enter an amount of zero or more, with at most two decimals."), "amount"))
    if amount > most:
        raise BadInput(Reason("amount", _("No more can be credited than the line was sold for."), "amount"))
    return amount
