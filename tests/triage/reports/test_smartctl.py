"""smartctl's JSON, made up in its true form: identity, type, health, and what it must not be taken for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from triage.reports import smartctl
from triage.reports.normal import Health, MediumType, Report, UnreadableReport, Verdict
from triage.reports.smartctl.makers import maker_of
from triage.reports.sniff import Sniff

HEADER = {"version": [7, 3], "argv": ["smartctl", "-x", "-j", "/dev/sda"], "exit_status": 0}
ATA = {"name": "/dev/sda", "info_name": "/dev/sda [SAT]", "type": "sat", "protocol": "ATA"}


def answer(**fields: Any) -> dict[str, Any]:
    return {
        "smartctl": HEADER,
        "device": ATA,
        "model_name": "WDC WD20EFRX-68EUZN0",
        "serial_number": "WD-TEST00017",
        "user_capacity": {"blocks": 3907029168, "bytes": 2000398934016},
        "rotation_rate": 5400,
        **fields,
    }


def read(value: dict[str, Any]) -> Report:
    sniff = Sniff(json.dumps(value).encode())
    assert smartctl.recognises(sniff)
    return smartctl.parse(sniff)


def health(value: dict[str, Any]) -> Health:
    found = read(value).media[0].health
    assert found is not None
    return found


def attribute(number: int, name: str, count: int, printed: str | None = None, **fields: Any) -> dict[str, Any]:
    raw = {"value": count, "string": str(count) if printed is None else printed}
    return {"id": number, "name": name, "value": 100, "raw": raw, **fields}


def attributes(*rows: dict[str, Any]) -> dict[str, Any]:
    return answer(ata_smart_attributes={"table": list(rows)})


def test_a_report_is_of_the_drive() -> None:
    report = read(
        answer(firmware_version="82.00A82", local_time={"time_t": 1772440000}, sata_version={"string": "SATA 3.1"})
    )
    (medium,) = report.media
    assert (report.manufacturer, report.model, report.serial) == (
        "Western Digital",
        "WDC WD20EFRX-68EUZN0",
        "WD-TEST00017",
    )
    assert (medium.capacity_bytes, medium.type, medium.firmware, medium.interface) == (
        2000398934016,
        MediumType.HDD,
        "82.00A82",
        "SATA",
    )
    assert (report.tool, report.tool_version, report.issued_at) == ("smartctl", "7.3", "2026-03-02T08:26:40Z")
    assert report.memory_bytes is None


def test_a_redacted_serial_is_none() -> None:
    assert read(answer(serial_number="REDACTED")).serial is None


def test_a_scsi_drive_is_named_by_vendor_and_product() -> None:
    value = {
        "smartctl": HEADER,
        "device": {"name": "/dev/sdb", "type": "scsi", "protocol": "SCSI"},
        "scsi_vendor": "SEAGATE",
        "scsi_product": "ST600MM0006",
        "scsi_revision": "LS0A",
        "scsi_transport_protocol": {"name": "SAS (SPL-4)"},
        "rotation_rate": 10500,
        "scsi_grown_defect_list": 3,
        "scsi_error_counter_log": {"read": {"total_uncorrected_errors": 2}, "write": {"total_uncorrected_errors": 1}},
    }
    report = read(value)
    medium = report.media[0]
    assert (report.manufacturer, report.model, medium.firmware, medium.interface) == (
        "Seagate",
        "ST600MM0006",
        "LS0A",
        "SAS",
    )
    assert (health(value).grown_defects, health(value).uncorrectable) == (3, 3)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"rotation_rate": 7200}, MediumType.HDD),
        ({"rotation_rate": 0}, MediumType.SSD),
        ({"rotation_rate": None}, MediumType.UNKNOWN),
        ({"rotation_rate": None, "trim": {"supported": True}}, MediumType.SSD),
        ({"rotation_rate": None, "model_name": "PEBBLE SSD 240"}, MediumType.SSD),
        ({"device": {"type": "nvme", "protocol": "NVMe"}, "rotation_rate": None}, MediumType.NVME),
        ({"device": {"type": "sntjmicron", "protocol": "NVMe"}}, MediumType.NVME),
        ({"device": {"type": "sat+megaraid,4", "protocol": "ATA"}}, MediumType.HDD),
        ({"device_type": {"name": "tape"}, "device": {"type": "scsi", "protocol": "SCSI"}}, MediumType.TAPE),
        ({"device_type": {"name": "CD/DVD"}, "device": {"type": "scsi", "protocol": "SCSI"}}, MediumType.OPTICAL),
    ],
)
def test_the_type_is_that_of_the_drive_behind_the_bridge(fields: dict[str, Any], kind: MediumType) -> None:
    assert read(answer(**fields)).media[0].type is kind


def test_a_drive_without_rate_that_spins_up_is_a_hard_disk() -> None:
    value = attributes(attribute(3, "Spin_Up_Time", 0))
    del value["rotation_rate"]
    assert read(value).media[0].type is MediumType.HDD


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"user_capacity": None, "nvme_total_capacity": 512110190592}, 512110190592),
        ({"nvme_total_capacity": 4000398934016}, 4000398934016),
        ({"user_capacity": None, "nvme_namespaces": [{"size": {"bytes": 100}}, {"size": {"bytes": 200}}]}, 300),
        ({"user_capacity": {"bytes": 0}}, None),
        ({"user_capacity": {"bytes": "many"}}, None),
    ],
)
def test_the_capacity_is_the_drives(fields: dict[str, Any], size: int | None) -> None:
    assert read(answer(**fields)).media[0].capacity_bytes == size


def test_counts_are_taken_where_they_are_counts() -> None:
    found = health(
        attributes(
            attribute(5, "Reallocated_Sector_Ct", 1975),
            attribute(197, "Current_Pending_Sector", 8),
            attribute(198, "Offline_Uncorrectable", 2),
            attribute(187, "Reported_Uncorrect", 5),
        )
    )
    assert (found.reallocated, found.pending, found.uncorrectable) == (1975, 8, 5)


def test_a_packed_raw_value_gives_its_printed_count_or_none() -> None:
    packed = 12 | 7 << 32
    found = health(attributes(attribute(5, "Reallocated_Sector_Ct", packed, "12 (0 7)")))
    assert (found.reallocated, found.warnings) == (12, ())
    found = health(attributes(attribute(5, "Reallocated_Sector_Ct", packed)))
    assert found.reallocated is None
    assert "packs" in found.warnings[0]
    assert health(attributes(attribute(5, "Reallocated_Sector_Ct", 0xFFFFFFFF))).reallocated is None


def test_an_attribute_that_means_something_else_is_not_counted() -> None:
    found = health(attributes(attribute(197, "Average_Temperature", 30), attribute(198, "Host_Reads", 9)))
    assert (found.pending, found.uncorrectable) == (None, None)


@pytest.mark.parametrize(
    ("fields", "wear"),
    [
        ({"nvme_smart_health_information_log": {"percentage_used": 104}}, 104),
        ({"scsi_percentage_used_endurance_indicator": 3, "rotation_rate": 0}, 3),
        ({"endurance_used": {"current_percent": 9}, "rotation_rate": 0}, 9),
    ],
)
def test_wear_is_percent_used(fields: dict[str, Any], wear: int) -> None:
    assert health(answer(**fields)).wear_percent == wear


def test_wear_comes_from_normalised_attributes_of_solid_state_drives_only() -> None:
    value = attributes(attribute(231, "SSD_Life_Left", 0, value=61))
    value["rotation_rate"] = 0
    assert health(value).wear_percent == 39
    value["ata_smart_attributes"]["table"][0]["name"] = "Temperature_Celsius"
    assert health(value).wear_percent is None
    value["ata_smart_attributes"]["table"][0]["name"] = "SSD_Life_Left"
    value["rotation_rate"] = 7200
    assert health(value).wear_percent is None


def test_critical_warnings_are_said_in_words() -> None:
    found = health(answer(nvme_smart_health_information_log={"critical_warning": 0b101001, "media_errors": 7}))
    assert found.media_errors == 7
    assert found.warnings == (
        "Critical warning: spare capacity below threshold.",
        "Critical warning: media is read-only.",
        "Critical warning: persistent memory region unreliable.",
    )


def test_attributes_below_their_threshold_are_said() -> None:
    found = health(attributes(attribute(5, "Reallocated_Sector_Ct", 9, when_failed="now")))
    assert found.warnings == ("Reallocated_Sector_Ct is at or below its threshold now.",)


@pytest.mark.parametrize(("status", "verdict"), [(True, Verdict.PASS), (False, Verdict.FAIL), (None, Verdict.UNKNOWN)])
def test_the_drives_verdict_is_a_test(status: bool | None, verdict: Verdict) -> None:
    value = answer() if status is None else answer(smart_status={"passed": status})
    assert [(test.code, test.verdict) for test in read(value).tests] == [("smart.status", verdict)]


def test_the_latest_self_test_is_a_test() -> None:
    rows = [
        {"type": {"string": "Short offline"}, "status": {"string": "Completed: read failure", "passed": False}},
        {"type": {"string": "Extended offline"}, "status": {"passed": True}},
    ]
    found = read(answer(ata_smart_self_test_log={"standard": {"table": rows}})).tests[1]
    assert (found.code, found.verdict, found.detail) == ("smart.self-test", Verdict.FAIL, "Short offline")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"smartctl": HEADER, "devices": [{"name": "/dev/sda"}]}, "--scan"),
        ({"smartctl": HEADER, "device": ATA, "smart_status": {"passed": True}}, "names no drive"),
        (
            {"smartctl": {**HEADER, "messages": [{"string": "No such device", "severity": "error"}]}},
            "could not read the drive: No such device.",
        ),
    ],
)
def test_an_answer_without_a_drive_is_refused(value: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableReport) as refusal:
        read(value)
    assert refusal.value.code == "NO_DEVICE"
    assert words in refusal.value.sentence


def test_errors_beside_a_drive_are_warnings() -> None:
    messages = [
        {"string": "Read SMART Log failed", "severity": "error"},
        {"string": "hello", "severity": "information"},
    ]
    assert read(answer(smartctl={**HEADER, "messages": messages})).warnings == ("smartctl says: Read SMART Log failed",)


@pytest.mark.parametrize(
    "value", [{}, [], {"device": "sda"}, {"smartctl": 7}, {"device": {"protocol": "HTTP", "type": "x"}}]
)
def test_it_leaves_other_json_alone(value: Any) -> None:
    assert not smartctl.recognises(Sniff(json.dumps(value).encode()))


@pytest.mark.parametrize(
    ("model", "maker"),
    [
        ("WDC WD10EZEX-00BN5A0", "Western Digital"),
        ("WD20EFRX-68EUZN0", "Western Digital"),
        ("ST2000DM008-2FR102", "Seagate"),
        ("ST3200820AS", "Seagate"),
        ("HGST HTS721010A9E630", "HGST"),
        ("HTS541010A9E680", "Hitachi"),
        ("SAMSUNG MZVLB256HAHQ-000L7", "Samsung"),
        ("MZ7LN256HMJP-000H1", "Samsung"),
        ("TOSHIBA MQ01ABF050", "Toshiba"),
        ("KXG60ZNV512G TOSHIBA", "Toshiba"),
        ("INTEL SSDSC2KB240G8", "Intel"),
        ("SSDSC2BB480G7", "Intel"),
        ("CT500MX500SSD1", "Crucial"),
        ("MTFDDAK256TBN-1AR1ZABHA", "Micron"),
        ("KINGSTON SA400S37240G", "Kingston"),
        ("PC SN520 NVMe WDC 256GB", "Western Digital"),
        ("PC401 NVMe SK hynix 256GB", "SK hynix"),
        ("WDS200T1X0E-00AFY0", "Western Digital"),
        ("ATA", None),
        ("Teamwork 9000", None),
        ("X", None),
        (None, None),
    ],
)
def test_makers_are_told_by_sure_signs_only(model: str | None, maker: str | None) -> None:
    assert maker_of(model) == maker
