"""What the law gives whoever bought, whatever a shop's rules say: dated rows as rules of the kind ``returns.statutes``. Pure.

A row is one right in one jurisdiction from a day to a day, both included; the day that counts is the day of the order. Two rights are
known: ``withdrawal`` (send it back without a reason) and ``guarantee`` (what was wrong with it at delivery is put right). What the
code ships is what docs/domain says with the certainty it has there; an install publishes its own rows where a national law gives more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from revlog.common.errors import Reason
from revlog.terms import ruling
from revlog.terms.ruling import Body, Kind, Ruling

KIND = "returns.statutes"
RIGHTS = ("withdrawal", "guarantee")
ANCHORS = ("delivery", "shipment", "order")
EU_COUNTRIES = (
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
EEA_COUNTRIES = ("IS", "LI", "NO")
EXEMPT = ("custom_made", "perishable", "hygiene", "media")
"""Directive 2011/83/EU, Article 16: what the law itself leaves out of withdrawal."""

SHIPPED: Body = {
    "rows": [
        {
            "id": "eu_withdrawal",
            "right": "withdrawal",
            "jurisdiction": "eu",
            "countries": [*EU_COUNTRIES, *EEA_COUNTRIES],
            "from": "2014-06-13",
            "to": None,
            "days": 14,
            "counted_from": "delivery",
            "exempt": list(EXEMPT),
            "refund_days": 14,
            "refund_counted_from": "withdrawal",
            "may_withhold_until": "receipt_or_proof",
            "source": "2011/83/EU Art. 9, 13, 16",
            "certainty": "read in excerpts",
        },
        {
            "id": "uk_withdrawal",
            "right": "withdrawal",
            "jurisdiction": "uk",
            "countries": ["GB"],
            "from": "2014-06-13",
            "to": None,
            "days": 14,
            "counted_from": "delivery",
            "exempt": list(EXEMPT),
            "refund_days": 14,
            "refund_counted_from": "receipt_or_proof",
            "may_withhold_until": "receipt_or_proof",
            "source": "Consumer Contracts Regulations 2013, reg. 28-34 (SI 2013/3134)",
            "certainty": "known, not read",
        },
        {
            "id": "us_withdrawal",
            "right": "withdrawal",
            "jurisdiction": "us",
            "countries": ["US"],
            "from": "1900-01-01",
            "to": None,
            "days": 0,
            "counted_from": "delivery",
            "exempt": [],
            "source": "no federal right for distance sales; 16 CFR 429 is about sales at the door",
            "certainty": "known, not read",
        },
        {
            "id": "eu_guarantee_1999",
            "right": "guarantee",
            "jurisdiction": "eu",
            "countries": [*EU_COUNTRIES, *EEA_COUNTRIES, "GB"],
            "from": "2002-01-01",
            "to": "2015-09-30",
            "months": 24,
            "second_hand_months": 12,
            "burden_months": 6,
            "source": "1999/44/EC Art. 5, 7",
            "certainty": "known, not read",
        },
        {
            "id": "eu_guarantee_1999_late",
            "right": "guarantee",
            "jurisdiction": "eu",
            "countries": [*EU_COUNTRIES, *EEA_COUNTRIES],
            "from": "2015-10-01",
            "to": "2021-12-31",
            "months": 24,
            "second_hand_months": 12,
            "burden_months": 6,
            "source": "1999/44/EC Art. 5, 7",
            "certainty": "known, not read",
        },
        {
            "id": "eu_guarantee_2019",
            "right": "guarantee",
            "jurisdiction": "eu",
            "countries": [*EU_COUNTRIES, *EEA_COUNTRIES],
            "from": "2022-01-01",
            "to": None,
            "months": 24,
            "second_hand_months": 12,
            "burden_months": 12,
            "source": "(EU) 2019/771 Art. 10, 11, 13",
            "certainty": "known, not read",
        },
        {
            "id": "uk_guarantee",
            "right": "guarantee",
            "jurisdiction": "uk",
            "countries": ["GB"],
            "from": "2015-10-01",
            "to": None,
            "months": 6,
            "second_hand_months": 6,
            "burden_months": 6,
            "reject_days": 30,
            "source": "Consumer Rights Act 2015 s. 19-24; after six months the buyer has to prove the fault",
            "certainty": "known, not read",
        },
    ],
}


@dataclass(frozen=True)
class Statute:
    """One right as the row says it; ``days`` of withdrawal, or ``months`` of guarantee with ``reject_days`` to have the money back."""

    id: str
    right: str
    jurisdiction: str
    days: int = 0
    counted_from: str = "delivery"
    exempt: Sequence[str] = ()
    refund_days: int = 0
    refund_counted_from: str = ""
    may_withhold_until: str = ""
    months: int = 0
    second_hand_months: int = 0
    burden_months: int = 0
    reject_days: int = 0
    source: str = ""

    def kept(self) -> dict[str, Any]:
        """As a decision keeps it: what was due, and by which text."""
        if self.right == "withdrawal":
            told: dict[str, Any] = {
                "days": self.days,
                "refund_days": self.refund_days,
                "refund_counted_from": self.refund_counted_from,
            }
        else:
            told = {"months": self.months, "reject_days": self.reject_days}
        return {"id": self.id, "source": self.source} | told


def refund_by(statute: Statute, *, withdrawn_on: date, comes_back: bool, back_on: date | None) -> date | None:
    """The last day on which a withdrawal may be paid back.

    ``back_on`` is when the goods came back or were shown to be on their way; until then the money may be withheld where the law says so,
    and there is no day yet (None).
    """
    if not statute.refund_days:
        return None
    days = timedelta(days=statute.refund_days)
    withheld = comes_back and statute.may_withhold_until == "receipt_or_proof"
    if withheld and back_on is None:
        return None
    if statute.refund_counted_from == "receipt_or_proof" and back_on is not None:
        return back_on + days
    return max(withdrawn_on + days, back_on) if withheld and back_on is not None else withdrawn_on + days


@dataclass(frozen=True)
class Statutes:
    """The rows of one version, found by right, country and day."""

    version: int
    rows: Sequence[tuple[Statute, frozenset[str], date, date]] = field(default_factory=tuple)
    known: dict[tuple[str, str, date | None], Statute | None] = field(default_factory=dict, repr=False, compare=False)

    def of(self, right: str, country: str, bought_on: date | None) -> Statute | None:
        """The right in force for what was bought on a day; without a day, the one in force last."""
        key = (right, country, bought_on)
        if key not in self.known:
            if len(self.known) > 20_000:
                self.known.clear()
            self.known[key] = self._of(right, country, bought_on)
        return self.known[key]

    def _of(self, right: str, country: str, bought_on: date | None) -> Statute | None:
        fitting = [
            (begins, statute)
            for statute, countries, begins, ends in self.rows
            if statute.right == right and country in countries and (bought_on is None or begins <= bought_on <= ends)
        ]
        return max(fitting, key=lambda one: one[0])[1] if fitting else None


def read(found: Ruling) -> Statutes:
    """The rows of published or shipped rules, made ready; kept, since they are read with every decision."""
    key = ruling.digest(found.body)
    if key not in _read:
        if len(_read) > 16:
            _read.clear()
        _read[key] = tuple(_row(row) for row in found.body.get("rows", []))
    return Statutes(found.version, _read[key])


_read: dict[str, tuple[tuple[Statute, frozenset[str], date, date], ...]] = {}
_WHOLE = ("days", "refund_days", "months", "second_hand_months", "burden_months", "reject_days")


def _row(row: Mapping[str, Any]) -> tuple[Statute, frozenset[str], date, date]:
    statute = Statute(
        id=row["id"],
        right=row["right"],
        jurisdiction=row["jurisdiction"],
        counted_from=row.get("counted_from") or "delivery",
        exempt=tuple(row.get("exempt", ())),
        refund_counted_from=row.get("refund_counted_from", ""),
        may_withhold_until=row.get("may_withhold_until", ""),
        source=row.get("source", ""),
        **{name: int(row.get(name) or 0) for name in _WHOLE},
    )
    ends = date.fromisoformat(row["to"]) if row.get("to") else date.max
    return statute, frozenset(row["countries"]), date.fromisoformat(row["from"]), ends


def _check(body: Body) -> list[Reason]:
    rows = body.get("rows")
    if not isinstance(rows, list):
        return [Reason("rows", "The statutes are a list of rows.", "body.rows")]
    found: list[Reason] = []
    seen: set[str] = set()
    for place, row in enumerate(rows):
        where = f"body.rows[{place}]"
        if not isinstance(row, Mapping):
            found.append(Reason("row", f"{where} is not a row.", where))
            continue
        if not isinstance(row.get("id"), str) or not row["id"] or row["id"] in seen:
            found.append(Reason("id", f"{where} has an id of its own.", f"{where}.id"))
        else:
            seen.add(row["id"])
        if row.get("right") not in RIGHTS:
            found.append(Reason("right", f"The right is one of {', '.join(RIGHTS)}.", f"{where}.right"))
        if not isinstance(row.get("jurisdiction"), str) or not row["jurisdiction"]:
            found.append(Reason("jurisdiction", "A jurisdiction has a short name, like eu.", f"{where}.jurisdiction"))
        countries = row.get("countries")
        if not isinstance(countries, list) or not all(isinstance(one, str) and len(one) == 2 for one in countries):
            found.append(Reason("countries", "Countries are a list of two-letter codes.", f"{where}.countries"))
        if row.get("counted_from", "delivery") not in ANCHORS:
            found.append(Reason("anchor", f"Days count from {', '.join(ANCHORS)}.", f"{where}.counted_from"))
        exempt = row.get("exempt", [])
        if not isinstance(exempt, list) or not all(isinstance(one, str) for one in exempt):
            found.append(Reason("exempt", "What is exempt is a list of categories.", f"{where}.exempt"))
        found += [
            Reason("whole", f"{name} is a whole number.", f"{where}.{name}")
            for name in _WHOLE
            if isinstance(row.get(name) or 0, bool)
            or not isinstance(row.get(name) or 0, int)
            or not 0 <= (row.get(name) or 0) <= 36500
        ]
        found += _wrong_days(row, where)
        if not isinstance(row.get("source"), str) or not row["source"]:
            found.append(Reason("source", "Say which text it stands in.", f"{where}.source"))
    return found


def _wrong_days(row: Mapping[str, Any], where: str) -> list[Reason]:
    try:
        begins = date.fromisoformat(str(row.get("from")))
    except ValueError:
        return [Reason("from", "It holds from a day, written as 2014-06-13.", f"{where}.from")]
    if row.get("to") is None:
        return []
    try:
        ends = date.fromisoformat(str(row["to"]))
    except ValueError:
        return [Reason("to", "It holds to a day, written as 2021-12-31, or has no end.", f"{where}.to")]
    return [] if ends >= begins else [Reason("to", "It ends before it begins.", f"{where}.to")]


STATUTES = ruling.register(Kind(KIND, SHIPPED, _check, told=True))
