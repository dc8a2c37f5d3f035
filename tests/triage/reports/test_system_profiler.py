"""macOS' report of itself, in text, property list and JSON: the Mac, its drives and what only hangs on it, or a data type alone."""

from __future__ import annotations

import json

import pytest

from triage.reports import registry
from triage.reports.normal import (
    BatteryCondition,
    IdentifierKind,
    Lock,
    LockKind,
    LockState,
    Medium,
    MediumType,
    Report,
    Screen,
    UnreadableReport,
    Verdict,
)

HARDWARE = """Hardware:

    Hardware Overview:

      Model Name: {name}
      Model Identifier: {model}
      Processor Name: Intel Core 2 Duo
      Total Number Of Cores: 2
      Memory: 2 GB
      Boot ROM Version: IM71.007A.B03
      Serial Number (system): W88TEST1
      Hardware UUID: 402127FE-F62F-5F2F-B899-BC9F25C44006
      Activation Lock Status: Disabled

"""
DRIVES = """Serial-ATA:

    Intel ICH8-M AHCI:

      Vendor: Intel
      Product: ICH8-M AHCI

        WDC WD3200AAJS-40VWA0:

          Capacity: 320,07 GB (320 072 933 376 bytes)
          Model: WDC WD3200AAJS-40VWA0
          Revision: 58.01D02
          Serial Number:      WD-WMARTEST
          BSD Name: disk0
          Medium Type: Rotational
          S.M.A.R.T. status: Failing
          Volumes:
            osx:
              Capacity: 216,53 GB (216 532 934 656 bytes)
              BSD Name: disk0s2

        MATSHITA DVD-R UJ-875:

          Model: MATSHITA DVD-R UJ-875
          Serial Number: fG424F9E

"""
USB = """USB:

    USB High-Speed Bus:

      Host Controller Location: Built-in USB
      Bus Number: 0xfa

        Flash Disk:

          Capacity: 1,88 GB
          Serial Number: 110074973765
          Manufacturer: USB 2.0

        Ultra:

          Serial Number: 4C53TEST
          Manufacturer: SanDisk
          Media:
            SanDisk Ultra:
              Capacity: 30.75 GB (30,752,000,000 bytes)

        Optical USB Mouse:

          Manufacturer: Logitech

"""
POWER = """Power:

    Battery Information:

      Model Information:
          Serial Number: HD2TEST
          Manufacturer: SMP
          Device Name: bq20z451
      Charge Information:
          Full Charge Capacity (mAh): {full}
      Health Information:
          Cycle Count: 125
          Condition: {condition}
          Maximum Capacity: 91%
      Battery Installed: Yes

    AC Charger Information:

      Serial Number: CHARGER1
      Manufacturer: Apple Inc.
"""
NETWORK = """Network:

    Ethernet:

      Hardware: Ethernet
      Ethernet:
          MAC Address: 00:1e:c2:0c:36:27

    Parallels Shared Networking Adapter:

      Hardware: Ethernet
      Ethernet:
          MAC Address: 00:1c:42:00:00:08

    FireWire:

      Ethernet:
          MAC Address: 00:1e:52:ff:fe:67:eb:68

"""
MEMORY = """Memory:

    Memory Slots:

        BANK 0/DIMM0:

          Size: 1 GB
          Type: DDR2 SDRAM
          Manufacturer: 0x2C00000000000000
          Part Number: 0x3848544631323836
          Serial Number: 0xD5289015

        BANK 1/DIMM1:

          Size: Empty

"""


def text(*parts: str) -> Report:
    return registry.read("".join(parts).encode())


def refused(data: str) -> UnreadableReport:
    with pytest.raises(UnreadableReport) as error:
        registry.read(data.encode())
    return error.value


def test_the_overview_names_the_mac_by_its_identifier() -> None:
    report = text(HARDWARE.format(name="iMac", model="iMac7,1"), MEMORY, NETWORK)

    assert (report.manufacturer, report.model, report.serial, report.chassis) == (
        "Apple",
        "iMac7,1",
        "W88TEST1",
        "All in One",
    )
    assert report.memory_bytes == 2**30
    assert [(part.model, part.manufacturer) for part in report.components if part.kind == "memory"] == [
        ("8HTF1286", None)
    ]
    assert report.macs == ("00:1e:c2:0c:36:27",)
    assert report.firmware and report.firmware.version == "IM71.007A.B03"
    assert report.identifiers[0].kind is IdentifierKind.UUID
    assert report.locks == (Lock(kind=LockKind.ACTIVATION, state=LockState.OPEN),)


@pytest.mark.parametrize(
    ("name", "model", "maker", "chassis"),
    [
        ("MacBook Air", "Mac14,2", "Apple", "Notebook"),
        ("Mac mini", "Macmini3,1", "Apple", "Mini PC"),
        ("Power Mac G5", "PowerMac11,2", "Apple", "Tower"),
        ("Mac", "VMware7,1", None, None),
    ],
)
def test_only_apple_s_own_identifiers_name_the_maker(
    name: str, model: str, maker: str | None, chassis: str | None
) -> None:
    report = text(HARDWARE.format(name=name, model=model))

    assert (report.manufacturer, report.model, report.chassis) == (maker, model, chassis)


def test_a_drive_is_inside_and_what_hangs_on_usb_is_only_seen() -> None:
    report = text(DRIVES, USB)
    disk, disc, stick, ultra = report.media

    assert (report.manufacturer, report.model, report.serial) == (None, None, None)
    assert (disk.model, disk.serial, disk.capacity_bytes) == ("WDC WD3200AAJS-40VWA0", "WD-WMARTEST", 320072933376)
    assert (disk.type, disk.firmware, disk.interface) == (MediumType.HDD, "58.01D02", "sata")
    assert disc.type is MediumType.OPTICAL
    # Without exact bytes a GB has 2^30 of them; a bus's words for a maker are none.
    assert stick == Medium(
        model="Flash Disk",
        serial="110074973765",
        capacity_bytes=round(1.88 * 2**30),
        type=MediumType.USB,
        interface="usb",
    )
    assert (ultra.model, ultra.manufacturer, ultra.capacity_bytes) == ("Ultra", "SanDisk", 30752000000)
    assert [(one.code, one.verdict) for one in report.tests] == [("smart.status", Verdict.FAIL)]


@pytest.mark.parametrize(
    ("condition", "full", "means"),
    [
        ("Normal", 4069, BatteryCondition.GOOD),
        ("Replace Soon", 2100, BatteryCondition.WORN),
        ("Replace Now", 0, BatteryCondition.FAILED),
        ("Service Battery", 3000, BatteryCondition.FAILED),
        ("Something new", 3000, BatteryCondition.UNKNOWN),
    ],
)
def test_a_battery_alone_is_no_mac_and_its_charger_s_serial_nobody_s(
    condition: str, full: int, means: BatteryCondition
) -> None:
    report = text(POWER.format(condition=condition, full=full))
    battery = report.battery

    assert (report.manufacturer, report.serial) == (None, None)
    assert battery is not None
    assert (battery.serial, battery.cycles, battery.health_percent, battery.condition) == ("HD2TEST", 125, 91, means)
    assert battery.full_mwh is None
    assert "CHARGER1" not in repr(report)


def plist(name: str, items: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
        '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n<array><dict>'
        f"<key>_dataType</key><string>{name}</string><key>_items</key><array>{items}</array>"
        "<key>_timeStamp</key><date>2022-10-06T16:43:05Z</date></dict></array></plist>"
    )


NVME = (
    "<dict><key>_name</key><string>Apple SSD Controller</string><key>_items</key><array><dict>"
    "<key>_name</key><string>APPLE SSD AP0512M</string><key>device_model</key><string>APPLE SSD AP0512M</string>"
    "<key>device_serial</key><string>C02TEST9</string><key>size</key><string>500,28 GB</string>"
    "<key>size_in_bytes</key><integer>500277790720</integer><key>smart_status</key><string>Verified</string>"
    "<key>volumes</key><array><dict><key>_name</key><string>disk0s1</string><key>size_in_bytes</key><integer>1</integer></dict></array>"
    "</dict></array></dict>"
)


def test_the_property_list_s_document_type_is_known_and_fetches_nothing() -> None:
    report = registry.read(plist("SPNVMeDataType", NVME).encode())

    assert report.kind == "system_profiler.xml"
    assert [(one.serial, one.capacity_bytes, one.type) for one in report.media] == [
        ("C02TEST9", 500277790720, MediumType.NVME)
    ]
    assert report.issued_at == "2022-10-06T16:43:05Z"
    for declared in (
        '"http://www.apple.com/DTDs/PropertyList-1.0.dtd" [<!ENTITY a "b">]',
        '"http://example.org/other.dtd"',
    ):
        hostile = plist("SPNVMeDataType", NVME).replace('"http://www.apple.com/DTDs/PropertyList-1.0.dtd"', declared)
        assert refused(hostile).code == "HOSTILE_XML"


def test_control_signs_that_reach_a_property_list_are_blanks() -> None:
    report = registry.read(plist("SPNVMeDataType", NVME.replace("C02TEST9", "\x01C02TEST9\x07")).encode())

    assert report.media[0].serial == "C02TEST9"


def test_a_data_type_that_isn_t_known_may_stand_first_and_blank_lines_anywhere() -> None:
    report = text(
        "AirPort Card Information:\n\n    Something:\n",
        "\n" * 50_000,
        HARDWARE.format(name="iMac", model="iMac7,1"),
        USB,
        DRIVES,
    )

    assert report.serial == "W88TEST1"
    assert refused("AirPort Card Information:\n\n    Something: else\n").code == "UNKNOWN_FORMAT"


def test_json_has_the_same_names() -> None:
    report = registry.read(
        json.dumps(
            {
                "SPHardwareDataType": [
                    {
                        "_name": "hardware_overview",
                        "activation_lock_status": "activation_lock_enabled",
                        "chip_type": "Apple M1",
                        "machine_model": "MacBookPro17,1",
                        "machine_name": "MacBook Pro",
                        "model_number": "MYD82D/A",
                        "physical_memory": "16 GB",
                        "serial_number": "C02TEST2",
                    }
                ],
                "SPPowerDataType": [
                    {
                        "_name": "spbattery_information",
                        "sppower_battery_health_info": {
                            "sppower_battery_cycle_count": 41,
                            "sppower_battery_health": "Good",
                            "sppower_battery_health_maximum_capacity": "97%",
                        },
                        "sppower_battery_model_info": {"sppower_battery_serial_number": "F8YTEST"},
                    }
                ],
                "SPDisplaysDataType": [
                    {
                        "_name": "kHW_AppleM1Item",
                        "sppci_model": "Apple M1",
                        "spdisplays_ndrvs": [
                            {
                                "_name": "Color LCD",
                                "_spdisplays_pixels": "2560 x 1600",
                                "spdisplays_connection_type": "spdisplays_internal",
                            },
                            {"_name": "DELL U2720Q", "_spdisplays_pixels": "3840 x 2160"},
                        ],
                    }
                ],
            }
        ).encode()
    )

    assert (report.manufacturer, report.model, report.serial, report.sku) == (
        "Apple",
        "MacBookPro17,1",
        "C02TEST2",
        "MYD82D/A",
    )
    assert (report.chassis, report.memory_bytes) == ("Notebook", 16 * 2**30)
    assert report.locks[0].state is LockState.LOCKED
    assert report.battery and (report.battery.serial, report.battery.cycles, report.battery.health_percent) == (
        "F8YTEST",
        41,
        97,
    )
    assert report.screens == (Screen(model="Color LCD", width_px=2560, height_px=1600),)
    assert [part.model for part in report.components if part.kind == "display"] == ["DELL U2720Q"]


APPLICATIONS = "  64-Bit (Intel): Yes\n  Last Modified: 1/5/11 5:56 PM\n  Location: /Applications/{0}.app\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("Applications:\n\n    Terminal:\n\n      Version: 2.1.2\n", "list of applications"),
        ("---\n" + "".join(f"{name}:\n{APPLICATIONS.format(name)}" for name in "ABC"), "list of applications"),
        ("Software:\n\n    System Software Overview:\n\n      Computer Name: somebody's\n", "installed system"),
        (plist("SPFireWireDataType", ""), "nothing was found"),
    ],
)
def test_a_data_type_that_describes_no_thing_is_refused(data: str, said: str) -> None:
    error = refused(data)

    assert error.code == "NO_DEVICE"
    assert said in error.sentence
