"""Credit memos and debit notes: proposed once for what matches, approved where a person decided, made by a worker, posted, settled."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from returns import facts
from returns.facts import business as business_facts
from returns.models import (
    BusinessCase,
    BusinessLine,
    Dispute,
    DisputeEnd,
    MatchStatus,
    Memo,
    MemoKind,
    MemoLine,
    MemoStatus,
    Outcome,
    Rma,
    RmaUnit,
    UnitStatus,
)
from returns.models.business import CREDITABLE
from returns.services import accepting, approval, closing
from returns.services.business import comparing
from returns.services.business.comparing import Row
from returns.services.business.memoed import DONE
from returns.services.owing import UnableToSettle
from revlog.accounts import actors, separations
from revlog.accounts.actors import Actor, ActorKind
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.models import Device
from revlog.devices.services import money, moves, standing
from revlog.evidence.models import Document
from revlog.evidence.services import documents
from revlog.evidence.services.documents import Draft
from revlog.terms import queries as terms

RULES = actors.system("returns.rules")


class UnableToCredit(UnableToSettle):
    code = "unable_to_credit"


@dataclass(frozen=True, kw_only=True)
class Correction:
    """So much more (or, by a debit note, less) for one line than was credited."""

    position: int
    amount: Decimal
    quantity: int = 0


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
    MemoLine.objects.bulk_create(
        [
            MemoLine(
                id=ids.new(at),
                memo=memo,
                line=row.own,
                quantity=min(row.found.received, row.found.announced),
                price=row.line.per_piece,
                amount=row.own.found or Decimal(0),
            )
            for row in chosen
        ],
        batch_size=500,
    )
    _say_proposed(memo, rma, by=by, at=at)
    return memo


def _say_proposed(memo: Memo, rma: Rma, *, by: Actor, at: datetime) -> None:
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


# Correcting -------------------------------------------------------------------------------------------------------------------------


def correct(
    memo: Memo, kind: MemoKind, corrections: Sequence[Correction], *, why: str, key: str, by: Actor, at: datetime
) -> Memo:
    """A debit note or a second credit memo that cites an issued one. An issued document is never changed; another person approves this."""
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to settle returns.")))
    with transaction.atomic():
        rma = approval.lock(memo.rma_id)
        row = Memo.objects.select_for_update(no_key=True, of=("self",)).get(pk=memo.pk)
        known = Memo.objects.filter(corrects=row, key=key).exclude(status=MemoStatus.REJECTED).first()
        if known is not None:
            return known
        lines = {
            one.line.position: one
            for one in BusinessLine.objects.filter(line__rma=rma).select_related("line__order_line")
        }
        if found := _wrong_corrections(row, kind, corrections, lines, why=why):
            raise UnableToCredit(found)
        made = Memo.objects.create(
            id=ids.new(at),
            rma=rma,
            customer_id=row.customer_id,
            kind=kind.value,
            corrects=row,
            key=key[:80],
            amount=sum((one.amount for one in corrections), Decimal(0)),
            currency=row.currency,
            why=why.strip()[:300],
            status=MemoStatus.PROPOSED.value,
            proposed_by=by.reference,
            proposed_at=at,
        )
        MemoLine.objects.bulk_create(
            [
                MemoLine(
                    id=ids.new(at),
                    memo=made,
                    line=lines[one.position],
                    quantity=one.quantity,
                    price=lines[one.position].line.per_piece,
                    amount=one.amount,
                    first=False,
                )
                for one in corrections
            ]
        )
        _say_proposed(made, rma, by=by, at=at)
    return made


def _wrong_corrections(
    memo: Memo,
    kind: MemoKind,
    corrections: Sequence[Correction],
    lines: Mapping[int, BusinessLine],
    *,
    why: str,
) -> list[Reason]:
    found = []
    if memo.status not in DONE:
        found.append(Reason("not_issued", _("Only an issued document can be corrected."), "memo"))
    if memo.corrects_id is not None:
        found.append(Reason("correction", _("Correct the first memo, not its correction."), "memo"))
    if not why.strip():
        found.append(Reason("no_reason", _("Say what is corrected; the customer reads it."), "why"))
    if not corrections or len({one.position for one in corrections}) != len(corrections):
        found.append(Reason("lines", _("Name each line that is corrected once."), "lines"))
    for place, one in enumerate(corrections):
        own, where = lines.get(one.position), f"lines[{place}]"
        if own is None or not memo.lines.filter(line=own).exists():
            found.append(Reason("no_line", _("Line %s isn't in this memo.") % one.position, where))
            continue
        if not one.amount.is_finite() or one.amount <= 0 or one.amount != one.amount.quantize(Decimal("0.01")):
            found.append(
                Reason("amount", _("An amount is above zero and has at most two decimals."), f"{where}.amount")
            )
            continue
        net, waiting = _net(own)
        if kind == MemoKind.DEBIT and one.amount > net - waiting:
            found.append(
                Reason("too_much", _("No more can be taken back for line %s than was credited.") % one.position, where)
            )
        most = own.line.order_line.price * own.line.order_line.quantity
        if kind == MemoKind.CREDIT and one.amount > most - net - waiting:
            found.append(
                Reason("too_much", _("No more can be credited for line %s than it was sold for.") % one.position, where)
            )
        if one.quantity < 0 or one.quantity > own.line.quantity:
            found.append(Reason("quantity", _("The line is of %s pieces.") % own.line.quantity, f"{where}.quantity"))
    return found


def _net(own: BusinessLine) -> tuple[Decimal, Decimal]:
    """What a line was credited less what was taken back, and what still waits of corrections."""
    net = waiting = Decimal(0)
    for row in own.memo_lines.filter(void=False).select_related("memo"):
        sign = 1 if row.memo.kind == MemoKind.CREDIT else -1
        if row.memo.status in DONE:
            net += sign * row.amount
        elif not row.first:
            waiting += row.amount
    return net, waiting


# Made by a worker -------------------------------------------------------------------------------------------------------------------


def issue(memo: uuid.UUID, draft: Draft | Document, *, by: Actor, at: datetime) -> Memo:
    """The document, the posting, what becomes of the goods and the status in one transaction; said again, nothing happens twice."""
    with transaction.atomic():
        known = Memo.objects.get(pk=memo)
        first = known.corrects_id is None
        units = _units_of(known) if first else []
        taken = moves.take([unit.device_id for unit in units if unit.device_id is not None])
        rma = approval.lock(known.rma_id)
        row = Memo.objects.select_for_update(no_key=True, of=("self",)).get(pk=memo)
        if row.status in DONE:
            return row
        if row.status != MemoStatus.DUE:
            raise UnableToCredit(Reason("wrong_status", _("This memo is %s.") % word(f"memo.{row.status}")))
        document = documents.finish(draft)
        row.status, row.document, row.issued_at = MemoStatus.ISSUED, document, at
        row.save(update_fields=["status", "document", "issued_at"])
        entry = ledger.append(
            rma.pk,
            business_facts.MemoIssued(
                memo=str(row.pk),
                memo_kind=f"memo.{row.kind}",
                number=document.number,
                amount=str(row.amount),
                currency=row.currency,
            ),
            by=by,
            at=at,
            key=f"issued:{row.pk}",
            owner=rma.seller_id,
            hub=rma.hub_id,
        )
        _post(row, rma, entry, at=at)
        if first:
            _take_back(rma, units, taken, at=at)
        closing.settle(rma, by=by, at=at)
    return row


def _units_of(memo: Memo) -> list[RmaUnit]:
    lines = memo.lines.values_list("line_id", flat=True)
    return list(_waiting().filter(line__in=list(lines)).order_by("device_id"))


def _waiting() -> QuerySet[RmaUnit]:
    """Units that are here and whose title is still the customer's."""
    return RmaUnit.objects.filter(status=UnitStatus.RECEIVED, device__isnull=False).select_related(
        "line__business", "found"
    )


def _take_back(rma: Rma, units: Sequence[RmaUnit], taken: Sequence[Device], *, at: datetime) -> None:
    """What is credited becomes ours (or the seller's), set-based; wrong goods go back to who sent them, unless they are credited too.

    What is on hold stays as it is until the hold ends (``take_late``).
    """
    devices = {device.pk: device for device in taken}
    kept: list[tuple[RmaUnit, Device]] = []
    for unit in units:
        device = devices.get(unit.device_id) if unit.device_id else None
        if device is None or device.holds:
            continue
        if _goes_back(unit):
            if not accepting.reasons_against_refusing(unit, device):
                accepting.refuse_unit(unit, reason=_("it isn't what was sold"), by=RULES, at=at)
            continue
        kept.append((unit, device))
    if not kept:
        return
    things = [device for _unit, device in kept]
    told = [facts.Accepted(rma=str(rma.pk), line=str(unit.line_id), moment="memo") for unit, _device in kept]
    moves.note_many(things, facts=told, by=RULES, at=at)
    ground = "title_is_ours" if rma.seller_id == rma.hub.organization_id else "contract"
    standing.authorize_many(things, ground=ground, reference=rma.number, by=RULES, at=at)
    RmaUnit.objects.filter(pk__in=[unit.pk for unit, _device in kept]).update(
        status=UnitStatus.ACCEPTED, settled_at=at, settled_by=RULES.reference
    )


def _goes_back(unit: RmaUnit) -> bool:
    own = unit.line.business
    wrong = unit.found.condition == "wrong" or not unit.found.lot_sent
    return wrong and not (
        Decimal(own.tolerance.get("credit", {}).get("wrong", "0")) > 0
        or own.disputes.filter(ended_as=DisputeEnd.ANNOUNCED).exists()
    )


def take_late(device: uuid.UUID, *, at: datetime) -> None:
    """A hold has ended on something that was credited meanwhile: now it is taken, or goes back."""
    with transaction.atomic():
        taken = moves.take([device])
        unit = _waiting().filter(device=device, line__wanted=Outcome.ACCOUNT).first()
        if (
            unit is None
            or not MemoLine.objects.filter(line_id=unit.line_id, void=False, memo__status__in=DONE).exists()
        ):
            return
        rma = approval.lock(unit.line.rma_id)
        _take_back(rma, [unit], taken, at=at)
        closing.settle(rma, by=RULES, at=at)


def _post(memo: Memo, rma: Rma, entry: Entry, *, at: datetime) -> None:
    rate = terms.rate(memo.currency, at=at)
    if rate is None:
        raise UnableToCredit(Reason("no_rate", _("There is no exchange rate for %s.") % memo.currency))
    ours = rma.seller_id == rma.hub.organization_id
    money.post(
        entry=entry,
        account="credit",
        amount=-memo.amount if memo.kind == MemoKind.CREDIT else memo.amount,
        currency=memo.currency,
        book="ours" if ours else "seller",
        party=memo.customer,
        at=at,
        key=f"memo:{memo.pk}",
        rate=rate,
    )


def settle(memo: Memo, *, reference: str, by: Actor, at: datetime) -> Memo:
    """Finance set it against an invoice, or paid it out: by which reference. Said once."""
    if not by.may("returns.refund"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to approve refunds.")))
    told = " ".join(reference.split())
    if not told or len(told) > 60 or not told.isprintable():
        raise BadInput(Reason("reference", _("Name the invoice or payment, in at most 60 characters."), "reference"))
    with transaction.atomic():
        rma = approval.lock(memo.rma_id)
        row = Memo.objects.select_for_update(no_key=True, of=("self",)).select_related("document").get(pk=memo.pk)
        if row.status == MemoStatus.SETTLED:
            if row.settled_reference == told:
                return row
            raise UnableToCredit(Reason("settled", _("It was settled already, by %s.") % row.settled_reference))
        if row.status != MemoStatus.ISSUED or row.document is None:
            raise UnableToCredit(Reason("wrong_status", _("This memo is %s.") % word(f"memo.{row.status}")))
        row.status, row.settled_at, row.settled_by = MemoStatus.SETTLED, at, by.reference
        row.settled_reference = told
        row.save(update_fields=["status", "settled_at", "settled_by", "settled_reference"])
        approval.say(
            rma,
            business_facts.MemoSettled(
                memo=str(row.pk),
                number=row.document.number,
                amount=str(row.amount),
                currency=row.currency,
                reference=told,
            ),
            by=by,
            at=at,
            key=f"settled:{row.pk}",
        )
    return row
