"""The lshw outputs of the Workbench fixtures against the snapshots that Workbench was expected to make of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.real.conftest import data_set
from triage.reports import registry
from triage.reports.normal import MediumType, Report, UnreadableReport
from triage.reports.placeholders import clean, clean_serial

OUTSIDE = {MediumType.USB, MediumType.OPTICAL}


@pytest.fixture(scope="module")
def fixtures() -> Path:
    return data_set("ereuse-workbench-fixtures") / "open"


def read(path: Path) -> Report:
    return registry.read(path.read_bytes())


def pairs(folder: Path) -> list[tuple[str, Report, dict[str, Any]]]:
    found = []
    for expected in sorted((folder / "expected-snapshot").glob("*.snapshot.json")):
        name = expected.name.removesuffix(".snapshot.json")
        probe = folder / "fixtures" / f"{name}.lshw.json"
        if probe.exists():
            found.append((name, read(probe), json.loads(expected.read_text())))
    assert len(found) >= 15
    return found


def parts(expected: dict[str, Any], *kinds: str) -> list[dict[str, Any]]:
    return [part for part in expected["components"] if part["type"] in kinds]


def number(value: object) -> float:
    return float(str(value).split()[0])


def test_maker_and_serial_of_the_machine_are_the_expected_ones(fixtures: Path) -> None:
    for name, report, expected in pairs(fixtures):
        assert report.manufacturer == clean(expected["device"]["manufacturer"]), name
        assert report.serial == clean_serial(expected["device"]["serialNumber"]), name


def test_the_model_is_the_expected_one_as_the_firmware_prints_it(fixtures: Path) -> None:
    # Workbench took out the maker's name before the model and the word PC behind it; we keep what is printed.
    for name, report, expected in pairs(fixtures):
        model = expected["device"]["model"]
        printed = {model, f"{report.manufacturer} {model}", f"{model} PC"}
        assert report.model in printed, name


def test_the_stock_keeping_unit_never_stands_in_the_model(fixtures: Path) -> None:
    for name, report, _ in pairs(fixtures):
        assert not (report.model or "").endswith(")"), name


def test_memory_is_the_sum_of_the_expected_modules(fixtures: Path) -> None:
    compared = 0
    for name, report, expected in pairs(fixtures):
        if sizes := [number(module["size"]) for module in parts(expected, "RamModule")]:
            assert report.memory_bytes == sum(sizes) * 2**20, name
            compared += 1
    assert compared >= 12


def test_the_drives_inside_are_the_expected_ones_and_no_others(fixtures: Path) -> None:
    drives = 0
    for name, report, expected in pairs(fixtures):
        inside = {medium.serial: medium for medium in report.media if medium.type not in OUTSIDE}
        wanted = {drive["serialNumber"]: drive for drive in parts(expected, "HardDrive", "SolidStateDrive")}
        assert inside.keys() == wanted.keys(), name
        for serial, drive in wanted.items():
            model = inside[serial].model or ""
            assert model.upper() in {drive["model"].upper(), f"{drive['manufacturer']} {drive['model']}".upper()}, name
            capacity = inside[serial].capacity_bytes
            assert capacity is not None
            assert abs(capacity - number(drive["size"]) * 10**6) < 10**6, name
            drives += 1
    assert drives >= 15


def test_what_hangs_on_usb_or_spins_in_a_tray_says_so(fixtures: Path) -> None:
    stick, burner, none = (
        read(fixtures / "fixtures" / f"{name}.lshw.json") for name in ("1000h", "david", "virtualbox-no-hdd-yes-usb")
    )

    assert [medium.type for medium in stick.media if medium.model == "DT 101 G2"] == [MediumType.USB]
    assert MediumType.OPTICAL in {medium.type for medium in burner.media}
    assert {medium.type for medium in none.media} <= OUTSIDE


def test_network_addresses_are_those_of_the_expected_adapters(fixtures: Path) -> None:
    for name, report, expected in pairs(fixtures):
        wanted = {
            str(part["serialNumber"]).lower() for part in parts(expected, "NetworkAdapter") if part["serialNumber"]
        }
        assert set(report.macs) <= wanted, name


def test_a_probe_gives_the_same_drive_as_the_older_snapshot_of_the_machine(fixtures: Path) -> None:
    older = read(fixtures / "fixtures" / "erased-i5.snapshot.json")
    probe = read(fixtures / "fixtures" / "erased-i5.lshw.json")

    assert (older.manufacturer, older.model, older.serial) == (probe.manufacturer, probe.model, probe.serial)
    assert older.media[0].serial == probe.media[0].serial
    assert abs((older.media[0].capacity_bytes or 0) - (probe.media[0].capacity_bytes or 0)) <= 2**20


def test_a_part_of_a_tree_and_an_empty_file_are_refused_with_a_reason(fixtures: Path) -> None:
    for name, code in (
        ("fixtures/processor_without_product.xml", "NO_SYSTEM"),
        ("fixtures-removed-later/eee-1000pxd.lshw.json", "EMPTY"),
        ("fixtures/processor.sysbench.txt", "UNKNOWN_FORMAT"),
    ):
        with pytest.raises(UnreadableReport) as refused:
            read(fixtures / name)
        assert refused.value.code == code, name
