"""What recycling reckons with: how far a balance may be off before somebody must say why. Published like any other rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from revlog.common.errors import Reason
from revlog.terms import queries, ruling
from revlog.terms.ruling import Body, Kind

SHIPPED = {"tolerance_percent": "2", "close_within_days": 30}


def _check(body: Body) -> list[Reason]:
    given = {**SHIPPED, **body.get("parameters", {})}
    found = []
    for name in SHIPPED:
        value = ruling.number(given[name])
        if value is None or value < 0:
            found.append(Reason("number", f"{name} is a number of zero or more.", f"body.{name}"))
    return found


PARAMETERS = ruling.register(Kind("recycling.parameters", {"parameters": SHIPPED}, _check))


@dataclass(frozen=True)
class Parameters:
    """``tolerance`` in percent of the weight that came; ``close_within`` says when an open batch is late."""

    tolerance: Decimal
    close_within: timedelta
    currency: str


def in_force(at: datetime) -> Parameters:
    """The published ones at ``at``; what they leave out is as the code ships it."""
    given = {**SHIPPED, **queries.in_force(PARAMETERS.name, at=at).parameters}
    return Parameters(
        tolerance=Decimal(str(given["tolerance_percent"])),
        close_within=timedelta(days=float(given["close_within_days"])),
        currency=settings.BASE_CURRENCY,
    )
