"""What became of a decision: from its kept sum, the unit's postings and its chain to one row. Pure: no database, no clock.

Each line of the sum belongs to what a book can say of it: the sale (with parts taken out), the work (minutes and parts put in), material,
freight. What no book keeps of a single unit (handling, listing, wipe, warranty, a price on carbon) counts as planned; what a unit's capital
costs is reckoned by the days it really took.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from refurb import facts as bench
from resale import facts as resale
from triage.defects import DEFECTS

ZERO = Decimal(0)
SALE, WORK, MATERIAL, FREIGHT, HOLDING, PLANNED = "sale", "work", "material", "freight", "holding", "planned"
GROUPS = (SALE, WORK, MATERIAL, FREIGHT, HOLDING)
"""Lines that reality can be held against."""
LOT = "lot"
_OF = {
    "value": SALE, "teardown": WORK, "erase_parts": WORK, "new_drive": WORK, "material": MATERIAL, "treatment": MATERIAL,
    "landfill": MATERIAL, "hazard": MATERIAL, "destruction": MATERIAL, "freight": FREIGHT, "holding": HOLDING,
}  # fmt: skip
ACCOUNTS: Mapping[str, str] = {
    "sale": "sold_for", "channel_fee": "channel_fee", "labor": "labor", "parts": "parts", "material": "material",
    "treatment": "material", "freight": "freight", "freight_accrued": "freight", "freight_variance": "freight",
    "freight_claim": "freight", "handling": "other", "write_off": "other",
}  # fmt: skip
"""Accounts of the unit's postings that are its recovery. Refunds and credits undo the forward sale, purchases came before: not these."""
HEARD = (
    bench.WorkOpened.kind,
    bench.OperationDone.kind,
    bench.MinutesCorrected.kind,
    bench.PartUsed.kind,
    resale.SoldTo.kind,
    resale.LotShipped.kind,
)
BOOKED = frozenset({"SOLD", "RECYCLED", "RETURNED", "WRITTEN_OFF", "DONATED"})
"""Ends of which the books say all that came; what went into stock is sold by somebody else's books."""


@dataclass(frozen=True, kw_only=True)
class Money:
    account: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Said:
    """An entry of the unit's chain, of those in ``HEARD``."""

    kind: str
    at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Repair:
    work: str
    fault: str
    minutes: int
    parts: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Folded:
    """The columns of an ``Outturn`` that are reckoned, and its repairs."""

    columns: Mapping[str, Any] = field(default_factory=dict)
    repairs: Sequence[Repair] = ()


def group_of(line: Mapping[str, Any]) -> str:
    """To which of the lines that books know a line of a kept sum belongs."""
    what = str(line["what"])
    if what.startswith("grade_"):
        return SALE
    if what.startswith("labor_") or what in DEFECTS or line.get("note") in {"on_hand", "to_buy"}:
        return WORK
    return _OF.get(what, PLANNED)


def planned_price(path: Mapping[str, Any]) -> Decimal | None:
    """What a buyer was expected to pay on the day, where the path is a sale with one outcome: the first factor of its line."""
    sales = [line for line in path["lines"] if group_of(line) == SALE]
    if path["path"] not in {"RESELL", "LOT"} or len(sales) != 1:
        return None
    first = str(sales[0].get("how") or sales[0]["amount"]).split(" ")[0]
    try:
        return Decimal(first).quantize(Decimal("0.01"))
    except ArithmeticError:
        return None


def fold(
    *,
    path: Mapping[str, Any] | None,
    expected: Decimal,
    usual_days: int | None,
    decided_at: datetime,
    ended_at: datetime,
    end: str,
    until: datetime | None,
    money: Iterable[Money],
    said: Iterable[Said],
) -> Folded:
    """What was expected beside what came. ``money`` and ``said`` are of the stay since the decision; ``until`` is the next decision."""
    lines: dict[str, Decimal] = dict.fromkeys([*GROUPS, PLANNED], ZERO)
    for line in path["lines"] if path is not None else ():
        lines[group_of(line)] += Decimal(line["amount"])
    if path is None:
        # An override to a path that wasn't compared: only its sum is known.
        lines[PLANNED] = expected
    came: dict[str, Decimal] = dict.fromkeys(ACCOUNTS.values(), ZERO)
    booked = set()
    for one in money:
        column = ACCOUNTS.get(one.account)
        if column is None:
            continue
        column = "sold_for" if column == "parts" and one.amount > 0 else column
        came[column] += one.amount
        booked.add(column)
    days = (ended_at.date() - decided_at.date()).days
    planned_days = int(path["days"]) if path is not None and path.get("days") else usual_days
    checked = end in BOOKED
    planned = lines[PLANNED]
    if not checked:
        planned += lines[SALE]
    if "freight" not in booked:
        came["freight"] = lines[FREIGHT]
    holding = lines[HOLDING]
    if planned_days and path is not None:
        holding = (holding * days / planned_days).quantize(Decimal("0.01"))
    events = list(said)
    return Folded(
        columns={
            "days": days,
            "planned_days": planned_days,
            "planned_price": planned_price(path) if path is not None else None,
            "checked": checked,
            "expected": expected,
            **{f"expected_{name}": lines[name] for name in GROUPS},
            "planned": planned,
            **came,
            "holding": holding,
            "came": sum(came.values(), ZERO) + holding + planned,
            "channel": channel_of(events),
        },
        repairs=repairs_of([one for one in events if until is None or one.at < until]),
    )


def channel_of(events: Sequence[Said]) -> str:
    """Where it was sold in the end; empty when it wasn't."""
    for one in reversed(events):
        if one.kind == resale.LotShipped.kind:
            return LOT
        if one.kind == resale.SoldTo.kind:
            return str(one.payload["channel"])[:24]
    return ""


def repairs_of(events: Sequence[Said]) -> tuple[Repair, ...]:
    """The minutes of each fault in each work order, corrections included; the parts where the order was for one fault alone."""
    minutes: dict[tuple[str, str], int] = {}
    faults_of: dict[str, list[str]] = {}
    last: dict[tuple[str, str], str] = {}
    parts: dict[str, Decimal] = {}
    for one in events:
        told, work = one.payload, str(one.payload.get("work", ""))
        if one.kind == bench.WorkOpened.kind:
            faults_of[work] = list(told.get("faults") or [])
        elif one.kind == bench.OperationDone.kind and (fault := _fault(told, faults_of.get(work, []))):
            minutes[work, fault] = minutes.get((work, fault), 0) + int(told["minutes"])
            last[work, str(told["operation"])] = fault
        elif one.kind == bench.MinutesCorrected.kind and (fault := last.get((work, str(told["operation"])), "")):
            minutes[work, fault] += int(told["minutes"]) - int(told["before"])
        elif one.kind == bench.PartUsed.kind:
            parts[work] = parts.get(work, ZERO) + Decimal(told["amount"])
    return tuple(
        Repair(
            work=work[:40],
            fault=fault[:40],
            minutes=max(0, spent),
            parts=parts.get(work, ZERO) if len(faults_of.get(work, [])) == 1 else None,
        )
        for (work, fault), spent in sorted(minutes.items())
    )


def _fault(told: Mapping[str, Any], faults: Sequence[str]) -> str:
    """The fault an operation was for: as it says itself, else the order's only one."""
    return str(told.get("fault") or (faults[0] if len(faults) == 1 else ""))
