"""ipmitool's lists of units, and a battery's account by the Linux kernel."""

from __future__ import annotations

import pytest

from triage.reports import registry
from triage.reports.normal import IdentifierKind, Report, UnreadableReport

FRU = """FRU Device Description : Builtin FRU Device (ID 0)
 Chassis Type          : Rack Mount Chassis
 Chassis Serial        : ..................
 Board Mfg             : ACME
 Board Product         : Rack 630
 Board Serial          : CNIVC007CQ1846
 Product Manufacturer  : ACME
 Product Name          : Rack 630
 Product Serial        : 2WF88P2
 Product Asset Tag     :

FRU Device Description : PS1 (ID 1)
 Board Mfg             : ACME
 Board Product         : PWR SPLY,495W,RDNT,DELTA
 Board Serial          : CNDED0081G03X8
 Board Part Number     : 0GRTNKA02

FRU Device Description : PS2 (ID 2)
 Device not present (Timeout)

FRU Device Description : CPU 1 DIMM 2 (ID 113)
 Memory Type           : DDR3 SDRAM
 Memory size           : 16384 MB
 Manufacturer          : Samsung
 Serial Number         : 185e62c7
 Part Number           : M393B2G70EB0-CMA  \x00
"""
UEVENT = {
    "NAME": "BAT0", "PRESENT": "1", "TECHNOLOGY": "Li-ion", "CYCLE_COUNT": "0", "VOLTAGE_MIN_DESIGN": "11100000",
    "CHARGE_FULL_DESIGN": "5600000", "CHARGE_FULL": "1997000", "MODEL_NAME": "DELL HMYXT37", "MANUFACTURER": "LGC-LGC2.8",
    "SERIAL_NUMBER": "19075",
}  # fmt: skip


def read(text: str) -> Report:
    return registry.read(text.encode())


def uevent(**changed: str) -> str:
    return "".join(f"POWER_SUPPLY_{name}={value}\n" for name, value in {**UEVENT, **changed}.items())


def test_a_server_is_named_by_its_built_in_unit_and_the_others_are_its_parts() -> None:
    report = read(FRU)

    assert (report.kind, report.manufacturer, report.model, report.serial) == (
        "ipmitool.fru",
        "ACME",
        "Rack 630",
        "2WF88P2",
    )
    assert (report.memory_bytes, report.asset_tag) == (16 * 2**30, None)
    assert [(one.kind, one.value) for one in report.identifiers] == [(IdentifierKind.BOARD_SERIAL, "CNIVC007CQ1846")]
    assert [(part.kind, part.model, part.serial) for part in report.components] == [
        ("motherboard", "Rack 630", "CNIVC007CQ1846"),
        ("power_supply", "PWR SPLY,495W,RDNT,DELTA", "CNDED0081G03X8"),
        ("memory", "M393B2G70EB0-CMA", "185e62c7"),
    ]


def test_power_supplies_alone_name_no_machine() -> None:
    report = read(FRU[FRU.index("FRU Device Description : PS1") :])

    assert (report.manufacturer, report.model, report.serial) == (None, None, None)
    assert report.components[0].kind == "power_supply"


def test_a_battery_s_health_is_what_it_holds_against_what_it_was_made_for() -> None:
    by_charge = read(uevent()).battery
    by_energy = read(uevent(ENERGY_FULL_DESIGN="50000000", ENERGY_FULL="40000000", CYCLE_COUNT="321")).battery

    assert by_charge is not None
    assert (by_charge.health_percent, by_charge.design_mwh, by_charge.cycles, by_charge.serial) == (
        36,
        62160,
        None,
        "19075",
    )
    assert by_energy is not None
    assert (by_energy.health_percent, by_energy.design_mwh, by_energy.full_mwh, by_energy.cycles) == (
        80,
        50000,
        40000,
        321,
    )
    assert read(uevent()).manufacturer is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (uevent(TYPE="Mains"), "NO_DEVICE"), (uevent(PRESENT="0"), "NO_DEVICE"), (uevent() + uevent(NAME="BAT1"), "SEVERAL_DEVICES"),
        (uevent(**dict.fromkeys(UEVENT, "")), "NO_DEVICE"),
        ("FRU Device Description : PS2 (ID 2)\n Device not present (Timeout)\n", "NO_DEVICE"),
    ],
)  # fmt: skip
def test_what_is_no_battery_and_no_unit_is_refused(text: str, code: str) -> None:
    with pytest.raises(UnreadableReport) as refused:
        read(text)

    assert (refused.value.code, refused.value.sentence[-1]) == (code, ".")
