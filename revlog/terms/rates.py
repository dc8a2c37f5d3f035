"""Exchange rates into the install's currency: rules without rules, only parameters, published like any others."""

from __future__ import annotations

import re
from decimal import Decimal

from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body, Kind


def _check(body: Body) -> list[Reason]:
    found = []
    for currency, rate in body.get("parameters", {}).items():
        value = ruling.number(rate)
        if not re.fullmatch(r"[A-Z]{3}", currency) or value is None or value <= 0:
            found.append(
                Reason("rate", f"{currency} needs a code of three letters and a rate above zero.", f"body.{currency}")
            )
    return found


RATES = ruling.register(Kind("terms.rates", {"parameters": {}}, _check))


def rate(found: ruling.Ruling, currency: str, *, base: str) -> Decimal | None:
    """What one unit of ``currency`` is worth in ``base``; None when nobody said."""
    return Decimal(1) if currency == base else ruling.number(found.parameters.get(currency))
