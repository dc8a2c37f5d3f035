"""What names drives beside smartctl: hdparm, RAID cards' tools, the GLPI agent's dump; and smartctl's older answers."""

from __future__ import annotations

import json

import pytest

from triage import grading, kinds
from triage.reports import registry
from triage.reports.normal import LockState, MediumType, Report, UnreadableReport

HDPARM = """
/dev/sda:

ATA device, with non-removable media
\tModel Number:       WDC WD10EZEX-08WN4A0
\tSerial Number:      WD-WCC6Y1234567
\tFirmware Revision:  02.01A02
\tTransport:          Serial, SATA 1.0a
Configuration:
\tLBA    user addressable sectors:  268435455
\tLBA48  user addressable sectors: 1953525168
\tLogical  Sector size:                   512 bytes
\tdevice size with M = 1000*1000:     1000204 MBytes (1000 GB)
\tNominal Media Rotation Rate: 7200
Security:
\t\tsupported
{locks}
\tnot\tfrozen
{check}
"""
OPEN = "\tnot\tenabled\n\tnot\tlocked"
DRIVE = """Enclosure Device ID: 32
Slot Number: {slot}
Media Error Count: 3
Predictive Failure Count: 0
PD Type: {bus}

Raw Size: {size}
Firmware state: Online, Spun Up
Device Firmware Level: {firmware}
Inquiry Data: {inquiry}
Media Type: {media}
Drive has flagged a S.M.A.R.T alert : {alert}

"""
SATA = ("     WD-WMC1T0500325" + "WDC WD2000FYYZ-01UL1B0".ljust(40) + "01.01K01").ljust(68)
SAS = "SEAGATE ST300MP0005     VT31S7K13GAY            "
STORCLI = {
    "Drive /c0/e252/s0": [{"EID:Slt": "252:0", "Intf": "SATA", "Med": "SSD", "Model": "VK0120GEFJE"}],
    "Drive /c0/e252/s0 - Detailed Information": {
        "Drive /c0/e252/s0 State": {"Media Error Count": 2, "S.M.A.R.T alert flagged by drive": "Yes"},
        "Drive /c0/e252/s0 Device attributes": {
            "SN": "14070C01A4DF        ", "Manufacturer Id": "ATA     ", "Model Number": "VK0120GEFJE", "Firmware Revision": "HPG6    ",
            "Raw size": "111.790 GB [0xdf94bb0 Sectors]",
        },
    },
}  # fmt: skip


def read(text: str) -> Report:
    return registry.read(text.encode())


def refused(text: str) -> UnreadableReport:
    with pytest.raises(UnreadableReport) as error:
        read(text)
    return error.value


def hdparm(locks: str = OPEN, check: str = "Checksum: correct") -> str:
    return HDPARM.format(locks=locks, check=check)


def drive(
    slot: int = 0, *, bus: str = "SATA", inquiry: str = SATA, firmware: str = "01.01K01", alert: str = "No", **more: str
) -> str:
    size = more.get("size", "1.819 TB [0xe8e088b0 Sectors]")
    return DRIVE.format(
        slot=slot,
        bus=bus,
        inquiry=inquiry,
        firmware=firmware,
        alert=alert,
        media=more.get("media", "Hard Disk Device"),
        size=size,
    )


def test_hdparm_s_report_is_of_the_drive() -> None:
    report = read(hdparm())

    (medium,) = report.media
    assert (report.kind, report.manufacturer, report.model, report.serial) == (
        "hdparm.text", "Western Digital", "WDC WD10EZEX-08WN4A0", "WD-WCC6Y1234567",
    )  # fmt: skip
    assert (medium.capacity_bytes, medium.type, medium.firmware, medium.interface) == (
        1000204886016,
        MediumType.HDD,
        "02.01A02",
        "SATA",
    )
    assert report.locks == ()
    assert kinds.is_of_drives(report)
    assert grading.class_of(report) == "storage"


@pytest.mark.parametrize("locks", ["\t\tenabled\n\tnot\tlocked", "\t\tenabled\n\t\tlocked"])
def test_a_drive_whose_password_is_set_is_locked(locks: str) -> None:
    assert [lock.state for lock in read(hdparm(locks)).locks] == [LockState.LOCKED]


@pytest.mark.parametrize("check", ["Integrity word not set (found 0x5254, expected 0xe3a5)", "Checksum: incorrect"])
def test_an_answer_that_fails_its_own_check_is_no_drive(check: str) -> None:
    assert refused(hdparm(check=check)).code == "NO_DEVICE"
    assert (refused(hdparm(check=check)).position or "").startswith("line ")


def test_an_old_drive_without_an_integrity_word_is_read_and_several_are_refused() -> None:
    assert read(hdparm(check="Integrity word not set (found 0x0000, expected 0xa5a5)")).serial == "WD-WCC6Y1234567"
    assert refused(hdparm() + hdparm()).code == "SEVERAL_DEVICES"


def test_drives_behind_a_card_are_read_by_the_columns_of_their_inquiry() -> None:
    sas = drive(1, bus="SAS", inquiry=SAS, firmware="VT31", size="279.396 GB [0x22ecb25c Sectors]", alert="Yes")
    report = read("Adapter #0\n\n" + drive() + sas)

    first, second = report.media
    assert (report.kind, report.manufacturer, report.model, report.serial) == ("megacli.text", None, None, None)
    assert (first.manufacturer, first.model, first.serial) == (
        "Western Digital",
        "WDC WD2000FYYZ-01UL1B0",
        "WD-WMC1T0500325",
    )
    assert (second.manufacturer, second.model, second.serial) == ("Seagate", "ST300MP0005", "S7K13GAY")
    assert (first.capacity_bytes, second.capacity_bytes) == (2000398934016, 300000000000)
    assert [one.health.passed for one in report.media if one.health] == [True, False]
    assert kinds.is_of_drives(report)


def test_one_drive_of_a_list_is_the_report_s_own_and_lost_blanks_cost_nothing() -> None:
    report = read(drive(inquiry=SATA.strip()))

    assert (report.model, report.serial) == ("WDC WD2000FYYZ-01UL1B0", "WD-WMC1T0500325")


def test_an_inquiry_whose_columns_can_t_be_told_names_no_drive() -> None:
    assert refused(drive(inquiry="SOMETHING ELSE 12345")).code == "NO_DEVICE"


@pytest.mark.parametrize(
    "text",
    ["\nController Count: 1.\n\nExit Code: 0x01\n", "    Number of enclosures on adapter 0 -- 1\n\n    Enclosure 0:\n    Device ID : 32\n",
     "System\n\tOperating System:  Linux\n        PD \n                Connector          : 00<Internal>: Slot 0 \n"],
)  # fmt: skip
def test_answers_that_name_no_drive_are_refused(text: str) -> None:
    assert refused(text).code == "NO_DEVICE"


def test_storcli_is_read_as_json_and_as_text() -> None:
    text = (
        "CLI Version = 007.1 \nOperating system = Linux\nController = 0\nStatus = Success\n\nDrive /c0/e252/s0 :\n====\n"
        "252:0     8 Onln   0 111.281 GB SATA SSD N   N  512B VK0120GEFJE U  -\n\n"
        "Drive /c0/e252/s0 State :\n====\nMedia Error Count = 2\nS.M.A.R.T alert flagged by drive = Yes\n\n"
        "Drive /c0/e252/s0 Device attributes :\n====\nSN = 14070C01A4DF\nManufacturer Id = ATA\nModel Number = VK0120GEFJE\n"
        "Firmware Revision = HPG6\nRaw size = 111.790 GB [0xdf94bb0 Sectors]\n"
    )
    top = {"Controllers": [{"Command Status": {"Status": "Success"}, "Response Data": STORCLI}]}

    for report in (read(json.dumps(top)), read(text)):
        (medium,) = report.media
        assert (report.kind, report.model, report.serial) == ("storcli.drives", "VK0120GEFJE", "14070C01A4DF")
        assert (medium.capacity_bytes, medium.type, medium.interface) == (120034123776, MediumType.SSD, "SATA")
        assert medium.health is not None
        assert (medium.health.passed, medium.health.media_errors) == (False, 2)
    assert (
        refused(json.dumps({"Controllers": [{"Command Status": {}, "Response Data": {"Controller Count": 1}}]})).code
        == "NO_DEVICE"
    )


def test_the_agent_s_dump_lists_drives_with_the_kernel_s_sizes_and_no_empty_reader() -> None:
    kernel = "      'sda' => {\n        'size' => '234441648\n'\n      },\n      'sdb' => {\n        'size' => '0\n'\n      }\n"
    drive_row = "'DISKSIZE' => 120034, 'MODEL' => 'Samsung SSD 840', 'NAME' => 'sda', 'SERIALNUMBER' => 'S14CNEAD233615F', 'TYPE' => 'disk'"
    reader_row = "'MODEL' => 'Multi-Card', 'NAME' => 'sdb', 'SERIALNUMBER' => undef, 'TYPE' => 'removable'"
    report = read(f"$SYSTEM = {{\n{kernel}}};\n$STORAGE = [\n  {{ {drive_row} }},\n  {{ {reader_row} }}\n];\n")

    (medium,) = report.media
    assert (report.kind, medium.serial, medium.capacity_bytes, medium.type) == (
        "glpi.storages",
        "S14CNEAD233615F",
        120034123776,
        MediumType.SSD,
    )
    assert refused("$SYSTEM = {\n};\n$STORAGE = [];\n").code == "NO_DEVICE"


OLD = "smartctl version 5.38 [x86_64-redhat-linux-gnu] Copyright (C) 2002-8 Bruce Allen\n\nDevice: {what} Version: D701\n{more}"


def test_smartctl_5_names_scsi_drives_in_one_line() -> None:
    report = read(
        OLD.format(
            what="SEAGATE  ST373207LC       ",
            more="Serial number: 3KT0HBYN\nDevice type: disk\nElements in grown defect list: 4\n",
        )
    )

    assert (report.manufacturer, report.model, report.serial) == ("Seagate", "ST373207LC", "3KT0HBYN")
    assert report.media[0].health is not None
    assert (report.media[0].firmware, report.media[0].health.grown_defects) == ("D701", 4)


def test_an_enclosure_is_no_drive_and_a_tray_s_impossible_size_is_none() -> None:
    tray = (
        "=== START OF INFORMATION SECTION ===\nVendor:               hp\nProduct:              DVD A  DS8A5LH\n"
        "User Capacity:        7,757,100,351,738,617,888 bytes [7757 PB]\nDevice type:          CD/DVD\n"
    )

    assert "enclosure" in refused(OLD.format(what="IBM-ESXS VSC7160 ", more="Device type: enclosure\n")).sentence
    assert (read(tray).media[0].type, read(tray).media[0].capacity_bytes) == (MediumType.OPTICAL, None)


@pytest.mark.parametrize(
    "text", ["/dev/sda -d sat # /dev/sda [SAT], ATA device\n", "# scan\n/dev/sda -d scsi # /dev/sda, SCSI device\n"]
)
def test_a_list_of_devices_is_refused_as_what_it_is(text: str) -> None:
    assert "list of devices" in refused(text).sentence
