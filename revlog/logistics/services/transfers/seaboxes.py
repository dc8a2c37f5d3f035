"""Numbers of overseas containers (ISO 6346): owner, U, J or Z, six digits and a check digit."""

from __future__ import annotations

import re

SHAPE = re.compile(r"[A-Z]{3}[UJZ]\d{7}")
# Letters count from 10 on; multiples of 11 are left out.
_LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(10, 39) if n % 11), strict=True))


def normal(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())


def check_digit(number: str) -> int:
    """The last digit that the first ten places ask for."""
    total = sum(
        (_LETTERS[letter] if letter.isalpha() else int(letter)) << place for place, letter in enumerate(number[:10])
    )
    return total % 11 % 10


def is_valid(number: str) -> bool:
    return bool(SHAPE.fullmatch(number)) and check_digit(number) == int(number[-1])
