"""Labels as standards and suppliers give them: every case of the GS1 syntax engine's tests that we read, and distributors' 2D labels."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from revlog.scanning import codes, gs1

Data = Callable[[str], Path]


def cases(real_data: Data, call: str) -> list[dict[str, Any]]:
    file = real_data("gs1-syntax-cases") / "open" / "gs1_cases.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    found = [row for row in rows if row["call"] == call]
    assert found
    return found


def answer(read: Callable[[], str]) -> str | None:
    try:
        return read()
    except gs1.BadElements:
        return None


def test_element_strings_are_taken_and_refused_as_the_standard_says(real_data: Data) -> None:
    for case in cases(real_data, "test_processAIdata"):
        good, text = case["args"][:2]
        told = answer(lambda text=text: gs1.joined(gs1.parse(text)))  # type: ignore[misc]
        assert (told is not None) == good, text
        assert told is None or told.strip("^") == text.strip("^").replace("0112345678901231^", "0112345678901231")


def test_bracketed_text_means_the_same_as_the_string_without_brackets(real_data: Data) -> None:
    for case in cases(real_data, "test_parseAIdata"):
        good, text, expected = case["args"][:3]
        assert answer(lambda text=text: gs1.joined(gs1.parse_bracketed(text))) == (expected if good else None), text  # type: ignore[misc]


def test_digital_links_are_read_whoever_hosts_them(real_data: Data) -> None:
    for case in cases(real_data, "test_parseDLuri"):
        good, address, expected = case["args"]
        if case["settings"].get("setValidationEnabled") and good:
            continue  # identifiers that nobody has given out yet are never taken here
        short = case["settings"].get("setPermitZeroSuppressedGTINinDLuris") != "false"
        told = answer(lambda address=address, short=short: gs1.joined(gs1.parse_link(address, short_gtins=short)))  # type: ignore[misc]
        assert told == (expected if good else None), address


def test_digital_links_are_written_as_the_standard_says(real_data: Data) -> None:
    for case in cases(real_data, "test_testGenerateDLuri"):
        good, stem, text, expected = case["args"]
        told = answer(lambda text=text, stem=stem: gs1.link(gs1.parse_bracketed(text), stem))  # type: ignore[misc]
        assert told == (expected if good else None), text


def test_identifiers_that_may_not_stand_together_are_named(real_data: Data) -> None:
    for case in cases(real_data, "test_validateAIs"):
        good, _which, text = case["args"]
        elements = [gs1.Element(*found) for found in re.findall(r"\((\d+)\)([^(]*)", text)]
        assert (not gs1.validate(elements)) == good, text


def test_what_scanners_say_of_the_symbol_is_taken_off(real_data: Data) -> None:
    for case in cases(real_data, "test_testProcessScanData"):
        good, scan, _symbol, expected = case["args"][:4]
        if not good:
            continue
        reading = codes.read(scan)
        if expected.startswith("^"):
            elements = [gs1.Element(code, value) for code, value in reading.fields.items()]
            assert gs1.joined(elements) == expected, scan
        elif expected.startswith("http"):
            assert reading.text == expected
            assert reading.elements["gtin"] == "12312312312333"


def test_suppliers_labels_say_part_and_quantity(real_data: Data) -> None:
    files = sorted((real_data("iso15434-supplier-labels") / "open").glob("*.json"))
    assert files
    for file in files:
        told = json.loads(file.read_text(encoding="utf-8"))
        reading = codes.read(told["payload"])
        for code, value in told["expected"].items():
            if code in {"valid", "note"}:
                continue
            if code == "sku":
                assert value in {reading.elements.get("customer_part"), reading.elements.get("part")}, file.name
            else:
                assert reading.fields.get(code) == value, (file.name, code)


@pytest.mark.parametrize(
    ("raw", "name", "value"),
    [
        ("]C100376104250021234569", "sscc", "376104250021234569"),
        ("https://example.com/01/09506000134376/21/ABC123?17=271231", "serial", "ABC123"),
        ("(8004)0614141ASSET7", "asset", "0614141ASSET7"),
        ("0109506000134376{GS}21ABC", "serial", "ABC"),
        ("4006381333931\r\n", "gtin", "04006381333931"),
    ],
)
def test_a_label_names_what_can_be_looked_up(raw: str, name: str, value: str) -> None:
    assert codes.read(raw).elements[name] == value
