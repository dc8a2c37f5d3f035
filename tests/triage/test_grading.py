"""The rubric on one report: the same judge as for a unit, with nothing assumed that the report doesn't show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from revlog.common.words import because as say
from triage import grading, rubrics
from triage.reports import normal
from triage.reports.normal import (
    Battery,
    Component,
    Erasure,
    ErasureOutcome,
    Health,
    Medium,
    MediumType,
    Report,
    Verdict,
)

LAPTOP = Report(
    kind="ereuse.workbench11",
    chassis="Netbook",
    components=(Component(kind="processor", model="x"),),
    media=(Medium(serial="S1", type=MediumType.SSD, health=Health(passed=True, reallocated=0)),),
    tests=(normal.Test(code="stress", verdict=Verdict.PASS),),
    battery=Battery(health_percent=91),
    inspection={"appearance": "A", "functionality": "A"},
)


def with_health(**counts: int | bool) -> Report:
    return replace(LAPTOP, media=(Medium(serial="S1", type=MediumType.HDD, health=Health(**counts)),))  # type: ignore[arg-type]


def test_a_laptop_that_passes_everything_is_an_a() -> None:
    found = grading.grade(LAPTOP)

    assert (found.rubric, found.overall) == ("laptop-2026-2", "A")
    assert dict(found.axes) == dict.fromkeys(("function", "cosmetic", "battery", "storage"), "A") | {
        # What belongs to it, and what became of its data, no report tells.
        "completeness": "U",
        "data": "U",
    }


def test_the_worst_axis_decides_and_gives_the_reason() -> None:
    found = grading.grade(replace(LAPTOP, inspection={"appearance": "C"}, battery=Battery(health_percent=72)))

    assert found.overall == "C"
    assert [say(reason) for reason in found.blocked] == ["Stated by the inspector in the report."]


def test_the_battery_s_letter_follows_its_measured_capacity() -> None:
    for share, letter in ((100, "A"), (80, "A"), (79, "B"), (70, "B"), (69, "C"), (50, "C"), (49, "D")):
        axes = grading.grade(replace(LAPTOP, battery=Battery(full_mwh=share * 100, design_mwh=10_000))).axes
        assert axes["battery"] == letter


@pytest.mark.parametrize(
    ("report", "letter"),
    [
        (with_health(passed=True), "A"),
        (with_health(passed=False), "D"),
        (with_health(passed=True, pending=1), "D"),
        (with_health(passed=True, uncorrectable=2), "D"),
        (with_health(passed=True, reallocated=1), "C"),
        (with_health(passed=True, reallocated=50), "D"),
        (with_health(wear_percent=25), "B"),
        (with_health(power_on_hours=50_000), "C"),
        (with_health(), "U"),
        (replace(LAPTOP, media=()), "NA"),
    ],
)
def test_the_drive_s_counts_say_more_than_its_own_verdict(report: Report, letter: str) -> None:
    assert grading.grade(report).axes["storage"] == letter


def test_a_stick_in_the_port_is_not_graded() -> None:
    stick = Medium(serial="U1", type=MediumType.USB, health=Health(passed=False))

    assert grading.preview(replace(LAPTOP, media=(*LAPTOP.media, stick))) == "A"


def test_one_failed_port_is_a_c_and_a_failed_keyboard_a_d() -> None:
    def graded(*codes: str) -> str:
        tests = tuple(normal.Test(code=code, verdict=Verdict.FAIL) for code in codes)
        return grading.grade(replace(LAPTOP, tests=tests)).axes["function"]

    assert graded("audio") == "C"
    assert graded("audio", "camera") == "D"
    assert graded("keyboard") == "D"
    assert graded("a_test_that_nobody_here_knows") == "D"


def test_what_nobody_tested_is_untested_and_no_pass() -> None:
    bare = Report(
        kind="lshw.json", chassis="laptop", components=LAPTOP.components, media=(Medium(type=MediumType.HDD),)
    )
    unclear = replace(bare, tests=(normal.Test(code="stress", verdict=Verdict.UNKNOWN),))

    found = grading.grade(bare)

    assert found.overall == "U"
    assert dict(found.axes) == dict.fromkeys(rubrics.AXES, "U")
    assert grading.preview(unclear) == "U"


def test_one_axis_that_was_tested_is_told_though_others_were_not() -> None:
    assert grading.preview(replace(LAPTOP, tests=(), battery=None, inspection={})) == "A"


def test_what_no_rubric_is_for_is_not_graded() -> None:
    assert grading.preview(replace(LAPTOP, manufacturer="QEMU")) == "NA"
    assert grading.preview(replace(LAPTOP, chassis="Keyboard")) == "NA"
    assert grading.preview(Report(kind="ereuse.events")) == "NA"


def test_a_drive_alone_is_graded_by_its_health_and_its_wipe() -> None:
    drive = Report(kind="smartctl.json", media=(Medium(serial="S1", health=Health(passed=True)),))
    wiped = Report(kind="nwipe.log", erasures=(Erasure(device="/dev/sda", outcome=ErasureOutcome.SUCCESS),))
    broken = Report(kind="nwipe.log", erasures=(Erasure(device="/dev/sda", outcome=ErasureOutcome.FAILED),))

    assert grading.grade(drive).rubric == "storage-2026-2"
    assert [grading.preview(one) for one in (drive, wiped, broken)] == ["A", "U", "D"]


def test_a_machine_that_names_no_chassis_is_judged_by_its_battery() -> None:
    battery = Component(kind="battery", model="B")

    assert grading.class_of(replace(LAPTOP, chassis=None, battery=None)) == "desktop"
    assert grading.class_of(replace(LAPTOP, chassis=None, battery=None, components=(battery,))) == "laptop"


def test_a_rubric_of_one_s_own_judges_by_its_own_figures() -> None:
    strict = rubrics.rubric_of("mine-1", {"axes": ["battery"], "battery": [[95, "A"], [90, "B"]]})

    found = grading.grade(LAPTOP, rubric=strict)

    assert (found.rubric, found.overall) == ("mine-1", "B")
