"""Snapshots of the eReuse Workbench: version 11, and the workbench-script that followed it."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from revlog.pages.simulation.catalog import CPUS
from revlog.pages.simulation.formats import lshw, smartctl
from revlog.pages.simulation.machines import Disk, Machine

TYPES = {"laptop": ("Laptop", "Netbook"), "desktop": ("Desktop", "Tower"), "server": ("Server", "Tower")}


def version11(machine: Machine, *, at: datetime, appearance: str = "", tested: bool = True) -> bytes:
    """A Workbench 11 snapshot: machine, parts, tests; ``appearance`` A to E is what the person at the bench said of its looks."""
    model = machine.model
    kind, chassis = TYPES.get(model.device_class, TYPES["desktop"])
    events: list[dict[str, Any]] = []
    if tested:
        severity = "Error" if "StressTest" in machine.failed else "Info"
        events.append({"type": "StressTest", "severity": severity, "elapsed": 300})
    events += [{"type": name, "severity": "Error", "elapsed": 30} for name in machine.failed if name != "StressTest"]
    if appearance:
        events.append(
            {"type": "VisualTest", "appearanceRange": appearance, "functionalityRange": "B" if machine.failed else "A"}
        )
    sticks = 2 if model.memory_gib >= 16 else 1
    parts: list[dict[str, Any]] = [
        {
            "type": "Processor",
            "model": CPUS[model.cpu],
            "manufacturer": "Intel Corp.",
            "cores": 4,
            "threads": 8,
            "events": [],
        }
    ]
    parts += [
        {
            "type": "RamModule", "size": model.memory_gib * 1024 // sticks, "interface": "DDR4", "speed": 2400,
            "manufacturer": "Samsung", "model": "M471A1K43CB1-CRC", "serialNumber": f"{machine.serial[-4:]}{place:04d}", "events": [],
        }
        for place in range(sticks)
    ]  # fmt: skip
    parts += [_drive(disk) for disk in machine.disks]
    if machine.battery is not None:
        size = 57_000 * machine.battery // 100
        measured = {"type": "MeasureBattery", "size": size, "voltage": 11400, "cycles": machine.cycles}
        parts.append(
            {
                "type": "Battery",
                "size": 57_000,
                "serialNumber": f"{machine.serial[-5:]}B",
                "technology": "LiIon",
                "events": [measured],
            }
        )
    if machine.mac:
        parts.append(
            {"type": "NetworkAdapter", "model": "I219-LM", "serialNumber": machine.mac, "speed": 1000, "events": []}
        )
    told = {
        "type": "Snapshot",
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{machine.serial}:{at.isoformat()}")),
        "version": "11.0b10",
        "software": "Workbench",
        "closed": True,
        "endTime": at.isoformat(),
        "elapsed": 620,
        "device": {
            "type": kind, "chassis": chassis, "manufacturer": model.maker, "model": model.part or model.name,
            "serialNumber": machine.serial, "events": events,
        },
        "components": parts,
    }  # fmt: skip
    return json.dumps(told, indent=2).encode()


def _drive(disk: Disk) -> dict[str, Any]:
    kind = disk.kind
    return {
        "type": "HardDrive" if kind.type == "hdd" else "SolidStateDrive",
        "manufacturer": kind.maker,
        "model": kind.model,
        "serialNumber": disk.serial,
        "size": kind.capacity // 1_000_000,
        "interface": "NVMe" if kind.type == "nvme" else "ATA",
        "variant": kind.firmware,
        "events": [
            {
                "type": "TestDataStorage", "severity": "Info" if disk.passed else "Error", "assessment": disk.passed,
                "status": "Completed without error", "length": "Short", "elapsed": 120, "lifetime": disk.hours,
                "reallocatedSectorCount": disk.reallocated, "powerCycleCount": disk.hours // 7,
            }
        ],
    }  # fmt: skip


def script(machine: Machine, *, at: datetime) -> bytes:
    """A workbench-script snapshot: the raw outputs of dmidecode, lshw and smartctl in one file."""
    told: dict[str, Any] = {
        "timestamp": at.isoformat(),
        "type": "Snapshot",
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"script:{machine.serial}:{at.isoformat()}")),
        "software": "workbench-script",
        "version": "2024.11.0",
        "operator_id": None,
        "data": {
            "smartctl": [json.dumps(smartctl.told(disk)) for disk in machine.disks],
            "dmidecode": _dmidecode(machine),
            "inxi": "[]",
        },
        "erase": [],
    }
    return json.dumps(told, indent=2).encode()


def _dmidecode(machine: Machine) -> str:
    model = machine.model
    chassis = {"laptop": "Notebook", "server": "Rack Mount Chassis"}.get(model.device_class, "Desktop")
    sticks = 2 if model.memory_gib >= 16 else 1
    lines = [
        "# dmidecode 3.4", "Getting SMBIOS data from sysfs.", "SMBIOS 3.0.0 present.", "",
        "Handle 0x000F, DMI type 1, 27 bytes", "System Information", f"\tManufacturer: {model.maker}",
        f"\tProduct Name: {model.part or model.name}", f"\tVersion: {model.name}", f"\tSerial Number: {machine.serial}",
        f"\tSKU Number: {model.sku}", f"\tFamily: {model.name}", "",
        "Handle 0x0011, DMI type 3, 22 bytes", "Chassis Information", f"\tManufacturer: {model.maker}", f"\tType: {chassis}",
        f"\tSerial Number: {machine.serial}", "\tAsset Tag: No Asset Information", "",
        "Handle 0x0009, DMI type 4, 48 bytes", "Processor Information", "\tManufacturer: Intel(R) Corporation",
        f"\tVersion: {CPUS[model.cpu]}", "\tStatus: Populated, Enabled", "\tCore Count: 4", "",
    ]  # fmt: skip
    for place in range(sticks):
        lines += [
            f"Handle 0x000{place + 4}, DMI type 17, 40 bytes", "Memory Device", f"\tSize: {model.memory_gib // sticks} GB",
            "\tForm Factor: SODIMM", f"\tLocator: ChannelA-DIMM{place}", "\tType: DDR4", "\tManufacturer: Samsung",
            f"\tSerial Number: {machine.serial[-4:]}{place:04d}", "\tPart Number: M471A1K43CB1-CRC", "",
        ]  # fmt: skip
    return "\n".join(lines)


def raw_lshw(machine: Machine) -> bytes:
    """The machine's tree alone, as a technician saves it."""
    return lshw.written(machine)
