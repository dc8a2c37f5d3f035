"""dmidecode's text: whose name it is, what an extract is of, and which of its words are none."""

from __future__ import annotations

import pytest

from triage import kinds
from triage.reports import registry
from triage.reports.dmidecode import jedec
from triage.reports.normal import IdentifierKind, Report, UnreadableReport

HEAD = "# dmidecode 3.3\nSMBIOS 2.8 present.\n\n"
SYSTEM = """Handle 0x0001, DMI type 1, 27 bytes
System Information
\tManufacturer: Acme Inc.
\tProduct Name: Atlas 14
\tSerial Number: {serial}
\tUUID: {uuid}
\tSKU Number: SKU=NotProvided;ModelName=Atlas 14

"""
BOARD = """Handle 0x0002, DMI type 2, 15 bytes
Base Board Information
\tManufacturer: Acme Inc.
\tProduct Name: 0ABC12
\tSerial Number: ..CN7475144H0028.

"""
CASE = """Handle 0x0003, DMI type 3, 22 bytes
Chassis Information
\tManufacturer: Acme Inc.
\tType: {form}
\tSerial Number: CASE771
\tAsset Tag: No Asset Tag

"""
PROCESSOR = "Handle 0x0004, DMI type 4, 42 bytes\nProcessor Information\n\tManufacturer: Intel\n\tVersion: Core i5\n\n"
BIOS = "Handle 0x0000, DMI type 0, 24 bytes\nBIOS Information\n\tVendor: Acme\n\tVersion: A06\n\tRelease Date: 10/02/2005\n\n"
UUID = "4c4c4544-0046-4810-8057-b3c04f385a31"


def read(text: str) -> Report:
    return registry.read(text.encode())


def module(size: str, array: str = "0x1000", maker: str = "80AD000080AD", extra: str = "") -> str:
    return (
        f"Handle 0x1100, DMI type 17, 92 bytes\nMemory Device\n\tArray Handle: {array}\n\tSize: {size}\n\tType: DDR4\n"
        f"\tManufacturer: {maker}\n\tSerial Number: 25477B84\n\tPart Number: HMAA1GS6CJR6N-XN----\n{extra}\n"
    )


def system(serial: str = "AT14-000771", uuid: str = UUID) -> str:
    return SYSTEM.format(serial=serial, uuid=uuid)


def test_a_machine_s_name_is_the_system_s_and_the_board_s_serial_is_only_another_identifier() -> None:
    report = read(HEAD + BIOS + system() + BOARD + CASE.format(form="Notebook") + module("8 GB"))

    assert (report.kind, report.tool, report.tool_version) == ("dmidecode.text", "dmidecode", "3.3")
    assert (report.manufacturer, report.model, report.serial) == ("Acme Inc.", "Atlas 14", "AT14-000771")
    assert not kinds.lists_drives(read(HEAD + system() + module("8 GB") + PROCESSOR))
    assert (report.sku, report.chassis, report.asset_tag, report.memory_bytes) == (None, "Notebook", None, 8 * 2**30)
    assert report.firmware is not None
    assert (report.firmware.version, report.firmware.released) == ("A06", "2005-10-02")
    assert [(one.kind, one.value, one.valid) for one in report.identifiers] == [
        (IdentifierKind.UUID, UUID, True),
        (IdentifierKind.BOARD_SERIAL, "..CN7475144H0028.", None),
        (IdentifierKind.CHASSIS_SERIAL, "CASE771", None),
    ]


@pytest.mark.parametrize(
    ("form", "serial"),
    [("Desktop", "CASE771"), ("Mini Tower", "CASE771"), ("Rack Mount Chassis", None), ("Blade", None)],
)
def test_a_case_lends_its_serial_only_where_it_holds_one_machine(form: str, serial: str | None) -> None:
    report = read(HEAD + system(serial=" ") + CASE.format(form=form))

    assert report.serial == serial
    assert bool(report.warnings) is (serial is not None)


@pytest.mark.parametrize(
    ("uuid", "kept"),
    [
        ("Not Settable", None), ("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", None), ("00000000-0000-0000-0000-000000000000", None),
        ("03000200-0400-0500-0006-000700080009", None), ("3445DEE7-45D0-1244-95DD-34FAA067C1BE33E", False), (UUID, True),
    ],
)  # fmt: skip
def test_a_uuid_that_boards_share_is_none_and_a_malformed_one_says_so(uuid: str, kept: bool | None) -> None:
    identifiers = read(HEAD + system(uuid=uuid)).identifiers

    assert [one.valid for one in identifiers] == ([] if kept is None else [kept])


@pytest.mark.parametrize(
    "serial",
    ["To Be Filled By O.E.M.", "System Serial Number", "0123456789", "0x00000000", "1.0", "TBD by ODM", "........"],
)
def test_a_placeholder_is_no_serial(serial: str) -> None:
    assert read(HEAD + system(serial=serial)).serial is None


def test_an_extract_is_of_its_parts_alone() -> None:
    memory = read(HEAD + module("8 GB") + module("8 GB", maker="832500008325"))
    battery = read(
        HEAD + "Handle 0x16, DMI type 22, 26 bytes\r\nPortable Battery\r\n\tManufacturer: SMP\r\n\tName: DELL JHX\r\n"
        "\tDesign Capacity: 57530 mWh\r\n\tDesign Voltage: 7600 mV\r\n\tSBDS Serial Number: 0A75\r\n\tSBDS Chemistry: LiP\r\n"
    )

    assert memory.memory_bytes == 16 * 2**30
    assert [(part.manufacturer, part.model) for part in memory.components] == [
        ("SK hynix", "HMAA1GS6CJR6N-XN"),
        ("Kingmax", "HMAA1GS6CJR6N-XN"),
    ]
    assert battery.battery is not None
    assert (battery.battery.design_mwh, battery.battery.serial, battery.battery.chemistry) == (57530, "0A75", "LiP")
    for report in (memory, battery):
        assert (report.manufacturer, report.model, report.serial, report.media) == (None, None, None, ())


def battery(capacity: str, voltage: str, serial: str = "0CF7") -> str:
    return (
        f"Handle 0x0023, DMI type 22, 26 bytes\nPortable Battery\n\tManufacturer: SMP\n\tName: 01AV406\n"
        f"\tDesign Capacity: {capacity}\n\tDesign Voltage: {voltage}\n\tSerial Number: {serial}\n\n"
    )


def test_of_two_batteries_the_designs_are_added_and_a_figure_in_a_wrong_unit_is_left_out() -> None:
    two = read(HEAD + battery("23540 mWh", "11400 mV") + battery("26060 mWh", "11460 mV", "0A11"))
    wrong = read(HEAD + battery("4400 mWh", "10800 mV", "0000"))

    assert two.battery is not None
    assert (two.battery.design_mwh, two.battery.serial) == (49600, None)
    assert wrong.battery is not None
    assert (wrong.battery.design_mwh, wrong.battery.serial, len(wrong.warnings)) == (None, None, 1)


def test_a_power_supply_s_place_is_not_its_model() -> None:
    rows = (
        "\tName: Power Supply 1\n\tManufacturer: HP\n\tSerial Number: 5ANLE0CLL0UBKE  \n"
        "\tModel Part Number: 503296-B21\n\tMax Power Capacity: 460 W\n"
    )
    (part,) = read(f"{HEAD}Handle 0x2700, DMI type 39, 22 bytes\nSystem Power Supply\n{rows}").components

    assert (part.kind, part.model, part.serial) == ("power_supply", "503296-B21", "5ANLE0CLL0UBKE")
    assert (part.detail["watts"], part.detail["slot"]) == ("460", "Power Supply 1")


def test_flash_video_memory_and_modules_that_keep_data_are_no_memory() -> None:
    video = "Handle 0x1001, DMI type 16, 15 bytes\nPhysical Memory Array\n\tUse: Video Memory\n\n"
    others = module("64 MB", array="0x1001") + module(
        "128 GB", extra="\tMemory Technology: Intel Optane DC persistent memory\n"
    )

    assert read(HEAD + video + module("4096 MB") + others).memory_bytes == 4 * 2**30


@pytest.mark.parametrize(
    "text",
    [
        (
            "Handle 0x0001\n\tDMI type 1, 25 bytes.\n\tSystem Information Block\n"
            "\t\tVendor: Acme Inc.\n\t\tProduct: Atlas 14\n\t\tSerial Number: AT1X\n"
        ),
        (
            "# dmidecode 2.12\nSystem Information\n\tManufacturer: Acme Inc.\n\tProduct Name: Atlas 14\n\tSerial Number: AT1X\n\n"
            "Other\n\tManufacturer: No\n"
        ),
        (
            "# dmidecode 3.1\nHandle 0x0001, DMI type 1, 27 bytes\nSystem Information\n"
            "    Manufacturer: Acme Inc.\n    Product Name: Atlas 14\n    Serial Number: AT1X\n"
        ),
    ],
)
def test_titles_and_indents_of_every_version_are_read(text: str) -> None:
    report = read(text)

    assert (report.manufacturer, report.model, report.serial) == ("Acme Inc.", "Atlas 14", "AT1X")


def test_a_table_that_was_cut_tells_no_memory() -> None:
    head = "# dmidecode 3.3\nSMBIOS 2.8 present.\n{} structures occupying 900 bytes.\n\n"

    assert read(head.format(3) + system() + module("8 GB") + module("8 GB")).memory_bytes == 16 * 2**30
    cut = read(head.format(4) + system() + module("8 GB") + module("8 GB"))
    assert (cut.serial, cut.memory_bytes) == ("AT14-000771", None)
    assert "3 of 4" in cut.warnings[0]


def test_memory_before_smbios_2_1_is_the_sum_of_its_sockets() -> None:
    bank = "Handle 0x000D\n\tDMI type 6, 12 bytes.\n\tMemory Bank\n\t\tInstalled Size: {}\n"
    banks = bank.format("1024Mbyte") + bank.format("Not Installed")

    assert read("SMBIOS 2.0 present.\n" + banks).memory_bytes == 2**30


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        HEAD + "Handle 0x0001, DMI type 0, 24 bytes\nBIOS Information\n    Vendor: unknown\n",
        HEAD + "/dev/mem: Permission denied\n",
        HEAD
        + "Handle 0x0041, DMI type 39, 22 bytes\nSystem Power Supply\n\tName: To Be Filled By O.E.M.\n\tStatus: Not Present\n",
    ],
)
def test_a_table_that_describes_nothing_is_refused(text: str) -> None:
    with pytest.raises(UnreadableReport) as refused:
        read(text)

    assert (refused.value.code, refused.value.position) == ("NO_DEVICE", "offset 0")


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("CE00000000000000", "Samsung"), ("7F98000000000000", "Kingston"), ("7F7FFE0000000000", "Elpida"), ("00CE00B300CE", "Samsung"),
        ("0x802C", "Micron"), ("JEDEC ID:AD 00 00 00 00 00 00 00", "SK hynix"), ("JEDEC ID:", None), ("04CD", "G.Skill"),
        ("Samsung", "Samsung"), ("FFFF", None), ("7F7F7F7F7F7F7F7F", None), ("Manufacturer00", None),
    ],
)  # fmt: skip
def test_a_module_s_maker_is_a_name_and_not_a_number(printed: str, name: str | None) -> None:
    assert jedec.maker(printed) == name
