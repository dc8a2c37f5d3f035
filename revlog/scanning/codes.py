"""What a scanned or typed text says, without looking anything up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST = 2000


@dataclass(frozen=True)
class Reading:
    """``raw`` as it came, ``text`` without what can't be printed; ``elements`` names what a label with several parts says
    (``serial``, ``gtin``, ``sscc`` ...)."""

    raw: str
    text: str
    elements: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """For comparing with our own codes: upper case, no spaces around."""
        return self.text.upper()


def read(raw: str) -> Reading:
    """The reading of what a scanner typed. A scanner that is set up wrong sends control characters: they say nothing here."""
    text = "".join(letter for letter in raw[:MOST] if letter.isprintable()).strip()
    return Reading(raw[:MOST], text[:200])
