"""The drives in the text of ``hwinfo``. The kernel cuts a model to sixteen letters; the name under /dev/disk/by-id has it whole."""

from __future__ import annotations

import re
from collections.abc import Iterable

from triage.reports import values
from triage.reports.hwinfo.blocks import Block, read
from triage.reports.media import Found, type_of_model
from triage.reports.normal import Medium, MediumType
from triage.reports.placeholders import clean, clean_serial
from triage.reports.smartctl.makers import maker_of

_DISK, _OPTICAL, _TAPE = "10600", "10602", "10603"
_TYPES = {_OPTICAL: MediumType.OPTICAL, _TAPE: MediumType.TAPE}
_BY_ID = re.compile(r"/dev/disk/by-id/(?:ata|nvme)-([^\s,]+?)_([^\s,_]+)(?=,|\s|$)")


def media(text: object) -> list[Found]:
    """The drives of a text as it came inside another report."""
    return of_blocks(read(text)) if isinstance(text, str) else []


def of_blocks(blocks: Iterable[Block]) -> list[Found]:
    """The blocks of disks, trays and tapes. Card readers without a card have no capacity and are passed over."""
    return [found for block in blocks if block.number in {_DISK, *_TYPES} and (found := _drive(block)) is not None]


def _drive(block: Block) -> Found | None:
    file = block.value("Device File")
    name = None if file is None else values.text(file.split(" ")[0])
    kind = _TYPES.get(block.number) or _type(block, name)
    sized = re.search(r"\((\d{1,20}) bytes\)", block.value("Capacity") or "")
    capacity = values.positive(sized[1]) if sized else None
    serial = clean_serial(block.value("Serial ID"))
    if kind not in _TYPES.values() and capacity is None and (kind is MediumType.USB or serial is None):
        return None
    short = clean(block.value("Device")) or clean(block.value("Model"))
    if short is not None and kind is MediumType.NVME and short.lower().endswith("disk"):
        # hwinfo knows no name of an NVMe drive but its maker's.
        short = None
    whole, number = _whole_name(block, short)
    model, serial = (short if kind in _TYPES.values() else whole or short), serial or number
    vendor = clean(block.value("Vendor"))
    if kind is MediumType.UNKNOWN:
        kind = type_of_model(model)
    return Found(
        device=name,
        medium=Medium(
            model=model,
            serial=serial,
            capacity_bytes=capacity if kind not in _TYPES.values() else None,
            type=kind,
            manufacturer=vendor if kind is MediumType.USB else maker_of(vendor, model) or vendor,
            firmware=clean(block.value("Revision")),
        ),
    )


def _whole_name(block: Block, short: str | None) -> tuple[str | None, str | None]:
    """The model and the serial of the by-id name, if it goes on where the short model ends."""
    line = next((line for line in block.lines if line.startswith("  Device Files: ")), "")
    for found in _BY_ID.finditer(line):
        if found[1].startswith(("eui.", "nvme.", "uuid.")) or re.search(r"-part\d+$", found[2]):
            continue
        model = " ".join(found[1].replace("_", " ").split())
        if short is None or short.replace(" ", "").lower() in model.replace(" ", "").lower():
            return clean(model), clean_serial(found[2])
    return None, None


def _type(block: Block, name: str | None) -> MediumType:
    if block.behind_usb:
        return MediumType.USB
    if name and "nvme" in name:
        return MediumType.NVME
    return (
        MediumType.EMMC if name and "mmcblk" in name and "mmcblk0boot" in "".join(block.lines) else MediumType.UNKNOWN
    )
