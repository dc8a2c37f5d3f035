"""What ``report_coverage`` says of the open sets: every file answered, and the fields that carry a truth are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real import sidecars
from tests.real.conftest import data_set
from triage.management.commands import report_coverage
from triage.reports import coverage, registry

SETS = (
    "ereuse-workbench-fixtures", "ereuse-devicehub-snapshots", "glpi-agent-resources", "glpi-inventory-format", "issue-excerpts",
    "mobile-diagnostics", "nwipe-logs-sandbox", "smartctl-json", "smartctl-text-pysmart",
)  # fmt: skip


def test_fields_that_carry_a_truth_are_right(tmp_path: Path) -> None:
    sidecars.write(tmp_path)
    answers = list(coverage.survey(tmp_path, reader=registry.read))
    rows = {row.kind: row for row in coverage.rows(answers)}

    assert set(rows) == {"lshw.json", "hwinfo.text", "smartctl.text", "sysfs.battery"}
    assert sum(row.refused for row in rows.values()) == 0
    assert rows["smartctl.text"].fields_checked == rows["smartctl.text"].fields_right >= 100
    assert rows["lshw.json"].fields_checked >= 120
    assert rows["hwinfo.text"].fields_checked >= 20
    assert rows["sysfs.battery"].fields_checked == rows["sysfs.battery"].fields_right >= 6
    # Workbench takes the maker out of a model; we keep what is printed.
    for check in (check for answer in answers for check in answer.wrong):
        assert check.path.endswith("model"), check
        assert check.expected in check.found, check


def test_the_open_sets_are_answered_file_by_file(capsys: pytest.CaptureFixture[str]) -> None:
    answers = [answer for name in SETS for answer in coverage.survey(data_set(name) / "open", reader=registry.read)]
    with capsys.disabled():
        print("", *report_coverage.table(coverage.rows(answers)), sep="\n")  # noqa: T201 - the table is what is asked for

    assert len(answers) > 500
    for answer in answers:
        assert answer.refusal is None or answer.refusal.sentence.endswith("."), answer.path
        assert answer.refusal is None or not answer.refusal.code.startswith("PARSER"), answer.path
