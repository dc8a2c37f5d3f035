"""A carrier's bill: how its file is read, and what is thought of each line. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from revlog.common.errors import BadInput, Reason
from revlog.logistics.freight.rating import EXTRAS

FIELDS = ("tracking", "reference", "shipped_on", "weight", "charge", "text", "amount")
GUESSES: Mapping[str, tuple[str, ...]] = {
    "tracking": (
        "tracking",
        "tracking number",
        "parcel",
        "parcel number",
        "awb",
        "consignment",
        "sendungsnummer",
        "barcode",
    ),
    "reference": ("reference", "ref", "customer reference", "shipment", "your reference", "referenz"),
    "shipped_on": ("date", "shipped on", "shipping date", "pickup date", "datum"),
    "weight": ("weight", "weight kg", "kg", "billed weight", "gewicht", "grams"),
    "charge": ("charge", "charge type", "service", "surcharge", "type", "leistung"),
    "text": ("text", "description", "details", "beschreibung"),
    "amount": ("amount", "net", "net amount", "price", "total", "betrag"),
}
DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")
CARRIAGE = frozenset(
    {"", "carriage", "freight", "transport", "base", "delivery", "standard", "fracht", "carriage charge"}
)
FUEL = frozenset({"fuel", "fuel surcharge", "energy", "diesel", "dieselzuschlag"})
MOST_LINES = 5000


@dataclass(frozen=True)
class Columns:
    """Which column of a carrier's file says what, and how it writes weights, days and charges."""

    columns: Mapping[str, str]
    grams: bool = False
    dates: str = "%Y-%m-%d"
    words: Mapping[str, str] = field(default_factory=dict)
    """The carrier's word for a charge, in small letters -> ours."""


@dataclass
class Read:
    tracking: str
    reference: str
    shipped_on: date | None
    grams: int | None
    charge: str
    text: str
    amount: Decimal


def guess(heads: Sequence[str]) -> dict[str, str]:
    """The columns by what they are called, as far as that says it."""
    return {
        name: next((head for word in words for head in heads if head.replace("_", " ") == word), "")
        for name, words in GUESSES.items()
    }


_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


def amount_of(text: str) -> Decimal | None:
    """1234.56, 1,234.56 and 1.234,56 alike, below nothing too. None for 1,234, which is one thing here and another there."""
    bare = re.sub(r"[\s'€$£]|[A-Z]{3}", "", text)
    if _EITHER.fullmatch(bare):
        return None
    if "," in bare and "." in bare:
        mark = max(",", ".", key=bare.rfind)
        bare = bare.replace("," if mark == "." else ".", "").replace(mark, ".")
    else:
        bare = bare.replace(",", ".")
    try:
        value = Decimal(bare)
    except InvalidOperation:
        return None
    return value.quantize(Decimal("0.01")) if value.is_finite() and abs(value) < 10**8 else None


def read(rows: Sequence[Mapping[str, str]], told: Columns) -> list[Read]:
    """The lines of a bill. Raises BadInput naming each row at fault. Fuel billed by itself joins the carriage it is of."""
    if not told.columns.get("amount") or not (told.columns.get("tracking") or told.columns.get("reference")):
        raise BadInput(
            Reason("columns", _("Say which column has the amount, and which the parcel or reference."), "amount")
        )
    if len(rows) > MOST_LINES:
        raise BadInput(Reason("too_many", _("A bill has at most %s lines.") % MOST_LINES, "file"))
    found: list[Read] = []
    wrong = []
    for at, row in enumerate(rows, start=2):
        cells = {name: row.get(column, "").strip() if column else "" for name, column in told.columns.items()}
        line, problems = _line(cells, told)
        wrong += [Reason("row", _("Row %(row)s: %(what)s.") % {"row": at, "what": one}, "file") for one in problems]
        if line is not None:
            found.append(line)
    if wrong:
        raise BadInput(wrong[:20])
    if not found:
        raise BadInput(Reason("empty", _("The bill has no line."), "file"))
    return with_fuel(found)


def _line(cells: Mapping[str, str], told: Columns) -> tuple[Read | None, list[str]]:
    wrong = []
    amount = amount_of(cells.get("amount", ""))
    if amount is None:
        wrong.append(_("“%s” is no amount") % cells.get("amount", ""))
    grams, shipped = None, None
    if cells.get("weight"):
        weight = amount_of(cells["weight"]) if told.grams else _weight(cells["weight"])
        if weight is None or weight < 0:
            wrong.append(_("“%s” is no weight") % cells["weight"])
        else:
            grams = int(weight if told.grams else weight * 1000)
    if cells.get("shipped_on"):
        try:
            shipped = datetime.strptime(cells["shipped_on"], told.dates).date()  # noqa: DTZ007 - a day of the carrier's
        except ValueError:
            wrong.append(_("“%s” is no day as this carrier writes it") % cells["shipped_on"])
    if wrong or amount is None:
        return None, wrong
    return (
        Read(
            tracking="".join(cells.get("tracking", "").split()).upper()[:60], reference=cells.get("reference", "")[:60],
            shipped_on=shipped, grams=grams, charge=charge_of(cells.get("charge", ""), told.words),
            text=(cells.get("text") or cells.get("charge", ""))[:120], amount=amount,
        ),
        [],
    )  # fmt: skip


def _weight(text: str) -> Decimal | None:
    try:
        value = Decimal(text.lower().removesuffix("kg").strip().replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() and value < 100_000 else None


def charge_of(text: str, words: Mapping[str, str]) -> str:
    """Ours for a carrier's word: empty for the carriage itself, ``fuel``, an extra's code, or the word where we have none."""
    bare = " ".join(text.lower().replace("_", " ").split())
    known = words.get(bare, bare)
    if known in CARRIAGE:
        return ""
    if known in FUEL:
        return "fuel"
    code = known.replace(" ", "_")
    return code if code in EXTRAS else bare[:40]


def with_fuel(lines: Sequence[Read]) -> list[Read]:
    """Fuel that is billed by itself joins the carriage it is of."""
    base = {(one.tracking, one.reference): one for one in reversed(lines) if not one.charge}
    kept = []
    for one in lines:
        if one.charge == "fuel" and (found := base.get((one.tracking, one.reference))) is not None:
            found.amount += one.amount
        else:
            kept.append(one)
    return kept


# Judging ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tolerance:
    percent: Decimal
    amount: Decimal
    weight: Decimal

    def most(self, expected: Decimal) -> Decimal:
        """The most a bill may say: by percent or by amount, whichever is more."""
        return expected + max(expected * self.percent / 100, self.amount)


@dataclass(frozen=True)
class Known:
    """What we know of the shipment or parcel a line is for. ``expected`` is None where the contract has no such charge."""

    expected: Decimal | None
    grams: int = 0
    before: str = ""
    """The bill that had it already."""


@dataclass(frozen=True)
class Verdict:
    state: str
    expected: Decimal | None
    why: str = ""


def judge(line: Read, known: Known | None, tolerance: Tolerance, currency: str) -> Verdict:
    """What is thought of one line, the gravest first."""
    if known is None:
        return Verdict(
            "unknown", None, _("No shipment of this carrier has this number, nor this reference, day and weight.")
        )
    if known.before:
        return Verdict("twice", known.expected, _("Bill %s has it already.") % known.before)
    if known.expected is None:
        return Verdict("surcharge", None, _("The contract has no such charge: %s.") % (line.charge or line.text))
    over = line.amount > tolerance.most(known.expected)
    heavy = line.grams is not None and known.grams and line.grams > known.grams * (1 + tolerance.weight / 100)
    if over and heavy:
        told = {"billed": Decimal(line.grams or 0) / 1000, "ours": Decimal(known.grams) / 1000}
        return Verdict("weight", known.expected, _("Billed by %(billed)s kg; we know of %(ours)s kg.") % told)
    if over:
        told_over = {"billed": f"{line.amount} {currency}", "expected": f"{known.expected} {currency}"}
        return Verdict("over_rate", known.expected, _("Billed %(billed)s; by the contract %(expected)s.") % told_over)
    return Verdict("matched", known.expected)
