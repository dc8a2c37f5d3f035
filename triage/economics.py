"""Expected net recovery: what each path of a unit is worth, line by line. Pure, in decimals; no database, no clock.

ENRV = Σ p·P·(1-δ)^(T/30)·(1-f) - costs - V·h·T/365 - w·C_warranty - p_fail·C_fail
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from revlog.common import money

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One way it may end: in which grade, how likely, at what price today."""

    grade: str
    probability: Decimal
    price: Decimal


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the sum: ``what`` is a code for which there are words, ``how`` the reckoning in figures. Positive is income."""

    what: str
    amount: Decimal
    how: str = ""


@dataclass(frozen=True, kw_only=True)
class Option:
    """A path as it is to be reckoned. ``decay`` is a month's share, ``holding`` a year's of ``value``, ``fee`` the channel's share."""

    path: str
    outcomes: Sequence[Outcome] = ()
    days: int = 0
    decay: Decimal = ZERO
    fee: Decimal = ZERO
    costs: Sequence[Line] = ()
    value: Decimal = ZERO
    holding: Decimal = ZERO
    warranty_rate: Decimal = ZERO
    warranty_cost: Decimal = ZERO
    fail_probability: Decimal = ZERO
    fail_cost: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class Result:
    path: str
    net: Decimal
    currency: str
    lines: Sequence[Line] = field(default_factory=tuple)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def remaining(decay: Decimal, days: int) -> Decimal:
    """What share of today's price is left after ``days``: (1-δ)^(days/30)."""
    return (1 - decay) ** (Decimal(days) / 30) if days and decay else Decimal(1)


def reckon(option: Option, *, currency: str) -> Result:
    """The sum of ``option``: each line rounded to the currency's smallest unit, so that what is shown adds up."""
    left = remaining(option.decay, option.days)
    lines: list[Line] = []

    def add(what: str, amount: Decimal, how: str = "") -> None:
        rounded = money.rounded(amount, currency)
        if rounded:
            lines.append(Line(what=what, amount=rounded, how=how))

    for outcome in option.outcomes:
        parts = [_plain(outcome.price)]
        if outcome.probability != 1:
            parts.insert(0, _plain(outcome.probability))
        if left != 1:
            parts.append(f"{_plain(1 - option.decay)}^({option.days}/30)")
        if option.fee:
            parts.append(_plain(1 - option.fee))
        amount = outcome.probability * outcome.price * left * (1 - option.fee)
        add(f"grade_{outcome.grade}" if outcome.grade else "value", amount, " × ".join(parts) if len(parts) > 1 else "")
    for cost in option.costs:
        add(cost.what, cost.amount, cost.how)
    if option.value and option.holding and option.days:
        how = f"{_plain(option.value)} × {_plain(option.holding)} × {option.days}/365"
        add("holding", -option.value * option.holding * option.days / 365, how)
    if option.warranty_rate:
        how = f"{_plain(option.warranty_rate)} × {_plain(option.warranty_cost)}"
        add("warranty", -option.warranty_rate * option.warranty_cost, how)
    if option.fail_probability:
        how = f"{_plain(option.fail_probability)} × {_plain(option.fail_cost)}"
        add("failure", -option.fail_probability * option.fail_cost, how)
    net = sum((line.amount for line in lines), ZERO)
    return Result(path=option.path, net=money.rounded(net, currency), currency=currency, lines=tuple(lines))
