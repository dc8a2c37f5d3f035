"""Real dumps and exports of phones, held against what stands in their text."""

from __future__ import annotations

import re
from pathlib import Path

from tests.real.conftest import data_set
from triage.reports import registry
from triage.reports.normal import BatteryCondition, IdentifierKind, LockState, Report


def files(pattern: str) -> list[Path]:
    found = sorted(data_set("mobile-diagnostics").rglob(pattern))
    assert found
    return found


def battery_of(report: Report) -> dict[str, str]:
    return next(part.detail for part in report.components if part.kind == "battery")


def test_a_battery_dump_tells_the_level_of_now_by_its_scale_and_no_machine() -> None:
    for path in files("android-dumpsys-battery/*.txt"):
        text, report = path.read_text(), registry.read(path.read_bytes())
        now = text[text.index("level:") :]
        level, scale = (int(re.findall(rf"\b{name}: (\d+)", now)[0]) for name in ("level", "scale"))
        learned = re.search(r"mSavedBatteryAsoc: *\[?(\d+)", text)

        assert report.kind == "android.battery", path
        assert battery_of(report)["charge_percent"] == str(round(100 * level / scale)), path
        assert report.battery is not None
        assert (report.battery.condition is BatteryCondition.GOOD) is bool(re.search(r"\bhealth: 2\b", text)), path
        assert report.battery.health_percent == (int(learned[1]) if learned else None), path
        assert (report.manufacturer, report.model, report.serial) == (None, None, None), path


def test_a_gas_gauge_that_answers_a_hundred_gives_no_health() -> None:
    for path in files("ios-diagnostics/*"):
        report = registry.read(path.read_bytes())
        assert report.battery is not None
        assert report.battery.health_percent is None, path
        assert report.battery.cycles, path


def test_a_blancco_export_is_read_as_it_is_printed() -> None:
    for path in files("blancco-mobile/*.json"):
        text, report = path.read_text(), registry.read(path.read_bytes())
        for name, value in (("manufacturer", report.manufacturer), ("model", report.model), ("serial", report.serial)):
            assert re.search(rf'"{name}": "{re.escape(value or "")}"', text), path
        assert [one.kind for one in report.identifiers if one.valid] == [IdentifierKind.IMEI] * text.count('"imei')
        assert {lock.state for lock in report.locks} == {LockState.OPEN}, path
        assert len(report.tests) == text.count('"successful"'), path
        assert report.battery is not None
        assert report.battery.health_percent == int(re.findall(r'"battery_health_metric": (\d+)', text)[0]), path
