"""Settling: a unit is accepted or refused, money is due and paid once, lines settle, and the RMA closes."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from returns import facts
from returns.models import Discrepancy, Outcome, Refund, RefundStatus, Rma, RmaLine, RmaUnit, Trouble, UnitStatus
from returns.services import approval
from revlog.accounts import actors, separations
from revlog.accounts.actors import Actor, ActorKind
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.journey import Disposition
from revlog.devices.models import Device
from revlog.devices.services import money, moves, standing
from revlog.logistics.services import parcels
from revlog.terms import queries as terms
from revlog.terms.models import OrderSource
from revlog.terms.services import orders
from revlog.terms.services.orders import NewLine, NewOrder

RULES = actors.system("returns.rules")
PAYMENTS = actors.system("returns.payments")
BLOCKING = frozenset({Trouble.WRONG_SERIAL, Trouble.NO_SERIAL, Trouble.DAMAGED, Trouble.EMPTY_BOX})
"""Troubles that a person has to settle before anything is accepted by rule; a short count only changes the amount."""


class UnableToSettle(DomainError):
    """The unit, line or refund can't be settled this way, or not by this person."""

    code = "unable_to_settle"


def _unit(pk: uuid.UUID) -> RmaUnit:
    return (
        RmaUnit.objects.select_for_update(no_key=True, of=("self",))
        .select_related("line__order_line", "line__rma")
        .get(pk=pk)
    )


def worth(unit: RmaUnit) -> Decimal:
    """What the customer gets for a unit that is as sold: for a counted lot, for those that were there."""
    pieces = unit.quantity if unit.counted is None else min(unit.counted, unit.quantity)
    return unit.line.per_piece * pieces


# Accepting --------------------------------------------------------------------------------------------------------------------------


def reasons_against_accepting(unit: RmaUnit, device: Device) -> list[Reason]:
    """Why it can't be taken back for good now."""
    found = []
    if unit.status != UnitStatus.RECEIVED:
        found.append(
            Reason(
                "wrong_status",
                _("%(tag)s is %(status)s.") % {"tag": device.tag, "status": word(f"rma_unit.{unit.status}")},
            )
        )
    if unit.line.wanted == Outcome.REPAIR:
        found.append(Reason("repair", _("%s is to be repaired and sent back; it stays its owner's.") % device.tag))
    if device.holds:
        kinds = ", ".join(word(f"hold.{kind}") for kind in device.holds)
        found.append(Reason("on_hold", _("%(tag)s is on hold (%(holds)s).") % {"tag": device.tag, "holds": kinds}))
    return found


def accept_as_sold(device: Device, *, by: Actor = RULES, at: datetime) -> RmaUnit | None:
    """By rule, once it is graded: what arrived is what was sold. None when there is nothing to accept, or a person has to look first."""
    waiting = RmaUnit.objects.filter(device=device, status=UnitStatus.RECEIVED).exclude(line__wanted=Outcome.REPAIR)
    unit = waiting.first()
    if unit is None or not graded_clear(device):
        return None
    if Discrepancy.objects.filter(unit=unit, kind__in=BLOCKING, resolved_at=None).exists():
        return None
    if Device.objects.values_list("holds", flat=True).get(pk=device.pk):
        return None
    return accept(unit, moment="graded", by=by, at=at)


def graded_clear(device: Device) -> bool:
    """Whether it was graded on this visit, and nothing (an account lock, say) keeps it from being used."""
    visit = device.visit
    if visit is None or visit.received_at is None:
        return False
    last = (
        Entry.objects.filter(chain_id=device.pk, kind="triage.graded", occurred_at__gte=visit.received_at)
        .order_by("-sequence")
        .first()
    )
    return last is not None and not last.payload.get("blocked")


def accept(
    unit: RmaUnit, *, moment: str = "person", deduction: Decimal = Decimal(0), why: str = "", by: Actor, at: datetime
) -> RmaUnit:
    """Take a received unit back for good: from now it is ours (or, by contract, the retailer's), and the customer's money is due.

    By a person it may be for less, with the reason that the customer reads; then another person approves the refund.
    """
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("Accepting returns needs the right to settle them.")))
    if unit.device_id is None:
        raise UnableToSettle(Reason("no_device", _("Nothing was received for this line yet.")))
    with transaction.atomic():
        device = moves.take_one(unit.device_id)
        rma = approval.lock(unit.line.rma_id)
        row = _unit(unit.pk)
        if found := [*reasons_against_accepting(row, device), *_wrong_deduction(row, deduction, why)]:
            raise UnableToSettle(found)
        moves.note(
            device,
            fact=facts.Accepted(
                rma=str(rma.pk),
                line=str(row.line_id),
                moment=moment,
                deduction=str(deduction) if deduction else None,
                why=why.strip()[:300] or None,
            ),
            by=by,
            at=at,
        )
        ours = rma.seller_id == rma.hub.organization_id
        standing.authorize(device, ground="title_is_ours" if ours else "contract", reference=rma.number, by=by, at=at)
        row.status, row.settled_at, row.settled_by = UnitStatus.ACCEPTED, at, by.reference
        row.settled_why = why.strip()[:300]
        row.save(update_fields=["status", "settled_at", "settled_by", "settled_why"])
        if row.line.wanted == Outcome.REFUND:
            _refund(row, rma, device, deduction=deduction, why=why, by=by, at=at)
        settle(rma, by=by, at=at)
    return row


def _wrong_deduction(unit: RmaUnit, deduction: Decimal, why: str) -> list[Reason]:
    if deduction < 0 or not deduction.is_finite():
        return [Reason("deduction", _("A deduction is zero or more."), "deduction")]
    if deduction > worth(unit):
        return [Reason("deduction", _("No more can be deducted than is paid back."), "deduction")]
    if deduction != deduction.quantize(Decimal("0.01")):
        return [Reason("deduction", _("A deduction has at most two decimals."), "deduction")]
    if deduction and not why.strip():
        return [Reason("no_reason", _("Say why something is deducted; the customer reads it."), "why")]
    return []


def _refund(
    unit: RmaUnit, rma: Rma, device: Device, *, deduction: Decimal, why: str, by: Actor, at: datetime
) -> Refund | None:
    """The intent, written before any money moves. Paid at receipt already: nothing. By rule: due. By a person: another approves it."""
    standing_one = Refund.objects.filter(unit=unit).exclude(status=RefundStatus.REJECTED).first()
    if standing_one is not None:
        return standing_one
    by_rule = by.kind == ActorKind.SYSTEM
    row = Refund.objects.create(
        id=ids.new(at),
        line=unit.line,
        unit=unit,
        amount=worth(unit) - deduction,
        deduction=deduction,
        why=why.strip()[:300],
        currency=unit.line.currency,
        status=RefundStatus.DUE if by_rule else RefundStatus.PROPOSED,
        proposed_by=by.reference,
        proposed_at=at,
        approved_by=by.reference if by_rule else "",
        approved_at=at if by_rule else None,
    )
    if by_rule:
        _due(row, rma, device, by=by, at=at)
    else:
        approval.say(
            rma,
            facts.RefundProposed(
                refund=str(row.pk),
                line=str(unit.line_id),
                tag=device.tag,
                amount=str(row.amount),
                deduction=str(row.deduction),
                currency=row.currency,
                why=row.why or "—",
            ),
            by=by,
            at=at,
        )
    return row


def _due(row: Refund, rma: Rma, device: Device, *, by: Actor, at: datetime) -> None:
    approval.say(
        rma,
        facts.RefundDue(
            refund=str(row.pk),
            line=str(row.line_id),
            unit=str(row.unit_id),
            tag=device.tag,
            amount=str(row.amount),
            currency=row.currency,
        ),
        by=by,
        at=at,
        key=f"due:{row.pk}",
    )


def refund_on_receipt(unit: RmaUnit, rma: Rma, device: Device, *, at: datetime) -> Refund | None:
    """Where the policy pays at the dock: due as soon as the right thing was taken in. Acceptance still follows."""
    return _refund(unit, rma, device, deduction=Decimal(0), why="", by=RULES, at=at)


# Refunds ----------------------------------------------------------------------------------------------------------------------------


def reasons_against_approving(refund: Refund, *, by: Actor) -> list[Reason]:
    found = []
    if refund.status != RefundStatus.PROPOSED:
        found.append(Reason("wrong_status", _("This refund is %s.") % word(f"refund.{refund.status}")))
    return found + separations.reasons_against("refund_approval", doer=[refund.proposed_by], by=by)


def _locked(refund: Refund, *, by: Actor) -> tuple[Rma, Refund]:
    if not by.may("returns.refund"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to approve refunds.")))
    rma = approval.lock(RmaLine.objects.values_list("rma", flat=True).get(pk=refund.line_id))
    row = (
        Refund.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit__device", "line")
        .get(pk=refund.pk)
    )
    if found := reasons_against_approving(row, by=by):
        raise UnableToSettle(found)
    return rma, row


def approve_refund(refund: Refund, *, by: Actor, at: datetime) -> Refund:
    """A second person says that it may be paid; the payment follows by itself."""
    with transaction.atomic():
        rma, row = _locked(refund, by=by)
        row.status, row.approved_by, row.approved_at = RefundStatus.DUE, by.reference, at
        row.save(update_fields=["status", "approved_by", "approved_at"])
        if row.unit is not None and row.unit.device is not None:
            _due(row, rma, row.unit.device, by=by, at=at)
    return row


def reject_refund(refund: Refund, *, why: str, by: Actor, at: datetime) -> Refund:
    """A second person doesn't agree: another amount has to be proposed."""
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say what is wrong with it."), "why"))
    with transaction.atomic():
        rma, row = _locked(refund, by=by)
        row.status, row.approved_by, row.approved_at = RefundStatus.REJECTED, by.reference, at
        row.save(update_fields=["status", "approved_by", "approved_at"])
        approval.say(
            rma,
            facts.RefundRejected(
                refund=str(row.pk),
                line=str(row.line_id),
                tag=row.unit.device.tag if row.unit is not None and row.unit.device else "—",
                why=why.strip()[:300],
            ),
            by=by,
            at=at,
        )
    return row


def propose_refund(unit: RmaUnit, *, deduction: Decimal, why: str, by: Actor, at: datetime) -> Refund:
    """Another amount for an accepted unit whose first proposal was rejected."""
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to settle returns.")))
    with transaction.atomic():
        rma = approval.lock(unit.line.rma_id)
        row = _unit(unit.pk)
        found = _wrong_deduction(row, deduction, why)
        if row.status != UnitStatus.ACCEPTED or row.line.wanted != Outcome.REFUND or row.device is None:
            found.append(Reason("wrong_status", _("There is nothing to refund for this unit.")))
        elif Refund.objects.filter(unit=row).exclude(status=RefundStatus.REJECTED).exists():
            found.append(Reason("has_one", _("There is a refund for it already.")))
        if found or row.device is None:
            raise UnableToSettle(found)
        made = _refund(row, rma, row.device, deduction=deduction, why=why, by=by, at=at)
        if made is None:
            raise UnableToSettle(Reason("has_one", _("There is a refund for it already.")))
    return made


def paid(refund: uuid.UUID, *, provider: str, reference: str, by: Actor = PAYMENTS, at: datetime) -> Refund:
    """The provider has paid: state, books and ledger say so, once, whoever gets here."""
    with transaction.atomic():
        rma = approval.lock(Refund.objects.values_list("line__rma", flat=True).get(pk=refund))
        row = (
            Refund.objects.select_for_update(no_key=True, of=("self",))
            .select_related("unit__device", "line")
            .get(pk=refund)
        )
        if row.status == RefundStatus.PAID:
            return row
        if row.status != RefundStatus.DUE:
            raise UnableToSettle(Reason("wrong_status", _("This refund is %s.") % word(f"refund.{row.status}")))
        row.status, row.provider, row.reference, row.paid_at = RefundStatus.PAID, provider, reference, at
        row.save(update_fields=["status", "provider", "reference", "paid_at"])
        entry = ledger.append(
            rma.pk,
            facts.RefundPosted(
                refund=str(row.pk),
                line=str(row.line_id),
                unit=str(row.unit_id),
                amount=str(row.amount),
                currency=row.currency,
                provider=provider,
                reference=reference,
            ),
            by=by,
            at=at,
            key=f"refund:{row.pk}",
            owner=rma.seller_id,
            hub=rma.hub_id,
        )
        if row.amount:
            _post(row, rma, entry, at=at)
        settle(rma, by=by, at=at)
    return row


def _post(row: Refund, rma: Rma, entry: Entry, *, at: datetime) -> None:
    ours = rma.seller_id == rma.hub.organization_id
    rate = terms.rate(row.currency, at=at)
    if rate is None:
        raise UnableToSettle(Reason("no_rate", _("There is no exchange rate for %s.") % row.currency))
    money.post(
        entry=entry,
        account="refund",
        amount=-row.amount,
        currency=row.currency,
        book="ours" if ours else "seller",
        device=row.unit.device if row.unit is not None else None,
        party=rma.seller,
        at=at,
        key=f"refund:{row.pk}",
        rate=rate,
    )


# Refusing ---------------------------------------------------------------------------------------------------------------------------


def reasons_against_refusing(unit: RmaUnit, device: Device) -> list[Reason]:
    found = []
    if unit.status != UnitStatus.RECEIVED:
        found.append(
            Reason(
                "wrong_status",
                _("%(tag)s is %(status)s.") % {"tag": device.tag, "status": word(f"rma_unit.{unit.status}")},
            )
        )
    elif Refund.objects.filter(unit=unit).exclude(status=RefundStatus.REJECTED).exists():
        found.append(Reason("paid", _("Money for %s was promised or paid already.") % device.tag))
    return found + moves.reasons_against(device, moves.TO_RETURN)


def refuse_unit(unit: RmaUnit, *, reason: str, by: Actor, at: datetime) -> RmaUnit:
    """Not taken back: it goes to the customer again, with the reason. It was theirs all the time."""
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("Refusing returns needs the right to settle them.")))
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is not taken back; the customer reads it."), "reason"))
    if unit.device_id is None:
        raise UnableToSettle(Reason("no_device", _("Nothing was received for this line yet.")))
    with transaction.atomic():
        device = moves.take_one(unit.device_id)
        approval.lock(unit.line.rma_id)
        row = _unit(unit.pk)
        if found := reasons_against_refusing(row, device):
            raise UnableToSettle(found)
        moves.advance(
            device,
            moves.TO_RETURN,
            fact=facts.ReturnRefused(rma=str(row.line.rma_id), line=str(row.line_id), reason=reason.strip()[:300]),
            by=by,
            at=at,
            set={"disposition": Disposition.RETURN_TO_OWNER.value, "stops_done": 0, "authority": ""},
        )
        row.status, row.settled_by, row.settled_why = UnitStatus.REFUSED, by.reference, reason.strip()[:300]
        row.save(update_fields=["status", "settled_by", "settled_why"])
    return row


def lost_with_us(device: Device, *, at: datetime) -> RmaUnit | None:
    """A received unit was written off: the customer gave it to us, so the loss is ours and the money is due."""
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        found = RmaUnit.objects.filter(device=taken, status__in=[UnitStatus.RECEIVED, UnitStatus.REFUSED]).first()
        if found is None:
            return None
        rma = approval.lock(found.line.rma_id)
        row = _unit(found.pk)
        row.status, row.settled_at, row.settled_by = UnitStatus.WRITTEN_OFF, at, RULES.reference
        row.save(update_fields=["status", "settled_at", "settled_by"])
        if row.line.wanted != Outcome.EXCHANGE:
            _refund(row, rma, taken, deduction=Decimal(0), why="", by=RULES, at=at)
        settle(rma, by=RULES, at=at)
    return row


# Closing ----------------------------------------------------------------------------------------------------------------------------


def settle(rma: Rma, *, by: Actor, at: datetime) -> None:
    """Settle the lines of a locked RMA that have nothing left open, and close it when all have."""
    lines = list(rma.lines.select_related("order_line").order_by("position"))
    for line in lines:
        if line.settled_at is None:
            _settle_line(rma, line, by=by, at=at)
    if all(line.settled_at is not None for line in lines) and can_proceed(rma.close):
        rma.close()
        rma.closed_at = at
        rma.save()
        for link in rma.parcel_links.all():
            parcels.unpacked(link.parcel_id)
        amount = sum((line.settled_amount or Decimal(0) for line in lines), Decimal(0))
        approval.say(
            rma,
            facts.RmaClosed(number=rma.number, amount=str(amount), currency=rma.currency),
            by=by,
            at=at,
        )


def _settle_line(rma: Rma, line: RmaLine, *, by: Actor, at: datetime) -> None:
    units = list(line.units.all())
    if not all(unit.is_settled for unit in units):
        return
    refunds = list(line.refunds.exclude(status=RefundStatus.REJECTED))
    owed = [unit for unit in units if unit.status == UnitStatus.ACCEPTED and line.wanted == Outcome.REFUND]
    if any(row.status != RefundStatus.PAID for row in refunds) or len(owed) > len(refunds):
        return
    kept = [unit for unit in units if unit.status in {UnitStatus.ACCEPTED, UnitStatus.WRITTEN_OFF}]
    outcome = _outcome(line, units, paid=bool(refunds))
    line.settled_at, line.settled_as = at, outcome
    line.settled_amount = sum((row.amount for row in refunds), Decimal(0))
    reference = ""
    if kept and line.wanted == Outcome.EXCHANGE:
        reference = _exchange(rma, line, sum(unit.counted or unit.quantity for unit in kept), by=by, at=at)
    line.save()
    approval.say(
        rma,
        facts.LineSettled(
            rma=str(rma.pk),
            line=str(line.pk),
            position=line.position,
            outcome=outcome,
            amount=str(line.settled_amount),
            currency=line.currency,
            reference=reference or None,
        ),
        by=by,
        at=at,
        key=f"settled:{line.pk}",
    )


def _outcome(line: RmaLine, units: list[RmaUnit], *, paid: bool) -> str:
    statuses = {unit.status for unit in units}
    if paid:
        return Outcome.REFUND.value
    if statuses & {UnitStatus.ACCEPTED, UnitStatus.WRITTEN_OFF}:
        return line.wanted
    if UnitStatus.SENT_BACK in statuses:
        repaired = any(unit.status == UnitStatus.SENT_BACK and not unit.settled_why for unit in units)
        return Outcome.REPAIR.value if line.wanted == Outcome.REPAIR and repaired else "refused"
    return "not_received"


def _exchange(rma: Rma, line: RmaLine, quantity: int, *, by: Actor, at: datetime) -> str:
    """The replacement is an order like any other, for nothing, so that sales fills it as it fills all orders."""
    sold = line.order_line
    order = orders.place(
        NewOrder(
            number=f"{rma.number}-X{line.position}",
            contact=rma.contact,
            currency=line.currency,
            ordered_at=at,
            reference=f"rma_line:{line.pk}",
            lines=[
                NewLine(
                    sku=sold.sku,
                    description=sold.description,
                    quantity=quantity,
                    price=Decimal(0),
                    device_class=sold.device_class,
                    category=sold.category,
                    tracking=sold.tracking,
                )
            ],
        ),
        seller=rma.seller,
        source=OrderSource.EXCHANGE,
        by=RULES,
        at=at,
    )
    line.exchange = order
    approval.say(rma, facts.ExchangeOrdered(line=str(line.pk), order=order.number), by=by, at=at)
    return order.number


# Giving up --------------------------------------------------------------------------------------------------------------------------


def reasons_against_giving_up(rma: Rma, *, by: Actor, at: datetime) -> list[Reason]:
    found = []
    if not rma.is_open or rma.hand_in_by is None:
        found.append(
            Reason(
                "wrong_status",
                _("%(number)s is %(status)s.") % {"number": rma.number, "status": word(f"rma.{rma.status}")},
            )
        )
    elif at < rma.hand_in_by:
        found.append(
            Reason("too_early", _("The customer may still hand it in until %s.") % rma.hand_in_by.strftime("%d %b %Y"))
        )
    return found


def give_up(rma: Rma, *, by: Actor, at: datetime) -> Rma:
    """What hasn't come after its date won't be waited for. Nothing of it came: the RMA expires; else the rest is settled."""
    if not by.may("returns.receive") and not by.may("returns.approve"):
        raise NotAllowed(Reason("not_allowed", _("Giving returns up needs the right to receive or approve them.")))
    with transaction.atomic():
        taken = approval.take_expected(rma.pk)
        row = approval.lock(rma.pk)
        if found := reasons_against_giving_up(row, by=by, at=at):
            raise UnableToSettle(found)
        approval.no_longer_expected(row, taken, reason=_("not handed in by its date"), by=by, at=at)
        if can_proceed(row.expire):
            row.expire()
            row.closed_at = at
            row.save()
            approval.say(row, facts.RmaExpired(number=row.number), by=by, at=at)
        else:
            settle(row, by=by, at=at)
    return row
