"""Phones by the tools that read them: Android's battery service and properties, libimobiledevice, Phonecheck. The samples are made up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from triage import grading
from triage.reports import identifiers, registry
from triage.reports.normal import (
    BatteryCondition,
    ErasureOutcome,
    Identifier,
    IdentifierKind,
    LockKind,
    LockState,
    Report,
    UnreadableReport,
    Verdict,
)

NOW = """Current Battery Service state:
  AC powered: false
  USB powered: true
  Charge counter: 2532000
  status: 3
  health: 2
  present: true
  level: 51
  scale: 100
  voltage: 3859
  temperature: 246
  technology: Li-ion
"""
LEARNED = """  batteryMiscEvent: 65536
USE_FAKE_BATTERY: false
  Recent events:
   [01-02 10:11:12] level:12, status:3, health:3
level: 12
health: 3
BatteryInfoBackUp
  mSavedBatteryAsoc: [96]
  mSavedBatteryUsage: [23045]
  battery FirstUseDate: [20210203]
"""
GAUGE = """<dict>
<key>CycleCount</key><integer>{cycles}</integer>
<key>DesignCapacity</key><integer>{design}</integer>
<key>FullChargeCapacity</key><integer>{full}</integer>
<key>Status</key><string>Success</string>
</dict>"""
PHONE = {
    "IMEI": "353990998908920", "IMEI2": "353990998908921", "Serial": "C2P0R6RGF7", "Model": "iPhone 13 Pro", "Make": "Apple", "OS": "iOS",
    "Memory": "128GB", "Ram": None, "ESN": "Clean", "DeviceLock": "Off", "MDM": "Yes", "SimLock": "Locked", "Carrier": "Any Mobile",
    "Rooted": "Off", "BatteryHealthPercentage": "85", "BatteryCycle": "392", "BatteryDesignMaxCapacity": "3076", "Grade": "B",
    "BatteryCurrentMaxCapacity": "2626", "OEMBatteryHealth": "0.0", "Working": "Yes", "Passed": "Bluetooth,Rear Camera Quality",
    "Failed": "Ear Speaker", "Pending": "Face ID", "TesterName": "A Person", "AppleID": "a@example.com", "Erased": "Yes",
    "Type": "iOS Secure Erase", "StartTime": "2024-01-04 16:24:34", "EndTime": "2024-01-04 16:25:48", "RestoreCode": "",
    "CreatedTimeStamp": "2024-01-04T16:25:09.00+00:00",
    "Parts": json.dumps({"Data": [
        {"name": "Battery", "Status": "Genuine", "FactorySerial": "B1*", "CurrentSerial": "B1"},
        {"name": "LCD", "Status": "Unknown", "FactorySerial": "L1*", "CurrentSerial": "L2"},
    ]}),
}  # fmt: skip


def read(text: str) -> Report:
    return registry.read(text.encode())


def refused(text: str) -> str:
    with pytest.raises(UnreadableReport) as error:
        read(text)
    return error.value.code


def battery_of(report: Report) -> dict[str, str]:
    (part,) = (part for part in report.components if part.kind == "battery")
    return part.detail


# Android ------------------------------------------------------------------------------------------------------------------------------


def test_a_dump_of_the_battery_tells_what_is_true_now_and_no_machine() -> None:
    report = read("$ adb shell dumpsys battery\n" + NOW)

    assert report.kind == "android.battery"
    assert (report.manufacturer, report.model, report.serial) == (None, None, None)
    assert report.battery is not None
    assert (report.battery.condition, report.battery.chemistry) == (BatteryCondition.GOOD, "Li-ion")
    assert (report.battery.health_percent, report.battery.cycles) == (None, None)
    assert battery_of(report) == {
        "health": "good", "charge_percent": "51", "voltage_mv": "3859", "temperature_c": "24.6", "status": "discharging",
    }  # fmt: skip


def test_what_samsung_has_learned_is_read_and_its_log_of_old_levels_is_not() -> None:
    report = read(NOW + LEARNED)

    assert report.battery is not None
    assert (report.battery.health_percent, report.battery.cycles) == (96, 230)
    assert (battery_of(report)["charge_percent"], battery_of(report)["health"]) == ("51", "good")
    assert battery_of(report)["first_used"] == "2021-02-03"
    cut = read(NOW.replace("  level: 51\n", "") + LEARNED)
    assert "charge_percent" not in battery_of(cut)


@pytest.mark.parametrize(
    ("old", "new", "name", "told"),
    [
        ("scale: 100", "scale: 200", "charge_percent", "26"),
        ("scale: 100", "scale: 50", "charge_percent", None),
        ("voltage: 3859", "voltage: 3859000", "voltage_mv", "3859"),
        ("voltage: 3859", "voltage: 0", "voltage_mv", None),
        ("health: 2", "health: GOOD", "health", "good"),
        ("mSavedBatteryAsoc: [96]", "mSavedBatteryAsoc: -1", "asoc_percent", None),
        ("mSavedBatteryAsoc: [96]", "mSavedBatteryAsoc: -1\n  mSavedBatteryBsoh: 91", "bsoh_percent", "91"),
    ],
)
def test_a_figure_is_taken_for_what_it_is(old: str, new: str, name: str, told: str | None) -> None:
    assert battery_of(read((NOW + LEARNED).replace(old, new))).get(name) == told


def test_a_dead_battery_fails_and_a_hot_one_is_not_known() -> None:
    dead, hot = (read(NOW.replace("health: 2", f"health: {code}")) for code in (4, 3))

    assert dead.battery is not None
    assert dead.battery.condition is BatteryCondition.FAILED
    assert [(test.code, test.verdict) for test in dead.tests] == [("battery", Verdict.FAIL)]
    assert hot.battery is not None
    assert (hot.battery.condition, hot.tests) == (BatteryCondition.UNKNOWN, ())


def test_figures_set_by_hand_say_nothing_and_a_missing_battery_is_none() -> None:
    set_by_hand = read(NOW.replace("state:\n", "state:\n  (UPDATES STOPPED -- use 'reset' to restart)\n"))

    assert set_by_hand.battery is not None
    assert set_by_hand.battery.condition is BatteryCondition.UNKNOWN
    assert "charge_percent" not in battery_of(set_by_hand)
    assert refused(NOW.replace("present: true", "present: false")) == "NO_DEVICE"
    assert refused("Current Battery Service state:\n") == "TRUNCATED"


def test_a_dump_without_its_heading_or_inside_a_bug_report_is_read_too() -> None:
    bare = read("\r\r\n".join(line.strip() for line in NOW.splitlines()[1:]))
    inside = read(
        "[ro.product.manufacturer]: [samsung]\n[ro.product.model]: [SM-G991B]\n[ro.serialno]: [R5CR1234567]\n"
        "[ril.serialnumber]: [00000000000]\n[persist.radio.imei]: [490154203237518]\n"
        f"DUMP OF SERVICE battery:\n{NOW}--------- 0.004s was the duration of dumpsys battery\nlevel: 3\n"
    )

    assert battery_of(bare)["charge_percent"] == "51"
    assert (inside.manufacturer, inside.model, inside.serial) == ("samsung", "SM-G991B", "R5CR1234567")
    assert [one.value for one in inside.identifiers] == ["490154203237518"]
    assert battery_of(inside)["charge_percent"] == "51"


def test_properties_alone_name_a_phone_or_are_refused() -> None:
    report = read(
        "[ro.product.brand]: [google]\n[ro.product.manufacturer]: [Google]\n[ro.product.model]: [Pixel 6]\n[ro.serialno]: [unknown]\n"
        "[ro.build.characteristics]: [nosdcard]\n[ro.build.version.release]: [13]\n[ro.build.display.id]: [TQ3A]\n"
    )

    assert (report.kind, report.manufacturer, report.model, report.serial) == (
        "android.getprop",
        "Google",
        "Pixel 6",
        None,
    )
    assert report.firmware is not None
    assert report.firmware.version == "13 (TQ3A)"
    assert refused("[ro.build.id]: [TQ3A]\n[ro.debuggable]: [0]\n") == "NO_DEVICE"


# iOS ----------------------------------------------------------------------------------------------------------------------------------


def test_a_full_charge_of_a_hundred_is_no_capacity() -> None:
    report = read(GAUGE.format(cycles=425, design=1751, full=100))

    assert report.kind == "ios.diagnostics"
    assert report.battery is not None
    assert (report.battery.health_percent, report.battery.cycles) == (None, 425)
    assert "health isn't told" in report.warnings[0]
    assert report.manufacturer is None


@pytest.mark.parametrize(("full", "share"), [(1576, 90), (1800, 100), (9000, None), (0, None)])
def test_a_capacity_gives_the_health_that_it_can(full: int, share: int | None) -> None:
    report = read(GAUGE.format(cycles=10, design=1751, full=full))

    assert report.battery is not None
    assert report.battery.health_percent == share


def test_a_registry_entry_tells_the_nominal_charge_and_the_batterys_own_serial() -> None:
    inner = GAUGE.format(cycles=412, design=3227, full=100).replace(
        "<dict>",
        "<dict><key>NominalChargeCapacity</key><integer>2726</integer><key>Serial</key><string>F8Y1507</string>",
    )
    report = read(
        '<?xml version="1.0"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
        f'<plist version="1.0"><dict><key>IORegistry</key>{inner}</dict></plist>'
    )

    assert report.battery is not None
    assert (report.battery.health_percent, report.battery.serial, report.serial) == (84, "F8Y1507", None)


def test_device_information_names_the_phone_and_opens_no_lock() -> None:
    lines = {
        "ActivationState": "Activated", "DeviceClass": "iPhone", "DeviceName": "Somebody's phone", "ModelNumber": "MLPF3",
        "InternationalMobileEquipmentIdentity": "490154203237518", "ProductType": "iPhone14,5", "ProductVersion": "16.3.1",
        "RegionInfo": "LL/A", "SerialNumber": "C1QQG9XD4R", "UniqueDeviceID": "00008110-000E44540A2A801E", "IsSupervised": "true",
    }  # fmt: skip
    text = "\n".join(f"{name}: {value}" for name, value in lines.items())
    as_list = (
        "<dict>" + "".join(f"<key>{name}</key><string>{value}</string>" for name, value in lines.items()) + "</dict>"
    )
    report = read(text)

    assert (report.kind, report.manufacturer, report.model) == ("ios.deviceinfo", "Apple", "iPhone14,5")
    assert (report.serial, report.sku, report.chassis) == ("C1QQG9XD4R", "MLPF3LL/A", "Smartphone")
    assert [(lock.kind, lock.state) for lock in report.locks] == [
        (LockKind.ACTIVATION, LockState.UNKNOWN),
        (LockKind.MDM, LockState.LOCKED),
    ]
    assert "Somebody" not in repr(report)
    assert read(as_list) == report


# Phonecheck ---------------------------------------------------------------------------------------------------------------------------


def phone(**changes: Any) -> Report:
    return read(json.dumps([PHONE | changes]))


def test_a_phonecheck_names_the_phone_its_battery_its_tests_and_its_locks() -> None:
    report = phone()

    assert (report.kind, report.manufacturer, report.model, report.serial) == (
        "phonecheck.json", "Apple", "iPhone 13 Pro", "C2P0R6RGF7",
    )  # fmt: skip
    assert (report.memory_bytes, report.media[0].capacity_bytes) == (None, 128 * 10**9)
    assert report.battery is not None
    assert (report.battery.health_percent, report.battery.cycles, report.battery.genuine) == (85, 392, True)
    assert {test.code: test.verdict.value for test in report.tests} == {
        "ear_speaker": "fail", "bluetooth": "pass", "rear_camera_quality": "pass", "face_id": "unknown",
    }  # fmt: skip
    assert {lock.kind.value: (lock.state.value, lock.detail) for lock in report.locks} == {
        "activation": ("open", ""), "mdm": ("locked", ""), "carrier": ("locked", "Any Mobile"), "rooted": ("open", ""),
        "stolen": ("open", ""),
    }  # fmt: skip
    assert report.inspection["appearance"] == "B"
    assert {flaw.code for flaw in grading.evidence_of(report).flaws} == {"audio", "locked"}


def test_a_part_that_was_changed_and_a_number_that_fails_its_check_are_said() -> None:
    said = " ".join(phone().warnings)

    assert "LCD isn't what left the factory" in said
    assert "The IMEI 353990998908921 fails its own check" in said
    assert "Person" not in repr(phone())
    assert "example.com" not in repr(phone())


def test_phonechecks_word_on_an_erasure_is_never_enough() -> None:
    (told,) = phone().erasures

    assert (told.outcome, told.method) == (ErasureOutcome.UNKNOWN, "iOS Secure Erase")
    assert told.doubts
    assert phone(RestoreCode="4013").erasures[0].outcome is ErasureOutcome.FAILED
    assert phone(Erased="No").erasures == ()


def test_what_phonecheck_didnt_measure_is_nothing() -> None:
    report = phone(
        BatteryHealthPercentage="0", BatteryDesignMaxCapacity="0", DeviceLock="", ESN="No License", Memory="", Ram="6GB"
    )

    assert report.battery is not None
    assert report.battery.health_percent is None
    assert {lock.kind: lock.state for lock in report.locks}[LockKind.STOLEN] is LockState.UNKNOWN
    assert LockKind.ACTIVATION not in {lock.kind for lock in report.locks} or report.locks[0].state is LockState.UNKNOWN
    assert (report.memory_bytes, report.media) == (6 * 2**30, ())
    assert refused(json.dumps([PHONE, PHONE])) == "SEVERAL_DEVICES"


# Identifiers --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "valid"),
    [
        ("imei", "490154203237518", True),
        ("imei", "49-015420-323751-8", True),
        ("imei", "490154203237519", False),
        ("imei", "49015420323751", None),
        ("imei", "4901542032375180", None),
        ("imei", "4901542", False),
        ("meid", "A0000000123456", True),
        ("meid", "A00000001234", False),
        ("eid", "89049032007008882600096881765556", True),
        ("eid", "89049032007008882600096881765557", False),
        ("udid", "00008110-000E44540A2A801E", True),
        ("udid", "8110-000E44540A", False),
        ("uuid", "4c4c4544-0042-3310-8051-b4c04f4e3132", True),
        ("board_serial", "F3Y20671AHT0G49A", None),
    ],
)
def test_an_identifier_answers_its_own_check(kind: str, text: str, *, valid: bool | None) -> None:
    assert identifiers.identifier(IdentifierKind(kind), text) == Identifier(
        kind=IdentifierKind(kind), value=text, valid=valid
    )


@pytest.mark.parametrize("text", ["", "000000000000000", "unknown", None, "111111111111111"])
def test_a_placeholder_is_no_identifier(text: str | None) -> None:
    assert identifiers.identifier(IdentifierKind.IMEI, text) is None


def test_a_gtin_answers_its_check_digit() -> None:
    right, wrong = ("6291041500213", "96385074"), ("6291041500214", "629104150021", "")

    assert all(identifiers.gtin(text) for text in right)
    assert not any(identifiers.gtin(text) for text in wrong)


def test_a_serial_that_its_maker_cannot_have_given_is_said() -> None:
    told = identifiers.checked(Report(kind="x", manufacturer="Apple, Inc.", serial="C2P0O6RGF7")).warnings

    assert "may be mistyped" in told[0]
    assert identifiers.checked(Report(kind="x", manufacturer="Samsung", serial="RO1I")).warnings == ()
