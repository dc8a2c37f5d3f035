"""Every real report, bent in ways that nobody planned for: answered each time, within its bounds, and no erasure made out of damage.

The long run is ``make prove``; its seed is printed with what failed, so that it can be repeated.
"""

from __future__ import annotations

import copy
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.real.conftest import data_set
from triage.reports import answer, encode, registry
from triage.reports.normal import ErasureOutcome, Report, UnreadableReport

SEED = 20261127
PROVE_SECONDS = 600
SLOWEST = 5.0
SETS = (
    "ereuse-workbench-fixtures", "ereuse-devicehub-snapshots", "smartctl-json", "smartctl-text-pysmart", "nwipe-logs-sandbox",
    "issue-excerpts", "glpi-agent-resources", "glpi-inventory-format", "mobile-diagnostics",
)  # fmt: skip
HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, 10**40, 1.5, -0.0, "", " ", "x" * 3000, "\x00", "\x1b[31m", "\ud800", "'; DROP TABLE x; --",
    "=cmd()", "<script>", "NaN", "1e999", "0x10", "99999999999999999999 GB", "2026-13-45T99:99", "\u202etxt", [], {}, [[]], [None],
    [{}] * 20, {"": {"": []}}, {"type": []}, ["a", 1, None],
)  # fmt: skip


def files() -> list[Path]:
    found = [
        path
        for name in SETS
        for path in sorted(data_set(name).rglob("*"))
        if path.is_file() and path.stat().st_size < 200_000 and path.name != "SOURCE.md"
    ]
    assert len(found) > 500
    return found


def read(data: bytes, name: str) -> Report | None:
    before = time.process_time()
    try:
        report = registry.read(data)
    except UnreadableReport as error:
        assert error.sentence.endswith("."), name
        assert error.code.isupper(), name
        return None
    finally:
        assert time.process_time() - before < SLOWEST, name
    plain = json.loads(json.dumps(encode.encode(report)))
    assert encode.decode(plain) == report, name
    line = json.dumps(answer.answer(report, file=name))
    assert "\\u0000" not in line, name
    # What is kept must fit the database: text that it takes, numbers within a bigint.
    json.dumps(plain, ensure_ascii=False).encode()
    assert all(abs(number) < 2**63 for number in numbers(plain)), name
    return report


def numbers(value: Any) -> Iterator[int]:
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from numbers(member)
    elif isinstance(value, int):
        yield value


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a structure."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        outer = waiting.pop()
        for key in list(outer) if isinstance(outer, dict) else range(len(outer)):
            found.append((outer, key))
            if isinstance(outer[key], dict | list):
                waiting.append(outer[key])
    return found


def bent(value: Any, dice: random.Random) -> bytes:
    """The JSON with some members exchanged, doubled, removed or moved."""
    value = copy.deepcopy(value)
    for _ in range(dice.randrange(1, 9)):
        found = places(value)
        if not found:
            break
        outer, key = dice.choice(found)
        kind = dice.random()
        if kind < 0.6:
            outer[key] = copy.deepcopy(dice.choice(HOSTILE))
        elif kind < 0.75:
            del outer[key]
        elif kind < 0.9:
            other, at = dice.choice(found)
            try:
                outer[key] = copy.deepcopy(other[at])
            except (KeyError, IndexError):
                continue
        else:
            outer[key] = [outer[key]] * dice.randrange(2, 30)
    return json.dumps(value).encode()


def broken(data: bytes, dice: random.Random) -> bytes:
    """The bytes with lines lost, moved or doubled, signs exchanged, the end cut off, or in another encoding."""
    lines = data.splitlines(keepends=True)
    for _ in range(dice.randrange(1, 6)):
        kind, at = dice.randrange(5), dice.randrange(len(lines)) if lines else 0
        if not lines:
            break
        if kind == 0:
            lines.pop(at)
        elif kind == 1:
            lines.insert(dice.randrange(len(lines)), lines[at])
        elif kind == 2:
            other = dice.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 3:
            line = bytearray(lines[at])
            line[dice.randrange(len(line))] = dice.randrange(256)
            lines[at] = bytes(line)
        else:
            lines[at] = lines[at].replace(b"0", b"7").replace(b":", b" ")
    whole = b"".join(lines)
    if dice.random() < 0.3:
        whole = whole[: dice.randrange(len(whole) + 1)]
    if dice.random() < 0.1:
        whole = whole.decode("latin-1").encode(dice.choice(["utf-16", "utf-16-le", "utf-8-sig", "utf-32"]))
    return whole


def variation(path: Path, dice: random.Random) -> None:
    data = path.read_bytes()
    before = read(data, path.name)
    try:
        value = json.loads(data)
    except ValueError:
        value = None
    is_json = isinstance(value, dict | list)
    changed = bent(value, dice) if is_json and dice.random() < 0.7 else broken(data, dice)
    after = read(changed, path.name)
    wiped = {
        erasure.device for erasure in (before.erasures if before else ()) if erasure.outcome is ErasureOutcome.SUCCESS
    }
    if after is not None and after.kind == "nwipe.log":
        made = [one for one in after.erasures if one.outcome is ErasureOutcome.SUCCESS and one.device not in wiped]
        assert not made, path.name


def test_each_file_bent_once_is_answered() -> None:
    dice = random.Random(SEED)
    for path in files():
        variation(path, dice)


@pytest.mark.prove
def test_files_bent_for_long_are_answered() -> None:
    found, until, seed = files(), time.monotonic() + PROVE_SECONDS, SEED
    while time.monotonic() < until:
        seed += 1
        dice = random.Random(seed)
        path = dice.choice(found)
        try:
            variation(path, dice)
        except BaseException:
            print(f"seed {seed}, {path}")  # noqa: T201 - what repeats it
            raise
