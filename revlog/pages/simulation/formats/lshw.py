"""``lshw -json``, as version B.02.19 prints it."""

from __future__ import annotations

import json
from typing import Any

from revlog.pages.simulation.catalog import CPUS
from revlog.pages.simulation.machines import Disk, Machine

CHASSIS = {"laptop": "notebook", "desktop": "desktop", "server": "server"}


def written(machine: Machine) -> bytes:
    model = machine.model
    tree: dict[str, Any] = {
        "id": "bench",
        "class": "system",
        "claimed": True,
        "handle": "DMI:000F",
        "description": {"laptop": "Notebook", "server": "Rack Mount Chassis"}.get(
            model.device_class, "Desktop Computer"
        ),
        "product": f"{model.part or model.name} ({model.sku})",
        "vendor": model.maker,
        "version": model.name,
        "serial": machine.serial,
        "width": 64,
        "configuration": {"boot": "normal", "chassis": CHASSIS.get(model.device_class, "desktop"), "sku": model.sku},
        "capabilities": {"smbios-3.0.0": "SMBIOS version 3.0.0", "dmi-3.0.0": "DMI version 3.0.0"},
        "children": [
            {
                "id": "core",
                "class": "bus",
                "claimed": True,
                "handle": "DMI:0010",
                "description": "Motherboard",
                "physid": "0",
                "vendor": model.maker,
                "children": [_memory(machine), _processor(machine), *_bridge(machine)],
            }
        ],
    }
    return (json.dumps(tree, indent=2) + "\n").encode()


def _memory(machine: Machine) -> dict[str, Any]:
    sticks = 2 if machine.model.memory_gib >= 16 else 1
    size = machine.memory_bytes // sticks
    return {
        "id": "memory",
        "class": "memory",
        "claimed": True,
        "handle": "DMI:0003",
        "description": "System Memory",
        "physid": "3",
        "slot": "System board or motherboard",
        "units": "bytes",
        "size": machine.memory_bytes,
        "children": [
            {
                "id": f"bank:{place}",
                "class": "memory",
                "claimed": True,
                "handle": f"DMI:{place + 4:04X}",
                "description": "SODIMM DDR4 Synchronous Unbuffered (Unregistered) 2400 MHz (0.4 ns)",
                "product": "M471A1K43CB1-CRC",
                "vendor": "Samsung",
                "physid": str(place),
                "serial": f"{machine.serial[-4:]}{place:04d}",
                "slot": f"ChannelA-DIMM{place}",
                "units": "bytes",
                "size": size,
                "width": 64,
                "clock": 2400000000,
            }
            for place in range(sticks)
        ],
    }


def _processor(machine: Machine) -> dict[str, Any]:
    return {
        "id": "cpu",
        "class": "processor",
        "claimed": True,
        "handle": "DMI:0009",
        "description": "CPU",
        "product": CPUS[machine.model.cpu],
        "vendor": "Intel Corp.",
        "physid": "9",
        "businfo": "cpu@0",
        "slot": "U3E1",
        "units": "Hz",
        "size": 1700000000,
        "width": 64,
        "configuration": {"cores": "4", "enabledcores": "4", "threads": "8"},
    }


def _bridge(machine: Machine) -> list[dict[str, Any]]:
    network = {
        "id": "network",
        "class": "network",
        "claimed": True,
        "handle": "PCI:0000:00:1f.6",
        "description": "Ethernet interface",
        "product": "Ethernet Connection (4) I219-LM",
        "vendor": "Intel Corporation",
        "physid": "1f.6",
        "businfo": "pci@0000:00:1f.6",
        "logicalname": "enp0s31f6",
        "serial": machine.mac,
        "units": "bit/s",
        "capacity": 1000000000,
    }
    return [network, *(_drive(disk, place) for place, disk in enumerate(machine.disks))]


def _drive(disk: Disk, place: int) -> dict[str, Any]:
    kind = disk.kind
    if kind.type == "nvme":
        return {
            "id": f"nvme:{place}",
            "class": "storage",
            "claimed": True,
            "handle": f"PCI:0000:{place + 3:02x}:00.0",
            "description": "NVMe device",
            "product": kind.model,
            "vendor": kind.maker,
            "physid": "0",
            "businfo": f"pci@0000:{place + 3:02x}:00.0",
            "logicalname": f"/dev/nvme{place}",
            "version": kind.firmware,
            "serial": disk.serial,
            "configuration": {"driver": "nvme", "latency": "0", "state": "live"},
            "children": [
                {
                    "id": "namespace",
                    "class": "disk",
                    "claimed": True,
                    "handle": f"GUID:{place}",
                    "description": "NVMe disk",
                    "physid": "1",
                    "businfo": f"nvme@{place}:1",
                    "logicalname": f"/dev/{disk.name}",
                    "units": "bytes",
                    "size": kind.capacity,
                    "configuration": {"logicalsectorsize": "512", "sectorsize": "512"},
                }
            ],
        }
    return {
        "id": f"disk:{place}",
        "class": "disk",
        "claimed": True,
        "handle": f"SCSI:{place:02d}:00:00:00",
        "description": "ATA Disk",
        "product": kind.model,
        "vendor": kind.maker,
        "physid": f"0.{place}.0",
        "businfo": f"scsi@{place}:0.0.0",
        "logicalname": f"/dev/{disk.name}",
        "version": kind.firmware,
        "serial": disk.serial,
        "units": "bytes",
        "size": kind.capacity,
        "configuration": {"ansiversion": "5", "logicalsectorsize": "512", "sectorsize": "4096"},
    }
