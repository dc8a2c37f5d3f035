"""The drives in the text of ``hwinfo``: the last resort, for machines where smartctl and lshw saw none."""

from __future__ import annotations

import re

from triage.reports import values
from triage.reports.media import Found, type_of_model
from triage.reports.normal import Medium, MediumType
from triage.reports.placeholders import clean, clean_serial

_BLOCK = re.compile(r"^\d+: .*\b10600 Disk\s*$", re.MULTILINE)
_NEXT = re.compile(r"^\d+: ", re.MULTILINE)
_LARGEST = 4_000_000


def media(text: object) -> list[Found]:
    """The blocks of class disk. Card readers without a card have no capacity and are passed over."""
    if not isinstance(text, str):
        return []
    text = text[:_LARGEST]
    found = []
    for start in _BLOCK.finditer(text):
        end = _NEXT.search(text, start.end())
        block = text[start.start() : end.start() if end else len(text)]
        capacity = re.search(r"^  Capacity: .*\((\d{1,20}) bytes\)", block, re.MULTILINE)
        model = clean(_field(block, "Device")) or clean(_field(block, "Model"))
        name = values.text(_field(block, "Device File"))
        kind = _type(block, name, model)
        if capacity is None and (kind is MediumType.USB or clean_serial(_field(block, "Serial ID")) is None):
            continue
        found.append(
            Found(
                device=None if name is None else name.split(" ")[0],
                medium=Medium(
                    model=model,
                    serial=clean_serial(_field(block, "Serial ID")),
                    capacity_bytes=values.positive(capacity[1]) if capacity else None,
                    type=kind,
                    manufacturer=clean(_field(block, "Vendor")),
                    firmware=clean(_field(block, "Revision")),
                ),
            )
        )
    return found


def _field(block: str, name: str) -> str | None:
    found = re.search(rf'^  {name}: (?:\w+ 0x[0-9a-f]+ )?"?([^"\n]*)"?', block, re.MULTILINE)
    return found[1] if found else None


def _type(block: str, name: str | None, model: str | None) -> MediumType:
    if re.search(r'^  (Driver|Driver Modules): .*"(usb-storage|uas)"', block, re.MULTILINE):
        return MediumType.USB
    if name and "nvme" in name:
        return MediumType.NVME
    return type_of_model(model)
