"""Real inventories of computers, printers, switches and telephones, against what stands in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.real.conftest import data_set
from triage.reports import registry
from triage.reports.normal import Report, UnreadableReport
from triage.reports.placeholders import clean, clean_serial

MIB = 2**20


def files() -> list[Path]:
    found = [path for path in sorted(data_set("glpi-inventory-format").rglob("*.*")) if path.parent.name != "reference"]
    found = [path for path in found if path.suffix in {".json", ".xml"}]
    assert found
    return found


def read() -> Iterator[tuple[Path, Any, Report]]:
    """Each inventory that was read, beside its content: the JSON's object, or the XML's element."""
    for path in files():
        try:
            report = registry.read(path.read_bytes())
        except UnreadableReport as error:
            assert error.code in {"NO_DEVICE", "SEVERAL_DEVICES"}, path
            continue
        if path.suffix == ".json":
            content = json.loads(path.read_text(encoding="utf-8"))["content"]
        else:
            content = ElementTree.fromstring(path.read_bytes()).find("CONTENT")  # noqa: S314 - of our own data set
        yield path, content, report


def test_every_inventory_is_read_or_describes_no_one_thing() -> None:
    for path in files():
        told = path.read_text(encoding="utf-8", errors="replace")
        try:
            report = registry.read(path.read_bytes())
        except UnreadableReport as error:
            single = len(re.findall(r"<DEVICE>", told)) <= 1
            assert error.code == ("NO_DEVICE" if single else "SEVERAL_DEVICES"), path
            assert not re.search(r'"smodel"|<SMODEL>\w', told), path
        else:
            assert report.kind == f"glpi{path.suffix}", path


def named(content: Any) -> dict[str, Any]:
    """What the content names its thing: of a machine, or of a thing on the network."""
    if isinstance(content, dict):
        network, bios = content.get("network_device", {}), content.get("bios", {})
        return {
            "manufacturer": network.get("manufacturer") or bios.get("smanufacturer"),
            "model": network.get("model") or bios.get("smodel"),
            "serial": network.get("serial") or bios.get("ssn"),
        }
    info = content.find("DEVICE/INFO")
    names = ("MANUFACTURER", "MODEL", "SERIAL")
    if info is None:
        info = content.find("DEVICE")
    if info is None:
        info, names = content.find("BIOS"), ("SMANUFACTURER", "SMODEL", "SSN")
    found = (None,) * 3 if info is None else tuple(info.findtext(name) for name in names)
    return dict(zip(("manufacturer", "model", "serial"), found, strict=True))


def test_maker_model_and_serial_are_those_that_stand_there() -> None:
    for path, content, report in read():
        told = named(content)
        assert report.manufacturer == clean(told["manufacturer"]), path
        assert report.model == clean(told["model"]), path
        if any("Android made" in warning for warning in report.warnings):
            assert report.serial is None, path
        else:
            assert report.serial == clean_serial(told["serial"]), path


def test_memory_drives_and_batteries_are_those_that_stand_there() -> None:
    for path, content, report in read():
        if not isinstance(content, dict) or "network_device" in content:
            continue
        modules = sum(int(one.get("capacity", 0)) for one in content.get("memories", ()))
        virtual = content.get("hardware", {}).get("vmsystem", "Physical") != "Physical"
        assert report.memory_bytes == (modules * MIB or None) or (virtual and not modules), path
        disks = [one for one in content.get("storages", ()) if one.get("serial") and one.get("disksize")]
        assert {one["serial"].strip() for one in disks} <= {medium.serial for medium in report.media}, path
        batteries = content.get("batteries", ())
        if len(batteries) == 1 and report.battery is not None:
            assert report.battery.design_mwh in {None, batteries[0].get("capacity")}, path
            assert report.battery.serial == clean_serial(batteries[0].get("serial")), path


def test_nothing_of_the_people_who_used_it_is_kept() -> None:
    for path, content, report in read():
        kept = json.dumps(repr(report))
        people = set()
        if isinstance(content, dict):
            people |= {one.get("login") for one in content.get("users", ())}
            people.add(content.get("hardware", {}).get("lastloggeduser"))
            people.add(content.get("hardware", {}).get("winprodkey"))
        else:
            people |= {
                one.text
                for name in ("USERS/LOGIN", "HARDWARE/LASTLOGGEDUSER", "HARDWARE/WINPRODKEY")
                for one in content.findall(name)
            }
            people |= {one.text for one in content.findall("SIMCARDS/SUBSCRIBER_ID")}
        for person in filter(lambda name: name and len(name) > 4, people):
            assert person not in kept, path
