"""Deciding about a return that is looked at closely: cleared, or fraud confirmed and said to the customer, with the way to object.

A score decides nothing. A person does, and where nobody did by the day on which the law wants the money paid, it is paid.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts as return_facts
from returns.facts import fraud as facts
from returns.fraud import rules, scoring
from returns.models import (
    Assessment,
    CaseMessage,
    Discrepancy,
    Goods,
    Refund,
    RefundStatus,
    Review,
    ReviewStatus,
    Rma,
    RmaStatus,
    RmaUnit,
    Trouble,
    UnitStatus,
)
from returns.models.rma import DEAD
from returns.queries import arrival
from returns.services import accepting, approval, closing, differing, owing, talking, troubles
from returns.services.fraud import assessing, holding
from revlog.accounts import actors, separations
from revlog.accounts.actors import Actor
from revlog.accounts.queries import who
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.devices.models import Device, HoldKind
from revlog.devices.services import moves, standing
from revlog.terms import queries as terms

CLOCK = actors.system("returns.clock")
INSPECTION = actors.system("returns.inspection")


class UnableToReview(DomainError):
    """This can't be decided (any more), or not by this person."""

    code = "unable_to_review"


def _may(by: Actor) -> None:
    if not assessing.may_see(by):
        raise NotAllowed(Reason("not_allowed", _("This needs the right to decide about returns that may be fraud.")))


def doers(rma: Rma, review: Review) -> list[str]:
    """Everybody whose own work would be judged: who announced it, received it, or decided it before an objection."""
    received = RmaUnit.objects.filter(line__rma=rma).exclude(received_by="").values_list("received_by", flat=True)
    return [rma.opened_by, *received, review.before]


def reasons_against_deciding(review: Review, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't decide it now; feeds the buttons."""
    found = []
    if review.status != ReviewStatus.OPEN:
        told = {"status": word(f"review.{review.status}"), "who": who(review.decided_by) or "—"}
        found.append(Reason("decided", _("It is decided already: %(status)s (%(who)s).") % told))
    return found + separations.reasons_against("fraud_review", doer=doers(review.rma, review), by=by)


def _lock(rma: uuid.UUID) -> tuple[Rma, Review]:
    row = approval.lock(rma)
    review = Review.objects.select_for_update(no_key=True, of=("self",)).filter(rma=row).first()
    if review is None:
        raise UnableToReview(Reason("no_review", _("Nothing of this return is to be looked at.")))
    review.rma = row
    return row, review


# Clearing ---------------------------------------------------------------------------------------------------------------------------


def clear(review: Review, *, reason: str, by: Actor, at: datetime) -> Review:
    """Nothing is wrong with it: what was held goes on, once."""
    _may(by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it may go on."), "reason"))
    with transaction.atomic():
        rma, row = _lock(review.rma_id)
        if found := reasons_against_deciding(row, by=by):
            raise UnableToReview(found)
        _end(rma, row, ReviewStatus.CLEARED, why=reason, by=by, at=at)
    return row


def _end(rma: Rma, row: Review, status: ReviewStatus, *, why: str = "", by: Actor, at: datetime) -> None:
    """End a locked review without fraud, and let go what was held for it."""
    row.status, row.held = status, False
    row.decided_by, row.decided_at, row.decided_why = by.reference, at, why.strip()[:300]
    row.save()
    approval.say(
        rma,
        facts.ReviewEnded(
            how=f"review.{status.value}",
            held=row.was_held,
            points=row.points,
            codes=codes_of(rma),
            objected=row.objected_at is not None,
            reason=row.decided_why or None,
        ),
        by=by,
        at=at,
    )
    for refund in (
        Refund.objects.select_for_update(no_key=True, of=("self",))
        .filter(line__rma=rma, status=RefundStatus.HELD)
        .select_related("unit__device", "line")
    ):
        refund.status, refund.approved_by, refund.approved_at = RefundStatus.DUE, by.reference, at
        refund.save(update_fields=["status", "approved_by", "approved_at"])
        owing.say_due(refund, rma, by=by, at=at)
    if row.objected_at is not None and rma.is_open and rma.status != RmaStatus.REQUESTED:
        # What was denied before the objection is due after all.
        for line in rma.lines.filter(settled_at=None, wanted__in=owing.PAID_BACK).exclude(goods=Goods.BACK):
            if line.goods != Goods.DONATE or line.given_away_at is not None:
                owing.due_for_line(line, rma, at=at)
    closing.settle(rma, by=closing.RULES, at=at)


def codes_of(rma: Rma) -> list[str]:
    last = Assessment.objects.filter(rma=rma).order_by("-number").first()
    return [str(one["code"]) for one in last.signals] if last is not None else []


def release_unit(review: Review, device: Device, *, reason: str, by: Actor, at: datetime) -> None:
    """End the fraud hold of one of its units, as any hold: with the right to, and never an own one."""
    if not by.may("devices.release"):
        raise NotAllowed(Reason("not_allowed", _("Releasing holds needs the right to release them.")))
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        open_one = taken.hold_rows.filter(kind=HoldKind.FRAUD, released_at=None).first()
        if open_one is None:
            raise UnableToReview(Reason("not_held", _("%s is under no such hold.") % taken.tag))
        standing.release(taken, open_one, reason=reason, by=by, at=at)


def hold_unit(review: Review, device: Device, *, reason: str, by: Actor, at: datetime) -> None:
    """Put a unit of it under a fraud hold: nothing irreversible happens to it until somebody else releases it."""
    if not by.may("devices.hold"):
        raise NotAllowed(Reason("not_allowed", _("Holding units needs the right to hold them.")))
    with transaction.atomic():
        standing.hold(moves.take_one(device.pk), HoldKind.FRAUD, reason=reason, by=by, at=at)


def units_of(rma: Rma) -> list[Device]:
    """Everything that came for it: its units, and what came instead of them."""
    return list(Device.objects.filter(pk__in=arrival.came(rma)).order_by("tag").select_related("product", "location"))


# Confirming -------------------------------------------------------------------------------------------------------------------------


def confirm(review: Review, *, reason: str, by: Actor, at: datetime) -> Review:
    """It is fraud: what was held isn't paid, what came goes back, and the customer reads what was found and how to object.

    Only what was found in our hands, or in what the customer showed, is a reason: a score isn't. What a person decided before (money on
    its way or paid) stays as it is. A fraud hold of what goes back ends with the decision, unless it is an own one.
    """
    _may(by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say what was found; the customer reads it."), "reason"))
    with transaction.atomic():
        wrong = list(
            Discrepancy.objects.filter(rma=review.rma_id, kind=Trouble.WRONG_SERIAL, resolved_at=None)
            .select_related("unit__line", "hub", "parcel__shipment")
            .order_by("pk")
        )
        wanted = RmaUnit.objects.filter(line__rma=review.rma_id, device__isnull=False)
        things = [*wanted.values_list("device_id", flat=True), *(one.device_id for one in wrong if one.device_id)]
        taken = {one.pk: one for one in moves.take(things)}
        rma, row = _lock(review.rma_id)
        if found := reasons_against_deciding(row, by=by) + _against_refusing(rma, taken, by=by):
            raise UnableToReview(found)
        again = row.objected_at is not None
        row.status, row.held = ReviewStatus.CONFIRMED, False
        row.decided_by, row.decided_at, row.decided_why = by.reference, at, reason.strip()[:300]
        row.object_by = None
        # Known before anything below asks whether money may go.
        row.save()
        amount = _unpaid(rma)
        approval.say(
            rma,
            facts.FraudConfirmed(
                reason=row.decided_why,
                held=row.was_held,
                points=row.points,
                codes=codes_of(rma),
                amount=str(amount),
                currency=rma.currency,
            ),
            by=by,
            at=at,
        )
        _reject_refunds(rma, reason=row.decided_why, by=by, at=at)
        _refuse_units(rma, taken, reason=row.decided_why, by=by, at=at)
        for trouble in wrong:
            # What came instead goes back by the path of any unit that isn't taken.
            differing.refuse_wrong(trouble, reason=row.decided_why, releases=True, by=by, at=at)
        denied = _denied(rma)
        if denied is not None:
            days = _figure(rma, "object_days", at=at)
            row.object_by = None if again else rma.hub.calendar.after_days(at, days)
            told = facts.PaymentDenied(
                reason=row.decided_why,
                amount=str(denied),
                currency=rma.currency,
                object_by=row.object_by.isoformat() if row.object_by else None,
            )
            approval.say(rma, told, by=by, at=at)
        row.save()
        if rma.status == RmaStatus.REQUESTED:
            rma.refuse()
            rma.decided_by, rma.decided_at, rma.decided_why, rma.closed_at = by.reference, at, row.decided_why, at
            rma.save()
            approval.say(rma, return_facts.RmaRefused(number=rma.number, reason=rma.decided_why), by=by, at=at)
        if again:
            _settle_denied(rma, taken, row, by=by, at=at)
        closing.settle(rma, by=closing.RULES, at=at)
    return row


def _figure(rma: Rma, name: str, *, at: datetime) -> int:
    told = terms.in_force(rules.KIND, at=at, organization=rma.seller_id).parameters
    return int(told.get(name, rules.SHIPPED["parameters"][name]))


def _unpaid(rma: Rma) -> Decimal:
    """What the customer won't get: what was held, and what would have become due."""
    paid = Refund.objects.filter(line__rma=rma, status__in=[RefundStatus.DUE, RefundStatus.PAID, RefundStatus.FAILED])
    total = sum((line.amount for line in rma.lines.all()), Decimal(0))
    return max(Decimal(0), total - sum((one.amount for one in paid), Decimal(0)))


def _against_refusing(rma: Rma, taken: dict[uuid.UUID, Device], *, by: Actor) -> list[Reason]:
    """What stands in the way of not paying: an open appeal or a hold of somebody else's kind on a unit that would go back."""
    found: list[Reason] = []
    for unit in RmaUnit.objects.filter(line__rma=rma, status=UnitStatus.RECEIVED, device__isnull=False):
        device = taken.get(unit.device_id) if unit.device_id else None
        if device is None:
            continue
        others = [kind for kind in device.holds if kind != HoldKind.FRAUD]
        if others:
            kinds = ", ".join(word(f"hold.{kind}") for kind in others)
            found.append(Reason("on_hold", _("%(tag)s is on hold (%(holds)s).") % {"tag": device.tag, "holds": kinds}))
        if HoldKind.FRAUD in device.holds:
            row = device.hold_rows.filter(kind=HoldKind.FRAUD, released_at=None).first()
            found += separations.reasons_against("hold_release", doer=[row.placed_by if row else None], by=by)
    if rma.status == RmaStatus.REQUESTED and rma.opened_by == by.reference:
        found += separations.reasons_against("rma_approval", doer=[rma.opened_by], by=by)
    return found


def _reject_refunds(
    rma: Rma,
    *,
    reason: str,
    of: tuple[RefundStatus, ...] = (RefundStatus.HELD, RefundStatus.PROPOSED),
    by: Actor,
    at: datetime,
) -> None:
    """What was held, or proposed by a person, isn't paid."""
    for refund in Refund.objects.select_related("unit__device", "line").filter(line__rma=rma, status__in=of):
        refund.status, refund.approved_by, refund.approved_at = RefundStatus.REJECTED, by.reference, at
        refund.save(update_fields=["status", "approved_by", "approved_at"])
        told = return_facts.RefundRejected(
            refund=str(refund.pk), line=str(refund.line_id), tag=owing.tag_of(refund, rma), why=reason
        )
        approval.say(rma, told, by=by, at=at)


def _refuse_units(rma: Rma, taken: dict[uuid.UUID, Device], *, reason: str, by: Actor, at: datetime) -> None:
    """What came goes back by the path of any unit that isn't taken: with its letter, and the customer's appeal."""
    for unit in RmaUnit.objects.filter(line__rma=rma, status=UnitStatus.RECEIVED, device__isnull=False):
        device = taken.get(unit.device_id) if unit.device_id else None
        if device is None or Refund.objects.filter(unit=unit).exclude(status=RefundStatus.REJECTED).exists():
            continue
        row = device.hold_rows.filter(kind=HoldKind.FRAUD, released_at=None).first()
        if row is not None:
            standing.release(device, row, reason=reason, by=by, at=at)
        accepting.refuse_taken(unit, device, reason=reason, by=by, at=at)


def _denied(rma: Rma) -> Decimal | None:
    """What isn't given of what no refused unit tells of; None when there is nothing of that kind."""
    total = None
    for line in rma.lines.filter(settled_at=None).prefetch_related("units"):
        units = list(line.units.all())
        if line.refunds.exclude(status=RefundStatus.REJECTED).exists() or line.exchange_id is not None:
            continue
        if rma.status == RmaStatus.REQUESTED or not line.comes_back:
            total = (total or Decimal(0)) + line.amount
        elif _in_the_box(rma):
            gone = sum(unit.quantity for unit in units if unit.status == UnitStatus.EXPECTED)
            total = (total or Decimal(0)) + line.per_piece * gone if gone else total
    return total


def _in_the_box(rma: Rma) -> bool:
    """Whether a box was empty: what is still expected was to be in it."""
    return Discrepancy.objects.filter(rma=rma, kind=Trouble.EMPTY_BOX).exists()


def _settle_denied(rma: Rma, taken: dict[uuid.UUID, Device], row: Review, *, by: Actor, at: datetime) -> None:
    """Nobody objected in time, or somebody else has looked again: what is denied is settled for good."""
    if _in_the_box(rma):
        approval.no_longer_expected(rma, list(taken.values()), reason=row.decided_why, by=by, at=at)
        for trouble in Discrepancy.objects.filter(rma=rma, kind=Trouble.EMPTY_BOX, resolved_at=None):
            troubles.resolve(trouble, resolution=row.decided_why, by=CLOCK, at=at)
    if rma.is_open:
        for line in rma.lines.filter(settled_at=None).exclude(goods=Goods.BACK):
            closing.refuse_line(rma, line, by=by, at=at)


def finish(rma: uuid.UUID, *, at: datetime) -> bool:
    """The time to object has ended and nobody did: what was denied is settled, and the return closes."""
    with transaction.atomic():
        wanted = RmaUnit.objects.filter(line__rma=rma, status=UnitStatus.EXPECTED, device__isnull=False)
        taken = {one.pk: one for one in moves.take(list(wanted.values_list("device_id", flat=True)))}
        row, review = _lock(rma)
        if review.status != ReviewStatus.CONFIRMED or review.object_by is None or at < review.object_by:
            return False
        review.object_by = None
        review.save(update_fields=["object_by"])
        # Written down since, for what they gave away or wished instead.
        _reject_refunds(row, reason=review.decided_why, of=(RefundStatus.HELD,), by=CLOCK, at=at)
        _settle_denied(row, taken, review, by=CLOCK, at=at)
        closing.settle(row, by=closing.RULES, at=at)
    return True


# Asking for more, and objecting -----------------------------------------------------------------------------------------------------


def ask(review: Review, *, text: str, key: uuid.UUID, by: Actor, at: datetime) -> CaseMessage:
    """Ask the customer for more, in a message that they can answer; the review stays open, and its date with it."""
    _may(by)
    with transaction.atomic():
        rma, row = _lock(review.rma_id)
        if found := reasons_against_deciding(row, by=by):
            raise UnableToReview(found)
        known = CaseMessage.objects.filter(pk=key).exists()
        message = talking.write(rma, text=text, key=key, by=by, at=at)
        if not known:
            row.asked_at = at
            row.save(update_fields=["asked_at"])
            approval.say(rma, facts.ReviewAsked(message=str(message.pk)), by=by, at=at)
    return message


def objected(rma: uuid.UUID, *, at: datetime) -> Review | None:
    """The customer wrote after fraud was confirmed, in time: somebody else looks at it again. Once."""
    with transaction.atomic():
        row = Review.objects.filter(rma=rma, status=ReviewStatus.CONFIRMED).first()
        if row is None:
            return None
        locked, review = _lock(rma)
        late = review.object_by is None or at >= review.object_by
        if review.status != ReviewStatus.CONFIRMED or review.objected_at is not None or late:
            return None
        review.status, review.objected_at, review.opened_at = ReviewStatus.OPEN, at, at
        review.before, review.decided_by, review.decided_at = review.decided_by, "", None
        review.decide_by = locked.hub.calendar.after_days(at, _figure(locked, "decide_days", at=at))
        review.save()
        approval.say(locked, facts.ReviewReopened(decide_by=holding.until(review)), by=assessing.RISK, at=at)
    return review


# What ends a review by itself -------------------------------------------------------------------------------------------------------


def inspected(rma: uuid.UUID, *, at: datetime) -> Review | None:
    """Everything came, was looked at and accepted, and nothing was found on arrival: there is nothing left to look at."""
    if not Review.objects.filter(rma=rma, status=ReviewStatus.OPEN, objected_at=None).exists():
        return None
    with transaction.atomic():
        row, review = _lock(rma)
        if review.status != ReviewStatus.OPEN or review.objected_at is not None:
            return None
        lines = list(row.lines.prefetch_related("units"))
        units = [unit for line in lines for unit in line.units.all()]
        accepted = bool(units) and all(unit.status == UnitStatus.ACCEPTED for unit in units)
        if not accepted or not all(line.comes_back for line in lines) or _found_something(row):
            return None
        _end(row, review, ReviewStatus.INSPECTED, by=INSPECTION, at=at)
    return review


def _found_something(rma: Rma) -> bool:
    last = Assessment.objects.filter(rma=rma).order_by("-number").first()
    return last is not None and any(one["group"] == scoring.RECEIPT and one["counted"] for one in last.signals)


def over(rma: uuid.UUID, *, at: datetime) -> Review | None:
    """The return was called off, refused or never came: nothing is left to decide."""
    with transaction.atomic():
        if not Review.objects.filter(rma=rma, status=ReviewStatus.OPEN).exists():
            return None
        row, review = _lock(rma)
        if review.status == ReviewStatus.OPEN and row.status in {status.value for status in DEAD}:
            _end(row, review, ReviewStatus.ENDED, by=assessing.RISK, at=at)
    return review


def lapse(rma: uuid.UUID, *, at: datetime) -> bool:
    """Nobody decided by the day on which the law wants the money paid: it is paid. A score delays nothing beyond that."""
    with transaction.atomic():
        row, review = _lock(rma)
        if review.status != ReviewStatus.OPEN or not review.held or review.pay_by is None or at < review.pay_by:
            return False
        _end(row, review, ReviewStatus.LAPSED, why=_("The law wants it paid by now."), by=CLOCK, at=at)
    return True
