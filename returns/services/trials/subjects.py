"""What each kind of rules that can be tried decides: where its past cases are, and how a portion of them is decided again."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet

from returns import policy
from returns.fraud import rules as risk_rules
from returns.models import Assessment, BusinessLine, Review, TradeIn, TradeInStatus, Trial, UnsoldLook
from returns.policy import business as business_rules
from returns.policy import replaying
from returns.policy import tradein as tradein_rules
from returns.policy import unsold as unsold_rules
from returns.policy.trying import Outcome, business, risk, tradein, unsold
from returns.services.trials import rmas
from returns.services.trials.rulings import Rulings


class Again(NamedTuple):
    """One case decided twice: by the rules in force and by the draft. Without ``before`` too little of it is known."""

    case: uuid.UUID
    currency: str = ""
    changed: str = ""
    before: Outcome | None = None
    after: Outcome | None = None


Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Subject:
    """``fields`` are what is read of a case, its key first; ``opened`` is the moment by which it belongs to a period, ``seller`` whose it
    is (empty where it is nobody's but ours)."""

    cases: Callable[[], QuerySet[Any]]
    opened: str
    seller: str
    fields: Sequence[str]
    decide: Callable[[Rows, Trial, Rulings], Iterator[Again]]
    changes: Sequence[str]

    def past(self, *, since: date, until: date, seller: uuid.UUID | None = None) -> QuerySet[Any]:
        """The cases from a day to a day, both included."""
        begins = datetime.combine(since, time(), UTC)
        ends = datetime.combine(until, time(), UTC) + timedelta(days=1)
        rows = self.cases().filter(**{f"{self.opened}__gte": begins, f"{self.opened}__lt": ends})
        return rows.filter(**{self.seller: seller}) if seller and self.seller else rows


# Returns of people ------------------------------------------------------------------------------------------------------------------


def _lines_again(rows: Rows, trial: Trial, rulings: Rulings) -> Iterator[Again]:
    bare = [line[0] for line in rows if not line[3]]
    rebuilt = rmas.rebuilt(bare) if bare else {}
    law = rulings.statutes(trial)
    for pk, currency, seller, inputs, law_days, price in rows:
        case = replaying.case_of(inputs, law_days, price) if inputs else rebuilt.get(pk)
        if case is None:
            yield Again(pk)
            continue
        now, then = rulings.of(seller, trial)
        before = replaying.result(now, case, law, currency)
        after = before if then is now else replaying.result(then, case, law, currency)
        yield Again(pk, currency, replaying.change(before, after), before, after)


# Risk -------------------------------------------------------------------------------------------------------------------------------


def _scores_again(rows: Rows, trial: Trial, rulings: Rulings) -> Iterator[Again]:
    states: dict[uuid.UUID, list[Mapping[str, Any]]] = defaultdict(list)
    kept = Assessment.objects.filter(rma__in=[row[0] for row in rows]).order_by("rma", "number")
    for rma, inputs in kept.values_list("rma", "inputs"):
        if inputs:
            states[rma].append(inputs)
    for pk, currency, seller, newest in rows:
        known = states[pk]
        if newest and newest not in known:
            known.append(newest)
        if not known:
            yield Again(pk)
            continue
        now, then = rulings.of(seller, trial)
        before = risk.result(now, known)
        after = before if then is now else risk.result(then, known)
        yield Again(pk, currency, risk.change(before, after), before, after)


# Trade-in ---------------------------------------------------------------------------------------------------------------------------


def _quotes_again(rows: Rows, trial: Trial, rulings: Rulings) -> Iterator[Again]:
    for pk, currency, buyer, inputs, found, status in rows:
        if not inputs:
            yield Again(pk)
            continue
        now, then = rulings.of(buyer, trial)
        accepted = status == TradeInStatus.ACCEPTED
        before = tradein.result(now, inputs, found, currency=currency, accepted=accepted)
        after = before if then is now else tradein.result(then, inputs, found, currency=currency, accepted=accepted)
        yield Again(pk, currency, tradein.change(before, after), before, after)


# Business returns -------------------------------------------------------------------------------------------------------------------


def _announced_again(rows: Rows, trial: Trial, rulings: Rulings) -> Iterator[Again]:
    for pk, currency, seller, inputs, components, price, quantity in rows:
        if not inputs:
            yield Again(pk)
            continue
        now, then = rulings.of(seller, trial)
        part = Decimal(price * quantity) if components else None
        before = business.result(now, inputs, currency=currency, part_of_kit=part)
        after = before if then is now else business.result(then, inputs, currency=currency, part_of_kit=part)
        yield Again(pk, currency, business.change(before, after), before, after)


# Unsold goods -----------------------------------------------------------------------------------------------------------------------


def _looks_again(rows: Rows, trial: Trial, rulings: Rulings) -> Iterator[Again]:
    now, then = rulings.of(None, trial)
    for pk, inputs, sums in rows:
        before = unsold.result(now, inputs, sums)
        after = before if then is now else unsold.result(then, inputs, sums)
        yield Again(pk, str(sums["currency"]), unsold.change(before, after), before, after)


SUBJECTS: Mapping[str, Subject] = {
    policy.KIND: Subject(
        cases=rmas.lines,
        opened="rma__opened_at",
        seller="rma__seller",
        fields=("pk", "currency", "rma__seller_id", "decision__inputs", "decision__law_days", "price"),
        decide=_lines_again,
        changes=replaying.CHANGES,
    ),
    risk_rules.KIND: Subject(
        cases=Review.objects.all,
        opened="rma__opened_at",
        seller="rma__seller",
        fields=("pk", "rma__currency", "rma__seller_id", "inputs"),
        decide=_scores_again,
        changes=risk.CHANGES,
    ),
    tradein_rules.KIND: Subject(
        # What the catalog doesn't know is priced by a person, whatever the rules say.
        cases=lambda: TradeIn.objects.filter(product__isnull=False),
        opened="made_at",
        seller="buyer",
        fields=("pk", "currency", "buyer_id", "inputs", "found", "status"),
        decide=_quotes_again,
        changes=tradein.CHANGES,
    ),
    business_rules.OPENING: Subject(
        cases=BusinessLine.objects.all,
        opened="line__rma__opened_at",
        seller="line__rma__seller",
        fields=(
            "pk", "line__currency", "line__rma__seller_id", "inputs", "components", "line__price", "line__quantity"
        ),
        decide=_announced_again,
        changes=business.CHANGES,
    ),
    unsold_rules.KIND: Subject(
        cases=UnsoldLook.objects.all,
        opened="seen_at",
        seller="",
        fields=("pk", "inputs", "sums"),
        decide=_looks_again,
        changes=unsold.CHANGES,
    ),
}  # fmt: skip
