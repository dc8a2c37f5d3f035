"""One drive out of smartctl's answer, whether it came as JSON or as text brought into the JSON's shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from triage.reports import values
from triage.reports.normal import Medium, MediumType, Report, UnreadableReport
from triage.reports.placeholders import clean, clean_serial
from triage.reports.smartctl.health import attributes_of, health_of, tests_of
from triage.reports.smartctl.makers import NO_MAKERS, maker_of

_MEASUREMENTS = (
    "ata_smart_attributes",
    "nvme_smart_health_information_log",
    "scsi_error_counter_log",
    "scsi_grown_defect_list",
)
# What answers on a SCSI bus beside drives. One cut short of its type stays unknown.
_NO_DRIVES = frozenset(
    {"enclosure", "storage array", "storage array controller", "processor", "medium changer", "scanner", "printer"}
)
_VOLUME = re.compile(
    r"\bPERC\b|\bMR\d{4}|MegaRAID|ServeRAID|LOGICAL VOLUME|Virtual Disk|\bRAID\b|^(?:AVAGO|LSI|3ware|AMCC|ADAPTEC|Areca)\b",
    re.IGNORECASE,
)
_LARGEST_DRIVE = 10**17
# "WDS500G2B0B", "WD Red SA500": Western Digital's solid-state drives don't say so otherwise.
_SOLID = re.compile(r"SSD|\bWDS\d|\bSA5[01]0\b")


def report_of(report: Mapping[str, Any], *, kind: str) -> Report:
    """The report of one drive; raises UnreadableReport NO_DEVICE when the answer names and measures none."""
    messages = _errors(report)
    medium = _medium(report)
    peripheral = values.text(values.mapping(report.get("device_type")).get("name")) or ""
    if peripheral.lower() in _NO_DRIVES:
        raise UnreadableReport("NO_DEVICE", f"What answered is no drive but a device of type {peripheral}.", "offset 0")
    known = medium.model or medium.serial or medium.capacity_bytes
    if not known and not measured(report):
        raise UnreadableReport("NO_DEVICE", _why_none(report, messages), "offset 0")
    smartctl = values.mapping(report.get("smartctl"))
    warnings = [] if known else ["The report doesn't name the drive: smartctl was not asked for its identity."]
    if _VOLUME.search(f"{medium.manufacturer or ''} {medium.model or ''}"):
        warnings.append(
            "This is a volume of a RAID card, not a drive; ask the drives behind it with -d megaraid,N or -d cciss,N."
        )
    return Report(
        kind=kind,
        tool="smartctl",
        tool_version=".".join(filter(None, map(values.text, values.items(smartctl.get("version"))[:3]))) or None,
        manufacturer=medium.manufacturer,
        model=medium.model,
        serial=medium.serial,
        media=(medium,),
        tests=tests_of(report),
        issued_at=values.moment(values.mapping(report.get("local_time")).get("time_t")),
        warnings=(*warnings, *(f"smartctl says: {message}" for message in messages)),
    )


def measured(report: Mapping[str, Any]) -> bool:
    """Whether the answer measures the drive, beside its own verdict."""
    return any(values.mapping(report.get(key)) or values.whole(report.get(key)) is not None for key in _MEASUREMENTS)


def _errors(report: Mapping[str, Any]) -> list[str]:
    messages = values.mappings(values.mapping(report.get("smartctl")).get("messages"))
    found = [values.text(message.get("string")) for message in messages if message.get("severity") == "error"]
    return [message for message in found if message][:20]


def _why_none(report: Mapping[str, Any], messages: list[str]) -> str:
    if messages:
        return f"smartctl could not read the drive: {messages[0].rstrip('.')[:300]}."
    if "devices" in report:
        return (
            "This is a list of devices (smartctl --scan), not a report of a drive; send the output of smartctl -x -j."
        )
    return "The report names no drive and measures nothing; send the output of smartctl -x -j."


def _medium(report: Mapping[str, Any]) -> Medium:
    model = _model(report)
    vendor = clean(report.get("scsi_vendor")) or clean(report.get("vendor"))
    if vendor and vendor.casefold() in NO_MAKERS:
        vendor = None
    kind = _type(report, model)
    return Medium(
        model=model,
        serial=clean_serial(report.get("serial_number")),
        capacity_bytes=None if kind is MediumType.OPTICAL else _capacity(report),
        type=kind,
        manufacturer=maker_of(vendor) or vendor or maker_of(model, _family(report)),
        firmware=clean(report.get("firmware_version"))
        or clean(report.get("scsi_revision"))
        or clean(report.get("revision")),
        interface=_interface(report),
        health=health_of(report, rotating=True if kind is MediumType.HDD else None),
    )


def _model(report: Mapping[str, Any]) -> str | None:
    for key in ("model_name", "scsi_model_name"):
        printed = report.get(key)
        if named := clean(printed):
            # Some makers print two blanks inside their models: the text stays as printed.
            return printed.strip() if isinstance(printed, str) and " ".join(printed.split()) == named else named
    return clean(report.get("scsi_product")) or clean(report.get("product"))


def _family(report: Mapping[str, Any]) -> str | None:
    family = values.text(report.get("model_family"))
    words = set(family.lower().split()) if family else set()
    # The database sorts by what is inside: such a family names the controller's maker, or the one who relabelled it.
    return None if words & {"based", "driven", "powered", "certified", "branded", "rebranded", "oem"} else family


def _capacity(report: Mapping[str, Any]) -> int | None:
    user = report.get("user_capacity")
    seen = values.positive(values.mapping(user).get("bytes")) or values.positive(user)
    total = values.positive(report.get("nvme_total_capacity"))
    spaces = [
        values.mapping(space.get("size")).get("bytes") for space in values.mappings(report.get("nvme_namespaces"))
    ]
    together = values.positive(sum(filter(None, map(values.positive, spaces))))
    size = max(total, seen or 0) if total else seen or together
    return size if size is not None and size <= _LARGEST_DRIVE else None


def _type(report: Mapping[str, Any], model: str | None) -> MediumType:
    device = values.mapping(report.get("device"))
    protocol = (values.text(device.get("protocol")) or "").lower()
    route = (values.text(device.get("type")) or "").lower()
    if protocol == "nvme" or route.startswith(("nvme", "snt")) or "nvme_smart_health_information_log" in report:
        return MediumType.NVME
    peripheral = (values.text(values.mapping(report.get("device_type")).get("name")) or "").lower()
    if "tape" in peripheral:
        return MediumType.TAPE
    if any(word in peripheral for word in ("cd", "dvd", "optical")):
        return MediumType.OPTICAL
    rate = values.whole(report.get("rotation_rate"))
    if rate is not None:
        return MediumType.HDD if rate > 0 else MediumType.SSD
    transport = (values.text(values.mapping(report.get("scsi_transport_protocol")).get("name")) or "").lower()
    if "usb" in transport:
        return MediumType.USB
    return _type_by_signs(report, model)


def _type_by_signs(report: Mapping[str, Any], model: str | None) -> MediumType:
    names = {number: (values.text(row.get("name")) or "").lower() for number, row in attributes_of(report).items()}
    words = f"{values.text(report.get('model_family')) or ''} {model or ''}".upper()
    trims = values.mapping(report.get("trim")).get("supported") is True
    if trims or _SOLID.search(words) or "scsi_percentage_used_endurance_indicator" in report:
        return MediumType.SSD
    if "spin_up" in names.get(3, "") or "seek" in names.get(7, "") or "seek" in names.get(8, ""):
        return MediumType.HDD
    return MediumType.UNKNOWN


def _interface(report: Mapping[str, Any]) -> str | None:
    protocol = values.text(values.mapping(report.get("device")).get("protocol"))
    transport = values.text(values.mapping(report.get("scsi_transport_protocol")).get("name"))
    if transport:
        return "SAS" if transport.upper().startswith("SAS") else transport.partition(" (")[0]
    if "sata_version" in report or (protocol == "ATA" and "interface_speed" in report):
        return "SATA"
    return protocol
