"""Appeals: a customer doesn't agree with what we found, and somebody who didn't look before looks again, by a promised day.

What isn't disputed is paid as it was decided. The thing goes back to triage under a hold, and what can't be undone waits: it is neither
sold, wiped, taken apart, recycled nor sent back until somebody has answered.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns import deductions, facts
from returns.models import (
    Appeal,
    AppealStatus,
    Offer,
    OfferStatus,
    Refund,
    RefundStatus,
    Rma,
    RmaUnit,
    UnitStatus,
)
from returns.services import accepting, approval, awaiting, closing, deducting, offers, owing
from revlog.accounts import actors, separations
from revlog.accounts.actors import Actor, ActorKind
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device
from revlog.devices.services import moves, standing

APPEALS = actors.system("returns.appeals")
BY_APPEAL = "appeal"
GRADED, INSPECTED, REFUSED = "triage.graded", "triage.inspected", "returns.return_refused"


class UnableToAppeal(DomainError):
    """There is nothing to appeal against, not any more, or it can't be decided so, or not by this person."""

    code = "unable_to_appeal"


# What there is to appeal against ------------------------------------------------------------------------------------------------------


def _decided_at(unit: RmaUnit) -> datetime | None:
    """When what the customer may not agree with was decided: the deduction, or the refusal. None when there is neither."""
    refund = awaiting.disputable(unit)
    if refund is not None:
        return refund.proposed_at
    if unit.status != UnitStatus.REFUSED or unit.device_id is None:
        return None
    told = Entry.objects.filter(chain_id=unit.device_id, kind=REFUSED, payload__line=str(unit.line_id))
    last = told.order_by("-sequence").first()
    return last.occurred_at if last else None


def until(unit: RmaUnit, rma: Rma) -> datetime | None:
    """Until when the customer may appeal; None when there is nothing to appeal against."""
    decided = _decided_at(unit)
    if decided is None:
        return None
    return awaiting.last_day(unit, rma, decided=decided)


def reasons_against_appealing(unit: RmaUnit, rma: Rma, *, by: Actor, at: datetime) -> list[Reason]:
    """Why the customer can't appeal now; empty shows the button."""
    own = by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope
    if not own and by.kind != ActorKind.SYSTEM and not by.may("returns.appeal"):
        return [Reason("not_allowed", _("Only the customer appeals, or support for them."))]
    before = list(unit.appeals.all())
    if any(row.status == AppealStatus.OPEN for row in before):
        return [Reason("open", _("Somebody is looking at it again already."))]
    if before:
        return [Reason("again", _("It was looked at again already."))]
    last = until(unit, rma)
    if last is None:
        return [Reason("nothing", _("There is nothing to appeal against."))]
    if at >= last:
        return [Reason("too_late", _("The time to appeal has ended."))]
    if unit.status == UnitStatus.SENT_BACK:
        return [Reason("gone", _("It is on its way to you."))]
    if Offer.objects.filter(unit=unit, status=OfferStatus.OPEN).exists():
        return [Reason("open_offer", _("Answer our offer first."))]
    return []


# Opening ----------------------------------------------------------------------------------------------------------------------------


def open_appeal(unit: RmaUnit, *, words: str = "", by: Actor, at: datetime) -> Appeal:
    """The customer doesn't agree: the thing goes back to triage under a hold, and another inspector looks. Said by whom it concerns."""
    if unit.device_id is None:
        raise UnableToAppeal(Reason("no_device", _("Nothing was received for this line yet.")))
    with transaction.atomic():
        device = moves.take_one(unit.device_id)
        rma = approval.lock(unit.line.rma_id)
        row = owing.lock_unit(unit.pk)
        # An offer that was declined by an appeal is itself what is appealed against.
        offered = Offer.objects.filter(unit=row, status=OfferStatus.DECLINED, path="appeal", answered_at=at).exists()
        if row.appeals.exists() and offered:
            raise UnableToAppeal(Reason("again", _("It was looked at again already.")))
        if not offered and (found := reasons_against_appealing(row, rma, by=by, at=at)):
            raise UnableToAppeal(found)
        refund = awaiting.disputable(row)
        here = awaiting.is_with_us(row, device)
        appeal = Appeal(
            id=ids.new(at),
            unit=row,
            refund=refund,
            words=words.strip()[:2000],
            opened_at=at,
            decide_by=rma.hub.calendar.after_days(at, deductions.days(deducting.rules_for(row, at=at), "decide_days")),
            inspectors=sorted(_looked_before(row, device, refund)),
            grade_before=device.grade,
        )
        moves.note(
            device,
            fact=facts.UnitDisputed(
                rma=str(rma.pk),
                line=str(row.line_id),
                appeal=str(appeal.pk),
                inspectors=appeal.inspectors,
                decide_by=appeal.decide_by.isoformat(),
            ),
            by=by,
            at=at,
        )
        if here:
            _bring_back(device, appeal, rma, at=at)
        appeal.save(force_insert=True)
        approval.say(
            rma,
            facts.AppealOpened(
                appeal=str(appeal.pk),
                line=str(row.line_id),
                unit=str(row.pk),
                tag=device.tag,
                refund=str(refund.pk) if refund else None,
                here=here,
                decide_by=appeal.decide_by.isoformat(),
            ),
            by=by,
            at=at,
        )
        closing.reopen(rma, by=APPEALS, at=at)
    return appeal


def _looked_before(unit: RmaUnit, device: Device, refund: Refund | None) -> set[str]:
    """Everybody whose own work is disputed: who inspected or graded it on this return, who settled it, who proposed the money."""
    looked = Entry.objects.filter(chain_id=device.pk, kind__in=[GRADED, INSPECTED])
    if unit.received_at is not None:
        looked = looked.filter(occurred_at__gte=unit.received_at)
    found = {*looked.values_list("actor", flat=True), unit.settled_by}
    if refund is not None:
        found |= {refund.proposed_by, refund.approved_by}
    return {one for one in found if one.startswith(f"{ActorKind.USER}:")}


def _bring_back(device: Device, appeal: Appeal, rma: Rma, *, at: datetime) -> None:
    awaiting.appealed(device, at=at)
    if device.authority:
        standing.withdraw_authority(device, reason="appeal", by=APPEALS, at=at)
    if State(device.state) == State.TO_RECYCLE:
        # Nothing is left to look at but weight; it only waits.
        pass
    elif State(device.state) != State.IN_TRIAGE:
        standing.back_to_triage(device, reason=_("an appeal of its customer"), by=APPEALS, at=at)
    elif device.disposition:
        moves.note(
            device,
            fact=facts.LookAgain(rma=str(rma.pk)),
            by=APPEALS,
            at=at,
            set={"disposition": "", "stops_done": 0},
        )
    told = {"number": rma.number, "day": awaiting.day_of(appeal.decide_by, rma.hub)}
    reason = _("%(number)s is appealed against, to be decided by %(day)s") % told
    appeal.hold = offers.hold_for_owner(device, reason=reason, by=APPEALS, at=at)


# Deciding ---------------------------------------------------------------------------------------------------------------------------


def second_look(appeal: Appeal) -> Entry | None:
    """The last look at the thing since the appeal, by somebody who hadn't looked before."""
    if appeal.unit.device_id is None:
        return None
    rows = Entry.objects.filter(
        chain_id=appeal.unit.device_id, kind=INSPECTED, occurred_at__gte=appeal.opened_at
    ).exclude(actor__in=appeal.inspectors)
    return rows.order_by("-sequence").first()


def reasons_against_deciding(appeal: Appeal, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't decide it now: feeds the buttons."""
    found = []
    if not by.may("triage.regrade") and not by.may("returns.appeal"):
        found.append(Reason("not_allowed", _("Answering appeals needs the right to do so.")))
    if appeal.status != AppealStatus.OPEN:
        found.append(Reason("decided", _("This appeal is decided: %s.") % word(f"appeal.{appeal.status}")))
    found += separations.reasons_against("grade_appeal", doer=appeal.inspectors, by=by)
    if appeal.unit.device is not None and can_be_looked_at(appeal) and second_look(appeal) is None:
        found.append(Reason("no_look", _("Nobody else has looked at it again yet.")))
    return found


def can_be_looked_at(appeal: Appeal) -> bool:
    """Whether the thing waits in triage for its second look; what has left, or is material by now, is decided by its photos."""
    device = appeal.unit.device
    return device is not None and State(device.state) == State.IN_TRIAGE and awaiting.is_with_us(appeal.unit, device)


def most(appeal: Appeal) -> Decimal:
    """The most that the customer can get: what it is worth as sold."""
    return owing.worth(appeal.unit)


def decide(
    appeal: Appeal, *, changed: bool, amount: Decimal | None = None, why: str, by: Actor, at: datetime
) -> Appeal:
    """Answer it. Changed: ``amount`` is what the customer gets in all, and the rest of it waits for a second person as any refund."""
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say why; the customer reads it."), "why"))
    with transaction.atomic():
        device, rma, unit, row = _locked(appeal)
        if not by.may("triage.regrade") and not by.may("returns.appeal"):
            raise NotAllowed(Reason("not_allowed", _("Answering appeals needs the right to do so.")))
        found = reasons_against_deciding(row, by=by)
        paid = promised(row)
        if changed:
            found += _wrong_amount(row, amount, paid)
        if found:
            raise UnableToAppeal(found)
        status = AppealStatus.CHANGED if changed else AppealStatus.UPHELD
        _end(row, device, rma, unit, status=status, why=why, amount=amount if changed else None, by=by, at=at)
        if not changed or amount is None:
            _stays(unit, device, rma, at=at)
        elif row.refund is not None:
            _supplement(row, unit, device, rma, amount=amount - paid, why=why, by=by, at=at)
        else:
            _taken_after_all(unit, amount=amount, why=why, by=by, at=at)
        closing.settle(approval.lock(rma.pk), by=APPEALS, at=at)
    return row


def promised(appeal: Appeal) -> Decimal:
    """What the customer gets already, whatever comes of the appeal; a bonus for taking credit is beside it."""
    return most(appeal) - appeal.refund.deduction if appeal.refund else Decimal(0)


def _wrong_amount(appeal: Appeal, amount: Decimal | None, paid: Decimal) -> list[Reason]:
    if amount is None or not amount.is_finite() or amount != amount.quantize(Decimal("0.01")):
        return [Reason("amount", _("Say what the customer gets in all, like 12.50."), "amount")]
    if amount <= paid and appeal.refund is not None:
        return [
            Reason("amount", _("That is no more than the customer gets already; then it stays as it was."), "amount")
        ]
    if amount < 0 or amount > most(appeal):
        return [Reason("amount", _("No more can be paid than it is worth as sold."), "amount")]
    return []


def _locked(appeal: Appeal) -> tuple[Device, Rma, RmaUnit, Appeal]:
    unit = RmaUnit.objects.select_related("line").get(pk=appeal.unit_id)
    if unit.device_id is None:
        raise UnableToAppeal(Reason("no_device", _("Nothing was received for this line yet.")))
    device = moves.take_one(unit.device_id)
    rma = approval.lock(unit.line.rma_id)
    row = owing.lock_unit(unit.pk)
    found = (
        Appeal.objects.select_for_update(no_key=True, of=("self",)).select_related("hold", "refund").get(pk=appeal.pk)
    )
    found.unit = row
    return device, rma, row, found


def _end(
    appeal: Appeal,
    device: Device,
    rma: Rma,
    unit: RmaUnit,
    *,
    status: AppealStatus,
    why: str,
    amount: Decimal | None,
    by: Actor,
    at: datetime,
) -> None:
    appeal.status, appeal.decided_by, appeal.decided_at = status, by.reference, at
    appeal.why, appeal.grade_after = why.strip()[:1000], device.grade
    appeal.save(update_fields=["status", "decided_by", "decided_at", "why", "grade_after"])
    outcome, line, key, said = f"appeal.{status.value}", str(unit.line_id), str(appeal.pk), appeal.why[:300] or None
    ended = facts.DisputeEnded(rma=str(rma.pk), appeal=key, line=line, outcome=outcome, why=said)
    moves.note(device, fact=ended, by=by, at=at)
    if appeal.hold is not None and appeal.hold.released_at is None and appeal.hold.placed_by == APPEALS.reference:
        standing.release(device, appeal.hold, reason=word(f"appeal.{status.value}"), by=APPEALS, at=at)
    approval.say(
        rma,
        facts.AppealDecided(
            unit=str(unit.pk),
            tag=device.tag,
            amount=str(amount) if amount is not None else None,
            currency=unit.line.currency,
            appeal=key,
            line=line,
            outcome=outcome,
            why=said,
        ),
        by=by,
        at=at,
    )


def _stays(unit: RmaUnit, device: Device, rma: Rma, *, at: datetime) -> None:
    """As it was before: what was accepted is ours again, what was refused goes to the customer, and an offer is made once more."""
    if not awaiting.is_with_us(unit, device):
        return
    if unit.status == UnitStatus.ACCEPTED:
        awaiting.give_leave(device, rma, by=APPEALS, at=at)
    elif unit.status == UnitStatus.RECEIVED:
        _offered_again(unit, at=at)
    elif unit.status == UnitStatus.REFUSED:
        moves.advance(
            device,
            moves.TO_RETURN,
            fact=facts.ToBeSentBack(rma=str(rma.pk), line=str(unit.line_id)),
            by=APPEALS,
            at=at,
            set={"disposition": Disposition.RETURN_TO_OWNER.value, "stops_done": 0, "authority": ""},
        )


def _offered_again(unit: RmaUnit, *, at: datetime) -> None:
    last = Offer.objects.filter(unit=unit).order_by("-made_at").first()
    if last is not None:
        offers.make(
            unit, kind=last.kind, amount=last.amount, lines=last.lines, words=last.words, by=offers.OFFERS, at=at
        )


def _taken_after_all(unit: RmaUnit, *, amount: Decimal, why: str, by: Actor, at: datetime) -> None:
    """What was refused, or offered less for, is accepted now; another person approves the money."""
    unit.status, unit.settled_by, unit.settled_why = UnitStatus.RECEIVED, "", ""
    unit.save(update_fields=["status", "settled_by", "settled_why"])
    less = owing.worth(unit) - amount if unit.line.wanted in owing.PAID_BACK else Decimal(0)
    accepting.take_for_good(
        unit,
        moment="appeal",
        deduction=less,
        why=why if less else "",
        deductions=deductions.by_person(less, why, rule=BY_APPEAL),
        by=by,
        at=at,
    )


def _supplement(
    appeal: Appeal, unit: RmaUnit, device: Device, rma: Rma, *, amount: Decimal, why: str, by: Actor, at: datetime
) -> Refund:
    """The rest of a refund of which the first part stands: proposed by who decided, and approved by another person."""
    row = Refund.objects.create(
        id=ids.new(at),
        line=unit.line,
        unit=unit,
        supplement_to=appeal.refund,
        method=appeal.refund.method if appeal.refund else "original",
        amount=amount,
        why=why.strip()[:300],
        deductions=[{"amount": str(-amount), "why": why.strip()[:300], "rule": BY_APPEAL}],
        currency=unit.line.currency,
        status=RefundStatus.PROPOSED,
        proposed_by=by.reference,
        proposed_at=at,
    )
    approval.say(
        rma,
        facts.RefundProposed(
            refund=str(row.pk),
            line=str(unit.line_id),
            tag=device.tag,
            amount=str(row.amount),
            deduction="0",
            currency=row.currency,
            why=row.why or "—",
        ),
        by=by,
        at=at,
    )
    if awaiting.is_with_us(unit, device):
        awaiting.give_leave(device, rma, by=APPEALS, at=at)
    return row


# The rest again, and withdrawing --------------------------------------------------------------------------------------------------------


def waits_for_rest(appeal: Appeal) -> bool:
    """A granted appeal whose money was rejected by the second person: another amount has to be proposed."""
    if appeal.status != AppealStatus.CHANGED or appeal.refund_id is None:
        return False
    return not Refund.objects.filter(supplement_to=appeal.refund_id).exclude(status=RefundStatus.REJECTED).exists()


def propose_rest(appeal: Appeal, *, amount: Decimal, why: str, by: Actor, at: datetime) -> Refund:
    """Another amount in all, after the first proposal was rejected."""
    if not by.may("triage.regrade") and not by.may("returns.appeal"):
        raise NotAllowed(Reason("not_allowed", _("Answering appeals needs the right to do so.")))
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say why; the customer reads it."), "why"))
    with transaction.atomic():
        device, rma, unit, row = _locked(appeal)
        paid = promised(row)
        found = [
            *separations.reasons_against("grade_appeal", doer=row.inspectors, by=by),
            *_wrong_amount(row, amount, paid),
        ]
        if not waits_for_rest(row):
            found.append(Reason("has_one", _("There is a refund for it already.")))
        if found:
            raise UnableToAppeal(found)
        return _supplement(row, unit, device, rma, amount=amount - paid, why=why, by=by, at=at)


def withdraw(appeal: Appeal, *, by: Actor, at: datetime) -> Appeal:
    """The customer agrees after all: it stays as it was."""
    with transaction.atomic():
        device, rma, unit, row = _locked(appeal)
        own = by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope
        if not own and not by.may("returns.appeal"):
            raise NotAllowed(Reason("not_allowed", _("Only the customer withdraws an appeal.")))
        if row.status != AppealStatus.OPEN:
            raise UnableToAppeal(Reason("decided", _("This appeal is decided: %s.") % word(f"appeal.{row.status}")))
        _end(row, device, rma, unit, status=AppealStatus.WITHDRAWN, why="", amount=None, by=by, at=at)
        _stays(unit, device, rma, at=at)
        closing.settle(approval.lock(rma.pk), by=APPEALS, at=at)
    return row
