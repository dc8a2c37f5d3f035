"""Accepting or refusing what came: by rule once it is graded and as sold, else by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from returns import deductions as deducted
from returns import facts
from returns.deductions import Proposal
from returns.models import Discrepancy, Kind, Offer, Outcome, Refund, RefundStatus, RmaUnit, Trouble, UnitStatus
from returns.models.rma import NEW_ONE
from returns.services import approval, awaiting, closing, deducting, owing
from returns.services import found as looks
from returns.services.owing import UnableToSettle
from returns.services.tradein import buying, truing
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.common.rows import change
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.devices.journey import Disposition
from revlog.devices.models import Device
from revlog.devices.services import moves

RULES = actors.system("returns.rules")
BLOCKING = frozenset({Trouble.WRONG_SERIAL, Trouble.NO_SERIAL, Trouble.DAMAGED, Trouble.EMPTY_BOX})
"""Troubles that a person has to settle before anything is accepted by rule; a short count only changes the amount."""


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
    return found + looks.reasons_against_deciding(device, unit) + buying.reasons_against_buying(unit, device)


def ready_by_rule(device: Device) -> RmaUnit | None:
    """The unit that rules may take back now. None when there is none, or a person has to look first."""
    # What a business gives back is taken when its papers match.
    waiting = RmaUnit.objects.filter(device=device, status=UnitStatus.RECEIVED).exclude(
        line__wanted__in=[Outcome.REPAIR, Outcome.ACCOUNT]
    )
    unit = waiting.select_related("line__order_line", "line__rma__contact").first()
    if unit is None:
        return None
    if unit.line.rma.kind == Kind.TRADE:
        # What is locked has another price, and its seller is asked; what the law still asks for, a person brings.
        if not truing.is_ready(unit, device) or buying.reasons_against_buying(unit, device):
            return None
    elif not graded_clear(device):
        return None
    if Discrepancy.objects.filter(unit=unit, kind__in=BLOCKING, resolved_at=None).exists():
        return None
    if Offer.objects.filter(unit=unit).exists():
        # Somebody is talking with the customer about it, or did; what comes of that is theirs to say.
        return None
    if Device.objects.values_list("holds", flat=True).get(pk=device.pk):
        return None
    if looks.waits_for_second_look(device, unit):
        # What the first look said may not stand; the end of the second brings it here again.
        return None
    return unit


def money_was_promised(unit: RmaUnit) -> bool:
    """Whether its refund stands already, as where money is paid at the dock."""
    return Refund.objects.filter(unit=unit).exclude(status=RefundStatus.REJECTED).exists()


def accept_as_sold(device: Device, *, by: Actor = RULES, at: datetime) -> RmaUnit | None:
    """By rule, once it is graded: what arrived is what was sold, less what the rules deduct."""
    unit = ready_by_rule(device)
    if unit is None:
        return None
    deducts = unit.line.wanted in owing.PAID_BACK and not money_was_promised(unit)
    proposal = deducting.propose(unit, device, at=at) if deducts else Proposal()
    return accept(
        unit,
        moment="graded",
        deduction=proposal.total,
        why=" ".join(str(row["why"]) for row in proposal.rows),
        deductions=proposal.rows,
        by=by,
        at=at,
    )


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
    unit: RmaUnit,
    *,
    moment: str = "person",
    deduction: Decimal = Decimal(0),
    why: str = "",
    deductions: Sequence[Mapping[str, Any]] = (),
    by: Actor,
    at: datetime,
) -> RmaUnit:
    """Take a received unit back for good: from now it is ours (or, by contract, the retailer's), and the customer's money is due.

    By a person it may be for less, with the reason that the customer reads; then another person approves the refund. ``deductions`` say
    what ``deduction`` is made of and by which rules; without them it is one, made by a person.
    """
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("Accepting returns needs the right to settle them.")))
    return take_for_good(unit, moment=moment, deduction=deduction, why=why, deductions=deductions, by=by, at=at)


def take_for_good(
    unit: RmaUnit,
    *,
    moment: str,
    deduction: Decimal = Decimal(0),
    why: str = "",
    deductions: Sequence[Mapping[str, Any]] = (),
    by: Actor,
    at: datetime,
) -> RmaUnit:
    """What ``accept`` does, for who was found entitled otherwise: an appeal is granted by who answers appeals."""
    if unit.device_id is None:
        raise UnableToSettle(Reason("no_device", _("Nothing was received for this line yet.")))
    with transaction.atomic():
        device = moves.take_one(unit.device_id)
        rma = approval.lock(unit.line.rma_id)
        row = owing.lock_unit(unit.pk)
        if found := [*reasons_against_accepting(row, device), *owing.wrong_deduction(row, deduction, why)]:
            raise UnableToSettle(found)
        parts = list(deductions) or deducted.by_person(deduction, why)
        moves.note(
            device,
            fact=facts.Accepted(
                rma=str(rma.pk),
                line=str(row.line_id),
                moment=moment,
                deduction=str(deduction) if deduction else None,
                why=why.strip()[:300] or None,
                trade=rma.kind == Kind.TRADE or None,
                deductions=[{name: part[name] for name in part if name != "why"} for part in parts] or None,
            ),
            by=by,
            at=at,
        )
        buying.buy(row, device, rma, deduction=deduction, by=by, at=at)
        row.status, row.settled_at, row.settled_by = UnitStatus.ACCEPTED, at, by.reference
        row.settled_why = why.strip()[:300]
        change([row], "status", "settled_at", "settled_by", "settled_why")
        refund = None
        if row.line.wanted in owing.PAID_BACK:
            refund = owing.due_for(row, rma, deduction=deduction, why=why, deductions=parts, by=by, at=at)
            if moment == "consent" and refund.deduction:
                refund.agreed_at = at
                refund.save(update_fields=["agreed_at"])
        awaiting.leave_or_keep(row, device, rma, refund=refund, by=by, at=at)
        closing.settle(rma, by=by, at=at)
    return row


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
    """Not taken back: it goes to the customer again, with the reason, once the time to appeal has ended. It was theirs all the time."""
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("Refusing returns needs the right to settle them.")))
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is not taken back; the customer reads it."), "reason"))
    if unit.device_id is None:
        raise UnableToSettle(Reason("no_device", _("Nothing was received for this line yet.")))
    with transaction.atomic():
        device = moves.take_one(unit.device_id)
        return refuse_taken(unit, device, reason=reason, by=by, at=at)


def refuse_taken(unit: RmaUnit, device: Device, *, reason: str, by: Actor, at: datetime) -> RmaUnit:
    """``refuse_unit`` for who has taken the device already, and may decide for a reason of their own. It stays while it may be appealed."""
    with transaction.atomic():
        rma = approval.lock(unit.line.rma_id)
        row = owing.lock_unit(unit.pk)
        if found := reasons_against_refusing(row, device):
            raise UnableToSettle(found)
        moves.advance(
            device,
            moves.TO_RETURN,
            fact=facts.ReturnRefused(
                rma=str(rma.pk),
                line=str(row.line_id),
                reason=reason.strip()[:300],
                trade=rma.kind == Kind.TRADE or None,
            ),
            by=by,
            at=at,
            set={"disposition": Disposition.RETURN_TO_OWNER.value, "stops_done": 0, "authority": ""},
        )
        row.status, row.settled_by, row.settled_why = UnitStatus.REFUSED, by.reference, reason.strip()[:300]
        row.save(update_fields=["status", "settled_by", "settled_why"])
        awaiting.keep(row, device, rma, at=at)
    return row


def lost_with_us(device: Device, *, at: datetime) -> RmaUnit | None:
    """A received unit was written off: the customer gave it to us, so the loss is ours and the money is due."""
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        found = RmaUnit.objects.filter(device=taken, status__in=[UnitStatus.RECEIVED, UnitStatus.REFUSED]).first()
        if found is None:
            return None
        rma = approval.lock(found.line.rma_id)
        row = owing.lock_unit(found.pk)
        row.status, row.settled_at, row.settled_by = UnitStatus.WRITTEN_OFF, at, RULES.reference
        row.save(update_fields=["status", "settled_at", "settled_by"])
        if row.line.wanted not in {*NEW_ONE, Outcome.ACCOUNT}:
            owing.due_for(row, rma, at=at)
        closing.settle(rma, by=RULES, at=at)
    return row
