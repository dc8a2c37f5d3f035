"""The hardware part, the tests and the locks of a Blancco report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from triage.reports import identifiers, locks, media, mobile, values
from triage.reports.blancco import erasures
from triage.reports.blancco.tree import Node
from triage.reports.normal import (
    Battery,
    Component,
    Erasure,
    Firmware,
    Identifier,
    IdentifierKind,
    Lock,
    LockKind,
    Medium,
    MediumType,
    Report,
    Test,
    Verdict,
)
from triage.reports.placeholders import clean, clean_serial

_VERDICTS = {
    Verdict.PASS: frozenset({"successful", "success", "passed", "pass", "ok", "succeeded"}),
    Verdict.FAIL: frozenset({"failed", "fail", "unsuccessful", "failure", "error", "nok", "not_successful"}),
}
_NO_TEST = re.compile(r"duration|(^|_)(time|date|count|score|started|ended|operator|version)$")
_CLOCK = re.compile(r"\d{1,3}:\d\d(:\d\d)?")
_LOCKS = (
    (LockKind.ACTIVATION, ("activation_lock", "activation_lock_status")),
    (LockKind.FINDER, ("find_my_iphone", "find_my_ipad", "find_my_device", "find_my_mobile", "fmip_status")),
    (LockKind.MDM, ("mdm_status", "mdm", "mdm_lock", "dep_status", "knox_enrollment")),
    (LockKind.ACCOUNT, ("frp_status", "frp", "frp_lock", "google_lock", "google_account", "mi_account", "samsung_account_lock")),
    (LockKind.CARRIER, ("sim_lock", "sim_lock_status", "simlock", "carrier_lock", "network_lock")),
    (LockKind.STOLEN, ("prolog_blacklisted", "blacklisted", "blacklist_status", "prolog_graylisted")),
    (LockKind.ROOTED, ("rooted", "jailbroken", "jailbreak_status", "root_status")),
)  # fmt: skip
_ASSETS = frozenset({"asset_tag", "asset_id", "asset", "asset_number", "assettag", "assetid"})
_PARTS = (
    ("processor", ("processors", "processor")),
    ("motherboard", ("motherboard",)),
    ("graphics", ("video_cards", "video_card")),
    ("sound", ("sound_cards", "sound_card")),
    ("network", ("network_interfaces", "network_interface")),
    ("optical", ("optical_drives", "optical_drive")),
)
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_MOST = 200


class Tool(NamedTuple):
    name: str | None
    version: str | None
    issued_at: str | None


def report(top: Node, *, kind: str) -> Report:
    """The report in a node that holds ``blancco_data`` and, beside it, what the user filled in."""
    data = top.node("blancco_data")
    hardware = data.node("blancco_hardware_report")
    system = hardware.node("system")
    tool = _tool(data)
    drives = tuple(_media(hardware))
    battery, cell = _battery(hardware)
    told_erasures = erasures.erasures(data, drives)
    return Report(
        kind=kind,
        tool=tool.name or "Blancco",
        tool_version=tool.version,
        manufacturer=system.text("manufacturer", "vendor"),
        model=system.text("model", "market_name", "name", "product_name"),
        serial=clean_serial(system.text("serial", "serial_number")),
        sku=system.text("a_model_number", "sku", "sku_number", "part_number"),
        chassis=system.text("chassis_type", "chassis")
        or mobile.chassis(system.text("market_name"), system.text("model")),
        asset_tag=_asset_tag(top),
        memory_bytes=_memory(hardware, system),
        media=drives,
        components=(*_parts(hardware), *([cell] if cell else []), *_system(system)),
        erasures=told_erasures,
        tests=tuple(_tests(hardware.node("hardware_tests"))),
        battery=battery,
        macs=tuple(_macs(hardware, system)),
        identifiers=_identifiers(system),
        locks=tuple(_locks(system, hardware)),
        firmware=_firmware(hardware, system),
        issued_at=tool.issued_at,
        warnings=tuple(_warnings(hardware, told_erasures)),
    )


def _warnings(hardware: Node, told: tuple[Erasure, ...]) -> Iterator[str]:
    if hardware.node("device_components").text("all_authenticated") == "false":
        yield "Not all parts of it are the maker's own."
    if told:
        yield "The report's signature was not checked."


def _tool(data: Node) -> Tool:
    """The product that made the report: the first entry of the document's log; later ones are of consoles that it passed through."""
    description = data.node("description")
    logs = [log for one in description.nodes("document_log") for log in (one.nodes("log_entry") or [one])]
    log = logs[0] if logs else description
    author = log.node("author")
    date = log.text("date", "timestamp")
    return Tool(author.text("product_name"), author.text("product_version"), values.moment(date))


def _memory(hardware: Node, system: Node) -> int | None:
    memory = hardware.node("memory")
    total = memory.text("total_memory", "total", "total_size", "installed", "size", "capacity") or system.text(
        "ram", "memory"
    )
    return values.size(total, binary=True)


def _media(hardware: Node) -> Iterator[Medium]:
    for disk in hardware.nodes("disks", "disk")[:_MOST]:
        model, maker = disk.text("model", "product"), disk.text("vendor", "manufacturer")
        interface = disk.text("interface_type", "interface", "bus")
        serial = clean_serial(disk.text("serial", "serial_number"))
        capacity = values.size(disk.text("capacity", "size"))
        if model or serial or capacity:
            yield Medium(
                model=model,
                serial=serial,
                capacity_bytes=capacity,
                type=_type(interface, model, disk.text("type", "media_type", "disk_type")),
                manufacturer=maker,
                firmware=disk.text("version", "firmware", "firmware_version", "revision"),
                interface=interface,
            )


def _type(interface: str | None, model: str | None, told: str | None) -> MediumType:
    words = f"{interface or ''} {told or ''}".lower()
    for mark, found in (("usb", MediumType.USB), ("nvme", MediumType.NVME), ("emmc", MediumType.EMMC), ("ufs", MediumType.UFS),
                        ("ssd", MediumType.SSD), ("solid", MediumType.SSD)):  # fmt: skip
        if mark in words:
            return found
    by_name = media.type_of_model(model)
    return MediumType.HDD if by_name is MediumType.UNKNOWN and re.search(r"\bhdd\b|hard disk", words) else by_name


def _parts(hardware: Node) -> Iterator[Component]:
    for kind, path in _PARTS:
        for part in hardware.nodes(*path)[:_MOST]:
            maker, model = part.text("vendor", "manufacturer"), part.text("model", "name", "product", "product_name")
            serial = None if kind == "network" else clean_serial(part.text("serial", "serial_number"))
            if maker or model or serial:
                yield Component(kind=kind, manufacturer=maker, model=model, serial=serial)


def _system(system: Node) -> Iterator[Component]:
    """What names the model in other words, and its looks: kept as they are printed."""
    names = ("market_name", "device_color", "color", "storage", "storage_capacity", "carrier")
    detail = {name: text for name in names if (text := system.text(name))}
    if detail:
        yield Component(kind="system", detail=detail)


def _macs(hardware: Node, system: Node) -> list[str]:
    cards = hardware.nodes("network_interfaces", "network_interface")
    told = [card.text("mac_address", "mac", "serial") for card in cards[:_MOST]]
    told += [
        system.text(name) for name in ("wifi_mac", "wi_fi_mac", "wifi_mac_address", "wlan_mac_address", "bluetooth_mac")
    ]
    return list(dict.fromkeys(mac for mac in told if mac and _MAC.fullmatch(mac)))


def _identifiers(system: Node) -> tuple[Identifier, ...]:
    named = (
        (IdentifierKind.IMEI, ("imei", "imei_one", "imei1", "imei_two", "imei2", "second_imei")),
        (IdentifierKind.MEID, ("meid", "meid_two")),
        (IdentifierKind.EID, ("eid",)),
        (IdentifierKind.UDID, ("udid", "unique_device_id")),
        (IdentifierKind.UUID, ("uuid", "system_uuid")),
    )
    return identifiers.identifiers((kind, system.text(name)) for kind, names in named for name in names)


def _locks(system: Node, hardware: Node) -> Iterator[Lock]:
    for kind, names in _LOCKS:
        told = [
            (name, text) for name in names for node in (system, hardware.node("locks")) if (text := node.text(name))
        ]
        found = [lock for name, text in told if (lock := locks.lock(kind, text))]
        # Several words on the same lock: the one that shuts it counts.
        if found:
            yield max(found, key=lambda lock: ("open", "unknown", "locked").index(lock.state.value))


def _firmware(hardware: Node, system: Node) -> Firmware | None:
    bios = hardware.node("bios")
    version = bios.text("version") or system.text("firmware_version", "os_version")
    return Firmware(vendor=bios.text("vendor"), version=version) if version else None


def _battery(hardware: Node) -> tuple[Battery | None, Component | None]:
    told = hardware.node("mobile_battery")
    for one in hardware.nodes("batteries", "battery")[:1]:
        told = told or one
    design = values.positive(told.text("battery_capacity_design", "design_capacity", "capacity_design"))
    full = values.positive(
        told.text("battery_capacity_current", "full_charge_capacity", "current_capacity", "full_capacity")
    )
    stated = told.text("battery_health_metric", "battery_health", "health", "state_of_health")
    battery = Battery(
        cycles=values.positive(told.text("battery_cycles", "cycle_count", "cycles")),
        health_percent=mobile.percent(stated) or mobile.share(full, design),
        serial=clean_serial(told.text("battery_serial", "serial", "serial_number")),
        manufacturer=told.text("battery_manufacturer", "manufacturer", "vendor"),
        model=told.text("battery_model", "model"),
        chemistry=told.text("chemistry", "technology"),
        genuine=_genuine(hardware.node("device_components")),
    )
    figures = {
        "design_mah": design,
        "full_mah": full,
        "charge_percent": mobile.percent(told.text("battery_charge_level", "charge")),
    }
    detail = {name: str(figure) for name, figure in figures.items() if figure}
    if battery == Battery(genuine=battery.genuine) and not detail:
        return None, None
    part = Component(
        kind="battery", manufacturer=battery.manufacturer, model=battery.model, serial=battery.serial, detail=detail
    )
    return battery, part


def _genuine(parts: Node) -> bool | None:
    """Whether the battery is the maker's own: by its own line, else because all parts are."""
    own = next((parts.text(name) for name in parts if "battery" in name), None)
    word = re.sub(r"[^a-z]+", "_", (own or "").lower()).strip("_")
    if word:
        return {"genuine": True, "authentic": True, "authenticated": True, "true": True, "yes": True, "original": True,
                "false": False, "no": False, "not_authenticated": False, "not_genuine": False, "not_original": False}.get(word)  # fmt: skip
    return True if parts.text("all_authenticated") == "true" else None


def _tests(told: Node) -> Iterator[Test]:
    """One for each line that is a verdict. How long it all took is among them, and is none."""
    for name, inner in list(told.items())[:_MOST]:
        for one in inner:
            if isinstance(one, Node):
                label, word = one.text("name", "test_name") or name, one.text("state", "result", "status", "value")
            else:
                label, word = name, one
            code = mobile.slug(label)
            if word is None or not code or _NO_TEST.search(code) or _CLOCK.fullmatch(word.strip()):
                continue
            bare = re.sub(r"[^a-z]+", "_", word.lower()).strip("_")
            verdict = next((verdict for verdict, known in _VERDICTS.items() if bare in known), Verdict.UNKNOWN)
            yield Test(code=code, verdict=verdict, detail="" if verdict is not Verdict.UNKNOWN else word[:100])


def _asset_tag(top: Node) -> str | None:
    fields = top.node("user_data", "fields")
    return next((clean_serial(clean(text)) for name in fields if name in _ASSETS and (text := fields.text(name))), None)
