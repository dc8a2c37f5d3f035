"""What the generations of Workbench write, where it may mislead: erasures, units, envelopes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from triage.reports import registry
from triage.reports.normal import Erasure, ErasureOutcome, MediumType, Report, UnreadableReport, Verdict

DMIDECODE = """# dmidecode 3.4
Handle 0x0001, DMI type 1, 27 bytes
System Information
\tManufacturer: Acme
\tProduct Name: Atlas 14
\tVersion: Rev A
\tSerial Number: AT14-000771
\tSKU Number: SKU-7

Handle 0x0002, DMI type 2, 15 bytes
Base Board Information
\tManufacturer: Acme
\tProduct Name: B14
\tSerial Number: BOARD-1

Handle 0x0003, DMI type 3, 22 bytes
Chassis Information
\tType: Notebook
\tSerial Number: CHASSIS-1
\tAsset Tag: IT-4711

Handle 0x0004, DMI type 17, 40 bytes
Memory Device
\tSize: 8 GB
\tType: DDR4

Handle 0x0005, DMI type 17, 40 bytes
Memory Device
\tSize: 8192 MB
\tType: DDR4

Handle 0x0006, DMI type 17, 40 bytes
Memory Device
\tSize: No Module Installed

Handle 0x0007, DMI type 17, 40 bytes
Memory Device
\tSize: 16 MB
\tType: Flash
"""
SMART = {
    "smartctl": {"version": [7, 3], "exit_status": 0, "argv": ["smartctl", "-x"]},
    "device": {"name": "/dev/nvme0", "info_name": "/dev/nvme0", "type": "nvme", "protocol": "NVMe"},
    "model_name": "Acme NV1000",
    "serial_number": "NV-1",
    "user_capacity": {"bytes": 1024209543168},
    "smart_status": {"passed": True},
}
INXI = [
    {
        "000#1#0#Machine": [
            {
                "000#0#1#Type": "Laptop",
                "001#1#1#System": "Acme",
                "002#1#2#product": "Atlas 14",
                "003#0#3#serial": "AT14-000771",
            }
        ]
    },
    {"001#1#0#Battery": [{"000#1#1#ID": "BAT0", "001#0#2#condition": "40.0/50.0 Wh (80.0%)", "002#0#2#cycles": "321"}]},
    {
        "002#1#0#Memory": [
            {"000#1#1#Device": "A", "001#0#2#size": "8 GiB"},
            {"000#1#1#Device": "B", "001#0#2#size": "8 GiB"},
        ]
    },
    {
        "003#1#0#Drives": [
            {
                "000#1#1#ID": "/dev/nvme0n1",
                "001#0#2#model": "NV1000",
                "002#0#2#serial": "NV-1",
                "003#0#2#size": "953.87 GiB",
            },
            {"000#1#1#ID": "/dev/sda", "001#0#2#type": "USB", "002#0#2#model": "Stick", "003#0#2#size": "7.5 GiB"},
        ]
    },
]
OUTPUTS = {"dmidecode": DMIDECODE, "smartctl": json.dumps([SMART]), "inxi": json.dumps(INXI)}


def read(value: object) -> Report:
    return registry.read(json.dumps(value).encode())


def snapshot(*events: dict[str, Any], top: dict[str, Any] | None = None, **drive: Any) -> dict[str, Any]:
    disk = {
        "type": "HardDrive",
        "model": "ST500LT012",
        "serialNumber": "W0V7XXQ1",
        "size": 500108.0,
        "actions": list(events),
    }
    return {
        "type": "Snapshot",
        "software": "Workbench",
        "version": "11.0b11",
        "device": {
            "type": "Laptop",
            "chassis": "Netbook",
            "manufacturer": "Acme",
            "model": "Atlas",
            "serialNumber": "AT1X",
        },
        "components": [{**disk, **drive}],
        **(top or {}),
    }


def step(kind: str = "StepZero", start: str = "10:00", end: str | None = "11:00", **more: Any) -> dict[str, Any]:
    times = {"startTime": f"2020-05-01T{start}:00+00:00", "endTime": end and f"2020-05-01T{end}:00+00:00"}
    return {"type": kind, "severity": "Info", **times, **more}


def erase(*steps: dict[str, Any], kind: str = "EraseSectors", end: str | None = "12:00", **more: Any) -> dict[str, Any]:
    return {**step(kind, "10:00", end), "steps": list(steps), **more}


def erased(*events: dict[str, Any], **drive: Any) -> Erasure:
    (one,) = read(snapshot(*events, **drive)).erasures
    return one


def test_an_erasure_whose_every_pass_ended_well_is_a_success_as_the_tool_says() -> None:
    one = erased(erase(step(), step("StepRandom", "11:00", "12:00")))

    assert one.outcome is ErasureOutcome.SUCCESS
    assert one.method == "EraseSectors (Zero, Random)"
    assert (one.serial, one.rounds, one.pass_errors) == ("W0V7XXQ1", 2, 0)
    assert (one.started_at, one.ended_at) == ("2020-05-01T10:00:00Z", "2020-05-01T12:00:00Z")
    assert one.bytes_total == 500108 * 10**6
    assert one.bytes_erased is None
    assert one.doubts == ()


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (erase(step(), severity="Error"), ErasureOutcome.FAILED),
        (erase(step(severity="Error")), ErasureOutcome.FAILED),
        (erase(step(), error=True), ErasureOutcome.FAILED),
        (erase(step(success=False)), ErasureOutcome.FAILED),
        (erase(step(), severity="Warning"), ErasureOutcome.UNKNOWN),
        (erase(step(severity="Notice")), ErasureOutcome.UNKNOWN),
        (erase(step(severity=None)), ErasureOutcome.UNKNOWN),
        (erase(step(end=None)), ErasureOutcome.UNKNOWN),
        (erase(step(), end=None), ErasureOutcome.UNKNOWN),
        (erase(), ErasureOutcome.UNKNOWN),
        (erase(step(), step("StepRandom", "10:30", "11:30")), ErasureOutcome.UNKNOWN),
        (erase(step(end="12:30")), ErasureOutcome.UNKNOWN),
        (erase(step(start="11:00", end="10:00")), ErasureOutcome.UNKNOWN),
        (erase(kind="EraseSectors"), ErasureOutcome.UNKNOWN),
        (erase(kind="ErasePhysical"), ErasureOutcome.UNKNOWN),
        (erase(kind="EraseCrypto"), ErasureOutcome.SUCCESS),
        (erase(kind="EraseCrypto", severity=None), ErasureOutcome.UNKNOWN),
    ],
)
def test_an_erasure_with_an_error_or_a_gap_is_no_success(event: dict[str, Any], outcome: ErasureOutcome) -> None:
    one = erased(event)

    assert one.outcome is outcome
    if outcome is ErasureOutcome.UNKNOWN:
        assert one.doubts


def test_an_erasure_of_a_drive_without_a_serial_is_no_success() -> None:
    one = erased(erase(step()), serialNumber="0000000000")

    assert one.outcome is ErasureOutcome.UNKNOWN
    assert one.doubts == ("The event names no drive.",)


def test_a_pass_that_took_no_time_leaves_a_doubt() -> None:
    assert erased(erase(step(start="11:00", end="11:00"))).doubts == ("A pass takes no time by its own clock.",)


@pytest.mark.parametrize(
    ("size", "version", "expected"),
    [
        (500108.0, "11.0b11", 500108 * 10**6),
        ("500108.0 MB", "11.0b9", 500108 * 10**6),
        ("465.8 gigabyte", "11.0b9", round(465.8 * 10**9)),
        (476940, "11.0a3", 476940 * 2**20),
        (78533, "11.0a3", 78533 * 2**20),
        (238475, "11.0b11", 238475 * 2**20),
        (152627, "10.0b1", 152627 * 2**20),
        (238475.1796875, "7.0.3a5", 250059350016),
        (None, "11.0b11", None),
        ("much", "11.0b11", None),
        (-1, "11.0b11", None),
        (float("inf"), "11.0b11", None),
    ],
)
def test_the_size_of_a_drive_is_read_in_the_unit_of_its_version(
    size: object, version: str, expected: int | None
) -> None:
    (medium,) = read(snapshot(top={"version": version}, size=size)).media

    assert medium.capacity_bytes == expected


def test_flash_that_an_old_version_called_a_hard_disk_is_flash_with_a_warning() -> None:
    report = read(snapshot(model="KINGSTON SA400S37"))

    assert report.media[0].type is MediumType.SSD
    assert "solid state" in report.warnings[0]
    assert read(snapshot()).warnings == ()


def test_a_health_count_that_packs_several_numbers_is_no_count() -> None:
    test = {"type": "TestDataStorage", "severity": "Info", "assessment": True, "lifetime": 8692,
            "reallocatedSectorCount": 1786733725708, "currentPendingSectorCount": 3}  # fmt: skip

    report = read(snapshot(test))

    health = report.media[0].health
    assert health is not None
    assert (health.passed, health.reallocated, health.pending, health.power_on_hours) == (True, None, 3, 8692)
    assert [(one.code, one.verdict) for one in report.tests] == [("storage", Verdict.PASS)]


def test_a_test_that_says_nothing_is_not_passed() -> None:
    events = [{"type": "StressTest", "elapsed": 60}, {"type": "TestAudio", "severity": "Error"},
              {"type": "TestDataStorage", "severity": "Info", "status": "Completed: read failure"}]  # fmt: skip
    device = {"type": "Laptop", "model": "Atlas", "actions": events}

    never_ran = {"type": "TestDataStorage", "severity": "Error", "status": "Unspecified Error. Self-test not started."}

    report = read(snapshot(top={"device": device}))

    assert [one.verdict for one in read(snapshot(never_ran)).tests] == [Verdict.UNKNOWN]
    assert [(one.code, one.verdict) for one in report.tests] == [
        ("stress", Verdict.UNKNOWN),
        ("audio", Verdict.FAIL),
        ("storage", Verdict.FAIL),
    ]


def test_what_a_person_saw_is_kept_as_printed() -> None:
    event = {"type": "VisualTest", "appearanceRange": "B", "functionalityRange": "A", "labelling": False}
    old = {"condition": {"appearance": {"general": "C"}, "functionality": {"general": "B"}}}

    now = read(snapshot(top={"device": {"model": "Atlas", "actions": [event]}}))

    assert now.inspection == {"appearance": "B", "functionality": "A", "labelling": "false"}
    assert read(snapshot(top=old)).inspection == {"appearance": "C", "functionality": "B"}


def test_a_battery_s_health_is_its_measured_size_against_its_own() -> None:
    battery = {"type": "Battery", "serialNumber": "19075", "size": "4400 hour * milliampere",
               "actions": [{"type": "MeasureBattery", "size": 3300, "voltage": 10800, "cycles": 12}]}  # fmt: skip

    found = read(snapshot(top={"components": [battery]})).battery

    assert found is not None
    assert (found.health_percent, found.cycles, found.design_mwh, found.serial) == (75, 12, 47520, "19075")


def test_yaml_keeps_serials_as_printed() -> None:
    yaml = b"""type: Snapshot
software: Workbench
version: '11.0'
device: {type: Desktop, manufacturer: Acme, model: 0x1F, serialNumber: 0012345}
components:
  - {type: HardDrive, model: ST500LT012, serialNumber: 1E5, size: 500108.0}
  - type: RamModule
    size: 4096
"""
    report = registry.read(yaml)

    assert (report.serial, report.model) == ("0012345", "0x1F")
    assert (report.media[0].serial, report.media[0].capacity_bytes) == ("1E5", 500108 * 10**6)
    assert report.memory_bytes == 4 * 2**30


def test_json_with_a_bare_word_is_read_as_yaml_and_said_so() -> None:
    data = json.dumps(snapshot()).replace('"11.0b11"', "11.0b11").encode()

    report = registry.read(data)

    assert report.serial == "AT1X"
    assert report.warnings == ("The file is no valid JSON; it was read as YAML.",)


def check_machine(report: Report) -> None:
    assert (report.manufacturer, report.model, report.serial) == ("Acme", "Atlas 14", "AT14-000771")
    assert (report.sku, report.asset_tag, report.chassis) == ("SKU-7", "IT-4711", "Notebook")
    assert report.memory_bytes == 16 * 2**30
    drive, stick = report.media
    assert (drive.model, drive.serial, drive.capacity_bytes) == ("Acme NV1000", "NV-1", 1024209543168)
    assert drive.type is MediumType.NVME
    assert stick.type is MediumType.USB
    assert report.battery is not None
    assert (report.battery.health_percent, report.battery.cycles) == (80, 321)


def test_the_script_s_outputs_are_read_from_every_envelope_it_was_seen_in() -> None:
    plain = {
        "type": "Snapshot",
        "software": "workbench-script",
        "version": "0.0.1",
        "uuid": "1",
        "data": OUTPUTS,
        "erase": [],
    }
    on_its_way = {"type": "DeviceSnapshotV1", "save": True, "data": plain}
    bare = {"type": "DeviceSnapshotV1", "save": False, "data": {"operator_id": "x", "uuid": "1", **OUTPUTS}}
    credential = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential", "DeviceSnapshot"],
        "issuanceDate": "2025-07-25T18:03:15Z",
        "credentialSubject": {"type": "Snapshot", "software": "workbench-script", "uuid": "1"},
        "evidence": [{"type": "HardwareList", "operation": name, "output": output} for name, output in OUTPUTS.items()],
        "proof": {"type": "Ed25519Signature2018", "jws": "eyJ..abc"},
    }
    for value in (plain, on_its_way, bare, credential):
        report = read(value)
        assert report.kind == "ereuse.workbench-script"
        assert report.tool == "workbench-script"
        check_machine(report)
    assert report.issued_at == "2025-07-25T18:03:15Z"
    assert report.warnings == ("The credential is signed; its proof was not checked.",)


def test_the_lite_form_may_carry_its_outputs_as_text_or_as_json() -> None:
    tree = {"id": "x", "class": "system", "claimed": True, "vendor": "Acme", "serial": "OTHER"}
    top = {"type": "Snapshot", "software": "Workbench", "version": "2022.03.00", "uuid": "1"}
    outputs = {"dmidecode": DMIDECODE, "inxi": INXI}

    for lshw in (tree, [tree], json.dumps(tree)):
        report = read({**top, "data": {**outputs, "lshw": lshw, "smart": [SMART], "hwinfo": ""}})
        assert report.kind == "ereuse.workbench-lite"
        check_machine(report)


def test_an_output_that_can_t_be_read_costs_only_itself() -> None:
    report = read(
        {"type": "Snapshot", "uuid": "1", "data": {"dmidecode": DMIDECODE, "lshw": "{broken", "smart": '[""]'}}
    )

    assert report.serial == "AT14-000771"
    assert report.media == ()
    assert any("lshw" in warning for warning in report.warnings)


def test_the_printed_output_of_a_wipe_is_no_proof_of_it() -> None:
    report = read({"type": "Snapshot", "software": "workbench-script", "data": OUTPUTS, "erase": [["shred: pass 1/1"]]})

    (one,) = report.erasures
    assert one.outcome is ErasureOutcome.UNKNOWN
    assert one.doubts


def test_a_snapshot_from_windows_is_read_by_its_classes() -> None:
    data = {
        "Win32_ComputerSystem": {"Manufacturer": "Acme", "Model": "Atlas 14", "TotalPhysicalMemory": 17000000000},
        "Win32_BIOS": [{"SerialNumber": "AT14-000771"}],
        "Win32_PhysicalMemory": [{"Capacity": "8589934592"}, {"Capacity": 8589934592}],
        "Win32_DiskDrive": [
            {"Model": "Acme NV1000 NVMe", "SerialNumber": "NV-1 ", "Size": "1024209543168", "InterfaceType": "SCSI"},
            {"Model": "Stick USB Device", "InterfaceType": "USB", "Size": 8000000000},
        ],
    }

    report = read({"type": "Snapshot", "software": "workbench-script", "data": data})

    assert (report.manufacturer, report.model, report.serial) == ("Acme", "Atlas 14", "AT14-000771")
    assert report.memory_bytes == 16 * 2**30
    assert [medium.type for medium in report.media] == [MediumType.NVME, MediumType.USB]
    assert report.media[0].serial == "NV-1"


def test_old_dmidecode_with_indented_titles_is_read() -> None:
    old = "Handle 0x0001\n\tDMI type 1, 25 bytes.\n\tSystem Information\n\t\tManufacturer: Acme\n\t\tSerial Number: AT14-000771\n"

    assert read({"type": "Snapshot", "data": {"dmidecode": old, "hwinfo": "x"}}).serial == "AT14-000771"


def test_an_android_phone_s_hidden_address_is_no_serial() -> None:
    phone = {"device": {"type": "Mobile", "model": "One", "manufacturer": "Motorola", "serialNumber": "02:00:00:00:00:00"},
             "software": "WorkbenchAndroid", "type": "Snapshot", "uuid": "1", "version": "0.0.2"}  # fmt: skip

    report = read(phone)

    assert (report.manufacturer, report.serial, report.tool) == ("Motorola", None, "WorkbenchAndroid")


def test_an_event_sent_alone_proves_nothing() -> None:
    report = read(erase(step()))

    assert report.kind == "ereuse.events"
    assert [one.outcome for one in report.erasures] == [ErasureOutcome.UNKNOWN]


def test_a_snapshot_of_nothing_is_refused() -> None:
    for value in (
        {"type": "Snapshot", "software": "Workbench", "components": []},
        {"type": "Snapshot", "uuid": "1", "data": {"lshw": {}, "hwinfo": ""}},
    ):
        with pytest.raises(UnreadableReport) as refused:
            read(value)
        assert refused.value.code == "NO_DEVICE"
