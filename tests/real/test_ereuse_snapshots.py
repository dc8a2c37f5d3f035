"""Every open file of both eReuse sets, and the snapshots against figures that are read out of them in another way."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real.conftest import data_set
from triage.reports import answer, child, encode, registry
from triage.reports.normal import ErasureOutcome, MediumType, Report, UnreadableReport
from triage.reports.placeholders import clean, clean_serial

REFUSED = {"UNKNOWN_FORMAT", "EMPTY", "NO_SYSTEM", "NO_DEVICE", "BAD_JSON", "BAD_YAML", "TRUNCATED"}


def files() -> list[Path]:
    found = [
        path
        for name in ("ereuse-workbench-fixtures", "ereuse-devicehub-snapshots")
        for path in sorted((data_set(name) / "open").rglob("*"))
        if path.is_file()
    ]
    assert len(found) > 150
    return found


@pytest.fixture(scope="module")
def reports() -> dict[Path, Report | UnreadableReport]:
    found: dict[Path, Report | UnreadableReport] = {}
    for path in files():
        try:
            found[path] = registry.read(path.read_bytes())
        except UnreadableReport as error:
            found[path] = error
    return found


def read_already(reports: dict[Path, Report | UnreadableReport], *kinds: str) -> list[tuple[Path, Report]]:
    return [(path, one) for path, one in reports.items() if isinstance(one, Report) and one.kind in kinds]


def test_every_file_is_read_or_refused_with_a_reason(reports: dict[Path, Report | UnreadableReport]) -> None:
    kinds = Counter(one.kind if isinstance(one, Report) else one.code for one in reports.values())
    print("\n" + "\n".join(f"{count:5d} {kind}" for kind, count in kinds.most_common()))  # noqa: T201 - the summary

    assert kinds["ereuse.workbench11"] > 70
    assert kinds["ereuse.workbench-lite"] > 10
    assert kinds["lshw.json"] > 30
    for path, one in reports.items():
        if isinstance(one, UnreadableReport):
            assert one.code in REFUSED, path.name
            assert one.sentence.endswith("."), path.name


def test_only_files_that_are_no_report_of_a_machine_are_refused(reports: dict[Path, Report | UnreadableReport]) -> None:
    refused = [path for path, one in reports.items() if isinstance(one, UnreadableReport)]

    other = [path for path in refused if not re.search(r"\.(hwinfo|battery|sysbench)\.|hwinfo|\.ini$", path.name)]
    assert {path.name for path in other} == {
        "eee-1000pxd.lshw.json",
        "processor_without_product.xml",
        "namibia_lifecycle_ordering.json",
    }


def test_the_child_process_reads_every_file_as_this_process_does(
    reports: dict[Path, Report | UnreadableReport],
) -> None:
    for path, here in reports.items():
        if isinstance(here, Report):
            assert child.read_bounded(path.read_bytes()) == here, path.name
        else:
            with pytest.raises(UnreadableReport) as refused:
                child.read_bounded(path.read_bytes())
            assert str(refused.value) == str(here), path.name


def test_every_report_becomes_a_line_of_json_and_survives_the_pipe(
    reports: dict[Path, Report | UnreadableReport],
) -> None:
    for path, one in reports.items():
        if isinstance(one, Report):
            assert encode.decode(json.loads(json.dumps(encode.encode(one)))) == one, path.name
            line = answer.answer(one, file=path.name)
            assert json.loads(json.dumps(line))["status"] == "parsed"


def test_no_placeholder_comes_out_as_a_serial(reports: dict[Path, Report | UnreadableReport]) -> None:
    known = re.compile(r"(?i)to be filled|default string|serial number|not specified|^none$|^0+$|^x+$|^empty$|invalid")
    for path, one in reports.items():
        if isinstance(one, Report):
            said = [one.manufacturer, one.model, one.serial, one.asset_tag]
            said += [value for medium in one.media for value in (medium.serial, medium.model, medium.manufacturer)]
            said += [value for part in one.components for value in (part.serial, part.model, part.manufacturer)]
            assert not [value for value in said if value and known.search(value)], path.name


def plain(path: Path) -> Any:
    text = path.read_text()
    try:
        return json.loads(text)
    except ValueError:
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but strings


def test_a_snapshot_s_own_words_are_what_comes_out(reports: dict[Path, Report | UnreadableReport]) -> None:
    for path, report in read_already(reports, "ereuse.workbench11"):
        snapshot = plain(path)
        device = snapshot["device"]
        assert report.manufacturer == clean(device.get("manufacturer")), path.name
        assert report.model == clean(device.get("model")), path.name
        if report.serial is not None or clean_serial(device.get("serialNumber")) is None:
            assert report.serial == clean_serial(device.get("serialNumber")), path.name
        drives = [
            part
            for part in snapshot.get("components") or []
            if (part.get("@type") or part.get("type")) in {"HardDrive", "SolidStateDrive", "DataStorage"}
        ]
        assert [medium.serial for medium in report.media] == [clean_serial(drive["serialNumber"]) for drive in drives]
        assert [medium.model for medium in report.media] == [clean(drive["model"]) for drive in drives], path.name


def test_sizes_of_drives_are_right_in_every_generation_s_unit(reports: dict[Path, Report | UnreadableReport]) -> None:
    # The same drives were written in mebibytes, in megabytes, with and without the unit.
    sizes = {"160": 160041885696, "250": 250059350016, "320": 320072933376, "500": 500107862016}
    known = {
        "WD-WX11A80W7430": "160", "6RX7AWEZ": "160", "E2024242CV86HJ": "250", "Z2AYPLNP": "250", "6VY52H7X": "250",
        "WD-WCAV2U856544": "320", "WD-WCAV29008961": "320", "TF755AWHKL0LHM": "500", "WD-WCC2ETY84203": "500",
    }  # fmt: skip
    compared = 0
    for path, report in read_already(reports, "ereuse.workbench11", "ereuse.workbench-lite", "lshw.json"):
        for medium in report.media:
            if medium.serial in known:
                assert medium.capacity_bytes is not None
                assert abs(medium.capacity_bytes - sizes[known[medium.serial]]) <= 2**20, path.name
                compared += 1
    assert compared > 40


def test_raw_outputs_agree_with_what_the_firmware_says(reports: dict[Path, Report | UnreadableReport]) -> None:
    compared = 0
    for path, report in read_already(reports, "ereuse.workbench-lite", "ereuse.workbench-script"):
        top = plain(path)
        data = top["data"].get("data") or top["data"]
        system = re.search(r"\nSystem Information\n(.*?)\n\n", data["dmidecode"], re.DOTALL)
        assert system is not None
        said = dict(re.findall(r"\t([^:\n]+): (.*)", system[1]))
        assert report.manufacturer == clean(said["Manufacturer"]), path.name
        assert report.model == clean(said["Product Name"]), path.name
        assert report.serial == clean_serial(said["Serial Number"]), path.name
        sizes = re.findall(r"\nMemory Device\n(?:\t.*\n)*?\tSize: (\d+) (MB|GB)\n", data["dmidecode"])
        bytes_of = [int(size) * (2**20 if unit == "MB" else 2**30) for size, unit in sizes]
        total = sum(size for size in bytes_of if size > 64 * 2**20)  # the rest is the firmware's own flash chip
        assert report.memory_bytes == total, path.name
        compared += 1
    assert compared > 10


def test_drives_of_raw_outputs_are_those_that_smartctl_asked(reports: dict[Path, Report | UnreadableReport]) -> None:
    for path, report in read_already(reports, "ereuse.workbench-lite"):
        outputs = plain(path)["data"]["smart"]
        wanted = {one["serial_number"]: one for one in outputs if one.get("serial_number")}
        found = {medium.serial: medium for medium in report.media}
        assert wanted.keys() <= found.keys(), path.name
        for serial, one in wanted.items():
            assert found[serial].model == one["model_name"], path.name
            assert found[serial].capacity_bytes == one["user_capacity"]["bytes"], path.name
        others = [medium for serial, medium in found.items() if serial not in wanted]
        assert {medium.type for medium in others} <= {MediumType.USB, MediumType.OPTICAL}, path.name


def test_no_erasure_with_an_error_or_a_gap_counts_as_a_success(
    reports: dict[Path, Report | UnreadableReport],
) -> None:
    outcomes: Counter[ErasureOutcome] = Counter()
    for path, report in read_already(reports, "ereuse.workbench11", "ereuse.events"):
        for erasure in report.erasures:
            outcomes[erasure.outcome] += 1
            if erasure.outcome is ErasureOutcome.SUCCESS:
                assert erasure.serial, path.name
                assert erasure.rounds, path.name
                assert not erasure.pass_errors, path.name
            if erasure.outcome is ErasureOutcome.UNKNOWN:
                assert erasure.doubts, path.name
    assert outcomes[ErasureOutcome.SUCCESS] > 10
    assert outcomes[ErasureOutcome.FAILED] >= 2
    assert outcomes[ErasureOutcome.UNKNOWN] >= 2


def test_an_event_alone_belongs_to_no_drive_and_proves_nothing(
    reports: dict[Path, Report | UnreadableReport],
) -> None:
    alone = read_already(reports, "ereuse.events")

    assert len(alone) == 2
    assert all(erasure.outcome is ErasureOutcome.UNKNOWN for _, report in alone for erasure in report.erasures)
