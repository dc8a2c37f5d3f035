"""Transaction set 180, return merchandise authorization and notification, by the mapping in ``docs/edi-180.md``. Pure.

What partners do differently is data: ``Mapping`` holds the qualifiers and codes, and a partner's own replace those they name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from returns import reasons
from returns.edi.x12 import Segment, TransactionSet, X12Error, plain

T = TypeVar("T")
SET = "180"
GROUP = "AN"
VERSION = "004010"
REASONS: MappingType[str, str] = {
    "DR": "DOA",
    "SR": "STOCK_ROTATION",
    "WG": "WRONG_ITEM",
}
"""Reasons of RDR02 that public guides agree on; every partner has more, which its mapping names."""


@dataclass(frozen=True)
class Mapping:
    """Qualifiers and codes. Those marked in ``docs/edi-180.md`` differ from partner to partner."""

    sku: tuple[str, ...] = ("VN", "SK", "VP", "BP", "IN", "UP", "EN")
    """Of the product ids in BLI, in this order of preference."""
    lot: str = "LT"
    serial: str = "SE"
    invoice: str = "IV"
    delivery: str = "DJ"
    authorization: str = "RZ"
    component: str = "PD"
    """N9 of a line: SKU of the part of a kit that comes back. Ours alone; no public guide has one."""
    expires: str = "036"
    boxes: str = "CTN"
    """Package code of TD1 that counts boxes."""
    disposition: str = "RA"
    reasons: MappingType[str, str] = field(default_factory=lambda: dict(REASONS))

    def problems(self) -> list[str]:
        found = [
            f"{code}: there is no reason {reason}."
            for code, reason in self.reasons.items()
            if reason not in reasons.CODES
        ]
        if not self.sku:
            found.append("Name at least one qualifier of article numbers.")
        return found


def mapping(own: MappingType[str, Any]) -> Mapping:
    """The usual one with what a partner does otherwise. Raises X12Error for what can't be one."""
    known = set(Mapping.__dataclass_fields__)
    if unknown := sorted(set(own) - known):
        raise X12Error(0, f"A mapping has no {', '.join(unknown)}.")
    told: dict[str, Any] = {}
    for name, value in own.items():
        if name == "sku":
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                raise X12Error(0, "sku is a list of qualifiers.")
            told[name] = tuple(value)
        elif name == "reasons":
            if not isinstance(value, dict):
                raise X12Error(0, "reasons are codes and our reasons for them.")
            told[name] = {**REASONS, **{str(code): str(reason) for code, reason in value.items()}}
        elif isinstance(value, str):
            told[name] = value
        else:
            raise X12Error(0, f"{name} is a text.")
    made = replace(Mapping(), **told)
    if problems := made.problems():
        raise X12Error(0, problems[0])
    return made


@dataclass(frozen=True, kw_only=True)
class Line:
    segment: int
    sku: str
    quantity: int
    reason: str
    price: Decimal | None = None
    lot: str = ""
    serials: tuple[str, ...] = ()
    expires_on: date | None = None
    component: str = ""
    order: str = ""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a customer asks to give back."""

    reference: str
    po: str = ""
    invoice: str = ""
    delivery: str = ""
    boxes: int | None = None
    lines: tuple[Line, ...] = ()


# Reading ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """What a transaction set says and what is wrong in it. ``request`` is None where something is wrong that can't be done without."""

    request: Request | None
    faults: tuple[X12Error, ...] = ()


def read(told: TransactionSet, by: Mapping) -> Request:
    """The request in a transaction set. Raises X12Error with the first segment at fault."""
    found = examine(told, by)
    if found.faults or found.request is None:
        raise found.faults[0]
    return found.request


def examine(told: TransactionSet, by: Mapping) -> Reading:
    """The same with every fault. Prices, days of expiry and the number of boxes can be done without, so wrong ones are left out."""
    faults: list[X12Error] = []
    if told.code != SET:
        sentence = f"This is a transaction set {told.code}; here only {SET} is read."
        return Reading(None, (X12Error(told.number, sentence, trailer="1"),))
    first = next((place for place, one in enumerate(told.segments) if one.id == "BLI"), len(told.segments))
    head, body = told.segments[:first], told.segments[first:]
    if not head or head[0].id != "BGN":
        return Reading(None, (X12Error(told.number, "The transaction set begins with a BGN.", segment_code="3"),))
    request, reason = _headed(head, by, faults)
    lines = _lines(body, reason, by, faults)
    if not body:
        faults.append(X12Error(0, "There is no line (BLI) in it.", segment_code="3"))
    if any(not one.minor for one in faults):
        return Reading(None, tuple(faults))
    return Reading(replace(request, lines=tuple(lines)), tuple(faults))


def _headed(head: Sequence[Segment], by: Mapping, faults: list[X12Error]) -> tuple[Request, str]:
    """What stands before the lines, and the reason for all of them."""
    begin = head[0]
    if begin.at(1) != "00":
        sentence = f"Only originals (00) are taken, not purpose {begin.at(1)[:4] or 'unknown'}."
        faults.append(X12Error(begin.number, sentence, element=1, value=begin.at(1)))
    if not begin.at(2):
        sentence = "BGN02, the customer's number of the return, is missing."
        faults.append(X12Error(begin.number, sentence, element=2, code="1"))
    elif len(begin.at(2)) > 60:
        faults.append(X12Error(begin.number, "BGN02 has at most 60 characters.", element=2, code="5"))
    request, reason = Request(reference=begin.at(2).strip()), ""
    for one in head[1:]:
        if one.id == "RDR" and one.at(2):
            reason = _or_fault(one, faults, lambda one=one: _reason(one, by), UNREAD)  # type: ignore[misc]
        elif one.id == "PRF":
            request = replace(request, po=one.at(1))
        elif one.id == "N9" and one.at(1) == by.invoice:
            request = replace(request, invoice=one.at(2))
        elif one.id == "N9" and one.at(1) == by.delivery:
            request = replace(request, delivery=one.at(2))
        elif one.id == "TD1" and one.at(1).startswith(by.boxes):
            request = replace(request, boxes=_or_fault(one, faults, lambda one=one: _whole(one, 2, minor=True), None))  # type: ignore[misc]
    return request, reason


UNREAD = "?"
"""Stands for a reason that couldn't be read, so that its lines aren't said to have none."""


def _or_fault(one: Segment, faults: list[X12Error], ask: Callable[[], T], else_: T) -> T:
    try:
        return ask()
    except X12Error as fault:
        faults.append(fault)
        return else_


def _lines(body: Sequence[Segment], reason: str, by: Mapping, faults: list[X12Error]) -> list[Line]:
    found: list[Line] = []
    broken: set[int] = set()
    for one in body:
        if one.id == "BLI":
            try:
                found.append(_begun(one, reason, by, faults))
            except X12Error as fault:
                faults.append(fault)
                broken.add(one.number)
                found.append(Line(segment=one.number, sku="", quantity=0, reason=reason))
        else:
            found[-1] = _or_fault(one, faults, lambda one=one: _more(found[-1], one, by), found[-1])  # type: ignore[misc]
            if faults and faults[-1].segment == one.number and one.id == "RDR":
                found[-1] = replace(found[-1], reason=UNREAD)
    for line in found:
        if line.segment in broken:
            continue
        if not line.reason:
            sentence = "The line has no reason, neither its own RDR nor one before all lines."
            faults.append(X12Error(line.segment, sentence, segment_code="3"))
        if line.quantity < 1:
            faults.append(X12Error(line.segment, "The line has no quantity.", element=3, code="1"))
        elif line.serials and len(line.serials) != line.quantity:
            sentence = f"The line is of {line.quantity} pieces and names {len(line.serials)} serial numbers."
            faults.append(X12Error(line.segment, sentence, element=3, value=str(line.quantity)))
    return found


def _begun(one: Segment, reason: str, by: Mapping, faults: list[X12Error]) -> Line:
    ids: dict[str, str] = {}
    # BLI01/02 is the first product id; further pairs begin at BLI07.
    for place in (1, *range(7, len(one.elements), 2)):
        if one.at(place) and one.at(place + 1):
            ids.setdefault(one.at(place), one.at(place + 1))
    sku = next((ids[name] for name in by.sku if name in ids), "")
    if not sku:
        raise X12Error(
            one.number, f"The line has no article number by {', '.join(by.sku)}.", element=1, value=one.at(1)
        )
    return Line(
        segment=one.number,
        sku=sku,
        quantity=_whole(one, 3) if one.at(3) else 0,
        price=_or_fault(one, faults, lambda: _decimal(one, 5, minor=True), None) if one.at(5) else None,
        reason=reason,
    )


def _more(line: Line, one: Segment, by: Mapping) -> Line:
    if one.id == "RDR" and one.at(2):
        return replace(line, reason=_reason(one, by))
    if one.id == "PRF":
        return replace(line, order=one.at(1))
    if one.id == "QTY" and not line.quantity:
        return replace(line, quantity=_whole(one, 2))
    if one.id == "N9":
        if one.at(1) == by.lot:
            return replace(line, lot=one.at(2))
        if one.at(1) == by.serial and one.at(2):
            return replace(line, serials=(*line.serials, one.at(2)))
        if one.at(1) == by.component:
            return replace(line, component=one.at(2))
        if one.at(1) in {by.invoice, by.delivery}:
            return replace(line, order=one.at(2))
    if one.id == "DTM" and one.at(1) == by.expires:
        return replace(line, expires_on=_day(one, 2))
    return line


def _reason(one: Segment, by: Mapping) -> str:
    code = one.at(2)
    found = by.reasons.get(code)
    if found is None:
        known = ", ".join(sorted(by.reasons))
        raise X12Error(one.number, f"RDR02 is {code[:4] or 'missing'}; agreed are {known}.", element=2, value=code)
    return found


def _whole(one: Segment, place: int, *, minor: bool = False) -> int:
    found = _decimal(one, place, minor=minor)
    if found != found.to_integral_value() or not 0 <= found <= 10**9:
        sentence = f"{one.id}{place:02d} is no whole number of pieces."
        raise X12Error(one.number, sentence, element=place, value=one.at(place), minor=minor)
    return int(found)


def _decimal(one: Segment, place: int, *, minor: bool = False) -> Decimal:
    try:
        found = Decimal(one.at(place))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) >= 10**12:
        sentence = f"{one.id}{place:02d} is no number."
        raise X12Error(one.number, sentence, element=place, code="6", value=one.at(place), minor=minor)
    return found


def _day(one: Segment, place: int) -> date:
    told = one.at(place)
    try:
        if len(told) != 8 or not (told.isascii() and told.isdecimal()):
            raise ValueError
        return date(int(told[:4]), int(told[4:6]), int(told[6:]))
    except ValueError:
        sentence = f"{one.id}{place:02d} is no date like 20260314."
        raise X12Error(one.number, sentence, element=place, code="8", value=told, minor=True) from None


# Writing ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """What we answer: the number under which it may come, and by when."""

    number: str
    reference: str
    at: datetime
    hand_in_by: date | None = None
    request: Request


def write(told: Authorization, by: Mapping, *, control: str) -> TransactionSet:
    """The answer as a transaction set: the customer's number, ours, and each line as it was agreed."""
    codes = {reason: code for code, reason in by.reasons.items()}
    request = told.request
    rows = [
        Segment(
            "BGN",
            ("00", plain(told.reference or told.number, most=60), told.at.strftime("%Y%m%d"), told.at.strftime("%H%M")),
        ),
        Segment("RDR", (by.disposition,)),
    ]
    if request.po:
        rows.append(Segment("PRF", (plain(request.po),)))
    if told.hand_in_by:
        rows.append(Segment("DTM", ("038", told.hand_in_by.strftime("%Y%m%d"))))
    rows.append(Segment("N9", (by.authorization, plain(told.number))))
    rows += [
        Segment("N9", (name, plain(paper)))
        for name, paper in ((by.invoice, request.invoice), (by.delivery, request.delivery))
        if paper
    ]
    for line in request.lines:
        price = f"{line.price:f}" if line.price is not None else ""
        rows.append(Segment("BLI", (by.sku[0], plain(line.sku), str(line.quantity), "EA", price)))
        if line.lot:
            rows.append(Segment("N9", (by.lot, plain(line.lot))))
        rows += [Segment("N9", (by.serial, plain(serial))) for serial in line.serials]
        if line.component:
            rows.append(Segment("N9", (by.component, plain(line.component))))
        rows.append(Segment("RDR", (by.disposition, codes.get(line.reason, ""), "", plain(line.reason))))
        if line.order:
            rows.append(Segment("PRF", (plain(line.order),)))
        if line.expires_on:
            rows.append(Segment("DTM", (by.expires, line.expires_on.strftime("%Y%m%d"))))
    return TransactionSet(code=SET, control=control, segments=tuple(rows))
