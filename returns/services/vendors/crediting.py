"""What suppliers credit for what went back: each paper once, never more than was expected, and the difference written off."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns.facts import vendors as facts
from returns.models import RtvStatus, VendorCredit, VendorReturn, VendorReturnLine
from returns.models.vendors import OWED
from returns.services.vendors import returning, sending
from returns.services.vendors.returning import UnableToReturn, wrong_status
from revlog.accounts.actors import Actor
from revlog.common import ids, money
from revlog.common.errors import BadInput, Reason


def owed(rtv: VendorReturn) -> Decimal:
    """What of the expected credit hasn't come."""
    return sum((one.expected - one.credited for one in rtv.lines.all()), Decimal(0))


def reasons_against_crediting(rtv: VendorReturn, *, number: str, amount: Decimal, left: Decimal) -> list[Reason]:
    """Why this credit can't be written down: nothing was shipped, their paper is known already, or it is more than they owe."""
    if rtv.credits.filter(number=number).exists():
        told = {"credit": number, "number": rtv.number}
        return [Reason("known", _("%(credit)s stands on %(number)s already.") % told, "number")]
    if rtv.status not in OWED:
        return [wrong_status(rtv)]
    if amount > left:
        told_left = {"left": left, "currency": rtv.currency}
        return [Reason("too_much", _("They owe %(left)s %(currency)s and no more.") % told_left, "amount")]
    return []


def credit(
    rtv: VendorReturn, *, number: str, amount: Decimal, given_on: date | None = None, by: Actor, at: datetime
) -> VendorCredit:
    """Write one credit down, by the number on the supplier's paper: shared among the lines by what each still waits for, to the cent."""
    returning.may_answer(rtv, by)
    paper = " ".join(number.split())[:60]
    found = []
    if not paper:
        found.append(Reason("number", _("Enter the number on their credit note."), "number"))
    if not amount.is_finite() or amount <= 0 or amount != money.rounded(amount, rtv.currency):
        found.append(Reason("amount", _("An amount is like 120.50, and more than nothing."), "amount"))
    if given_on is not None and given_on > at.date():
        found.append(Reason("given_on", _("A credit isn't of a day to come."), "given_on"))
    if found:
        raise BadInput(found)
    with transaction.atomic():
        row, lines, _devices = returning.lock(rtv)
        left = sum((one.expected - one.credited for one in lines), Decimal(0))
        if found := reasons_against_crediting(row, number=paper, amount=amount, left=left):
            raise UnableToReturn(found)
        made = VendorCredit.objects.create(
            id=ids.new(at),
            rtv=row,
            number=paper,
            amount=amount,
            given_on=given_on or at.date(),
            noted_at=at,
            noted_by=by.reference,
        )
        if amount == left:
            row.credit_all()
        else:
            row.credit_part()
        row.save()
        entry = returning.say(
            row,
            facts.VendorCredited(
                number=row.number,
                credit=paper,
                amount=str(amount),
                expected=str(sum((one.expected for one in lines), Decimal(0))),
                currency=row.currency,
            ),
            by=by,
            at=at,
        )
        shares = money.divide(amount, [one.expected - one.credited for one in lines], row.currency)
        for line, share in zip(lines, shares, strict=True):
            line.credited += share
            sending.post(row, line, entry, account="claim", amount=-share, step=f"taken:{made.pk}", at=at)
            sending.post(row, line, entry, account="vendor_credit", amount=share, step=f"credited:{made.pk}", at=at)
        VendorReturnLine.objects.bulk_update(lines, ["credited"])
    return made


def dispute(rtv: VendorReturn, *, text: str, by: Actor, at: datetime) -> VendorReturn:
    """We don't agree with what they credit, or that nothing comes; the supplier reads why."""
    returning.may(by)
    if not text.strip():
        raise BadInput(Reason("text", _("Say what you don't agree with; the supplier reads it."), "text"))
    with transaction.atomic():
        row, _lines, _devices = returning.lock(rtv)
        if row.status not in {RtvStatus.SHIPPED, RtvStatus.PARTLY}:
            raise UnableToReturn(wrong_status(row))
        row.contest()
        row.disputed_at, row.dispute = at, " ".join(text.split())[:500]
        row.save()
        returning.say(
            row, facts.VendorReturnDisputed(number=row.number, text=row.dispute[:300].rstrip(".")), by=by, at=at
        )
    return row


def reasons_against_closing(rtv: VendorReturn, *, left: Decimal) -> list[Reason]:
    """Why it can't be closed: it is over, not shipped, or no word came of a credit that they owe."""
    if rtv.status in {RtvStatus.PARTLY, RtvStatus.CREDITED, RtvStatus.DISPUTED}:
        return []
    return [] if rtv.status == RtvStatus.SHIPPED and not left else [wrong_status(rtv)]


def close(rtv: VendorReturn, *, why: str = "", by: Actor, at: datetime) -> VendorReturn:
    """Nothing more comes: what the goods cost beyond the credit is written off in the same book, once.

    Unless all of a credit came it needs a reason; what was taken for no credit is closed with one once it left.
    """
    returning.may(by)
    with transaction.atomic():
        row, lines, _devices = returning.lock(rtv)
        if row.status == RtvStatus.CLOSED:
            return row
        left = sum((one.expected - one.credited for one in lines), Decimal(0))
        if found := reasons_against_closing(row, left=left):
            raise UnableToReturn(found)
        if row.status != RtvStatus.CREDITED and not why.strip():
            raise BadInput(Reason("no_reason", _("Say why the rest isn't waited for."), "why"))
        row.close()
        row.closed_at, row.closed_why = at, " ".join(why.split())[:300]
        row.save()
        for line in lines:
            line.written_off, line.is_open = line.value - line.credited, False
        entry = returning.say(
            row,
            facts.VendorReturnClosed(
                number=row.number,
                credited=str(sum((one.credited for one in lines), Decimal(0))),
                written_off=str(sum((one.value - one.credited for one in lines), Decimal(0))),
                currency=row.currency,
                why=row.closed_why.rstrip(".") or None,
            ),
            by=by,
            at=at,
        )
        for line in lines:
            sending.post(
                row, line, entry, account="write_off", amount=-(line.value - line.credited), step="written_off", at=at
            )
        VendorReturnLine.objects.bulk_update(lines, ["written_off", "is_open"])
    return row
