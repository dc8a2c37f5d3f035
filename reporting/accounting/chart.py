"""The chart of accounts: into which two accounts of the accountant's a posting goes, by book and kind. Published like any other rules.

    {"parameters": {"zone": "Europe/Amsterdam", "year_begins": "01-01", "digits": 4, "consultant": "", "client": "", "chart": ""},
     "accounts": {"ours": {"refund": {"account": "8200", "contra": "1200"}}},
     "tax_keys": {"standard@19": "3", "intra_community": "11"}}

``account`` is where cost or income stands, ``contra`` the other side of it (bank, clearing, a creditor). Shipped it has none: whoever
exports says first what their accountant calls things, and until then a run is refused with the names that are missing. ``tax_keys`` are
DATEV's (*BU-Schlüssel*) by how a posting is taxed, with its rate where it has one; what isn't named is exported without a key.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from revlog.common.errors import Reason
from revlog.devices.services import money
from revlog.terms import queries, ruling
from revlog.terms.models import Tax
from revlog.terms.models.orders import RATED
from revlog.terms.ruling import Body, Kind

KIND = "reporting.accounts"
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{0,19}")
NUMBERS = {"consultant": (1001, 9_999_999), "client": (1, 99_999)}
"""What a DATEV file needs of both: the tax adviser's number, and ours with them."""
SHIPPED: Mapping[str, Any] = {
    "parameters": {
        "zone": "UTC",
        "year_begins": "01-01",
        "digits": 4,
        "consultant": "",
        "client": "",
        "chart": "",
    },
    "accounts": {},
    "tax_keys": {},
}
# A first proposal after the SKR 03, for the book that is ours; an accountant changes it. Accounts that reckon VAT by themselves are
# not in it: postings are what was paid.
PROPOSED: Mapping[str, tuple[str, str]] = {
    "sale": ("8200", "1360"),
    "channel_fee": ("4760", "1360"),
    "purchase": ("3200", "1360"),
    "purchase_credit": ("3200", "1710"),
    "refund": ("8200", "1360"),
    "credit": ("8200", "1710"),
    "credit_bonus": ("4630", "1710"),
    "breakage": ("2700", "1710"),
    "difference": ("8200", "1360"),
    "deposit": ("8200", "1360"),
    "repair_income": ("8200", "1360"),
    "packaging": ("8200", "1360"),
    "service": ("8200", "1360"),
    "settlement": ("8200", "1360"),
    "claim": ("2700", "1500"),
    "vendor_credit": ("2700", "1600"),
    "write_off": ("2400", "1500"),
    "freight": ("4730", "1590"),
    "freight_accrued": ("4730", "0970"),
    "freight_variance": ("4730", "1600"),
    "freight_claim": ("2742", "1500"),
    "handling": ("4780", "1590"),
    "labor": ("4780", "1590"),
    "parts": ("4980", "1590"),
    "treatment": ("4780", "1590"),
    "material": ("8200", "1590"),
}
PROPOSED_KEYS: Mapping[str, str] = {"standard@19": "3", "reduced@7": "2"}
CLEARING = "1590"
"""Where what we hold or pay for somebody else stands in that proposal."""


@dataclass(frozen=True)
class Pair:
    account: str
    contra: str


@dataclass(frozen=True)
class Chart:
    version: int
    zone: str
    year_begins: tuple[int, int]
    digits: int
    consultant: str
    client: str
    name: str
    """Which standard chart it follows, as DATEV numbers them: 03, 04; empty where none."""
    pairs: Mapping[tuple[str, str], Pair]
    tax_keys: Mapping[str, str] = field(default_factory=dict)

    def tax_key(self, tax: str, rate: Decimal | None) -> str:
        """DATEV's key for how something is taxed; empty where the chart names none."""
        return self.tax_keys.get(keyed(tax, rate), "")

    @property
    def tz(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.zone)

    @property
    def has_datev(self) -> bool:
        return bool(self.consultant and self.client)

    def year_of(self, day: date) -> date:
        """The first day of the business year that ``day`` is in."""
        first = date(day.year, *self.year_begins)
        return first if first <= day else date(day.year - 1, *self.year_begins)


def keyed(tax: str, rate: Decimal | None) -> str:
    """How the chart names a way of being taxed: ``standard@19``, ``reduced@5.5``, ``export``."""
    return f"{tax}@{rate.normalize():f}" if tax and rate is not None else tax


def in_force(at: datetime) -> Chart:
    """The published one at ``at``; as shipped it has no accounts."""
    rules = queries.in_force(KIND, at=at)
    told = {**SHIPPED["parameters"], **rules.parameters}
    month, day = str(told["year_begins"]).split("-")
    return Chart(
        version=rules.version,
        zone=str(told["zone"]),
        year_begins=(int(month), int(day)),
        digits=int(told["digits"]),
        consultant=str(told["consultant"]),
        client=str(told["client"]),
        name=str(told["chart"]),
        pairs={
            (book, account): Pair(pair["account"], pair["contra"])
            for book, accounts in rules.body.get("accounts", {}).items()
            for account, pair in accounts.items()
        },
        tax_keys=dict(rules.body.get("tax_keys", {})),
    )


def body_in_force(at: datetime) -> Body:
    return queries.in_force(KIND, at=at).body


def proposal() -> Body:
    """A chart to begin with: ours by the SKR 03, and a client's or seller's money as what passes through."""
    ours = {name: {"account": account, "contra": contra} for name, (account, contra) in PROPOSED.items()}
    others = {name: {"account": CLEARING, "contra": "1360"} for name in PROPOSED}
    return {
        "parameters": {**SHIPPED["parameters"], "chart": "03"},
        "accounts": {"ours": ours, "client": others, "seller": others},
        "tax_keys": dict(PROPOSED_KEYS),
    }


# Checking ---------------------------------------------------------------------------------------------------------------------------


def _check(body: Body) -> list[Reason]:
    told = {**SHIPPED["parameters"], **body.get("parameters", {})}
    found = [
        Reason("unknown", _("Nothing reads %s.") % name, f"body.parameters.{name}")
        for name in told
        if name not in SHIPPED["parameters"]
    ]
    found += _check_company(told)
    accounts = body.get("accounts", {})
    if not isinstance(accounts, Mapping):
        return [*found, Reason("accounts", _("Accounts are given by book."), "body.accounts")]
    for book, given in accounts.items():
        if book not in money.BOOKS or not isinstance(given, Mapping):
            found.append(Reason("book", _("There is no book called %s.") % book, f"body.accounts.{book}"))
            continue
        for name, pair in given.items():
            found += _check_pair(f"body.accounts.{book}.{name}", name, pair, told)
    return found + _check_keys(body.get("tax_keys", {}))


def _check_keys(given: object) -> list[Reason]:
    if not isinstance(given, Mapping):
        return [Reason("tax_keys", _("Keys are given by tax, like standard@19."), "body.tax_keys")]
    found = []
    for name, key in given.items():
        tax, _at, rate = str(name).partition("@")
        told = ruling.number(rate) if rate else None
        if (
            tax not in Tax.values
            or (tax in RATED) != (told is not None)
            or (told is not None and (not 0 <= told < 100 or keyed(tax, told) != name))
        ):
            found.append(
                Reason("tax", _("Nothing is taxed as %s: write it like standard@19 or export.") % name, "body.tax_keys")
            )
        if not isinstance(key, str) or not re.fullmatch(r"[0-9]{1,4}", key):
            found.append(
                Reason("tax_key", _("A key of DATEV has one to four digits: %s is none.") % key, "body.tax_keys")
            )
    return found


def _check_company(told: Mapping[str, Any]) -> list[Reason]:
    found = []
    if told["zone"] not in zoneinfo.available_timezones():
        found.append(
            Reason("zone", _("%s is no time zone, like Europe/Amsterdam.") % told["zone"], "body.parameters.zone")
        )
    if not re.fullmatch(r"(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])", str(told["year_begins"])):
        found.append(
            Reason("year", _("The first day of the business year is like 01-01."), "body.parameters.year_begins")
        )
    if str(told["digits"]) not in {"4", "5", "6", "7", "8"}:
        found.append(Reason("digits", _("Account numbers have 4 to 8 digits."), "body.parameters.digits"))
    for name, (least, most) in NUMBERS.items():
        value = str(told[name])
        if value and not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            found.append(
                Reason(
                    name,
                    _("This number is between %(least)s and %(most)s, or empty.") % {"least": least, "most": most},
                    f"body.parameters.{name}",
                )
            )
    if not re.fullmatch(r"\d{0,2}", str(told["chart"])):
        found.append(Reason("chart", _("A standard chart is named by two digits, like 03."), "body.parameters.chart"))
    return found


def _check_pair(where: str, name: str, pair: object, told: Mapping[str, Any]) -> list[Reason]:
    if name not in money.ACCOUNTS:
        return [Reason("unknown", _("Nothing is posted as %s.") % name, where)]
    if not isinstance(pair, Mapping) or set(pair) != {"account", "contra"}:
        return [Reason("pair", _("%s needs its account and the other side of it.") % name, where)]
    found = []
    for side in ("account", "contra"):
        code = pair[side]
        if not isinstance(code, str) or not CODE.fullmatch(code):
            found.append(
                Reason("code", _("An account is letters and digits, at most 20: %s is none.") % code, f"{where}.{side}")
            )
        elif told["consultant"] and told["client"] and not _fits_datev(code, told["digits"]):
            found.append(
                Reason(
                    "code",
                    _("For DATEV an account has at most %(digits)s digits (a person's one more): %(code)s hasn't.")
                    % {"digits": told["digits"], "code": code},
                    f"{where}.{side}",
                )
            )
    if not found and pair["account"] == pair["contra"]:
        found.append(Reason("pair", _("%s can't be its own other side.") % pair["account"], where))
    return found


def _fits_datev(code: str, digits: object) -> bool:
    return code.isascii() and code.isdigit() and len(code) <= int(str(digits)) + 1


ruling.register(Kind(KIND, dict(SHIPPED), _check))
