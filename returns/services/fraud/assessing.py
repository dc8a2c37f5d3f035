"""Scoring a return: when it is announced, and again with each fact that says more. What asks for a person opens a review."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.db import transaction

from returns import queries
from returns.facts import fraud as facts
from returns.fraud import rules, scoring
from returns.fraud.scoring import Score
from returns.models import Assessment, Kind, Review, ReviewStatus, Rma, RmaLine
from returns.models.rma import DEAD
from returns.policy import statutes
from returns.policy.trying import plain
from returns.queries import arrival, lists, watching
from returns.services import answering, approval
from returns.services.fraud import holding, linking
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.terms import queries as terms

RISK = actors.system("returns.risk")
DECIDED = frozenset({ReviewStatus.CLEARED, ReviewStatus.INSPECTED, ReviewStatus.LAPSED})
"""Ends that new findings open again; a confirmed fraud is opened again by its customer's objection alone."""
OPENED = "returns.rma_opened"


def announced(rma: Rma, score: Score | None, *, at: datetime) -> Review | None:
    """What the score of a new (locked) RMA asks for, in the act that opens it: before money can become due, it is held.

    A score that asks for nothing is written down by the worker, together with the keys by which accounts are compared.
    """
    if score is None or score.band == scoring.AUTO:
        return None
    return _write(rma, Review(rma=rma), score, cause=OPENED, at=at)


def assess(rma: uuid.UUID, *, cause: str, at: datetime) -> Review | None:
    """Score it by all that is known now. The same score again changes nothing; None where there is nobody to score."""
    with transaction.atomic():
        row = approval.lock(rma)
        if cause == OPENED:
            linking.remember(row)
        score = score_of(row, at=at)
        if score is None:
            return None
        review = Review.objects.select_for_update(no_key=True).filter(rma=row).first() or Review(rma=row)
        last = Assessment.objects.filter(rma=row).order_by("-number").first()
        same = last is not None and [(one["code"], one["counted"]) for one in last.signals] == [
            (one.code, one.counted) for one in score.signals
        ]
        if same and (inputs := plain(score.inputs)) != review.inputs:
            # No signal changed, but what it was looked at with did: other rules may see something in it.
            review.inputs = inputs
            Review.objects.filter(rma=row).update(inputs=inputs)
        if same and (review.status != ReviewStatus.OPEN or not _dated(review, row, at=at)):
            return review
        if same:
            review.save(update_fields=["decide_by", "pay_by"])
            return review
        return _write(row, review, score, cause=cause, at=at)


def score_of(rma: Rma, *, at: datetime) -> Score | None:
    """What the rules make of everything that is known of the RMA; it reads, and writes nothing."""
    lines = list(rma.lines.all())
    if rma.origin in watching.UNSCORED or rma.kind == Kind.TRADE or not lines:
        return None
    history = queries.history_of(rma.order, at=rma.opened_at)
    in_force = terms.in_force(rules.KIND, at=at, organization=rma.seller_id)
    watch = watching.watch(rma.order, history=history, ruling=in_force, at=rma.opened_at, without=rma.pk)
    if watch.ruling is None:
        return None
    known = watch.known(
        [line.reason for line in lines],
        value=sum((line.price * line.quantity for line in lines), start=lines[0].price * 0),
        origin=rma.origin,
        gift=rma.gift,
        lists=lists.of_rma(rma, lines, day=at.date()),
    )
    return scoring.score(in_force, known | arrival.found(rma))


def _write(rma: Rma, review: Review, score: Score, *, cause: str, at: datetime) -> Review:
    before = list(Assessment.objects.filter(rma=rma).order_by("-number").values_list("number", "signals")[:1])
    number, signals = before[0] if before else (0, [])
    old = review.points
    review.points, review.band, review.version = score.points, score.band, score.version
    review.inputs = plain(score.inputs)
    asks = score.band != scoring.AUTO and rma.status not in {status.value for status in DEAD}
    news = {one.code for one in score.signals} - {one["code"] for one in signals}
    opens = asks and (
        review.status == ReviewStatus.WATCHED or (review.status in DECIDED and bool(news) and score.points > old)
    )
    # While an objection is looked at nothing is held anew: the law's day, which ends a hold, doesn't pay what was denied.
    holds = (
        score.band == scoring.HOLD
        and (opens or review.status == ReviewStatus.OPEN)
        and not (review.held or review.is_objected)
    )
    if opens or holds:
        review.status, review.opened_at = ReviewStatus.OPEN, at
        review.held = review.held or holds
        review.was_held = review.was_held or review.held
        review.decided_by = review.decided_why = ""
        review.decided_at = None
    if review.status == ReviewStatus.OPEN:
        _dated(review, rma, at=at)
    review.save()
    Assessment.objects.create(
        rma=rma,
        number=number + 1,
        points=score.points,
        band=score.band,
        version=score.version,
        signals=[_plain(one.kept()) for one in score.signals],
        cause=cause,
        made_at=at,
        inputs=review.inputs,
    )
    if score.points or old:
        approval.say(
            rma,
            facts.RiskScored(
                points=score.points,
                band=f"risk.{score.band}",
                rules=score.version,
                signals=[{"code": one.code, "points": one.counted} for one in score.signals],
                cause=cause,
            ),
            by=RISK,
            at=at,
        )
    if opens or holds:
        approval.say(
            rma,
            facts.ReviewOpened(
                held=review.held,
                decide_by=holding.until(review),
                pay_by=review.pay_by.isoformat() if review.pay_by else None,
                again=bool(number) and opens,
            ),
            by=RISK,
            at=at,
        )
    return review


def _plain(signal: dict[str, object]) -> dict[str, object]:
    """As JSON can keep it: sums as text."""
    compared = signal["facts"]
    plain = {
        name: value if isinstance(value, bool | int | str) else str(value)
        for name, value in (compared.items() if isinstance(compared, dict) else ())
    }
    return signal | {"facts": plain}


# Dates ------------------------------------------------------------------------------------------------------------------------------


def _dated(review: Review, rma: Rma, *, at: datetime) -> bool:
    """Set by when it is to be decided; whether that changed anything. The law's day is always kept, whatever the rules say."""
    figures = terms.in_force(rules.KIND, at=at, organization=rma.seller_id).parameters
    days = int(figures.get("decide_days", rules.SHIPPED["parameters"]["decide_days"]))
    pay_by = law_wants_it_paid_by(rma)
    decide_by = holding.last_day(rma.hub.calendar.after_days(review.opened_at or at, days), pay_by)
    changed = (review.pay_by, review.decide_by) != (pay_by, decide_by)
    review.pay_by, review.decide_by = pay_by, decide_by
    return changed


def law_wants_it_paid_by(rma: Rma) -> datetime | None:
    """The end of the last day on which a withdrawal in it may be paid back; None where nothing is one, or the day isn't known yet."""
    lines = list(rma.lines.select_related("rma__hub", "order_line__order__contact", "order_line__order__seller"))
    days = [day for line in lines if (day := _by_law(line, rma)) is not None]
    if not days:
        return None
    calendar = rma.hub.calendar
    midnight = calendar.local(rma.opened_at).replace(hour=0, minute=0, second=0, microsecond=0)
    first = min(days)
    return midnight.replace(year=first.year, month=first.month, day=first.day) + timedelta(days=1)


def _by_law(line: RmaLine, rma: Rma) -> date | None:
    statute = answering.withdrawal_of(line)
    if statute is None:
        return None
    calendar = rma.hub.calendar
    back = rma.handed_over_at or rma.arrived_at
    return statutes.refund_by(
        statute,
        withdrawn_on=calendar.local(rma.opened_at).date(),
        comes_back=line.comes_back,
        back_on=calendar.local(back).date() if back else None,
    )


def may_see(by: Actor) -> bool:
    """Whether somebody reads scores at all: our own people who decide on them, and nobody else."""
    return by.is_operator and by.may("returns.fraud")
