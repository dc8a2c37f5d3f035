"""Credit memos: proposed once for what matches, approved where a person decided. Made, posted and settled by ``issuing``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns.facts import business as business_facts
from returns.models import (
    BusinessCase,
    Dispute,
    MatchStatus,
    Memo,
    MemoKind,
    MemoLine,
    MemoStatus,
    Rma,
)
from returns.models.business import CREDITABLE
from returns.services import approval, closing
from returns.services.business import comparing, taxes
from returns.services.business.comparing import Row
from returns.services.owing import UnableToSettle
from revlog.accounts import actors, separations
from revlog.accounts.actors import Actor, ActorKind
from revlog.common import ids
from revlog.common.errors import NotAllowed, Reason
from revlog.common.words import word

RULES = actors.system("returns.rules")


class UnableToCredit(UnableToSettle):
    code = "unable_to_credit"


# The match goes on ------------------------------------------------------------------------------------------------------------------


def follow(rma: Rma, *, by: Actor, at: datetime) -> None:
    """After a count, an inspection or a decision on a locked RMA: judge anew, credit by rule what needs nobody, settle what is nothing."""
    case = BusinessCase.objects.select_related("rma__hub", "customer").get(pk=rma.pk)
    case.rma = rma
    rows = comparing.refresh(case, by=by, at=at)
    if not reasons_against_crediting(rma, rows) and not _decided(rows):
        _propose(rma, case, rows, by=RULES, at=at)
    if any(MatchStatus(row.own.status) in CREDITABLE and not row.own.found for row in rows):
        closing.settle(rma, by=by, at=at)


def _decided(rows: Sequence[Row]) -> bool:
    return any(row.own.status == MatchStatus.DECIDED for row in _uncredited(rows))


def _uncredited(rows: Sequence[Row]) -> list[Row]:
    """Lines that may be credited, bring something, and are in no memo yet."""
    taken = set(
        MemoLine.objects.filter(line__line__in=[row.line for row in rows], first=True, void=False).values_list(
            "line_id", flat=True
        )
    )
    return [
        row for row in rows if MatchStatus(row.own.status) in CREDITABLE and row.own.found and row.own.pk not in taken
    ]


def reasons_against_crediting(rma: Rma, rows: Sequence[Row]) -> list[Reason]:
    """Why no credit memo can be made now; feeds the button."""
    found = []
    partial = bool(rows) and rows[0].limits.partial
    blocking = [row for row in rows if MatchStatus(row.own.status) not in CREDITABLE]
    if blocking and not partial:
        named = ", ".join(str(row.line.position) for row in blocking[:10])
        more = _(" and %s more") % (len(blocking) - 10) if len(blocking) > 10 else ""
        found.append(
            Reason("unmatched", _("Lines that don't match yet block the credit: %s.") % (named + more), "lines")
        )
    elif not _uncredited(rows):
        found.append(Reason("nothing", _("There is nothing to credit."), "lines"))
    return found


def credit(case: BusinessCase, *, by: Actor, at: datetime) -> Memo:
    """One credit memo over everything that matches and isn't credited. Two who do it at once make one: the second is told."""
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to settle returns.")))
    with transaction.atomic():
        rma = approval.lock(case.rma_id)
        fresh = BusinessCase.objects.select_related("customer").get(pk=case.pk)
        fresh.rma = rma
        rows = comparing.rows_of(fresh, at=at)
        if found := reasons_against_crediting(rma, rows):
            raise UnableToCredit(found)
        return _propose(rma, fresh, rows, by=by, at=at)


def _propose(rma: Rma, case: BusinessCase, rows: Sequence[Row], *, by: Actor, at: datetime) -> Memo:
    """The memo and its lines, before anything is made of it. By rule it is due at once; a person's waits for another person."""
    chosen = _uncredited(rows)
    by_rule = by.kind == ActorKind.SYSTEM
    memo = Memo.objects.create(
        id=ids.new(at),
        rma=rma,
        customer=case.customer,
        kind=MemoKind.CREDIT.value,
        amount=sum((row.own.found or Decimal(0) for row in chosen), Decimal(0)),
        currency=rma.currency,
        status=MemoStatus.DUE.value if by_rule else MemoStatus.PROPOSED.value,
        proposed_by=by.reference,
        proposed_at=at,
        approved_by=by.reference if by_rule else "",
        approved_at=at if by_rule else None,
    )
    made = []
    for row in chosen:
        taxed = taxes.treatment(row.line, case, at=at)
        made.append(
            MemoLine(
                id=ids.new(at),
                memo=memo,
                line=row.own,
                quantity=min(row.found.received, row.found.announced),
                price=row.line.per_piece,
                amount=row.own.found or Decimal(0),
                tax_kind=taxed.tax,
                tax_rate=taxed.rate,
            )
        )
    taxes.put(made, rma.currency)
    MemoLine.objects.bulk_create(made, batch_size=500)
    say_proposed(memo, rma, by=by, at=at)
    return memo


def say_proposed(memo: Memo, rma: Rma, *, by: Actor, at: datetime) -> None:
    if memo.status == MemoStatus.DUE:
        _say_due(memo, rma, by=by, at=at)
        return
    approval.say(
        rma,
        business_facts.MemoProposed(
            memo=str(memo.pk),
            memo_kind=f"memo.{memo.kind}",
            lines=memo.lines.count(),
            amount=str(memo.amount),
            currency=memo.currency,
        ),
        by=by,
        at=at,
    )


def _say_due(memo: Memo, rma: Rma, *, by: Actor, at: datetime) -> None:
    rows = list(memo.lines.select_related("line__line"))
    approval.say(
        rma,
        business_facts.MemoDue(
            memo=str(memo.pk),
            memo_kind=f"memo.{memo.kind}",
            lines=len(rows),
            credited=[f"{row.line.line.position} {row.quantity} {row.amount}" for row in rows],
            amount=str(memo.amount),
            currency=memo.currency,
            corrects=memo.corrects.document.number if memo.corrects and memo.corrects.document else None,
        ),
        by=by,
        at=at,
        key=f"memo:{memo.pk}",
    )


# Approving --------------------------------------------------------------------------------------------------------------------------


def reasons_against_approving(memo: Memo, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't approve or reject it: nobody approves what they proposed, or what they decided in it."""
    found = []
    if memo.status != MemoStatus.PROPOSED:
        found.append(Reason("wrong_status", _("This memo is %s.") % word(f"memo.{memo.status}")))
    deciders = Dispute.objects.filter(line__memo_lines__memo=memo).exclude(decided_by="")
    doers = [memo.proposed_by, *deciders.values_list("decided_by", flat=True)]
    return found + separations.reasons_against("refund_approval", doer=doers, by=by)


def _locked(memo: Memo, *, by: Actor) -> tuple[Rma, Memo]:
    if not by.may("returns.refund"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to approve refunds.")))
    rma = approval.lock(memo.rma_id)
    row = Memo.objects.select_for_update(no_key=True, of=("self",)).select_related("corrects__document").get(pk=memo.pk)
    if found := reasons_against_approving(row, by=by):
        raise UnableToCredit(found)
    return rma, row


def approve(memo: Memo, *, by: Actor, at: datetime) -> Memo:
    """A second person says yes; the document follows by itself."""
    with transaction.atomic():
        rma, row = _locked(memo, by=by)
        row.status, row.approved_by, row.approved_at = MemoStatus.DUE, by.reference, at
        row.save(update_fields=["status", "approved_by", "approved_at"])
        _say_due(row, rma, by=by, at=at)
    return row


def reject(memo: Memo, *, by: Actor, at: datetime) -> Memo:
    """A second person doesn't agree: its lines may be credited anew."""
    with transaction.atomic():
        rma, row = _locked(memo, by=by)
        row.status, row.approved_by, row.approved_at = MemoStatus.REJECTED, by.reference, at
        row.save(update_fields=["status", "approved_by", "approved_at"])
        row.lines.update(void=True)
        approval.say(
            rma,
            business_facts.MemoRejected(
                memo=str(row.pk), memo_kind=f"memo.{row.kind}", amount=str(row.amount), currency=row.currency
            ),
            by=by,
            at=at,
        )
    return row
