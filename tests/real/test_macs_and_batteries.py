"""Real outputs of macOS' tools and of the tools that tell of batteries, against what stands in them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.real.conftest import data_set
from triage.reports import registry
from triage.reports.normal import MediumType, Report, UnreadableReport
from triage.reports.placeholders import clean_serial

FOLDERS = ("macos-system_profiler", "macos-ioreg", "macos-storages", "win32-powercfg", "upower", "acpiconf")


def files() -> list[Path]:
    found = [
        path
        for path in sorted(data_set("glpi-agent-resources").rglob("*"))
        if path.is_file() and path.parent.name in FOLDERS and not path.name.startswith("dmidecode")
    ]
    assert found
    return found


def read(path: Path) -> Report | None:
    try:
        return registry.read(path.read_bytes())
    except UnreadableReport as error:
        assert error.code in {"NO_DEVICE", "UNKNOWN_FORMAT"}, path
        return None


def text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def first(pattern: str, told: str) -> str | None:
    found = re.search(pattern, told, re.MULTILINE)
    return found[1].strip() if found else None


def test_every_output_is_read_or_describes_no_thing() -> None:
    for path in files():
        told = text(path)
        names_a_thing = re.search(
            r"Serial Number \(system\)|IOPlatformSerialNumber|<DesignCapacity>|Battery Information:|energy-full|Design capacity"
            r"|<key>device_serial</key>\s*<string>|DisplayWidth|IODisplayEDID",
            told,
        )
        assert (read(path) is not None) or not names_a_thing, path


def test_a_mac_is_named_by_its_overview_and_by_nothing_else() -> None:
    for path in files():
        told, report = text(path), read(path)
        if report is None or not report.kind.startswith(("system_profiler.text", "ioreg.text")):
            continue
        serial = first(r"Serial Number \(system\): (.*)$", told) or first(r'"IOPlatformSerialNumber" = "(.*)"', told)
        model = first(r"Model Identifier: (.*)$", told) or first(r"\+-o (\S+)  <class IOPlatformExpertDevice", told)
        assert report.serial == clean_serial(serial), path
        assert report.model == model, path
        assert report.manufacturer in ({"Apple", "Apple Inc."} if model else {None}), path


def test_every_serial_of_a_drive_stands_there_and_its_exact_bytes_too() -> None:
    for path in files():
        told, report = text(path), read(path)
        for medium in report.media if report else ():
            assert not medium.serial or medium.serial in told, path
            exact = str(medium.capacity_bytes or "")
            if re.search(r"\(\d[\d\s.,]* bytes\)|size_in_bytes", told):
                assert exact in re.sub(r"(?<=\d)[\s.,](?=\d{3})", "", told), path
            elif medium.capacity_bytes and medium.type is not MediumType.USB:
                assert report is not None
                rounded = {f"{medium.capacity_bytes / 2**power:.2f}".rstrip("0").rstrip(".") for power in (30, 40)}
                assert any(size in told.replace(",", ".") for size in rounded), path


def test_batteries_tell_the_figures_that_stand_there() -> None:
    for path in files():
        told, report = text(path), read(path)
        battery = report.battery if report else None
        if battery is None:
            continue
        cycles = first(r"Cycle [Cc]ount: (\d+)$", told) or first(r"<CycleCount>([1-9]\d*)<", told)
        designs = re.findall(r"<DesignCapacity>(\d+)<", told)
        assert battery.cycles == (
            max(map(int, re.findall(r"<CycleCount>(\d+)<", told)), default=int(cycles or 0)) or None
        ), path
        if designs:
            assert battery.design_mwh == sum(map(int, designs)), path
            assert battery.full_mwh == sum(map(int, re.findall(r"<FullChargeCapacity>(\d+)<", told))), path
        percent = first(r"^\s*capacity:\s+([\d,.]+)%", told)
        if percent:
            assert battery.health_percent == round(float(percent.replace(",", "."))), path
