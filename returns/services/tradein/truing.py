"""What came, compared with what was promised for: the same or better is paid as quoted, for less the seller is asked first."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from returns.deductions import Proposal
from returns.models import Kind, RmaUnit, TradeIn
from returns.policy import tradein as policy
from returns.policy.tradein import Found, Less, Promise
from returns.services import found as looks
from revlog.devices.models import Device
from revlog.terms import queries as terms
from revlog.terms.models import RuleSet
from revlog.terms.ruling import Ruling


def of_unit(unit: RmaUnit) -> TradeIn | None:
    if unit.line.rma.kind != Kind.TRADE:
        return None
    return TradeIn.objects.filter(rma=unit.line.rma_id).select_related("buyer", "contact").first()


def rules_of(row: TradeIn) -> Ruling:
    """The rules by which it was quoted, whatever holds now."""
    if row.rules == 0:
        return terms.of_version(policy.KIND, 0)
    for organization in (row.buyer_id, None):
        try:
            return terms.of_version(policy.KIND, row.rules, organization=organization)
        except RuleSet.DoesNotExist:
            continue
    return terms.of_version(policy.KIND, 0)


def promise_of(row: TradeIn) -> Promise:
    return Promise(
        amount=row.amount or Decimal(0),
        grade=row.grade,
        prices={grade: Decimal(amount) for grade, amount in row.prices.items()},
        answers=row.answers,
        device_class=row.device_class,
        currency=row.currency,
        recoveries=policy.recoveries_of(row.inputs.get("recoveries", {})),
    )


def found_of(unit: RmaUnit, device: Device) -> Found | None:
    """What inspection says of it on this visit; None before it is graded."""
    graded = looks.last(device, looks.GRADED, unit)
    if graded is None:
        return None
    codes = {str(one.get("code")) for one in graded.payload.get("blocked", [])}
    codes |= {str(one.get("code")) for one in looks.defects(device, unit)}
    if unit.line.confirmed_reason:
        codes.add(unit.line.confirmed_reason)
    return Found(str(graded.payload["grade"]), frozenset(codes))


def keep_found(unit: RmaUnit, device: Device) -> None:
    """Write beside the quote what inspection found, so that other rules can be tried on it."""
    if unit.line.rma.kind == Kind.TRADE and (found := found_of(unit, device)) is not None:
        kept = {"grade": found.grade, "codes": sorted(found.codes)}
        TradeIn.objects.filter(rma=unit.line.rma_id).update(found=kept)


def is_ready(unit: RmaUnit, device: Device) -> bool:
    """Whether it was graded: what is locked or broken has a grade too, and is another sum; what is untested has none."""
    found = found_of(unit, device)
    return found is not None and (found.grade in {"NEW", *policy.GRADES} and "untested" not in found.codes)


def compare(unit: RmaUnit, device: Device) -> Less:
    row, found = of_unit(unit), found_of(unit, device)
    if row is None or found is None:
        return Less()
    return policy.compare(rules_of(row), promise_of(row), found)


def propose(unit: RmaUnit, device: Device, *, at: datetime) -> Proposal:
    """What returns makes of it: never a deduction that the seller isn't asked about."""
    less = compare(unit, device)
    return Proposal(less.rows, less.total, less.total > 0, tuple(str(row["rule"]) for row in less.rows))


def answer_days(unit: RmaUnit, *, at: datetime) -> int | None:
    row = of_unit(unit)
    return policy.days(rules_of(row), "answer_days") if row is not None else None
