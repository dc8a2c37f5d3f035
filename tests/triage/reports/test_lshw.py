"""The traps of lshw's tree, one small machine each; and its three forms."""

from __future__ import annotations

import json
from typing import Any

from triage.reports import registry
from triage.reports.media import type_of_model
from triage.reports.normal import MediumType, Report


def machine(*children: dict[str, Any], **root: Any) -> Report:
    node = {
        "id": "bench",
        "class": "system",
        "claimed": True,
        "description": "Notebook",
        "vendor": "LENOVO",
        "product": "20HRCTO1WW (LENOVO_MT_20HR)",
        "version": "ThinkPad X1",
        "serial": "PF0TEST1",
        "configuration": {"sku": "LENOVO_MT_20HR", "chassis": "notebook"},
        "children": [
            {"id": "core", "class": "bus", "serial": "L1BOARD", "product": "20HRCTO1WW", "children": list(children)}
        ],
        **root,
    }
    return registry.read(json.dumps(node).encode())


def bank(number: int, size: int | None, description: str = "SODIMM DDR4 Synchronous", **more: Any) -> dict[str, Any]:
    return {"id": f"bank:{number}", "class": "memory", "description": description, "size": size, **more}


GIB = 2**30


def test_the_board_s_serial_is_not_the_machine_s() -> None:
    report = machine(serial="To Be Filled By O.E.M.")

    assert report.serial is None
    assert [part.serial for part in report.components if part.kind == "motherboard"] == ["L1BOARD"]


def test_brackets_that_belong_to_the_model_stay() -> None:
    virtual = machine(vendor="QEMU", product="Standard PC (i440FX + PIIX, 1996)", configuration={"boot": "normal"})

    assert virtual.model == "Standard PC (i440FX + PIIX, 1996)"
    assert machine().model == "20HRCTO1WW"
    assert machine().sku == "LENOVO_MT_20HR"


def test_memory_is_what_stands_in_the_banks_and_no_flash_or_cache() -> None:
    report = machine(
        {"id": "memory:0", "class": "memory", "children": [bank(0, 4 * GIB)]},
        {
            "id": "memory:1",
            "class": "memory",
            "description": "System Memory",
            "size": 3 * GIB,
            "children": [bank(0, 4 * GIB), bank(1, None, "DIMM [empty]")],
        },
        {
            "id": "memory:2",
            "class": "memory",
            "description": "Flash Memory",
            "children": [bank(0, 2**22, "Chip FLASH")],
        },
        {"id": "cache:0", "class": "memory", "description": "L1 cache", "size": 2**18},
        {"id": "firmware", "class": "memory", "description": "BIOS", "size": 2**20},
    )

    assert report.memory_bytes == 8 * GIB


def test_a_machine_without_banks_has_the_memory_its_system_sees() -> None:
    report = machine({"id": "memory", "class": "memory", "description": "System memory", "size": 522129408})

    assert report.memory_bytes == 522129408
    assert machine().memory_bytes is None


def test_an_nvme_drive_is_one_drive_named_by_its_controller() -> None:
    controller = {
        "id": "nvme", "class": "storage", "description": "NVMe device", "product": "SAMSUNG MZVLB512", "vendor": "Samsung",
        "serial": "S4EVNF0M", "version": "EXF72", "logicalname": "/dev/nvme0",
        "children": [
            {"id": "hwmon0", "class": "disk", "description": "NVMe disk", "logicalname": "hwmon0"},
            {"id": "ng0n1", "class": "disk", "description": "NVMe disk", "logicalname": "/dev/ng0n1"},
            {"id": "namespace:0", "class": "disk", "description": "NVMe disk", "logicalname": "/dev/nvme0n1", "size": 400},
            {"id": "namespace:1", "class": "disk", "description": "NVMe disk", "logicalname": "/dev/nvme0n2", "size": 112},
        ],
    }  # fmt: skip

    media = machine(controller).media

    assert [(one.model, one.serial, one.capacity_bytes, one.type) for one in media] == [
        ("SAMSUNG MZVLB512", "S4EVNF0M", 512, MediumType.NVME)
    ]


def test_soldered_flash_is_emmc_and_a_card_in_its_slot_is_not() -> None:
    def slot(serial: str, *names: str) -> dict[str, Any]:
        below = [
            {"id": f"interface:{place}", "class": "disk" if name.endswith(("0", "1")) and "boot" not in name else "generic",
             "logicalname": f"/dev/{name}", "size": 31268536320}
            for place, name in enumerate(names)
        ]  # fmt: skip
        return {"id": "device", "class": "generic", "description": "SD/MMC Device", "product": "DF4032", "serial": serial,
                "children": below}  # fmt: skip

    media = machine(slot("0x1234", "mmcblk0", "mmcblk0boot0", "mmcblk0rpmb"), slot("0x9876", "mmcblk1")).media

    assert [(one.serial, one.type, one.model) for one in media] == [
        ("0x1234", MediumType.EMMC, "DF4032"),
        ("0x9876", MediumType.UNKNOWN, "DF4032"),
    ]


def test_a_reader_without_a_card_is_no_drive_and_a_stick_is_one_on_usb() -> None:
    def usb(product: str, serial: str, size: int | None) -> dict[str, Any]:
        disk = {"id": "disk", "class": "disk", "description": "SCSI Disk", "product": product, "logicalname": "/dev/sdb",
                "children": [{"id": "medium", "class": "disk", "size": size}]}  # fmt: skip
        return {"id": "usb:0", "class": "storage", "businfo": "usb@2:1.5", "serial": serial, "children": [disk]}

    media = machine(usb("SD/MMC", "2006", None), usb("DataTraveler", "60A44C3F", 4002910208)).media

    assert [(one.model, one.serial, one.capacity_bytes, one.type) for one in media] == [
        ("DataTraveler", "60A44C3F", 4002910208, MediumType.USB)
    ]


def test_an_internal_drive_that_does_not_answer_is_still_a_drive() -> None:
    media = machine(
        {"id": "disk", "class": "disk", "description": "ATA Disk", "product": "ST500DM002", "serial": "Z2A"}
    ).media

    assert [(one.serial, one.capacity_bytes, one.type) for one in media] == [("Z2A", None, MediumType.HDD)]


def test_a_drive_whose_model_does_not_tell_stays_unknown() -> None:
    assert type_of_model("VBOX HARDDISK") is MediumType.UNKNOWN
    assert type_of_model(None) is MediumType.UNKNOWN
    for solid in (
        "WDC WDS240G2G0A-00JH30",
        "KINGSTON SA400S3",
        "SAMSUNG MZNTY256",
        "Crucial_CT525MX3",
        "Samsung SSD 860 EVO",
    ):
        assert type_of_model(solid) is MediumType.SSD, solid
    for spinning in ("WDC WD5000AAKX-0", "ST3500413AS", "Hitachi HTS54505", "HGST HTS725050A7", "TOSHIBA MQ01ABD050"):
        assert type_of_model(spinning) is MediumType.HDD, spinning


def test_xml_and_text_say_what_json_says() -> None:
    xml = b"""<?xml version="1.0" standalone="yes" ?>
<!-- generated by lshw -->
<list><node id="bench" claimed="true" class="system" handle="DMI:0001">
 <description>Notebook</description><product>Atlas (SKU-7)</product><vendor>Acme</vendor><serial>AT14-000771</serial>
 <configuration><setting id="chassis" value="notebook" /><setting id="sku" value="SKU-7" /></configuration>
 <node id="core" class="bus"><node id="memory" class="memory"><description>System Memory</description>
  <node id="bank:0" class="memory"><description>SODIMM DDR4</description><size units="bytes">4294967296</size></node></node>
  <node id="disk" class="disk"><description>ATA Disk</description><product>ST500LT012</product><serial>W0V7XXQ1</serial>
   <logicalname>/dev/sda</logicalname><size units="bytes">500107862016</size></node></node>
</node></list>"""
    text = b"""bench
    description: Notebook
    product: Atlas (SKU-7)
    vendor: Acme
    serial: AT14-000771
    configuration: boot=normal chassis=notebook sku=SKU-7
  *-core
       description: Motherboard
     *-memory
          description: System Memory
          size: 4GiB
        *-bank:0
             description: SODIMM DDR4
             size: 4GiB
     *-disk
          description: ATA Disk
          product: ST500LT012
          logical name: /dev/sda
          serial: W0V7XXQ1
          size: 465GiB (500GB)
"""
    for data, kind, capacity in ((xml, "lshw.xml", 500107862016), (text, "lshw.text", 500 * 10**9)):
        report = registry.read(data)
        assert report.kind == kind
        assert (report.manufacturer, report.model, report.serial, report.sku) == (
            "Acme",
            "Atlas",
            "AT14-000771",
            "SKU-7",
        )
        assert report.chassis == "notebook"
        assert report.memory_bytes == 4 * GIB
        (medium,) = report.media
        assert (medium.model, medium.serial, medium.capacity_bytes) == ("ST500LT012", "W0V7XXQ1", capacity)


def test_a_very_deep_or_wide_tree_is_bounded() -> None:
    node: dict[str, Any] = {"id": "end", "class": "bus"}
    for _ in range(40):
        node = {"id": "pci", "class": "bridge", "children": [node]}
    wide = [{"id": f"usb:{place}", "class": "bus"} for place in range(60_000)]

    assert machine(node, *wide).serial == "PF0TEST1"
