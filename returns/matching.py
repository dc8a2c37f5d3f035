"""The five-way match of one line: purchase order, return, receipt, inspection and credit side by side. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from returns.models import MatchStatus
from returns.policy.business import Limits
from revlog.common import money

CREDITED_FIRST = ("good", "damaged", "expired", "wrong")
"""In this order pieces are counted towards what was announced, so that nobody loses by what else was in the box."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What is known of one line. ``price`` is what a piece as sold brings; ``ready`` when all of it is here and looked at."""

    announced: int
    price: Decimal
    sold_price: Decimal
    claimed: Decimal | None = None
    received: int = 0
    conditions: Mapping[str, int] = field(default_factory=dict)
    wrong_lot: int = 0
    """Of the received pieces those of a lot that was never sent; they count as wrong."""
    other_lot: int = 0
    """Those of another lot than announced that was sent all the same."""
    missing_worth: Decimal = Decimal(0)
    """What the parts of kits are worth that were not there."""
    worth: Decimal | None = None
    """What all of the announced brings, where that isn't price by pieces (parts of kits)."""
    worth_of_found: Mapping[int, Decimal] = field(default_factory=dict)
    """The same for so many pieces."""
    ready: bool = False


@dataclass(frozen=True)
class Verdict:
    status: MatchStatus
    why: Sequence[str]
    announced: Decimal
    found: Decimal
    difference: Decimal
    allowed: Decimal
    """How much difference the rules let pass."""


def judge(line: Found, limits: Limits, *, currency: str) -> Verdict:
    """Whether the papers agree on a line, and what is credited for what was found."""
    announced = line.worth if line.worth is not None else line.price * line.announced
    claimed = announced
    why: list[str] = []
    if line.claimed is not None and line.claimed != line.sold_price:
        why.append("price")
        claimed = announced + (line.claimed - line.sold_price) * line.announced
    found = _credit(line, limits, currency)
    over = max(line.received - line.announced, 0)
    if line.received < line.announced:
        why.append("short")
    if over:
        why.append("over")
    counts = _counts(line)
    why += [
        name
        for name in ("damaged", "expired", "wrong")
        if line.conditions.get(name) and limits.credit.get(name, Decimal(0)) < 100
    ]
    if line.wrong_lot:
        why.append("wrong_lot")
    if line.missing_worth:
        why.append("incomplete")
    notes = ["other_lot"] if line.other_lot else []
    difference = abs(claimed - found) + line.price * over
    allowed = max(limits.amount, money.rounded(announced * limits.percent / 100, currency))
    if not line.ready:
        status = MatchStatus.OPEN
    elif not why:
        status = MatchStatus.MATCHED
    elif difference <= allowed and not counts["wrong"]:
        status = MatchStatus.TOLERATED
    else:
        status = MatchStatus.DISPUTED
    return Verdict(status, [*why, *notes], announced, found, difference, allowed)


def _counts(line: Found) -> dict[str, int]:
    counts = {name: line.conditions.get(name, 0) for name in CREDITED_FIRST}
    # A lot that was never sent is wrong, however good it looks.
    left = line.wrong_lot
    for name in ("good", "damaged", "expired"):
        taken = min(left, counts[name])
        counts[name] -= taken
        counts["wrong"] += taken
        left -= taken
    return counts


def _credit(line: Found, limits: Limits, currency: str) -> Decimal:
    counts, left, before, amount = _counts(line), line.announced, 0, Decimal(0)
    for name in CREDITED_FIRST:
        pieces = min(counts[name], left)
        left -= pieces
        worth = line.price * pieces
        if line.worth_of_found:
            worth = line.worth_of_found[before + pieces] - line.worth_of_found[before]
        before += pieces
        amount += worth * limits.credit.get(name, Decimal(0)) / 100
    return max(money.rounded(amount - line.missing_worth, currency), Decimal(0))
