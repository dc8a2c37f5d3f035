"""Truth in the normal form, made of what data sets carry themselves: written beside links to their reports, in a folder of a test's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.real.conftest import data_set
from triage.reports.coverage import ENDING
from triage.reports.placeholders import clean, clean_serial

_ASSESSED = {"PASS": True, "FAIL": False}
_DRIVES = ("HardDrive", "SolidStateDrive")


def of_pysmart(values: dict[str, Any]) -> dict[str, Any]:
    """What pySMART read from an output of smartctl."""
    # A serial that its owner crossed out is none.
    serial = None if set(values["serial"]) == {"X"} else values["serial"]
    medium = {
        "model": values["model"],
        "serial": serial,
        "capacity_bytes": values["size"],
        "firmware": values["firmware"],
    }
    if values["rotation_rate"]:
        medium["type"] = "hdd"
    counted = {row["num"]: row["raw_int"] for row in values["attributes"] if row}
    logged = values["if_attributes"] or {}
    figures = {
        "reallocated": counted.get(5),
        "pending": counted.get(197),
        "power_on_hours": counted.get(9) or logged.get("powerOnHours"),
        "media_errors": logged.get("integrityErrors"),
        "wear_percent": logged.get("percentageUsed"),
    }
    known = {name: figure for name, figure in figures.items() if figure is not None and figure < 2**16}
    medium["health"] = {"passed": _ASSESSED.get(values["assessment"]), **known}
    return {"model": values["model"], "serial": serial, "media": [medium]}


def of_workbench(snapshot: dict[str, Any]) -> dict[str, Any]:
    """What Workbench was expected to make of an output of lshw. It rounds capacities and calls flash a hard disk: they aren't among it."""
    device, parts = snapshot["device"], snapshot["components"]
    truth: dict[str, Any] = {
        "manufacturer": clean(device["manufacturer"]),
        "model": clean(device["model"]),
        "serial": clean_serial(device["serialNumber"]),
    }
    sizes = [float(str(part["size"]).split()[0]) for part in parts if part["type"] == "RamModule" and part["size"]]
    if sizes:
        truth["memory_bytes"] = int(sum(sizes)) * 2**20
    drives = [part for part in parts if part["type"] in _DRIVES]
    if drives:
        truth["media"] = [
            {"serial": drive["serialNumber"], "model": drive["model"]}
            | ({"type": "ssd"} if drive["type"] == "SolidStateDrive" else {})
            for drive in drives
        ]
    return truth


def of_battery(snapshot: dict[str, Any]) -> dict[str, Any]:
    """What Workbench was expected to make of the kernel's account of the battery. Its milliampere hours aren't among it."""
    (part,) = (part for part in snapshot["components"] if part["type"] == "Battery")
    names = ("manufacturer", "model", "serial")
    return {"battery": {name: part["serialNumber" if name == "serial" else name] for name in names}}


def pairs() -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """Every report of the open sets that carries its truth: a name of its own, its file and the truth."""
    for values in sorted(data_set("smartctl-text-pysmart").glob("open/singletests/*/device.json")):
        truth = of_pysmart(json.loads(values.read_text())["values"])
        for output in sorted(values.parent.glob("_*")):
            if "INFORMATION SECTION" in output.read_text(encoding="utf-8", errors="replace"):
                yield f"{values.parent.name}-{output.name}", output, truth
    folder = data_set("ereuse-workbench-fixtures") / "open"
    for expected in sorted((folder / "expected-snapshot").glob("*.snapshot.json")):
        probe = folder / "fixtures" / f"{expected.name.removesuffix('.snapshot.json')}.lshw.json"
        truth = json.loads(expected.read_text())
        if probe.exists():
            yield probe.name, probe, of_workbench(truth)
        probe = probe.with_name(probe.name.replace(".lshw.json", ".hwinfo.txt"))
        if probe.exists() and "System Info:" in probe.read_text():
            yield probe.name, probe, of_workbench(truth)
        probe = probe.with_name(probe.name.replace(".hwinfo.txt", ".battery.ini"))
        if probe.exists():
            yield probe.name, probe, of_battery(truth)


def write(folder: Path) -> None:
    """Link every report that carries its truth into a folder, and put the truth beside it."""
    for name, file, truth in pairs():
        (folder / name).symlink_to(file)
        (folder / f"{name}{ENDING}").write_text(json.dumps(truth))
