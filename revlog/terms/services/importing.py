"""Orders from a CSV file: read row by row, every row checked, each mistake named by its line, all or nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.terms.models import OrderSource
from revlog.terms.services import new_orders, orders
from revlog.terms.services.new_orders import NewLine, NewOrder
from revlog.terms.services.orders import Placed

NEEDED = ("order", "email", "ordered", "sku", "price")
OPTIONAL = (
    "description", "quantity", "currency", "shipped", "delivered", "serials", "name", "address", "country", "language",
    "class", "category", "tracking", "parcel", "customer", "po", "invoice", "delivery", "lot", "expires", "components",
    "channel", "tags", "line_tags", "payment",
    "tax", "tax_rate",
)  # fmt: skip
COLUMNS = NEEDED + OPTIONAL
MOST_BYTES = 25 * 1024 * 1024
MOST_ROWS = 200_000
MOST_ERRORS = 50
LONGEST_CELL = 10_000


@dataclass(frozen=True)
class Row:
    """One line of the file: ``line`` is its number as an editor shows it, ``cells`` what stands in each known column."""

    line: int
    cells: dict[str, str]
    overfull: bool = False
    """More cells than columns: probably a separator inside of a text that isn't quoted."""


class UnreadableTable(BadInput):
    """The file is no table of orders; nothing was imported."""

    code = "unreadable_table"


def import_csv(file: BinaryIO, *, seller: Organization, by: Actor, at: datetime, zone: str = "UTC") -> Placed:
    """Import the orders of a CSV file (UTF-8, comma, semicolon or tab; one row a line of an order).

    Dates without a time are days in ``zone``. Raises BadInput with up to fifty mistakes, each with its line; nothing is imported then.
    """
    if found := orders.reasons_against_importing(seller, by=by):
        raise NotAllowed(found)
    told, lines = collect(file, zone=zone)
    try:
        return orders.place_many(told, seller=seller, source=OrderSource.IMPORT, by=by, at=at)
    except BadInput as refusal:
        raise BadInput(
            [
                Reason(
                    reason.code, _("Line %(line)s: %(what)s") % {"line": line, "what": reason.sentence}, f"line {line}"
                )
                for reason in list(refusal.reasons)[:MOST_ERRORS]
                for line in [_line_of(reason.field or "", lines)]
            ]
        ) from refusal


def _line_of(where: str, lines: Sequence[Sequence[int]]) -> int:
    """The line of the file behind ``orders[3].lines[0].price``."""
    numbers = [int(part.partition("]")[0]) for part in where.split("[")[1:]]
    order = lines[numbers[0]]
    return order[numbers[1]] if len(numbers) > 1 and numbers[1] < len(order) else order[0]


def collect(file: BinaryIO, *, zone: str = "UTC") -> tuple[list[NewOrder], list[list[int]]]:
    """The orders of a file, and for each the line numbers of its rows. Raises BadInput with every mistake found."""
    wrong: list[Reason] = []
    found: dict[str, NewOrder] = {}
    lines: dict[str, list[int]] = {}
    for row in rows(file):
        read = _read(row, zone=zone)
        if isinstance(read, list):
            wrong += read
            if len(wrong) >= MOST_ERRORS:
                break
            continue
        key = read.number.upper()
        known = found.get(key)
        if known is None:
            found[key], lines[key] = read, [row.line]
        elif differs := _differs(known, read):
            wrong.append(
                _wrong(
                    row.line,
                    _("%(column)s differs from the other rows of order %(order)s.")
                    % {"column": differs, "order": read.number},
                    differs,
                )
            )
        elif len(known.lines) >= new_orders.MOST_LINES:
            wrong.append(_wrong(row.line, _("An order has at most %s lines.") % new_orders.MOST_LINES, "order"))
        else:
            found[key] = replace(known, lines=[*known.lines, *read.lines])
            lines[key].append(row.line)
    if wrong:
        raise BadInput(wrong[:MOST_ERRORS])
    if not found:
        raise UnreadableTable(Reason("empty", _("The file holds no orders."), "line 2"))
    return list(found.values()), [lines[key] for key in found]


def _differs(known: NewOrder, read: NewOrder) -> str | None:
    pairs = {
        "email": (known.email, read.email),
        "ordered": (known.ordered_at, read.ordered_at),
        "currency": (known.currency, read.currency),
        "name": (known.name, read.name),
        "address": (known.address, read.address),
        "country": (known.country, read.country),
        "language": (known.language, read.language),
        "customer": (known.customer, read.customer),
        "po": (known.po_number, read.po_number),
        "invoice": (known.invoice_number, read.invoice_number),
        "delivery": (known.delivery_number, read.delivery_number),
        "channel": (known.channel, read.channel),
        "tags": (known.tags, read.tags),
        "payment": (known.payment, read.payment),
    }
    return next((column for column, (a, b) in pairs.items() if a != b), None)


def _wrong(line: int, sentence: str, column: str) -> Reason:
    return Reason("bad_row", _("Line %(line)s: %(what)s") % {"line": line, "what": sentence}, f"line {line}, {column}")


# Reading ----------------------------------------------------------------------------------------------------------------------------


class _Bounded(io.RawIOBase):
    """At most so many bytes of a file, whatever it says of its own size."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.left = file, MOST_BYTES

    def readable(self) -> bool:  # type: ignore[explicit-override]
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override, explicit-override]
        data = self.file.read(min(len(buffer), self.left + 1))
        self.left -= len(data)
        if self.left < 0:
            raise UnreadableTable(
                Reason("too_large", _("A file has at most %s MB; split it.") % (MOST_BYTES // (1024 * 1024)), "file")
            )
        buffer[: len(data)] = data
        return len(data)


def rows(file: BinaryIO, *, needed: Sequence[str] = NEEDED, columns: Sequence[str] = COLUMNS) -> Iterator[Row]:
    """The rows of the file one by one; never the whole of it in memory. Raises UnreadableTable with the line."""
    bounded = io.BufferedReader(_Bounded(file), 1 << 16)  # type: ignore[type-var]
    stream = io.TextIOWrapper(bounded, encoding="utf-8-sig", errors="strict", newline="")
    line = 1
    try:
        first = stream.readline(LONGEST_CELL)
        if not first.strip():
            raise UnreadableTable(Reason("empty", _("The file is empty; the first line names the columns."), "line 1"))
        if "\0" in first or first.startswith(("PK\x03\x04", "%PDF", "\x1f\x8b")):
            raise UnreadableTable(
                Reason("no_csv", _("This is no CSV file. In a spreadsheet, save it as CSV (UTF-8)."), "line 1")
            )
        delimiter = max(",;\t", key=first.count)
        header = _header(next(csv.reader([first], delimiter=delimiter, strict=True)), needed, columns)
        reader = csv.reader(_checked(stream), delimiter=delimiter, strict=True)
        for cells in reader:
            start, line = line + 1, reader.line_num + 1
            if start > MOST_ROWS + 1:
                raise UnreadableTable(
                    Reason("too_long", _("A file has at most %s rows; split it.") % f"{MOST_ROWS:,}", f"line {start}")
                )
            if not any(cell.strip() for cell in cells):
                continue
            overfull = any(cell.strip() for cell in cells[len(header) :])
            yield Row(start, {name: cell.strip() for name, cell in zip(header, cells, strict=False)}, overfull=overfull)
    except UnicodeDecodeError as error:
        raise UnreadableTable(
            Reason(
                "encoding",
                _("Line %s or later: the file is not UTF-8. In a spreadsheet, save it as CSV (UTF-8).") % line,
                f"line {line}",
            )
        ) from error
    except csv.Error as error:
        raise UnreadableTable(
            Reason(
                "no_csv",
                _("Line %(line)s: this is no CSV (%(why)s).") % {"line": line + 1, "why": error},
                f"line {line + 1}",
            )
        ) from error
    finally:
        stream.detach()


def _checked(stream: io.TextIOWrapper) -> Iterator[str]:
    """The lines of the stream, none longer than a row may be: a quote that is never closed must not swallow the file."""
    while text := stream.readline(LONGEST_CELL * len(COLUMNS)):
        if "\0" in text:
            raise csv.Error("NUL")
        yield text


def _header(cells: Sequence[str], needed: Sequence[str], columns: Sequence[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    unknown = [name for name in names if name not in columns]
    missing = [name for name in needed if name not in names]
    found = []
    if missing:
        found.append(Reason("missing", _("The column %s is missing.") % ", ".join(missing), "line 1"))
    if unknown:
        found.append(
            Reason(
                "unknown",
                _("Nothing here reads the column %(unknown)s; known are %(known)s.")
                % {"unknown": ", ".join(f"“{name[:40]}”" for name in unknown[:5]), "known": ", ".join(columns)},
                "line 1",
            )
        )
    if len(set(names)) != len(names):
        found.append(Reason("twice", _("A column is named twice."), "line 1"))
    if found:
        raise UnreadableTable(found)
    return names


def _read(row: Row, *, zone: str) -> NewOrder | list[Reason]:
    """The order of one row, with its one line; or everything that can't be read in it."""
    if row.overfull:
        return [_wrong(row.line, _("There are more cells than columns; put texts with separators in quotes."), "row")]
    cells, wrong = row.cells, []

    def moment(column: str) -> datetime | None:
        text = cells.get(column, "")
        if not text:
            return None
        try:
            return _moment(text, zone)
        except ValueError:
            wrong.append(_wrong(row.line, _("“%s” is no date; write it like 2026-03-14.") % text[:40], column))
            return None

    missing = [name for name in NEEDED if not cells.get(name)]
    if missing:
        wrong.append(_wrong(row.line, _("%s is empty.") % ", ".join(missing), missing[0]))
    ordered, shipped, delivered = moment("ordered"), moment("shipped"), moment("delivered")
    price, quantity = Decimal(0), 1
    if cells.get("price"):
        try:
            price = Decimal(cells["price"])
            if not price.is_finite():
                raise InvalidOperation
        except InvalidOperation:
            wrong.append(_wrong(row.line, _("“%s” is no price; write it like 449.00.") % cells["price"][:40], "price"))
    if cells.get("quantity"):
        try:
            quantity = int(cells["quantity"])
        except ValueError:
            wrong.append(_wrong(row.line, _("“%s” is no whole number.") % cells["quantity"][:40], "quantity"))
    tax_rate = _rate(row, wrong)
    expires_on = None
    if cells.get("expires"):
        try:
            expires_on = date.fromisoformat(cells["expires"])
        except ValueError:
            wrong.append(
                _wrong(row.line, _("“%s” is no date; write it like 2026-03-14.") % cells["expires"][:40], "expires")
            )
    components = _components(cells.get("components", ""))
    if components is None:
        wrong.append(_wrong(row.line, _("Write the parts of a kit like DOCK-1*1*80.00|CABLE-2*2*20.00."), "components"))
    if wrong or ordered is None or components is None:
        return wrong
    return NewOrder(
        number=cells["order"],
        email=cells["email"],
        name=cells.get("name", ""),
        address=tuple(part.strip() for part in cells.get("address", "").split("|") if part.strip()),
        country=cells.get("country", "").upper(),
        language=cells.get("language", "").lower() or "en",
        currency=cells.get("currency", "").upper() or "EUR",
        channel=cells.get("channel", "").lower(),
        tags=_words(cells.get("tags", "")),
        payment=cells.get("payment", ""),
        ordered_at=ordered,
        customer=cells.get("customer", "").lower(),
        po_number=cells.get("po", ""),
        invoice_number=cells.get("invoice", ""),
        delivery_number=cells.get("delivery", ""),
        lines=[
            NewLine(
                sku=cells["sku"],
                description=cells.get("description", ""),
                quantity=quantity,
                price=price,
                device_class=cells.get("class", "").lower(),
                category=cells.get("category", "").lower(),
                tags=_words(cells.get("line_tags", "")),
                tracking=cells.get("tracking", "").lower() or "serialized",
                serials=tuple(part.strip() for part in cells.get("serials", "").split("|") if part.strip()),
                parcel_number=cells.get("parcel", ""),
                shipped_at=shipped,
                delivered_at=delivered,
                lot=cells.get("lot", ""),
                expires_on=expires_on,
                components=components,
                tax=cells.get("tax", "").lower(),
                tax_rate=tax_rate,
            )
        ],
    )


def _rate(row: Row, wrong: list[Reason]) -> Decimal | None:
    """The VAT rate of a row, in percent; what is none is added to what is wrong."""
    text = row.cells.get("tax_rate", "").removesuffix("%").strip()
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        wrong.append(_wrong(row.line, _("“%s” is no rate; write it like 19.") % text[:40], "tax_rate"))
        return None


def _components(text: str) -> list[dict[str, Any]] | None:
    """The parts of a kit from ``SKU*quantity*share|SKU*quantity*share``; None when it doesn't read so."""
    found = []
    for part in (one.strip() for one in text.split("|") if one.strip()):
        sku, quantity, share = [*(cell.strip() for cell in part.split("*")), "1", "1"][:3]
        if not sku or not quantity.isdecimal() or part.count("*") > 2:
            return None
        found.append({"sku": sku, "quantity": int(quantity), "share": share})
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in text.split("|") if part.strip())


def _moment(text: str, zone: str) -> datetime:
    """An instant, or the noon of a day: a day without a time must not slip into the one before in another zone."""
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), time(12), ZoneInfo(zone)).astimezone(UTC)
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(zone))
    return found.astimezone(UTC)
