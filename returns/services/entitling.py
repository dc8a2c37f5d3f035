"""What a customer may have for one thing that they bought: by window, law, warranty and rules; and why not. Reads, and writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from returns import policy
from returns.policy import Answer
from returns.services import answering, opening
from revlog.terms.models import OrderLine, Warranty


@dataclass(frozen=True)
class Offered:
    """One outcome that may be had, with what it costs and brings."""

    outcome: str
    fee: Decimal
    bonus: Decimal


@dataclass(frozen=True)
class Entitlement:
    """``answer`` is to the reason that was asked for; the days are last ones, None where they are unknown or there is no such right."""

    line: OrderLine
    left: int
    window_until: date | None
    withdrawal_until: date | None
    guarantee_until: date | None
    warranties: Sequence[Warranty]
    answer: Answer
    offers: Sequence[Offered]
    today: date


def of_line(line: OrderLine, *, reason: str, at: datetime) -> Entitlement:
    """What the rules, the law and the warranties give for this line when it is to come back for ``reason``. Raises UnableToOpen."""
    order = line.order
    on = answering.footing(order, at=at)
    plain = answering.answer_for(line, on=on, reason="CHANGED_MIND", origin="staff")
    answer = answering.answer_for(line, on=on, reason=reason, origin="staff")
    case = answering.case_for(line, on=on, reason=reason, origin="staff")
    law = policy.law_for(on.ruling, case, on.law)
    begins = case.delivered_on or case.shipped_on or case.ordered_on
    guarantee = None
    if law.guarantee is not None and begins is not None:
        months = law.guarantee.second_hand_months if case.is_second_hand else law.guarantee.months
        guarantee = policy.months_after(begins, months)
    withdrawal = None
    if law.withdrawal is not None and law.withdrawal.days and case.category not in law.withdrawal.exempt:
        counted = {"order": case.ordered_on, "shipment": case.shipped_on}.get(
            law.withdrawal.counted_from, case.law_from or case.delivered_on
        )
        withdrawal = counted + timedelta(days=law.withdrawal.days) if counted is not None else None
    offers = []
    for outcome in answer.outcomes:
        told = answering.answer_for(line, on=on, reason=reason, wanted=outcome, origin="staff")
        if told.allowed:
            offers.append(Offered(outcome, told.taken_off, told.bonus))
    return Entitlement(
        line=line,
        left=line.quantity - opening.taken(order).get(line.pk, 0),
        window_until=plain.until,
        withdrawal_until=withdrawal,
        guarantee_until=guarantee,
        warranties=list(line.warranties.order_by("-ends_on")[:5]),
        answer=answer,
        offers=offers,
        today=case.today,
    )
