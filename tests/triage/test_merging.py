"""Merging: every word keeps its source, contradictions stand side by side, and a stated precedence says which value counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from triage.merging import DANGERS, Field, Flaw, Look, Picture, Ruling, Told, merge
from triage.reports import normal
from triage.reports.normal import (
    Battery,
    BatteryCondition,
    Component,
    Health,
    Identifier,
    IdentifierKind,
    Lock,
    LockKind,
    LockState,
    Medium,
    MediumType,
    Report,
    Verdict,
)

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
GIB = 2**30
SSD = Medium(serial="S4X1NB0K", model="SAMSUNG MZVLB256", capacity_bytes=256_060_514_304, type=MediumType.NVME)
HDD = Medium(serial="WD-WX21A7", model="WDC WD10", capacity_bytes=1_000_204_886_016, type=MediumType.HDD)


def told(kind: str, *, hours: int = 0, **fields: object) -> Told:
    made = Report(kind=kind, **fields)  # type: ignore[arg-type]
    return Told(at=AT + timedelta(hours=hours), report=made, ref=f"{kind}-{hours}", by="user:1")


def inventory(kind: str = "lshw.json", *, hours: int = 0, **fields: object) -> Told:
    parts = (Component(kind="processor", model="i5-8350U"), Component(kind="memory"))
    return told(kind, hours=hours, components=parts, **fields)


def swollen(at: datetime = AT) -> tuple[Flaw, Look]:
    found = frozenset({"battery_swollen"})
    return Flaw(code="battery_swollen", severity="critical", at=at), Look(at=at, found=found, by="user:2", ref="look-1")


def seen(picture: Picture, name: str) -> tuple[list[str], str, str]:
    one = picture.by_name[name]
    return [value.key for value in one.values], one.why, one.clash


def test_what_agrees_is_said_once_with_all_its_sources() -> None:
    picture = merge(
        [
            inventory(manufacturer="Dell Inc.", model="Latitude 5490", serial="5CG8xyz12", memory_bytes=16 * GIB),
            inventory("glpi.json", hours=1, manufacturer="DELL", model="Latitude 5490", serial="5CG8XYZ12", memory_bytes=15 * GIB),
        ]
    )  # fmt: skip

    assert picture.clashes == []
    maker = picture.by_name["maker"]
    assert [(source.kind, source.ref, source.by) for source in maker.counts.sources] == [
        ("lshw.json", "lshw.json-0", "user:1"),
        ("glpi.json", "glpi.json-1", "user:1"),
    ]
    # 15 GiB are 16 of which the machine keeps some.
    assert picture.counting("memory") == str(16 * GIB)
    assert {one.why for one in picture.fields} == {"agreed"}


@pytest.mark.parametrize(
    ("first", "second", "name", "expected"),
    [
        ({"serial": "PF1ABCDE"}, {"serial": "ZZ99QQQQ"}, "serial", (["PF1ABCDE", "ZZ99QQQQ"], "first", "identity")),
        ({"manufacturer": "HP"}, {"manufacturer": "Dell Inc."}, "maker", (["HP", "Dell Inc."], "first", "identity")),
        ({"memory_bytes": 16 * GIB}, {"memory_bytes": 8 * GIB}, "memory", ([str(8 * GIB), str(16 * GIB)], "careful", "reading")),
        ({"media": (SSD,)}, {"media": (SSD, HDD)}, "drive:WD-WX21A7", (["inside", "not_seen"], "careful", "drives")),
        (
            {"locks": (Lock(kind=LockKind.FINDER, state=LockState.OPEN),)},
            {"locks": (Lock(kind=LockKind.FINDER, state=LockState.LOCKED),)},
            "lock:finder",
            (["locked", "open"], "careful", "reading"),
        ),
        ({"battery": Battery(health_percent=92)}, {"battery": Battery(health_percent=61)}, "battery", (["61", "92"], "careful", "reading")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_two_words_stand_side_by_side_and_the_careful_one_counts_whichever_is_newer(
    first: dict[str, object], second: dict[str, object], name: str, expected: tuple[list[str], str, str], turned: bool
) -> None:
    one, other = (second, first) if turned else (first, second)
    picture = merge([inventory("lshw.json", **one), inventory("hwinfo.text", hours=1, **other)])

    values, why, clash = seen(picture, name)
    assert (why, clash) == expected[1:]
    assert values == (list(reversed(expected[0])) if turned and why == "first" else expected[0])
    assert [one.name for one in picture.clashes] == [name]


def test_a_test_of_the_part_counts_before_an_inventory_and_a_look_before_both() -> None:
    listed = inventory("lshw.json", hours=2, battery=Battery(health_percent=98))
    measured = told("windows.powercfg", battery=Battery(design_mwh=50_000, full_mwh=30_500))

    assert seen(merge([measured, listed]), "battery") == (["61", "98"], "test", "reading")

    flaw, look = swollen()
    picture = merge([measured, listed], flaws=[flaw], looks=[look])
    assert seen(picture, "battery") == (["battery_swollen", "61", "98"], "look", "reading")
    assert [(each.by, each.ref) for each in picture.by_name["battery"].counts.sources] == [("user:2", "look-1")]
    assert picture.battery_share is None
    assert picture.faults() == ({}, set())


def test_a_tool_that_measures_again_replaces_its_own_reading_alone() -> None:
    picture = merge(
        [
            told("android.battery", battery=Battery(health_percent=62)),
            told("android.battery", hours=1, battery=Battery(health_percent=97)),
        ]
    )
    assert seen(picture, "battery") == (["97", "62"], "alone", "")
    assert picture.by_name["battery"].values[1].earlier

    other = merge(
        [
            told("phonecheck.json", battery=Battery(health_percent=62)),
            told("android.battery", hours=1, battery=Battery(health_percent=97)),
        ]
    )
    assert seen(other, "battery") == (["62", "97"], "careful", "reading")
    assert other.faults() == ({"battery_worn": "major"}, {"battery"})


def test_what_was_read_before_the_repair_is_shown_and_decides_nothing() -> None:
    worn = told("android.battery", battery=Battery(health_percent=41))

    picture = merge([worn], repaired={"battery": AT + timedelta(hours=1)})

    assert seen(picture, "battery") == (["41"], "before_repair", "")
    assert (picture.battery_share, picture.faults()) == (None, ({}, set()))
    fresh = told("powercfg.xml", hours=2, battery=Battery(health_percent=99))
    again = merge([worn, fresh], repaired={"battery": AT + timedelta(hours=1)})
    assert seen(again, "battery") == (["99", "41"], "alone", "")


def test_what_a_person_settled_counts_until_somebody_says_a_third_thing() -> None:
    words = [inventory(serial="PF1ABCDE"), inventory("hwinfo.text", hours=1, serial="ZZ99QQQQ")]
    settled = {"serial": Ruling(key="ZZ99QQQQ", known=("PF1ABCDE", "ZZ99QQQQ"))}

    assert seen(merge(words, settled=settled), "serial") == (["ZZ99QQQQ", "PF1ABCDE"], "settled", "")
    third = merge([*words, inventory("glpi.json", hours=2, serial="THIRD1234")], settled=settled)
    assert seen(third, "serial") == (["ZZ99QQQQ", "PF1ABCDE", "THIRD1234"], "settled", "identity")
    # What a person saw is no reading: nothing settles it away but another look.
    flaw, look = swollen()
    reading = told("android.battery", battery=Battery(health_percent=92))
    ruling = {"battery": Ruling(key="92", known=("92", "battery_swollen"))}
    assert seen(merge([reading], flaws=[flaw], looks=[look], settled=ruling), "battery")[:2] == (
        ["battery_swollen", "92"],
        "look",
    )


def test_the_unit_s_record_is_a_word_too_and_numbers_that_name_one_thing_are_checked() -> None:
    phone = told(
        "phonecheck.json",
        serial="F2LXX111",
        identifiers=(
            Identifier(kind=IdentifierKind.IMEI, value="490154203237518", valid=True),
            Identifier(kind=IdentifierKind.IMEI, value="356938035643809", valid=True),
        ),
    )
    same = merge([phone], record={"serial": ["F2LXX111"], "imei": ["356938035643809"]})
    assert same.clashes == []

    other = merge([phone], record={"serial": ["C39ZZZ99"], "imei": ["352099001761481"]})
    assert [(one.name, one.clash, one.why) for one in other.clashes] == [
        ("serial", "identity", "record"),
        ("imei", "identity", "record"),
    ]

    broken = (Identifier(kind=IdentifierKind.IMEI, value="490154203237519", valid=False),)
    wrong = replace(phone, report=replace(phone.report, identifiers=broken))
    assert [one.name for one in merge([wrong]).clashes] == ["imei"]


def test_one_drive_has_many_spellings_and_a_report_that_lists_no_drives_denies_none() -> None:
    uuid = "4C4C4544-0031-3310-8057-B7C04F4D4E32"
    turned = "44454C4C-3100-1033-8057-B7C04F4D4E32"
    picture = merge(
        [
            inventory(media=(SSD, HDD), identifiers=(Identifier(kind=IdentifierKind.UUID, value=uuid),)),
            told("smartctl.json", hours=1, media=(replace(HDD, serial="WX21A7", health=Health(passed=False)),)),
            told("windows.powercfg", hours=2, battery=Battery(health_percent=90)),
            inventory(
                "glpi.json",
                hours=3,
                media=(replace(SSD, serial=None), HDD),
                identifiers=(Identifier(kind=IdentifierKind.UUID, value=turned),),
            ),
        ]
    )  # fmt: skip

    assert [(drive.label, drive.presence.clash) for drive in picture.drives] == [("S4X1NB0K", ""), ("WD-WX21A7", "")]
    assert picture.drives[1].health == Health(passed=False)
    assert picture.clashes == []
    # A drive that was taken out with a record is missed by nobody.
    seen_once = [inventory(media=(SSD, HDD)), inventory("hwinfo.text", hours=1, media=(SSD,))]
    later = merge(seen_once, removed=frozenset({"WDWX21A7"}))
    assert later.clashes == []
    assert later.by_name["drive:WD-WX21A7"].why == "taken_out"


def test_of_two_tools_that_tried_one_drive_the_worse_counts_and_both_stand_there() -> None:
    good = replace(SSD, health=Health(passed=True, reallocated=0, power_on_hours=400))
    bad = replace(SSD, health=Health(passed=False, reallocated=12))

    picture = merge([inventory("ereuse.workbench11", media=(good,)), told("smartctl.json", hours=-1, media=(bad,))])

    assert picture.drives[0].health == Health(passed=False, reallocated=12, power_on_hours=400)
    assert seen(picture, "health:S4X1NB0K") == (["fail", "pass"], "careful", "reading")


def test_a_lock_that_counts_is_a_fault_and_a_carrier_s_is_none() -> None:
    locks = (
        Lock(kind=LockKind.ACTIVATION, state=LockState.LOCKED),
        Lock(kind=LockKind.CARRIER, state=LockState.LOCKED),
        Lock(kind=LockKind.MDM, state=LockState.UNKNOWN),
    )

    assert merge([told("ios.diagnostics", locks=locks)]).faults() == ({"locked": "major"}, set())


# For any words whatever ------------------------------------------------------------------------------------------------------------------

KINDS = some.sampled_from(["lshw.json", "glpi.json", "ereuse.workbench11", "android.battery", "phonecheck.json"])
REPORTS = some.builds(
    told,
    KINDS,
    hours=some.integers(0, 6),
    serial=some.sampled_from([None, "PF1ABCDE", "ZZ99QQQQ"]),
    memory_bytes=some.sampled_from([None, 8 * GIB, 16 * GIB]),
    media=some.sets(some.sampled_from([SSD, HDD])).map(tuple),
    battery=some.one_of(
        some.none(),
        some.builds(
            Battery,
            health_percent=some.one_of(some.none(), some.integers(0, 130)),
            condition=some.sampled_from([None, *BatteryCondition]),
        ),
    ),
    tests=some.sets(
        some.builds(
            normal.Test, code=some.sampled_from(["keyboard", "stress"]), verdict=some.sampled_from(list(Verdict))
        )
    ).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(some.lists(REPORTS, max_size=4), some.booleans())
def test_nothing_that_was_said_is_lost_and_a_swollen_battery_stays_swollen(
    words: list[Told], looked_first: bool
) -> None:
    words = sorted(words, key=lambda one: one.at)
    flaw, look = swollen(AT - timedelta(hours=1) if looked_first else AT + timedelta(days=1))
    picture = merge(words, flaws=[flaw], looks=[look])

    assert picture == merge(words, flaws=[flaw], looks=[look])
    assert picture.counting("battery") in DANGERS
    assert "battery_swollen" not in picture.faults()[1]
    sources = {source.ref for one in picture.fields for value in one.values for source in value.sources}
    assert sources >= {one.ref for one in words if one.report.serial or one.report.memory_bytes or one.report.media}
    for one in picture.fields:
        assert all(_in_order(one))


def _in_order(one: Field) -> list[bool]:
    """No value that counts for less stands before one that counts for more, and what is earlier stands last."""
    flags = [value.earlier for value in one.values]
    ranked = one.why in {"settled", "careful"} or one.counts.rank == min(value.rank for value in one.live or one.values)
    return [flags == sorted(flags), ranked]
