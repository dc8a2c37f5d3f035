"""The judge: from what is known of a unit to its grade, with a reason for every letter. Pure: no database, no clock.

The axes are judged apart and the overall grade is the worst of them, never an average, since a buyer meets the worst face. Silence is
not a pass: an axis nobody looked at is ``U``; a required one leaves the whole untested, another caps it until somebody looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from triage.defects import Axis, axis_of
from triage.reports.normal import Battery, Health, MediumType, Report, Verdict
from triage.rubrics import Rubric

LETTERS = ("A", "B", "C", "D")
UNTESTED = "U"
NOT_APPLICABLE = "NA"
SEALED = "NEW"
Reason = dict[str, str]
"""{axis, letter, code, ...}: told by ``words.because``; strings alone, so that it may stand on the ledger."""

_STATED = {"Z": "A", "0": "A", "A": "A", "A+": "A", "B": "B", "C": "C", "D": "D", "E": "D"}
_BY_SEVERITY = {"minor": "B", "major": "C", "critical": "D"}
INTERNAL = frozenset(
    {MediumType.HDD, MediumType.SSD, MediumType.NVME, MediumType.EMMC, MediumType.UFS, MediumType.UNKNOWN}
)
REPLACEABLE_READING = frozenset({"battery_worn"})
"""Faults that only repeat a reading: while the reading holds, it decides."""


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """An open fault of the unit."""

    code: str
    zone: str = ""
    severity: str = "major"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A report of this stay and when it was matched."""

    at: datetime
    report: Report


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that a grade may rest on.

    ``told`` stands oldest first. ``drives`` are the serials (normal form) of the storage inside, None when not known. ``repaired`` says
    per axis when a fault of it was last cleared: a reading taken before speaks of a part that may be gone.
    """

    told: Sequence[Told] = ()
    flaws: Sequence[Flaw] = ()
    inspected: bool = False
    sealed: bool = False
    works: str = "untested"
    drives: frozenset[str] | None = None
    has_drive: bool = True
    repaired: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """``blocked`` is what refused the better grade: lift each of them and the grade rises."""

    rubric: str
    overall: str
    axes: Mapping[str, str]
    reasons: Sequence[Reason]
    blocked: Sequence[Reason]


def judge(evidence: Evidence, rubric: Rubric | None) -> Judgement:
    """Judge a unit by the rubric of its class; without one it is ``NA``."""
    if rubric is None:
        return Judgement(rubric="", overall=NOT_APPLICABLE, axes={}, reasons=[], blocked=[])
    if evidence.sealed and not evidence.flaws:
        reason = {"axis": "whole", "letter": SEALED, "code": "sealed"}
        return Judgement(rubric=rubric.version, overall=SEALED, axes={}, reasons=[reason], blocked=[])
    found = {axis: _JUDGES[axis](evidence, rubric) for axis in rubric.axes}
    axes = {axis: _letter(reasons) for axis, reasons in found.items()}
    for axis in (name for name, letter in axes.items() if letter == UNTESTED):
        found[axis] = [{"axis": axis, "letter": UNTESTED, "code": "untested"}]
    reasons = [reason for axis, all_of in found.items() for reason in all_of if reason["letter"] == axes[axis]]
    return Judgement(
        rubric=rubric.version,
        axes=axes,
        reasons=reasons,
        **_overall(axes, reasons, rubric),  # type: ignore[arg-type]
    )


def _overall(axes: Mapping[str, str], reasons: Sequence[Reason], rubric: Rubric) -> dict[str, object]:
    missing = [axis for axis in rubric.required if axes.get(axis) == UNTESTED]
    if missing:
        return {"overall": UNTESTED, "blocked": [reason for reason in reasons if reason["axis"] in missing]}
    caps = {axis: rubric.unseen[axis] for axis, letter in axes.items() if letter == UNTESTED and axis in rubric.unseen}
    letters = [letter for letter in axes.values() if letter in LETTERS] + list(caps.values())
    overall = max(letters) if letters else UNTESTED
    if overall == LETTERS[0]:
        return {"overall": overall, "blocked": []}
    blocked = [reason for reason in reasons if reason["letter"] == overall]
    blocked += [{"axis": axis, "letter": cap, "code": "not_looked_at"} for axis, cap in caps.items() if cap == overall]
    return {"overall": overall, "blocked": blocked}


def _letter(reasons: Sequence[Reason]) -> str:
    letters = [reason["letter"] for reason in reasons]
    return max(letters) if letters else UNTESTED


def _reason(axis: str, letter: str, code: str, **values: str) -> Reason:
    return {"axis": axis, "letter": letter, "code": code} | {name: value for name, value in values.items() if value}


def _flaws(evidence: Evidence, axis: Axis) -> list[Flaw]:
    return [flaw for flaw in evidence.flaws if axis_of(flaw.code) is axis]


def _since_repair(evidence: Evidence, axis: Axis) -> list[Report]:
    """Reports on ``axis`` that still hold, newest first."""
    after = evidence.repaired.get(axis.value)
    return [told.report for told in reversed(evidence.told) if after is None or told.at >= after]


def _function(evidence: Evidence, rubric: Rubric) -> list[Reason]:
    flaws = _flaws(evidence, Axis.FUNCTION) + _flaws(evidence, Axis.LOCK) + _flaws(evidence, Axis.HAZARD)
    minor = len({flaw.code for flaw in flaws}) == 1 and flaws[0].code in rubric.minor
    found = [
        _reason("function", "C" if minor else "D", "flaw", flaw=flaw.code, zone=flaw.zone, severity=flaw.severity)
        for flaw in flaws
    ]
    if evidence.works == "yes":
        found.append(_reason("function", "A", "works"))
    for report in _since_repair(evidence, Axis.FUNCTION):
        passed = sorted(
            {test.code for test in report.tests if test.verdict is Verdict.PASS and not _of_a_part(test.code)}
        )
        if passed:
            found.append(_reason("function", "A", "passed", tests=", ".join(passed)))
        stated = _STATED.get(report.inspection.get("functionality", "").strip().upper())
        if stated:
            found.append(_reason("function", stated, "stated"))
        if passed or stated:
            break
    return found


def _of_a_part(code: str) -> bool:
    return code.startswith(("storage", "smart", "battery"))


def _cosmetic(evidence: Evidence, rubric: Rubric) -> list[Reason]:
    found = []
    for flaw in _flaws(evidence, Axis.COSMETIC):
        letters = rubric.cosmetic.get(flaw.code) or rubric.cosmetic.get("*") or _BY_SEVERITY
        letter = letters.get(flaw.severity) or _BY_SEVERITY.get(flaw.severity, "C")
        found.append(_reason("cosmetic", letter, "flaw", flaw=flaw.code, zone=flaw.zone, severity=flaw.severity))
    if evidence.inspected:
        # A person looked: what a report states by eye gives way.
        return found or [_reason("cosmetic", "A", "no_marks")]
    for told in reversed(evidence.told):
        if stated := _STATED.get(told.report.inspection.get("appearance", "").strip().upper()):
            return [*found, _reason("cosmetic", stated, "stated")]
    return found


def share_of(battery: Battery | None) -> int | None:
    """Full charge against design capacity, in percent."""
    if battery is None:
        return None
    if battery.health_percent is not None:
        return battery.health_percent
    if battery.full_mwh and battery.design_mwh:
        return min(100, round(100 * battery.full_mwh / battery.design_mwh))
    return None


def _battery(evidence: Evidence, rubric: Rubric) -> list[Reason]:
    reading = next(
        (share for report in _since_repair(evidence, Axis.BATTERY) if (share := share_of(report.battery)) is not None),
        None,
    )
    found = []
    for flaw in _flaws(evidence, Axis.BATTERY):
        if flaw.code in REPLACEABLE_READING and reading is not None:
            continue
        letter = _BY_SEVERITY.get(flaw.severity, "C") if flaw.code in REPLACEABLE_READING else "D"
        found.append(_reason("battery", letter, "flaw", flaw=flaw.code, severity=flaw.severity))
    if reading is not None:
        letter = next((letter for least, letter in rubric.battery if reading >= least), "D")
        found.append(_reason("battery", letter, "battery_share", share=str(reading)))
    return found


def _storage(evidence: Evidence, rubric: Rubric) -> list[Reason]:
    found = [
        _reason("storage", "D", "flaw", flaw=flaw.code, severity=flaw.severity)
        for flaw in _flaws(evidence, Axis.STORAGE)
    ]
    if not evidence.has_drive:
        return found or [_reason("storage", NOT_APPLICABLE, "no_drive")]
    judged: set[str] = set()
    for report in _since_repair(evidence, Axis.STORAGE):
        for medium in report.media:
            name = "".join((medium.serial or "").split()).upper() or (medium.model or "")
            alone = report.kind.startswith("smartctl")
            inside = alone or medium.type in INTERNAL
            known = evidence.drives is None or not medium.serial or name in evidence.drives
            if medium.health is None or name in judged or not inside or not known:
                continue
            judged.add(name)
            found += _drive(medium.serial or medium.model or "", medium.health, rubric)
    return found


def _drive(name: str, health: Health, rubric: Rubric) -> list[Reason]:
    found = []
    if health.passed is False:
        found.append(_reason("storage", "D", "drive_says_failing", drive=name))
    seen = False
    for counter, steps in rubric.storage.items():
        count = getattr(health, counter)
        if count is None:
            continue
        seen = True
        letter = next((letter for least, letter in steps if count >= least), "A")
        if letter != "A":
            found.append(_reason("storage", letter, "drive_count", counter=counter, count=str(count), drive=name))
    if not found and (health.passed is True or seen):
        found.append(_reason("storage", "A", "drive_fine", drive=name))
    return found


_JUDGES = {"function": _function, "cosmetic": _cosmetic, "battery": _battery, "storage": _storage}
