"""What inspection found, as the rules of deductions need it, and what they propose for a unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from returns import deductions, facts, reasons
from returns.deductions import Case, Proposal
from returns.models import Kind, RmaLine, RmaUnit
from returns.services import answering, approval, found, owing
from returns.services.tradein import truing
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody.models import Entry
from revlog.devices.models import Device
from revlog.terms import queries as terms
from revlog.terms.ruling import Ruling

MAY_BE_FOUND = tuple(code for group in ("confirmed", *reasons.ASKED) for code in reasons.GROUPS[group])


def rules_for(unit: RmaUnit, *, at: datetime) -> Ruling:
    return terms.in_force(deductions.KIND, at=at, organization=unit.line.rma.seller_id)


def propose(unit: RmaUnit, device: Device, *, at: datetime) -> Proposal:
    """What the rules in force at ``at`` take off for this unit; of one that is traded in, what its quote promised too much."""
    if unit.line.rma.kind == Kind.TRADE:
        return truing.propose(unit, device, at=at)
    rules = rules_for(unit, at=at)
    return deductions.reckon(rules, case_of(unit, device), worth=owing.worth(unit), currency=unit.line.currency)


def parts_for(
    unit: RmaUnit, device: Device, *, deduction: Decimal, why: str, at: datetime
) -> Sequence[Mapping[str, Any]]:
    """What a deduction is made of that a person enters: as the rules proposed it where it is just that, else their own."""
    proposal = propose(unit, device, at=at)
    if deduction == proposal.total and why.strip() in {"", words_of(proposal)}:
        return proposal.rows
    return deductions.by_person(deduction, why)


def words_of(proposal: Proposal) -> str:
    """Why the proposed deductions are made, in one line, in the reader's language."""
    return " ".join(deductions.told(str(row["why"])) for row in proposal.rows)


def case_of(unit: RmaUnit, device: Device) -> Case:
    """What is known of the unit, from its own chain and its line."""
    line = unit.line
    graded = found.last(device, found.GRADED, unit)
    told = graded.payload if graded else {}
    defects = found.defects(device, unit)
    return Case(
        reason=line.reason,
        price=line.price,
        pieces=unit.quantity if unit.counted is None else min(unit.counted, unit.quantity),
        grade=told.get("grade"),
        sold_as=_sold_as(unit, device),
        confirmed=line.confirmed_reason or None,
        withdrawal=answering.is_withdrawal(line),
        handling=_handling(line, told),
        missing=sorted({str(each.get("code")) for each in defects} & deductions.MISSING),
        device_class=line.order_line.device_class,
        country=line.rma.contact.country,
    )


def _sold_as(unit: RmaUnit, device: Device) -> str | None:
    """As what it was sold: new by its order, else in the grade that it left us with; None where nobody knows."""
    if "new" in unit.line.order_line.tags:
        return "NEW"
    before = Entry.objects.filter(chain_id=device.pk, kind=found.GRADED)
    if unit.received_at is None:
        return None
    last = before.filter(occurred_at__lt=unit.received_at).order_by("-sequence").first()
    return str(last.payload["grade"]) if last else None


def _handling(line: RmaLine, graded: dict[str, Any]) -> str | None:
    """``beyond`` where a person said that the customer damaged it, or its looks are hurt as no trying out hurts them."""
    if line.confirmed_reason in deductions.BEYOND:
        return "beyond"
    if line.confirmed_reason or reasons.group(line.reason) not in {"remorse", "commercial"}:
        return None
    hurt = any(
        told.get("axis") == "cosmetic" and told.get("severity") == "critical" for told in graded.get("reasons", [])
    )
    return "beyond" if hurt else None


# What the reason was found to be ----------------------------------------------------------------------------------------------------


def confirm_reason(line: RmaLine, *, reason: str, by: Actor, at: datetime) -> RmaLine:
    """Say what the reason was found to be; the customer reads it beside their own. Said again, the last one counts."""
    if not by.may("returns.settle"):
        raise NotAllowed(Reason("not_allowed", _("Saying what was found needs the right to settle returns.")))
    if reason not in MAY_BE_FOUND:
        raise BadInput(Reason("unknown_reason", _("Choose what was found."), "reason"))
    with transaction.atomic():
        rma = approval.lock(line.rma_id)
        row = RmaLine.objects.select_for_update(no_key=True, of=("self",)).get(pk=line.pk)
        if row.confirmed_reason == reason:
            return row
        row.confirmed_reason = reason
        row.save(update_fields=["confirmed_reason"])
        approval.say(
            rma,
            facts.ReasonConfirmed(line=str(row.pk), position=row.position, told=row.reason, found=reason),
            by=by,
            at=at,
        )
    return row
