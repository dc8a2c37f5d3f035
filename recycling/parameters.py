"""What recycling reckons with: how far a balance may be off before somebody must say why. Published like any other rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from revlog.terms.parameters import Figures

SHIPPED: dict[str, str | int] = {"tolerance_percent": "2", "close_within_days": 30}
FIGURES = Figures("recycling.parameters", SHIPPED)


@dataclass(frozen=True)
class Parameters:
    """``tolerance`` in percent of the weight that came; ``close_within`` says when an open batch is late."""

    tolerance: Decimal
    close_within: timedelta
    currency: str


def in_force(at: datetime) -> Parameters:
    """The published ones at ``at``; what they leave out is as the code ships it."""
    given = FIGURES.in_force(at)
    return Parameters(
        tolerance=given["tolerance_percent"],
        close_within=timedelta(days=float(given["close_within_days"])),
        currency=settings.BASE_CURRENCY,
    )
