"""Reports, looks and grades for the tests, made by the verbs that the product uses; the files are written here, in the tools' formats."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from revlog.accounts.actors import Actor
from revlog.custody.services import reactions
from revlog.devices.models import Device
from tests.cast import Cast
from tests.factories import devices
from triage.models import TestReport
from triage.services import reports

AT = devices.AT


def snapshot(
    *,
    serial: str | None = "PF1ABCDE",
    maker: str = "LENOVO",
    model: str = "20L5S00100",
    drives: tuple[str, ...] = ("S4X1NB0K",),
    mac: str | None = None,
    battery: int | None = 91,
    failed: tuple[str, ...] = (),
    passed: tuple[str, ...] = ("StressTest",),
    appearance: str | None = None,
    smart: bool = True,
    reallocated: int = 0,
    note: str = "",
) -> bytes:
    """A Workbench snapshot of a laptop."""
    events: list[dict[str, Any]] = [{"type": name, "severity": "Error", "elapsed": 60} for name in failed]
    events += [{"type": name, "severity": "Info", "elapsed": 60} for name in passed]
    if appearance:
        events.append({"type": "VisualTest", "appearanceRange": appearance, "functionalityRange": "A"})
    parts: list[dict[str, Any]] = [{"type": "Processor", "model": "i5-8350U", "manufacturer": "Intel", "events": []}]
    parts += [{"type": "RamModule", "size": 8192, "serialNumber": f"RAM{place}", "events": []} for place in range(2)]
    for name in drives:
        test = {
            "type": "TestDataStorage", "severity": "Info" if smart else "Error", "assessment": smart, "status": "Completed",
            "length": "Short", "elapsed": 120, "reallocatedSectorCount": reallocated, "lifetime": 1200,
        }  # fmt: skip
        parts.append(
            {
                "type": "SolidStateDrive",
                "model": "SAMSUNG MZVLB256",
                "serialNumber": name,
                "size": 256060,
                "interface": "NVMe",
                "events": [test],
            }
        )
    if battery is not None:
        measure = {"type": "MeasureBattery", "size": 50 * battery, "voltage": 11400, "cycles": 210}
        parts.append({"type": "Battery", "size": 5000, "serialNumber": "BAT1", "events": [measure]})
    if mac:
        parts.append({"type": "NetworkAdapter", "model": "I219-LM", "serialNumber": mac, "speed": 1000, "events": []})
    told = {
        "type": "Snapshot",
        "software": "Workbench",
        "version": "11.0b10",
        "uuid": "6f6771ba-8f7a-4f6f-9d8a-3a1a2b6b2d0c",
        "closed": True,
        "endTime": "2026-11-02T09:00:00+00:00",
        "elapsed": 300,
        "device": {
            "type": "Laptop", "manufacturer": maker, "model": model, "serialNumber": serial, "chassis": "Netbook", "events": events,
        },
        "components": parts,
        "note": note,
    }  # fmt: skip
    return json.dumps(told).encode()


def smart(*, serial: str = "S4X1NB0K", passed: bool = True, model: str = "Samsung PM981") -> bytes:
    """What ``smartctl -j -a`` says of one drive."""
    told = {
        "json_format_version": [1, 0],
        "smartctl": {"version": [7, 2], "argv": ["smartctl", "-j", "-a", "/dev/sda"], "exit_status": 0},
        "device": {"name": "/dev/sda", "info_name": "/dev/sda [SAT]", "type": "sat", "protocol": "ATA"},
        "model_name": model,
        "serial_number": serial,
        "user_capacity": {"blocks": 500118192, "bytes": 256060514304},
        "rotation_rate": 0,
        "smart_status": {"passed": passed},
        "ata_smart_attributes": {
            "table": [
                {
                    "id": 5,
                    "name": "Reallocated_Sector_Ct",
                    "raw": {"value": 0, "string": "0"},
                    "value": 100,
                    "worst": 100,
                    "thresh": 10,
                }
            ]
        },
        "power_on_time": {"hours": 4000},
    }
    return json.dumps(told).encode()


def sent(
    data: bytes, by: Actor, *, name: str = "report.json", at: datetime = AT, unit: Device | None = None
) -> TestReport:
    """The report, read and matched, and everything that follows from it done."""
    report = reports.receive_now(data=data, name=name, via="page", by=by, at=at, unit=unit)
    reactions.drain(at=at)
    report.refresh_from_db()
    return report


def tested(cast: Cast, *, at: datetime = AT, owner_agreed: bool = True, **changes: Any) -> Device:
    """A laptop in triage with a good report, graded, and leave to do what can't be undone."""
    device = devices.triaged(cast, at=at) if owner_agreed else devices.laptop(cast, at=at)
    sent(snapshot(**changes), cast.ravi, at=at)
    device.refresh_from_db()
    return device
