"""What a scale says, read like any other code: a bench scale that types (keyboard wedge), or a person at the keyboard.

Three spellings are known, so that no driver is needed: ``W 12.345 kg`` (typed, or printed on a slip), the line of A&D scales
(``ST,GS,+  12.345kg``) and the answer of Mettler Toledo's SICS (``S S     12.345 kg``). A weight that isn't at rest yet is no weight.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_NUMBER = r"(?P<sign>[+-]?)\s*(?P<number>\d{1,7}(?:[.,]\d{1,6})?)\s*(?P<unit>kg|g|t|lb|oz)"
_TYPED = re.compile(rf"^W\s*:?\s*{_NUMBER}$", re.IGNORECASE)
_AND = re.compile(rf"^(?P<state>ST|US|OL|QT),\s*(?:GS|NT|TR)?,?\s*{_NUMBER}$", re.IGNORECASE)
_SICS = re.compile(rf"^S\s+(?P<state>[SDI])\s+{_NUMBER}$", re.IGNORECASE)
_OVERLOAD = re.compile(r"^(?:S\s+[+-I]|OL,.*|ES|EL|ET)$", re.IGNORECASE)
_GRAMS = {
    "kg": Decimal(1000),
    "g": Decimal(1),
    "t": Decimal(1_000_000),
    "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}
_RESTING = frozenset({"ST", "QT", "S"})


@dataclass(frozen=True)
class Weight:
    """``grams`` rounded to the gram; ``resting`` False where the scale still moves, has too much on it or says less than nothing."""

    grams: int
    resting: bool
    how: str
    """``scale``, or ``hand`` for a typed one."""


def read(text: str) -> Weight | None:
    """The weight that this text is; None for any other code."""
    bare = text.strip()
    for pattern, how in ((_TYPED, "hand"), (_AND, "scale"), (_SICS, "scale")):
        if (found := pattern.match(bare)) is None:
            continue
        amount = Decimal(found["number"].replace(",", ".")) * _GRAMS[found["unit"].lower()]
        told = found.groupdict()
        state = str(told.get("state") or "ST").upper()
        return Weight(int(amount.quantize(Decimal(1))), state in _RESTING and found["sign"] != "-" and amount > 0, how)
    if _OVERLOAD.match(bare):
        return Weight(0, resting=False, how="scale")
    return None
