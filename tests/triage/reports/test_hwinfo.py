"""hwinfo's text: the firmware's table, drives by their whole names, and what hangs on USB."""

from __future__ import annotations

import pytest

from triage.reports import registry
from triage.reports.normal import MediumType, Report, UnreadableReport

BIOS = """01: None 00.0: 10105 BIOS
  [Created at bios.186]
  Unique ID: rdCR.lZF+r4EgHp4
  Hardware Class: bios
  SMBIOS Version: 2.6
  BIOS Info: #0
    Vendor: "Acme"
    Version: "V3.05"
    Date: "08/12/2010"
  System Info: #1
    Manufacturer: "Acme"
    Product: "Atlas 14"
    Serial: "AT14-000771"
    UUID: undefined, but settable
  Chassis Info: #3
    Manufacturer: "Acme"
    Serial: "0x00000000"
    Type: 0x0a (Notebook)
  Physical Memory Array: #55
    Use: 0x05 (Flash memory)
  Memory Device: #56
    Location: "XMM1"
    Manufacturer: "JEDEC ID:AD 00 00 00 00 00 00 00"
    Part Number: "HYMP125U64CP8-S6"
    Memory Array: #54
    Size: 2 GB
  Memory Device: #57
    Memory Array: #55
    Size: 4 MB
  Memory Device: #58
    Size: No Memory Installed
  Config Status: cfg=new, avail=yes, need=no, active=unknown

"""
DRIVES = """43: SCSI 600.0: 10600 Disk
  [Created at block.245]
  SysFS Device Link: /devices/pci0000:00/0000:00:1a.0/usb1/1-1/1-1.2/1-1.2:1.0/host6/target6:0:0/6:0:0:0
  Hardware Class: disk
  Vendor: usb 0x090c "USB"
  Device: usb 0x1000 "Flash Disk"
  Serial ID: "FB08091700013827"
  Device File: /dev/sdb (/dev/sg2)
  Capacity: 0 GB (1002438656 bytes)

46: SCSI 100.0: 10602 CD-ROM (DVD)
  Hardware Class: cdrom
  Vendor: "MATSHITA"
  Device: "DVD+-RW UJ8E1"
  Device File: /dev/sr0 (/dev/sg1)
  Device Files: /dev/sr0, /dev/disk/by-id/ata-MATSHITA_DVD+_-RW_UJ8E1_SHD7M05731, /dev/dvd

47: IDE 00.0: 10600 Disk
  SysFS Device Link: /devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0
  Hardware Class: disk
  Vendor: "HGST"
  Device: "HTS725050A7"
  Revision: "A560"
  Serial ID: "TF755AWHKL0LHM"
  Device File: /dev/sda
  Device Files: /dev/sda, /dev/disk/by-id/ata-HGST_HTS725050A7E630_TF755AWHKL0LHM, /dev/disk/by-id/wwn-0x5000cca77ff2776e
  Capacity: 465 GB (500107862016 bytes)

48: PCI 00.0: 10600 Disk
  Hardware Class: disk
  Vendor: pci 0x1344 "Micron"
  Device: "Micron Disk"
  Device File: /dev/nvme0n1
  Device Files: /dev/nvme0n1, /dev/disk/by-id/nvme-eui.0025384161b4bf61, /dev/disk/by-id/nvme-Micron_2200_MTFDHBA512TCK_19432496BDC1
  Capacity: 476 GB (512110190592 bytes)

"""
NETWORK = """24: PCI 300.0: 0200 Ethernet controller
  SysFS ID: /devices/pci0000:00/0000:00:13.1/0000:03:00.0
  Hardware Class: network
  Vendor: pci 0x10ec "Realtek"
  Device: pci 0x8168 "RTL8111"
  HW Address: 94:C6:91:1b:7e:93

25: None 00.0: 10701 Ethernet
  SysFS ID: /class/net/usb0
  SysFS Device Link: /devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0
  Hardware Class: network interface
  HW Address: 00:11:22:33:44:55

26: None 00.0: 10701 Ethernet
  SysFS ID: /class/net/docker0
  Hardware Class: network interface
  HW Address: 02:42:ac:11:00:02

28: None 00.0: 10002 LCD Monitor
  Hardware Class: monitor
  Model: "AUO LCD Monitor"
  Vendor: AUO "AUO"
  Device: eisa 0x61d2
  Size: 222x125 mm
  Year of Manufacture: 2009
  Detailed Timings #0:
     Resolution: 1024x600

29: None 00.0: 10000 Monitor
  Hardware Class: monitor
  Model: "HP L1908w"
  Vendor: HWP "HP"
  Device: eisa 0x26f0 "HP L1908w"
  Serial ID: "3CQ8462T51"
"""


def read(text: str) -> Report:
    return registry.read(text.encode())


def test_the_machine_is_named_by_the_firmware_s_table() -> None:
    report = read(BIOS + DRIVES + NETWORK)

    assert (report.kind, report.manufacturer, report.model, report.serial) == (
        "hwinfo.text",
        "Acme",
        "Atlas 14",
        "AT14-000771",
    )
    assert (report.chassis, report.memory_bytes, report.identifiers) == ("Notebook", 2 * 2**30, ())
    assert report.firmware is not None
    assert report.firmware.released == "2010-08-12"
    assert [(part.manufacturer, part.model) for part in report.components if part.kind == "memory"] == [
        ("SK hynix", "HYMP125U64CP8-S6")
    ]


def test_drives_bear_their_whole_names_and_only_those_on_usb_are_outside() -> None:
    stick, tray, disk, nvme = read(BIOS + DRIVES).media

    assert (stick.type, tray.type, tray.model, tray.serial) == (
        MediumType.USB,
        MediumType.OPTICAL,
        "DVD+-RW UJ8E1",
        "SHD7M05731",
    )
    assert (disk.model, disk.serial, disk.manufacturer, disk.type) == (
        "HGST HTS725050A7E630",
        "TF755AWHKL0LHM",
        "HGST",
        MediumType.HDD,
    )
    assert (nvme.model, nvme.serial, nvme.type) == ("Micron 2200 MTFDHBA512TCK", "19432496BDC1", MediumType.NVME)
    assert disk.capacity_bytes == 500107862016


def test_addresses_of_bridges_and_usb_adapters_are_not_the_machine_s() -> None:
    report = read(BIOS + NETWORK)

    assert report.macs == ("94:c6:91:1b:7e:93",)
    assert [(one.manufacturer, one.model, one.serial) for one in report.screens] == [
        ("AU Optronics", None, None),
        ("HP", "HP L1908w", "3CQ8462T51"),
    ]
    assert (report.screens[0].width_px, report.screens[0].width_mm, report.screens[0].made_year) == (1024, 222, 2009)


def test_a_table_that_was_cut_tells_no_memory() -> None:
    cut = read(BIOS[: BIOS.index("  Memory Device: #57")])

    assert (cut.serial, cut.memory_bytes) == ("AT14-000771", None)
    assert "stops within" in cut.warnings[0]


def test_a_battery_that_is_printed_as_bytes_is_read_by_its_offsets() -> None:
    record = (
        "  Type 22 Record: #5632\n    Data 00: 16 1a 00 16 01 02 03 04 05 02 48 18 5c 2b 06 05\n"
        "    Data 10: 83 4a f9 42 07 0a 01 00 00 00\n"
        '    String 1: "Sys. Battery Bay"\n    String 2: "LG"\n    String 3: "07/25/2013"\n    String 4: "4A83"\n    String 5: "DELL HMY"\n'
        '    String 6: "1.0"\n    String 7: "LION"\n'
    )
    battery = read(BIOS.replace("  Config Status", record + "  Config Status")).battery
    spoiled = read(BIOS.replace("  Config Status", record.replace("16 1a", "zz") + "  Config Status"))

    assert battery is not None
    assert (battery.design_mwh, battery.manufacturer, battery.model, battery.serial) == (
        62160,
        "LG",
        "DELL HMY",
        "4A83",
    )
    assert battery.chemistry == "LION"
    assert (spoiled.battery, spoiled.serial) == (None, "AT14-000771")


def test_without_root_the_machine_has_no_name_and_the_report_says_why() -> None:
    bios = "01: None 00.0: 10105 BIOS\n  [Created at bios.186]\n  Hardware Class: bios\n  Config Status: cfg=new\n\n"
    report = read(bios + DRIVES)

    assert (report.manufacturer, report.model, report.serial, len(report.media)) == (None, None, None, 4)
    assert "run hwinfo as root" in report.warnings[0]


def test_blocks_without_a_machine_or_a_drive_are_refused() -> None:
    with pytest.raises(UnreadableReport) as refused:
        read("03: None 00.0: 10104 FPU\n  [Created at misc.191]\n  Hardware Class: unknown\n")

    assert refused.value.code == "NO_DEVICE"
