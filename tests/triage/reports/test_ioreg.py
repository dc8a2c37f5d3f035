"""macOS' registry of hardware, in text and as a property list."""

from __future__ import annotations

import base64

import pytest

from triage.reports import registry
from triage.reports.ioreg.entries import structure
from triage.reports.normal import BatteryCondition, MediumType, Report, Screen, UnreadableReport

EXPERT = """+-o MacBookPro12,1  <class IOPlatformExpertDevice, id 0x100000112, registered, matched, active, busy 0 (21613 ms), retain 47>
    {
      "serial-number" = <46564838000000000000000000433032514d>
      "manufacturer" = <"Apple Inc.">
      "board-id" = <"Mac-E43C1C25D4880AD6">
      "IOPlatformUUID" = "CE3A2773-AF9E-515B-918B-5EE5C09372D7"
      "IOPlatformSerialNumber" = "C02TESTFVH8"
      "model" = <"MacBookPro12,1">
    }
"""
BATTERY = """  | +-o AppleSmartBattery  <class AppleSmartBattery, id 0x100000254, registered, matched, active, busy 0 (0 ms), retain 6>
  |     {{
  |       "BatteryInstalled" = Yes
  |       "Serial" = "F8YTEST"
  |       "Manufacturer" = "SMP"
  |       "DeviceName" = "bq20z451"
  |       "DesignCapacity" = 6330
  |       "MaxCapacity" = {0}
  |       "AppleRawMaxCapacity" = {1}
  |       "CycleCount" = 212
  |       "PermanentFailureStatus" = {2}
  |     }}
"""
DISK = """  +-o IOAHCIBlockStorageDevice  <class IOAHCIBlockStorageDevice, id 0x1, registered>
      {
        "Protocol Characteristics" = {"Physical Interconnect"="SATA","Physical Interconnect Location"="Internal"}
        "Device Characteristics" = {"Serial Number"="S1K4TEST","Product Name"="APPLE SSD SM0256G","Medium Type"="Solid State"}
      }
    +-o APPLE SSD SM0256G Media  <class IOMedia, id 0x2, registered>
        {
          "Whole" = Yes
          "Size" = 251000193024
        }
      +-o Part@1  <class IOMedia, id 0x3, registered>
          {
            "Whole" = No
            "Size" = 209715200
          }
"""
FRAMES = """+-o AppleCLCD2  <class AppleCLCD2, id 0x1000002b1, registered, matched, active, busy 0 (1 ms), retain 15>
    {
      "DisplayWidth" = 2560
      "DisplayHeight" = 1600
      "DisplayAttributes" = {"ProductAttributes"={}}
    }
+-o AppleCLCD2  <class AppleCLCD2, id 0x1000002b7, registered, matched, active, busy 0 (0 ms), retain 12>
    {
      "external" = Yes
      "DisplayWidth" = 2560
      "DisplayAttributes" = {"A"=({"x"=No},1),"ProductAttributes"={"ProductName"="P2421DC","AlphanumericSerialNumber"="4S0TEST"}}
    }
"""


def read(*parts: str) -> Report:
    return registry.read("".join(parts).encode())


def test_the_platform_expert_is_the_mac() -> None:
    report = read(EXPERT)

    assert (report.kind, report.manufacturer, report.model) == ("ioreg.text", "Apple Inc.", "MacBookPro12,1")
    assert (report.serial, report.chassis) == ("C02TESTFVH8", "Notebook")
    assert report.identifiers[0].valid is True


def test_a_listing_of_something_else_still_names_the_model() -> None:
    report = read(
        "+-o Root  <class IORegistryEntry>\n  +-o MacBook2,1  <class IOPlatformExpertDevice, id 0x1, registered>\n"
    )

    assert (report.manufacturer, report.model, report.serial) == ("Apple", "MacBook2,1", None)


@pytest.mark.parametrize(("most", "raw", "failure"), [(5064, 0, 0), (100, 5064, 0), (5064, 5064, 1)])
def test_a_battery_s_health_is_the_share_of_its_charges_on_every_generation(most: int, raw: int, failure: int) -> None:
    report = read(BATTERY.format(most, raw, failure))
    battery = report.battery

    assert (report.model, report.serial) == (None, None)
    assert battery is not None
    assert (battery.health_percent, battery.cycles, battery.serial, battery.manufacturer) == (80, 212, "F8YTEST", "SMP")
    assert battery.condition is (BatteryCondition.FAILED if failure else None)


def test_drives_have_the_size_of_the_whole_medium() -> None:
    (disk,) = read(EXPERT, DISK).media

    assert (disk.model, disk.serial, disk.capacity_bytes, disk.type) == (
        "APPLE SSD SM0256G",
        "S1K4TEST",
        251000193024,
        MediumType.SSD,
    )


def test_the_built_in_screen_is_a_screen_and_a_monitor_a_component() -> None:
    report = read(FRAMES)

    assert report.screens == (Screen(width_px=2560, height_px=1600),)
    assert [(part.model, part.serial) for part in report.components] == [("P2421DC", "4S0TEST")]


def test_the_property_list_says_the_same() -> None:
    model = base64.b64encode(b"MacBookAir10,1\x00").decode()
    report = registry.read(
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
            '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0"><array><dict>'
            "<key>IOObjectClass</key><string>IOPlatformExpertDevice</string><key>IOPlatformSerialNumber</key><string>C02TEST3</string>"
            f"<key>model</key><data>\n\t{model}\n\t</data><key>IORegistryEntryChildren</key><array><dict>"
            "<key>IOObjectClass</key><string>AppleSmartBattery</string><key>DesignCapacity</key><integer>4382</integer>"
            "<key>AppleRawMaxCapacity</key><integer>3944</integer><key>CycleCount</key><integer>0</integer>"
            "<key>BatteryData</key><dict><key>Serial</key><string>D86TEST</string></dict></dict></array></dict></array></plist>"
        ).encode()
    )

    assert (report.kind, report.manufacturer, report.model, report.serial) == (
        "ioreg.xml",
        "Apple",
        "MacBookAir10,1",
        "C02TEST3",
    )
    assert report.battery and (report.battery.serial, report.battery.health_percent) == ("D86TEST", 90)


def test_entries_of_no_mac_are_refused() -> None:
    with pytest.raises(UnreadableReport) as error:
        read(
            '+-o Apple Keyboard@fd300000  <class IOUSBDevice, id 0x1>\n    {\n      "USB Product Name" = "Apple Keyboard"\n    }\n'
        )

    assert error.value.code == "NO_DEVICE"


def test_a_structure_is_read_to_a_bounded_depth() -> None:
    deep = structure('{"a"=' * 10_000)
    for _ in range(30):
        deep = deep.get("a") if isinstance(deep, dict) else None

    assert deep is None
    assert structure('{"a"={"b"=(1,"x",Yes)},"c"=<0001>}') == {"a": {"b": [1, "x", True]}, "c": b"\x00\x01"}
