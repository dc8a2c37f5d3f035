"""Inventories of the GLPI agent and its forebears: whose serial is whose, what a partial one says, what is no thing at all."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from triage.reports import registry
from triage.reports.normal import BatteryCondition, IdentifierKind, MediumType, Report, UnreadableReport

GIB = 2**30


def inventory(**content: Any) -> Report:
    told = {"content": {"versionclient": "GLPI-Agent_v1.7", **content}, "deviceid": "pc-2024", "action": "inventory"}
    return registry.read(json.dumps(told).encode())


def bios(**more: Any) -> dict[str, Any]:
    return {
        "smanufacturer": "LENOVO",
        "smodel": "20HRCTO1WW",
        "ssn": "PF0TEST1",
        "mmodel": "20HRBOARD",
        "msn": "L1BOARD",
        **more,
    }


def xml(content: str, query: str = "INVENTORY") -> Report:
    return registry.read(
        f'<?xml version="1.0" encoding="UTF-8" ?>\n<REQUEST><CONTENT>{content}</CONTENT><QUERY>{query}</QUERY></REQUEST>'.encode()
    )


def test_a_computer_is_what_its_firmware_calls_it_and_its_board_is_a_part() -> None:
    report = inventory(
        bios=bios(bdate="03/14/2021", bversion="N1M", assettag="0000000000"),
        hardware={
            "chassis_type": "Notebook",
            "uuid": "4c4c4544-0034-3010-8048-b6c04f503732",
            "lastloggeduser": "somebody",
        },
        memories=[{"capacity": 8192, "type": "DDR4"}, {"capacity": 16, "type": "Flash"}],
        softwares=[{"name": "a program"}],
    )
    alone = inventory(bios=bios(ssn="To be filled by O.E.M.", smodel="System Product Name"))

    assert (report.kind, report.tool, report.tool_version) == ("glpi.json", "GLPI agent", "1.7")
    assert (report.manufacturer, report.model, report.serial, report.chassis) == (
        "LENOVO",
        "20HRCTO1WW",
        "PF0TEST1",
        "Notebook",
    )
    assert report.asset_tag is None
    assert report.memory_bytes == 8 * GIB
    assert report.firmware and report.firmware.released == "2021-03-14"
    assert {one.kind: one.value for one in report.identifiers}[IdentifierKind.BOARD_SERIAL] == "L1BOARD"
    assert "somebody" not in repr(report)
    assert "a program" not in repr(report)
    assert (alone.serial, alone.model) == (None, None)


def test_memory_that_only_the_system_sees_counts_for_a_virtual_machine() -> None:
    assert inventory(bios=bios(), hardware={"memory": 7800, "vmsystem": "Physical"}).memory_bytes is None
    assert inventory(bios=bios(), hardware={"memory": 2048, "vmsystem": "VMware"}).memory_bytes == 2 * GIB


def test_drives_have_the_unit_that_makes_them_sold_sizes() -> None:
    disk = {"model": "ST1000DM003", "serial": "S4Y1TEST", "name": "disk0", "type": "Disk drive"}
    decimal = inventory(bios=bios(), storages=[{**disk, "disksize": 1000204}]).media[0]
    binary = inventory(bios=bios(), storages=[{**disk, "disksize": 953869}]).media[0]
    others = inventory(
        bios=bios(),
        storages=[
            {"description": "PCI", "model": "PM951 NVMe", "name": "nvme0n1", "serial": "S29TEST", "disksize": 256060},
            {"interface": "USB", "model": "DataTraveler", "serial": "0019TEST", "disksize": 8000},
            {"type": "CD-ROM", "model": "DVDRAM GT50N", "name": "sr0"},
            {"type": "Card reader", "model": "reader"},
            {"type": "disk", "model": "PERC H710P", "serial": "6848f690ec4dTEST", "disksize": 999653},
        ],
    ).media

    assert decimal.capacity_bytes == 1000204 * 10**6
    assert binary.capacity_bytes == 953869 * 2**20
    assert decimal.type is MediumType.HDD
    assert [one.type for one in others] == [MediumType.NVME, MediumType.USB, MediumType.OPTICAL]


def test_addresses_are_those_of_built_in_cards() -> None:
    report = inventory(
        bios=bios(),
        usbdevices=[{"serial": "00E04C680001"}],
        networks=[
            {"description": "eth0", "mac": "54:EE:75:01:02:03", "type": "ethernet"},
            {"description": "docker0", "mac": "02:42:ac:11:00:02"},
            {"description": "lo", "mac": "00:00:00:00:00:00", "virtualdev": True},
            {"description": "enx", "mac": "00:e0:4c:68:00:01"},
            {"description": "VMware Virtual Ethernet Adapter", "mac": "00:50:56:c0:00:01"},
        ],
    )

    assert report.macs == ("54:ee:75:01:02:03",)


def test_batteries_tell_energy_only_in_hours_of_work() -> None:
    told = {"manufacturer": "SMP", "name": "01AV406", "serial": "541", "chemistry": "LiP"}
    good = inventory(bios=bios(), batteries=[{**told, "capacity": 57570, "real_capacity": 50570, "voltage": 8465}])
    milliamps = inventory(bios=bios(), batteries=[{**told, "capacity": 5100, "voltage": 10800}])
    printed = xml(
        "<BIOS><SSN>PF0TEST1</SSN></BIOS><BATTERIES><CAPACITY>43.7456 Wh</CAPACITY><SERIAL>3701</SERIAL></BATTERIES>"
    )
    phone = xml(
        "<BIOS><SMANUFACTURER>samsung</SMANUFACTURER></BIOS>"
        "<BATTERIES><LEVEL>96%</LEVEL><HEALTH>Good</HEALTH><CAPACITY>96</CAPACITY></BATTERIES>"
    )

    assert good.battery and (good.battery.design_mwh, good.battery.health_percent) == (57570, 88)
    assert milliamps.battery and milliamps.battery.design_mwh is None
    assert "mWh" in milliamps.warnings[0]
    assert printed.battery and printed.battery.design_mwh == 43746
    assert phone.battery and phone.battery.design_mwh is None
    assert phone.battery.condition is BatteryCondition.GOOD


def test_the_id_that_android_makes_up_is_no_serial() -> None:
    report = xml(
        "<VERSIONCLIENT>Inventory Agent/1.3.0 (Linux; Android 13)</VERSIONCLIENT>"
        "<HARDWARE><OSNAME>Android</OSNAME><UUID>00aa11bb22cc33dd</UUID></HARDWARE>"
        "<BIOS><ASSETTAG>release-keys</ASSETTAG><SMANUFACTURER>samsung</SMANUFACTURER><SMODEL>SM-A715F</SMODEL>"
        "<SSN>00aa11bb22cc33dd</SSN></BIOS><SIMCARDS><SUBSCRIBER_ID>262011234567890</SUBSCRIBER_ID></SIMCARDS>"
    )

    assert (report.manufacturer, report.model, report.serial, report.asset_tag) == ("samsung", "SM-A715F", None, None)
    assert "Android made" in report.warnings[0]
    assert "262011234567890" not in repr(report)


@pytest.mark.parametrize(
    ("kind", "chassis"),
    [("Networking", "Network device"), ("PRINTER", "Printer"), ("Phone", "Phone"), ("Unmanaged", None)],
)
def test_a_thing_on_the_network_is_what_the_agent_calls_it(kind: str, chassis: str | None) -> None:
    report = inventory(
        network_device={
            "type": kind, "manufacturer": "Canon", "model": "MX 5970", "serial": "SDFTEST1", "mac": "00:85:EB:f4:be:20", "ram": 256,
            "firmware": "8745",
        },
        network_components=[
            {"type": "powerSupply", "serial": "ART1TEST", "model": "PSU"},
            {"type": "stack", "serial": "SDFTEST1"},
            {"type": "chassis", "serial": "SDFTEST1"},
            {"type": "port", "serial": "x1"},
        ],
    )  # fmt: skip

    assert (report.manufacturer, report.model, report.serial, report.chassis) == (
        "Canon",
        "MX 5970",
        "SDFTEST1",
        chassis,
    )
    assert report.macs == ("00:85:eb:f4:be:20",)
    assert report.memory_bytes == 256 * 2**20
    assert report.firmware and report.firmware.version == "8745"
    assert [part.serial for part in report.components] == ["ART1TEST", "SDFTEST1"]


def test_the_xml_of_an_asked_device_is_read_alike() -> None:
    report = xml(
        "<DEVICE><INFO><MANUFACTURER>Digi</MANUFACTURER><MODEL>WR11</MODEL><SERIAL>486TEST</SERIAL><TYPE>NETWORKING</TYPE></INFO>"
        "<PORTS><PORT><IFTYPE>6</IFTYPE><MAC>00:04:2d:07:6b:ae</MAC></PORT></PORTS></DEVICE>",
        "SNMPQUERY",
    )

    assert (report.kind, report.manufacturer, report.serial, report.chassis) == (
        "glpi.xml",
        "Digi",
        "486TEST",
        "Network device",
    )
    assert report.macs == ("00:04:2d:07:6b:ae",)


DEVICE = "<DEVICE><INFO><MODEL>A</MODEL><SERIAL>SN{}TEST</SERIAL></INFO></DEVICE>"


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (DEVICE.format(1) + DEVICE.format(2), "SEVERAL_DEVICES", "2 things"),
        ("<DEVICE><ERROR><MESSAGE>No response from remote host</MESSAGE></ERROR></DEVICE>", "NO_DEVICE", "No response"),
        ("<DEVICE><IP>192.0.2.7</IP><DNSHOSTNAME>printer</DNSHOSTNAME></DEVICE>", "NO_DEVICE", "neither maker"),
        ("<SOFTWARES><NAME>a program</NAME></SOFTWARES>", "NO_DEVICE", "names no machine"),
        ("", "NO_DEVICE", "message"),
    ],
)
def test_what_describes_no_one_thing_is_refused(content: str, code: str, said: str) -> None:
    with pytest.raises(UnreadableReport) as error:
        xml(content)

    assert error.value.code == code
    assert said in error.value.sentence


@pytest.mark.parametrize(("action", "code"), [('"contact"', "NO_DEVICE"), ('["contact"]', "UNKNOWN_FORMAT")])
def test_a_message_to_the_server_is_no_inventory(action: str, code: str) -> None:
    with pytest.raises(UnreadableReport) as error:
        registry.read(f'{{"action": {action}, "deviceid": "pc-2024", "name": "GLPI-Agent", "version": "1.7"}}'.encode())

    assert error.value.code == code


def test_an_inventory_packed_for_the_server_is_unpacked() -> None:
    packed = zlib.compress(b"<REQUEST><CONTENT><BIOS><SSN>PF0TEST1</SSN></BIOS></CONTENT></REQUEST>")

    assert registry.read(packed).serial == "PF0TEST1"
    for data, code in (
        (packed[:-9], "TRUNCATED"),
        (zlib.compress(b" " * 21 * 2**20), "TOO_LARGE"),
        (b"x\x01 is no packing", "UNKNOWN_FORMAT"),
    ):
        with pytest.raises(UnreadableReport) as error:
            registry.read(data)
        assert error.value.code == code


def test_a_cut_file_says_where() -> None:
    with pytest.raises(UnreadableReport) as error:
        registry.read(b'<?xml version="1.0"?>\n<REQUEST><CONTENT><BIOS><SSN>PF0TEST1</SSN>\n')

    assert (error.value.code, error.value.position) == ("TRUNCATED", "line 3, column 1")
