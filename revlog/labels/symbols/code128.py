"""Code 128 (ISO/IEC 15417), and GS1-128 as a use of it."""

from __future__ import annotations

import re

from revlog.common.errors import BadInput, Reason

_PATTERNS = (
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312", "231212", "112232",
    "122132", "122231", "113222", "123122", "123221", "223211", "221132", "221231", "213212", "223112", "312131", "311222", "321122",
    "321221", "312212", "322112", "322211", "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311",
    "211313", "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331", "231131", "213113",
    "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224", "111422",
    "121124", "121421", "141122", "141221", "112214", "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111",
    "241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141", "214121",
    "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141", "114131", "311141", "411131", "211412",
    "211214", "211232", "2331112",
)  # fmt: skip
_TO_C, _TO_B, _FNC1, _START_B, _START_C, _STOP = 99, 100, 102, 104, 105, 106
LONGEST = 60
SAFE = re.compile(r"[0-9A-Za-z ./$%+*,:;()=@#-]{1,60}")
"""What we print so: nothing that a printer's own language could mistake for a command."""


def values(text: str, *, gs1: bool = False) -> list[int]:
    """The symbol characters with start, check and stop. ``text`` of a GS1-128 is its elements without brackets, all of fixed length."""
    if not SAFE.fullmatch(text):
        raise BadInput(Reason("unprintable", f"“{text[:70]}” can't be printed as bars."))
    numeric = re.match(r"[0-9]*", text)
    led = len(numeric.group()) if numeric else 0
    in_c = led >= 4 or (led == len(text) and led % 2 == 0)
    found = [_START_C if in_c else _START_B]
    if gs1:
        found.append(_FNC1)
    at = 0
    while at < len(text):
        digits = 0
        while at + digits < len(text) and text[at + digits].isdigit():
            digits += 1
        if in_c and digits >= 2:
            found.append(int(text[at : at + 2]))
            at += 2
        elif in_c:
            in_c = False
            found.append(_TO_B)
        elif digits >= 6 or (digits >= 4 and at + digits == len(text)):
            if digits % 2:
                found.append(ord(text[at]) - 32)
                at += 1
            in_c = True
            found.append(_TO_C)
        else:
            found.append(ord(text[at]) - 32)
            at += 1
    check = (found[0] + sum(place * value for place, value in enumerate(found[1:], 1))) % 103
    return [*found, check, _STOP]


def bars(text: str, *, gs1: bool = False) -> str:
    """The widths of bars and spaces in modules, bar first."""
    return "".join(_PATTERNS[value] for value in values(text, gs1=gs1))


def modules(text: str, *, gs1: bool = False) -> int:
    return sum(int(width) for width in bars(text, gs1=gs1))


def check_digit(digits: str) -> int:
    """The last digit of an SSCC, a GTIN or a GLN, from those before it."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10
