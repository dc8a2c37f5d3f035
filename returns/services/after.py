"""After a return: its money shared out, the customer's opinion in one tap, their questions for the refund, and what they buy again."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from returns import facts
from returns.figures import AFTER
from returns.models import (
    AfterReturn,
    AskedBy,
    CaseMessage,
    Kind,
    Origin,
    RefundMethod,
    RefundQuestion,
    RefundStatus,
    Rma,
    RmaLine,
    RmaStatus,
    SupportCase,
)
from returns.queries import after as queries
from returns.services import approval, owing
from revlog.accounts import actors
from revlog.accounts.actors import Actor, ActorKind
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.money import rounded
from revlog.terms import queries as terms
from revlog.terms.models import Order, OrderSource

AFTER_RETURNS = actors.system("returns.after")
SCORES = range(1, 6)
LATEST = timedelta(days=30)
"""So long after its end a customer is still asked how it went."""
MOST = 500


class UnableToAnswer(DomainError):
    """There is nothing to have an opinion of yet, or it can't be changed any more."""

    code = "unable_to_answer"


# The money ------------------------------------------------------------------------------------------------------------------------


def closed(rma: uuid.UUID, *, at: datetime) -> AfterReturn | None:
    """Write down what became of the money of a return that is closed; once a closing, whoever gets here.

    None for one that isn't closed, or was imported.
    """
    with transaction.atomic():
        return _row(approval.lock(rma), at=at)


def _row(rma: Rma, *, at: datetime) -> AfterReturn | None:
    if not _is_over(rma) or rma.closed_at is None:
        return None
    known = AfterReturn.objects.filter(pk=rma.pk).first()
    if known is not None and known.closed_at == rma.closed_at:
        return known
    lines = list(rma.lines.select_related("order_line").prefetch_related("units", "refunds").order_by("position"))
    rate = terms.rate(rma.currency, at=rma.closed_at) or Decimal(1)
    shares = [_share(line) for line in lines]
    sums = [
        rounded(sum((share[place] for share in shares), Decimal(0)) * rate, settings.BASE_CURRENCY)
        for place in range(4)
    ]
    dearest = max(lines, key=lambda line: (line.price * line.quantity, -line.position))
    row = known or AfterReturn(rma=rma)
    row.closed_at, row.outcome = rma.closed_at, dearest.settled_as
    row.reason = dearest.confirmed_reason or dearest.reason
    row.refunded, row.credited, row.exchanged, row.deducted = sums
    row.save(force_insert=known is None)
    approval.say(
        rma,
        facts.MoneyShared(
            refunded=str(sum((share[0] for share in shares), Decimal(0))),
            credited=str(sum((share[1] for share in shares), Decimal(0))),
            exchanged=str(sum((share[2] for share in shares), Decimal(0))),
            deducted=str(sum((share[3] for share in shares), Decimal(0))),
            currency=rma.currency,
            outcome=row.outcome,
            reason=row.reason,
        ),
        by=AFTER_RETURNS,
        at=at,
        key="money_shared" if known is None else f"money_shared:{rma.closed_at.isoformat()}",
    )
    return row


def _is_over(rma: Rma) -> bool:
    """Whether it is a return that was closed here: what was traded in is no return, and what an import brought was over before."""
    return rma.status == RmaStatus.CLOSED and rma.origin != Origin.IMPORT and rma.kind != Kind.TRADE


def _share(line: RmaLine) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Of what was given back of a line: as money, as store credit (without its bonus), into another thing, and what was kept."""
    paid = [row for row in line.refunds.all() if row.status == RefundStatus.PAID]
    refunded = sum((row.amount for row in paid if row.method == RefundMethod.ORIGINAL), Decimal(0))
    credited = sum((row.amount - owing.bonus_of(row) for row in paid if row.method == RefundMethod.CREDIT), Decimal(0))
    if line.settled_as == "account":
        refunded = line.settled_amount or Decimal(0)
    pieces = (
        sum(owing.pieces(unit) for unit in line.units.all() if unit.status in {"accepted", "written_off"})
        if line.comes_back
        else line.quantity
    )
    worth = line.price * pieces
    exchanged = Decimal(0)
    if queries.exchanges(line.settled_as):
        exchanged = max(worth - line.fee * pieces - refunded - credited, Decimal(0))
    elif line.settled_as not in {"refund", "credit", "account"}:
        return refunded, credited, exchanged, Decimal(0)
    return refunded, credited, exchanged, max(worth - refunded - credited - exchanged, Decimal(0))


# The opinion ----------------------------------------------------------------------------------------------------------------------


def may_change_until(row: AfterReturn, *, at: datetime) -> datetime | None:
    """Until when an answer can be changed; None where there is none yet."""
    if row.answered_at is None:
        return None
    return row.answered_at + timedelta(days=int(AFTER.in_force(at)["change_days"]))


def reasons_against_answering(rma: Rma, row: AfterReturn | None, *, by: Actor, at: datetime) -> list[Reason]:
    """Why ``by`` can't say what they think of a return: it isn't theirs, isn't over, or was said more than a week ago."""
    if by.kind != ActorKind.GUEST or f"rma:{rma.pk}" not in by.scope:
        return [Reason("not_allowed", _("Only the customer says how it went."))]
    if not _is_over(rma):
        return [Reason("not_over", _("Your return isn't over yet."))]
    until = may_change_until(row, at=at) if row is not None else None
    if until is not None and at > until:
        return [Reason("too_late", _("Your answer can't be changed any more."))]
    return []


def answer(rma: Rma, *, score: int, by: Actor, at: datetime) -> AfterReturn:
    """One tap: what the customer thinks of it. The same again changes nothing; another one within a week changes the answer."""
    if score not in SCORES:
        raise BadInput(Reason("score", _("Choose one of the five."), "score"))
    with transaction.atomic():
        locked = approval.lock(rma.pk)
        row = AfterReturn.objects.filter(pk=locked.pk).first()
        if found := reasons_against_answering(locked, row, by=by, at=at):
            raise NotAllowed(found) if found[0].code == "not_allowed" else UnableToAnswer(found)
        row = row or _row(locked, at=at)
        if row is None:  # pragma: no cover - a closed return has its row
            raise UnableToAnswer(Reason("not_over", _("Your return isn't over yet.")))
        before, row.score = row.score, score
        if before == score:
            return row
        fact: facts.OpinionGiven | facts.OpinionChanged
        if before is None:
            row.answered_at, fact = at, facts.OpinionGiven(score=score)
        else:
            row.changed_at, fact = at, facts.OpinionChanged(score=score, before=before)
        row.save(update_fields=["score", "answered_at", "changed_at"])
        approval.say(locked, fact, by=by, at=at)
    return row


# Where is my refund ---------------------------------------------------------------------------------------------------------------


def ask_for_refund(
    rma: Rma, *, source: CaseMessage | SupportCase, by: Actor, at: datetime, asked_by: AskedBy | None = None
) -> RefundQuestion:
    """A message or support case asks where the refund is, as the customer or the desk says: counted once, with where the money is now."""
    own = by.kind == ActorKind.GUEST and f"rma:{rma.pk}" in by.scope
    if not own and not by.may("messages.send") and not by.may("returns.desk"):
        raise NotAllowed(Reason("not_allowed", _("Saying what a message is about needs the right to answer it.")))
    if source.rma_id != rma.pk:
        raise BadInput(Reason("other_return", _("This is about another return.")))
    how = asked_by or (AskedBy.MESSAGE if isinstance(source, CaseMessage) else AskedBy.CASE)
    with transaction.atomic():
        locked = approval.lock(rma.pk)
        known = RefundQuestion.objects.filter(pk=source.pk).first()
        if known is not None:
            return known
        row = RefundQuestion.objects.create(
            id=source.pk,
            rma=locked,
            asked_by=how.value,
            money=queries.whereabouts(locked).state.value,
            noted_by=by.reference,
            at=at,
        )
        approval.say(
            locked,
            facts.RefundAskedFor(
                source=str(source.pk), asked_by=f"asked_by.{row.asked_by}", money=f"money.{row.money}"
            ),
            by=by,
            at=at,
            key=f"refund_asked:{source.pk}",
        )
    return row


# By the clock ---------------------------------------------------------------------------------------------------------------------


def to_ask(*, at: datetime) -> QuerySet[AfterReturn]:
    """Whose customers are to be mailed the question: some days after the end, once, and nobody who answered or is a business."""
    ripe = at - timedelta(days=int(AFTER.in_force(at)["ask_after_days"]))
    rows = AfterReturn.objects.filter(asked_at=None, score=None, closed_at__lte=ripe, closed_at__gt=at - LATEST)
    return rows.filter(rma__status=RmaStatus.CLOSED, rma__business=None, rma__contact__erased_at=None).exclude(
        rma__contact__email=""
    )


def ask(pk: uuid.UUID, *, at: datetime) -> bool:
    with transaction.atomic():
        rma = approval.lock(pk)
        row = AfterReturn.objects.get(pk=pk)
        if row.asked_at is not None or row.score is not None:
            return False
        row.asked_at = at
        row.save(update_fields=["asked_at"])
        approval.say(rma, facts.OpinionAsked(number=rma.number), by=AFTER_RETURNS, at=at, key="opinion_asked")
    return True


def bought_again(*, at: datetime) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Returns whose customer ordered again of the same seller within the days, each with the first such order."""
    days = int(AFTER.in_force(at)["repeat_days"])
    rows = AfterReturn.objects.filter(again=None, closed_at__gt=at - timedelta(days=days + 30))
    people = {
        (row["rma__seller"], row["rma__contact__email"]): None
        for row in rows.exclude(rma__contact__email="").order_by().values("rma__seller", "rma__contact__email")
    }
    if not people:
        return []
    orders: dict[tuple[uuid.UUID, str], list[tuple[datetime, uuid.UUID]]] = {}
    found = Order.objects.filter(
        seller__in={seller for seller, _email in people},
        contact__email__in={email for _seller, email in people},
        ordered_at__gt=at - timedelta(days=days + 30),
        ordered_at__lte=at,
    ).exclude(source__in=[OrderSource.EXCHANGE, OrderSource.TOLD])
    for seller, email, ordered_at, pk in found.order_by("ordered_at", "pk").values_list(
        "seller", "contact__email", "ordered_at", "pk"
    ):
        orders.setdefault((seller, email), []).append((ordered_at, pk))
    pairs = []
    for pk, closed_at, seller, email in rows.values_list("pk", "closed_at", "rma__seller", "rma__contact__email"):
        for ordered_at, order in orders.get((seller, email), []):
            if closed_at < ordered_at <= closed_at + timedelta(days=days):
                pairs.append((pk, order))
                break
    return pairs[:MOST]


def note_again(pk: uuid.UUID, order: uuid.UUID, *, at: datetime) -> bool:
    """Write down that the customer of a return bought again; said once."""
    with transaction.atomic():
        rma = approval.lock(pk)
        row = AfterReturn.objects.get(pk=pk)
        if row.again_id is not None:
            return False
        bought = Order.objects.get(pk=order)
        row.again, row.again_days = bought, (bought.ordered_at - row.closed_at).days
        row.save(update_fields=["again", "again_days"])
        approval.say(
            rma,
            facts.BoughtAgain(order=str(bought.pk), days=row.again_days),
            by=AFTER_RETURNS,
            at=at,
            key="bought_again",
        )
    return True


def run(*, at: datetime) -> int:
    """Ask those who are to be asked, and note who bought again; returns how many things were done. Again, nothing happens."""
    done = sum(ask(pk, at=at) for pk in list(to_ask(at=at).values_list("pk", flat=True)[:MOST]))
    return done + sum(note_again(pk, order, at=at) for pk, order in bought_again(at=at))
