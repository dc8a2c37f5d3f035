"""Each row judged: a line of an order, a credited line, or refused with its reason; and rows put together to documents, oldest first.

Pure: what a row is depends on the row, the mapping and the day, never on what stands in the database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from operator import itemgetter

from babel import Locale

from returns import reasons
from returns.imports.mapping import Mapping, Refusal
from returns.imports.reading import Table
from revlog.terms.services.new_orders import FORMULA, MOST_QUANTITY, NUMBER

CENT = Decimal("0.01")
MOST_LINES = 32_000
"""The most lines of one document: a wholesaler's invoice has over a thousand, a column of positions ends before 32,767."""
MOST_PRICE = Decimal(10) ** 10
_TIMED = ("%H", "%I", "%X", "%c", "%s")


@dataclass(slots=True)
class Row:
    """One row as it was understood. ``reason`` says why it was refused; a refused row holds what could be read of it."""

    line: int
    document: str = ""
    sku: str = ""
    description: str = ""
    quantity: int = 0
    price: Decimal = Decimal(0)
    at: datetime | None = None
    customer: str = ""
    country: str = ""
    category: str = ""
    original: str = ""
    """The order that a credited row names itself; most credit notes name none."""
    why: str = ""
    """Reason code of a credited row."""
    returned: bool = False
    returned_at: datetime | None = None
    """Of a row that is sale and return in one: when it came back."""
    reason: str = ""
    told: str = ""

    @property
    def amount(self) -> Decimal:
        return self.price * self.quantity

    def refuse(self, reason: str, told: str = "") -> Row:
        self.reason, self.told = reason, told[:200]
        return self


@dataclass(slots=True)
class Document:
    """An order, a credit note, or (``number`` empty) a row that was refused: what goes in together or not at all."""

    number: str
    at: datetime
    credit: bool
    rows: list[Row] = field(default_factory=list)
    """Those that make it up."""
    refused: list[Row] = field(default_factory=list)
    """Those of its number that were refused."""

    @property
    def size(self) -> int:
        return len(self.rows) + len(self.refused)

    def content(self) -> str:
        """What a credit note says, as a digest: the same one told twice gives the same. Orders have ``NewOrder.content``."""
        told = [
            [row.sku, row.quantity, str(row.price), row.customer, row.original, row.why]
            for row in sorted(self.rows, key=lambda row: row.line)
        ]
        return hashlib.sha256(json.dumps([self.at.isoformat(), told]).encode()).hexdigest()


def documents(table: Table, mapping: Mapping, *, at: datetime) -> list[Document]:
    """All that the file holds, in the order in which it happened; of one moment, in the order of the file."""
    judge = _Judge(table.columns, mapping, at)
    return in_time(gathered(judge(line, cells) for line, cells in table.rows))


def gathered(rows: Iterable[Row]) -> list[Document]:
    """Rows of one number are one document, wherever they stand; its moment is its earliest row's."""
    found: dict[tuple[bool, str], Document] = {}
    for row in rows:
        for part in _parts(row):
            # A row whose document can't be known is refused by itself.
            key = (part.returned, part.document.upper() if part.at is not None else f"\0{part.line}")
            document = found.get(key)
            moment = part.at or datetime.min.replace(tzinfo=UTC)
            if document is None:
                document = found[key] = Document(part.document, moment, part.returned)
            _join(document, part)
    return list(found.values())


def _parts(row: Row) -> list[Row]:
    """A row that is sale and return in one makes two: the sale, and the credit for it."""
    if row.reason or row.returned_at is None:
        return [row]
    day = row.returned_at.date().isoformat()
    back = replace(row, document=f"{row.document} {day}", at=row.returned_at, original=row.document, returned=True)
    return [row, back]


def _join(document: Document, row: Row) -> None:
    if not row.reason and document.rows:
        first = document.rows[0]
        if row.customer != first.customer:
            row.refuse("other_customer", row.customer or "—")
        elif len(document.rows) >= MOST_LINES:
            row.refuse("too_many_lines", f"{MOST_LINES:,}")
    if row.reason:
        document.refused.append(row)
        return
    document.rows.append(row)
    if row.at is not None and (len(document.rows) == 1 or row.at < document.at):
        document.at = row.at


def in_time(found: Iterable[Document]) -> list[Document]:
    def place(document: Document) -> tuple[datetime, int, bool]:
        return document.at, min(row.line for row in (*document.rows, *document.refused)), document.credit

    return sorted(found, key=place)


class _Judge:
    """Reads one row after the other; what repeats from row to row is read once."""

    def __init__(self, columns: Sequence[str], mapping: Mapping, at: datetime) -> None:
        self.mapping = mapping
        self.width = len(columns)
        places = {name: columns.index(column) for name, column in mapping.columns.items()}
        names = list(places)
        self.places = {name: place for place, name in enumerate(names)}
        self.pick: Callable[[Sequence[str]], tuple[str, ...]] = itemgetter(*(places[name] for name in names))
        self.latest = at + timedelta(days=1)
        self.moment = lru_cache(maxsize=50_000)(self._moment)
        self.number = lru_cache(maxsize=50_000)(lambda text: NUMBER.fullmatch(text) is not None)
        self.money = lru_cache(maxsize=50_000)(_decimal)
        self.described = lru_cache(maxsize=50_000)(_plain)
        self.country = lru_cache(maxsize=1_000)(self._country)
        self.names = {name.casefold(): code for code, name in Locale("en").territories.items() if len(code) == 2}

    def __call__(self, line: int, cells: Sequence[str]) -> Row:
        row = Row(line)
        if len(cells) != self.width:
            return row.refuse("cells")
        told = [cell.strip() for cell in self.pick(cells)]

        def cell(name: str) -> str:
            place = self.places.get(name)
            return "" if place is None else told[place]

        mapping = self.mapping
        row.document, row.sku, row.description = (
            cell("document")[:80],
            cell("sku")[:60],
            self.described(cell("description")),
        )
        row.customer = cell("customer").removesuffix(mapping.customer_ending)[:60]
        row.country, row.category = self.country(cell("country")), self._category(cell("category"), row.sku)
        if not self.number(cell("document")):
            return row.refuse("document", cell("document"))
        if not self.number(cell("sku")):
            return row.refuse("sku", cell("sku"))
        row.at = self.moment(cell("ordered"))
        if row.at is None:
            return row.refuse("date", cell("ordered"))
        if row.at > self.latest:
            return row.refuse("in_future", cell("ordered"))
        pieces = self.money(cell("quantity"))
        if pieces is None or pieces != pieces.to_integral_value() or abs(pieces) >= MOST_PRICE:
            return row.refuse("quantity", cell("quantity"))
        quantity = int(pieces)
        price = self.money(cell("price"))
        if price is None or abs(price) >= MOST_PRICE:
            return row.refuse("price", cell("price"))
        row.price = price
        row.quantity = quantity if abs(quantity) <= 2_000_000_000 else 0
        row.returned = self._is_return(row.document, quantity)
        for refusal in mapping.refused:
            if _fits(refusal, row):
                return row.refuse(refusal.reason, cell("price"))
        if row.returned:
            row.original = cell("original").lstrip("#")[:60]
        return self._counted(row, quantity, cell)

    def _counted(self, row: Row, quantity: int, cell: Callable[[str], str]) -> Row:
        """Quantity and price as they are kept, and when and why it came back."""
        signed = -quantity if row.returned and (self.mapping.credited_negative or quantity < 0) else quantity
        if not 1 <= signed <= MOST_QUANTITY:
            return row.refuse("quantity", cell("quantity"))
        row.quantity = signed
        if row.price < 0:
            return row.refuse("negative_price", cell("price"))
        cents = row.price.quantize(CENT)
        if cents != row.price and (row.price * signed).quantize(CENT) != cents * signed:
            return row.refuse("price_too_fine", cell("price"))
        row.price = cents
        if self.mapping.told_by == "date":
            return self._came_back(row, cell)
        return self._why(row, cell("reason")) if row.returned else row

    def _came_back(self, row: Row, cell: Callable[[str], str]) -> Row:
        """Of a row that is sale and return in one: whether, when and why it came back."""
        text, status, ordered = cell("returned"), cell("status"), row.at
        said = status.casefold() in self.mapping.returned_words
        if self.mapping.returned_words and status and said != bool(text):
            return row.refuse("contradiction", f"{status}, {text or '—'}")
        if not text:
            return row.refuse("contradiction", f"{cell('reason')}, —") if said else row
        row.returned_at = self.moment(text)
        if row.returned_at is None or ordered is None:
            return row.refuse("date", text)
        if row.returned_at > self.latest:
            return row.refuse("in_future", text)
        if row.returned_at < ordered:
            zone = self.mapping.zone
            dates = f"{ordered.astimezone(zone):%Y-%m-%d}, {row.returned_at.astimezone(zone):%Y-%m-%d}"
            return row.refuse("returned_before_ordered", dates)
        return self._why(row, cell("reason"))

    def _why(self, row: Row, text: str) -> Row:
        known = self.mapping.reasons
        code = known.get(" ".join(text.split()).casefold(), known.get("*", "" if text else reasons.NOT_STATED))
        row.why = code
        return row if code else row.refuse("unknown_reason", text)

    def _is_return(self, document: str, quantity: int) -> bool:
        if self.mapping.told_by == "prefix":
            return document.startswith(self.mapping.prefixes)
        return self.mapping.told_by == "sign" and quantity < 0

    def _moment(self, text: str) -> datetime | None:
        """An instant, or the noon of a day: a day without a time must not slip into the one before in another zone."""
        for form in self.mapping.dates:
            try:
                found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the mapping's, below
            except ValueError:
                continue
            if found.tzinfo is None:
                if not any(mark in form for mark in _TIMED):
                    found = datetime.combine(found.date(), time(12))
                found = found.replace(tzinfo=self.mapping.zone)
            return found.astimezone(UTC)
        return None

    def _country(self, text: str) -> str:
        """Two letters for a country's name, by the mapping, else in English; nothing where it is none."""
        bare = text.casefold()
        if bare in self.mapping.countries:
            return self.mapping.countries[bare]
        if len(text) == 2 and text.isascii() and text.isalpha():
            return text.upper()
        return str(self.names.get(bare, ""))

    def _category(self, text: str, sku: str) -> str:
        named = self.mapping.category_of(sku)
        bare = "_".join(text.lower().split())
        return named or (
            bare[:40] if bare.isascii() and bare.replace("_", "a").isalnum() and bare[:1].isalpha() else ""
        )


def _fits(refusal: Refusal, row: Row) -> bool:
    return (
        (refusal.returned is None or refusal.returned == row.returned)
        and (not refusal.prefixes or row.document.startswith(refusal.prefixes))
        and (not refusal.skus or row.sku in refusal.skus)
        and (not refusal.quantity or _sign(refusal.quantity, Decimal(row.quantity)))
        and (not refusal.price or _sign(refusal.price, row.price))
        and (not refusal.customer or (refusal.customer == "missing") == (not row.customer))
    )


def _sign(wanted: str, value: Decimal) -> bool:
    match wanted:
        case "negative":
            return value < 0
        case "zero":
            return value == 0
        case "positive":
            return value > 0
        case _:
            return value <= 0


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _plain(text: str) -> str:
    """A description as it can be kept: without what can't be printed, and without what a spreadsheet takes for a formula."""
    bare = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(bare.split()).lstrip("".join(FORMULA)).strip()[:200]
