"""Names for things: UUIDs for machines, short codes for people.

Codes keep one at most of the letters that are misread beside another (0/O, 1/I/L, 2/Z, 5/S, 6/G, 8/B, U/V) and end in a check
character, so that a mistyped tag is refused instead of naming another unit. A simulated run seeds the source, and then the same run
gives the same names.
"""

from __future__ import annotations

import contextlib
import contextvars
import random
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

ALPHABET = "234679ACDEFHJKMNPQRTWXY"
_source: contextvars.ContextVar[random.Random | None] = contextvars.ContextVar("ids_source", default=None)
_system = random.SystemRandom()


def _random() -> random.Random:
    return _source.get() or _system


@contextlib.contextmanager
def seeded(seed: int | str) -> Iterator[None]:
    """Within, every id and code comes from ``seed``; never used outside simulated runs and tests."""
    token = _source.set(random.Random(seed))  # noqa: S311 - repeatability is the point
    try:
        yield
    finally:
        _source.reset(token)


def new(at: datetime) -> uuid.UUID:
    """A UUIDv7: ordered by ``at``, so that the newest rows share index pages; unguessable in its 74 random bits."""
    millis = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    value = (millis << 80) | _random().getrandbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


def check_character(body: str) -> str:
    """The check character of ``body``: weighted sum modulo the (prime-sized) alphabet finds every single slip and every swap."""
    total = sum(weight * ALPHABET.index(letter) for weight, letter in enumerate(body, start=1))
    return ALPHABET[total % len(ALPHABET)]


def code(prefix: str, groups: tuple[int, ...] = (4, 4)) -> str:
    """A code like ``RL-7K3M-9QXA``; the last character checks the others."""
    length = sum(groups) - 1
    body = "".join(_random().choice(ALPHABET) for _ in range(length))
    body += check_character(body)
    parts, start = [], 0
    for size in groups:
        parts.append(body[start : start + size])
        start += size
    return "-".join([prefix, *parts])


def fresh(prefix: str, count: int, *, taken: Callable[[Sequence[str]], Iterable[str]]) -> list[str]:
    """So many codes, none of them ``taken``. There are 3.4 thousand million of a prefix: among a million things, a list of two
    thousand more would draw a used one every other time."""
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = dict.fromkeys(code(prefix) for _ in range(count - len(found)))
        used = {*taken(list(drawn)), *found}
        found |= {each: None for each in drawn if each not in used}
    return list(found)


def digits(count: int) -> str:
    """So many random digits, for numbers that others' standards make of digits alone."""
    return "".join(str(_random().randrange(10)) for _ in range(count))


def holds(text: str, prefix: str) -> bool:
    """Whether ``text`` (any case, with or without dashes) is a well-formed code of ``prefix``."""
    return normal(text, prefix) is not None


def normal(text: str, prefix: str, groups: tuple[int, ...] = (4, 4)) -> str | None:
    """``text`` as the code is printed, or None when it is not one."""
    bare = "".join(letter for letter in text.upper() if letter.isalnum())
    if not bare.startswith(prefix):
        return None
    body = bare[len(prefix) :]
    if (
        len(body) != sum(groups)
        or any(letter not in ALPHABET for letter in body)
        or check_character(body[:-1]) != body[-1]
    ):
        return None
    parts, start = [], 0
    for size in groups:
        parts.append(body[start : start + size])
        start += size
    return "-".join([prefix, *parts])
