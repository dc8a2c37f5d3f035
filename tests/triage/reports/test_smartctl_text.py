"""smartctl's output for people, made up in its true form: read like its JSON, in any locale, and never taken for more."""

from __future__ import annotations

import pytest

from triage.reports.normal import MediumType, Report, UnreadableReport, Verdict
from triage.reports.smartctl import text_form
from triage.reports.sniff import Sniff

BANNER = (
    "smartctl 7.3 2022-02-28 r5338 [x86_64-linux-6.1.0] (local build)\nCopyright (C) 2002-22, www.smartmontools.org\n\n"
)
ATA = """=== START OF INFORMATION SECTION ===
Model Family:     Western Digital Red
Device Model:     WDC WD20EFRX-68EUZN0
Serial Number:    WD-TEST00017
Firmware Version: 82.00A82
User Capacity:    2,000,398,934,016 bytes [2.00 TB]
Rotation Rate:    5400 rpm
SATA Version is:  SATA 3.0, 6.0 Gb/s (current: 6.0 Gb/s)
Local Time is:    Mon Mar  2 09:00:00 2026 CET

=== START OF READ SMART DATA SECTION ===
SMART overall-health self-assessment test result: PASSED

"""
TABLE = """ID# ATTRIBUTE_NAME          FLAG     VALUE WORST THRESH TYPE      UPDATED  WHEN_FAILED RAW_VALUE
  3 Spin_Up_Time            0x0027   178   178   021    Pre-fail  Always       -       4075
  5 Reallocated_Sector_Ct   0x0033   001   001   140    Pre-fail  Always   FAILING_NOW 1975
  9 Power_On_Hours          0x0032   094   094   000    Old_age   Always       -       4739h+12m+03.120s
194 Temperature_Celsius     0x0002   181   181   000    Old_age   Always       -       33 (Min/Max 17/49)
197 Current_Pending_Sector  0x0022   100   100   000    Old_age   Always       -       8
198 Offline_Uncorrectable   0x0008   100   100   000    Old_age   Offline      -       2

Num  Test_Description    Status                  Remaining  LifeTime(hours)  LBA_of_first_error
# 1  Short offline       Completed: read failure       90%      4738         104870168
# 2  Extended offline    Completed without error       00%      4000         -
"""
BRIEF = """ID# ATTRIBUTE_NAME          FLAGS    VALUE WORST THRESH FAIL RAW_VALUE
  5 Reallocated_Sector_Ct   PO--CK   100   100   010    -    3
231 SSD_Life_Left           PO--C-   061   061   010    -    0
"""
NVME = """=== START OF INFORMATION SECTION ===
Model Number:                       PEBBLE NV500
Serial Number:                      PB-00001
Firmware Version:                   1.2
Total NVM Capacity:                 {size}
NVMe Version:                       1.3

=== START OF SMART DATA SECTION ===
SMART overall-health self-assessment test result: FAILED!
- media has been placed in read only mode

SMART/Health Information (NVMe Log 0x02)
Critical Warning:                   0x08
Percentage Used:                    104%
Power On Hours:                     12,798
Media and Data Integrity Errors:    7
"""
SCSI = """=== START OF INFORMATION SECTION ===
Vendor:               SEAGATE
Product:              ST600MM0006
Revision:             LS0A
User Capacity:        600 127 266 816 bytes [600 GB]
Rotation Rate:        10500 rpm
Serial number:        S0M0TEST
Device type:          disk
Transport protocol:   SAS (SPL-4)

=== START OF READ SMART DATA SECTION ===
SMART Health Status: FAILURE PREDICTION THRESHOLD EXCEEDED [asc=5d, ascq=0]
Elements in grown defect list: 12
read:          0        0         0         0          0      10311,154           2
write:         0        0         0         0          0      11472,811           1
  number of hours powered up = 5104.10
"""


def read(text: str) -> Report:
    sniff = Sniff(text.encode())
    assert text_form.recognises(sniff)
    return text_form.parse(sniff)


def test_a_sata_drive_is_read_like_its_json() -> None:
    report = read(BANNER + ATA + TABLE)
    medium = report.media[0]
    assert (report.kind, report.tool_version) == ("smartctl.text", "7.3")
    assert (report.manufacturer, report.model, report.serial) == (
        "Western Digital",
        "WDC WD20EFRX-68EUZN0",
        "WD-TEST00017",
    )
    assert (medium.capacity_bytes, medium.type, medium.interface, medium.firmware) == (
        2000398934016,
        MediumType.HDD,
        "SATA",
        "82.00A82",
    )
    assert medium.health is not None
    assert (medium.health.passed, medium.health.reallocated, medium.health.pending, medium.health.uncorrectable) == (
        True,
        1975,
        8,
        2,
    )
    assert medium.health.power_on_hours == 4739
    assert medium.health.warnings == ("Reallocated_Sector_Ct is at or below its threshold now.",)
    assert [(test.code, test.verdict) for test in report.tests] == [
        ("smart.status", Verdict.PASS),
        ("smart.self-test", Verdict.FAIL),
    ]


def test_the_brief_table_is_read_too() -> None:
    health = read(BANNER + ATA.replace("5400 rpm", "Solid State Device") + BRIEF).media[0].health
    assert health is not None
    assert (health.reallocated, health.wear_percent) == (3, 39)


@pytest.mark.parametrize(
    "size",
    [
        "512,110,190,592 [512 GB]",
        "512.110.190.592 [512 GB]",
        "512 110 190 592 [512 GB]",
        "512\u202f110\u202f190\u202f592 [512 GB]",
        "512'110'190'592",
    ],
)
def test_an_nvme_drive_is_read_in_any_locale(size: str) -> None:
    report = read(BANNER + NVME.format(size=size))
    health = report.media[0].health
    assert (report.model, report.media[0].type, report.media[0].capacity_bytes) == (
        "PEBBLE NV500",
        MediumType.NVME,
        512110190592,
    )
    assert health is not None
    assert (health.passed, health.wear_percent, health.media_errors, health.power_on_hours) == (False, 104, 7, 12798)
    assert health.warnings == ("Critical warning: media is read-only.",)


def test_a_sas_drive_is_named_by_its_product() -> None:
    report = read(BANNER + SCSI)
    medium = report.media[0]
    assert (report.manufacturer, report.model, report.serial, medium.interface) == (
        "Seagate",
        "ST600MM0006",
        "S0M0TEST",
        "SAS",
    )
    assert medium.capacity_bytes == 600127266816
    assert medium.health is not None
    assert (medium.health.passed, medium.health.grown_defects, medium.health.uncorrectable) == (False, 12, 3)
    assert medium.health.power_on_hours == 5104


def test_a_verdict_without_what_proves_it_is_no_pass() -> None:
    report = read(BANNER + ATA)
    assert report.media[0].health is not None
    assert report.media[0].health.passed is None
    assert report.tests[0].verdict is Verdict.UNKNOWN
    assert "ends before its measurements" in report.warnings[0]


def test_a_failing_verdict_counts_though_the_rest_is_cut() -> None:
    assert read(BANNER + ATA.replace("PASSED", "FAILED!")).tests[0].verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BANNER + "/dev/sda: Device of type 'nvme' [NVMe] opened\n", "names no drive"),
        (BANNER + "/dev/loop0: Unable to detect device type\n", "Unable to detect device type"),
        ("/dev/sda -d sat # /dev/sda [SAT], ATA device\n", "--scan"),
    ],
)
def test_an_output_without_a_drive_is_refused(text: str, words: str) -> None:
    with pytest.raises(UnreadableReport) as refusal:
        read(text)
    assert refusal.value.code == "NO_DEVICE"
    assert words in refusal.value.sentence


def test_outputs_of_two_drives_are_not_mixed() -> None:
    with pytest.raises(UnreadableReport) as refusal:
        read(BANNER + ATA + TABLE + BANNER + SCSI)
    assert refusal.value.code == "SEVERAL_DEVICES"
    assert (refusal.value.position or "").startswith("line ")


def test_every_cut_is_read_or_refused_and_never_a_pass_without_measurements() -> None:
    text = BANNER + ATA + TABLE
    for end in range(len(BANNER), len(text), 7):
        try:
            report = read(text[:end])
        except UnreadableReport as error:
            assert error.code == "NO_DEVICE"
            continue
        if end < text.index("ID#"):
            assert report.tests[0].verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("data", [b"{}", b"smartctl is a tool", b"<a/>", b"hello: world"])
def test_it_leaves_other_files_alone(data: bytes) -> None:
    assert not text_form.recognises(Sniff(data))
