"""Captures of real machines, screens and drives: each is answered, and what came out stands in the file, found there in another way."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.real.conftest import data_set
from triage.reports import registry
from triage.reports.normal import MediumType, Report, UnreadableReport
from triage.reports.placeholders import clean, clean_serial

FOLDERS = {
    "dmidecode": {"dmidecode.text"},
    "powersupplies": {"dmidecode.text", "ipmitool.fru"},
    "edid": {"edid.block"},
    "hdparm": {"hdparm.text"},
    "ipmitool-fru": {"ipmitool.fru"},
    "linux-storages": {"glpi.storages"},
    "megacli": {"megacli.text"},
    "smartctl-info": {"smartctl.text"},
}


def read(path: Path) -> Report | UnreadableReport:
    try:
        return registry.read(path.read_bytes())
    except UnreadableReport as error:
        return error


@pytest.fixture(scope="module")
def answers() -> dict[Path, Report | UnreadableReport]:
    root = data_set("glpi-agent-resources") / "open"
    found = [path for name in FOLDERS for path in sorted((root / name).rglob("*")) if path.is_file()]
    assert len(found) > 100
    return {path: read(path) for path in found}


def of(answers: dict[Path, Report | UnreadableReport], folder: str) -> list[tuple[Path, str, Report]]:
    return [
        (path, path.read_bytes().decode("latin-1").replace("\r", ""), one)
        for path, one in answers.items()
        if isinstance(one, Report) and folder in path.parts
    ]


def test_every_file_is_read_as_its_kind_or_refused_with_a_reason(
    answers: dict[Path, Report | UnreadableReport],
) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for path, one in answers.items():
        folder = next(part for part in path.parts if part in FOLDERS)
        if isinstance(one, Report):
            assert one.kind in FOLDERS[folder], path
            counts[folder, one.kind] += 1
        else:
            assert one.code in {"NO_DEVICE", "NOT_TEXT"}, path
            assert one.sentence.endswith("."), path
            counts[folder, one.code] += 1
    print("\n" + "\n".join(f"{count:4d} {' '.join(name)}" for name, count in sorted(counts.items())))  # noqa: T201 - the summary
    assert not [name for name in counts if name[0] == "edid" and name[1] != "edid.block"]


def said(text: str, title: str, *names: str) -> str | None:
    """The line of a structure, by hand: from its title to the next structure."""
    section = re.search(rf"^[ \t]*{title}.*\n((?:.*\n)*?)(?=^Handle|\Z)", text, re.MULTILINE)
    for name in names:
        if section and (line := re.search(rf"^[ \t]+{name}:[ \t]*(.*)$", section[1], re.MULTILINE)):
            return line[1].strip()
    return None


def test_machines_bear_the_names_of_their_system(answers: dict[Path, Report | UnreadableReport]) -> None:
    named = 0
    for path, text, report in of(answers, "dmidecode"):
        assert report.manufacturer == clean(said(text, "System Information", "Manufacturer", "Vendor")), path
        assert report.model == clean(said(text, "System Information", "Product Name", "Product")), path
        serial = clean_serial(said(text, "System Information", "Serial Number"))
        case = clean_serial(said(text, "Chassis Information", "Serial Number"))
        assert report.serial == serial or (serial is None and report.serial == case and report.warnings), path
        named += report.serial is not None
        modules = re.findall(r"^[ \t]+Size: (\d+) (MB|GB)$", text, re.MULTILINE)
        total = sum(int(size) * (2**20 if unit == "MB" else 2**30) for size, unit in modules)
        if total:
            assert report.memory_bytes == total, path
    assert named > 12


def test_refused_tables_hold_nothing_that_names_a_thing(answers: dict[Path, Report | UnreadableReport]) -> None:
    for path, one in answers.items():
        if isinstance(one, UnreadableReport) and {"dmidecode", "powersupplies"} & set(path.parts):
            lines = re.findall(
                r"^[ \t]+(?:Manufacturer|Serial Number|Product Name|Name|Model Part Number|SBDS Serial Number): *(.*)$",
                path.read_text(),
                re.MULTILINE,
            )
            assert not [line for line in lines if clean_serial(line)], path


def test_parts_of_extracts_stand_in_their_files(answers: dict[Path, Report | UnreadableReport]) -> None:
    for folder in ("powersupplies", "ipmitool-fru", "dmidecode"):
        for path, text, report in of(answers, folder):
            for part in report.components:
                for value in (part.serial, part.model):
                    assert value is None or value in text or value in " ".join(text.split()), path
                assert part.kind != "power_supply" or part.serial or part.manufacturer or part.detail, path


def test_screens_are_named_as_their_bytes_say(answers: dict[Path, Report | UnreadableReport]) -> None:
    with_serial = 0
    for path, _, report in of(answers, "edid"):
        data = path.read_bytes()
        texts = [
            data[at + 5 : at + 18].split(b"\n")[0].decode("latin-1").strip("\0 ")
            for at in (54, 72, 90, 108)
            if data[at : at + 3] == b"\0\0\0"
        ]
        assert report.manufacturer, path
        assert report.model is None or report.model in texts or report.model.replace(" ", "\x01") in texts, path
        number = int.from_bytes(data[12:16], "little")
        assert report.serial is None or report.serial in {*texts, str(number)}, path
        (screen,) = report.screens
        assert screen.made_year == (1990 + data[17] if data[17] else None), path
        if data[21] and data[22]:
            assert abs((screen.width_mm or 0) - data[21] * 10) <= 10, path
        with_serial += report.serial is not None
    assert with_serial > 50


def test_drives_are_those_that_the_files_name(answers: dict[Path, Report | UnreadableReport]) -> None:
    for folder in ("hdparm", "megacli", "linux-storages", "smartctl-info"):
        for path, text, report in of(answers, folder):
            for medium in report.media:
                assert medium.serial is None or medium.serial in text, path
                assert medium.model is None or medium.model in " ".join(text.split()) or medium.model in text, path
                assert medium.type is MediumType.OPTICAL or medium.capacity_bytes, path
            if folder == "megacli":
                assert len(report.media) == text.count("Inquiry Data:"), path
                assert all(one.manufacturer and one.serial and one.firmware for one in report.media), path


def test_hwinfo_agrees_with_what_another_program_made_of_the_same_machine() -> None:
    """Against lshw's own reading of the machine of the same name; the truth's drives bear their names cut to sixteen letters."""
    root = data_set("ereuse-workbench-fixtures") / "open"
    compared = 0
    for path in sorted(root.rglob("*.hwinfo.*")):
        beside = path.with_name(path.name.split(".")[0] + ".lshw.json")
        report = read(path)
        assert isinstance(report, Report), path
        assert report.kind == "hwinfo.text", path
        if not beside.is_file() or not beside.stat().st_size:
            continue
        other = registry.read(beside.read_bytes())
        if report.manufacturer is not None:
            assert (report.manufacturer, report.model, report.serial) == (
                other.manufacturer,
                other.model,
                other.serial,
            ), path
            assert report.memory_bytes == other.memory_bytes, path
        inside = {one.serial: one for one in report.media if one.type not in {MediumType.USB, MediumType.OPTICAL}}
        for medium in other.media:
            if medium.type in {MediumType.HDD, MediumType.SSD}:
                mine = inside[medium.serial]
                assert mine.capacity_bytes == medium.capacity_bytes, path
                assert (mine.model or "").startswith(medium.model or ""), path
        assert set(report.macs) == set(other.macs), path
        compared += 1
    assert compared >= 4


def test_a_battery_s_figures_are_the_kernel_s() -> None:
    for path in sorted((data_set("ereuse-workbench-fixtures") / "open").rglob("*.battery.ini")):
        lines = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
        report = read(path)
        if not lines["POWER_SUPPLY_CHARGE_FULL"]:
            assert isinstance(report, UnreadableReport), path
            continue
        assert isinstance(report, Report), path
        assert report.battery is not None
        share = int(lines["POWER_SUPPLY_CHARGE_FULL"]) / int(lines["POWER_SUPPLY_CHARGE_FULL_DESIGN"])
        assert abs((report.battery.health_percent or 0) - share * 100) <= 0.5, path
        assert report.battery.model == lines["POWER_SUPPLY_MODEL_NAME"], path
