"""Repairs that customers asked for: free where we owe them, else quoted; the bench works with the owner's consent and not before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts, policy
from returns.models import (
    Charge,
    ChargeFor,
    ChargeStatus,
    Offer,
    OfferKind,
    Outcome,
    Refund,
    RefundStatus,
    Rma,
    RmaUnit,
    UnitStatus,
)
from returns.services import accepting, approval, charges, closing, offers, owing
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import Reason
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device
from revlog.devices.services import moves, standing
from revlog.terms import queries as terms

OWN_FAULT = frozenset({"CUSTOMER_DAMAGE", "LIQUID", "OUT_OF_WARRANTY"})
"""What was found that nobody but the customer answers for."""


def unit_of(device: Device) -> RmaUnit | None:
    """The unit of a repair that a device is, while it is with us for it."""
    rows = RmaUnit.objects.filter(device=device, status=UnitStatus.RECEIVED, line__wanted=Outcome.REPAIR)
    return rows.select_related("line__order_line__order", "line__rma__hub").first()


def covered(unit: RmaUnit, device: Device, *, at: datetime) -> str:
    """By what the repair is free: ``warranty``, ``guarantee``, or nothing. Nobody pays for what we don't know."""
    line = unit.line
    if line.confirmed_reason in OWN_FAULT:
        return ""
    rma = line.rma
    if terms.warranty_of(line.order_line, at=rma.opened_at, device=device) is not None:
        return "warranty"
    rules = terms.in_force(policy.KIND, at=rma.opened_at, organization=rma.seller_id)
    delivered = line.order_line.delivered
    days = rules.parameters.get("guarantee_days", 730)
    if delivered is None or (rma.opened_at - delivered).days <= int(days):
        return "guarantee"
    return ""


# Consent ----------------------------------------------------------------------------------------------------------------------------


def sent_to_the_bench(device: Device, *, at: datetime) -> bool:
    """Triage sent it to be repaired: what we owe begins at once, the rest waits for a quote. True when it may begin."""
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        unit = unit_of(taken)
        if unit is None or taken.authority or taken.disposition != Disposition.REPAIR_AND_RETURN:
            return bool(taken.authority)
        ground = covered(unit, taken, at=at)
        if ground:
            standing.authorize(taken, ground=ground, reference=unit.line.rma.number, by=offers.OFFERS, at=at)
        return bool(ground)


def quoted(
    device: Device, *, lines: Sequence[Mapping[str, Any]], amount: Decimal, words: str = "", at: datetime
) -> Offer | None:
    """The bench says what it would cost: the customer is asked, or where we owe it, nobody is and it begins. None when it begins."""
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        unit = unit_of(taken)
        if unit is None or Offer.objects.filter(unit=unit, status="open").exists():
            return None
        if sent_to_the_bench(taken, at=at):
            standing.wait_over(moves.take_one(device.pk), by=offers.OFFERS, at=at)
            return None
        told = [{"what": str(line["what"]), "amount": str(line["amount"]), "rule": "quote"} for line in lines]
        return offers.make(unit, kind=OfferKind.REPAIR, amount=amount, lines=told, words=words, by=offers.OFFERS, at=at)


def agreed(offer: Offer, unit: RmaUnit, device: Device, rma: Rma, *, at: datetime) -> None:
    """The owner agreed to the price: once it is paid, the bench may begin. Where nothing is to be paid, it may at once."""
    if not offer.amount:
        _begin(unit, device, rma, at=at)
        return
    charge = charges.ask(unit.line, purpose=ChargeFor.REPAIR, amount=offer.amount, by=charges.RULES, at=at)
    standing.wait(device, "customer", asked=_("payment of the repair"), due=charge.due_by, by=offers.OFFERS, at=at)


def _begin(unit: RmaUnit, device: Device, rma: Rma, *, at: datetime) -> None:
    """With the owner's consent on its chain, a locked unit goes on to the bench."""
    standing.authorize(device, ground="owner_agreed", reference=rma.number, by=offers.OFFERS, at=at)
    if State(device.state) == State.IN_TRIAGE:
        moves.proceed(
            device,
            fact=facts.ToTheBench(rma=str(rma.pk), line=str(unit.line_id)),
            by=offers.OFFERS,
            at=at,
            set={"disposition": Disposition.REPAIR_AND_RETURN.value, "stops_done": 0},
        )


def _waiting_of(charge: Charge) -> RmaUnit | None:
    """The unit whose repair waits for this payment."""
    rows = charge.line.units.filter(status=UnitStatus.RECEIVED, device__isnull=False, device__authority="")
    return rows.first() if charge.purpose == ChargeFor.REPAIR else None


def paid(charge: Charge, *, at: datetime) -> None:
    """The repair is paid: the bench may begin. Said again, nothing happens."""
    unit = _waiting_of(charge)
    if unit is None or unit.device_id is None:
        return
    with transaction.atomic():
        device = moves.take_one(unit.device_id)
        rma = approval.lock(charge.line.rma_id)
        row = owing.lock_unit(unit.pk)
        if device.authority or row.status != UnitStatus.RECEIVED:
            return
        standing.wait_over(device, by=offers.OFFERS, at=at)
        _begin(row, device, rma, at=at)


def not_paid(charge: Charge, *, at: datetime) -> None:
    """The repair wasn't paid by its date: it goes back unrepaired. Said again, nothing happens."""
    unit = _waiting_of(charge)
    if unit is None or unit.device_id is None or charge.status != ChargeStatus.CANCELLED:
        return
    with transaction.atomic():
        device = moves.take_one(unit.device_id)
        rma = approval.lock(charge.line.rma_id)
        row = owing.lock_unit(unit.pk)
        if device.authority or row.status != UnitStatus.RECEIVED or device.waiting_for != "customer":
            return
        standing.wait_over(device, by=offers.OFFERS, at=at)
        offers.send_back_to_customer(row, device, rma, why=charge.why or _("It wasn't paid."), by=offers.OFFERS, at=at)


def unpaid(device: Device) -> Charge | None:
    """What the customer still has to pay for the repair before it goes back."""
    unit = RmaUnit.objects.filter(device=device, status=UnitStatus.RECEIVED).select_related("line").first()
    if unit is None:
        return None
    asked = charges.standing(unit.line, ChargeFor.REPAIR)
    return asked if asked is not None and asked.status == ChargeStatus.ASKED else None


def reasons_against_leaving(device: Device) -> list[Reason]:
    owed = unpaid(device)
    if owed is None:
        return []
    told = {"amount": owed.amount, "currency": owed.currency}
    return [Reason("unpaid", _("its repair isn't paid yet (%(amount)s %(currency)s)") % told)]


# When it can't be repaired -----------------------------------------------------------------------------------------------------------


def failed(device: Device, *, at: datetime) -> Offer | None:
    """The bench could not mend it. Where we owe it: money back or a replacement is offered. Else it goes back, and nothing is charged."""
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        unit = unit_of(taken)
        if unit is None:
            return None
        rma = approval.lock(unit.line.rma_id)
        row = owing.lock_unit(unit.pk)
        if taken.authority:
            standing.withdraw_authority(taken, reason="repair_failed", by=offers.OFFERS, at=at)
        owed = covered(unit, taken, at=at)
        _uncharge(row, rma, at=at)
        if not owed:
            offers.send_back_to_customer(row, taken, rma, why=_("We could not repair it."), by=offers.OFFERS, at=at)
            return None
        return offers.make(
            row,
            kind=OfferKind.INSTEAD,
            amount=owing.worth(row),
            words=_("We could not repair it. Choose between your money and a replacement."),
            by=offers.OFFERS,
            at=at,
        )


def _uncharge(unit: RmaUnit, rma: Rma, *, at: datetime) -> None:
    """What was asked for the repair is asked no more, and what was paid is paid back."""
    charge = charges.standing(unit.line, ChargeFor.REPAIR)
    if charge is None:
        return
    if charge.status == ChargeStatus.ASKED:
        charges.drop(charge, why=_("We could not repair it."), at=at)
    elif charge.status == ChargeStatus.PAID and not accepting.money_was_promised(unit):
        row = Refund.objects.create(
            id=ids.new(at),
            line=unit.line,
            unit=unit,
            amount=charge.amount,
            why=_("We could not repair it."),
            currency=charge.currency,
            status=RefundStatus.DUE,
            proposed_by=offers.OFFERS.reference,
            proposed_at=at,
            approved_by=offers.OFFERS.reference,
            approved_at=at,
        )
        owing.say_due(row, rma, by=offers.OFFERS, at=at)


def given_up(unit: RmaUnit, device: Device, rma: Rma, *, by: Actor, at: datetime) -> None:
    """The customer doesn't want it any more: the title passes, its data is destroyed, and it goes to recycling."""
    operator = rma.hub.organization
    if device.owner_id != operator.pk:
        standing.pass_title(device, operator, by=by, at=at)
    standing.authorize(device, ground="owner_agreed", reference=rma.number, by=offers.OFFERS, at=at)
    moves.proceed(
        device,
        fact=facts.GivenUp(rma=str(rma.pk), line=str(unit.line_id)),
        by=by,
        at=at,
        set={"disposition": Disposition.RECYCLE.value, "stops_done": 0},
    )
    unit.status, unit.settled_at, unit.settled_by = UnitStatus.ACCEPTED, at, by.reference
    unit.settled_why = _("Given up by the customer.")
    unit.save(update_fields=["status", "settled_at", "settled_by", "settled_why"])
    closing.settle(rma, by=offers.OFFERS, at=at)
