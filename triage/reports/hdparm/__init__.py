"""``hdparm -I`` (kind ``hdparm.text``): what an ATA drive answers when asked who it is.

The mapping stands in docs/reports/hdparm.md. A drive that does not speak ATA (behind a USB bridge or a RAID card) answers with
whatever stands in memory: an answer whose integrity word or checksum is wrong is no identity and is refused.
"""

from __future__ import annotations

import re

from triage.reports import values
from triage.reports.media import type_of_model
from triage.reports.normal import Lock, LockKind, LockState, Medium, MediumType, Report, UnreadableReport
from triage.reports.placeholders import clean, clean_serial
from triage.reports.smartctl.makers import maker_of
from triage.reports.sniff import Sniff

KIND = "hdparm.text"
_LOOKED_AT = 16 * 1024
_LONGEST = 256 * 1024
_KIND_LINE = re.compile(
    r"^(?:ATA(?:PI)?|CompactFlash ATA) (?:device|[\w-]+), with (?:non-)?removable media", re.MULTILINE
)
_UNSOUND = re.compile(r"^(?:Checksum: incorrect|Integrity word not set \(found 0x(?!0000)[0-9a-fA-F]{4})", re.MULTILINE)
_SECURITY = re.compile(r"^\t(not)?\t(enabled|locked)[ \t\r]*$", re.MULTILINE)
_SECTOR = 512


def recognises(sniff: Sniff) -> bool:
    """Whether the text has the line that says what device answers, and hdparm's lists. Never raises."""
    try:
        head = sniff.text[:_LOOKED_AT]
    except UnreadableReport:
        return False
    listed = re.search(r"^\t(?:Model Number|Serial Number):|^Standards:|^Configuration:", head, re.MULTILINE)
    return not sniff.looks_like_json and bool(_KIND_LINE.search(head) and listed) and "FRU Device" not in head


def parse(sniff: Sniff) -> Report:
    """One drive. Raises SEVERAL_DEVICES, and NO_DEVICE for an answer that is no identity."""
    text = sniff.text[:_LONGEST]
    answers = list(_KIND_LINE.finditer(text))
    if len(answers) > 1:
        line = text.count("\n", 0, answers[1].start()) + 1
        raise UnreadableReport(
            "SEVERAL_DEVICES", "The text holds several drives; send one file for each.", f"line {line}"
        )
    if found := _UNSOUND.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise UnreadableReport(
            "NO_DEVICE",
            "The answer is no identity of an ATA drive: its check failed. Send the output of smartctl -x.",
            f"line {line}",
        )
    medium = _medium(text, optical=answers[0][0].startswith("ATAPI"))
    if not (medium.model or medium.serial):
        raise UnreadableReport("NO_DEVICE", "The answer names no drive; send the output of smartctl -x.", "line 1")
    return Report(
        kind=KIND,
        tool="hdparm",
        manufacturer=medium.manufacturer,
        model=medium.model,
        serial=medium.serial,
        media=(medium,),
        locks=_locks(text),
    )


def _field(text: str, name: str) -> str | None:
    found = re.search(rf"^[ \t]*{re.escape(name)}:[ \t]*([^\n]*)", text, re.MULTILINE | re.IGNORECASE)
    return found[1].strip() if found else None


def _medium(text: str, *, optical: bool) -> Medium:
    model = clean(_field(text, "Model Number"))
    return Medium(
        model=model,
        serial=clean_serial(_field(text, "Serial Number")),
        capacity_bytes=None if optical else _capacity(text),
        type=MediumType.OPTICAL if optical else _type(text, model),
        manufacturer=maker_of(model),
        firmware=clean(_field(text, "Firmware Revision")),
        interface=_interface(_field(text, "Transport") or ""),
    )


def _capacity(text: str) -> int | None:
    """The sectors of the widest address times their size; hdparm's megabytes only where no sectors are printed."""
    size = values.positive(
        (_field(text, "Logical  Sector size") or _field(text, "Logical/Physical Sector size") or "").split(" ")[0]
    )
    for name in (
        "LBA48  user addressable sectors",
        "LBA    user addressable sectors",
        "CHS current addressable sectors",
    ):
        if sectors := values.positive(_field(text, name)):
            return values.positive(sectors * (size or _SECTOR))
    megabytes = re.search(r"^[ \t]*device size with M = 1000\*1000:\s*(\d{1,12}) MBytes", text, re.MULTILINE)
    return values.positive(int(megabytes[1]) * 1000**2) if megabytes else None


def _type(text: str, model: str | None) -> MediumType:
    rate = (_field(text, "Nominal Media Rotation Rate") or "").lower()
    if rate.startswith("solid"):
        return MediumType.SSD
    return MediumType.HDD if rate.isdecimal() and int(rate[:6]) > 400 else type_of_model(model)


def _interface(transport: str) -> str | None:
    start = re.split(r"[,;]", transport, maxsplit=1)[0].strip().lower()
    return {"serial": "SATA", "parallel": "PATA"}.get(start)


def _locks(text: str) -> tuple[Lock, ...]:
    """The drive's own password. Enabled and not locked is locked again at the next start; none says nothing of the machine's locks."""
    section = text.partition("\nSecurity:")[2][:1000]
    words = {found[2]: not found[1] for found in _SECURITY.finditer(section)}
    if not (words.get("enabled") or words.get("locked")):
        return ()
    return (Lock(kind=LockKind.DRIVE, state=LockState.LOCKED),)
