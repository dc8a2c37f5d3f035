"""``smartctl -j -a`` of one drive, as smartmontools 7.3 prints it."""

from __future__ import annotations

import json
from typing import Any

from revlog.pages.simulation.machines import Disk


def told(disk: Disk) -> dict[str, Any]:
    kind = disk.kind
    nvme = kind.type == "nvme"
    name = f"/dev/{disk.name.removesuffix('n1') if nvme else disk.name}"
    report: dict[str, Any] = {
        "json_format_version": [1, 0],
        "smartctl": {
            "version": [7, 3],
            "svn_revision": "5338",
            "platform_info": "x86_64-linux-6.1.0-21-amd64",
            "build_info": "(local build)",
            "argv": ["smartctl", "-j", "-a", name],
            "exit_status": 0 if disk.passed else 8,
        },
        "device": {
            "name": name,
            "info_name": name if nvme else f"{name} [SAT]",
            "type": "nvme" if nvme else "sat",
            "protocol": "NVMe" if nvme else "ATA",
        },
        "model_name": kind.model,
        "serial_number": disk.serial,
        "firmware_version": kind.firmware,
        "user_capacity": {"blocks": kind.capacity // 512, "bytes": kind.capacity},
        "logical_block_size": 512,
        "smart_support": {"available": True, "enabled": True},
        "smart_status": {"passed": disk.passed},
        "power_on_time": {"hours": disk.hours},
        "power_cycle_count": disk.hours // 7,
        "temperature": {"current": 34},
    }
    if nvme:
        report["nvme_total_capacity"] = kind.capacity
        report["nvme_smart_health_information_log"] = {
            "critical_warning": 0 if disk.passed else 4,
            "temperature": 34,
            "available_spare": 100,
            "available_spare_threshold": 10,
            "percentage_used": min(99, disk.hours // 500),
            "data_units_read": disk.hours * 1_900,
            "data_units_written": disk.hours * 2_300,
            "power_cycles": disk.hours // 7,
            "power_on_hours": disk.hours,
            "unsafe_shutdowns": disk.hours // 300,
            "media_errors": disk.reallocated,
            "num_err_log_entries": 0,
        }
        return report
    report["rotation_rate"] = 7200 if kind.type == "hdd" else 0
    report["form_factor"] = {"ata_value": 3, "name": "2.5 inches"}
    report["ata_smart_attributes"] = {
        "revision": 16,
        "table": [
            _attribute(5, "Reallocated_Sector_Ct", disk.reallocated, 10),
            _attribute(9, "Power_On_Hours", disk.hours, 0),
            _attribute(12, "Power_Cycle_Count", disk.hours // 7, 0),
            _attribute(197, "Current_Pending_Sector", 0, 0),
            _attribute(198, "Offline_Uncorrectable", 0, 0),
        ],
    }
    return report


def _attribute(number: int, name: str, raw: int, threshold: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "value": 100,
        "worst": 100,
        "thresh": threshold,
        "when_failed": "",
        "flags": {"value": 50, "string": "-O--CK ", "prefailure": False, "updated_online": True},
        "raw": {"value": raw, "string": str(raw)},
    }


def written(disk: Disk) -> bytes:
    return (json.dumps(told(disk), indent=2) + "\n").encode()
