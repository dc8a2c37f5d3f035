"""Money from customers: asked, held, taken and given back once each, and said by a second person where no provider says it.

The row is written before anybody is asked; the provider is told by a reaction (``returns/reactions.py``), and what it did comes back here.
What follows for the line (an order, say) follows from the facts that are said here.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts, payments, policy
from returns.models import Charge, ChargeFor, ChargeStatus, Rma, RmaLine
from returns.payments import Asked, manual
from returns.services import approval
from revlog.accounts import actors, separations
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.devices.services import money
from revlog.terms import queries as terms

RULES = actors.system("returns.rules")
PAYMENTS = actors.system("returns.payments")
DEAD = (ChargeStatus.FAILED, ChargeStatus.CANCELLED)
ACCOUNTS = {ChargeFor.DIFFERENCE: "difference", ChargeFor.DEPOSIT: "deposit", ChargeFor.REPAIR: "repair_income"}


class UnableToCharge(DomainError):
    """The customer can't be asked for this, or it can't be said to have come; not any more, or not by this person."""

    code = "unable_to_charge"


def _locked(pk: uuid.UUID) -> tuple[Rma, Charge]:
    rma = approval.lock(Charge.objects.values_list("line__rma", flat=True).get(pk=pk))
    return rma, Charge.objects.select_for_update(no_key=True, of=("self",)).select_related("line__order_line").get(
        pk=pk
    )


def purpose(charge: Charge) -> str:
    """As facts name it, for the words table."""
    return f"charge_for.{charge.purpose}"


def standing(line: RmaLine, purpose: ChargeFor) -> Charge | None:
    """The one charge of a line for a purpose that didn't fail and wasn't called off."""
    return line.charges.filter(purpose=purpose.value).exclude(status__in=DEAD).first()


# Asking -----------------------------------------------------------------------------------------------------------------------------


def ask(
    line: RmaLine,
    *,
    purpose: ChargeFor,
    amount: Decimal,
    due_by: datetime | None = None,
    by: Actor = RULES,
    at: datetime,
) -> Charge:
    """Ask the customer for an amount, once for a line and purpose: asked again, the charge that stands is given.

    Raises UnableToCharge for nothing, or when another amount was asked for already.
    """
    if not amount.is_finite() or amount <= 0:
        raise UnableToCharge(Reason("amount", _("There is nothing to ask for.")))
    with transaction.atomic():
        rma = approval.lock(line.rma_id)
        if (before := standing(line, purpose)) is not None:
            if before.amount != amount:
                raise UnableToCharge(
                    Reason(
                        "asked",
                        _("The customer was asked for %(amount)s %(currency)s already.")
                        % {"amount": before.amount, "currency": before.currency},
                    )
                )
            return before
        days = int(terms.in_force(policy.KIND, at=at, organization=rma.seller_id).parameters.get("pay_days", 7))
        row = Charge.objects.create(
            id=ids.new(at),
            line=line,
            purpose=purpose.value,
            amount=amount,
            currency=line.currency,
            asked_at=at,
            due_by=due_by or rma.hub.calendar.after_days(at, days),
        )
        approval.say(
            rma,
            facts.ChargeAsked(
                charge=str(row.pk),
                line=str(line.pk),
                purpose=f"charge_for.{row.purpose}",
                amount=str(row.amount),
                currency=row.currency,
                due_by=row.due_by.isoformat() if row.due_by else "",
            ),
            by=by,
            at=at,
        )
    return row


def told(charge: uuid.UUID, *, provider: str, asked: Asked) -> Charge:
    """The provider has been asked, and calls it so; it may have been paid in the meantime."""
    with transaction.atomic():
        _rma, row = _locked(charge)
        if not row.reference:
            row.provider, row.reference = provider, asked.reference
            row.save(update_fields=["provider", "reference"])
    return row


# It came ----------------------------------------------------------------------------------------------------------------------------


def reasons_against_confirming(charge: Charge, rma: Rma, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't say that it came: it was said already, or the provider says it, or they opened the return themselves."""
    found = []
    if charge.status != ChargeStatus.ASKED:
        found.append(Reason("wrong_status", _("This payment is %s.") % word(f"charge.{charge.status}")))
    elif not charge.reference:
        found.append(Reason("not_asked", _("The customer hasn't been asked yet; try again in a minute.")))
    elif not payments.provider(charge.provider).BY_HAND:
        found.append(Reason("by_provider", _("The payment provider says by itself when it came.")))
    return found + separations.reasons_against("charge_confirmation", doer=[rma.opened_by], by=by)


def confirm(charge: Charge, *, by: Actor, at: datetime) -> Charge:
    """Somebody with the right to pay has seen it on the account. Never who opened the return."""
    if not by.may("returns.refund"):
        raise NotAllowed(Reason("not_allowed", _("Saying that money came needs the right to approve payments.")))
    with transaction.atomic():
        rma, row = _locked(charge.pk)
        if found := reasons_against_confirming(row, rma, by=by):
            raise UnableToCharge(found)
        asked = manual.came(str(row.pk), at=at)
        _came(row, rma, status=ChargeStatus(asked.status), reference=asked.reference, by=by, at=at)
    return row


def came(charge: uuid.UUID, *, asked: Asked, provider: str, by: Actor = PAYMENTS, at: datetime) -> Charge:
    """The provider says that it is held or paid (or that it failed): row, books and ledger say so, once, whoever gets here."""
    with transaction.atomic():
        rma, row = _locked(charge)
        if row.status != ChargeStatus.ASKED:
            if row.status in DEAD and asked.status in {"held", "paid"}:
                raise UnableToCharge(
                    Reason("wrong_status", _("This payment is %s; give it back.") % word(f"charge.{row.status}"))
                )
            return row
        row.provider = provider
        if asked.status == "failed":
            row.status, row.settled_at = ChargeStatus.FAILED, at
            row.save(update_fields=["provider", "status", "settled_at"])
            approval.say(
                rma,
                facts.ChargeFailed(
                    charge=str(row.pk),
                    line=str(row.line_id),
                    purpose=purpose(row),
                    amount=str(row.amount),
                    currency=row.currency,
                ),
                by=by,
                at=at,
                key=f"charge:{row.pk}:failed",
            )
        elif asked.status in {"held", "paid"}:
            if asked.amount != row.amount or asked.currency != row.currency:
                raise ValueError(f"The provider took {asked.amount} {asked.currency} for {row.amount} {row.currency}.")
            _came(row, rma, status=ChargeStatus(asked.status), reference=asked.reference, by=by, at=at)
    return row


def _came(row: Charge, rma: Rma, *, status: ChargeStatus, reference: str, by: Actor, at: datetime) -> None:
    wanted = ChargeStatus.HELD if row.purpose == ChargeFor.DEPOSIT else ChargeStatus.PAID
    if status != wanted:
        raise ValueError(f"A {row.purpose} is to be {wanted}, and the provider says {status}.")
    row.status, row.reference, row.confirmed_by = wanted, reference[:80], by.reference
    if wanted == ChargeStatus.HELD:
        row.held_at = at
    else:
        row.settled_at = at
    row.save(update_fields=["provider", "status", "reference", "confirmed_by", "held_at", "settled_at"])
    fact = facts.ChargeHeld if wanted == ChargeStatus.HELD else facts.ChargePaid
    entry = approval.say(
        rma,
        fact(
            charge=str(row.pk),
            line=str(row.line_id),
            purpose=purpose(row),
            amount=str(row.amount),
            currency=row.currency,
            provider=row.provider,
            reference=row.reference,
        ),
        by=by,
        at=at,
        key=f"charge:{row.pk}:{wanted.value}",
    )
    if wanted == ChargeStatus.PAID:
        _post(row, rma, entry, amount=row.amount, at=at)


def _post(row: Charge, rma: Rma, entry: Entry, *, amount: Decimal, at: datetime) -> None:
    """What a customer gave for good is income in the book of whose sale it is; a deposit that is only held is nobody's."""
    rate = terms.rate(row.currency, at=at)
    if rate is None:
        raise UnableToCharge(Reason("no_rate", _("There is no exchange rate for %s.") % row.currency))
    units = list(row.line.units.select_related("device")[:2])
    money.post(
        entry=entry,
        account=ACCOUNTS[ChargeFor(row.purpose)],
        amount=amount,
        currency=row.currency,
        book="ours" if rma.seller_id == rma.hub.organization_id else "seller",
        device=units[0].device if len(units) == 1 else None,
        party=rma.seller,
        at=at,
        key=f"charge:{row.pk}",
        rate=rate,
    )


# No longer asked for ----------------------------------------------------------------------------------------------------------------


def drop(charge: Charge, *, why: str, by: Actor = RULES, at: datetime) -> Charge:
    """The customer needn't pay it any more; what came already isn't dropped but given back, by ``decide``."""
    with transaction.atomic():
        rma, row = _locked(charge.pk)
        if row.status == ChargeStatus.CANCELLED:
            return row
        if row.status != ChargeStatus.ASKED:
            raise UnableToCharge(Reason("wrong_status", _("This payment is %s.") % word(f"charge.{row.status}")))
        row.status, row.settled_at, row.why = ChargeStatus.CANCELLED, at, why.strip()[:300]
        row.save(update_fields=["status", "settled_at", "why"])
        approval.say(
            rma,
            facts.ChargeDropped(
                charge=str(row.pk),
                line=str(row.line_id),
                purpose=purpose(row),
                amount=str(row.amount),
                currency=row.currency,
                why=row.why,
            ),
            by=by,
            at=at,
            key=f"charge:{row.pk}:dropped",
        )
    return row


# Deposits ---------------------------------------------------------------------------------------------------------------------------


def decide(charge: Charge, *, keep: Decimal, why: str, by: Actor = RULES, at: datetime) -> Charge:
    """What becomes of a deposit that is held: so much is kept (nothing: all of it goes back). Decided once; the provider is told next."""
    with transaction.atomic():
        rma, row = _locked(charge.pk)
        if row.status in {ChargeStatus.KEEPING, ChargeStatus.RELEASING, ChargeStatus.PAID, ChargeStatus.RELEASED}:
            return row
        if row.status != ChargeStatus.HELD or not 0 <= keep <= row.amount:
            raise UnableToCharge(Reason("wrong_status", _("This payment is %s.") % word(f"charge.{row.status}")))
        row.status = ChargeStatus.KEEPING if keep else ChargeStatus.RELEASING
        row.kept, row.why = keep or None, why.strip()[:300]
        row.save(update_fields=["status", "kept", "why"])
        approval.say(
            rma,
            facts.DepositDecided(
                charge=str(row.pk),
                line=str(row.line_id),
                amount=str(row.amount),
                kept=str(keep),
                currency=row.currency,
                why=row.why,
            ),
            by=by,
            at=at,
            key=f"charge:{row.pk}:decided",
        )
    return row


def done(charge: uuid.UUID, *, asked: Asked, by: Actor = PAYMENTS, at: datetime) -> Charge:
    """The provider has kept or given back what was decided: row, books and ledger say so, once."""
    with transaction.atomic():
        rma, row = _locked(charge)
        if row.status in {ChargeStatus.PAID, ChargeStatus.RELEASED}:
            return row
        if row.status == ChargeStatus.KEEPING:
            if row.kept is None or asked.status != "paid" or asked.taken != row.kept:
                raise ValueError(f"The provider kept {asked.taken} ({asked.status}) where {row.kept} were to be kept.")
            row.status, row.settled_at = ChargeStatus.PAID, at
            entry = approval.say(
                rma,
                facts.DepositKept(
                    charge=str(row.pk),
                    line=str(row.line_id),
                    amount=str(row.amount),
                    kept=str(row.kept),
                    currency=row.currency,
                    why=row.why,
                    reference=row.reference,
                ),
                by=by,
                at=at,
                key=f"charge:{row.pk}:kept",
            )
            _post(row, rma, entry, amount=row.kept, at=at)
        elif row.status == ChargeStatus.RELEASING:
            if asked.status != "released":
                raise ValueError(f"The provider says {asked.status} where all was to be given back.")
            row.status, row.settled_at = ChargeStatus.RELEASED, at
            approval.say(
                rma,
                facts.DepositReleased(
                    charge=str(row.pk),
                    line=str(row.line_id),
                    amount=str(row.amount),
                    currency=row.currency,
                    reference=row.reference,
                ),
                by=by,
                at=at,
                key=f"charge:{row.pk}:released",
            )
        else:
            raise UnableToCharge(Reason("wrong_status", _("This payment is %s.") % word(f"charge.{row.status}")))
        row.save(update_fields=["status", "settled_at"])
    return row
