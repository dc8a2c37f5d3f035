"""How far a carrier is liable and until when it must be told, by convention: what a rate card begins with, and may say otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from revlog.common import money


@dataclass(frozen=True)
class Rule:
    """Special drawing rights a kilogram, and days for notice: damage that is seen at once, that isn't, delay, and loss (until a suit)."""

    sdr_per_kg: Decimal
    apparent_days: int
    hidden_days: int
    delay_days: int
    loss_days: int


RULES: Mapping[str, Rule] = {
    # CMR art. 23 (3) with its protocol of 1978; art. 30: apparent at delivery, else seven days; delay 21 days; art. 32: a year.
    "cmr": Rule(Decimal("8.33"), 0, 7, 21, 365),
    # HGB §§ 431, 438, 439.
    "hgb": Rule(Decimal("8.33"), 0, 7, 21, 365),
    # Montreal Convention art. 22 (3), art. 31: cargo 14 days, delay 21; art. 35: two years. ICAO raised 22 to 26 as of 28 December 2024.
    "montreal_22": Rule(Decimal(22), 14, 14, 21, 730),
    "montreal": Rule(Decimal(26), 14, 14, 21, 730),
}


def limit(grams: int, *, sdr_per_kg: Decimal, sdr_rate: Decimal, currency: str) -> Decimal:
    """The most a carrier owes for so much weight."""
    return money.rounded(Decimal(grams) / 1000 * sdr_per_kg * sdr_rate, currency)


def notice_by(kind: str, *, apparent: bool, since: datetime, rule: Rule) -> datetime:
    """When notice must have been given. Nothing but the moment itself is "at once": a day is left to write the letter."""
    days = {"delay": rule.delay_days, "loss": rule.loss_days, "short": rule.apparent_days}.get(
        kind, rule.apparent_days if apparent else rule.hidden_days
    )
    return since + timedelta(days=max(days, 1))
