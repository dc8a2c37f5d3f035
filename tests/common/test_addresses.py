"""Addresses: read from the lines that people write, written as their country does."""

from __future__ import annotations

import pytest

from revlog.common.addresses import Address, read


@pytest.mark.parametrize(
    ("lines", "country", "found"),
    [
        (("Kade 12", "3011 AA Rotterdam", "Netherlands"), "NL", Address(("Kade 12",), "3011 AA", "Rotterdam", country="NL")),
        (("Hinterhaus", "Messeallee 7", "04356 Leipzig"), "DE", Address(("Hinterhaus", "Messeallee 7"), "04356", "Leipzig", country="DE")),
        (("1 High Street", "Leeds LS1 4AP"), "GB", Address(("1 High Street",), "LS1 4AP", "Leeds", country="GB")),
        (("1234 AB Straat 5",), "NL", Address((), "1234 AB", "Straat 5", country="NL")),
        (("Main Street", "Dublin"), "IE", Address(("Main Street",), town="Dublin", country="IE")),
        ((), "", Address()),
    ],
)  # fmt: skip
def test_an_address_is_read_from_its_lines(lines: tuple[str, ...], country: str, found: Address) -> None:
    assert read(lines, country) == found


@pytest.mark.parametrize(
    ("address", "language", "lines"),
    [
        (Address(("Kade 12",), "3011 AA", "Rotterdam", country="NL"), "de", ("Kade 12", "3011 AA Rotterdam", "Niederlande")),
        (Address(("5 Elm St",), "94103", "San Francisco", "CA", "US"), "en", ("5 Elm St", "San Francisco, CA 94103", "United States")),
        (Address(("1 High Street",), "LS1 4AP", "Leeds", country="GB"), "en", ("1 High Street", "Leeds", "LS1 4AP", "United Kingdom")),
    ],
)  # fmt: skip
def test_it_is_written_as_its_country_does(address: Address, language: str, lines: tuple[str, ...]) -> None:
    assert address.lines(language) == lines
