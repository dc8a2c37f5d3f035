"""What libimobiledevice's tools print of an iPhone, iPad or iPod: ``ideviceinfo`` as text and as a property list, ``idevicediagnostics``
(``diagnostics``, ``ioregentry``), and fragments of either, as they are pasted.

Since iOS 12.2 the gas gauge answers a full charge of 100: no capacity, so no health follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from triage.reports import identifiers, locks, mobile, plists, values
from triage.reports.normal import (
    Battery,
    BatteryCondition,
    Component,
    Firmware,
    IdentifierKind,
    Lock,
    LockKind,
    LockState,
    Medium,
    Report,
    UnreadableReport,
)
from triage.reports.placeholders import clean, clean_serial
from triage.reports.sniff import Sniff

INFO, DIAGNOSTICS = "ios.deviceinfo", "ios.diagnostics"
Fields = Mapping[str, Any]

_PRODUCT = re.compile(r"(iPhone|iPad|iPod|Watch|AppleTV|AudioAccessory|RealityDevice)\d", re.ASCII)
_CHASSIS = {"iPhone": "Smartphone", "iPad": "Tablet", "iPod": "Media player", "Watch": "Watch"}
_OF_INFO = frozenset(
    {"ProductType", "UniqueDeviceID", "ActivationState", "InternationalMobileEquipmentIdentity", "DeviceClass"}
)
_OF_BATTERY = frozenset(
    {
        "DesignCapacity",
        "FullChargeCapacity",
        "NominalChargeCapacity",
        "AppleRawMaxCapacity",
        "BatteryCurrentCapacity",
        "GasGauge",
    }
)
_OF_A_MAC = re.compile(r"IORegistryEntryChildren|IOObjectClass|<key>_SPCommandLineArguments")
_LINE = re.compile(r"^([A-Za-z][\w-]{1,60}): ?([^\r\n]{0,500}?)[ \t]*\r?$", re.MULTILINE)
_INSIDE = ("Diagnostics", "GasGauge", "IORegistry", "BatteryData", "LifetimeData")
_MOST_TEXT = 2_000_000


def told_by(sniff: Sniff) -> Fields:
    """Everything that the output says, inner parts below what stands above them; nothing, where it is another output. Never raises."""
    try:
        text = sniff.text
    except UnreadableReport:
        return {}
    if len(text) > _MOST_TEXT:
        return {}
    return _of_list(text) if "<key>" in text else _of_lines(text)


def _of_lines(text: str) -> Fields:
    found = {line[1]: line[2] for line in reversed(list(_LINE.finditer(text[:200_000])))}
    product = values.text(found.get("ProductType")) or ""
    return (
        found if _PRODUCT.match(product) and {"UniqueDeviceID", "ProductVersion", "DeviceClass"} & found.keys() else {}
    )


def _of_list(text: str) -> Fields:
    if _OF_A_MAC.search(text):
        return {}
    start = re.search(r"<(?:plist|dict|key)\b", text)
    # What stands before is the tools' own head, or the lines of a terminal; a document type of a stranger's is no such head.
    if start is None or "<!ENTITY" in text or len(text[: start.start()]) > 2000:
        return {}
    body = text[start.start() :].rstrip()
    if body.startswith("<key"):
        body = f"<dict>{body}</dict>"
    if not body.startswith("<plist"):
        body = f"<plist>{body}</plist>"
    try:
        top = plists.root_of(Sniff(body[: body.rfind(">") + 1].encode("utf-8", "replace")))
    except UnreadableReport:
        return {}
    return _flat(top)


def _flat(top: object) -> Fields:
    """One level of all that speaks of the phone; an outer word goes before an inner one."""
    told: dict[str, Any] = {}
    waiting = [top]
    for _ in range(len(_INSIDE) + 1):
        inside = [
            value for outer in waiting if isinstance(outer, dict) for name, value in outer.items() if name in _INSIDE
        ]
        for outer in waiting:
            if isinstance(outer, dict):
                told = {**outer, **told}
        waiting = inside
    return told


def report(sniff: Sniff, *, kind: str) -> Report:
    """Raises NO_DEVICE for an output that tells neither a phone nor a battery."""
    told = told_by(sniff)
    product = clean(told.get("ProductType"))
    battery, part, warnings = _battery(told)
    found = Report(
        kind=kind,
        tool="ideviceinfo" if kind == INFO else "idevicediagnostics",
        manufacturer="Apple" if product or _OF_INFO & told.keys() else None,
        model=product,
        # In what the battery says of itself the serial is the battery's.
        serial=clean_serial(told.get("SerialNumber")) if product or _OF_INFO & told.keys() else None,
        sku=_sku(told),
        chassis=next((word for name, word in _CHASSIS.items() if (product or "").startswith(name)), None),
        media=_storage(told),
        components=(*_system(told), *([part] if part else [])),
        battery=battery,
        macs=tuple(
            mac
            for name in ("WiFiAddress", "BluetoothAddress", "EthernetAddress")
            if (mac := clean_serial(told.get(name)))
        ),
        identifiers=identifiers.identifiers(
            (
                (IdentifierKind.IMEI, told.get("InternationalMobileEquipmentIdentity")),
                (IdentifierKind.IMEI, told.get("InternationalMobileEquipmentIdentity2")),
                (IdentifierKind.MEID, told.get("MobileEquipmentIdentifier")),
                (IdentifierKind.EID, told.get("EID") or told.get("EuiccEID")),
                (IdentifierKind.UDID, told.get("UniqueDeviceID")),
                (IdentifierKind.BOARD_SERIAL, told.get("MLBSerialNumber")),
            )
        ),
        locks=tuple(_locks(told)),
        firmware=_firmware(told),
        warnings=tuple(warnings),
    )
    if not (found.model or found.serial or found.identifiers or found.battery):
        raise UnreadableReport("NO_DEVICE", "The output tells neither a device nor a battery.")
    return found


def _sku(told: Fields) -> str | None:
    number, region = clean(told.get("ModelNumber")), clean(told.get("RegionInfo"))
    return f"{number}{region}" if number and region and "/" not in number else number


def _storage(told: Fields) -> tuple[Medium, ...]:
    capacity = values.positive(told.get("TotalDiskCapacity"))
    return (Medium(capacity_bytes=capacity),) if capacity else ()


def _system(told: Fields) -> Iterator[Component]:
    named = {
        "name": told.get("MarketingName"),
        "hardware": told.get("HardwareModel"),
        "regulatory_model": told.get("RegulatoryModelNumber"),
        "color": told.get("DeviceEnclosureColor") or told.get("DeviceColor"),
        "activation_state": told.get("ActivationState"),
        "password_protected": {True: "true", False: "false"}.get(values.truth(told.get("PasswordProtected"))),  # type: ignore[arg-type]
    }
    detail = {name: text for name, value in named.items() if (text := clean(value))}
    if detail:
        yield Component(kind="system", detail=detail)


def _firmware(told: Fields) -> Firmware | None:
    version, build = clean(told.get("ProductVersion")), clean(told.get("BuildVersion"))
    if version is None:
        return None
    return Firmware(
        vendor=clean(told.get("ProductName")) or "Apple", version=f"{version} ({build})" if build else version
    )


def _locks(told: Fields) -> Iterator[Lock]:
    """That a phone is activated says nothing of who holds its lock, and that it isn't says nothing either."""
    if state := clean(told.get("ActivationState")):
        yield Lock(kind=LockKind.ACTIVATION, state=LockState.UNKNOWN, detail=f"activation state {state}"[:100])
    for kind, name in (
        (LockKind.FINDER, "IsAssociated"),
        (LockKind.MDM, "IsSupervised"),
        (LockKind.MDM, "IsMDMManaged"),
    ):
        if found := locks.lock(kind, _word(told.get(name))):
            yield found


def _word(value: object) -> object:
    return values.truth(value) if isinstance(value, str) else value if isinstance(value, bool) else None


def _battery(told: Fields) -> tuple[Battery | None, Component | None, list[str]]:
    design = _milliamperes(told.get("DesignCapacity"))
    fulls = [
        _milliamperes(told.get(name))
        for name in ("NominalChargeCapacity", "AppleRawMaxCapacity", "FullChargeCapacity", "MaxCapacity")
    ]
    full = next((one for one in fulls if mobile.share(one, design) is not None), None)
    stated = mobile.percent(told.get("MaximumCapacityPercent"))
    warnings = []
    if design and full is None and any(fulls):
        said = next(one for one in fulls if one)
        warnings.append(
            f"The full charge of {said} is no capacity against a design of {design} mAh; the battery's health isn't told."
        )
    is_battery = bool(_OF_BATTERY & told.keys())
    battery = Battery(
        cycles=values.positive(told.get("CycleCount")),
        health_percent=stated or mobile.share(full, design),
        serial=clean_serial(told.get("BatterySerialNumber") or (told.get("Serial") if is_battery else None)),
        chemistry=clean(told.get("Chemistry")),
        condition=BatteryCondition.FAILED if (values.positive(told.get("PermanentFailureStatus")) or 0) > 0 else None,
    )
    figures: dict[str, object] = {
        "design_mah": design,
        "full_mah": full,
        "charge_percent": _charge(told),
        "voltage_mv": values.positive(told.get("Voltage")) if is_battery else None,
        "temperature_c": _celsius(told.get("Temperature")) if is_battery else None,
    }
    detail = {name: text for name, figure in figures.items() if (text := values.text(figure))}
    if battery == Battery() and not detail:
        return None, None, warnings
    return battery, Component(kind="battery", serial=battery.serial, detail=detail), warnings


def _milliamperes(value: object) -> int | None:
    found = values.positive(value)
    return found if found is not None and found <= 100_000 else None


def _charge(told: Fields) -> int | None:
    if (stated := mobile.percent(told.get("BatteryCurrentCapacity"))) is not None:
        return stated
    now, most = values.whole(told.get("CurrentCapacity")), values.positive(told.get("MaxCapacity"))
    return round(100 * now / most) if now is not None and most and 0 <= now <= most else None


def _celsius(value: object) -> str | None:
    hundredths = values.whole(value)
    return f"{hundredths / 100:.1f}" if hundredths is not None and 0 < hundredths < 12_000 else None


def is_info(told: Fields) -> bool:
    return len(_OF_INFO & told.keys()) >= 2 or bool(_PRODUCT.match(values.text(told.get("ProductType")) or ""))


def is_diagnostics(told: Fields) -> bool:
    return bool(_OF_BATTERY & told.keys()) and not is_info(told)
