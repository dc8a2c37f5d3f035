"""Element strings: application identifiers and their values, one after the other.

Unbracketed they begin with FNC1, written ``^`` here (scanners send it as the group separator, ASCII 29); a further one ends each value
whose length isn't known. Bracketed is what stands under a bar code: ``(01)09506000134376(21)ABC``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from revlog.scanning.gs1.checking import ALPHABETS, CHECKS
from revlog.scanning.gs1.table import BY_CODE, Identifier, identifier_at

FNC1 = "^"


class BadElements(ValueError):
    """The text is no element string, or a value in it is wrong; the sentence says which and why."""


@dataclass(frozen=True)
class Element:
    code: str
    value: str


def parse(text: str) -> list[Element]:
    """The elements of an unbracketed string that begins with FNC1. Raises BadElements."""
    if not text.startswith(FNC1) or len(text) < 2:
        raise BadElements("An element string begins with FNC1 and says something.")
    found: list[Element] = []
    rest = text[1:]
    while rest:
        begun = identifier_at(rest)
        if begun is None:
            raise BadElements(f"No application identifier begins with {rest[:4]!r}.")
        code, row = begun
        rest = rest[len(code) :]
        value, rest = _taken(code, row, rest)
        check(code, row, value)
        found.append(Element(code, value))
    return found


def _taken(code: str, row: Identifier, rest: str) -> tuple[str, str]:
    if row.fixed:
        length = sum(part.most for part in row.parts)
        value, rest = rest[:length], rest[length:]
        if FNC1 in value or len(value) < length:
            raise BadElements(f"({code}) has {length} characters.")
        return value, rest.removeprefix(FNC1)
    value, _separator, rest = rest.partition(FNC1)
    return value, rest


def check(code: str, row: Identifier, value: str) -> None:
    """Raises BadElements for a value that its identifier doesn't allow."""
    left = value
    if not value:
        raise BadElements(f"({code}) says nothing.")
    for part in row.parts:
        if not left and part.optional:
            continue
        piece, left = left[: part.most], left[part.most :]
        if len(piece) < part.least:
            raise BadElements(f"({code}) is too short.")
        if set(piece) - ALPHABETS[part.alphabet]:
            raise BadElements(f"({code}) has a character that it may not have.")
        for name in part.checks:
            if not CHECKS[name](piece):
                raise BadElements(f"({code}) is wrong: {name.replace('_', ' ')}.")
    if left:
        raise BadElements(f"({code}) is too long.")


def parse_bracketed(text: str) -> list[Element]:
    r"""The elements of ``(01)...(21)...``; a bracket inside a value is written ``\(``. Raises BadElements."""
    found: list[Element] = []
    rest = text
    while rest:
        begun = re.match(r"\((\d{2,4})\)((?:[^(\\]|\\.)*)", rest)
        if begun is None:
            raise BadElements("Each value stands behind its application identifier in brackets.")
        code, value = begun[1], re.sub(r"\\(.)", r"\1", begun[2])
        if (row := BY_CODE.get(code)) is None:
            raise BadElements(f"({code}) is no application identifier.")
        check(code, row, value)
        found.append(Element(code, value))
        rest = rest[begun.end() :]
    if not found:
        raise BadElements("There is nothing in it.")
    return found


def joined(elements: Iterable[Element]) -> str:
    """The unbracketed string, FNC1 where the next can't be told from what stands before it."""
    text, open_ended = FNC1, False
    for element in elements:
        row = BY_CODE.get(element.code)
        text += (FNC1 if open_ended else "") + element.code + element.value
        open_ended = row is None or not row.fixed
    return text


def bracketed(elements: Iterable[Element]) -> str:
    return "".join(f"({element.code}){element.value.replace('(', chr(92) + '(')}" for element in elements)


# What stands together ---------------------------------------------------------------------------------------------------------------


def validate(elements: Sequence[Element]) -> list[str]:
    """What is wrong with elements of one thing beside each other: repeated with another value, never together, one missing."""
    return [*_repeats(elements), *_never(elements), *_missing(elements), *_unsigned(elements)]


def _repeats(elements: Sequence[Element]) -> list[str]:
    first: dict[str, str] = {}
    return [
        f"({element.code}) stands there twice with different values."
        for element in elements
        if first.setdefault(element.code, element.value) != element.value
    ]


def _never(elements: Sequence[Element]) -> list[str]:
    codes = {element.code for element in elements}
    return [
        f"({code}) and ({other}) never stand together."
        for code in sorted(codes)
        if (row := BY_CODE.get(code)) is not None
        for pattern in row.never
        for other in sorted(codes - {code})
        if _matches(pattern, other)
    ]


def _missing(elements: Sequence[Element]) -> list[str]:
    codes = {element.code for element in elements}
    return [
        f"({code}) needs one of {group.replace(' ', ', ')} beside it."
        for code in sorted(codes)
        if (row := BY_CODE.get(code)) is not None
        for group in row.needs
        if not any(
            all(any(_matches(pattern, other) for other in codes) for pattern in option.split("+"))
            for option in group.split()
        )
    ]


# Keys with a serial part of their own that may be left out; a signature needs it.
_WITHOUT_SERIAL = {"253": 13, "255": 13, "8003": 14}


def _unsigned(elements: Sequence[Element]) -> list[str]:
    if all(element.code != "8030" for element in elements):
        return []
    return [
        f"A signature (8030) needs the serial part of ({element.code})."
        for element in elements
        if len(element.value) <= _WITHOUT_SERIAL.get(element.code, 0)
    ]


def _matches(pattern: str, code: str) -> bool:
    """Whether ``31nn`` means ``3103``: n is any digit."""
    return len(pattern) == len(code) and all(told in {"n", found} for told, found in zip(pattern, code, strict=True))
