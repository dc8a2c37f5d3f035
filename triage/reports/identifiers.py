"""Identifiers as reports print them, checked by what each carries in itself: length, form, check digit. A number that fails its own check
is kept, marked, and never used to find a unit; a placeholder (all zeros) is none at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from triage.reports import values
from triage.reports.normal import Identifier, IdentifierKind, Report
from triage.reports.placeholders import clean_serial

_LONGEST = 100
_DIVIDERS = re.compile(r"[\s./-]+")
_HEX = re.compile(r"[0-9A-Fa-f]+")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_UDID = re.compile(r"[0-9a-f]{40}|[0-9A-F]{8}-[0-9A-F]{16}", re.IGNORECASE)


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others. (A child that reads reports loads nothing of the platform, so this stands here again.)"""
    doubled = (2 * int(digit) if place % 2 else int(digit) for place, digit in enumerate(reversed(digits)))
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


def gtin(text: str) -> bool:
    """Whether it is a GTIN-8, -12, -13 or -14 whose check digit is right."""
    if not re.fullmatch(r"\d{8}|\d{12,14}", text, re.ASCII):
        return False
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(text))) % 10 == 0


def _imei(bare: str) -> bool | None:
    """Fifteen digits check themselves; fourteen lack the check digit, sixteen end in a software version and have none."""
    if not re.fullmatch(r"\d{14,16}", bare, re.ASCII):
        return False
    return luhn(bare) if len(bare) == 15 else None


def _meid(bare: str) -> bool | None:
    """Fourteen hexadecimal digits, or eighteen decimal ones; a check digit may follow, and isn't part of it."""
    if re.fullmatch(r"\d{18,19}", bare, re.ASCII):
        return True
    return bool(_HEX.fullmatch(bare)) and len(bare) in {14, 15}


def _eid(bare: str) -> bool | None:
    """32 digits that begin with 89; the last two make the whole leave 1 when divided by 97."""
    return bool(re.fullmatch(r"89\d{30}", bare, re.ASCII)) and int(bare) % 97 == 1


_CHECKS: Mapping[IdentifierKind, Callable[[str], bool | None]] = {
    IdentifierKind.IMEI: _imei,
    IdentifierKind.MEID: _meid,
    IdentifierKind.EID: _eid,
    IdentifierKind.UUID: lambda bare: bool(_UUID.fullmatch(bare)),
    IdentifierKind.UDID: lambda bare: bool(_UDID.fullmatch(bare)),
}
_UNDIVIDED = frozenset({IdentifierKind.IMEI, IdentifierKind.MEID, IdentifierKind.EID})


def identifier(kind: IdentifierKind, value: object) -> Identifier | None:
    """The identifier as printed, with the answer of its own check; None for nothing and for placeholders."""
    line = clean_serial(value)
    if line is None or len(line) > _LONGEST:
        return None
    bare = _DIVIDERS.sub("", line) if kind in _UNDIVIDED else line
    if len(set(bare) - {"-"}) < 2:
        return None
    check = _CHECKS.get(kind)
    return Identifier(kind=kind, value=line, valid=check(bare) if check else None)


def identifiers(told: Iterable[tuple[IdentifierKind, object]]) -> tuple[Identifier, ...]:
    """Those that are there, each once."""
    found = (identifier(kind, value) for kind, value in told)
    return tuple(dict.fromkeys(one for one in found if one is not None))


_NAMES: Mapping[IdentifierKind, str] = {
    IdentifierKind.IMEI: "IMEI",
    IdentifierKind.MEID: "MEID",
    IdentifierKind.EID: "EID",
    IdentifierKind.UUID: "UUID",
    IdentifierKind.UDID: "UDID",
}
_APPLE = re.compile(r"apple\b", re.IGNORECASE)


def checked(report: Report) -> Report:
    """The report with a warning for each identifier that fails its check, and for a serial that its maker can't have given."""
    warnings = [
        f"The {_NAMES.get(one.kind, 'number')} {one.value} fails its own check and names nothing."
        for one in report.identifiers
        if one.valid is False
    ]
    warnings += [
        f"The IMEI {one.value} is from the range of test numbers."
        for one in report.identifiers
        if one.kind is IdentifierKind.IMEI and one.valid and one.value.startswith("00")
    ]
    serial = values.text(report.serial) or ""
    if _APPLE.match(report.manufacturer or "") and re.search("[OI]", serial.upper()):
        warnings.append(f"Apple gives no serial with the letters O or I; {serial} may be mistyped.")
    return replace(report, warnings=(*report.warnings, *warnings)) if warnings else report
