"""A memo becomes a document: made by a worker, posted, the goods taken or sent back, and settled by finance."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from returns import facts
from returns.facts import business as business_facts
from returns.models import (
    DisputeEnd,
    Memo,
    MemoKind,
    MemoLine,
    MemoStatus,
    Outcome,
    Rma,
    RmaUnit,
    UnitStatus,
)
from returns.services import accepting, approval, closing
from returns.services.business import taxes
from returns.services.business.memoed import DONE
from returns.services.business.memos import RULES, UnableToCredit
from revlog.accounts.actors import Actor
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
    sign = -1 if memo.kind == MemoKind.CREDIT else 1
    for place, part in enumerate(taxes.of_memo(memo)):
        # One posting for each rate: an accountant books each with the key of its tax.
        money.post(
            entry=entry,
            account="credit",
            amount=sign * part.gross,
            currency=memo.currency,
            book="ours" if ours else "seller",
            party=memo.customer,
            at=at,
            key=f"memo:{memo.pk}:{place}" if place else f"memo:{memo.pk}",
            rate=rate,
            taxed=money.Taxed(part.treatment.tax, part.treatment.rate, sign * part.tax) if part.treatment.tax else None,
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
