"""What kind of tool a report is of, what it can speak of, and when two makers are one. Pure: no database, no clock."""

from __future__ import annotations

import re
from dataclasses import replace

from revlog.devices import identifiers
from triage.defects import DEFECTS
from triage.reports.normal import MediumType, Report
from triage.reports.registry import DRIVE_TOOLS

INVENTORIES = frozenset(
    {
        "lshw", "dmidecode", "hwinfo", "inxi", "glpi", "edid", "ipmitool", "csv", "table", "android.getprop",
        "ereuse.workbench-lite", "ereuse.workbench-script",
    }
)  # fmt: skip
"""Tools, or forms of one, that list what is inside and try nothing: what they say of a part gives way to a test of the part itself."""
_BLIND_TO_DRIVES = frozenset({"dmidecode", "ipmitool"})
"""Tools that list processors and memory, but never drives."""
OUTSIDE = frozenset({MediumType.USB, MediumType.OPTICAL})

_SUFFIXES = re.compile(
    r"\b(inc|incorporated|corp|corporation|co|company|ltd|limited|gmbh|ag|sa|bv|computer|computers|technology|technologies|electronics"
    r"|international|group|products|systems?)\b\.?"
)
_ALSO = {
    "hewlett packard": "hp", "hewlett packard enterprise": "hpe", "asustek": "asus", "asustekcomputer": "asus",
    "micro star": "msi", "dell emc": "dell", "fujitsu siemens": "fujitsu", "fujitsu client computing": "fujitsu", "lge": "lg",
}  # fmt: skip


def tool_of(kind: str) -> str:
    """``smartctl`` of ``smartctl.json``: forms of one tool are one instrument."""
    return kind.split(".", 1)[0]


_FAULTS = (
    ("audio", re.compile(r"mic\b|microphone|mic_|speaker|earpiece|audio|sound|headphone|headset|recording")),
    ("camera", re.compile(r"camera|flash|video")),
    ("connectivity", re.compile(r"wi_?fi|bluetooth|network|(^|_)(sim|nfc|gps|gsm|lte|cellular)(_|$)")),
    ("touch", re.compile(r"(^|_)(multi_?touch|digitizer|touch_?screen|3d_touch|touch_test)|^touch$")),
    ("display", re.compile(r"(^|_)(lcd|oled|display|screen(?!_(rotation|lock))|dead_pixels?|pixels?)(_|$)")),
    ("port", re.compile(r"charg|(^|_)(port|jack|usb|lightning|connector|dock)(_|$)")),
    ("battery", re.compile(r"^battery(_test|_drain|_warning)?$")),
)
"""What tools for phones test, by the words of its name; what is in none of them stays a fault of its own."""


def fault_of(test: str) -> str:
    """The fault that a failed test means: what drives say of themselves is one, whatever the tool calls it; so is what tools for phones
    call by a dozen names (``rear_camera_quality``)."""
    if test.startswith(("storage", "smart")):
        return "drive_failing"
    if test in DEFECTS:
        return test
    return next((code for code, words in _FAULTS if words.search(test)), test[:40])


def is_inventory(kind: str) -> bool:
    return kind in INVENTORIES or tool_of(kind) in INVENTORIES


def is_of_drives(report: Report) -> bool:
    """Whether the report speaks of drives alone: the machine it ran on may be any."""
    return tool_of(report.kind) in DRIVE_TOOLS


def seen_in(report: Report, device_class: str) -> Report:
    """The report as it speaks of a thing of that class: a panel's EDID names no laptop, it names what is inside."""
    if tool_of(report.kind) != "edid" or device_class in {"monitor", "other"}:
        return report
    return replace(report, manufacturer=None, model=None, serial=None)


def lists_drives(report: Report) -> bool:
    """Whether a drive that the report doesn't name wasn't seen: it is of a machine and lists what is inside."""
    if is_of_drives(report) or tool_of(report.kind) in _BLIND_TO_DRIVES:
        return False
    parts = {part.kind for part in report.components}
    return any(each.type not in OUTSIDE for each in report.media) or {"processor", "memory"} <= parts


def part_of(report: Report, serials: frozenset[str] | None) -> Report:
    """The part of a station's log that is of one unit's drives (serials in normal form); None is the whole report."""
    if serials is None:
        return report

    def own(serial: str | None) -> bool:
        return identifiers.normal_serial(serial or "") in serials

    return replace(
        report,
        media=tuple(each for each in report.media if own(each.serial)),
        erasures=tuple(each for each in report.erasures if own(each.serial)),
    )


def maker(text: str) -> str:
    """A maker's name for comparing: "Dell Inc." and "DELL" are one, "Hewlett-Packard" is "hp"."""
    bare = re.sub(r"[^a-z0-9 ]+", " ", text.lower())
    bare = " ".join(_SUFFIXES.sub(" ", bare).split())
    return _ALSO.get(bare, bare)


def agree(one: str, other: str) -> bool:
    """Whether two makers may be the same; one that isn't told agrees with all."""
    first, second = maker(one), maker(other)
    return not first or not second or first == second or first.split()[0] == second.split()[0]
