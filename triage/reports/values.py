"""Careful reading of values out of foreign structures: nothing here raises, whatever it is given."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

_BIGGEST = 2**63 - 1
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
_LONGEST = 500

_UNITS = {"": 1, "K": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4, "P": 1000**5}
_BINARY = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4, "P": 1024**5}
_SIZE = re.compile(r"^\s*([0-9][0-9,_]*(?:\.[0-9]+)?)\s*([KMGTP]?)(i?)(B|bytes?)?\b", re.IGNORECASE)


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is an object of the file, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """The value if it is a list; nothing, for nothing; a single value as a list of one."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list; whatever else stands between them is passed over."""
    return (item for item in items(value) if isinstance(item, dict))


def text(value: object, *, longest: int = _LONGEST) -> str | None:
    """One line of printable text, trimmed: strings and numbers only. Control characters and half surrogates are dropped,
    since neither a database nor a page takes them."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        if isinstance(value, float) and (not math.isfinite(value) or value.is_integer()):
            return str(int(value)) if math.isfinite(value) else None
        if isinstance(value, int) and abs(value) > 10**100:
            return None
        return str(value)
    if not isinstance(value, str):
        return None
    line = _CONTROL.sub(" ", value[: longest * 4]).strip()
    return line[:longest] or None


def whole(value: object) -> int | None:
    """A whole number that fits a database's bigint, from a number or a string of digits (thousands' commas allowed)."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        plain = value.strip().replace(",", "")
        if not re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", plain, re.ASCII):
            return None
        value = float(plain) if "." in plain else int(plain)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        value = int(value)
    return value if isinstance(value, int) and abs(value) <= _BIGGEST else None


def positive(value: object) -> int | None:
    number = whole(value)
    return number if number is not None and number > 0 else None


def truth(value: object) -> bool | None:
    """True or False when the file says so (as a boolean or as the word), else None."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "yes": True, "false": False, "no": False}.get(value.strip().lower())
    return None


def size(value: object, *, binary: bool = False) -> int | None:
    """Bytes of a written size: "8 GB", "8192 MiB", "500107862016 bytes". ``binary`` reads GB as GiB, as memory is sold."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return positive(value)
    if not isinstance(value, str) or not (found := _SIZE.match(value[:80])):
        return None
    number, prefix, binary_mark, _ = found.groups()
    table = _BINARY if binary or binary_mark else _UNITS
    try:
        return positive(float(number.replace(",", "").replace("_", "")) * table[prefix.upper()])
    except (ValueError, OverflowError):
        return None


def moment(value: object) -> str | None:
    """A time with its zone, as UTC in ISO 8601; a time that names no zone is no moment and gives None."""
    if isinstance(value, str):
        line = value.strip()[:64]
        try:
            at = datetime.fromisoformat(line)
        except ValueError:
            return None
    elif isinstance(value, int | float) and not isinstance(value, bool):
        try:
            at = datetime.fromtimestamp(value, tz=UTC)
        except (ValueError, OverflowError, OSError):
            return None
    else:
        return None
    if at.tzinfo is None:
        return None
    try:
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return None
