"""Blancco's reports in JSON and XML: one tree, whatever it is written in. The samples are made up."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from triage.reports import registry
from triage.reports.normal import ErasureOutcome, LockKind, LockState, MediumType, Report, UnreadableReport, Verdict


def listed(**members: Any) -> list[dict[str, Any]]:
    return [{"@type": "string", name: value} for name, value in members.items()]


PHONE: dict[str, Any] = {
    "system": listed(manufacturer="Samsung", market_name="Galaxy S21", model="SM-G991B", ram="8GB", imei="490154203237518",
                     serial="R5CR1234567", find_my_iphone="Unlocked", mdm_status="Locked", frp_status="something else"),
    "mobile_battery": listed(battery_capacity_design=4000, battery_capacity_current=3200, battery_cycles=300, battery_charge_level=55),
    "hardware_tests": listed(bluetooth="successful", front_camera="failed", nfc="not available", testing_duration="00:07:59"),
    "device_components": listed(all_authenticated="false"),
}  # fmt: skip
ERASURE = {
    "state": "Successful", "erasure_standard_name": "NIST 800-88 Clear", "overwriting_rounds": "1", "firmware_rounds": "0",
    "total_erasure_rounds": "1", "cleaned_sectors": "976773168", "failed_sectors": "0", "total_errors": "0",
    "start_time": "2024-01-04 14:24:34", "end_time": "2024-01-04 16:24:34",
}  # fmt: skip
TARGET = {"target_id": "50", "model": "ABC-500", "serial": "WD-1234", "capacity": "500107862016"}


def exported(hardware: dict[str, Any], **beside: Any) -> Report:
    data = {
        "description": {
            "document_log": [{"author": {"product_name": {"value": "Blancco 5 Mobile"}, "product_version": "5.6"}}]
        },
        "blancco_hardware_report": hardware,
        **beside,
    }
    return registry.read(
        json.dumps({"reports": [{"blancco_data": data, "user_data": {"fields": listed(asset_tag="A-7")}}]}).encode()
    )


def drive(*, interface: str = "NVMe", target: dict[str, str] = TARGET, disk: str = "WD-1234", **changes: str) -> str:
    def entries(values: dict[str, str]) -> str:
        return "".join(f'<entry name="{name}" type="string">{value}</entry>' for name, value in values.items() if value)

    return (
        "<root><report><blancco_data><description><document_log><log_entry><author><product_name>Blancco Drive Eraser</product_name>"
        "<product_version>7.1</product_version></author><date>2024-01-04T16:30:00+0000</date></log_entry></document_log></description>"
        f'<blancco_erasure_report><entries name="erasures"><entries name="erasure">{entries(ERASURE | changes)}'
        f'<entries name="target">{entries(target)}</entries></entries></entries></blancco_erasure_report>'
        '<blancco_hardware_report><entries name="system"><entry name="manufacturer">Dell Inc.</entry><entry name="model">Latitude 5400'
        '</entry><entry name="serial">ABC1234</entry><entry name="chassis_type">Laptop</entry></entries><entries name="disks">'
        f'<entries name="disk"><entry name="serial">{disk}</entry><entry name="model">ABC-500</entry>'
        f'<entry name="interface_type">{interface}</entry></entries><entries name="disk"><entry name="serial">STICK</entry>'
        '<entry name="interface_type">USB</entry></entries></entries></blancco_hardware_report></blancco_data></report></root>'
    )


def test_a_phone_is_read_out_of_lists_of_single_members() -> None:
    report = exported(PHONE)

    assert (report.kind, report.tool, report.tool_version) == ("blancco.json", "Blancco 5 Mobile", "5.6")
    assert (report.manufacturer, report.model, report.serial, report.asset_tag) == (
        "Samsung",
        "SM-G991B",
        "R5CR1234567",
        "A-7",
    )
    assert report.memory_bytes == 8 * 2**30
    assert report.battery is not None
    assert (report.battery.health_percent, report.battery.cycles, report.battery.genuine) == (80, 300, None)
    assert {test.code: test.verdict for test in report.tests} == {
        "bluetooth": Verdict.PASS, "front_camera": Verdict.FAIL, "nfc": Verdict.UNKNOWN,
    }  # fmt: skip
    assert {lock.kind: lock.state for lock in report.locks} == {
        LockKind.FINDER: LockState.OPEN, LockKind.MDM: LockState.LOCKED, LockKind.ACCOUNT: LockState.UNKNOWN,
    }  # fmt: skip
    assert "Not all parts of it are the maker's own." in report.warnings


def test_the_same_tree_written_as_plain_objects_is_the_same_report() -> None:
    plain = {
        name: {key: value for member in members for key, value in member.items() if key != "@type"}
        for name, members in PHONE.items()
    }

    assert exported(plain) == exported(PHONE)


def test_an_erasure_counts_when_everything_around_it_says_the_same() -> None:
    report = registry.read(drive().encode())
    (told,) = report.erasures

    assert (report.kind, report.model, report.serial, report.chassis) == (
        "blancco.xml",
        "Latitude 5400",
        "ABC1234",
        "Laptop",
    )
    assert [(medium.serial, medium.type) for medium in report.media] == [
        ("WD-1234", MediumType.NVME),
        ("STICK", MediumType.USB),
    ]
    assert (told.outcome, told.serial, told.bytes_total, told.hidden_area) == (
        ErasureOutcome.SUCCESS, "WD-1234", 500107862016, "not applicable",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "outcome", "doubt"),
    [
        ({"state": "Not erased"}, "unknown", "word on the erasure"),
        ({"state": ""}, "unknown", "no state"),
        ({"state": "Failed"}, "failed", "word"),
        ({"state": "Aborted by user"}, "aborted", "word"),
        ({"total_errors": "2"}, "failed", "Errors were counted"),
        ({"failed_sectors": ""}, "unknown", "doesn't count"),
        ({"cleaned_sectors": "9767731"}, "unknown", "Fewer sectors"),
        ({"cleaned_sectors": "0"}, "unknown", "no sector"),
        ({"cleaned_sectors": "0", "firmware_rounds": "1"}, "unknown", "own command"),
        ({"end_time": ""}, "unknown", "no end"),
        ({"end_time": "2024-01-03 16:24:34"}, "unknown", "ends before"),
        ({"erasure_standard_name": ""}, "unknown", "standard"),
        ({"total_erasure_rounds": "0"}, "unknown", "no round"),
        ({"interface": "SATA"}, "unknown", "nothing of a hidden area"),
        ({"hpa": "Detected"}, "unknown", "hidden area"),
        ({"disk": "OTHER"}, "unknown", "isn't among the drives"),
        ({"target": TARGET | {"serial": "N/A"}}, "unknown", "no drive by its serial"),
        ({"target": TARGET | {"capacity": ""}}, "unknown", "capacity"),
    ],
)
def test_one_thing_that_is_missing_or_speaks_against_it_and_it_is_not_erased(
    changes: dict[str, Any], outcome: str, doubt: str
) -> None:
    (told,) = registry.read(drive(**changes).encode()).erasures

    assert told.outcome.value == outcome
    assert re.search(doubt, " ".join(told.doubts))


def test_a_drive_on_ata_counts_when_the_report_says_that_nothing_is_hidden() -> None:
    (told,) = registry.read(drive(interface="SATA", hpa="Not detected").encode()).erasures

    assert told.outcome is ErasureOutcome.SUCCESS


def test_several_reports_and_an_empty_one_are_refused() -> None:
    one = {"blancco_data": {"blancco_hardware_report": PHONE}}
    for value, code in (
        ({"reports": [one, one]}, "SEVERAL_DEVICES"),
        ({"reports": [{"blancco_data": {"x": "y"}}]}, "NO_DEVICE"),
    ):
        with pytest.raises(UnreadableReport) as refused:
            registry.read(json.dumps(value).encode())
        assert refused.value.code == code
