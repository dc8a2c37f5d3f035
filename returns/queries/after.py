"""Where the money of a return is, and the figures of what comes after returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Avg, Count, Q, QuerySet, Sum

from returns.models import (
    AfterReturn,
    MoneyState,
    Outcome,
    Refund,
    RefundMethod,
    RefundQuestion,
    RefundStatus,
    Rma,
    RmaStatus,
)
from returns.models.rma import NEW_ONE
from revlog.accounts.actors import Actor

ENDED_UNPAID = (RmaStatus.REFUSED, RmaStatus.CANCELLED, RmaStatus.EXPIRED)
_ORDER = (RefundStatus.FAILED, RefundStatus.HELD, RefundStatus.PROPOSED, RefundStatus.DUE)
_STATE = {
    RefundStatus.FAILED: MoneyState.FAILED,
    RefundStatus.HELD: MoneyState.WAITS,
    RefundStatus.PROPOSED: MoneyState.WAITS,
    RefundStatus.DUE: MoneyState.DUE,
}


@dataclass(frozen=True)
class Whereabouts:
    """Where the money of a return is: the worst of its refunds, and that refund."""

    state: MoneyState
    refund: Refund | None = None


def whereabouts(rma: Rma) -> Whereabouts:
    rows = list(Refund.objects.filter(line__rma=rma).exclude(status=RefundStatus.REJECTED).order_by("proposed_at"))
    for status in _ORDER:
        for row in rows:
            if row.status == status:
                return Whereabouts(_STATE[status], row)
    if rows:
        last = rows[-1]
        credit = last.method == RefundMethod.CREDIT
        return Whereabouts(MoneyState.CREDIT if credit else MoneyState.PAID, last)
    waits = rma.is_open and rma.lines.filter(wanted__in=[Outcome.REFUND, Outcome.CREDIT]).exists()
    return Whereabouts(MoneyState.NOT_DUE if waits else MoneyState.NONE)


# Figures --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opinion:
    """What customers said of one kind of return."""

    name: str
    returns: int
    answers: int
    average: Decimal | None
    happy: int
    """Answers of 4 and 5."""


@dataclass(frozen=True)
class Figures:
    """Of the returns that were closed in some days; what they were asked and bought is counted however late it came."""

    closed: int = 0
    answers: int = 0
    average: Decimal | None = None
    questions: int = 0
    questions_on: Mapping[str, int] = field(default_factory=dict)
    again: int = 0
    ripe: int = 0
    """Closed long enough ago that all of the days for buying again are over. Of these alone it is told: who is quick would count more."""
    refunded: Decimal = Decimal(0)
    credited: Decimal = Decimal(0)
    exchanged: Decimal = Decimal(0)
    deducted: Decimal = Decimal(0)
    outcomes: Iterable[Opinion] = ()
    reasons: Iterable[Opinion] = ()

    @property
    def moved(self) -> Decimal:
        return self.refunded + self.credited + self.exchanged

    @property
    def kept(self) -> Decimal | None:
        """The share, from 0 to 1, that stayed as credit or went into another thing; None where no money moved."""
        return (self.credited + self.exchanged) / self.moved if self.moved else None

    @property
    def per_hundred(self) -> Decimal | None:
        """Questions for the refund per 100 returns."""
        return Decimal(self.questions * 100) / self.closed if self.closed else None

    @property
    def repeat(self) -> Decimal | None:
        return Decimal(self.again) / self.ripe if self.ripe else None


def figures(actor: Actor, *, begin: datetime, end: datetime, ripe_before: datetime) -> Figures:
    """Of the returns that ``actor`` may see and that were closed from ``begin`` up to ``end``."""
    rows = AfterReturn.objects.visible_to(actor).filter(closed_at__gte=begin, closed_at__lt=end)
    told = rows.order_by().aggregate(
        closed=Count("pk"),
        answers=Count("score"),
        ripe=Count("pk", filter=Q(closed_at__lt=ripe_before)),
        average=Avg("score"),
        again=Count("again", filter=Q(closed_at__lt=ripe_before)),
        refunded=Sum("refunded"),
        credited=Sum("credited"),
        exchanged=Sum("exchanged"),
        deducted=Sum("deducted"),
    )
    asked = RefundQuestion.objects.filter(rma__in=rows.values("pk")).order_by().values("money").annotate(n=Count("pk"))
    questions = {row["money"]: row["n"] for row in asked}
    return Figures(
        closed=told["closed"],
        answers=told["answers"],
        average=_average(told["average"]),
        questions=sum(questions.values()),
        questions_on=questions,
        again=told["again"],
        ripe=told["ripe"],
        refunded=told["refunded"] or Decimal(0),
        credited=told["credited"] or Decimal(0),
        exchanged=told["exchanged"] or Decimal(0),
        deducted=told["deducted"] or Decimal(0),
        outcomes=_opinions(rows, "outcome"),
        reasons=_opinions(rows, "reason"),
    )


def _average(told: object) -> Decimal | None:
    return None if told is None else Decimal(str(told)).quantize(Decimal("0.01"))


def _opinions(rows: QuerySet[AfterReturn], name: str) -> list[Opinion]:
    found = rows.order_by().values(name).annotate(n=Count("pk"), answers=Count("score"), average=Avg("score"))
    happy = {row[name]: row["n"] for row in rows.filter(score__gte=4).order_by().values(name).annotate(n=Count("pk"))}
    return [
        Opinion(row[name], row["n"], row["answers"], _average(row["average"]), happy.get(row[name], 0))
        for row in found.order_by("-n", name)
    ]


def exchanges(outcome: str) -> bool:
    """Whether what a line was settled as puts its money into another thing."""
    return outcome in {one.value for one in NEW_ONE}
