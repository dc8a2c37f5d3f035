"""Real reports, cut short, mutated and put into other encodings: a report or a refusal, in bounded time, and never a success made
out of damage."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.real.conftest import data_set
from triage.reports import encode, registry
from triage.reports.normal import ErasureOutcome, Report, UnreadableReport

SLOWEST = 5.0


@pytest.fixture(scope="module")
def originals() -> list[Path]:
    found = [
        path
        for name in ("ereuse-workbench-fixtures", "ereuse-devicehub-snapshots")
        for path in sorted((data_set(name) / "open").rglob("*"))
        if path.is_file() and path.stat().st_size
    ]
    assert len(found) > 150
    return found


def read(data: bytes, name: str) -> Report | None:
    before = time.process_time()
    try:
        report = registry.read(data)
    except UnreadableReport as error:
        assert error.sentence, name
        report = None
    else:
        assert encode.decode(encode.encode(report)) == report, name
    assert time.process_time() - before < SLOWEST, name
    return report


def test_a_file_cut_anywhere_is_read_or_refused(originals: list[Path]) -> None:
    chance = random.Random(7)
    read_anyway = 0
    for path in originals:
        data = path.read_bytes()
        for _ in range(4):
            cut = data[: chance.randrange(1, len(data))]
            read_anyway += read(cut, path.name) is not None
    # JSON that is cut can't be read; only YAML in lines can still make sense.
    assert read_anyway < len(originals)


def test_a_json_report_that_was_cut_says_that_it_was(originals: list[Path]) -> None:
    chance = random.Random(11)
    said = 0
    for path in originals:
        data = path.read_bytes().rstrip()
        if path.suffix == ".json" and data.endswith(b"}"):
            with pytest.raises(UnreadableReport) as refused:
                registry.read(data[: chance.randrange(len(data) // 2, len(data) - 1)])
            said += refused.value.code == "TRUNCATED"
            assert refused.value.code in {"TRUNCATED", "BAD_JSON", "UNKNOWN_FORMAT"}, path.name
    assert said > 90


def test_bytes_that_were_changed_never_break_a_reader(originals: list[Path]) -> None:
    chance = random.Random(23)
    for path in originals:
        data = bytearray(path.read_bytes())
        for _ in range(3):
            changed = bytearray(data)
            for _ in range(chance.randrange(1, 30)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            read(bytes(changed), path.name)


def test_pieces_in_the_wrong_place_never_break_a_reader(originals: list[Path]) -> None:
    chance = random.Random(31)
    for path in originals:
        data = path.read_bytes()
        first, last = sorted((chance.randrange(len(data)), chance.randrange(len(data))))
        read(data[:first] + data[last:], path.name)
        read(data[first:last] * 3 + data, path.name)


def test_other_encodings_give_the_same_report(originals: list[Path]) -> None:
    for path in originals:
        text = path.read_bytes().decode("utf-8", "replace")
        plain = read(text.encode(), path.name)
        assert read(text.encode("utf-16"), path.name) == plain, path.name
        assert read(text.encode("utf-8-sig"), path.name) == plain, path.name


def test_damage_makes_no_erasure_a_success(originals: list[Path]) -> None:
    marks = (b'"severity": "Info"', b'"endTime"', b'"serialNumber"', b"severity: Info", b"endTime:", b'"success": true')
    for path in originals:
        data = path.read_bytes()
        before = read(data, path.name)
        if before is None or not before.erasures:
            continue
        for mark in marks:
            after = read(data.replace(mark, mark[:3] + b"x" * (len(mark) - 6) + mark[-3:]), path.name)
            successes = [one for one in (after.erasures if after else ()) if one.outcome is ErasureOutcome.SUCCESS]
            earlier = [one for one in before.erasures if one.outcome is ErasureOutcome.SUCCESS]
            assert len(successes) <= len(earlier), (path.name, mark)
