"""How what comes back may travel: what the rules offer for all that comes, less what can't be done with it. Pure.

Rules list ``methods``; a rule that lists none offers all. A ``NAME_fee`` (``pickup_fee``, say) is what a way costs its sender, by rule or
as a parameter; it is asked only of who sends back what they no longer want, and only of money or credit that they get.

What no rule can allow: a thing that may catch fire goes with no ordinary carrier and over no counter, and what is worth more than
``counter_below`` over no counter of anybody's shop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns import reasons
from revlog.terms import ruling

METHODS = ("label", "qr", "store", "counter", "pickup")
FEES = tuple(f"{name}_fee" for name in METHODS)
COUNTER_BELOW = Decimal(1000)

WORDS: Mapping[str, Promise] = {
    "label": gettext_lazy("a label to print"),
    "qr": gettext_lazy("a code, nothing to print"),
    "store": gettext_lazy("brought to a shop, packed"),
    "counter": gettext_lazy("brought to a counter, without a box"),
    "pickup": gettext_lazy("picked up at home"),
}


@dataclass(frozen=True, kw_only=True)
class Coming:
    """One line that comes back: what the rules said of it, why it comes, and what it brings its sender."""

    reason: str
    outcome: Mapping[str, Any]
    value: Decimal
    paid_back: bool


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What there is at the site that it goes to."""

    label: bool = True
    qr: bool = False
    store: bool = False
    counter: bool = False
    pickup: bool = False
    dangerous_carrier: bool = False
    recalled: bool = False
    """A recall that must not travel is open for something of it."""


@dataclass(frozen=True)
class Option:
    """One way that is offered: what it costs; or, with ``why_not``, one that the rules offer and that can't be done."""

    name: str
    fee: Decimal = Decimal(0)
    why_not: str = ""

    @property
    def open(self) -> bool:
        return not self.why_not


def options(lines: Sequence[Coming], ground: Ground, parameters: Mapping[str, Any]) -> list[Option]:
    """Every way that the rules offer for all lines and that there is at the site, in the order of ``METHODS``."""
    listed = [line.outcome["methods"] for line in lines if "methods" in line.outcome]
    offered = [name for name in METHODS if all(name in one for one in listed)]
    here = [name for name in offered if getattr(ground, name)]
    return [
        Option(name, fee_of(name, lines, parameters), why_not=_why_not(name, lines, ground, parameters))
        for name in here
    ]


def is_dangerous(lines: Sequence[Coming], ground: Ground) -> bool:
    return ground.recalled or any(line.reason in reasons.MAY_BURN for line in lines)


def _why_not(name: str, lines: Sequence[Coming], ground: Ground, parameters: Mapping[str, Any]) -> str:
    if is_dangerous(lines, ground) and not (name == "pickup" or (name == "label" and ground.dangerous_carrier)):
        return _("It may catch fire, so it can't travel this way.")
    most = ruling.number(parameters.get("counter_below", COUNTER_BELOW)) or COUNTER_BELOW
    if name in {"store", "counter"} and sum((line.value for line in lines), Decimal(0)) > most:
        return _("It is worth too much to be left at a counter.")
    return ""


def fee_of(name: str, lines: Sequence[Coming], parameters: Mapping[str, Any]) -> Decimal:
    """What a way costs: the most that a rule says, else the parameter; nothing where something was wrong with what was sold."""
    if not any(line.paid_back for line in lines) or any(reasons.group(line.reason) != "remorse" for line in lines):
        return Decimal(0)
    key = f"{name}_fee"
    told = [line.outcome[key] for line in lines if key in line.outcome] or [parameters.get(key, 0)]
    fees = [ruling.number(ruling.filled(one, parameters)) or Decimal(0) for one in told]
    room = sum((line.value for line in lines if line.paid_back), Decimal(0))
    return min(max(fees), room)


def shares(fee: Decimal, lines: Sequence[tuple[int, Decimal]]) -> list[Decimal]:
    """What of a fee each line bears a piece, in their order: ``lines`` are how many pieces, and the most that a piece can bear."""
    found, left = [], fee
    for quantity, room in lines:
        each = max(min((left / quantity).quantize(Decimal("0.01"), ROUND_DOWN), room), Decimal(0))
        left -= each * quantity
        found.append(each)
    return found
