"""A payment came back: whoever sold tells another account, and it waits for the next file."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns import iban, sealing
from returns.facts import payouts as facts
from returns.models import PayoutAccount, Refund, RefundMethod, RefundStatus, TradeIn, TradeInPayout
from returns.services import bouncing
from returns.services.tradein import quoting
from revlog.accounts.actors import Actor, ActorKind
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason


class UnableToCorrect(DomainError):
    """Nothing came back, or it is on its way again already."""

    code = "unable_to_correct"


def missing_of(row: TradeIn) -> Refund | None:
    """What its seller didn't get by bank; None where nothing came back, or it went to somebody else's account."""
    if row.payout != TradeInPayout.BANK or row.rma_id is None:
        return None
    rows = Refund.objects.filter(line__rma=row.rma_id, status=RefundStatus.FAILED, method=RefundMethod.ORIGINAL)
    return rows.order_by("proposed_at").first()


def reasons_against_correcting(row: TradeIn, *, by: Actor) -> list[Reason]:
    if by.kind != ActorKind.GUEST or f"rma:{row.rma_id}" not in by.scope:
        return [Reason("not_allowed", _("Only who sold it tells their account."))]
    if missing_of(row) is None:
        return [Reason("nothing_missing", _("No payment came back, so there is nothing to correct."))]
    return []


def _wrong_account(row: TradeIn, told: str) -> list[Reason]:
    number = iban.normal(told)
    if number is None:
        return [Reason("iban", _("This is no IBAN. Look at it once more; one digit is wrong or missing."), "iban")]
    known = PayoutAccount.objects.filter(trade_in=row, erased_at=None).first()
    if known is not None and sealing.read(known.sealed).partition("\n")[0] == number:
        return [Reason("same", _("Our payment to this account came back. Tell us another one."), "iban")]
    return []


def correct(row: TradeIn, *, account: str, holder: str = "", by: Actor, at: datetime) -> Refund:
    """Forget the account that was wrong, keep the new one, and owe what came back under a key of its own.

    Raises NotAllowed, UnableToCorrect, BadInput.
    """
    with transaction.atomic():
        missing = missing_of(row)
        rma, refund = bouncing.locked(missing.pk) if missing is not None else (None, None)
        found = TradeIn.objects.select_for_update(no_key=True, of=("self",)).select_related("contact").get(pk=row.pk)
        if wrong := reasons_against_correcting(found, by=by):
            raise NotAllowed(wrong) if wrong[0].code == "not_allowed" else UnableToCorrect(wrong)
        if rma is None or refund is None or refund.status != RefundStatus.FAILED:
            raise UnableToCorrect(Reason("nothing_missing", _("It is on its way again already.")))
        if wrong := _wrong_account(found, account):
            raise BadInput(wrong)
        number = iban.normal(account) or ""
        name = " ".join((holder or (found.contact.name if found.contact is not None else "")).split())[:120]
        kept = {"sealed": sealing.seal(f"{number}\n{name}"), "tail": number[-4:], "told_at": at, "erased_at": None}
        PayoutAccount.objects.update_or_create(trade_in=found, defaults=kept)
        quoting.say(found, facts.AccountCorrected(number=found.number), by=by, at=at)
        return bouncing.due_again(refund, rma, provider="", by=by, at=at)
