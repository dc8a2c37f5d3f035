"""A rate card as CSV: one line a price. What is wrong is said with the number of its row, all of it at once.

kind,service,from,to,unit,over_kg,upto_kg,price,minimum
rate,standard,NL,DE,parcel,0,5,6.90,
extra,signature,,,parcel,,,0.80,
zone,Z2,DE-0 DE-1 AT,,,,,,
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from revlog.common.errors import BadInput, Reason
from revlog.logistics.freight.rating import ANYWHERE, EXTRAS, Basis, Extra, Line, Unit

COLUMNS = ("kind", "service", "from", "to", "unit", "over_kg", "upto_kg", "price", "minimum")
MOST_ROWS = 2000
MOST_BYTES = 500_000
SHOWN = 20
MARK = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,8})?")
NAME = re.compile(r"[A-Z][A-Z0-9_]{0,11}")
SERVICE = re.compile(r"[a-z0-9][a-z0-9_-]{0,29}")


@dataclass
class Read:
    lines: list[Line] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)
    zones: dict[str, list[str]] = field(default_factory=dict)


def number(text: str, *, least: Decimal = Decimal(0)) -> Decimal | None:
    """A decimal as people write it (6.90 or 6,90); None for what is none."""
    bare = text.strip().replace(" ", "").replace(",", ".")
    try:
        value = Decimal(bare)
    except InvalidOperation:
        return None
    if not value.is_finite() or value < least or value >= Decimal(10) ** 8 or -int(value.as_tuple().exponent) > 4:
        return None
    return value


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a file by the names of its columns. Raises BadInput for one that can't be read."""
    first = text.split("\n", 1)[0]
    mark = max((",", ";", "\t"), key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark, strict=True) if any(map(str.strip, row))]
    except csv.Error as error:
        raise BadInput(Reason("csv", _("This file can't be read as CSV."), "file")) from error
    if not rows:
        raise BadInput(Reason("empty", _("The file is empty."), "file"))
    heads = [cell.strip().lower() for cell in rows[0]]
    return [dict(zip(heads, (cell.strip() for cell in row), strict=False)) for row in rows[1:]]


def read(text: str) -> Read:
    """Prices, extras and zones of a card. Raises BadInput naming each row at fault."""
    rows = rows_of(text)
    missing = {"service", "price"} - set(rows[0] if rows else ())
    if not rows or missing:
        raise BadInput(Reason("columns", _("The first row names the columns: %s.") % ", ".join(COLUMNS), "file"))
    if len(rows) > MOST_ROWS:
        raise BadInput(Reason("too_many", _("A card has at most %s lines.") % MOST_ROWS, "file"))
    found, wrong = Read(), []
    for row in rows:
        if row.get("kind") == "zone":
            wrong += _zone(found, row)
    for at, row in enumerate(rows, start=2):
        kind = row.get("kind") or "rate"
        if kind == "rate":
            problems = _rate(found, row)
        elif kind == "extra":
            problems = _extra(found, row)
        elif kind == "zone":
            continue
        else:
            problems = [_("%s is neither rate, extra nor zone") % kind]
        wrong += [_("Row %(row)s: %(what)s.") % {"row": at, "what": one} for one in problems]
    if wrong:
        more = [_("There are %s more.") % (len(wrong) - SHOWN)] if len(wrong) > SHOWN else []
        raise BadInput(Reason("row", one, "file") for one in [*wrong[:SHOWN], *more])
    if not found.lines:
        raise BadInput(Reason("empty", _("The file has no price."), "file"))
    return found


def _zone(found: Read, row: Mapping[str, str]) -> list[str]:
    name, marks = row.get("service", "").upper(), row.get("from", "").upper().split()
    if not NAME.fullmatch(name) or MARK.fullmatch(name):
        return [_("Zone %s: a name is like Z2, and not like a country.") % name]
    if not marks or not all(MARK.fullmatch(mark) for mark in marks):
        return [_("Zone %s: it is made of countries and beginnings of postal codes, like DE-0 DE-1 AT.") % name]
    found.zones[name] = marks
    return []


def end_of(text: str, zones: Mapping[str, Sequence[str]]) -> str | None:
    """A zone as a line keeps it; None for what is neither country, postal code nor a zone of this card."""
    bare = text.strip().upper() or ANYWHERE
    return bare if bare == ANYWHERE or bare in zones or MARK.fullmatch(bare) else None


def _rate(found: Read, row: Mapping[str, str]) -> list[str]:
    wrong = []
    service = row.get("service", "").lower()
    if not SERVICE.fullmatch(service):
        wrong.append(_("a service is named by small letters and digits, like standard"))
    ends = [end_of(row.get(name, ""), found.zones) for name in ("from", "to")]
    if None in ends:
        wrong.append(
            _("from and to are a country (DE), the beginning of a postal code (DE-04), a zone of this card, or *")
        )
    unit = row.get("unit", "").lower()
    if unit not in set(Unit):
        wrong.append(_("the unit is one of %s") % ", ".join(Unit))
    price = number(row.get("price", ""))
    if price is None:
        wrong.append(_("“%s” is no price") % row.get("price", ""))
    least = number(row.get("minimum") or "0")
    if least is None:
        wrong.append(_("“%s” is no minimum") % row.get("minimum", ""))
    over, upto = number(row.get("over_kg") or "0"), number(row["upto_kg"]) if row.get("upto_kg") else Decimal(0)
    if over is None or upto is None or (row.get("upto_kg") and upto <= over):
        wrong.append(_("the weights are in kilograms, and the second is more than the first"))
    if wrong or price is None or least is None or over is None or upto is None or None in ends:
        return wrong
    found.lines.append(
        Line(
            service=service,
            origin=ends[0] or ANYWHERE,
            destination=ends[1] or ANYWHERE,
            unit=unit,
            over=int(over * 1000),
            upto=int(upto * 1000) if row.get("upto_kg") else None,
            price=price,
            least=least,
        )
    )
    return []


def _extra(found: Read, row: Mapping[str, str]) -> list[str]:
    wrong = []
    code, basis, price = row.get("service", "").lower(), row.get("unit", "").lower(), number(row.get("price", ""))
    if code not in EXTRAS:
        wrong.append(_("an extra is one of %s") % ", ".join(EXTRAS))
    elif any(one.code == code for one in found.extras):
        wrong.append(_("%s stands there twice") % code)
    if basis not in set(Basis):
        wrong.append(_("an extra is charged by one of %s") % ", ".join(Basis))
    if price is None:
        wrong.append(_("“%s” is no price") % row.get("price", ""))
    if wrong or price is None:
        return wrong
    found.extras.append(Extra(code, basis, price))
    return []


def write(lines: Sequence[Line], extras: Sequence[Extra], zones: Mapping[str, Sequence[str]]) -> str:
    """The card as a file that can be read again."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for name, marks in zones.items():
        table.writerow(["zone", name, " ".join(marks), *[""] * 6])
    for one in lines:
        upto = "" if one.upto is None else _kg(one.upto)
        least = one.least or ""
        table.writerow(
            ["rate", one.service, one.origin, one.destination, one.unit, _kg(one.over), upto, one.price, least]
        )
    for extra in extras:
        table.writerow(["extra", extra.code, "", "", extra.basis, "", "", extra.price, ""])
    return out.getvalue()


def _kg(grams: int) -> str:
    return f"{(Decimal(grams) / 1000).normalize():f}"
