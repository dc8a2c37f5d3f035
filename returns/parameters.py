"""What the support desk reckons with: the rate of its minutes, and how far one person may go. Published like any other rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from revlog.terms.parameters import Figures

SHIPPED: dict[str, str | int] = {
    "desk_per_hour": "30.00",
    "longest_minutes": 60,
    "idle_hours": 24,
    "override_value": "150.00",
}
FIGURES = Figures("returns.desk", SHIPPED, most={"longest_minutes": 600, "idle_hours": 8760})


@dataclass(frozen=True)
class Parameters:
    """Sums are in the install's currency.

    ``longest`` is what a case is measured to have taken at most: nobody talks for a night because a page stayed open. After ``idle`` an
    open case is an exception. ``override_value`` is up to what an override needs nobody else.
    """

    desk_per_hour: Decimal
    currency: str
    longest: int
    idle: timedelta
    override_value: Decimal

    def cost(self, minutes: int) -> Decimal:
        """What so many minutes cost, not yet rounded."""
        return self.desk_per_hour * minutes / 60


def in_force(at: datetime) -> Parameters:
    """The published ones at ``at``; what they leave out is as the code ships it."""
    given = FIGURES.in_force(at)
    return Parameters(
        desk_per_hour=given["desk_per_hour"],
        currency=settings.BASE_CURRENCY,
        longest=int(given["longest_minutes"]),
        idle=timedelta(hours=float(given["idle_hours"])),
        override_value=given["override_value"],
    )
