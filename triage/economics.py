"""Expected net recovery: what each path of a unit is worth, line by line. Pure, in decimals; no database, no clock.

ENRV = Σ p·P·(1-δ)^(T/30)·(1-f) - costs - V·h·T/365 - w·C_warranty - p_fail·C_fail
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from revlog.common import money

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One way it may end: in which grade, how likely, at what price today; ``low`` and ``high`` where the price has a band."""

    grade: str
    probability: Decimal
    price: Decimal
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the sum: ``what`` is a code for which there are words, ``how`` the reckoning in figures. Positive is income.

    ``note`` is a code for what more is to be said: ``on_hand`` and ``to_buy`` of a part, ``short`` of one that is short.
    """

    what: str
    amount: Decimal
    how: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Need:
    """A part that a path uses: for which fault, what kind of part, and whether it lies on hand."""

    fault: str
    part: str
    on_hand: bool = False


@dataclass(frozen=True, kw_only=True)
class Option:
    """A path as it is to be reckoned. ``decay`` is a month's share, ``holding`` a year's of ``value``, ``fee`` the channel's share.

    ``aside`` is told beside the sum and isn't part of it. The probabilities of ``outcomes``, where there are any, sum to one.
    """

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
    channel: str = ""
    target: str = ""
    minutes: Mapping[str, int] = field(default_factory=dict)
    """Skill -> minutes of it."""
    needs: Sequence[Need] = ()
    aside: Sequence[Line] = ()


@dataclass(frozen=True, kw_only=True)
class Result:
    """``low`` and ``high`` are the sums at the ends of the price's band; None where the price has none."""

    path: str
    net: Decimal
    currency: str
    lines: Sequence[Line] = field(default_factory=tuple)
    low: Decimal | None = None
    high: Decimal | None = None


@lru_cache(maxsize=4096)
def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


@lru_cache(maxsize=4096)
def remaining(decay: Decimal, days: int) -> Decimal:
    """What share of today's price is left after ``days``: (1-δ)^(days/30)."""
    return (1 - decay) ** (Decimal(days) / 30) if days and decay else Decimal(1)


def reckon(option: Option, *, currency: str) -> Result:
    """The sum of ``option``: each line rounded to the currency's smallest unit, so that what is shown adds up."""
    left = remaining(option.decay, option.days)
    lines: list[Line] = []
    less, more, banded = ZERO, ZERO, False

    def add(what: str, amount: Decimal, how: str = "", note: str = "") -> Decimal:
        rounded = money.rounded(amount, currency)
        if rounded:
            lines.append(Line(what=what, amount=rounded, how=how, note=note))
        return rounded

    for outcome in option.outcomes:
        parts = [_plain(outcome.price)]
        if outcome.probability != 1:
            parts.insert(0, _plain(outcome.probability))
        if left != 1:
            parts.append(f"{_plain(1 - option.decay)}^({option.days}/30)")
        if option.fee:
            parts.append(_plain(1 - option.fee))
        share = outcome.probability * left * (1 - option.fee)
        how = " × ".join(parts) if len(parts) > 1 else ""
        kept = add(f"grade_{outcome.grade}" if outcome.grade else "value", share * outcome.price, how)
        if outcome.low is not None and outcome.high is not None:
            banded = True
            less += kept - money.rounded(share * outcome.low, currency)
            more += money.rounded(share * outcome.high, currency) - kept
    for cost in option.costs:
        add(cost.what, cost.amount, cost.how, cost.note)
    if option.value and option.holding and option.days:
        how = f"{_plain(option.value)} × {_plain(option.holding)} × {option.days}/365"
        add("holding", -option.value * option.holding * option.days / 365, how)
    if option.warranty_rate:
        how = f"{_plain(option.warranty_rate)} × {_plain(option.warranty_cost)}"
        add("warranty", -option.warranty_rate * option.warranty_cost, how)
    if option.fail_probability:
        how = f"{_plain(option.fail_probability)} × {_plain(option.fail_cost)}"
        add("failure", -option.fail_probability * option.fail_cost, how)
    net = money.rounded(sum((line.amount for line in lines), ZERO), currency)
    return Result(
        path=option.path, net=net, currency=currency, lines=tuple(lines),
        low=net - less if banded else None, high=net + more if banded else None,
    )  # fmt: skip
