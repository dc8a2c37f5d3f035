"""The rubric's word on one report alone: what ``ingest_report`` prints as ``grade``. Pure: no database, no clock.

It is the same judge and the same figures as for a unit (``triage/judging.py``), but asked of what a single report shows: axes nobody
looked at take no part and cap nothing, where all are untested the whole is ``U``, and what no rubric is for (a virtual machine, a
keyboard) is ``NA``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from triage import judging, rubrics
from triage.judging import Evidence, Judgement
from triage.kinds import tool_of
from triage.merging import INTERNAL, Flaw, Told, merge
from triage.reports.normal import Report
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
    told = (Told(at=_ANY_TIME, report=report),)
    drives = [medium for medium in report.media if medium.type in INTERNAL]
    alone = report.kind.startswith("smartctl")
    return Evidence(
        told=told,
        flaws=tuple(
            Flaw(code=code, severity=severity, source="report") for code, severity in merge(told).faults()[0].items()
        ),
        has_drive=bool(drives or report.erasures or not report.components or alone),
    )


def is_of_a_phone(report: Report) -> bool:
    """Whether the tool reads nothing but phones and tablets."""
    return tool_of(report.kind) in {"android", "ios", "phonecheck"}


def class_of(report: Report) -> str | None:
    """laptop, desktop, phone, monitor or storage; None for what is graded by none of them."""
    if tool_of(report.kind) in DRIVE_TOOLS:
        return "storage"
    if tool_of(report.kind) == "edid":
        return "monitor"
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
