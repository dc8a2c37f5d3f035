"""Reports that tell of a battery: Windows' ``powercfg``, Linux' ``upower``, FreeBSD's ``acpiconf`` and what ACPI says elsewhere."""

from __future__ import annotations

import pytest

from triage.reports import registry
from triage.reports.normal import Report, UnreadableReport

PACK = (
    "<Battery><Id>{0}</Id><Manufacturer>SMP</Manufacturer><SerialNumber>  {1}</SerialNumber><Chemistry>LiP</Chemistry>"
    "<RelativeCapacity>0</RelativeCapacity><DesignCapacity>{2}</DesignCapacity><FullChargeCapacity>{3}</FullChargeCapacity>"
    "<CycleCount>{4}</CycleCount></Battery>"
)


def powercfg(*packs: str, maker: str = "LENOVO", model: str = "20HGS0001P") -> Report:
    return registry.read(
        (
            "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<?xml-stylesheet type='text/xsl' href='C:\\battery-stylesheet.xsl'?>\n"
            '<BatteryReport xmlns="http://schemas.microsoft.com/battery/2012"><ReportInformation>'
            "<ScanTime>2022-10-18T03:43:13Z</ScanTime></ReportInformation><SystemInformation><ComputerName>SOMEBODYS</ComputerName>"
            f"<SystemManufacturer>{maker}</SystemManufacturer><SystemProductName>{model}</SystemProductName>"
            "<BIOSDate>07/21/2022</BIOSDate><BIOSVersion>1.47</BIOSVersion><PlatformRole>Mobile</PlatformRole></SystemInformation>"
            f"<Batteries>{''.join(packs)}</Batteries><History><HistoryEntry DesignCapacity='1' FullChargeCapacity='1'/></History>"
            "</BatteryReport>"
        ).encode()
    )


def test_windows_names_the_machine_and_each_of_its_batteries() -> None:
    report = powercfg(PACK.format("00HW023", 541, 23540, 19450, 173), PACK.format("01AV406", 3319, 26060, 17860, 143))
    battery = report.battery

    assert (report.manufacturer, report.model, report.serial, report.chassis) == (
        "LENOVO",
        "20HGS0001P",
        None,
        "Notebook",
    )
    assert [part.serial for part in report.components] == ["541", "3319"]
    assert battery is not None
    assert (battery.design_mwh, battery.full_mwh, battery.cycles, battery.serial) == (49600, 37310, 173, None)
    assert battery.health_percent == 75
    assert report.issued_at == "2022-10-18T03:43:13Z"
    assert report.firmware and report.firmware.released == "2022-07-21"
    assert "SOMEBODYS" not in repr(report)


def test_a_battery_that_doesn_t_count_has_no_cycles_and_one_without_figures_no_health() -> None:
    battery = powercfg(PACK.format("DELL", 0, 57532, 48807, 0)).battery

    assert battery is not None
    assert (battery.cycles, battery.serial, battery.health_percent) == (None, None, 85)
    assert powercfg(PACK.format("DELL", 7, 0, 4294967295, 0)).battery.health_percent is None  # type: ignore[union-attr]
    assert powercfg().battery is None


@pytest.mark.parametrize(
    "page", ["<!DOCTYPE html>\n<html><head><title>Battery report</title>", "<html><title>Battery report</title>"]
)
def test_the_page_for_browsers_is_refused_with_the_way_to_the_xml(page: str) -> None:
    with pytest.raises(UnreadableReport) as error:
        registry.read(page.encode())

    assert "/xml" in error.value.sentence


UPOWER = """{path}
  native-path:          BAT0
  vendor:               SMP
  model:                DELL JHXPY53
  serial:               3682
  power supply:         {supply}
  battery
    present:             yes
    energy-full:         53,4052 Wh
    energy-full-design:  57,532 Wh
    charge-cycles:       12
    capacity:            92,8269%
    technology:          lithium-polymer
"""
DEVICE = "Device: /org/freedesktop/UPower/devices/"


def test_linux_reads_the_machine_s_own_battery_whatever_the_language_of_decimals() -> None:
    text = (
        UPOWER.format(path=DEVICE + "mouse_hidpp", supply="no").replace("3682", "9999")
        + UPOWER.format(path=DEVICE + "battery_BAT0", supply="yes")
        + UPOWER.format(path=DEVICE + "DisplayDevice", supply="yes")
        + "Daemon:\n  daemon-version:  1.90.2\n"
    )
    report = registry.read(text.encode())
    battery = report.battery

    assert (report.kind, report.tool_version) == ("upower.text", "1.90.2")
    assert (report.manufacturer, report.model, report.serial) == (None, None, None)
    assert battery is not None
    assert (battery.design_mwh, battery.full_mwh, battery.health_percent, battery.cycles) == (57532, 53405, 93, 12)
    assert (battery.manufacturer, battery.model, battery.serial) == ("SMP", "DELL JHXPY53", "3682")
    assert registry.read(UPOWER.format(path="", supply="yes").replace(",", ".").encode()).battery == battery


@pytest.mark.parametrize(
    "text",
    [
        "/org/freedesktop/UPower/devices/line_power_AC\n/org/freedesktop/UPower/devices/battery_BAT0\n",
        UPOWER.format(path=DEVICE + "mouse_hidpp", supply="no"),
        "State:                  not present\n",
    ],
)
def test_a_list_of_names_or_a_mouse_is_no_battery_of_a_machine(text: str) -> None:
    with pytest.raises(UnreadableReport) as error:
        registry.read(text.encode())

    assert error.value.code == "NO_DEVICE"


ACPI = """Design capacity:        {0} mAh
Last full capacity:     {1} mAh
Technology:             secondary (rechargeable)
Design voltage:         7600 mV
Model number:           DELL 242WD6B
Serial number:          58167
Type:                   LION
OEM info:               {2}
State:                  high
Remaining capacity:     100%
"""


def test_charges_become_energy_by_the_voltage_of_the_design() -> None:
    battery = registry.read(ACPI.format(7236, 6880, "SANYO").encode()).battery
    coded = registry.read(ACPI.format(7236, 4294967295, "LGC-LGC3.65").encode()).battery

    assert battery is not None
    assert (battery.design_mwh, battery.full_mwh, battery.health_percent) == (54994, 52288, 95)
    assert (battery.manufacturer, battery.model, battery.serial, battery.chemistry) == (
        "SANYO",
        "DELL 242WD6B",
        "58167",
        "LION",
    )
    assert coded is not None
    assert (coded.manufacturer, coded.full_mwh, coded.health_percent) == (None, None, None)


def test_an_ini_file_says_the_same() -> None:
    battery = registry.read(
        b"[BAT0]\ndesign capacity = 50450 mWh\nlast full capacity = 45400 mWh\nserial number = 1234A\n"
    ).battery

    assert battery is not None
    assert (battery.design_mwh, battery.full_mwh, battery.serial) == (50450, 45400, "1234A")
