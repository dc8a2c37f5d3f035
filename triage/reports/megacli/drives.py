"""Drives as Broadcom's RAID tools name their lines, MegaCli and storcli alike."""

from __future__ import annotations

import re
from collections.abc import Mapping

from triage.reports import values
from triage.reports.media import type_of_model
from triage.reports.normal import Health, Medium, MediumType, Report, Test, Verdict
from triage.reports.placeholders import clean, clean_serial
from triage.reports.smartctl.makers import NO_MAKERS, maker_of

_SIZE = re.compile(r"([0-9.]{1,12}) ([KMGTP]B) \[0x([0-9a-f]{1,16}) Sectors\]", re.IGNORECASE)
_UNITS = {"KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40, "PB": 2**50}


def medium(
    *, vendor: str | None, model: str | None, serial: str | None, firmware: str | None, size: str | None, health: Health,
    interface: str | None, media: str,
) -> Medium:  # fmt: skip
    """A drive. ``media`` is the tool's word for what is inside: "Solid State Device", "HDD"."""
    made_by, name = clean(vendor), clean(model)
    if made_by is None or made_by.lower() in NO_MAKERS:
        made_by = None
    return Medium(
        model=name,
        serial=clean_serial(serial),
        capacity_bytes=capacity(size),
        type=_type(media.lower(), (interface or "").lower(), name),
        manufacturer=maker_of(made_by, name) or made_by,
        firmware=clean(firmware),
        interface=clean(interface),
        health=health,
    )


def _type(media: str, interface: str, model: str | None) -> MediumType:
    if "nvme" in interface or "pcie" in interface:
        return MediumType.NVME
    if "solid" in media or media == "ssd":
        return MediumType.SSD
    return MediumType.HDD if "hard" in media or media == "hdd" else type_of_model(model)


def capacity(printed: str | None) -> int | None:
    """The raw size: its sectors, counted in the sector size that makes the printed figure."""
    found = _SIZE.search(printed or "")
    if found is None:
        return None
    try:
        about = float(found[1]) * _UNITS[found[2].upper()]
    except ValueError:
        return None
    sectors = int(found[3], 16)
    fitting = [sectors * size for size in (512, 4096) if abs(sectors * size - about) <= about * 0.02]
    return values.positive(fitting[0]) if fitting else None


def health(state: Mapping[str, str], *, alert: str | None) -> Health:
    """What the card says of the drive. Its alert is the drive's own verdict; its counts are the card's."""
    flagged = values.truth((alert or "").strip())
    warnings = []
    predicted = values.positive(state.get("Predictive Failure Count"))
    if predicted:
        warnings.append(f"The card counts {predicted} predicted failures.")
    word = state.get("Firmware state") or state.get("State") or ""
    if re.search(r"bad|failed|missing|offline|ubad|offln", word, re.IGNORECASE):
        warnings.append(f"The card calls the drive: {word}.")
    return Health(
        passed=None if flagged is None else not flagged,
        media_errors=values.whole(state.get("Media Error Count")),
        warnings=tuple(warnings),
    )


def report(media: list[Medium], *, kind: str, tool: str, version: str | None = None) -> Report:
    """The drives of a card. One alone is the report's own thing; of several, none is."""
    one = media[0] if len(media) == 1 else Medium()
    tests = []
    for each in media:
        if each.health is not None and each.health.passed is not None:
            verdict = Verdict.PASS if each.health.passed else Verdict.FAIL
            tests.append(
                Test(code="smart.status", verdict=verdict, detail=f"drive {each.serial or each.model or 'unnamed'}")
            )
    return Report(
        kind=kind, tool=tool, tool_version=version, manufacturer=one.manufacturer, model=one.model, serial=one.serial,
        media=tuple(media), tests=tuple(tests),
    )  # fmt: skip
