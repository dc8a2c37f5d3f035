"""Checks of single fields: a check digit, a day, a country. Each takes the text of its part and says whether it is right."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable

from revlog.scanning.gs1.numbers import COUNTRIES, COUNTRY_LETTERS, CURRENCIES

INVARIANT = frozenset("!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
SMALL = frozenset("#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=")
ALPHABETS: dict[str, frozenset[str]] = {"n": frozenset("0123456789"), "x": INVARIANT, "y": SMALL, "z": BASE64}
# The two check characters of a global model number: of weights 2, 3, 5, 7 ... modulo 1021, in an alphabet of 32.
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
_MODEL_VALUES = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_MODEL_CHECKS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def check_digit(digits: str) -> str:
    """The digit that GS1 keys end with: weights 3 and 1 from the right, to the next ten."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def ends_right(digits: str) -> bool:
    return len(digits) > 1 and digits.isdecimal() and check_digit(digits[:-1]) == digits[-1]


def _model_ends_right(text: str) -> bool:
    body, told = text[:-2], text[-2:]
    if not body or len(told) < 2 or any(letter not in _MODEL_VALUES for letter in body):
        return False
    total = sum(_MODEL_VALUES.index(letter) * _PRIMES[place] for place, letter in enumerate(reversed(body))) % 1021
    return told == _MODEL_CHECKS[total >> 5] + _MODEL_CHECKS[total & 31]


def _day(text: str, *, none: bool = False) -> bool:
    """YYMMDD in the century that is nearest; ``none`` lets the day be 00, the whole month."""
    year, month, day = 2000 + int(text[:2]), int(text[2:4]), int(text[4:6])
    if not 1 <= month <= 12:
        return False
    return (none and day == 0) or 1 <= day <= calendar.monthrange(year, month)[1]


def _long_day(text: str) -> bool:
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def _escaped(text: str) -> bool:
    """Each % begins two hexadecimal digits."""
    return len(re.findall("%", text)) == len(re.findall("%[0-9A-Fa-f]{2}", text))


def _piece(text: str) -> bool:
    """Two halves: the piece, and how many there are."""
    half = len(text) // 2
    return 0 < int(text[:half]) <= int(text[half:])


def _iban(text: str) -> bool:
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{1,30}", text):
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


def _sequence(text: str) -> bool:
    if not re.fullmatch(r"\d/\d", text):
        return False
    return 0 < int(text[0]) <= int(text[2])


CHECKS: dict[str, Callable[[str], bool]] = {
    "check": ends_right,
    "check2": _model_ends_right,
    "prefix": lambda text: len(text) >= 4 and text[:4].isdecimal(),
    "day": _day,
    "day0": lambda text: _day(text, none=True),
    "long_day": _long_day,
    "minute": lambda text: int(text[:2]) < 24 and int(text[2:4]) < 60,
    "hour": lambda text: int(text) < 24,
    "sixty": lambda text: int(text) < 60,
    "currency": lambda text: text in CURRENCIES,
    "country": lambda text: text in COUNTRIES,
    "country_or_any": lambda text: text == "999" or text in COUNTRIES,
    "country2": lambda text: text in COUNTRY_LETTERS,
    "escaped": _escaped,
    "flag": lambda text: text in "01",
    "latitude": lambda text: int(text) <= 1_800_000_000,
    "longitude": lambda text: int(text) <= 3_600_000_000,
    "nonzero": lambda text: int(text) != 0,
    "winding": lambda text: text in "019",
    "zero": lambda text: not text.strip("0"),
    "piece": _piece,
    "hyphen": lambda text: text == "-",
    "iban": _iban,
    "media": lambda text: 1 <= int(text) <= 10 or 80 <= int(text) <= 99,
    "importer": lambda text: re.fullmatch(r"[-0-9A-Z_a-z]", text) is not None,
    "package": lambda text: re.fullmatch(r"[0-9A-Z]{1,4}", text) is not None,
    "sex": lambda text: text in "0129",
    "sequence": _sequence,
    "no_zero": lambda text: not text.startswith("0"),
    "nondigit": lambda text: not text.isdecimal(),
}
