"""A Mac, or a part of one, out of the data types of a report."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.reports import apple, batteries, identifiers, locks, values
from triage.reports.normal import (
    Battery,
    BatteryCondition,
    Component,
    Firmware,
    IdentifierKind,
    Lock,
    LockKind,
    Medium,
    MediumType,
    Report,
    Screen,
    Test,
    UnreadableReport,
    Verdict,
)
from triage.reports.placeholders import clean, clean_serial, clean_uuid
from triage.reports.system_profiler import drives
from triage.reports.system_profiler.items import Item, Sections, fold

_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)
_OUTSIDE = re.compile(
    r"usb|thunderbolt|parallels|vmware|virtual|vnic|vmnet|bridge|iphone|ipad|bluetooth|belkin|firewire|\bfw\d|utun|tap\d|dongle",
    re.IGNORECASE,
)
_CONDITIONS = {
    "normal": BatteryCondition.GOOD, "good": BatteryCondition.GOOD, "fair": BatteryCondition.WORN, "replace soon": BatteryCondition.WORN,
    "replace now": BatteryCondition.WORN, "service recommended": BatteryCondition.WORN, "service battery": BatteryCondition.FAILED,
    "check battery": BatteryCondition.FAILED, "poor": BatteryCondition.FAILED, "permanent failure": BatteryCondition.FAILED,
}  # fmt: skip
_NO_THING = {
    "SPApplicationsDataType": "This is a list of applications, not a report of a Mac.",
    "SPSoftwareDataType": "This tells of the installed system alone, not of the Mac.",
}


def report_of(sections: Sections, *, kind: str, issued_at: str | None = None) -> Report:
    """The report of the one Mac. Raises NO_DEVICE when the data types describe none and no part of one."""
    told = overview(sections)
    identifier = clean(told.get("modelidentifier", "machinemodel"))
    name = clean(told.get("modelname", "machinename"))
    media = drives.media(sections)
    modules = list(_modules(sections))
    packs = list(_packs(sections))
    report = Report(
        kind=kind,
        tool="system_profiler",
        manufacturer=apple.maker(identifier),
        model=identifier or name,
        serial=clean_serial(told.get("serialnumbersystem", "serialnumber")),
        sku=clean(told.get("modelnumber")),
        chassis=apple.chassis(name, identifier),
        memory_bytes=sum(size for size, _ in modules)
        or values.size(_point(told.get("memory", "physicalmemory")), binary=True),
        media=tuple(media),
        components=(
            *_system(told, identifier, name),
            *(part for _, part in modules),
            *_graphics(sections),
            *(batteries.part(pack, full_mah=full) for pack, full in packs),
        ),
        tests=tuple(_tests(media)),
        battery=batteries.together([pack for pack, _ in packs]),
        macs=tuple(_macs(sections)),
        identifiers=identifiers.identifiers(
            [
                (IdentifierKind.UUID, clean_uuid(told.get("hardwareuuid", "platformuuid"))),
                (IdentifierKind.UDID, told.get("provisioningudid")),
            ]
        ),
        locks=tuple(_locks(told)),
        screens=tuple(_screens(sections)),
        firmware=_firmware(told),
        issued_at=issued_at,
        warnings=tuple(_warnings(sections)),
    )
    if not any((report.model, report.serial, media, report.components, packs, report.macs, report.screens)):
        raise UnreadableReport("NO_DEVICE", _why_none(sections), "line 1")
    return report


def overview(sections: Sections) -> Item:
    """The item of the hardware overview, or an empty one."""
    for root in sections.get("SPHardwareDataType", []):
        for item in root.walk():
            if item.has(
                "modelidentifier", "machinemodel", "modelname", "machinename", "serialnumbersystem", "serialnumber"
            ):
                return item
    return Item("")


def _why_none(sections: Sections) -> str:
    if len(sections) == 1:
        ((name, roots),) = sections.items()
        if name in _NO_THING:
            return _NO_THING[name]
        if not any(root.below or root.fields for root in roots):
            return f"The report asked for {name} alone, and nothing was found."
    return "The report describes no Mac and none of its drives or parts."


def _point(size: str | None) -> str | None:
    return size.replace(",", ".") if size else None


def _system(told: Item, identifier: str | None, name: str | None) -> Iterator[Component]:
    if identifier or name:
        yield Component(
            kind="system",
            manufacturer=apple.maker(identifier),
            model=identifier or name,
            detail={"version": name} if name and identifier else {},
        )
    processor = clean(told.get("processorname", "chip", "chiptype", "cputype"))
    if processor:
        cores = values.text(told.get("totalnumberofcores", "numberofcores", "numbercores"))
        speed = clean(told.get("processorspeed", "cpuspeed", "currentprocessorspeed"))
        found = re.match(r"\d+", cores or "")
        detail = {"cores": found[0] if found else None, "speed": speed}
        yield Component(kind="processor", model=processor, detail={key: text for key, text in detail.items() if text})


def _firmware(told: Item) -> Firmware | None:
    version = clean(told.get("bootromversion", "systemfirmwareversion", "bootrom"))
    return (
        Firmware(vendor=apple.maker(clean(told.get("modelidentifier", "machinemodel"))), version=version)
        if version
        else None
    )


def _locks(told: Item) -> Iterator[Lock]:
    status = (told.get("activationlockstatus") or "").lower().removeprefix("activation_lock_")
    if found := locks.lock(LockKind.ACTIVATION, status):
        yield found


# Memory ---------------------------------------------------------------------------------------------------------------------------------


def _modules(sections: Sections) -> Iterator[tuple[int, Component]]:
    for root in sections.get("SPMemoryDataType", []):
        for item in root.walk():
            size = values.size(_point(item.get("size", "dimmsize", "memory", "spmemorydatatype")), binary=True)
            if size is None:
                continue
            yield (
                size,
                Component(
                    kind="memory",
                    manufacturer=_letters(item.get("manufacturer", "dimmmanufacturer")),
                    model=_letters(item.get("partnumber", "dimmpartnumber")),
                    serial=clean_serial(item.get("serialnumber", "dimmserialnumber")),
                    detail={
                        name: told
                        for name, told in (("size_bytes", str(size)), ("type", clean(item.get("type", "dimmtype"))))
                        if told
                    },
                ),
            )


def _letters(printed: str | None) -> str | None:
    """The text that a register's hexadecimal digits spell; a code that spells none (JEDEC's number of a maker) is no name."""
    line = clean(printed)
    if line is None or not line.lower().startswith("0x"):
        return line
    try:
        spelt = bytes.fromhex(line[2:]).rstrip(b"\x00 ").decode("ascii")
    except ValueError:
        return None
    return clean(spelt) if len(spelt) >= 4 and spelt.isprintable() else None


# Power ----------------------------------------------------------------------------------------------------------------------------------


def _packs(sections: Sections) -> Iterator[tuple[Battery, int | None]]:
    """The batteries with the charge they hold in mAh, which no voltage of the design makes an energy of."""
    for root in sections.get("SPPowerDataType", []):
        for item in root.walk():
            name = fold(item.name)
            if name not in {"batteryinformation", "batteryinfo", "information"} and not item.has("batteryinstalled"):
                continue
            model = item.child("modelinformation", "batterymodelinfo")
            charge = item.child("chargeinformation", "batterychargeinfo")
            health = item.child("healthinformation", "batteryhealthinfo")
            if (item.get("batteryinstalled") or "yes").lower() in {"no", "false"}:
                continue
            full = charge.get("fullchargecapacitymah", "batterymaxcapacity") or item.get("fullchargecapacitymah")
            condition = (health.get("condition", "batteryhealth") or item.get("condition") or "").lower()
            told = _CONDITIONS.get(condition, BatteryCondition.UNKNOWN if condition else None)
            if told is BatteryCondition.WORN and values.whole(full) == 0:
                # It holds nothing any more.
                told = BatteryCondition.FAILED
            serial = model.get("serialnumber", "batteryserialnumber") or item.get("serialnumber", "batteryserialnumber")
            pack = Battery(
                cycles=values.whole(health.get("cyclecount", "batterycyclecount") or item.get("cyclecount")),
                health_percent=batteries.share(health.get("maximumcapacity", "batteryhealthmaximumcapacity")),
                serial=batteries.serial(serial),
                manufacturer=clean(model.get("manufacturer", "batterymanufacturer") or item.get("manufacturer")),
                model=clean(model.get("devicename", "batterydevicename")),
                condition=told,
            )
            if batteries.says_anything(pack):
                yield pack, values.positive(full)


# Network, displays, tests ---------------------------------------------------------------------------------------------------------------


def _macs(sections: Sections) -> list[str]:
    found: dict[str, None] = {}
    for name in ("SPNetworkDataType", "SPEthernetDataType", "SPAirPortDataType"):
        for root in sections.get(name, []):
            for card in _cards(root):
                told = f"{card.name} {card.get('hardware')} {card.get('type')} {card.get('bus')} {card.get('bsddevicename')}"
                if _OUTSIDE.search(told):
                    continue
                for item in card.walk():
                    mac = (item.get("macaddress", "wirelessmacaddress", "ethernetmacaddress") or "").lower()
                    if _MAC.fullmatch(mac) and not int(mac[:2], 16) & 3 and mac != "00:00:00:00:00:00":
                        found.setdefault(mac)
    return list(found)


def _cards(root: Item) -> list[Item]:
    """The interfaces: the items below the data type's, or below their group."""
    cards: list[Item] = []
    for item in root.below:
        groups = [one for one in (item, *item.below) if fold(one.name) in {"interfaces", "airportinterfaces"}]
        cards += [card for one in groups for card in one.below] or [item]
    return cards


def _graphics(sections: Sections) -> Iterator[Component]:
    for root in sections.get("SPDisplaysDataType", []):
        for card in root.below:
            model = clean(card.get("chipsetmodel", "model", "pcimodel")) or clean(card.name)
            if model and card.has("chipsetmodel", "model", "bus", "vendor", "deviceid", "chipset"):
                yield Component(kind="graphics", model=model, manufacturer=_vendor(card.get("vendor")))
            for display in _displays(card):
                if not _is_built_in(display):
                    yield Component(
                        kind="display",
                        model=clean(display.name),
                        serial=clean_serial(display.get("displayserialnumber", "serialnumber")),
                    )


def _vendor(printed: str | None) -> str | None:
    """ "NVIDIA (0x10de)" is NVIDIA; the property list writes "sppci_vendor_Nvidia"."""
    told = re.sub(r"\s*\(0x[0-9a-f]+\)$", "", printed or "", flags=re.IGNORECASE)
    told = re.sub(r"^sppci_vendor_", "", told)
    return clean(told)


def _displays(card: Item) -> Iterator[Item]:
    for group in card.below:
        if fold(group.name) in {"displays", "ndrvs"}:
            for display in group.below:
                known = fold(display.name) not in {"displayconnector", "displayport"}
                if known and display.has("resolution", "pixels", "pixelresolution", "displaytype"):
                    yield display


def _is_built_in(display: Item) -> bool:
    told = [
        display.get("builtin"),
        display.get("connectiontype"),
        display.get("displaytype"),
        display.get("displaydisplaytype"),
    ]
    words = " ".join(one for one in told if one).lower()
    return bool(re.search(r"yes|internal|built-?in", words))


def _screens(sections: Sections) -> Iterator[Screen]:
    for root in sections.get("SPDisplaysDataType", []):
        for card in root.below:
            for display in _displays(card):
                if not _is_built_in(display):
                    continue
                printed = display.get("pixels", "pixelresolution", "resolution") or ""
                found = re.search(r"(\d{3,5}) ?x ?(\d{3,5})", printed)
                yield Screen(
                    model=clean(display.name),
                    width_px=int(found[1]) if found else None,
                    height_px=int(found[2]) if found else None,
                )


def _tests(media: list[Medium]) -> Iterator[Test]:
    for medium in media:
        if medium.health is not None and medium.type not in {MediumType.USB, MediumType.OPTICAL}:
            verdict = Verdict.PASS if medium.health.passed else Verdict.FAIL
            yield Test(code="smart.status", verdict=verdict, detail=medium.model or "")


def _warnings(sections: Sections) -> Iterator[str]:
    for root in sections.get("SPDiagnosticsDataType", []):
        if any((item.get("result") or "").lower() == "failed" for item in root.walk()):
            yield "The Mac's self-test when it was switched on failed."
