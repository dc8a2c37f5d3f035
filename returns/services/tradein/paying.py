"""What sellers are paid by bank, as a file of credit transfers: drawn up by one person, released by another, each payment once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from returns.facts import payouts as facts
from returns.models import (
    Kind,
    PayoutFile,
    PayoutFileStatus,
    PayoutTransfer,
    Refund,
    RefundMethod,
    RefundStatus,
    TransferStatus,
)
from returns.payments import sepa
from returns.queries import payouts as queries
from returns.services import bouncing, refunds
from returns.services.fraud import holding
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.facts import Fact
from revlog.custody.services import ledger

PROVIDER = queries.PROVIDER
MOST = 500
"""So many payments has a file at most."""
LATEST = timedelta(days=30)


class UnableToPayOut(DomainError):
    """The file isn't there to be drawn up, released or loaded."""

    code = "unable_to_pay_out"


def by_file(refund: Refund) -> bool:
    """Whether it waits for a file, and isn't paid by hand: a seller's account that a SEPA transfer reaches, in euro.

    So does one whose account can't be read: it is no reason to pay another way unseen.
    """
    if refund.provider not in {"", PROVIDER} or refund.currency != sepa.CURRENCY or queries.debtor() is None:
        return False
    if refund.line.rma.kind != Kind.TRADE or refund.method != RefundMethod.ORIGINAL:
        return False
    return queries.is_unreadable(refund) or queries.account_of(refund) is not None


# Drawing up -------------------------------------------------------------------------------------------------------------------------


def reasons_against_drawing(*, by: Actor) -> list[Reason]:
    if not by.may("returns.settle") and not by.may("returns.refund"):
        return [Reason("not_allowed", _("Drawing up payments needs the right to settle returns."))]
    if queries.debtor() is None:
        return [Reason("no_account", _("It isn't told yet from which account we pay."))]
    return []


def draw_up(*, by: Actor, at: datetime) -> PayoutFile:
    """All that is due and in no file, as a file that another person has to release."""
    if found := reasons_against_drawing(by=by):
        raise NotAllowed(found) if found[0].code == "not_allowed" else UnableToPayOut(found)
    with transaction.atomic():
        keys = [row.pk for row in queries.waiting()[:MOST]]
        rows = list(
            Refund.objects.select_for_update(no_key=True, of=("self",))
            .filter(pk__in=keys, status=RefundStatus.DUE)
            .select_related("line__rma")
            .order_by("pk")
        )
        listed = set(
            PayoutTransfer.objects.filter(refund__in=keys)
            .exclude(status=TransferStatus.DROPPED)
            .values_list("refund", "attempt")
        )
        rows = [row for row in rows if (row.pk, row.attempt) not in listed]
        if not rows:
            raise UnableToPayOut(Reason("nothing", _("Nobody waits for a payment.")))
        file = PayoutFile(
            id=ids.new(at),
            number=ids.code("PF"),
            status=PayoutFileStatus.DRAWN.value,
            currency=sepa.CURRENCY,
            drawn_by=by.reference,
            drawn_at=at,
        )
        fact = facts.PayoutsDrawn(
            number=file.number, count=len(rows), total=str(sum(row.amount for row in rows)), currency=file.currency
        )
        ledger.begin("payouts", file.pk, fact, by=by, at=at)
        file.save(force_insert=True)
        PayoutTransfer.objects.bulk_create(
            PayoutTransfer(
                file=file,
                refund=row,
                attempt=row.attempt,
                place=place,
                reference=reference_of(row),
                amount=row.amount,
                status=TransferStatus.LISTED.value,
            )
            for place, row in enumerate(rows, 1)
        )
    return file


def reference_of(refund: Refund) -> str:
    """What the bank calls it, at most 35 signs: the same for the same try, another one for the next."""
    return f"{refund.line.rma.number}-{hashlib.sha256(refund.key.encode()).hexdigest()[:8].upper()}"[:35]


def _lock(file: PayoutFile) -> PayoutFile:
    return PayoutFile.objects.select_for_update(no_key=True, of=("self",)).get(pk=file.pk)


def _say(file: PayoutFile, fact: Fact, *, by: Actor, at: datetime, key: str = "") -> None:
    ledger.append(file.pk, fact, by=by, at=at, key=key)


# Releasing --------------------------------------------------------------------------------------------------------------------------


def reasons_against_releasing(file: PayoutFile, *, by: Actor) -> list[Reason]:
    found = []
    if file.status != PayoutFileStatus.DRAWN:
        found.append(Reason("wrong_status", _("This file is %s.") % word(f"payouts.{file.status}")))
    if queries.debtor() is None:
        found.append(Reason("no_account", _("It isn't told yet from which account we pay.")))
    return found + separations.reasons_against("payout_release", doer=[file.drawn_by], by=by)


def release(file: PayoutFile, *, execute_on: date, by: Actor, at: datetime) -> PayoutFile:
    """Another person has looked at it: from now on it can be loaded, and stays as it is."""
    _may_pay(by)
    with transaction.atomic():
        row = _lock(file)
        if found := reasons_against_releasing(row, by=by):
            raise UnableToPayOut(found)
        if not at.date() <= execute_on <= (at + LATEST).date():
            raise BadInput(Reason("execute_on", _("Choose a day from today to in 30 days."), "execute_on"))
        transfers = _listed(row)
        refunds_of = Refund.objects.select_for_update(no_key=True, of=("self",)).in_bulk(
            [one.refund_id for one in transfers]
        )
        for one in transfers:
            now = refunds_of[one.refund_id]
            if now.status != RefundStatus.DUE or now.attempt != one.attempt or now.amount != one.amount:
                raise UnableToPayOut(
                    Reason("changed", _("%s has changed since. Drop this file and draw up another.") % one.reference)
                )
            if held := holding.reasons_against_paying(one.refund.line.rma_id):
                raise UnableToPayOut(Reason(held[0].code, f"{one.reference}: {held[0].sentence}"))
        ours = queries.debtor()
        row.holder, row.iban, row.bic = (ours.name, ours.iban, ours.bic) if ours is not None else ("", "", "")
        row.holder = row.holder[:70]
        row.status, row.released_by, row.released_at = PayoutFileStatus.RELEASED.value, by.reference, at
        row.execute_on = execute_on
        row.digest = hashlib.sha256(_written(row, transfers)).hexdigest()
        row.save()
        fact = facts.PayoutsReleased(
            number=row.number,
            count=len(transfers),
            total=str(sum(one.amount for one in transfers)),
            currency=row.currency,
            execute_on=execute_on.isoformat(),
            digest=row.digest,
        )
        _say(row, fact, by=by, at=at)
    return row


def _may_pay(by: Actor) -> None:
    if not by.may("returns.refund"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to approve refunds.")))


def _listed(file: PayoutFile) -> list[PayoutTransfer]:
    rows = file.transfers.exclude(status=TransferStatus.DROPPED).select_related("refund__line__rma")
    return list(rows.order_by("place"))


def _written(file: PayoutFile, transfers: Sequence[PayoutTransfer]) -> bytes:
    if file.execute_on is None or file.released_at is None:
        raise UnableToPayOut(Reason("wrong_status", _("This file is %s.") % word(f"payouts.{file.status}")))
    told = []
    for one in transfers:
        account = queries.account_of(one.refund)
        if account is None:
            raise UnableToPayOut(Reason("forgotten", _("The account of %s is forgotten.") % one.reference))
        told.append(sepa.Transfer(one.reference, one.amount, account[1], account[0], one.refund.line.rma.number))
    return sepa.document(
        number=file.number,
        debtor=sepa.Debtor(file.holder, file.iban, file.bic),
        transfers=told,
        execute_on=file.execute_on,
        at=file.released_at,
    )


def content(file: PayoutFile, *, by: Actor) -> bytes:
    """The file as it was released, for whoever brings it to the bank. Raises UnableToPayOut once an account in it is forgotten."""
    _may_pay(by)
    data = _written(file, _listed(file))
    if hashlib.sha256(data).hexdigest() != file.digest:
        raise UnableToPayOut(Reason("changed", _("It isn't the file any more that was released.")))
    return data


def drop(file: PayoutFile, *, why: str, by: Actor, at: datetime) -> PayoutFile:
    """It is not to be released: its payments wait again, and go into the next."""
    _may_pay(by)
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say why."), "why"))
    with transaction.atomic():
        row = _lock(file)
        if row.status != PayoutFileStatus.DRAWN:
            raise UnableToPayOut(Reason("wrong_status", _("This file is %s.") % word(f"payouts.{row.status}")))
        row.status, row.ended_at, row.why = PayoutFileStatus.DROPPED.value, at, " ".join(why.split())[:300]
        row.save(update_fields=["status", "ended_at", "why"])
        row.transfers.update(status=TransferStatus.DROPPED.value)
        _say(row, facts.PayoutsDropped(number=row.number, why=row.why), by=by, at=at)
    return row


# What the bank did ------------------------------------------------------------------------------------------------------------------


def paid(file: PayoutFile, *, by: Actor, at: datetime) -> PayoutFile:
    """The statement shows it: what hasn't come back is paid. Said again, or from where a worker died, nothing happens twice."""
    _may_pay(by)
    file = PayoutFile.objects.get(pk=file.pk)
    if file.status not in {PayoutFileStatus.RELEASED, PayoutFileStatus.DONE}:
        raise UnableToPayOut(Reason("wrong_status", _("This file is %s.") % word(f"payouts.{file.status}")))
    for key in file.transfers.filter(status=TransferStatus.LISTED).order_by("place").values_list("pk", flat=True):
        with transaction.atomic():
            one = PayoutTransfer.objects.select_for_update(no_key=True, of=("self",)).get(pk=key)
            if one.status != TransferStatus.LISTED:
                continue
            refunds.paid(one.refund_id, provider=PROVIDER, reference=one.reference, by=by, at=at)
            _note(one, TransferStatus.PAID, by=by, at=at)
    return _end(file, by=by, at=at)


def bounced(transfer: PayoutTransfer, *, why: str, by: Actor, at: datetime) -> PayoutTransfer:
    """The bank refused one or sent it back: it is still owed, and a person finds another way (its return's page)."""
    _may_pay(by)
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say why it came back."), "why"))
    with transaction.atomic():
        one = PayoutTransfer.objects.select_for_update(no_key=True, of=("self",)).get(pk=transfer.pk)
        if one.status == TransferStatus.BOUNCED:
            return one
        if one.file.status not in {PayoutFileStatus.RELEASED, PayoutFileStatus.DONE}:
            raise UnableToPayOut(Reason("wrong_status", _("This file is %s.") % word(f"payouts.{one.file.status}")))
        if one.status == TransferStatus.PAID:
            bouncing.came_back(one.refund_id, why=why, attempt=one.attempt, by=by, at=at)
        else:
            bouncing.failed(one.refund_id, why=why, attempt=one.attempt, by=by, at=at)
        one.why = " ".join(why.split())[:300]
        _note(one, TransferStatus.BOUNCED, by=by, at=at)
        fact = facts.PayoutBounced(
            number=one.file.number, reference=one.reference, refund=str(one.refund_id), why=one.why
        )
        _say(one.file, fact, by=by, at=at, key=f"bounced:{one.pk}")
    _end(one.file, by=by, at=at)
    return one


def _note(one: PayoutTransfer, status: TransferStatus, *, by: Actor, at: datetime) -> None:
    one.status, one.said_by, one.said_at = status.value, by.reference, at
    one.save(update_fields=["status", "said_by", "said_at", "why"])


def _end(file: PayoutFile, *, by: Actor, at: datetime) -> PayoutFile:
    with transaction.atomic():
        row = _lock(file)
        still = row.transfers.filter(status=TransferStatus.LISTED).exists()
        if row.status == PayoutFileStatus.RELEASED and not still:
            row.status, row.ended_at = PayoutFileStatus.DONE.value, at
            row.save(update_fields=["status", "ended_at"])
            _say(row, facts.PayoutsDone(number=row.number), by=by, at=at, key="done")
    return row


def transfer_of(file: PayoutFile, key: int) -> PayoutTransfer | None:
    return file.transfers.filter(pk=key).select_related("file").first()
