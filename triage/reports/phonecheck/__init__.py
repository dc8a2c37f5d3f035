"""Phonecheck's JSON of one phone: all values are strings, many are empty, and what isn't measured reads 0, N/A or null.

``Memory`` is the storage, not the memory. The erasure is the tool's own word: it tells no verification and no bytes, so it is never taken
for done (docs/reports/phonecheck.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from triage.reports import identifiers, locks, mobile, values
from triage.reports.normal import (
    Battery,
    Component,
    Erasure,
    ErasureOutcome,
    Firmware,
    IdentifierKind,
    Lock,
    LockKind,
    LockState,
    Medium,
    Report,
    Test,
    UnreadableReport,
    Verdict,
)
from triage.reports.placeholders import clean, clean_serial
from triage.reports.sniff import Sniff

KIND = "phonecheck.json"
_SURE = frozenset(
    {
        "batteryhealthpercentage", "batterycycle", "devicelock", "erased", "esn", "esnresponse", "failed", "mastername", "mdm", "passed",
        "pending", "regulatorymodelnumber", "simlock", "testername", "unlockstatus", "working",
    }
)  # fmt: skip
_NAMED = frozenset({"imei", "serial", "udid", "imei2"})
_FEWEST = 4
_LIST = re.compile(r"\s*[,;|]\s*")
_PARTS = {
    "main board": "motherboard", "mainboard": "motherboard", "logic board": "motherboard", "battery": "battery", "front camera": "camera",
    "back camera": "camera", "rear camera": "camera", "lcd": "display", "display": "display", "screen": "display",
}  # fmt: skip
Fields = Mapping[str, Any]


def recognises(sniff: Sniff) -> bool:
    return _device(sniff.json_or_none) is not None


def parse(sniff: Sniff) -> Report:
    """Raises SEVERAL_DEVICES for a list of phones, NO_DEVICE for one without any name."""
    top = sniff.json
    if len(devices := list(_devices(top))) > 1:
        raise UnreadableReport("SEVERAL_DEVICES", f"The file holds {len(devices)} phones; send one file for each.")
    told = devices[0]
    report = _report(told)
    if not (report.serial or report.identifiers or report.model):
        raise UnreadableReport("NO_DEVICE", "The report names neither a model, a serial nor an IMEI.")
    return report


def _device(top: object) -> Fields | None:
    return next(_devices(top), None)


def _devices(top: object) -> Iterator[Fields]:
    """Phones at the top, in a list, or one level down in what a service wrapped around them."""
    candidates = [top] if isinstance(top, dict) else values.items(top)[:200]
    for candidate in candidates:
        if not isinstance(candidate, dict):
            continue
        if (told := _fields(candidate)) is not None:
            yield told
            continue
        for inner in list(candidate.values())[:20]:
            for one in values.mappings(inner if isinstance(inner, list) else [inner]):
                if (told := _fields(one)) is not None:
                    yield told


def _fields(value: Mapping[str, Any]) -> Fields | None:
    told = {re.sub(r"[^a-z0-9]", "", str(name).lower()): inner for name, inner in value.items()}
    is_one = bool(_NAMED & told.keys()) and len(_SURE & told.keys()) >= _FEWEST
    return told if is_one else None


def _text(told: Fields, *names: str) -> str | None:
    return next((line for name in names if (line := clean(told.get(name))) is not None and line.lower() != "n/a"), None)


def _report(told: Fields) -> Report:
    model = _text(told, "model")
    parts, warnings = _parts(told)
    storage = values.size(told.get("memory"))
    return Report(
        kind=KIND,
        tool="Phonecheck",
        tool_version=_text(told, "buildno", "appversion"),
        manufacturer=_text(told, "make", "manufacturer"),
        model=model,
        serial=clean_serial(told.get("serial")),
        sku=_text(told, "modelno", "regulatorymodelnumber"),
        chassis=mobile.chassis(model),
        memory_bytes=values.size(told.get("ram"), binary=True),
        media=(Medium(capacity_bytes=storage),) if storage else (),
        components=parts,
        erasures=tuple(_erasures(told, model)),
        tests=tuple(_tests(told)),
        battery=_battery(told, parts),
        macs=tuple(
            mac
            for name in ("wifimacaddress", "wifimac", "bmac", "bluetoothmac")
            if (mac := clean_serial(told.get(name)))
        ),
        identifiers=identifiers.identifiers(
            (kind, told.get(name))
            for kind, names in (
                (IdentifierKind.IMEI, ("imei", "imei2")),
                (IdentifierKind.MEID, ("meid", "meid2")),
                (IdentifierKind.EID, ("eid",)),
                (IdentifierKind.UDID, ("udid",)),
            )
            for name in names
        ),
        locks=tuple(_locks(told)),
        firmware=_firmware(told),
        inspection=_inspection(told),
        issued_at=values.moment(told.get("createdtimestamp")) or values.moment(told.get("updatedtimestamp")),
        warnings=tuple(warnings),
    )


def _firmware(told: Fields) -> Firmware | None:
    version = _text(told, "version", "osversion")
    return Firmware(vendor=_text(told, "os"), version=version) if version else None


def _battery(told: Fields, parts: tuple[Component, ...]) -> Battery | None:
    full, design = (values.positive(told.get(f"battery{which}maxcapacity")) for which in ("current", "design"))
    stated = next(
        (
            share
            for name in ("batteryhealthpercentage", "batteryhealth", "oembatteryhealth")
            if (share := mobile.percent(told.get(name)))
        ),
        None,
    )
    part = next((part for part in parts if part.kind == "battery"), None)
    battery = Battery(
        cycles=values.positive(told.get("batterycycle")) or values.positive(told.get("batterycyclecount")),
        health_percent=stated or mobile.share(full, design),
        serial=clean_serial(told.get("batteryserial")),
        model=_text(told, "batterymodel"),
        genuine=_is_genuine(part.detail.get("status", "")) if part else None,
    )
    return battery if battery != Battery() else None


def _is_genuine(status: str) -> bool | None:
    word = status.strip().lower()
    if word in {"genuine", "original", "oem"}:
        return True
    return (
        False
        if word in {"not genuine", "non genuine", "non-genuine", "replaced", "fake", "aftermarket", "not original"}
        else None
    )


def _parts(told: Fields) -> tuple[tuple[Component, ...], list[str]]:
    """The parts with their serials now and when they left the factory; a serial of the phone that isn't its first one is only said."""
    parts: list[Component] = []
    warnings: list[str] = []
    for row in values.mappings(values.mapping(_json(told.get("parts"))).get("Data")):
        name, status = clean(row.get("name")), clean(row.get("Status"))
        now, first = clean_serial(row.get("CurrentSerial")), clean_serial(_starless(row.get("FactorySerial")))
        if name is None:
            continue
        if (now and first and now != first) or _is_genuine(status or "") is False:
            warnings.append(f"{name[:60]} isn't what left the factory ({(status or 'no word of it')[:60]}).")
        if name.lower() == "serial number":
            continue
        detail = {"name": name, "status": status, "factory_serial": first}
        parts.append(
            Component(
                kind=_PARTS.get(name.lower(), mobile.slug(name) or "part"),
                serial=now,
                detail={key: text for key, text in detail.items() if text},
            )
        )
    full, design = (values.positive(told.get(f"battery{which}maxcapacity")) for which in ("current", "design"))
    figures = {"design_mah": design, "full_mah": full, "charge_percent": mobile.percent(told.get("batterypercentage"))}
    measured = {name: str(figure) for name, figure in figures.items() if figure}
    if measured:
        place = next((place for place, part in enumerate(parts) if part.kind == "battery"), None)
        known = (
            parts.pop(place)
            if place is not None
            else Component(kind="battery", serial=clean_serial(told.get("batteryserial")))
        )
        parts.append(replace(known, detail=known.detail | measured))
    return tuple(parts[:100]), warnings[:20]


def _starless(value: object) -> object:
    return value.rstrip("*") if isinstance(value, str) else value


def _json(value: object) -> object:
    """A structure, also where it was put in as a text; whatever else is nothing."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if len(value) < 1_000_000 else None
    except (ValueError, RecursionError):
        return None


def _tests(told: Fields) -> Iterator[Test]:
    for name, verdict in (("failed", Verdict.FAIL), ("passed", Verdict.PASS), ("pending", Verdict.UNKNOWN)):
        listed = told.get(name)
        names = (
            _LIST.split(listed)
            if isinstance(listed, str)
            else [one for one in values.items(listed) if isinstance(one, str)]
        )
        yield from mobile.tests([one for one in names[:300] if clean(one)], verdict)


def _locks(told: Fields) -> Iterator[Lock]:
    apple = (clean(told.get("make")) or clean(told.get("os")) or "").lower() in {"apple", "ios"}
    carrier = _text(told, "carrier", "initialcarrier", "network")
    named = [
        (LockKind.ACTIVATION if apple else LockKind.ACCOUNT, "devicelock", None),
        (LockKind.FINDER, "fmi", None),
        (LockKind.FINDER, "findmyiphone", None),
        (LockKind.ACCOUNT, "frp", None),
        (LockKind.MDM, "mdm", None),
        (LockKind.CARRIER, "simlock", carrier),
        (LockKind.CARRIER, "unlockstatus", carrier),
        (LockKind.ROOTED, "rooted", None),
        (LockKind.STOLEN, "esn", None),
    ]
    seen: set[LockKind] = set()
    for kind, name, detail in named:
        line = clean(told.get(name))
        found = locks.lock(kind, line, detail=detail)
        if found is None and name == "devicelock" and told.get(name) is not None:
            # It was asked for, and nobody could tell.
            found = Lock(kind=kind, state=LockState.UNKNOWN)
        if found is not None and kind is LockKind.STOLEN and re.search(r"financ|unpaid|bill", (line or "").lower()):
            found = Lock(kind=LockKind.FINANCE, state=LockState.LOCKED, detail=(line or "")[:100])
        if found is not None and found.kind not in seen:
            seen.add(found.kind)
            yield found


def _inspection(told: Fields) -> dict[str, str]:
    stated = {
        "appearance": _text(told, "grade"),
        "working": _text(told, "working"),
        "cosmetics": _text(told, "cosmetics"),
        "defects": _text(told, "defectscode"),
        "color": _text(told, "color"),
        "carrier": _text(told, "carrier", "initialcarrier"),
    }
    return {name: text for name, text in stated.items() if text}


def _erasures(told: Fields, model: str | None) -> Iterator[Erasure]:
    word = (clean(told.get("erased")) or "").lower()
    if word in {"", "no", "not erased", "n/a", "false", "0"}:
        return
    start, end = values.text(told.get("starttime")), values.text(told.get("endtime"))
    failed = bool(re.search(r"fail|error|abort", word)) or bool(clean(told.get("restorecode")))
    doubts = ["Phonecheck tells that the phone was erased, but not how that was verified."]
    if word not in {"yes", "true", "1", "erased", "success", "successful"}:
        doubts.append(f"Phonecheck's word on the erasure is {word[:60]}.")
    if not clean(told.get("type")):
        doubts.append("The report doesn't name the way of erasing.")
    if not start or not end:
        doubts.append("The report has no start or no end of the erasure.")
    if clean(told.get("erasednotes")):
        doubts.append("There is a note on the erasure.")
    yield Erasure(
        model=model,
        serial=clean_serial(told.get("serial")),
        method=_text(told, "type"),
        started_at=values.moment(start),
        ended_at=values.moment(end),
        outcome=ErasureOutcome.FAILED if failed else ErasureOutcome.UNKNOWN,
        doubts=tuple(doubts),
    )
