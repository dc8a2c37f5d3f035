"""What the law asks of whoever buys used things from persons: dated rows as rules of the kind ``returns.tradein_law``. Pure.

A row holds in its countries from a day to a day, both included; the day that counts is the day on which the thing is bought, and of the
rows that fit, the latest to begin. ``countries`` empty stands for every country that no other row names. What the code ships is what
its authors know, with that certainty; dealers in used goods are watched by cities and states as well, so an install checks its rows
with whoever advises it, and publishes its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from returns.policy.statutes import EEA_COUNTRIES, EU_COUNTRIES
from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body, Kind, Ruling

KIND = "returns.tradein_law"
DOCUMENTS = ("identity_card", "passport", "driving_licence", "residence_permit")
VAT = ("margin", "standard", "reverse_charge", "none")
"""How the thing may be sold on: by the margin scheme, with VAT on the whole price, after a purchase under reverse charge, or without."""
DECLARATION = gettext_noop(
    "It belongs to me, it isn't stolen, nobody else has a right to it, and I am old enough to sell it."
)
_EU_MARGIN = "2006/112/EC Art. 311-325 (margin scheme, and the records that Art. 324 asks for)"


def _row(id: str, countries: Sequence[str], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    usual = {
        "id": id,
        "countries": list(countries),
        "from": "1995-01-01",
        "to": None,
        "identity_from": None,
        "documents": list(DOCUMENTS),
        "keep_number": False,
        "keep_months": 120,
        "age": 18,
        "purchase_document": True,
        "declaration": DECLARATION,
        "holding_days": 0,
        "vat_private": "margin",
        "vat_business": "standard",
        "vat_business_abroad": "reverse_charge",
        "certainty": "known, not read",
    }
    return usual | more


_NAMED = ("DE", "NL", "FR", "ES")

SHIPPED: Body = {
    "rows": [
        _row(
            "usual",
            (),
            purchase_document=True,
            vat_private="none",
            vat_business="none",
            vat_business_abroad="none",
            source="no rule known; sellers are asked to declare that the thing is theirs",
        ),
        _row("eu", [one for one in (*EU_COUNTRIES, *EEA_COUNTRIES) if one not in _NAMED], source=_EU_MARGIN),
        _row("uk", ["GB"], vat_business_abroad="standard", source="VAT Notice 718 (margin schemes)"),
        _row(
            "de",
            ["DE"],
            identity_from="0.00",
            source=f"GewO § 38 (used consumer electronics), UStG § 25a; {_EU_MARGIN}",
        ),
        _row(
            "nl",
            ["NL"],
            identity_from="0.00",
            keep_number=True,
            keep_months=84,
            holding_days=3,
            source=f"Sr Art. 437 (register of purchases); days of holding by municipal by-law; {_EU_MARGIN}",
        ),
        _row(
            "fr",
            ["FR"],
            identity_from="0.00",
            keep_number=True,
            keep_months=60,
            source=f"Code pénal Art. 321-7, R. 321-3 (register of purchases); {_EU_MARGIN}",
        ),
        _row(
            "es",
            ["ES"],
            identity_from="0.00",
            keep_number=True,
            keep_months=60,
            holding_days=15,
            source=f"Ley Orgánica 4/2015 Art. 25 (register of purchases); {_EU_MARGIN}",
        ),
    ]
}


@dataclass(frozen=True)
class Law:
    """What holds for one purchase."""

    version: int
    id: str
    identity_from: Decimal | None
    documents: Sequence[str]
    keep_number: bool
    keep_months: int
    age: int
    purchase_document: bool
    declaration: str
    holding_days: int
    vat_private: str
    vat_business: str
    vat_business_abroad: str
    source: str

    def asks_identity(self, amount: Decimal) -> bool:
        """Whether somebody has to look at a document before anything is paid."""
        return self.identity_from is not None and amount >= self.identity_from

    def vat(self, *, business: bool, abroad: bool) -> str:
        """How the thing may be sold on, by who sold it to us."""
        if not business:
            return self.vat_private
        return self.vat_business_abroad if abroad else self.vat_business


def of(found: Ruling, country: str, day: date) -> Law:
    """The row that holds in a country on a day; the one for every other country where none names it."""
    rows = [row for row in found.body.get("rows", []) if _in_force(row, day)]
    fitting = [row for row in rows if country in row["countries"]] or [row for row in rows if not row["countries"]]
    # A body has a row for every other country for all time; an install that published none of that kind gets the shipped one.
    row = max(fitting, key=lambda one: str(one["from"])) if fitting else SHIPPED["rows"][0]
    told = row.get("identity_from")
    return Law(
        version=found.version,
        id=row["id"],
        identity_from=None if told is None else ruling.number(told),
        documents=tuple(row.get("documents") or DOCUMENTS),
        keep_number=bool(row.get("keep_number")),
        keep_months=int(row.get("keep_months") or 0),
        age=int(row.get("age") or 0),
        purchase_document=bool(row.get("purchase_document", True)),
        declaration=str(row.get("declaration") or DECLARATION),
        holding_days=int(row.get("holding_days") or 0),
        vat_private=row.get("vat_private", "none"),
        vat_business=row.get("vat_business", "standard"),
        vat_business_abroad=row.get("vat_business_abroad", "standard"),
        source=row.get("source", ""),
    )


def at_site(found: Ruling, country: str, site: str, day: date) -> Law:
    """What holds for a seller of one country at a site in another; ``site`` is empty where no country is known."""
    own = of(found, country, day)
    return stricter(own, of(found, site, day)) if site else own


def stricter(own: Law, site: Law) -> Law:
    """The law of the seller's country with whatever the one of the site, where the thing is bought, asks beyond it.

    So nobody gets round the look at a document, the register or the days of holding by the country that they choose. VAT and the
    declaration follow the seller's country alone.
    """
    if site.id == own.id:
        return own
    # Of two laws of which one has the number kept, that one says for how long: no longer than somebody asks for it.
    keeping = [one for one in (own, site) if one.keep_number] or [own, site]
    both = replace(
        own,
        identity_from=min((one for one in (own.identity_from, site.identity_from) if one is not None), default=None),
        documents=tuple(one for one in site.documents if one in own.documents) or site.documents,
        keep_number=own.keep_number or site.keep_number,
        keep_months=max(one.keep_months for one in keeping),
        age=max(own.age, site.age),
        purchase_document=own.purchase_document or site.purchase_document,
        holding_days=max(own.holding_days, site.holding_days),
    )
    if both == own:
        return own
    return replace(both, id=f"{own.id}+{site.id}", source=f"{own.source}; {site.source}")


def _in_force(row: Mapping[str, Any], day: date) -> bool:
    ends = date.fromisoformat(row["to"]) if row.get("to") else date.max
    return date.fromisoformat(row["from"]) <= day <= ends


def _check(body: Body) -> list[Reason]:
    rows = body.get("rows")
    if not isinstance(rows, list):
        return [Reason("rows", "The rows are a list.", "body.rows")]
    found: list[Reason] = []
    seen: set[str] = set()
    for place, row in enumerate(rows):
        where = f"body.rows[{place}]"
        if not isinstance(row, Mapping) or not isinstance(row.get("id"), str) or not row["id"] or row["id"] in seen:
            found.append(Reason("id", f"{where} has an id of its own.", f"{where}.id"))
            continue
        seen.add(row["id"])
        found += _wrong(row, where)
    return found


def _wrong(row: Mapping[str, Any], where: str) -> list[Reason]:
    found = []
    countries = row.get("countries")
    if not isinstance(countries, list) or not all(isinstance(one, str) and len(one) == 2 for one in countries):
        found.append(Reason("countries", "Countries are a list of two-letter codes.", f"{where}.countries"))
    try:
        begins = date.fromisoformat(str(row.get("from")))
        ends = date.fromisoformat(str(row["to"])) if row.get("to") else date.max
        if ends < begins:
            found.append(Reason("to", "It ends before it begins.", f"{where}.to"))
    except ValueError:
        found.append(Reason("from", "Days are written as 2014-06-13.", f"{where}.from"))
    for name, most in (("keep_months", 1200), ("age", 30), ("holding_days", 365)):
        value = row.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            found.append(Reason("whole", f"{name} is 0 to {most}.", f"{where}.{name}"))
    if row.get("identity_from") is not None:
        amount = ruling.number(row["identity_from"])
        if amount is None or amount < 0:
            sentence = "identity_from is an amount, or null where nobody has to look."
            found.append(Reason("amount", sentence, f"{where}.identity_from"))
    if not set(row.get("documents") or DOCUMENTS) <= set(DOCUMENTS):
        found.append(Reason("documents", f"Documents are {', '.join(DOCUMENTS)}.", f"{where}.documents"))
    found += [
        Reason("vat", f"{name} is one of {', '.join(VAT)}.", f"{where}.{name}")
        for name in ("vat_private", "vat_business", "vat_business_abroad")
        if row.get(name, "none") not in VAT
    ]
    if not isinstance(row.get("source"), str) or not row["source"]:
        found.append(Reason("source", "Say which text it stands in.", f"{where}.source"))
    return found


LAW = ruling.register(Kind(KIND, SHIPPED, _check, told=True))
