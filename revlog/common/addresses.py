"""One shape of an address: street, postal code, town, region, country; read from lines as people write them, written as a country does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from revlog.common import countries

POSTCODE = re.compile(
    r"(?<!\w)(?:[A-Z]{1,2}-)?"
    r"(\d{4}\s?[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|\d{2}-\d{3}|\d{4,5}(?:-\d{3,4})?|\d{3}\s\d{2})(?!\w)",
    re.IGNORECASE,
)
"""As the Netherlands, the United Kingdom, Poland, most others with four or five digits, and Sweden write them."""
TOWN_FIRST = frozenset({"US", "CA", "AU", "GB", "IE"})
"""Where the town stands before the region and the postal code."""
ABOVE = frozenset({"GB", "IE"})
"""Where each of them has a line of its own."""


@dataclass(frozen=True)
class Address:
    """``street`` is all that stands before the town, line by line; ``country`` is ISO 3166-1 alpha-2."""

    street: tuple[str, ...] = ()
    postcode: str = ""
    town: str = ""
    region: str = ""
    country: str = ""

    def __bool__(self) -> bool:
        return bool(self.street or self.postcode or self.town)

    def lines(self, language: str = "") -> tuple[str, ...]:
        """As on an envelope that crosses a border: the country's name in ``language`` at the end."""
        name = countries.name(self.country, language) if self.country else ""
        return tuple(one for one in (*self.street, *self._place(), name) if one)

    def _place(self) -> tuple[str, ...]:
        if self.country in ABOVE:
            return (self.town, self.region, self.postcode)
        if self.country in TOWN_FIRST:
            rest = " ".join(one for one in (self.region, self.postcode) if one)
            return (", ".join(one for one in (self.town, rest) if one),)
        return (" ".join(one for one in (self.postcode, self.town) if one), self.region)


def read(lines: Sequence[str], country: str = "") -> Address:
    """An address from its lines: the one with the postal code holds the town too; what stands after it is the region or the country.

    Where no line has a postal code, the first is the street and the second the town.
    """
    told = [line.strip() for line in lines if line.strip()]
    if len(told) > 1 and country and told[-1].casefold() in _names(country):
        told.pop()
    for place, line in enumerate(told):
        found = POSTCODE.search(line) if place or len(told) == 1 else None
        if found is not None:
            town = (line[: found.start()] + " " + line[found.end() :]).strip(" ,")
            return Address(tuple(told[:place]), found[1], town, country=country)
    return Address(tuple(told[:1]), town=told[1] if len(told) > 1 else "", country=country)


def _names(country: str) -> set[str]:
    return {countries.name(country, language).casefold() for language in ("en", "de", "fr", "es", "nl")}
