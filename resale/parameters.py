"""What selling reckons with: the channels' fees, and the patience before somebody is told. Published like any other rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from resale.channels import CHANNELS
from revlog.terms.parameters import Figures

SHIPPED: dict[str, str | int] = {
    "ship_within_hours": 48,
    "unpooled_after_hours": 24,
    "lot_ship_days": 5,
    **{f"fee_percent_{code}": channel.fee_percent for code, channel in CHANNELS.items()},
}
FIGURES = Figures("resale.parameters", SHIPPED, most={name: 100 for name in SHIPPED if name.startswith("fee_percent")})


@dataclass(frozen=True)
class Parameters:
    currency: str
    ship_within: timedelta
    unpooled_after: timedelta
    ship_lots_within: timedelta
    fees: dict[str, Decimal]
    """Channel -> percent of the price."""

    def fee(self, channel: str, price: Decimal) -> Decimal:
        """What the channel takes of a price, not yet rounded."""
        return price * self.fees[channel] / 100


def in_force(at: datetime) -> Parameters:
    """The published ones at ``at``; what they leave out is as the code ships it."""
    given = FIGURES.in_force(at)
    return Parameters(
        currency=settings.BASE_CURRENCY,
        ship_within=timedelta(hours=float(given["ship_within_hours"])),
        unpooled_after=timedelta(hours=float(given["unpooled_after_hours"])),
        ship_lots_within=timedelta(days=float(given["lot_ship_days"])),
        fees={code: given[f"fee_percent_{code}"] for code in CHANNELS},
    )
