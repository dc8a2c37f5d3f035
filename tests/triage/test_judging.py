"""The judge: the worst axis decides, silence is not a pass, and what refused the better grade is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from revlog.common.words import because as say
from triage import judging, rubrics
from triage.defects import DEFECTS, SEVERITIES, axis_of
from triage.judging import LETTERS, Evidence, Parts
from triage.merging import Flaw, Told
from triage.reports import normal
from triage.reports.normal import Battery, Health, Medium, MediumType, Report, Verdict
from triage.rubrics import Rubric, defaults
from triage.services import mending

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LAPTOP = rubrics.default_for("laptop")
GOOD = Report(
    kind="ereuse.workbench11",
    media=(Medium(serial="S1", type=MediumType.SSD, health=Health(passed=True, reallocated=0)),),
    tests=(normal.Test(code="stress", verdict=Verdict.PASS),),
    battery=Battery(health_percent=91),
)
WHOLE = Evidence(told=(Told(at=AT, report=GOOD),), inspected=True, parts=Parts(), data="cleared")


def graded(evidence: Evidence, kind: str = "laptop") -> judging.Judgement:
    return judging.judge(evidence, rubrics.default_for(kind))


def with_report(**changes: object) -> Evidence:
    return replace(WHOLE, told=(Told(at=AT, report=replace(GOOD, **changes)),))  # type: ignore[arg-type]


def test_a_laptop_that_passes_everything_is_an_a() -> None:
    found = graded(WHOLE)

    assert (found.overall, dict(found.axes), list(found.blocked)) == (
        "A",
        {"function": "A", "cosmetic": "A", "battery": "A", "storage": "A", "completeness": "A", "data": "A"},
        [],
    )


def test_the_worst_axis_decides_and_says_what_refused_the_better_grade() -> None:
    found = graded(
        replace(
            with_report(battery=Battery(health_percent=72)), flaws=(Flaw(code="scratch", severity="major", zone="lid"),)
        )
    )

    assert found.overall == "C"
    assert [say(reason) for reason in found.blocked] == ["Scratches (lid), clear."]


def test_what_nobody_looked_at_caps_the_grade_and_is_named() -> None:
    found = graded(replace(WHOLE, inspected=False))

    assert (found.overall, found.axes["cosmetic"]) == ("B", "U")
    assert [(reason["axis"], reason["code"]) for reason in found.blocked] == [("cosmetic", "not_looked_at")]


def test_a_drive_s_report_alone_is_no_grade_for_a_machine() -> None:
    found = graded(with_report(tests=(), battery=None))

    assert found.overall == "U"
    assert [reason["axis"] for reason in found.blocked] == ["function"]


def test_nothing_known_is_untested_and_no_rubric_is_not_graded() -> None:
    assert graded(Evidence()).overall == "U"
    assert graded(WHOLE, "medical").overall == "NA"


def test_sealed_goods_are_new_unless_something_is_wrong() -> None:
    assert graded(Evidence(inspected=True, sealed=True)).overall == "NEW"
    assert graded(Evidence(inspected=True, sealed=True, flaws=(Flaw(code="dent"),))).overall == "U"


@pytest.mark.parametrize(
    ("codes", "letter"),
    [(("audio",), "C"), (("audio", "camera"), "D"), (("keyboard",), "D"), (("locked",), "D"), (("burnt",), "D")],
)
def test_one_small_fault_is_a_c_and_more_or_worse_a_d(codes: tuple[str, ...], letter: str) -> None:
    assert graded(replace(WHOLE, flaws=tuple(Flaw(code=code) for code in codes))).axes["function"] == letter


@pytest.mark.parametrize(("share", "letter"), [(80, "A"), (79, "B"), (70, "B"), (69, "C"), (50, "C"), (49, "D")])
def test_the_battery_s_letter_follows_its_capacity(share: int, letter: str) -> None:
    assert graded(with_report(battery=Battery(health_percent=share))).axes["battery"] == letter


@pytest.mark.parametrize(
    ("health", "letter"),
    [
        (Health(passed=True), "A"),
        (Health(passed=False), "D"),
        (Health(passed=True, pending=1), "D"),
        (Health(passed=True, reallocated=1), "C"),
        (Health(wear_percent=25), "B"),
        (Health(power_on_hours=50_000), "C"),
        (Health(), "U"),
    ],
)
def test_the_drive_s_counts_say_more_than_its_own_verdict(health: Health, letter: str) -> None:
    assert (
        graded(with_report(media=(Medium(serial="S1", type=MediumType.HDD, health=health),))).axes["storage"] == letter
    )


def test_a_reading_taken_before_the_repair_speaks_of_a_part_that_is_gone() -> None:
    worn = replace(
        with_report(battery=Battery(health_percent=41)),
        repaired={"battery": AT + timedelta(hours=2)},
    )

    assert graded(worn).axes["battery"] == "U"
    retested = replace(
        worn,
        told=(*worn.told, Told(at=AT + timedelta(hours=3), report=replace(GOOD, battery=Battery(health_percent=99)))),
    )
    assert graded(retested).axes["battery"] == "A"


def test_the_latest_reading_of_a_drive_counts_and_a_drive_taken_out_does_not() -> None:
    bad = replace(GOOD, media=(Medium(serial="S1", type=MediumType.SSD, health=Health(passed=False)),))
    evidence = replace(WHOLE, told=(Told(at=AT, report=bad), Told(at=AT + timedelta(hours=1), report=GOOD)))

    assert graded(evidence).axes["storage"] == "A"
    assert graded(replace(WHOLE, told=(Told(at=AT, report=bad),), drives=frozenset({"OTHER"}))).axes["storage"] == "U"


def test_of_two_tools_readings_the_worse_decides_and_a_look_decides_before_any() -> None:
    phonecheck = Told(
        at=AT - timedelta(hours=1), report=Report(kind="phonecheck.json", battery=Battery(health_percent=61))
    )
    both = replace(WHOLE, told=(phonecheck, *WHOLE.told))
    swollen = Flaw(code="battery_swollen", severity="critical")

    assert graded(both).axes["battery"] == "C"
    found = graded(replace(WHOLE, flaws=(swollen,)))
    assert (found.overall, found.axes["battery"]) == ("D", "D")
    assert [say(reason) for reason in found.reasons if reason["axis"] == "battery"] == ["Battery swollen, severe."]


def test_no_drive_inside_is_no_fault() -> None:
    found = graded(replace(with_report(media=()), has_drive=False))

    assert (found.axes["storage"], found.overall) == ("NA", "A")


def test_clothes_are_graded_by_what_a_person_sees() -> None:
    assert graded(Evidence(inspected=True), "apparel").overall == "A"
    assert graded(Evidence(inspected=True, flaws=(Flaw(code="tear", severity="critical"),)), "apparel").overall == "D"
    assert graded(Evidence(), "apparel").overall == "U"


def test_every_reason_has_its_sentence() -> None:
    for evidence in (
        WHOLE,
        Evidence(),
        with_report(battery=None),
        replace(WHOLE, flaws=(Flaw(code="crack", zone="screen"),)),
    ):
        for reason in (*graded(evidence).reasons, *graded(evidence).blocked):
            told = say(reason)
            assert told.endswith(".")
            assert "{" not in told
            assert "_" not in told


def test_a_rubric_of_one_s_own_judges_by_its_own_figures() -> None:
    strict = rubrics.rubric_of("mine-1", {"axes": ["battery"], "battery": [[95, "A"], [90, "B"]]})

    found = judging.judge(WHOLE, strict)

    assert (found.rubric, found.overall) == ("mine-1", "B")


# Completeness, data, weights -------------------------------------------------------------------------------------------------------------


def test_what_belongs_to_it_is_compared_with_what_is_there_and_data_is_an_axis() -> None:
    missing = graded(replace(WHOLE, parts=Parts(missing=("charger",))))
    assert (missing.overall, missing.axes["completeness"]) == ("C", "C")
    assert [say(reason) for reason in missing.blocked] == ["Missing: charger."]

    unknown = graded(replace(WHOLE, parts=None, data="open"))
    assert (unknown.overall, unknown.axes["completeness"], unknown.axes["data"]) == ("A", "U", "U")
    assert "Its data waits to be cleared." in [say(reason) for reason in unknown.reasons]

    gone = graded(replace(WHOLE, parts=None, flaws=(Flaw(code="power_adapter"),)))
    assert (gone.axes["completeness"], gone.axes["function"]) == ("C", "A")
    stuck = graded(replace(WHOLE, data="stuck", flaws=(Flaw(code="drive_dead", severity="critical"),)))
    assert (stuck.overall, stuck.axes["data"]) == ("D", "D")


def test_weights_give_a_score_and_decide_only_where_the_rubric_says_so_within_its_floors() -> None:
    weights = {"function": 5, "cosmetic": 2, "battery": 2, "completeness": 1}
    body = defaults.BODIES["laptop"] | {"weights": weights}
    scratched = replace(
        with_report(battery=Battery(health_percent=72)), flaws=(Flaw(code="scratch", severity="major", zone="lid"),)
    )

    worst = judging.judge(scratched, rubrics.rubric_of("mine-1", body))
    assert (worst.overall, worst.score) == ("C", (5 * 100 + 2 * 55 + 2 * 80 + 100) // 10)

    weighted = body | {
        "decides": "weighted",
        "score": [[95, "A"], [80, "B"], [60, "C"]],
        "floors": ["function", "data"],
    }
    mine = rubrics.rubric_of("mine-2", weighted)
    found = judging.judge(scratched, mine)
    assert (found.overall, found.score) == ("B", 87)
    assert [reason["axis"] for reason in found.blocked] == ["cosmetic", "battery"]

    # Hard floors stay: a floor's axis, what nobody looked at, a lock, a danger.
    broken = judging.judge(replace(scratched, flaws=(Flaw(code="keyboard"),)), mine)
    assert (broken.overall, [reason["code"] for reason in broken.blocked]) == ("D", ["flaw"])
    assert judging.judge(replace(WHOLE, inspected=False), mine).overall == "B"
    for code in ("locked", "battery_swollen"):
        assert judging.judge(replace(WHOLE, flaws=(Flaw(code=code),)), replace(mine, floors=())).overall == "D"


LETTER = some.sampled_from(LETTERS)
AXES_WITH_WEIGHTS = some.dictionaries(some.sampled_from(rubrics.AXES), some.integers(0, 9), max_size=6)
FLAWS = some.builds(
    Flaw,
    code=some.sampled_from(sorted(DEFECTS)),
    severity=some.sampled_from(SEVERITIES),
    source=some.sampled_from(["inspection", "report"]),
)


@some.composite
def rubric_of_any_kind(draw: some.DrawFn) -> Rubric:
    made = rubrics.default_for(draw(some.sampled_from(["laptop", "phone", "desktop", "storage", "monitor"])))
    assert made is not None
    caps = draw(some.dictionaries(some.sampled_from(rubrics.AXES), LETTER))
    weights = draw(AXES_WITH_WEIGHTS)
    return replace(
        made,
        required=draw(some.sampled_from([made.required, ()])),
        unseen={axis: cap for axis, cap in caps.items() if axis in made.axes},
        weights={axis: weight for axis, weight in weights.items() if axis in made.axes},
        decides=draw(some.sampled_from(rubrics.DECIDES)),
        score=((90, "A"), (70, "B"), (40, "C")),
        floors=tuple(
            axis for axis in draw(some.sampled_from([(), ("function",), ("cosmetic", "data")])) if axis in made.axes
        ),
    )


def _report(share: int | None, verdict: Verdict, passed: bool | None) -> Told:
    medium = Medium(serial="S1", type=MediumType.SSD, health=Health(passed=passed))
    tests = (normal.Test(code="keyboard", verdict=verdict), normal.Test(code="stress", verdict=Verdict.PASS))
    battery = Battery(health_percent=share) if share is not None else None
    return Told(at=AT, report=replace(GOOD, battery=battery, tests=tests, media=(medium,)))


SHARES = some.one_of(some.none(), some.integers(0, 100))
EVIDENCE = some.builds(
    Evidence,
    told=some.lists(
        some.builds(_report, SHARES, some.sampled_from(list(Verdict)), some.sampled_from([None, True, False])),
        max_size=2,
    ).map(tuple),
    flaws=some.lists(FLAWS, max_size=3).map(tuple),
    inspected=some.booleans(),
    sealed=some.booleans(),
    works=some.sampled_from(["yes", "no", "untested"]),
    has_drive=some.booleans(),
    parts=some.sampled_from([None, Parts(), Parts(missing=("cable",))]),
    data=some.sampled_from(["none", "cleared", "open", "stuck"]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(EVIDENCE, FLAWS, rubric_of_any_kind())
def test_a_defect_more_never_makes_a_grade_better(evidence: Evidence, flaw: Flaw, rubric: Rubric) -> None:
    before = judging.judge(evidence, rubric)
    after = judging.judge(replace(evidence, flaws=(*evidence.flaws, flaw)), rubric)

    assert before == judging.judge(evidence, rubric)
    if "U" not in {before.overall, after.overall}:
        ranks = ("NEW", *LETTERS)
        assert ranks.index(after.overall) >= ranks.index(before.overall), (before, after)
    if before.score is not None and after.score is not None:
        assert after.score <= before.score


@settings(max_examples=80, deadline=None)
@given(EVIDENCE, some.data(), rubric_of_any_kind())
def test_taken_as_mended_the_condition_gives_the_grade_that_all_the_reports_would(
    evidence: Evidence, choice: some.DataObject, rubric: Rubric
) -> None:
    # Dangers aside: no bench mends them, and while one stands nothing is read of that battery.
    mendable = [flaw.code for flaw in evidence.flaws if axis_of(flaw.code).value != "hazard"]
    codes = choice.draw(some.sets(some.sampled_from(mendable or ["scratch"]), min_size=1))
    axes = {axis_of(code).value for code in codes}
    left = tuple(flaw for flaw in evidence.flaws if flaw.code not in codes)
    broken = any(axis_of(flaw.code).value == "function" for flaw in left)
    works = "yes" if "function" in axes and evidence.works == "no" and not broken else evidence.works
    later = dict.fromkeys(axes - {"function", "cosmetic"}, AT + timedelta(days=1))
    bench = replace(
        rubric,
        unseen={axis: cap for axis, cap in rubric.unseen.items() if axis not in axes},
        required=tuple(axis for axis in rubric.required if axis not in axes),
    )

    long_way = judging.judge(replace(evidence, flaws=left, sealed=False, works=works, repaired=later), bench)

    assert mending.reached(evidence.condition, rubric, frozenset(codes)) == long_way.overall
