"""What corrects an issued memo: a debit note or a second credit memo, approved by another person. What was issued is never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns.models import (
    BusinessLine,
    Memo,
    MemoKind,
    MemoLine,
    MemoStatus,
)
from returns.services import approval
from returns.services.business import taxes
from returns.services.business.memoed import DONE
from returns.services.business.memos import UnableToCredit, say_proposed
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import NotAllowed, Reason


@dataclass(frozen=True, kw_only=True)
class Correction:
    """So much more (or, by a debit note, less) for one line than was credited."""

    position: int
    amount: Decimal
    quantity: int = 0


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
        taxed = {one.line_id: one for one in row.lines.all()}
        parts = [
            MemoLine(
                id=ids.new(at),
                memo=made,
                line=lines[one.position],
                quantity=one.quantity,
                price=lines[one.position].line.per_piece,
                amount=one.amount,
                # What is corrected was taxed so, and stays so, whatever the rules say by now.
                tax_kind=taxed[lines[one.position].pk].tax_kind,
                tax_rate=taxed[lines[one.position].pk].tax_rate,
                first=False,
            )
            for one in corrections
        ]
        taxes.put(parts, row.currency)
        MemoLine.objects.bulk_create(parts)
        say_proposed(made, rma, by=by, at=at)
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
