"""``adb shell getprop``: ``[name]: [value]`` a line. Also read where it stands beside something else, as in a bug report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from triage.reports import identifiers
from triage.reports.normal import Component, Firmware, Identifier, IdentifierKind, Report, UnreadableReport
from triage.reports.placeholders import clean, clean_serial
from triage.reports.sniff import Sniff

KIND = "android.getprop"
_LINE = re.compile(r"^[ \t]*\[([\w.@-]{1,120})\]:[ \t]*\[([^\r\n]{0,500}?)\]?[ \t]*$", re.MULTILINE)
_MANUFACTURERS = ("ro.product.manufacturer", "ro.product.vendor.manufacturer", "ro.product.system.manufacturer")
_MODELS = ("ro.product.model", "ro.product.vendor.model", "ro.product.odm.model", "ro.product.system.model")
_SERIALS = ("ril.serialnumber", "ro.serialno", "ro.boot.serialno", "sys.serialnumber", "vendor.serialno")
"""Older phones of Samsung print another serial on their label than the one their bootloader has, and give it first."""
_NUMBER = re.compile(r"(?:^|[._])(imei|meid)(?:[._]?(?:sv|[0-9]))?$", re.IGNORECASE)
_SYSTEM = {
    "market_name": ("ro.product.marketname", "ro.product.vendor.marketname", "ro.config.marketing_name", "ro.vendor.product.display"),
    "platform": ("ro.board.platform", "ro.hardware"),
    "verified_boot": ("ro.boot.verifiedbootstate",),
    "bootloader_locked": ("ro.boot.flash.locked", "ro.boot.vbmeta.device_state"),
    "security_patch": ("ro.build.version.security_patch",),
}  # fmt: skip
_MOST = 3000


def recognises(sniff: Sniff) -> bool:
    return bool(re.search(r"^[ \t]*\[ro\.(?:product|build|boot)[\w.]*\]:[ \t]*\[", _text(sniff), re.MULTILINE))


def parse(sniff: Sniff) -> Report:
    """Raises NO_DEVICE for properties that name neither maker, model nor a number of the thing."""
    told = properties(_text(sniff))
    report = describe(Report(kind=KIND, tool="getprop"), told)
    if not (report.manufacturer or report.model or report.serial or report.identifiers):
        raise UnreadableReport("NO_DEVICE", "The properties name neither a maker nor a model.", "line 1")
    return report


def _text(sniff: Sniff) -> str:
    try:
        return sniff.text
    except UnreadableReport:
        return ""


def properties(text: str) -> dict[str, str]:
    """Every property in the text; of one that stands there twice the first counts."""
    told: dict[str, str] = {}
    for count, found in enumerate(_LINE.finditer(text)):
        if count >= _MOST:
            break
        told.setdefault(found[1].lower(), found[2])
    return told


def describe(report: Report, told: Mapping[str, str]) -> Report:
    """The report with what the properties say of the phone; as it was, where they say nothing."""
    system = {name: value for name, names in _SYSTEM.items() if (value := _first(told, names))}
    parts = (Component(kind="system", detail=system),) if system else ()
    characteristics = (told.get("ro.build.characteristics") or "").lower().split(",")
    return replace(
        report,
        manufacturer=_first(told, _MANUFACTURERS),
        model=_first(told, _MODELS),
        serial=next((one for name in _SERIALS if (one := clean_serial(told.get(name)))), None),
        sku=clean(told.get("ro.boot.hardware.sku")),
        chassis=next(
            (word for mark, word in (("tablet", "Tablet"), ("phone", "Smartphone")) if mark in characteristics), None
        ),
        firmware=_firmware(told),
        identifiers=tuple(_numbers(told)),
        components=(*report.components, *parts),
    )


def _first(told: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := clean(told.get(name)))), None)


def _firmware(told: Mapping[str, str]) -> Firmware | None:
    version = clean(told.get("ro.build.version.release"))
    build = clean(told.get("ro.build.display.id"))
    if version is None and build is None:
        return None
    return Firmware(vendor="Android", version=" ".join(filter(None, (version, f"({build})" if build else None))))


def _numbers(told: Mapping[str, str]) -> Iterator[Identifier]:
    seen: set[str] = set()
    for name, value in told.items():
        if not (found := _NUMBER.search(name)):
            continue
        kind = IdentifierKind(found[1].lower())
        for one in identifiers.identifiers((kind, text) for text in re.split(r"[,;\s]+", value)):
            if one.value not in seen:
                seen.add(one.value)
                yield one
