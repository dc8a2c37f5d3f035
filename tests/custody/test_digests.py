from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from revlog.custody import canonical, digests
from tests.custody.test_canonical import payloads

FIRST: dict[str, Any] = {
    "chain": "unit:0b7c7a3e-3f0e-4d2e-9a62-5c1d8f6a1b11",
    "sequence": 1,
    "kind": "devices.announced",
    "version": 1,
    "occurred_at": datetime(2026, 3, 2, 8, 30, tzinfo=UTC),
    "actor": "user:7a1f",
    "key": "",
    "payload": {"tag": "RV-7K3M-Q2", "category": "laptop"},
    "previous": "0" * 64,
}
SECOND: dict[str, Any] = FIRST | {
    "sequence": 2,
    "kind": "itad.sanitization_verified",
    "version": 3,
    "occurred_at": datetime(2026, 3, 2, 16, 5, 9, 120, tzinfo=UTC),
    "actor": 'Größe "quoted" \\ \n\t\x01\x7f 📦',
    "key": "job:4",
    "payload": {
        "reasons": ["dent", "Akku 81 %", "€"],
        "bytes_total": 512110190592,
        "passed": True,
        "sample": {"nonzero": 0, "b": False, "B": -1},
        "empty": {},
        "none": [],
        "text": '\u2028 \x1f " \\ /',
    },
    "previous": "ab" * 32,
}


def test_the_digests_of_known_entries_never_change() -> None:
    assert digests.entry_digest(**FIRST) == "ff873bd0ccecf49f86fec931a9d7bb7f9b21ae81948cf77747a02151111b93b0"
    assert digests.entry_digest(**SECOND) == "d0505f76c105f8ebabdcd3b668eba687ccd17de893c1f99daf7c48154c7d5641"


def test_what_is_hashed_is_the_canonical_json_of_ten_members() -> None:
    assert digests.entry_text(**FIRST) == (
        '{"actor":"user:7a1f","chain":"unit:0b7c7a3e-3f0e-4d2e-9a62-5c1d8f6a1b11","format":"revlog.custody/1",'
        '"key":"","kind":"devices.announced","occurred_at":"2026-03-02T08:30:00.000000Z",'
        '"payload":{"category":"laptop","tag":"RV-7K3M-Q2"},'
        f'"previous":"{"0" * 64}","sequence":1,"version":1}}'
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    payload=payloads,
    at=st.datetimes(timezones=st.timezones()),
    actor=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
    key=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
    sequence=st.integers(2, canonical.MAX_INTEGER),
    version=st.integers(1, canonical.MAX_INTEGER),
)
def test_the_digest_is_the_recipe_spelled_out_with_the_general_canonical_json(  # noqa: PLR0917
    payload: dict[str, Any], at: datetime, actor: str, key: str, sequence: int, version: int
) -> None:
    try:
        utc = at.astimezone(UTC)
    except OverflowError:  # the first and last hours of the calendar have no UTC
        return
    parts = SECOND | {"payload": payload, "actor": actor, "key": key, "sequence": sequence, "version": version}
    said = parts | {"format": "revlog.custody/1", "occurred_at": f"{utc:%m-%dT%H:%M:%S.%fZ}"}
    said["occurred_at"] = f"{utc.year:04d}-{said['occurred_at']}"

    assert digests.entry_digest(**parts | {"occurred_at": at}) == sha256(canonical.dumps(said)).hexdigest()


def test_every_member_counts() -> None:
    others: dict[str, Any] = {
        "chain": "unit:0b7c7a3e-3f0e-4d2e-9a62-5c1d8f6a1b12",
        "sequence": 3,
        "kind": "itad.sanitization_failed",
        "version": 2,
        "occurred_at": SECOND["occurred_at"] + timedelta(microseconds=1),
        "actor": "user:7a20",
        "key": "job:5",
        "payload": SECOND["payload"] | {"passed": False},
        "previous": "ab" * 31 + "ac",
    }

    found = {digests.entry_digest(**SECOND | {name: value}) for name, value in others.items()}

    assert set(others) == set(SECOND)
    assert len(found | {digests.entry_digest(**SECOND)}) == len(others) + 1


@pytest.mark.parametrize(
    "zone", [timezone(timedelta(hours=5, minutes=30)), ZoneInfo("Europe/Berlin"), ZoneInfo("UTC"), UTC]
)
def test_the_same_moment_has_one_digest_in_every_zone(zone: Any) -> None:
    elsewhere = FIRST | {"occurred_at": FIRST["occurred_at"].astimezone(zone)}

    assert digests.utc_text(elsewhere["occurred_at"]) == "2026-03-02T08:30:00.000000Z"
    assert digests.entry_digest(**elsewhere) == digests.entry_digest(**FIRST)


def test_the_hour_that_comes_twice_has_two_digests() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    summer, winter = (digests.utc_text(datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=berlin)) for fold in (0, 1))

    assert (summer, winter) == ("2026-10-25T00:30:00.000000Z", "2026-10-25T01:30:00.000000Z")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(digests.UnableToDigest, match="has no zone"):
        digests.entry_digest(**FIRST | {"occurred_at": datetime(2026, 3, 2, 8, 30)})  # noqa: DTZ001


@pytest.mark.parametrize(
    ("member", "value", "why"),
    [
        ("chain", "unit:42", "form <kind>:<uuid>"),
        ("chain", "unit:0B7C7A3E-3F0E-4D2E-9A62-5C1D8F6A1B11", "form <kind>:<uuid>"),
        ("kind", "Verified", "dotted name"),
        ("kind", 'itad.x","sequence":9', "dotted name"),
        ("previous", "AB" * 32, "64 hexadecimal"),
        ("previous", "0" * 64, "only that one, cites 64 zeros"),
        ("sequence", 1, "only that one, cites 64 zeros"),
        ("sequence", 0, "count from 1"),
        ("version", 0, "count from 1"),
        ("version", 2**53, "count from 1"),
        ("actor", "a\0b", "U\\+0000"),
        ("key", "\0", "U\\+0000"),
        ("actor", "\ud800", "lone surrogate"),
    ],
)
def test_parts_of_another_form_are_refused(member: str, value: Any, why: str) -> None:
    with pytest.raises(digests.UnableToDigest, match=why):
        digests.entry_digest(**SECOND | {member: value})


def test_a_payload_that_may_not_go_on_the_ledger_gets_no_digest() -> None:
    with pytest.raises(canonical.UnfitPayload, match=r"payload\.price is a float"):
        digests.entry_digest(**SECOND | {"payload": {"price": 1.5}})


def test_the_worked_example_of_the_documentation_is_right() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "ledger.md").read_text()
    found = re.search(r"```json\n(.+?)\n```\n\nTheir digests:\n\n```\n(.+?)\n```", page, re.DOTALL)
    assert found is not None
    lines, told = found[1].splitlines(), found[2].splitlines()
    assert len(lines) == len(told) == 2

    before = digests.FIRST_PREVIOUS
    for line, digest in zip(lines, told, strict=True):
        entry = canonical.loads_strict(line.encode())
        assert entry.pop("format") == digests.FORMAT
        entry["occurred_at"] = datetime.fromisoformat(entry["occurred_at"])
        assert entry["previous"] == before
        assert digests.entry_text(**entry) == line
        assert digests.entry_digest(**entry) == digest == sha256(line.encode()).hexdigest()
        before = digest
