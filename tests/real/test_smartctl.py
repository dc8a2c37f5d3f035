"""Real answers of smartctl: each is read as the drive it is of, or refused with a reason; none raises anything else."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.real.conftest import data_set
from triage.reports import registry
from triage.reports.normal import MediumType, Report, UnreadableReport, Verdict

# Bodies of another program's requests, which no tool prints: they are no report.
NO_REPORTS = {"web_register-devices-req-2.json", "web_register-devices-single-req.json"}
NO_DRIVE = {"detect_smartctl_scan_megaraid.json", "smart-fail.json", "smart-pass.json"}


def files() -> list[Path]:
    found = sorted(data_set("smartctl-json").rglob("*.json"))
    assert found
    return found


def parsed() -> dict[str, tuple[Report, dict[str, Any]]]:
    """Every file that names a drive, with its plain JSON."""
    return {
        path.name: (registry.read(path.read_bytes()), json.loads(path.read_bytes()))
        for path in files()
        if path.name not in NO_REPORTS | NO_DRIVE
    }


def test_every_file_is_read_or_refused_with_a_reason() -> None:
    for path in files():
        try:
            report = registry.read(path.read_bytes())
        except UnreadableReport as error:
            assert error.code in {"NO_DEVICE", "UNKNOWN_FORMAT"}, path
            assert error.sentence.endswith("."), path
            assert path.name in NO_REPORTS | NO_DRIVE or not _names_a_drive(json.loads(path.read_bytes())), path
        else:
            assert report.kind == "smartctl.json", path
            assert len(report.media) == 1, path


def _names_a_drive(answer: dict[str, Any]) -> bool:
    return bool(answer.get("model_name") or answer.get("scsi_model_name") or answer.get("serial_number"))


def test_identity_is_the_drives_as_printed() -> None:
    for name, (report, answer) in parsed().items():
        (medium,) = report.media
        assert medium.model == (answer.get("model_name") or answer.get("scsi_model_name")), name
        assert (report.model, report.serial, report.manufacturer) == (
            medium.model,
            medium.serial,
            medium.manufacturer,
        ), name
        serial = answer.get("serial_number")
        assert medium.serial == (None if serial == "REDACTED" else serial), name
        capacity = answer.get("user_capacity", {}).get("bytes") or answer.get("nvme_total_capacity")
        assert medium.capacity_bytes == capacity, name
        assert report.memory_bytes is None, name


def test_every_named_drive_has_its_maker() -> None:
    makers = {
        "Hitachi": "Hitachi", "HITACHI": "Hitachi", "HGST": "HGST", "WDC": "Western Digital", "WD": "Western Digital",
        "SAMSUNG": "Samsung", "Samsung": "Samsung", "SEAGATE": "Seagate", "INTEL": "Intel", "TOSHIBA": "Toshiba",
    }  # fmt: skip
    for name, (report, _) in parsed().items():
        if report.model is None:
            continue
        assert report.manufacturer, name
        first = report.model.split()[0]
        if first in makers:
            assert report.manufacturer == makers[first], name
        if first.startswith("Micron_"):
            assert report.manufacturer == "Micron", name


def test_the_type_follows_protocol_and_rotation() -> None:
    for name, (report, answer) in parsed().items():
        kind = report.media[0].type
        if answer["device"]["protocol"] == "NVMe":
            assert kind is MediumType.NVME, name
        elif answer.get("rotation_rate") is not None:
            assert kind is (MediumType.HDD if answer["rotation_rate"] else MediumType.SSD), name
        else:
            assert kind in {MediumType.HDD, MediumType.SSD}, name


def test_the_drives_own_verdict_is_kept_and_never_the_whole_story() -> None:
    reports = {name: report for name, (report, _) in parsed().items()}
    for name, (report, answer) in parsed().items():
        health = report.media[0].health
        assert health is not None, name
        assert health.passed is answer.get("smart_status", {}).get("passed"), name
        verdict = next(test.verdict for test in report.tests if test.code == "smart.status")
        assert verdict is {True: Verdict.PASS, False: Verdict.FAIL, None: Verdict.UNKNOWN}[health.passed], name
    failing = reports["smart-fail2.json"].media[0].health
    assert failing is not None
    assert (failing.passed, failing.reallocated, failing.pending) == (False, 1975, 8)
    nvme = reports["smart-nvme-failed.json"].media[0].health
    assert nvme is not None
    assert (nvme.passed, nvme.media_errors, nvme.wear_percent) == (True, 7, 3)
    scsi = reports["SEAGATE_ST373453LC_26.json"].media[0].health
    assert scsi is not None
    assert (scsi.grown_defects, scsi.uncorrectable) == (260, 536)
    worn = next(report for name, report in reports.items() if "SSDSC2BB016T4" in name).media[0].health
    assert worn is not None
    assert worn.wear_percent == 85
    backup = next(report for name, report in reports.items() if "SAMSUNG_MZWLL3T2HAJQ" in name).media[0].health
    assert backup is not None
    assert "Critical warning: volatile memory backup failed." in backup.warnings


def test_no_packed_raw_value_is_taken_for_a_count() -> None:
    for name, (report, _) in parsed().items():
        health = report.media[0].health
        assert health is not None
        for count in (health.reallocated, health.pending, health.uncorrectable):
            assert count is None or count < 10**6, name


def test_why_a_file_is_no_report_of_a_drive_is_said() -> None:
    told = {}
    for path in files():
        if path.name in NO_DRIVE:
            with pytest.raises(UnreadableReport) as refusal:
                registry.read(path.read_bytes())
            assert refusal.value.code == "NO_DEVICE"
            told[path.name] = refusal.value.sentence
    assert "Open failed" in told["smart-fail.json"]
    assert "--scan" in told["detect_smartctl_scan_megaraid.json"]


def test_spoiled_values_raise_nothing_but_refusals() -> None:
    dice = random.Random(7)
    junk: list[Any] = [None, True, -1, 2**70, 1.5, "", "x" * 600, [], {}, [1], {"a": {}}, "\ud800", "12 (3 4)"]
    for path in files():
        for _ in range(12):
            answer = json.loads(path.read_bytes())
            places = list(_places(answer))
            for _ in range(dice.randrange(1, 10)):
                holder, key = dice.choice(places)
                holder[key] = dice.choice(junk)
            try:
                registry.read(json.dumps(answer).encode())
            except UnreadableReport as error:
                assert error.sentence, path


def _places(value: Any) -> list[tuple[Any, Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, below in inner for place in [(value, key), *_places(below)]]
