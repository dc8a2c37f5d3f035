"""The command: one line a file in order, whatever becomes of it, and nothing else on stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from revlog.devices.journey import State
from tests.cast import Cast
from tests.factories import devices as make
from tests.factories import triage as bench
from triage.models import TestReport

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.mark.parametrize("address", ["postgresql://nobody@127.0.0.1:1/none", "nonsense://"])
def test_a_dry_run_needs_no_server_and_no_setting(tmp_path: Path, address: str) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(bench.snapshot())
    kept = {name: value for name, value in os.environ.items() if name.startswith(("LD_", "PATH"))}

    ran = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "ingest_report", "--json", "--dry-run", str(file), "missing"],
        env={**kept, "DATABASE_URL": address, "REDIS_URL": address, "REVLOG_VAR": str(tmp_path / "var")},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (ran.returncode, ran.stderr) == (0, "")
    assert [json.loads(line)["status"] for line in ran.stdout.splitlines()] == ["parsed", "refused"]
    assert not (tmp_path / "var").exists()


def test_a_wrong_environment_is_one_sentence(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "check"],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 1
    assert ran.stderr == "REVLOG_SECRET_KEY is not set; docs/configuration.md says what it holds.\n"


def test_a_dry_run_keeps_nothing(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(bench.snapshot())

    call_command("ingest_report", "--json", "--dry-run", str(file))

    assert json.loads(capsys.readouterr().out)["status"] == "parsed"
    assert not TestReport.objects.exists()
