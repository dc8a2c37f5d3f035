"""Lines of a business return as a customer tells them: from a table, a form or a file, each mistake named by its line."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from io import BytesIO, StringIO
from typing import BinaryIO

from django.utils.translation import gettext as _

from returns import reasons
from revlog.common.errors import BadInput, Reason
from revlog.terms.services import importing

NEEDED = ("reason",)
COLUMNS = ("sku", "quantity", "lot", "expires", "serial", "reason", "price", "component", "order", "wrong_lot")
MOST_LINES = 2000
MOST_PIECES = 100_000
MOST_ERRORS = 50


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line as it was told. ``row`` is where it stands in what was sent: the line of the file, or the number in a list."""

    row: int
    reason: str
    sku: str = ""
    quantity: int = 1
    lot: str = ""
    expires_on: date | None = None
    serial: str = ""
    price: Decimal | None = None
    """What the customer says they paid for a piece."""
    component: str = ""
    """SKU of a part, where only that of a kit comes back."""
    order: str = ""
    """The order, purchase order, invoice or delivery that it was on, where the line says so itself."""
    wrong_lot: str = ""
    """Why a lot that we never sent is accepted; only a person of ours may say so."""


def wrong(row: int, sentence: str, column: str, code: str = "bad_row") -> Reason:
    return Reason(code, _("Line %(line)s: %(what)s") % {"line": row, "what": sentence}, f"line {row}, {column}")


def read_csv(file: BinaryIO) -> list[Told]:
    """The lines of a CSV file (UTF-8; comma, semicolon or tab). Raises BadInput with every mistake, each with its line."""
    found: list[Told] = []
    mistakes: list[Reason] = []
    for row in importing.rows(file, needed=NEEDED, columns=COLUMNS):
        if row.overfull:
            mistakes.append(
                wrong(row.line, _("There are more cells than columns; put texts with separators in quotes."), "row")
            )
        else:
            read = _read(row.line, row.cells)
            if isinstance(read, Told):
                found.append(read)
            else:
                mistakes += read
        if len(mistakes) >= MOST_ERRORS or len(found) > MOST_LINES:
            break
    if len(found) > MOST_LINES:
        mistakes.append(Reason("too_many", _("A return has at most %s lines; split it.") % f"{MOST_LINES:,}", "lines"))
    if mistakes:
        raise BadInput(mistakes[:MOST_ERRORS])
    if not found:
        raise BadInput(Reason("empty", _("There are no lines in it."), "lines"))
    return found


def read_text(text: str) -> list[Told]:
    """Lines that were pasted: a table out of a spreadsheet, or CSV."""
    return read_csv(BytesIO(text.strip().encode()))


def _read(row: int, cells: Mapping[str, str]) -> Told | list[Reason]:
    mistakes: list[Reason] = []
    quantity, price, expires_on = 1, None, None
    if text := cells.get("quantity", ""):
        try:
            quantity = int(text)
        except ValueError:
            mistakes.append(wrong(row, _("“%s” is no whole number.") % text[:40], "quantity"))
    if text := cells.get("price", ""):
        try:
            price = Decimal(text)
            if not price.is_finite():
                raise InvalidOperation
        except InvalidOperation:
            mistakes.append(wrong(row, _("“%s” is no price; write it like 449.00.") % text[:40], "price"))
    if text := cells.get("expires", ""):
        try:
            expires_on = date.fromisoformat(text)
        except ValueError:
            mistakes.append(wrong(row, _("“%s” is no date; write it like 2026-03-14.") % text[:40], "expires"))
    if mistakes:
        return mistakes
    told = Told(
        row=row,
        sku=cells.get("sku", ""),
        quantity=quantity,
        lot=cells.get("lot", ""),
        expires_on=expires_on,
        serial=cells.get("serial", ""),
        reason=cells.get("reason", "").upper(),
        price=price,
        component=cells.get("component", ""),
        order=cells.get("order", ""),
        wrong_lot=cells.get("wrong_lot", ""),
    )
    return problems(told) or told


def problems(told: Told) -> list[Reason]:
    """What is wrong with a line by itself, before anything is looked up."""
    found: list[Reason] = []
    row = told.row
    if told.reason not in reasons.CODES or told.reason in reasons.GROUPS["confirmed"]:
        known = ", ".join(code for name, group in reasons.GROUPS.items() if name != "confirmed" for code in group)
        found.append(
            wrong(
                row,
                _("“%(reason)s” is no reason; known are %(known)s.") % {"reason": told.reason[:40], "known": known},
                "reason",
            )
        )
    if not told.sku and not told.serial:
        found.append(wrong(row, _("Name the SKU or a serial number."), "sku"))
    if not 1 <= told.quantity <= MOST_PIECES:
        found.append(wrong(row, _("A line is of 1 to %s pieces.") % f"{MOST_PIECES:,}", "quantity"))
    if told.serial and told.quantity != 1:
        found.append(wrong(row, _("A serial number is of one piece."), "quantity"))
    if told.price is not None and not 0 <= told.price < 10**9:
        found.append(wrong(row, _("A price is zero or more."), "price"))
    for name, text, most in (
        ("sku", told.sku, 60),
        ("lot", told.lot, 60),
        ("serial", told.serial, 120),
        ("component", told.component, 60),
        ("order", told.order, 60),
        ("wrong_lot", told.wrong_lot, 300),
    ):
        if len(text) > most or not text.isprintable():
            found.append(wrong(row, _("This can't be read, or is longer than %s characters.") % most, name))
    return found


def as_csv(told: Sequence[Told]) -> str:
    """The lines as a table again, for the page that shows what would be announced."""
    file = StringIO()
    table = csv.writer(file, delimiter="\t", lineterminator="\n")
    table.writerow(COLUMNS)
    for one in told:
        expires = one.expires_on.isoformat() if one.expires_on else ""
        price = "" if one.price is None else str(one.price)
        table.writerow(
            [
                one.sku,
                one.quantity,
                one.lot,
                expires,
                one.serial,
                one.reason,
                price,
                one.component,
                one.order,
                one.wrong_lot,
            ]
        )
    return file.getvalue()
