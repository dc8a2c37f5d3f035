"""The command: one line a file in order, whatever becomes of it, and nothing else on stdout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from revlog.devices.journey import State
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from triage.models import TestReport


def lines(capsys: pytest.CaptureFixture[str], *files: Path | str) -> list[dict[str, object]]:
    call_command("ingest_report", "--json", *map(str, files))
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_file_is_answered_and_what_was_read_is_kept(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    device = make.laptop(cast)
    known, unknown, cut = tmp_path / "known.json", tmp_path / "unknown.json", tmp_path / "cut.json"
    known.write_bytes(bench.snapshot())
    unknown.write_bytes(bench.snapshot(serial="QQ123", drives=("ZZZ9",)))
    cut.write_bytes(bench.snapshot()[:150])

    found = lines(capsys, known, unknown, cut, tmp_path, tmp_path / "missing.json")

    assert [line["status"] for line in found] == ["ingested", "unmatched", "refused", "refused", "refused"]
    assert [str(line["reason"]).split(":")[0] for line in found] == [
        "None", "UNKNOWN_UNIT", "TRUNCATED", "NOT_A_FILE", "NOT_FOUND",
    ]  # fmt: skip
    assert [line["file"] for line in found] == [
        str(f) for f in (known, unknown, cut, tmp_path, tmp_path / "missing.json")
    ]
    assert len({tuple(line) for line in found}) == 1
    assert found[0]["serial"] == "PF1ABCDE"
    assert found[0]["memory_bytes"] == 16 * 2**30
    assert make.state_of(device) == State.IN_TRIAGE
    assert TestReport.objects.count() == 3


def test_the_same_file_again_is_the_same_line(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make.laptop(cast)
    file = tmp_path / "a.json"
    file.write_bytes(bench.snapshot())

    assert lines(capsys, file) == lines(capsys, file)
    assert TestReport.objects.count() == 1


def test_a_dry_run_keeps_nothing(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(bench.snapshot())

    call_command("ingest_report", "--json", "--dry-run", str(file))

    assert json.loads(capsys.readouterr().out)["status"] == "parsed"
    assert not TestReport.objects.exists()
