"""An EDID (kind ``edid.block``): what a monitor or panel says of itself. Binary, in hexadecimal or in base64.

The mapping stands in docs/reports/edid.md. The report is of the screen: its maker, model and serial are the report's. A block
whose checksum is wrong keeps its maker and figures, with a warning, but no serial: one bit would make it a stranger's.
"""

from __future__ import annotations

import re

from triage.reports.edid.block import IN_HEXADECIMAL, LARGEST, SIZE, Block, in_text
from triage.reports.normal import Component, Report, UnreadableReport
from triage.reports.placeholders import clean_serial
from triage.reports.sniff import Sniff

KIND = "edid.block"
_LOOKED_AT = 64 * 1024
_ACERS_FORM = re.compile(r"[0-9A-Z]{12}")


def recognises(sniff: Sniff) -> bool:
    """Whether the text prints an EDID in hexadecimal, as which a binary one arrives here. Never raises."""
    try:
        head = sniff.text[:_LOOKED_AT]
    except UnreadableReport:
        return False
    return not sniff.looks_like_json and bool(IN_HEXADECIMAL.search(head)) and bool(in_text(head))


def parse(sniff: Sniff) -> Report:
    """The screen. Raises TRUNCATED, SEVERAL_DEVICES, NO_DEVICE."""
    blocks = in_text(sniff.text)
    if len({block[:SIZE] for block in blocks}) > 1:
        raise UnreadableReport("SEVERAL_DEVICES", "The file holds several screens; send one file for each.")
    data = blocks[0][:LARGEST]
    if len(data) < SIZE:
        raise UnreadableReport("TRUNCATED", "The EDID stops before its 128 bytes are over.", f"offset {len(data)}")
    return _report(Block(data))


def _report(block: Block) -> Report:
    screen = block.screen()
    if screen.manufacturer is None:
        raise UnreadableReport("NO_DEVICE", "The EDID names no maker, so it describes no screen.", "offset 8")
    warnings = []
    if not block.sound:
        warnings.append("The checksum of the EDID is wrong: a value may be misread, and its serial is left out.")
    elif block.damaged_behind:
        warnings.append("An extension of the EDID is damaged; nothing of it is used.")
    long = _long_serial(block, screen.serial)
    part = Component(
        kind="display",
        manufacturer=screen.manufacturer,
        model=screen.model,
        serial=screen.serial,
        detail={
            "product": f"{block.letters}{block.data[11]:02X}{block.data[10]:02X}",
            **({"long_serial": long} if long else {}),
        },
    )
    return Report(
        kind=KIND,
        manufacturer=screen.manufacturer,
        model=screen.model,
        serial=screen.serial,
        components=(part,),
        screens=(screen,),
        warnings=tuple(warnings),
    )


def _long_serial(block: Block, serial: str | None) -> str | None:
    """Acer splits its serial: the number stands, in hexadecimal, between the eighth and the ninth letter of the descriptor."""
    if block.letters not in {"ACR", "API"} or serial is None or not _ACERS_FORM.fullmatch(serial):
        return None
    return clean_serial(f"{serial[:8]}{int.from_bytes(block.data[12:16], 'little'):08X}{serial[8:]}")
