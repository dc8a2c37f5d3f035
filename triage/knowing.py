"""What is known of a unit before anybody is asked: from its reports, from earlier looks of this stay, from its return and its receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from returns import facts as returned
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.devices import facts as device_facts
from revlog.devices.journey import CLEARED, Data
from revlog.devices.models import Device, Fault, MediumState
from revlog.terms import queries as terms
from triage import plans
from triage.merging import share_of
from triage.models import Inspection, ReportUnit
from triage.plans import FAIL, PASS, Plan, Planned
from triage.reports import encode
from triage.reports.normal import LockState, Report, Verdict
from triage.reports.registry import DRIVE_TOOLS

MOST_REPORTS = 12
WITHOUT_POWER = DRIVE_TOOLS | {"edid", "ipmitool"}
"""Families of reports that don't show that the thing runs: of drives in another machine, or answered while it is off."""
WORN_BELOW = 80
_NOTHING = "—"


@dataclass(frozen=True)
class Said:
    """One answer to a test: what, by whom (in words), when."""

    verdict: str
    source: str
    at: datetime
    detail: str = ""


@dataclass(frozen=True)
class Row:
    """A line of what is known and isn't asked."""

    what: str
    value: str
    source: str = ""


@dataclass(frozen=True)
class Known:
    """All that a look begins with. ``answers`` are by test; ``differing`` tests of which reports say both: a person is asked."""

    plan: Plan
    answers: Mapping[str, Said] = field(default_factory=dict)
    differing: frozenset[str] = frozenset()
    rows: Sequence[Row] = ()
    cleared: bool = False
    """Whether what may only run after the wipe may run."""


def of(device: Device, *, at: datetime) -> Known:
    """What is known of the unit on its present stay, and the plan in force for it."""
    rows = list(
        ReportUnit.objects.filter(device=device, visit=device.visit_id)
        .order_by("-matched_at", "-pk")
        .values_list("report__summary", "report__kind", "matched_at")[:MOST_REPORTS]
    )
    reports = [(encode.decode(summary), kind, when) for summary, kind, when in rows if summary]
    entries = list(
        Entry.objects.filter(chain_id=device.pk, kind__in=_ASKED_OF, occurred_at__gte=device.visit.opened_at)
        if device.visit is not None
        else Entry.objects.filter(chain_id=device.pk, kind__in=_ASKED_OF)
    )
    plan = plan_of(device, [report for report, _kind, _when in reports], at=at)
    said = _by_reports(reports) | _by_receipt(entries)
    mended = _mended(device)
    answers: dict[str, Said] = {}
    differing = set()
    for test in plan.tests:
        found = [one for name in test.reports for one in said.get(name, ())]
        found = [one for one in found if not _was_mended(test, one, mended)]
        if not found:
            continue
        if len({one.verdict for one in found}) > 1:
            differing.add(test.code)
            continue
        answers[test.code] = found[0]
    for code, one in _by_looks(device, plan, mended).items():
        # A person tried it: that outranks what a report says.
        answers[code] = one
        differing.discard(code)
    return Known(
        plan=plan,
        answers=answers,
        differing=frozenset(differing),
        rows=[*_of_its_return(entries), *_of_reports(reports)],
        cleared=is_cleared(device),
    )


def is_cleared(device: Device) -> bool:
    """Whether there is no data on it (any more) that a test could show or change."""
    return Data(device.data) in CLEARED


def plan_of(device: Device, reports: Sequence[Report], *, at: datetime) -> Plan:
    """The plan in force at ``at`` for a unit, its owner's own or everybody's."""
    rules = terms.in_force(plans.KIND, at=at, organization=device.owner_id)
    return plans.plan_for(rules, inputs(device, reports))


def inputs(device: Device, reports: Sequence[Report] = ()) -> dict[str, Any]:
    features = {part.kind for report in reports for part in report.components}
    drives = device.media.exclude(state__in=[MediumState.REMOVED, MediumState.DESTROYED]).exists()
    if not drives and Data(device.data) == Data.NONE:
        features.add("no_drive")
    if Fault.objects.filter(device=device, code="battery_missing", cleared_at=None, source="report").exists():
        features.add("no_battery")
    return plans.inputs_of(
        device_class=device.device_class,
        manufacturer=device.manufacturer,
        model=device.model,
        why=device.visit.why if device.visit is not None else "",
        value=None if device.expected_value is None else f"{device.expected_value:.2f}",
        features=sorted(features),
        again=bool(device.disposition),
    )


# By reports -----------------------------------------------------------------------------------------------------------------------------


def _by_reports(reports: Sequence[tuple[Report, str, datetime]]) -> dict[str, list[Said]]:
    """What reports say by the words that plans know: newest first; of one tool only its newest word counts."""
    found: dict[str, list[Said]] = {}
    told: set[tuple[str, str]] = set()
    for report, kind, when in reports:
        here: dict[str, tuple[str, str]] = {}
        for name, verdict, detail in _verdicts(report):
            # One fail among several drives or ports is a fail.
            if name not in here or verdict == FAIL:
                here[name] = (verdict, detail)
        for name, (verdict, detail) in here.items():
            if (kind, name) not in told:
                told.add((kind, name))
                found.setdefault(name, []).append(Said(verdict, word(kind), when, detail))
    return found


def _verdicts(report: Report) -> Iterable[tuple[str, str, str]]:
    of_machine = report.kind.split(".")[0] not in WITHOUT_POWER
    if of_machine and (report.components or report.tests or report.battery is not None):
        # What was read from it runs.
        yield "report", PASS, ""
    for test in report.tests:
        if test.verdict is Verdict.UNKNOWN:
            continue
        drive = test.code.startswith(("storage", "smart"))
        yield ("drive" if drive else test.code), test.verdict.value, test.detail
    for medium in report.media:
        if medium.health is not None and medium.health.passed is not None:
            yield "drive", PASS if medium.health.passed else FAIL, medium.serial or ""
    share = share_of(report.battery)
    if share is not None:
        yield "battery", PASS if share >= WORN_BELOW else FAIL, f"{share} %"
    states = {lock.state for lock in report.locks}
    if LockState.LOCKED in states:
        yield "locks", FAIL, ""
    elif states == {LockState.OPEN}:
        yield "locks", PASS, ""


def _of_reports(reports: Sequence[tuple[Report, str, datetime]]) -> Iterable[Row]:
    """What is in it, as the newest report of the machine says; all of it is on the unit's page with its sources."""
    for report, kind, _when in reports:
        if report.kind.split(".")[0] in DRIVE_TOOLS:
            continue
        parts = [part.model for part in report.components if part.kind == "processor" and part.model]
        drives = [medium.model or medium.serial for medium in report.media if medium.model or medium.serial]
        told = [*parts[:1], *(drive for drive in drives[:2] if drive)]
        if told:
            yield Row(_("Inside"), ", ".join(told), word(kind))
        return


# By people ------------------------------------------------------------------------------------------------------------------------------


def _by_looks(device: Device, plan: Plan, mended: Mapping[str, datetime]) -> dict[str, Said]:
    """What people tried on this stay and found well: it isn't asked again. What failed is, so that one sees whether it was mended."""
    found: dict[str, Said] = {}
    for look in Inspection.objects.filter(device=device, visit=device.visit_id).order_by("at", "id"):
        for one in look.tests:
            test = plan.get(one["test"])
            if test is None or one["verdict"] not in {PASS, FAIL} or one.get("by") == "known":
                continue
            said = Said(one["verdict"], _("a person"), look.at)
            if _was_mended(test, said, mended):
                found.pop(test.code, None)
            else:
                found[test.code] = said
    return found


def _mended(device: Device) -> dict[str, datetime]:
    """Per defect, when one of it was last cleared."""
    last: dict[str, datetime] = {}
    for row in Fault.objects.filter(device=device).exclude(cleared_at=None):
        if row.cleared_at is not None:
            last[row.code] = max(row.cleared_at, last.get(row.code, row.cleared_at))
    return last


def _was_mended(test: Planned, said: Said, mended: Mapping[str, datetime]) -> bool:
    """Whether a defect that this test finds was cleared after it was said: then it is tried again."""
    return any(mended[code] > said.at for code in test.faults if code in mended)


# By its return and its receipt --------------------------------------------------------------------------------------------------------


_ASKED_OF = [
    returned.UnitMatched.kind,
    returned.UnitTrouble.kind,
    returned.UnpackedIn.kind,
    returned.PartsCompared.kind,
    returned.NumberChecked.kind,
    device_facts.SealUnbroken.kind,
    device_facts.SealBroken.kind,
]


def _by_receipt(entries: Sequence[Entry]) -> dict[str, list[Said]]:
    """What who unpacked it ticked off answers the test of whether everything is with it."""
    found: dict[str, list[Said]] = {}
    for entry in entries:
        if entry.kind == returned.PartsCompared.kind:
            missing = str(entry.payload.get("missing", _NOTHING))
            verdict = PASS if missing == _NOTHING else FAIL
            said = Said(verdict, _("receiving"), entry.occurred_at, "" if missing == _NOTHING else missing)
            found["parts"] = [said]
    return found


def _of_its_return(entries: Sequence[Entry]) -> Iterable[Row]:
    """What its customer said and what the dock saw; of each kind the last word."""
    last = {entry.kind: entry for entry in entries}
    for kind, what, source, value in (
        (returned.UnitMatched.kind, _("Why it came back"), _("its return"), _reason),
        (returned.UnpackedIn.kind, _("As it was unpacked"), _("receiving"), _outcome),
        (returned.PartsCompared.kind, _("What came with it"), _("receiving"), _parts),
        (returned.UnitTrouble.kind, _("Not as announced"), _("receiving"), _trouble),
        (returned.NumberChecked.kind, _("Its number"), _("a register"), _number),
    ):
        if kind in last and (text := value(last[kind].payload)):
            yield Row(what, text, source)
    seals = [entry for entry in entries if entry.kind in {device_facts.SealUnbroken.kind, device_facts.SealBroken.kind}]
    if seals:
        unbroken = seals[-1].kind == device_facts.SealUnbroken.kind
        yield Row(_("Maker's seal"), _("unbroken") if unbroken else _("opened"))


def _reason(told: Mapping[str, Any]) -> str:
    return word(f"reason.{told['reason']}") if told.get("reason") else ""


def _outcome(told: Mapping[str, Any]) -> str:
    return word(str(told["outcome"]))


def _parts(told: Mapping[str, Any]) -> str:
    missing = [part for part in str(told.get("missing", _NOTHING)).split(", ") if part != _NOTHING]
    if not missing:
        return _("everything")
    count = ngettext("%s part is missing", "%s parts are missing", len(missing)) % len(missing)
    return f"{count}: {', '.join(word(f'belongs.{part}') for part in missing)}"


def _trouble(told: Mapping[str, Any]) -> str:
    return word(str(told["trouble"]))


def _number(told: Mapping[str, Any]) -> str:
    return f"{word(str(told['check']))}: {word(str(told['state']))}"
