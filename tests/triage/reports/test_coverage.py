"""Reports against the truth that stands beside them: which fields are checked, and which are right."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from triage.reports import answer, coverage, encode, registry, truth
from triage.reports.coverage import Row
from triage.reports.normal import Health, Identifier, IdentifierKind, Medium, MediumType, Report, UnreadableReport

SSD = Medium(model="Alpha 1", serial="S-1", type=MediumType.SSD, health=Health(passed=True))
HDD = Medium(model="Beta 2", serial="S-2", type=MediumType.HDD, capacity_bytes=500)
REPORT = Report(
    kind="lshw.json",
    manufacturer="Maker",
    serial="X1",
    media=(SSD, HDD),
    macs=("00:11:22:33:44:55",),
    identifiers=(Identifier(kind=IdentifierKind.IMEI, value="490154203237518", valid=True),),
    issued_at="2026-01-02T03:04:05Z",
)
PROBE = {
    "id": "pc", "class": "system", "vendor": "Maker", "product": "Model 5", "serial": "X1",
    "children": [{"id": "core", "class": "bus", "children": [{"id": "cpu", "class": "processor", "product": "CPU"}]}],
}  # fmt: skip


def wrong(expected: dict[str, Any], report: Report | UnreadableReport = REPORT) -> list[str]:
    return [check.path for check in truth.checks(expected, report) if not check.right]


def test_a_report_against_itself_is_right_in_every_field_in_either_form() -> None:
    checks = truth.checks(encode.encode(REPORT), REPORT)

    assert len(checks) == 16
    assert all(check.right for check in checks)
    assert wrong(answer.answer(REPORT, file="x")) == []


def test_parts_are_told_by_their_serial_wherever_they_stand() -> None:
    swapped = {"media": [{"serial": "s-2", "type": "hdd"}, {"serial": "S-1", "model": "Alpha 1"}]}

    assert wrong(swapped) == ["media[0].serial"]
    assert wrong({"media": [{"model": "Alpha 1"}, {"type": "hdd"}]}) == []
    assert wrong({"media": [{"serial": "S-3"}, {"serial": "S-1"}]}) == ["media[0].serial"]


def test_what_the_truth_leaves_out_is_not_checked_and_null_must_be_absent() -> None:
    assert truth.checks({}, REPORT) == []
    assert wrong({"model": None, "battery": None, "erasures": []}) == []
    assert wrong({"manufacturer": None, "media": []}) == ["manufacturer", "media"]
    assert wrong({"media": [{"serial": "S-1"}, {"serial": "S-2"}, {"serial": None, "model": "Gamma"}]}) == [
        "media[2].model"
    ]


def test_yes_is_not_one_and_a_moment_is_the_same_in_another_writing() -> None:
    assert wrong({"media": [{"serial": "S-1", "health": {"passed": 1}}]}) == ["media[0].health.passed"]
    assert wrong({"issued_at": "2026-01-02T04:04:05+01:00"}) == []
    assert wrong({"macs": ["00:11:22:33:44:66"]}) == ["macs[0]"]


def test_a_refused_report_has_every_field_wrong_unless_it_had_to_be_refused() -> None:
    refusal = UnreadableReport("NO_DEVICE", "It names no drive.")

    assert wrong({"serial": "X1", "media": [{"serial": "S-1"}]}, refusal) == ["serial", "media[0].serial"]
    assert wrong({"status": "refused", "serial": None}, refusal) == []
    assert wrong({"status": "refused", "reason": "EMPTY: The file is empty."}, refusal) == ["reason"]
    assert "status" in wrong({"status": "refused"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inner = tmp_path / "deeper"
    inner.mkdir()
    (tmp_path / "one.json").write_text(json.dumps(PROBE))
    (tmp_path / "one.json.expected.json").write_text(json.dumps({"serial": "X1", "model": "Model 6"}))
    (inner / "two.lshw").write_text(json.dumps(PROBE | {"serial": "X2"}))
    (inner / "two.expected.json").write_text(json.dumps({"serial": "X2"}))
    (inner / "cpu.json").write_text(json.dumps({"id": "cpu", "class": "processor", "description": "CPU"}))
    (inner / "notes.txt").write_text("Hello")
    (inner / "notes.txt.expected.json").write_text("[1]")
    (inner / ".hidden").write_text("Hello")
    return tmp_path


def test_rows_count_files_and_fields_of_each_kind_also_of_those_refused(folder: Path) -> None:
    answers = list(coverage.survey(folder, reader=registry.read))
    problems = [one.problem for one in answers if one.problem]

    assert coverage.rows(answers) == [
        Row(kind="lshw.json", files=3, parsed=2, refused=1, fields_checked=3, fields_right=2, codes={"NO_SYSTEM": 1}),
        Row(kind="unknown", files=1, refused=1, codes={"UNKNOWN_FORMAT": 1}),
    ]
    assert problems == ["notes.txt.expected.json: no JSON object"]


def test_the_command_prints_an_array_or_a_table_with_refusals_and_wrong_fields(folder: Path) -> None:
    as_json, as_table, errors = StringIO(), StringIO(), StringIO()
    call_command("report_coverage", str(folder), "--json", stdout=as_json, stderr=errors)
    call_command("report_coverage", str(folder), stdout=as_table, stderr=errors)

    assert json.loads(as_json.getvalue())[0] == {
        "kind": "lshw.json", "files": 3, "parsed": 2, "refused": 1, "fields_checked": 3, "fields_right": 2,
    }  # fmt: skip
    assert 'one.json: model is "Model 5", should be "Model 6"' in as_table.getvalue()
    assert "deeper/cpu.json: NO_SYSTEM" in as_table.getvalue()
    assert "notes.txt" in errors.getvalue()
    with pytest.raises(CommandError):
        call_command("report_coverage", str(folder / "nowhere"))
