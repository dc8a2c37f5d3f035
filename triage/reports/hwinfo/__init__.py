"""The text of ``hwinfo`` (kind ``hwinfo.text``): the firmware's table and what the kernel found.

The mapping stands in docs/reports/hwinfo.md. Without root hwinfo sees no firmware table: then the machine has no name, and its
drives and addresses are all that is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from triage.reports import dmidecode, values
from triage.reports.edid import makers
from triage.reports.hwinfo import blocks as reading
from triage.reports.hwinfo import drives
from triage.reports.hwinfo.blocks import Block
from triage.reports.media import merge
from triage.reports.normal import Component, Report, Screen, UnreadableReport
from triage.reports.placeholders import clean, clean_serial
from triage.reports.sniff import Sniff

KIND = "hwinfo.text"
_LOOKED_AT = 64 * 1024
_UNIQUE = re.compile(r"^  (?:Unique ID: \S+|\[Created at \w+\.\d+\]|Hardware Class: \w)", re.MULTILINE)
_END = re.compile(r"  Config Status: ")
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)
_KINDS = {"graphics card": "graphics", "sound": "sound", "modem": "modem", "camera": "camera", "network": "network"}


def recognises(sniff: Sniff) -> bool:
    """Whether the text has hwinfo's headings with its lines below. Never raises."""
    try:
        head = sniff.text[:_LOOKED_AT]
    except UnreadableReport:
        return False
    return not sniff.looks_like_json and bool(reading.HEADING.search(head) and _UNIQUE.search(head))


def parse(sniff: Sniff) -> Report:
    """The machine. Raises NO_DEVICE where the blocks hold neither a machine nor a drive."""
    found = list(reading.read(sniff.text))
    known = dmidecode.report(reading.table(found), kind=KIND, tool="hwinfo")
    media = merge(drives.of_blocks(found))
    parts = [*known.components, *_processors(found, known.components), *_parts(found)]
    system = next((block for block in found if block.number == "10107"), None)
    result = replace(
        known,
        chassis=known.chassis or (clean(system.value("Formfactor")) if system else None),
        media=media,
        components=tuple(parts),
        macs=tuple(dict.fromkeys(_macs(found))),
        screens=tuple(_screens(found)),
    )
    if not (known.manufacturer or known.serial or known.components or media or result.macs or parts):
        raise UnreadableReport(
            "NO_DEVICE", "The output describes no machine and no drive; run hwinfo as root.", "offset 0"
        )
    if any(block.number == "10105" and not any(_END.match(line) for line in block.lines) for block in found):
        told = "The output stops within the firmware's table, so its memory is not told."
        result = replace(result, memory_bytes=None, warnings=(*result.warnings, told))
    if not known.manufacturer and not known.components:
        result = replace(
            result,
            warnings=(
                *result.warnings,
                "The output holds no table of the firmware, so the machine has no name: run hwinfo as root.",
            ),
        )
    return result


def _processors(found: list[Block], known: tuple[Component, ...]) -> Iterator[Component]:
    """One per model, where the firmware's table lists none: hwinfo counts threads, not chips."""
    if any(part.kind == "processor" for part in known):
        return
    models: dict[str, str | None] = {}
    for block in found:
        line = next((line for line in block.lines if line.startswith("  Model: ")), "")
        if block.number == "10103" and (model := re.search(r'"(.*)"', line)) and (name := clean(model[1])):
            models.setdefault(name, clean(block.value("Vendor")))
    for name, vendor in models.items():
        yield Component(kind="processor", manufacturer=vendor, model=name)


def _parts(found: list[Block]) -> Iterator[Component]:
    for block in found:
        kind = _KINDS.get(block.value("Hardware Class") or "")
        model = clean(block.value("Device")) or clean(block.value("Model"))
        if kind is None or model is None or block.behind_usb:
            continue
        address = block.value("Permanent HW Address") or block.value("HW Address") or ""
        yield Component(
            kind=kind,
            manufacturer=clean(block.value("Vendor")),
            model=model,
            serial=address.lower() if kind == "network" and _MAC.fullmatch(address) else None,
        )


def _macs(found: list[Block]) -> Iterator[str]:
    """Addresses of the network interfaces, each once; what hangs on USB or on no device at all (bridges, tunnels) isn't the machine's."""
    for block in found:
        address = block.value("Permanent HW Address") or block.value("HW Address") or ""
        cards = block.value("Hardware Class") in {"network", "network interface"}
        link = block.value("SysFS Device Link") or block.value("SysFS ID") or ""
        built_in = link.startswith("/devices/") and "/virtual/" not in link and not block.behind_usb
        if cards and built_in and _MAC.fullmatch(address) and len(set(address.lower()) - {":"}) > 1:
            yield address.lower()


def _screens(found: list[Block]) -> Iterator[Screen]:
    for block in found:
        if block.value("Hardware Class") != "monitor":
            continue
        size = re.match(r"(\d{1,5})x(\d{1,5}) mm", block.value("Size") or "")
        shape = re.search(r"^     Resolution: (\d{1,5})x(\d{1,5})", "\n".join(block.lines), re.MULTILINE)
        year = values.positive(block.value("Year of Manufacture"))
        code = re.search(r"^  Vendor: ([A-Z]{3}) ", "\n".join(block.lines), re.MULTILINE)
        printed = clean(block.value("Vendor"))
        maker = makers.name_of(code[1]) if code and code[1] in makers.NAMES else printed
        name = clean(block.value("Device")) or clean(re.sub(r"\s*(?:LCD )?Monitor$", "", block.value("Model") or ""))
        if name in {maker, code[1] if code else None} or (name == printed and not re.search(r"\d", name or "")):
            # Of a panel that names only its maker hwinfo makes "AUO LCD Monitor".
            name = None
        yield Screen(
            manufacturer=maker,
            model=name,
            serial=clean_serial(block.value("Serial ID")),
            width_px=int(shape[1]) if shape else None,
            height_px=int(shape[2]) if shape else None,
            width_mm=values.positive(size[1]) if size else None,
            height_mm=values.positive(size[2]) if size else None,
            made_year=year if year and 1990 < year < 2100 else None,
        )
