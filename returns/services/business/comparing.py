"""The match of a whole case: what is known of each line put together from order, return, counts, inspection and memos, and judged."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from returns import kits, matching
from returns.facts import business as business_facts
from returns.matching import Found, Verdict
from returns.models import (
    BusinessCase,
    BusinessLine,
    Dispute,
    MatchStatus,
    MemoKind,
    MemoLine,
    Rma,
    RmaLine,
    RmaUnit,
    UnitStatus,
)
from returns.policy import business as business_rules
from returns.policy.business import Limits
from returns.services import approval
from returns.services.business.memoed import DONE
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.terms import queries as terms

HOURS_TO_DECIDE = 40
"""Open hours of the hub after which a dispute that nobody decided is late."""


@dataclass
class LotRow:
    """What was found of one lot of a line; ``announced`` is what was told of it."""

    lot: str
    expires_on: object = None
    announced: int = 0
    received: int = 0
    conditions: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sent: bool = True


@dataclass
class Row:
    """One line of the match, with all five papers."""

    line: RmaLine
    lots: list[LotRow]
    found: Found
    limits: Limits
    verdict: Verdict
    credited_pieces: int = 0
    credited: Decimal = Decimal(0)
    debited: Decimal = Decimal(0)

    @property
    def own(self) -> BusinessLine:
        return self.line.business

    @property
    def difference(self) -> int:
        """Pieces that came more (or, negative, fewer) than were announced."""
        return self.found.received - self.found.announced


def rows_of(case: BusinessCase, *, at: datetime) -> list[Row]:
    """The match of every line as it stands; a handful of queries for any number of lines."""
    rma = case.rma
    lines = list(RmaLine.objects.filter(rma=rma).select_related("order_line__order", "business").order_by("position"))
    units: dict[uuid.UUID, list[RmaUnit]] = defaultdict(list)
    for unit in RmaUnit.objects.filter(line__in=lines).select_related("found"):
        units[unit.line_id].append(unit)
    memos: dict[uuid.UUID, list[MemoLine]] = defaultdict(list)
    for one in MemoLine.objects.filter(line__line__in=lines, void=False).select_related("memo"):
        memos[one.line_id].append(one)
    ruling = terms.in_force(business_rules.MATCHING, at=rma.opened_at, organization=rma.seller_id)
    made = []
    for line in lines:
        sold = line.order_line
        found = _found(case, line, units[line.pk])
        limits = business_rules.limits(
            ruling,
            customer=case.customer.code,
            reason=line.reason,
            category=sold.category,
            device_class=sold.device_class,
            value=line.amount,
        )
        row = Row(
            line, _lots(line, units[line.pk]), found, limits, matching.judge(found, limits, currency=line.currency)
        )
        for one in memos[line.pk]:
            if one.memo.status in DONE:
                credit = one.memo.kind == MemoKind.CREDIT
                row.credited += one.amount if credit else Decimal(0)
                row.debited += Decimal(0) if credit else one.amount
                row.credited_pieces += one.quantity if credit and one.first else 0
        made.append(row)
    return made


def _came(units: Sequence[RmaUnit]) -> list[RmaUnit]:
    return [unit for unit in units if unit.received_at is not None]


def _condition(unit: RmaUnit) -> str:
    """What inspection found; what got lost with us before anybody looked counts as good."""
    if not unit.found.condition and unit.status == UnitStatus.WRITTEN_OFF:
        return "good"
    return unit.found.condition


def _found(case: BusinessCase, line: RmaLine, units: Sequence[RmaUnit]) -> Found:
    own, sold = line.business, line.order_line
    came = _came(units)
    received = sum(unit.counted or 0 for unit in came)
    conditions: dict[str, int] = defaultdict(int)
    for unit in came:
        if condition := _condition(unit):
            conditions[condition] += unit.counted or 0
    lost = sum(
        (
            kits.worth(sold.price, sold.components, str(part["sku"]), before=0, pieces=int(part["quantity"]))
            for unit in came
            for part in unit.found.missing
        ),
        Decimal(0),
    )
    worth, partly = None, {}
    if own.components:
        part = own.components[0]
        partly = {
            pieces: kits.worth(sold.price, sold.components, part["sku"], before=int(part["before"]), pieces=pieces)
            for pieces in range(line.quantity + 1)
        }
        worth = partly[line.quantity]
    waiting = any(unit.status == UnitStatus.EXPECTED for unit in units)
    complete = case.complete_at is not None or (bool(units) and not waiting)
    return Found(
        announced=line.quantity,
        price=line.per_piece,
        sold_price=sold.price,
        claimed=own.claimed,
        received=received,
        conditions=dict(conditions),
        wrong_lot=sum(
            unit.counted or 0 for unit in came if not unit.found.lot_sent and _condition(unit) not in {"wrong", ""}
        ),
        other_lot=sum(
            unit.counted or 0
            for unit in came
            if unit.found.lot_sent and own.lot and unit.found.lot.upper() != own.lot.upper()
        ),
        missing_worth=lost,
        worth=worth,
        worth_of_found=partly,
        ready=complete and all(_condition(unit) for unit in came),
    )


def _lots(line: RmaLine, units: Sequence[RmaUnit]) -> list[LotRow]:
    own = line.business
    found: dict[str, LotRow] = {
        own.lot.upper(): LotRow(own.lot, own.expires_on, announced=line.quantity, sent=own.lot_sent)
    }
    for unit in _came(units):
        lot = found.setdefault(unit.found.lot.upper(), LotRow(unit.found.lot, unit.found.expires_on))
        lot.sent = lot.sent and unit.found.lot_sent
        lot.received += unit.counted or 0
        if condition := _condition(unit):
            lot.conditions[condition] += unit.counted or 0
    return list(found.values())


def refresh(case: BusinessCase, *, by: Actor, at: datetime) -> list[Row]:
    """Judge every line of a locked case anew, write down how it stands, and open a dispute where the papers disagree."""
    rma = case.rma
    rows = rows_of(case, at=at)
    changed = []
    for row in rows:
        own, verdict = row.own, row.verdict
        if own.status == MatchStatus.DECIDED:
            continue
        found = verdict.found if verdict.status != MatchStatus.OPEN else None
        kept = row.limits.kept() | {"allowed": str(verdict.allowed), "difference": str(verdict.difference)}
        if (own.status, own.found, list(own.why)) == (verdict.status, found, list(verdict.why)):
            continue
        own.status, own.found, own.why, own.tolerance = verdict.status.value, found, list(verdict.why), kept
        changed.append(own)
        if verdict.status == MatchStatus.DISPUTED:
            _dispute(rma, row, by=by, at=at)
    BusinessLine.objects.bulk_update(changed, ["status", "found", "why", "tolerance"], batch_size=500)
    return rows


def _dispute(rma: Rma, row: Row, *, by: Actor, at: datetime) -> None:
    if Dispute.objects.filter(line=row.own, decided_at=None).exists():
        return
    made = Dispute.objects.create(
        id=ids.new(at),
        line=row.own,
        why=list(row.verdict.why),
        money_at_risk=row.verdict.difference,
        currency=row.line.currency,
        opened_at=at,
        opened_by=by.reference,
        due_at=rma.hub.calendar.after_hours(at, HOURS_TO_DECIDE),
    )
    approval.say(
        rma,
        business_facts.LineDisputed(
            dispute=str(made.pk),
            line=str(row.line.pk),
            position=row.line.position,
            why=list(row.verdict.why),
            amount=str(row.verdict.difference),
            currency=row.line.currency,
        ),
        by=by,
        at=at,
    )
