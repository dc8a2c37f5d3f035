"""Puts together what several tools say of the same drive, and tells flash from platters where only a model name is given."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from triage.reports.normal import Medium, MediumType


@dataclass(frozen=True, kw_only=True)
class Found:
    """A drive as one tool saw it; ``device`` is that tool's name for it, such as /dev/sda."""

    medium: Medium
    device: str | None = None

    @property
    def names(self) -> set[str]:
        # smartctl speaks of the controller /dev/nvme0, lshw and inxi of its namespace /dev/nvme0n1: one drive.
        return set() if self.device is None else {re.sub(r"^(/dev/nvme\d+)n\d+$", r"\1", self.device)}


_FLASH = re.compile(
    r"""\bSSD|SSD\b|SSD\d|\bSSDS[CA]|SOLID\sSTATE|^KINGSTON\s(SA400|SV300|SUV|SMS200|SKC\d|RBU)|^WDC\s+WDS\d|^WDS\d
    |^(SAMSUNG\s)?MZ[-N7A-Z]|^CRUCIAL_CT\d|^CT\d{3,4}[MBP]X|^(TOSHIBA\s?)?THNS|^SANDISK\sSD[5-9]|^SD[5-9]SB|^OCZ|^M4-CT|^C\d{3}-CTFDDA
    |^MTFDD|^HFS\d|^INTEL\sSSD|^PLEXTOR\sPX|^LITEON|^LITEONIT|^ADATA\sS[PUX]\d|^SK\s?HYNIX\sSC\d|^KBG\d|^UMIS|^SSSTC""",
    re.IGNORECASE | re.VERBOSE,
)
_PLATTERS = re.compile(
    r"""^(APPLE\s)?HDD\s|^ST\d{2,6}(A|AS|L|LM|DM|NM|VX|VM|NX|LT|LX|BX|MM|MP)\b|^ST\d{2,}\w{2}\d{3}|^ST\d{7,}\w{0,3}\b|^WDC\s+WD\d|^WD\d{3,}
    |^(HITACHI\s|HGST\s|IBM[-\s])?(HTS|HDS|HDT|HUA|HCC|HTC|HDP|IC25|IC35|HTE|HTA|HUS|DJSA|DTLA)\w*\d
    |^(TOSHIBA\s)?(MQ0\d|MK\d{4}|DT01|MG0\d|HDW)|^SAMSUNG\s(HD|HM|SP|SV)\d|^(HD|HM|SP)\d{3}[A-Z]{2}\b|^MAXTOR\s\d|^(FUJITSU\s)?M[HP][A-Z]\d{4}""",
    re.IGNORECASE | re.VERBOSE,
)


def type_of_model(model: str | None) -> MediumType:
    """Solid state or hard disk where the maker's naming leaves no doubt; else unknown, for a wrong guess would mean a wrong wipe."""
    if not model:
        return MediumType.UNKNOWN
    if _FLASH.search(model):
        return MediumType.SSD
    return MediumType.HDD if _PLATTERS.search(model) else MediumType.UNKNOWN


def is_sold(size: int) -> bool:
    """Whether drives of this capacity exist: the industry's rule gives each whole number of gigabytes its count of sectors."""
    gigabytes = round((size / 512 - 97_696_368) / 1_953_504 + 50)
    return gigabytes > 0 and abs((97_696_368 + 1_953_504 * (gigabytes - 50)) * 512 - size) <= 2**20


def merge(*sources: Iterable[Found]) -> tuple[Medium, ...]:
    """One medium per drive: the same serial, or the same device name where one of the two has no serial.

    The earlier source wins field by field; a later one fills what is missing.
    """
    merged: list[Found] = []
    for source in sources:
        earlier = len(merged)
        for found in source:
            place = _place(merged[:earlier], found)
            if place is None:
                merged.append(found)
            else:
                merged[place] = _join(merged[place], found)
    return tuple(found.medium for found in merged)


def _place(merged: list[Found], found: Found) -> int | None:
    serial = found.medium.serial
    for place, other in enumerate(merged):
        if serial and other.medium.serial:
            if serial.casefold() == other.medium.serial.casefold():
                return place
        elif found.names & other.names:
            return place
    return None


def _join(first: Found, second: Found) -> Found:
    changes = {
        item.name: value
        for item in fields(Medium)
        if getattr(first.medium, item.name) in {None, MediumType.UNKNOWN}
        and (value := getattr(second.medium, item.name)) is not None
    }
    if second.medium.type is MediumType.USB:
        # smartctl sees the disk behind a USB bridge; only the bus tells that it isn't built in.
        changes["type"] = MediumType.USB
    return Found(medium=replace(first.medium, **changes), device=first.device or second.device)
