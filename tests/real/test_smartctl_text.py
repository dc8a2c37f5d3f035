"""Real outputs of smartctl for people, against the values that were read from them by another program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.real.conftest import data_set
from triage.reports.normal import MediumType, Report, UnreadableReport
from triage.reports.smartctl import text_form
from triage.reports.sniff import Sniff


def outputs() -> list[Path]:
    found = [path for path in sorted(data_set("smartctl-text-pysmart").rglob("_*")) if path.is_file()]
    assert found
    return found


def read(path: Path) -> Report | None:
    """The report, or None when the output is refused for naming no drive."""
    sniff = Sniff(path.read_bytes())
    assert text_form.recognises(sniff), path
    try:
        return text_form.parse(sniff)
    except UnreadableReport as error:
        assert error.code == "NO_DEVICE", path
        return None


def truth(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((path.parent / "device.json").read_text())["values"]
    return values


def test_every_output_is_read_or_refused_with_a_reason() -> None:
    for path in outputs():
        names_a_drive = "INFORMATION SECTION" in path.read_text(encoding="utf-8", errors="replace")
        assert (read(path) is not None) is names_a_drive, path


def test_drives_are_read_as_another_program_read_them() -> None:
    for path in outputs():
        if path.parent.parent.name != "singletests" or (report := read(path)) is None:
            continue
        values, medium = truth(path), report.media[0]
        assert report.model == values["model"], path
        # A serial that its owner crossed out is none.
        assert report.serial == (None if set(values["serial"]) == {"X"} else values["serial"]), path
        assert medium.capacity_bytes == values["size"], path
        assert medium.firmware == values["firmware"], path
        if values["rotation_rate"]:
            assert medium.type is MediumType.HDD, path
        elif values["is_ssd"]:
            assert medium.type in {MediumType.SSD, MediumType.NVME}, path
        assert medium.health is not None
        assert medium.health.passed is {"PASS": True, "FAIL": False, None: None}[values["assessment"]], path


def test_a_drive_known_to_have_failed_does_not_pass_by_its_own_word() -> None:
    for path in sorted(data_set("issue-excerpts").rglob("smartctl/*.txt")):
        report = text_form.parse(Sniff(path.read_bytes()))
        assert report.serial, path
        assert report.media[0].health is not None
        assert report.media[0].health.passed is None, path
        assert report.warnings, path
