"""The rubric's word on one report alone: what ``ingest_report`` prints as ``grade``. Pure: no database, no clock.

It is the same judge and the same figures as for a unit (``triage/judging.py``), but asked of what a single report shows: axes nobody
looked at take no part and cap nothing, where all are untested the whole is ``U``, and what no rubric is for (a virtual machine, a
keyboard) is ``NA``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from triage import judging, rubrics
from triage.defects import DEFECTS
from triage.judging import Evidence, Flaw, Judgement, Told
from triage.reports.normal import ErasureOutcome, Report, Verdict
from triage.reports.registry import DRIVE_TOOLS
from triage.rubrics import Rubric

_LAPTOPS = frozenset(
    {"laptop", "notebook", "netbook", "portable", "convertible", "detachable", "sub-notebook", "handheld", "hand-held"}
)
_DESKTOPS = frozenset(
    {
        "desktop",
        "tower",
        "computer",
        "microtower",
        "mini-tower",
        "minitower",
        "low-profile",
        "low-profile-desktop",
        "pizza-box",
        "all-in-one",
        "space-saving",
        "lunch-box",
        "mini-pc",
        "stick-pc",
        "rack-mount-chassis",
        "server",
        "blade",
        "main-server-chassis",
        "rackmount",
        "workstation",
        "docking-station",
    }
)
_PHONES = frozenset({"smartphone", "mobile", "tablet", "cellphone", "phone"})
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
_VIRTUAL_MAKERS = frozenset(
    {"qemu", "innotek gmbh", "vmware, inc.", "xen", "parallels software international inc.", "bochs"}
)
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def preview(report: Report) -> str:
    """The overall grade on this report alone: A to D, ``U`` when nothing was tested, ``NA`` when no rubric applies."""
    return grade(report).overall


def grade(report: Report, *, rubric: Rubric | None = None) -> Judgement:
    """Judge a report by the house rubric of its class, or by ``rubric``."""
    found = rubric or rubrics.default_for(class_of(report) or "")
    if found is not None:
        found = replace(found, required=(), unseen={})
    return judging.judge(evidence_of(report), found)


def evidence_of(report: Report) -> Evidence:
    """What one report alone shows: its failed tests as flaws, everything else as it was read."""
    flaws = {code: Flaw(code=code) for code in failed_codes(report)}
    drives = [medium for medium in report.media if medium.type in judging.INTERNAL]
    alone = report.kind.startswith("smartctl")
    return Evidence(
        told=(Told(at=_ANY_TIME, report=report),),
        flaws=tuple(flaws.values()),
        has_drive=bool(drives or report.erasures or not report.components or alone),
    )


def failed_codes(report: Report) -> list[str]:
    """The faults that the report's failed tests and wipes amount to, by the codes of ``triage/defects.py``."""
    found = [fault_of(test.code) for test in report.tests if test.verdict is Verdict.FAIL]
    if any(each.outcome is ErasureOutcome.FAILED for each in report.erasures):
        found.append("drive_failing")
    return sorted(set(found))


def fault_of(test: str) -> str:
    """The fault that a failed test means: what drives say of themselves is one, whatever the tool calls it; so is what tools for phones
    call by a dozen names (``rear_camera_quality``)."""
    if test.startswith(("storage", "smart")):
        return "drive_failing"
    if test in DEFECTS:
        return test
    return next((code for code, words in _FAULTS if words.search(test)), test[:40])


def is_of_a_phone(report: Report) -> bool:
    """Whether the tool reads nothing but phones and tablets."""
    return report.kind.split(".")[0] in {"android", "ios", "phonecheck"}


def class_of(report: Report) -> str | None:
    """laptop, desktop, phone or storage; None for what is graded by none of them."""
    if report.kind.split(".")[0] in DRIVE_TOOLS:
        return "storage"
    if (report.manufacturer or "").lower() in _VIRTUAL_MAKERS:
        return None
    chassis = (report.chassis or "").lower().replace(" ", "-")
    for name, words in (("laptop", _LAPTOPS), ("desktop", _DESKTOPS), ("phone", _PHONES)):
        if chassis in words:
            return name
    if chassis:
        return None
    if is_of_a_phone(report):
        return "phone"
    # Self-built machines name no chassis; what has a battery is carried about.
    if report.battery is not None or any(part.kind == "battery" for part in report.components):
        return "laptop"
    return "desktop" if report.components else None
