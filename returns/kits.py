"""Kits: what the price of a bundle says about each of its parts, to the cent. Pure.

A part's share of the kit's price is its share of the sum of shares; cents that don't divide go to the largest remainders, so that the
parts together are the price exactly. Within a part the pieces are priced likewise, and pieces that come back one after the other get
what they would have got together: credited in any order and any number of returns, a kit never brings more than it cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any

Part = Mapping[str, Any]


def divided(amount: Decimal, weights: Sequence[Decimal], *, step: Decimal = Decimal("0.01")) -> list[Decimal]:
    """``amount`` in parts by weight, each a multiple of ``step``, together ``amount``; of like remainders the first wins."""
    total = sum(weights, Decimal(0))
    if not weights or total <= 0:
        return [Decimal(0)] * len(weights)
    exact = [amount * weight / total for weight in weights]
    parts = [(one / step).to_integral_value(rounding=ROUND_FLOOR) * step for one in exact]
    left = int((amount - sum(parts, Decimal(0))) / step)
    order = sorted(range(len(weights)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[:left]:
        parts[place] += step
    return parts


def part(parts: Sequence[Part], sku: str) -> Part | None:
    return next((one for one in parts if str(one["sku"]).upper() == sku.upper()), None)


def share(price: Decimal, parts: Sequence[Part], sku: str) -> Decimal:
    """What of a kit's price is for all pieces of one part in it."""
    shares = divided(price, [Decimal(str(one["share"])) for one in parts])
    return next(
        (amount for one, amount in zip(parts, shares, strict=True) if str(one["sku"]).upper() == sku.upper()),
        Decimal(0),
    )


def worth(price: Decimal, parts: Sequence[Part], sku: str, *, before: int, pieces: int) -> Decimal:
    """What ``pieces`` of a part are worth when ``before`` of it came back earlier, from however many kits."""
    named = part(parts, sku)
    if named is None:
        return Decimal(0)
    whole, each = share(price, parts, sku), int(named["quantity"])
    prices = divided(whole, [Decimal(1)] * each)

    def upto(count: int) -> Decimal:
        return (count // each) * whole + sum(prices[: count % each], Decimal(0))

    return upto(before + pieces) - upto(before)
