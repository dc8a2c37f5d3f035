"""The tax in amounts that have it in them, rounded once a document: pure.

Amounts of one rate are added up, the tax of the sum is rounded, and that tax is divided over its lines by largest remainder. So lines add
up to their sums and sums to the document, to the cent, and no line is off by more than one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from revlog.common import money
from revlog.terms.vat import Treatment


@dataclass(frozen=True)
class Split:
    """One amount, or the sum of several of one treatment: ``gross`` is what it comes to, ``net`` and ``tax`` what it is made of."""

    treatment: Treatment
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def tax_in(gross: Decimal, treatment: Treatment, currency: str) -> Decimal:
    """The tax in an amount, to the smallest unit, halves away from zero as tax offices round them."""
    rate = treatment.percent
    return (gross * rate / (100 + rate)).quantize(money.quantum(currency), rounding=ROUND_HALF_UP)


def split(amounts: Sequence[tuple[Decimal, Treatment]], currency: str) -> list[Split]:
    """Net and tax of each amount of a document."""
    found: dict[int, Split] = {}
    for treatment in dict.fromkeys(told for _gross, told in amounts):
        places = [place for place, (_gross, told) in enumerate(amounts) if told == treatment]
        grosses = [amounts[place][0] for place in places]
        tax = tax_in(sum(grosses, Decimal(0)), treatment, currency)
        for place, gross, part in zip(places, grosses, money.divide(tax, grosses, currency), strict=True):
            found[place] = Split(treatment, gross - part, part)
    return [found[place] for place in range(len(amounts))]


def sums(lines: Iterable[Split]) -> list[Split]:
    """One sum for each treatment, those with the highest rate first."""
    found: dict[Treatment, Split] = {}
    for one in lines:
        known = found.get(one.treatment)
        found[one.treatment] = (
            Split(one.treatment, known.net + one.net, known.tax + one.tax) if known is not None else one
        )
    return sorted(found.values(), key=lambda one: (-one.treatment.percent, one.treatment.tax))
