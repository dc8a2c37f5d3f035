"""When two words for one thing say the same: serials, models, sizes, numbers, drives. Pure."""

from __future__ import annotations

import re

from revlog.devices import identifiers
from triage.reports.normal import Medium

SHARED_MEMORY = 8
"""One part in so many of its memory a machine may keep for itself: 15.4 and 16 GiB are one size."""
SHORTEST = 6
"""A serial of fewer letters that ends another one is chance."""
_MACHINE_TYPE = re.compile(r"(?=.*\d)[0-9A-Z]{4}([0-9A-Z]{6})?", re.ASCII)
"""The four or ten signs by which Lenovo's firmware names a model."""


def bare(text: str | None) -> str:
    """Letters and digits alone, in upper case."""
    return re.sub(r"[\W_]+", "", text or "").upper()


def texts(one: str, other: str) -> bool:
    return bare(one) == bare(other)


def serials(one: str, other: str) -> bool:
    """Tools put a prefix before a serial (WD-, a machine type) or cut it: one that ends or begins the other is the same."""
    first, second = bare(identifiers.normal_serial(one)), bare(identifiers.normal_serial(other))
    if first == second:
        return True
    short, long = sorted((first, second), key=len)
    return len(short) >= SHORTEST and (long.endswith(short) or long.startswith(short))


def models(one: str, other: str) -> bool:
    first, second = bare(one), bare(other)
    return (
        first in second
        or second in first
        or (bool(_MACHINE_TYPE.fullmatch(first)) != bool(_MACHINE_TYPE.fullmatch(second)))
    )


def processors(one: str, other: str) -> bool:
    """The model number decides: "Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz" and "i5-8350U" are one."""
    first, second = (set(re.findall(r"[A-Z]?\w*\d\w*", re.sub(r"@.*", "", text.upper()))) for text in (one, other))
    return not first or not second or bool(first & second)


def sizes(one: str, other: str) -> bool:
    first, second = sorted((int(one), int(other)))
    return second - first <= second // SHARED_MEMORY


def numbers(one: str, other: str) -> bool:
    """Two sets of numbers, each set as text: a phone with two IMEIs is the one of which either is told."""
    return bool(_numbers(one) & _numbers(other))


def _numbers(text: str) -> set[str]:
    found = {bare(part) for part in text.split(", ")}
    return found | {_turned(each) for each in found if re.fullmatch(r"[0-9A-F]{32}", each)}


def _turned(uuid: str) -> str:
    """The same UUID with its first three groups in the other byte order, as half of the tools print it."""
    first, second, third = (
        "".join(reversed([group[place : place + 2] for place in range(0, len(group), 2)]))
        for group in (uuid[:8], uuid[8:12], uuid[12:16])
    )
    return first + second + third + uuid[16:]


def drives(one: Medium, other: Medium) -> bool:
    """The same serial, also byte-swapped as old controllers print it; without one, the same model and size."""
    if one.serial and other.serial:
        return serials(one.serial, other.serial) or _swapped(bare(one.serial)) == bare(other.serial)
    if one.capacity_bytes and other.capacity_bytes:
        near = abs(one.capacity_bytes - other.capacity_bytes) * 50 <= max(one.capacity_bytes, other.capacity_bytes)
        return near and (not one.model or not other.model or models(one.model, other.model))
    return bool(one.model) and bool(other.model) and models(one.model or "", other.model or "")


def _swapped(text: str) -> str:
    return "".join(text[place + 1 : place + 2] + text[place] for place in range(0, len(text), 2))
