"""Damage to a log may cost an erasure its proof. It must never give one that the whole log doesn't give."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.triage.reports.test_nwipe import Disk, Log
from triage.reports import nwipe
from triage.reports.normal import ErasureOutcome, UnreadableReport
from triage.reports.sniff import Sniff

_EXITED = "Nwipe exited with errors, check the log & summary table for individual drive status."
_STOPPED = "Nwipe was aborted by the user. Check the summary table for the drive status."
_FAILED = Disk(status="-FAILED-", flag="!", errors=" 1 | 0 | 1", written=4096, passes=3, finished=1)
# Logs in which /dev/sdb was not erased; /dev/sdc, where it is there, was.
NOT_ERASED = tuple(
    log.text()
    for log in (
        Log(disks=(_FAILED,), closing=_EXITED),
        Log(disks=(_FAILED, Disk(name="sdc", serial="HX5-2")), closing=_EXITED, erasure_summary=True),
        Log(
            disks=(Disk(status="UABORTED", flag="!", passes=7, finished=2), Disk(name="sdc", serial="HX5-2")),
            closing=_STOPPED,
        ),
        Log(disks=(Disk(passes=0),), method="Verify Zeros (0x00)"),
        Log(disks=(Disk(written=512),)),
        Log(disks=(Disk(hidden=" *** HIDDEN SECTORS DETECTED ! *** on /dev/sdb"), Disk(name="sdc", serial="HX5-2"))),
        Log(disks=(Disk(erased=(1024, "0.00%")),), erasure_summary=True),
    )
)


def outcomes(data: bytes) -> dict[str, set[ErasureOutcome]]:
    try:
        sniff = Sniff(data)
        if not nwipe.recognises(sniff):
            return {}
        erasures = nwipe.parse(sniff).erasures
    except UnreadableReport:
        return {}
    found: dict[str, set[ErasureOutcome]] = {}
    for erasure in erasures:
        found.setdefault(erasure.device or "", set()).add(erasure.outcome)
    return found


def damaged(text: str, dice: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    for _ in range(dice.randrange(1, 6)):
        kind, at = dice.randrange(4), dice.randrange(len(lines))
        if kind == 0 and len(lines) > 1:
            lines.pop(at)
        elif kind == 1:
            other = dice.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 2:
            lines.insert(dice.randrange(len(lines)), lines[at])
        else:
            lines[at] = "".join(
                dice.choice("0123456789") if sign.isdigit() and dice.random() < 0.2 else sign for sign in lines[at]
            )
    data = "".join(lines).encode()
    return data[: dice.randrange(len(data))] if dice.random() < 0.3 else data


@settings(max_examples=examples(1500), deadline=None, derandomize=True)
@given(text=st.sampled_from(NOT_ERASED), seed=st.integers(min_value=0, max_value=2**32))
def test_no_damage_makes_a_drive_erased_that_was_not(text: str, seed: int) -> None:
    found = outcomes(damaged(text, random.Random(seed)))
    assert ErasureOutcome.SUCCESS not in found.get("/dev/sdb", set())


@settings(max_examples=examples(500), deadline=None, derandomize=True)
@given(cut=st.integers(min_value=0, max_value=10**6))
def test_no_cut_before_the_status_table_shows_an_erasure(cut: int) -> None:
    data = Log(erasure_summary=True).text().encode()
    found = outcomes(data[: 1 + cut % data.index(b"Drive Status")])
    assert all(ErasureOutcome.SUCCESS not in outcome for outcome in found.values())


@settings(max_examples=examples(300), deadline=None, derandomize=True)
@given(start=st.text(max_size=200), rest=st.binary(max_size=200))
def test_it_raises_nothing_but_refusals(start: str, rest: bytes) -> None:
    data = b"[2026/03/02 09:15:00]  notice: Found /dev/sda, " + start.encode("utf-8", "replace") + b"\n" + rest
    outcomes(data)
    outcomes(b"**** Drive Status ****\n" + rest + b"|" + start.encode("utf-8", "replace"))
