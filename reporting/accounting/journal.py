"""Journal lines, and the plain CSV of them: two rows a posting, one on each side, so that every line adds up to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reporting import exports
from reporting.accounting.chart import Pair

MEDIA_TYPE = "text/csv"
HEADER = (
    "run",
    "line",
    "date",
    "happened_on",
    "account",
    "debit",
    "credit",
    "currency",
    "original_amount",
    "original_currency",
    "text",
    "book",
    "posted_as",
    "party",
    "unit",
    "posting",
    "entry",
    "tax",
    "tax_rate",
    "net_amount",
    "tax_amount",
    "tax_key",
)


@dataclass(frozen=True)
class Line:
    """One posting as the accountant books it. ``amount`` is in the install's currency; positive is income.

    ``day`` is under which it is booked, ``happened_on`` when it was: for one that came late the two differ.
    """

    run: int
    number: int
    day: date
    happened_on: date
    pair: Pair
    amount: Decimal
    currency: str
    original: Decimal
    original_currency: str
    text: str
    book: str
    posted_as: str
    party: str
    unit: str
    posting: str
    entry: str
    tax: str = ""
    """How it is taxed; empty where nobody knows."""
    tax_rate: Decimal | None = None
    tax_amount: Decimal | None = None
    """What of ``amount`` is tax, with its sign."""
    tax_key: str = ""
    """DATEV's, from the chart."""

    @property
    def debit(self) -> str:
        """The account that is debited: the other side of an income, the account of a cost itself."""
        return self.pair.contra if self.amount >= 0 else self.pair.account

    @property
    def credit(self) -> str:
        return self.pair.account if self.amount >= 0 else self.pair.contra


def filename(number: int, kind: str = "journal") -> str:
    """As an importing program expects it: DATEV's own files begin with EXTF_."""
    return f"EXTF_Buchungsstapel_{number}.csv" if kind == "datev" else f"journal-{number}.csv"


def write(lines: Iterable[Line]) -> bytes:
    """CSV (RFC 4180, UTF-8): the same lines give the same bytes."""
    return "".join(exports.lines(HEADER, (row for line in lines for row in _rows(line)))).encode()


def _rows(line: Line) -> Sequence[Sequence[object]]:
    size = abs(line.amount)
    rest = (
        line.currency,
        abs(line.original),
        line.original_currency,
        line.text,
        line.book,
        line.posted_as,
        line.party,
        line.unit,
        line.posting,
        line.entry,
        line.tax,
        "" if line.tax_rate is None else f"{line.tax_rate.normalize():f}",
        "" if line.tax_amount is None else abs(line.amount - line.tax_amount),
        "" if line.tax_amount is None else abs(line.tax_amount),
        line.tax_key,
    )
    begin = (line.run, line.number, line.day.isoformat(), line.happened_on.isoformat())
    return [(*begin, line.debit, size, "", *rest), (*begin, line.credit, "", size, *rest)]
