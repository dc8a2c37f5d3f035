"""What the document templates write with: ``{% load documents %}``.

Values come in as the primitives of ``contexts.py`` and go out in the language that is active while the template is rendered.
A value that can't be read raises ``UnreadableValue``: a certificate must not print a guess.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django.template import Library
from django.utils.translation import get_language

from revlog.common.errors import DomainError
from revlog.common.money import MINOR_UNITS
from revlog.evidence.pdf import words

register = Library()

MISSING = "—"
BREAK = "\u200b"  # zero width space: a line may end here, and nothing is printed or copied when it does not
LONG_WORD = re.compile(r"\S{17,}")


class UnreadableValue(DomainError):
    """A template was given a value it can't write."""

    status = 422
    code = "unreadable_value"


def _locale() -> Locale:
    # Plain English puts the month first; our pages say 5 Jul 2026, as all our other languages do.
    language = (get_language() or "en").replace("-", "_")
    return Locale.parse("en_GB" if language == "en" else language)


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise UnreadableValue(f"“{value}” is not an ISO 8601 time") from None
    if moment.tzinfo is None:
        raise UnreadableValue(f"the time “{value}” has no zone, so it can't be printed")
    return moment


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        raise UnreadableValue(f"“{name}” is not a time zone") from None


@register.filter
def instant(value: str, zone: str = "UTC") -> str:
    """``2026-03-04T09:15:00Z`` as "4 Mar 2026, 10:15 CET" in the reader's language; "" as a dash."""
    if not value:
        return MISSING
    moment = _moment(value).astimezone(_zone(zone))
    locale = _locale()
    day_text = format_date(moment.date(), format="medium", locale=locale)
    # The offset rather than a zone's abbreviation: CST is three different zones, +08:00 is one.
    offset = (
        "UTC"
        if moment.utcoffset() == UTC.utcoffset(None)
        else "UTC" + moment.strftime("%z")[:3] + ":" + moment.strftime("%z")[3:]
    )
    return f"{day_text}, {format_datetime(moment, 'HH:mm', locale=locale)} {offset}"


@register.filter
def stamp(value: str, zone: str = "UTC") -> str:
    """The same as ``2026-03-04 10:15:09``, for long tables whose header names the zone; "" as a dash."""
    return _moment(value).astimezone(_zone(zone)).strftime("%Y-%m-%d %H:%M:%S") if value else MISSING


@register.filter
def day(value: str, zone: str = "UTC") -> str:
    """A day (``2026-03-04``) or the day of an instant, written out in the reader's language; "" as a dash."""
    if not value:
        return MISSING
    try:
        when = date.fromisoformat(value)
    except ValueError:
        when = _moment(value).astimezone(_zone(zone)).date()
    return str(format_date(when, format="long", locale=_locale()))


@register.filter
def number(value: int | str | None) -> str:
    """A whole or decimal number with the reader's separators; None as a dash."""
    if value is None or value == "":
        return MISSING
    try:
        return str(format_decimal(Decimal(value), locale=_locale()))
    except (InvalidOperation, TypeError, ValueError):
        raise UnreadableValue(f"“{value}” is not a number") from None


@register.filter
def amount(value: str, currency: str = "") -> str:
    """A sum of money as text, with its decimals, so that a column lines up."""
    try:
        sum_of = Decimal(value)
    except InvalidOperation:
        raise UnreadableValue(f"“{value}” is not an amount") from None
    places = MINOR_UNITS.get(currency, 2)
    return str(format_decimal(sum_of, format="#,##0" + ("." + "0" * places if places else ""), locale=_locale()))


@register.filter
def kilograms(grams: int | None) -> str:
    """Whole grams as kilograms with three decimals, so that a column lines up; None as a dash."""
    return (
        MISSING if grams is None else str(format_decimal(Decimal(grams) / 1000, format="#,##0.000", locale=_locale()))
    )


@register.filter
def capacity(size: int | None) -> str:
    """Bytes in the drive makers' decimal units ("256 GB"); None as a dash."""
    if size is None:
        return MISSING
    value = Decimal(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{format_decimal(value, format='#,##0', locale=_locale())} {unit}"
        value /= 1000
    return f"{format_decimal(value, format='#,##0.#', locale=_locale())} TB"


@register.filter
def word(code: str, table: str) -> str:
    """The word for a code of ``words.TABLES[table]``; an unknown code is refused, since no raw code may be printed."""
    try:
        return str(words.TABLES[table][code])
    except KeyError:
        raise UnreadableValue(f"there is no word for “{code}” among the {table} codes") from None


@register.filter
def grouped(value: str) -> str:
    """Serials, numbers and digests: a word too long to stand unbroken may wrap after every fourth character."""
    return LONG_WORD.sub(lambda found: BREAK.join(re.findall(r".{1,4}", found[0])), value)


@register.filter
def address(url: str) -> str:
    """A web address that may wrap after a slash, dot or hyphen."""
    return re.sub(r"(?<=[/.?=:-])(?=[^/])", BREAK, url)


@register.filter
def short(digest: str) -> str:
    """The first 16 digits of a digest, in fours: enough to compare by eye."""
    return " ".join(digest[start : start + 4] for start in range(0, min(len(digest), 16), 4)) if digest else MISSING
