"""Mass balance as arithmetic: opening + in = out + loss + closing, in whole grams. No database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What was there, came, left, was lost on purpose (dust, moisture) and is still there, in grams.

    ``difference`` is what the scales can't explain: positive where weight is missing, negative where more came out than went in.
    """

    opening: int
    received: int
    out: int
    loss: int
    closing: int

    @property
    def came(self) -> int:
        return self.opening + self.received

    @property
    def difference(self) -> int:
        return self.came - self.out - self.loss - self.closing

    @property
    def variance(self) -> Decimal:
        """The difference as a percentage of what came, two decimals; 0 when nothing came and nothing is wrong, 100 when something is."""
        if self.came <= 0:
            return Decimal(100 if self.difference else 0)
        return (Decimal(abs(self.difference)) * 100 / self.came).quantize(Decimal("0.01"))

    def is_within(self, tolerance: Decimal) -> bool:
        """Whether the difference is at most ``tolerance`` percent of what came, not rounded."""
        return Decimal(abs(self.difference)) * 100 <= tolerance * max(self.came, 0)

    def settled(self) -> Balance:
        """The balance with the difference booked as loss: it closes to the gram."""
        return Balance(
            opening=self.opening,
            received=self.received,
            out=self.out,
            loss=self.loss + self.difference,
            closing=self.closing,
        )
