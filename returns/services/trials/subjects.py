"""What each kind of rules that can be tried decides: where its past cases are, and how a portion of them is decided again."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from returns import policy
from returns.fraud import rules as risk_rules
from returns.models import Assessment, BusinessLine, Review, TradeIn, TradeInStatus, UnsoldLook
from returns.policy import business as business_rules
from returns.policy import replaying, statutes
from returns.policy import tradein as tradein_rules
from returns.policy import unsold as unsold_rules
from returns.policy.trying import business, risk, tradein, unsold
from returns.queries import trials as reads
from returns.sayings.trials import SAYINGS
from returns.services.trials import rmas
from revlog.terms import queries as terms
from revlog.terms.trying import Again, Asked, Rows, Rulings, Subject, register

# Returns of people ------------------------------------------------------------------------------------------------------------------


def _lines_again(rows: Rows, asked: Asked, rulings: Rulings) -> Iterator[Again]:
    bare = [line[0] for line in rows if not line[3]]
    rebuilt = rmas.rebuilt(bare) if bare else {}
    law = statutes.read(terms.in_force(statutes.KIND, at=asked.at))
    for pk, currency, seller, inputs, law_days, price in rows:
        case = replaying.case_of(inputs, law_days, price) if inputs else rebuilt.get(pk)
        if case is None:
            yield Again(pk)
            continue
        now, then = rulings.of(seller, asked)
        before = replaying.result(now, case, law, currency)
        after = before if then is now else replaying.result(then, case, law, currency)
        yield Again(pk, currency, replaying.change(before, after), before, after)


# Risk -------------------------------------------------------------------------------------------------------------------------------


def _scores_again(rows: Rows, asked: Asked, rulings: Rulings) -> Iterator[Again]:
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
        now, then = rulings.of(seller, asked)
        before = risk.result(now, known)
        after = before if then is now else risk.result(then, known)
        yield Again(pk, currency, risk.change(before, after), before, after)


# Trade-in ---------------------------------------------------------------------------------------------------------------------------


def _quotes_again(rows: Rows, asked: Asked, rulings: Rulings) -> Iterator[Again]:
    for pk, currency, buyer, inputs, found, status in rows:
        if not inputs:
            yield Again(pk)
            continue
        now, then = rulings.of(buyer, asked)
        accepted = status == TradeInStatus.ACCEPTED
        before = tradein.result(now, inputs, found, currency=currency, accepted=accepted)
        after = before if then is now else tradein.result(then, inputs, found, currency=currency, accepted=accepted)
        yield Again(pk, currency, tradein.change(before, after), before, after)


# Business returns -------------------------------------------------------------------------------------------------------------------


def _announced_again(rows: Rows, asked: Asked, rulings: Rulings) -> Iterator[Again]:
    for pk, currency, seller, inputs, components, price, quantity in rows:
        if not inputs:
            yield Again(pk)
            continue
        now, then = rulings.of(seller, asked)
        part = Decimal(price * quantity) if components else None
        before = business.result(now, inputs, currency=currency, part_of_kit=part)
        after = before if then is now else business.result(then, inputs, currency=currency, part_of_kit=part)
        yield Again(pk, currency, business.change(before, after), before, after)


# Unsold goods -----------------------------------------------------------------------------------------------------------------------


def _looks_again(rows: Rows, asked: Asked, rulings: Rulings) -> Iterator[Again]:
    now, then = rulings.of(None, asked)
    for pk, inputs, sums in rows:
        before = unsold.result(now, inputs, sums)
        after = before if then is now else unsold.result(then, inputs, sums)
        yield Again(pk, str(sums["currency"]), unsold.change(before, after), before, after)


_OURS: Mapping[str, Subject] = {
    policy.KIND: Subject(
        cases=rmas.lines,
        opened="rma__opened_at",
        seller="rma__seller",
        fields=("pk", "currency", "rma__seller_id", "decision__inputs", "decision__law_days", "price"),
        decide=_lines_again,
        changes=replaying.CHANGES,
        named=reads.lines,
        saying=SAYINGS[policy.KIND],
    ),
    risk_rules.KIND: Subject(
        cases=Review.objects.all,
        opened="rma__opened_at",
        seller="rma__seller",
        fields=("pk", "rma__currency", "rma__seller_id", "inputs"),
        decide=_scores_again,
        changes=risk.CHANGES,
        named=reads.rmas,
        saying=SAYINGS[risk_rules.KIND],
    ),
    tradein_rules.KIND: Subject(
        # What the catalog doesn't know is priced by a person, whatever the rules say.
        cases=lambda: TradeIn.objects.filter(product__isnull=False),
        opened="made_at",
        seller="buyer",
        fields=("pk", "currency", "buyer_id", "inputs", "found", "status"),
        decide=_quotes_again,
        changes=tradein.CHANGES,
        named=reads.quotes,
        saying=SAYINGS[tradein_rules.KIND],
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
        named=reads.lines,
        saying=SAYINGS[business_rules.OPENING],
    ),
    unsold_rules.KIND: Subject(
        cases=UnsoldLook.objects.all,
        opened="seen_at",
        seller="",
        fields=("pk", "inputs", "sums"),
        decide=_looks_again,
        changes=unsold.CHANGES,
        named=reads.units,
        saying=SAYINGS[unsold_rules.KIND],
    ),
}  # fmt: skip
for _kind, _subject in _OURS.items():
    register(_kind, _subject)
