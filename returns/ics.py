"""Calendars as RFC 5545 has them: days with a title, for programs that subscribe to an address. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MEDIA_TYPE = "text/calendar; charset=utf-8"
LONGEST = 75
"""Octets in a line, without its end."""


@dataclass(frozen=True)
class Day:
    """Something that falls on a day, whole. ``uid`` stays the same when the day moves, so that a calendar moves it too."""

    uid: str
    day: date
    title: str
    about: str = ""
    url: str = ""


def write(days: Iterable[Day], *, name: str, at: datetime) -> bytes:
    """The calendar, each line folded and ended as the standard says."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Revlog//Returns//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for one in days:
        lines += ["BEGIN:VEVENT", f"UID:{_text(one.uid)}", f"DTSTAMP:{stamp}", f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}"]
        # The end is the first day that it is no more on.
        lines += [f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}", f"SUMMARY:{_text(one.title)}"]
        if one.about:
            lines.append(f"DESCRIPTION:{_text(one.about)}")
        if one.url:
            lines.append(f"URL:{one.url}")
        lines += ["TRANSP:TRANSPARENT", "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in fold(line)).encode()


def _text(value: str) -> str:
    """TEXT of the standard: backslash, semicolon, comma and the end of a line are escaped, other control characters left out."""
    plain = (
        value.replace("\r\n", "\n").replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n")
    )
    return "".join(letter for letter in plain if letter.isprintable())


def fold(line: str) -> list[str]:
    """``line`` in parts of at most 75 octets, those after the first begun with a space; no letter is cut in two."""
    parts, part, size = [], "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > LONGEST:
            parts.append(part)
            part, size = " ", 1
        part, size = part + letter, size + octets
    return [*parts, part]
