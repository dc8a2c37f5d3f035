"""VAT: how a line that was sold is taxed, and by which rate. Pure; rates and choices are rules, dated and published like any others.

    {"parameters": {"untold": "by_place", "cross_border": "intra_community", "outside": "export"},
     "eu": ["AT", ...],
     "rates": {"DE": [{"from": "2021-01-01", "standard": "19", "reduced": "7"}]}}

What the seller said of a line counts before all of it. ``untold`` says what holds of a line of which nobody said anything: ``by_place``
(by the countries of seller and buyer) or ``nothing`` (documents show no tax for it). ``cross_border`` is how a business with a VAT number
in another EU country is supplied, ``outside`` how a buyer outside of the EU is; both are for your tax adviser to decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.models.orders import RATED, Tax
from revlog.terms.ruling import Body, Kind

KIND = "terms.vat"
EU = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL",
    "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
CHOICES: Mapping[str, tuple[str, ...]] = {
    "untold": ("by_place", "nothing"),
    "cross_border": (Tax.INTRA_COMMUNITY.value, Tax.REVERSE_CHARGE.value, Tax.STANDARD.value),
    "outside": (Tax.EXPORT.value, Tax.STANDARD.value),
}
SHIPPED: Body = {
    "parameters": {"untold": "by_place", "cross_border": "intra_community", "outside": "export"},
    "eu": list(EU),
    "rates": {
        "AT": [{"from": "1984-01-01", "standard": "20", "reduced": "10"}],
        "BE": [{"from": "1996-01-01", "standard": "21", "reduced": "6"}],
        "DE": [
            {"from": "2007-01-01", "standard": "19", "reduced": "7"},
            {"from": "2020-07-01", "standard": "16", "reduced": "5"},
            {"from": "2021-01-01", "standard": "19", "reduced": "7"},
        ],
        "ES": [{"from": "2012-09-01", "standard": "21", "reduced": "10"}],
        "FR": [{"from": "2014-01-01", "standard": "20", "reduced": "5.5"}],
        "IE": [{"from": "2021-03-01", "standard": "23", "reduced": "13.5"}],
        "IT": [{"from": "2013-10-01", "standard": "22", "reduced": "10"}],
        "NL": [
            {"from": "2012-10-01", "standard": "21", "reduced": "6"},
            {"from": "2019-01-01", "standard": "21", "reduced": "9"},
        ],
        "PL": [{"from": "2011-01-01", "standard": "23", "reduced": "8"}],
        "SE": [{"from": "1990-07-01", "standard": "25", "reduced": "12"}],
        "GB": [{"from": "2011-01-04", "standard": "20", "reduced": "5"}],
    },
}


@dataclass(frozen=True)
class Treatment:
    """How something is taxed; ``rate`` in percent where it has one. Without ``tax`` nobody knows, and documents show none."""

    tax: str = ""
    rate: Decimal | None = None

    @property
    def percent(self) -> Decimal:
        return self.rate or Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Sold:
    """What must be known of a sale: what its seller said, from where to where it was sold, to whom, and when."""

    tax: str = ""
    rate: Decimal | None = None
    seller: str = ""
    buyer: str = ""
    buyer_vat_id: str = ""
    on: date


def treatment(sold: Sold, body: Body) -> Treatment:
    """How a line was taxed. What can't be known is left open: no tax is made up."""
    told = {**SHIPPED["parameters"], **body.get("parameters", {})}
    tax = sold.tax or (_by_place(sold, body, told) if told["untold"] == "by_place" else "")
    if tax not in RATED:
        return Treatment(tax)
    rate = sold.rate if sold.rate is not None else rate_of(body, sold.seller, tax, on=sold.on)
    return Treatment(tax, rate) if rate is not None else Treatment()


def _by_place(sold: Sold, body: Body, told: Mapping[str, Any]) -> str:
    eu = set(body.get("eu", EU))
    if not sold.seller:
        return ""
    buyer = sold.buyer or sold.seller
    if buyer != sold.seller and sold.seller in eu:
        if buyer not in eu:
            return str(told["outside"])
        if sold.buyer_vat_id:
            return str(told["cross_border"])
    return Tax.STANDARD.value


def rate_of(body: Body, country: str, tax: str, *, on: date) -> Decimal | None:
    """The rate of a country on a day; None when the rules have none."""
    rows: Sequence[Mapping[str, Any]] = body.get("rates", {}).get(country, ())
    held = [row for row in rows if date.fromisoformat(row["from"]) <= on]
    found = max(held, key=lambda row: str(row["from"]), default=None)
    return ruling.number(found.get(tax)) if found is not None else None


def _check(body: Body) -> list[Reason]:
    found = []
    for name, value in body.get("parameters", {}).items():
        if name not in CHOICES:
            found.append(Reason("unknown", _("Nothing reads %s.") % name, f"body.parameters.{name}"))
        elif value not in CHOICES[name]:
            known = ", ".join(CHOICES[name])
            found.append(Reason("choice", _("This is one of %s.") % known, f"body.parameters.{name}"))
    eu = body.get("eu", [])
    if not isinstance(eu, list) or not all(isinstance(one, str) and re.fullmatch(r"[A-Z]{2}", one) for one in eu):
        found.append(Reason("eu", _("Countries are written in two letters, like NL."), "body.eu"))
    rates = body.get("rates", {})
    if not isinstance(rates, Mapping):
        return [*found, Reason("rates", _("Rates are given by country."), "body.rates")]
    for country, rows in rates.items():
        where = f"body.rates.{country}"
        if not re.fullmatch(r"[A-Z]{2}", country) or not isinstance(rows, list):
            found.append(Reason("country", _("Countries are written in two letters, like NL."), where))
            continue
        found += [one for place, row in enumerate(rows) for one in _check_row(row, f"{where}[{place}]")]
    return found


def _check_row(row: object, where: str) -> list[Reason]:
    if not isinstance(row, Mapping) or not set(row) <= {"from", "standard", "reduced"} or "standard" not in row:
        return [Reason("row", _("A rate says from which day it holds, and what the standard rate is."), where)]
    found = []
    try:
        date.fromisoformat(str(row.get("from")))
    except ValueError:
        found.append(Reason("from", _("A day is written like 2026-03-14."), f"{where}.from"))
    for name in ("standard", "reduced"):
        value = ruling.number(row[name]) if name in row else Decimal(0)
        if value is None or not 0 <= value < 100:
            found.append(Reason("rate", _("A rate is a percentage, like 19."), f"{where}.{name}"))
    return found


ruling.register(Kind(KIND, SHIPPED, _check, told=True))
