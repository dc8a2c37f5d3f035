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
from triage import kinds, plans
from triage.judging import Evidence
from triage.merging import Field, Picture
from triage.models import Inspection
from triage.plans import FAIL, PASS, Plan, Planned
from triage.reports.normal import BatteryCondition, LockState, Report
from triage.reports.registry import DRIVE_TOOLS
from triage.services import grading

WITHOUT_POWER = DRIVE_TOOLS | {"edid", "ipmitool", "csv", "table"}
"""Families of reports that don't show that the thing runs: of drives in another machine, answered while it is off, or written by hand."""
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


def of(device: Device, *, at: datetime, blind: bool = False) -> Known:
    """What is known of the unit on its present stay, and the plan in force for it. ``blind`` leaves out what looks found: for a second
    one."""
    evidence = grading.evidence(device, looks=() if blind else None)
    entries = _entries(device)
    plan = plan_of(device, [told.report for told in evidence.told], at=at)
    said, contradicted = _by_reports(evidence)
    said |= _by_receipt(entries)
    mended = _mended(device)
    answers: dict[str, Said] = {}
    differing = set()
    for test in plan.tests:
        if contradicted & set(test.reports):
            differing.add(test.code)
            continue
        found = [said[name] for name in test.reports if name in said]
        # One fail among what answers it is a fail.
        found.sort(key=lambda one: one.verdict == PASS)
        if found and not _was_mended(test, found[0], mended):
            answers[test.code] = found[0]
    for code, one in ({} if blind else _by_looks(device, plan, mended)).items():
        # A person tried it: that outranks what a report says.
        answers[code] = one
        differing.discard(code)
    return Known(
        plan=plan,
        answers=answers,
        differing=frozenset(differing),
        rows=[*_of_its_return(entries), *_inside(evidence.picture)],
        cleared=is_cleared(device),
    )


def _entries(device: Device) -> list[Entry]:
    """What its return and its receipt said on this stay."""
    rows = Entry.objects.filter(chain_id=device.pk, kind__in=_ASKED_OF)
    if device.visit is not None:
        rows = rows.filter(occurred_at__gte=device.visit.opened_at)
    return list(rows.order_by("sequence"))


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


def _by_reports(evidence: Evidence) -> tuple[dict[str, Said], set[str]]:
    """What the merged reports say by the words that plans know; and those words on which they differ, so that a person is asked."""
    said: dict[str, Said] = {}
    differ: set[str] = set()
    for one in evidence.picture.fields:
        answer = _answer(one)
        if answer is None:
            continue
        name, verdict, detail = answer
        if one.clash:
            differ.add(name)
        elif name not in said or verdict == FAIL:
            source = one.counts.sources[0]
            said[name] = Said(verdict, word(source.kind), source.at or evidence.told[-1].at, detail)
    for told in evidence.told:
        report = told.report
        runs = report.components or report.tests or report.battery is not None
        if runs and kinds.tool_of(report.kind) not in WITHOUT_POWER:
            # What was read from the thing itself runs.
            said["report"] = Said(PASS, word(report.kind), told.at)
    return said, differ


def _answer(one: Field) -> tuple[str, str, str] | None:
    """The word of plans, verdict and detail of a field that is a test of something; None for others, and for what is from before a
    repair."""
    key = one.counts.key
    if one.counts.earlier:
        return None
    match one.what:
        case "test" if key in {PASS, FAIL} and one.subject != "drive_failing":
            return one.subject, key, ""
        case "test" | "health" if key in {PASS, FAIL}:
            return "drive", key, one.subject if one.what == "health" else ""
        case "battery" if key.isdecimal():
            return "battery", PASS if int(key) >= WORN_BELOW else FAIL, f"{key} %"
        case "battery":
            return "battery", PASS if key == BatteryCondition.GOOD else FAIL, word(key)
        case "lock":
            return "locks", FAIL if key == LockState.LOCKED else PASS, ""
    return None


def _inside(picture: Picture) -> Iterable[Row]:
    """What is in it; all of it stands on the unit's page with its sources."""
    told = [one.counts.key for one in picture.fields if one.what == "processor"]
    told += [drive.model or drive.serial for drive in picture.drives[:2] if drive.model or drive.serial]
    source = next((one.counts.sources[0].kind for one in picture.fields if one.what in {"processor", "drive"}), "")
    if told:
        yield Row(_("Inside"), ", ".join(told), word(source) if source else "")


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
    for row in Fault.objects.filter(device=device).exclude(cleared_at=None).exclude(source=grading.OVERRULED):
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


def _by_receipt(entries: Sequence[Entry]) -> dict[str, Said]:
    """What who unpacked it ticked off answers the test of whether everything is with it."""
    found: dict[str, Said] = {}
    for entry in entries:
        if entry.kind == returned.PartsCompared.kind:
            missing = _missing(entry.payload)
            detail = ", ".join(word(f"belongs.{part}") for part in missing)
            found["parts"] = Said(FAIL if missing else PASS, _("receiving"), entry.occurred_at, detail)
    return found


def _missing(told: Mapping[str, Any]) -> list[str]:
    return [part for part in str(told.get("missing", _NOTHING)).split(", ") if part != _NOTHING]


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
        yield Row(_("Maker's seal"), _("unbroken") if unbroken else _("broken"))


def _reason(told: Mapping[str, Any]) -> str:
    return word(f"reason.{told['reason']}") if told.get("reason") else ""


def _outcome(told: Mapping[str, Any]) -> str:
    return word(str(told["outcome"]))


def _parts(told: Mapping[str, Any]) -> str:
    missing = _missing(told)
    if not missing:
        return _("everything")
    count = ngettext("%s part is missing", "%s parts are missing", len(missing)) % len(missing)
    return f"{count}: {', '.join(word(f'belongs.{part}') for part in missing)}"


def _trouble(told: Mapping[str, Any]) -> str:
    return word(str(told["trouble"]))


def _number(told: Mapping[str, Any]) -> str:
    return f"{word(str(told['check']))}: {word(str(told['state']))}"
