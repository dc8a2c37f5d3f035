"""Carriers' bills: entered or read from a file, matched, decided line by line, approved by another person, posted once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, NotFound, Reason
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.services import money
from revlog.evidence.services import artifacts
from revlog.logistics.facts import bills as facts
from revlog.logistics.freight import billing, cards, exchange
from revlog.logistics.freight.billing import Columns, Read
from revlog.logistics.models import (
    Accrual,
    AccrualStatus,
    Bill,
    BillColumns,
    BillLine,
    BillState,
    BillStatus,
    Carrier,
    Contract,
    Decision,
)
from revlog.logistics.services.freight import matching

PREFIX = "FB"


class UnableToBill(DomainError):
    """The bill can't be entered, decided or approved like this."""

    code = "unable_to_bill"


def _require(by: Actor) -> None:
    if not by.is_operator or not by.may("money.post"):
        raise NotAllowed(Reason("not_allowed", _("Carriers' bills need the right to post costs and income.")))


def _lock(bill: Bill, *status: str, by: Actor) -> Bill:
    _require(by)
    row = (
        Bill.objects.select_for_update(no_key=True, of=("self",)).select_related("contract__carrier").filter(pk=bill.pk)
    )
    found = row.first()
    if found is None or not Bill.objects.visible_to(by).filter(pk=bill.pk).exists():
        raise NotFound(Reason("not_found", _("There is no such bill.")))
    if found.status not in status:
        raise UnableToBill(
            Reason(
                "status",
                _("Bill %(number)s is %(status)s.") % {"number": found.number, "status": found.get_status_display()},
            )
        )
    return found


def _say(bill: Bill, fact: Fact, *, by: Actor, at: datetime, key: str = "") -> Entry:
    return ledger.append(bill.pk, fact, by=by, at=at, key=key, owner=by.organization_id)


def enter(
    *, contract: Contract, theirs: str, dated: date, total: Decimal | None = None, file: File[bytes] | None = None,
    lines: Sequence[Read] = (), by: Actor, at: datetime,
) -> Bill:  # fmt: skip
    """A bill came. With a file its columns are said next; with lines they are matched; else they are entered by hand."""
    _require(by)
    if not theirs.strip():
        raise BadInput(Reason("theirs", _("Write down the number of the bill."), "theirs"))
    if not Contract.objects.visible_to(by).filter(pk=contract.pk).exists():
        raise NotFound(Reason("not_found", _("There is no such contract.")))
    kept = None
    if file is not None:
        data = file.read(cards.MOST_BYTES * 4 + 1)
        if len(data) > cards.MOST_BYTES * 4:
            raise BadInput(Reason("file", _("A bill has at most 2 MB."), "file"))
        rows_of(data)
        kept = artifacts.keep(data, media_type="text/csv", at=at, limit="document")
    with transaction.atomic():
        row = Bill(
            id=ids.new(at), number=ids.code(PREFIX), contract=contract, carrier=contract.carrier, theirs=theirs.strip()[:60],
            dated=dated, total=total, file=kept, status=BillStatus.DRAFT if kept else BillStatus.OPEN, entered_by=by.reference,
            entered_at=at,
        )  # fmt: skip
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise UnableToBill(
                Reason("again", _("Bill %s of this carrier is entered already.") % row.theirs, "theirs")
            ) from error
        fact = facts.BillEntered(
            number=row.number, carrier=row.carrier.code, theirs=row.theirs, contract=contract.number, dated=dated.isoformat(),
            file=kept.digest if kept else None,
        )  # fmt: skip
        ledger.begin("bill", row.pk, fact, by=by, at=at, owner=by.organization_id)
        if lines:
            for line in lines:
                _require_name(line)
            _match(row, lines)
            _matched(row, by=by, at=at)
    return row


def rows_of(data: bytes) -> list[dict[str, str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return cards.rows_of(text)


def read(bill: Bill, columns: Columns, *, by: Actor, at: datetime) -> Bill:
    """Read the file by these columns, which are kept for the carrier's next one, and match every line."""
    if columns.dates not in billing.DATES:
        raise BadInput(Reason("dates", _("Choose how days are written."), "dates"))
    with transaction.atomic():
        row = _lock(bill, BillStatus.DRAFT, by=by)
        if row.file is None:
            raise UnableToBill(Reason("no_file", _("This bill came without a file.")))
        lines = billing.read(rows_of(artifacts.read(row.file)), columns)
        BillColumns.objects.update_or_create(
            carrier=row.carrier,
            defaults={
                "columns": dict(columns.columns), "grams": columns.grams, "dates": columns.dates, "words": dict(columns.words),
            },
        )  # fmt: skip
        _match(row, lines)
        row.status = BillStatus.OPEN
        row.save(update_fields=["status"])
        _matched(row, by=by, at=at)
    return row


def add_line(bill: Bill, line: Read, *, by: Actor, at: datetime) -> BillLine:
    """One line by hand, matched like those of a file."""
    with transaction.atomic():
        row = _lock(bill, BillStatus.OPEN, by=by)
        _require_name(line)
        made = _match(row, [line])[0]
        # Who writes a line is one of those who don't approve the bill, also where nothing is left to decide about it.
        made.decided_by = by.reference
        made.save(update_fields=["decided_by"])
        _matched(row, by=by, at=at)
    return made


def _require_name(line: Read) -> None:
    if not line.tracking and not line.reference and not line.shipped_on:
        raise BadInput(Reason("tracking", _("Say which parcel, reference or day it is for."), "tracking"))


def _match(bill: Bill, lines: Sequence[Read]) -> list[BillLine]:
    # One bill of a carrier after the other: two that come at once may name the same parcel.
    Carrier.objects.select_for_update(no_key=True).get(pk=bill.carrier_id)
    begin = bill.lines.count()
    made = []
    for place, line in enumerate(lines, start=begin + 1):
        found, verdict = matching.match(bill, line)
        good = verdict.state == BillState.MATCHED
        row = BillLine(
            bill=bill, position=place, tracking=line.tracking, reference=line.reference, shipped_on=line.shipped_on,
            grams=line.grams, charge=line.charge, text=line.text, amount=line.amount, accrual=found.accrual if found else None,
            parcel=found.parcel if found else None, expected=verdict.expected, state=verdict.state, why=verdict.why[:300],
            decision=Decision.PAY if good else "", paid=line.amount if good else Decimal(0),
        )  # fmt: skip
        row.save(force_insert=True)
        made.append(row)
    return made


def _matched(bill: Bill, *, by: Actor, at: datetime) -> None:
    lines = list(bill.lines.all())
    fact = facts.BillMatched(
        number=bill.number, lines=len(lines), matched=sum(one.state == BillState.MATCHED for one in lines),
        amount=str(sum((one.amount for one in lines), Decimal(0))), currency=bill.contract.currency,
    )  # fmt: skip
    _say(bill, fact, by=by, at=at)


def decide(line: BillLine, *, paid: Decimal, dispute: str = "", by: Actor, at: datetime) -> BillLine:
    """What becomes of a line: paid as billed, or a part of it (or nothing) with what the carrier is told about the rest."""
    with transaction.atomic():
        bill = _lock(line.bill, BillStatus.OPEN, by=by)
        row = BillLine.objects.select_for_update(no_key=True, of=("self",)).get(pk=line.pk)
        row.bill = bill
        low, high = min(row.amount, Decimal(0)), max(row.amount, Decimal(0))
        if not paid.is_finite() or not low <= paid <= high:
            raise BadInput(Reason("paid", _("Between nothing and what is billed."), "paid"))
        if paid != row.amount and not dispute.strip():
            raise BadInput(Reason("dispute", _("Say what the carrier is told about the rest."), "dispute"))
        row.paid, row.decided_by = paid.quantize(Decimal("0.01")), by.reference
        row.decision = Decision.PAY if row.paid == row.amount else Decision.DISPUTE
        row.dispute = "" if row.decision == Decision.PAY else " ".join(dispute.split())[:500]
        row.save()
    return row


def reasons_against_approving(bill: Bill, lines: Sequence[BillLine], *, by: Actor) -> list[Reason]:
    """Why it can't be approved: by one's own hand, with open lines, or with another sum than is printed on it."""
    doers = [bill.entered_by, *(one.decided_by for one in lines if one.decided_by)]
    found = separations.reasons_against("bill_approval", doer=doers, by=by)
    if not lines:
        found.append(Reason("empty", _("The bill has no line yet.")))
    waiting = [str(one.position) for one in lines if not one.decision]
    if waiting:
        found.append(Reason("waiting", _("These lines aren't decided yet: %s.") % ", ".join(waiting[:10])))
    total = sum((one.amount for one in lines), Decimal(0))
    if bill.total is not None and total != bill.total:
        told = {"lines": total, "total": bill.total}
        found.append(Reason("total", _("Its lines add up to %(lines)s, and %(total)s is printed on it.") % told))
    return found


def approve(bill: Bill, *, by: Actor, at: datetime) -> Bill:
    """It is paid as decided: what was expected goes out of the book, what it cost comes in, once. Disputes go to the carrier."""
    with transaction.atomic():
        row = _lock(bill, BillStatus.OPEN, by=by)
        lines = list(row.lines.select_for_update(of=("self",), no_key=True).order_by("position"))
        if found := reasons_against_approving(row, lines, by=by):
            raise UnableToBill(found)
        accruals = {
            one.pk: one
            for one in Accrual.objects.select_for_update(no_key=True, of=("self",))
            .filter(pk__in=[line.accrual_id for line in lines if line.accrual_id])
            .select_related("contract__carrier", "party")
            .order_by("id")
        }
        paid = sum((one.paid for one in lines), Decimal(0))
        disputes = [one for one in lines if one.decision == Decision.DISPUTE]
        row.status, row.approved_by, row.approved_at = BillStatus.APPROVED, by.reference, at
        row.save()
        fact = facts.BillApproved(
            number=row.number, paid=str(paid), disputed=str(sum((one.disputed_amount for one in disputes), Decimal(0))),
            disputes=len(disputes), currency=row.contract.currency,
        )  # fmt: skip
        entry = _say(row, fact, by=by, at=at)
        for line in lines:
            accrual = accruals.get(line.accrual_id) if line.accrual_id else None
            _post(row, line, accrual, line.paid, entry, step="approved", at=at)
        for accrual in accruals.values():
            accrual.save(update_fields=["billed", "reversed", "status"])
    return row


def _post(
    bill: Bill, line: BillLine, accrual: Accrual | None, paid: Decimal, entry: Entry, *, step: str, at: datetime
) -> None:
    """What a line moves: the expected out, the cost in, and what differs by itself."""
    if line.decision == Decision.DISPUTE and not paid:
        return
    cost, expected = paid, Decimal(0)
    variance = Decimal(0)
    if accrual is not None and not line.charge:
        expected = min(line.expected or Decimal(0), accrual.amount - accrual.reversed)
        accrual.reversed += expected
        accrual.billed += paid
        if accrual.reversed >= accrual.amount:
            accrual.status = AccrualStatus.BILLED
        cost, variance = expected, paid - expected
    elif accrual is not None and line.expected is not None:
        accrual.billed += paid
        cost, variance = min(paid, line.expected), max(paid - line.expected, Decimal(0))
    else:
        cost, variance = Decimal(0), paid
    for account, amount in (("freight_accrued", expected), ("freight", -cost), ("freight_variance", -variance)):
        if amount:
            _money(bill, line, accrual, entry, account=account, amount=amount, step=step, at=at)


def _money(
    bill: Bill,
    line: BillLine,
    accrual: Accrual | None,
    entry: Entry,
    *,
    account: str,
    amount: Decimal,
    step: str,
    at: datetime,
) -> None:
    currency = bill.contract.currency
    party = accrual.party if accrual is not None and accrual.party is not None else bill.contract.carrier.organization
    money.post(
        entry=entry, account=account, amount=amount, currency=currency, book=accrual.book if accrual is not None else "ours",
        party=party, at=at, key=f"bill:{line.pk}:{step}:{account}", rate=exchange.rate(currency, at=at) or Decimal(1),
    )  # fmt: skip


def put_aside(bill: Bill, *, reason: str, by: Actor, at: datetime) -> Bill:
    """It was entered by mistake, or the carrier sends another: its lines count for nothing."""
    if not reason.strip():
        raise BadInput(Reason("reason", _("Say why it is put aside."), "reason"))
    with transaction.atomic():
        row = _lock(bill, BillStatus.DRAFT, BillStatus.OPEN, by=by)
        row.status = BillStatus.VOID
        row.save(update_fields=["status"])
        _say(row, facts.BillPutAside(number=row.number, reason=reason.strip()[:200]), by=by, at=at)
    return row


def settle(line: BillLine, *, paid: Decimal, note: str, by: Actor, at: datetime) -> BillLine:
    """A dispute ends: the carrier gave in (nothing more is paid), or some or all of the rest is. Not by who disputed it."""
    if not note.strip():
        raise BadInput(Reason("note", _("Say how it ended."), "note"))
    with transaction.atomic():
        bill = _lock(line.bill, BillStatus.APPROVED, by=by)
        row = BillLine.objects.select_for_update(no_key=True, of=("self",)).get(pk=line.pk)
        row.bill = bill
        if row.decision != Decision.DISPUTE or row.settled_at is not None:
            raise UnableToBill(Reason("settled", _("This line isn't in dispute.")))
        if found := separations.reasons_against("bill_approval", doer=[row.decided_by], by=by):
            raise UnableToBill(found)
        rest = row.disputed_amount
        if not paid.is_finite() or not min(rest, Decimal(0)) <= paid <= max(rest, Decimal(0)):
            raise BadInput(Reason("paid", _("Between nothing and what is disputed."), "paid"))
        accrual = None
        if row.accrual_id:
            accrual = (
                Accrual.objects.select_for_update(no_key=True, of=("self",))
                .select_related("contract__carrier", "party")
                .get(pk=row.accrual_id)
            )
        row.settled_at, row.settled_by, row.settled_note = at, by.reference, note.strip()[:300]
        fact = facts.DisputeSettled(
            number=bill.number, line=row.position, paid=str(paid), currency=bill.contract.currency
        )
        entry = _say(bill, fact, by=by, at=at)
        if paid:
            row.paid += paid
            if row.paid - paid:
                # The expected part went out with what was paid at first: the rest is all difference.
                _money(bill, row, accrual, entry, account="freight_variance", amount=-paid, step="settled", at=at)
                if accrual is not None:
                    accrual.billed += paid
            else:
                _post(bill, row, accrual, paid, entry, step="settled", at=at)
            if accrual is not None:
                accrual.save(update_fields=["billed", "reversed", "status"])
        row.save()
    return row
