"""Money: decimal amounts with a currency, divided without losing a cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache

from typing_extensions import override

# ISO 4217 minor units that differ from two.
MINOR_UNITS = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "VND": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3, "JOD": 3}


@cache
def quantum(currency: str) -> Decimal:
    return Decimal(1).scaleb(-MINOR_UNITS.get(currency, 2))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """``amount`` to the currency's smallest unit, halves to even so that sums don't drift."""
    return amount.quantize(quantum(currency), rounding=ROUND_HALF_EVEN)


def divide(amount: Decimal, weights: Sequence[Decimal | int], currency: str) -> list[Decimal]:
    """``amount`` shared in proportion to ``weights`` by largest remainder: the parts sum to it, to the cent.

    Equal remainders go to the earlier part. All-zero weights share equally; an empty list is refused.
    """
    if not weights:
        raise ValueError("Nothing to divide the amount between.")
    shares = [Decimal(weight) for weight in weights]
    if any(share < 0 for share in shares):
        raise ValueError("A share can't be negative.")
    if not any(shares):
        shares = [Decimal(1)] * len(shares)
    step = quantum(currency)
    whole = int((rounded(amount, currency) / step).to_integral_value())
    sign = -1 if whole < 0 else 1
    total = sum(shares)
    exact = [abs(whole) * share / total for share in shares]
    floors = [int(part) for part in exact]
    left = abs(whole) - sum(floors)
    order = sorted(range(len(shares)), key=lambda i: (-(exact[i] - floors[i]), i))
    for i in order[:left]:
        floors[i] += 1
    return [sign * part * step for part in floors]


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str

    @override
    def __str__(self) -> str:
        return f"{rounded(self.amount, self.currency)} {self.currency}"
