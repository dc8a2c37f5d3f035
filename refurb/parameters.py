"""What the bench reckons with: the rate of labor and the patience before somebody is told. Published like any other rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from revlog.terms.parameters import Figures

SHIPPED: dict[str, str | int] = {
    "labor_per_hour": "36.00",
    "repair_per_hour": "54.00",
    "check_within_hours": 24,
    "idle_after_hours": 72,
}
FIGURES = Figures("refurb.parameters", SHIPPED)


@dataclass(frozen=True)
class Parameters:
    """``labor_per_hour`` is what an hour costs us, ``repair_per_hour`` what a customer pays for one, in the install's currency;
    ``check_within`` and ``idle_after`` say when a work order is an exception."""

    labor_per_hour: Decimal
    repair_per_hour: Decimal
    currency: str
    check_within: timedelta
    idle_after: timedelta

    def labor(self, minutes: int) -> Decimal:
        """What so many minutes cost, not yet rounded."""
        return self.labor_per_hour * minutes / 60


def in_force(at: datetime) -> Parameters:
    """The published ones at ``at``; what they leave out is as the code ships it."""
    given = FIGURES.in_force(at)
    return Parameters(
        labor_per_hour=given["labor_per_hour"],
        repair_per_hour=given["repair_per_hour"],
        currency=settings.BASE_CURRENCY,
        check_within=timedelta(hours=float(given["check_within_hours"])),
        idle_after=timedelta(hours=float(given["idle_after_hours"])),
    )
