"""``MegaCli -PDList`` (kind ``megacli.text``): the drives behind a RAID card.

The mapping stands in docs/reports/megacli.md. Summaries, enclosures and counts name no drive by its serial and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.reports.megacli import drives
from triage.reports.normal import Medium, Report, UnreadableReport
from triage.reports.sniff import Sniff

KIND = "megacli.text"
_LOOKED_AT = 16 * 1024
_MOST_DRIVES = 500
_LONGEST_LINE = 1000
_DRIVE = re.compile(r"^Slot Number: ?\d+|^Enclosure Device ID: ?(?:\d+|N/A)", re.MULTILINE)
_LINE = re.compile(r"^([A-Z][\w .'()/-]*?) ?: ?(.*?)\r?$")
_OTHER = re.compile(
    r"^[ \t]*Number of enclosures on adapter \d|^Controller Count: \d|^Exit Code: 0x[0-9a-f]{2}[ \t\r]*$"
    r"|^[ \t]+Connector +: \d+<|^Adapter #\d",
    re.MULTILINE,
)


def recognises(sniff: Sniff) -> bool:
    """Whether the text lists drives as MegaCli does, or is another answer of it. Never raises."""
    try:
        text = sniff.text
    except UnreadableReport:
        return False
    if sniff.looks_like_json:
        return False
    head = text[:_LOOKED_AT]
    return ("Inquiry Data:" in head and bool(_DRIVE.search(head))) or bool(
        _OTHER.search(head) or _OTHER.search(text[-200:])
    )


def parse(sniff: Sniff) -> Report:
    """The drives. Raises NO_DEVICE for an answer that lists none by its inquiry data."""
    media = [found for block in _blocks(sniff.text) if (found := _medium(block)) is not None]
    if not media:
        raise UnreadableReport(
            "NO_DEVICE", "The answer names no drive by its serial; send the output of MegaCli -PDList -aALL.", "line 1"
        )
    return drives.report(media, kind=KIND, tool="MegaCli")


def _blocks(text: str) -> Iterator[dict[str, str]]:
    """The lines of each drive. A drive begins with its enclosure or, where none is printed, with its slot."""
    current: dict[str, str] | None = None
    count = 0
    for line in text.splitlines():
        found = _LINE.match(line[:_LONGEST_LINE])
        if found is None:
            continue
        name, value = found[1], found[2]
        starts = name == "Enclosure Device ID" or (name == "Slot Number" and (current is None or name in current))
        if starts:
            if current:
                yield current
            count += 1
            if count > _MOST_DRIVES:
                return
            current = {}
        if current is not None:
            current.setdefault(name, value)
    if current:
        yield current


def _medium(block: dict[str, str]) -> Medium | None:
    inquiry = block.get("Inquiry Data")
    if inquiry is None:
        return None
    firmware = block.get("Device Firmware Level", "").strip() or None
    vendor, model, serial = _identity(inquiry, firmware)
    if model is None and serial is None:
        return None
    return drives.medium(
        vendor=vendor, model=model, serial=serial, firmware=firmware, size=block.get("Raw Size"),
        health=drives.health(block, alert=block.get("Drive has flagged a S.M.A.R.T alert")), interface=block.get("PD Type"),
        media=block.get("Media Type", ""),
    )  # fmt: skip


def _identity(inquiry: str, firmware: str | None) -> tuple[str | None, str | None, str | None]:
    """Vendor, model and serial out of the inquiry: columns of fixed width, ATA's or SCSI's, told apart by where the firmware stands."""
    ata = (inquiry[:20], inquiry[20:60], inquiry[60:68])
    scsi = (inquiry[:8], inquiry[8:24], inquiry[24:28], inquiry[28:])
    if _same(ata[2], firmware):
        return None, _word(ata[1]), _word(ata[0])
    if _same(scsi[2], firmware):
        return _word(scsi[0]), _word(scsi[1]), _word(scsi[3])
    # The blanks before a short ATA serial may be lost: then the model still has forty columns before the firmware.
    plain = inquiry.rstrip()
    if firmware and plain.endswith(firmware) and len(plain) - len(firmware) > 40:
        head = plain[: -len(firmware)]
        return None, _word(head[-40:]), _word(head[:-40])
    return None, None, None


def _same(column: str, firmware: str | None) -> bool:
    return firmware is not None and column.strip() == firmware


def _word(column: str) -> str | None:
    return " ".join(column.split()) or None
