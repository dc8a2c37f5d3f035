"""The judge: from what is known of a unit to its grade, with a reason for every letter. Pure: no database, no clock.

The axes are judged apart and the overall grade is the worst of them, never an average, since a buyer meets the worst face. Silence is
not a pass: an axis nobody looked at is ``U``; a required one leaves the whole untested, another caps it until somebody looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from triage import sameness
from triage.defects import Axis, axis_of
from triage.merging import DANGERS, PASSED, Flaw, Look, Picture, Ruling, Told, merge
from triage.reports.normal import Health
from triage.rubrics import Rubric

LETTERS = ("A", "B", "C", "D")
UNTESTED = "U"
NOT_APPLICABLE = "NA"
SEALED = "NEW"
Reason = dict[str, str]
"""{axis, letter, code, ...}: told by ``words.because``; strings alone, so that it may stand on the ledger."""

_BY_SEVERITY = {"minor": "B", "major": "C", "critical": "D"}
REPLACEABLE_READING = frozenset({"battery_worn"})
"""Faults that only repeat a reading: while the reading holds, it decides."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that a grade may rest on.

    ``told`` stands oldest first. ``drives`` are the serials (normal form) of the storage inside, None when not known. ``repaired`` says
    per axis when a fault of it was last cleared: a reading taken before speaks of a part that may be gone. ``record``, ``removed`` and
    ``settled`` are what ``merging.merge`` asks for beside the reports.
    """

    told: Sequence[Told] = ()
    flaws: Sequence[Flaw] = ()
    looks: Sequence[Look] = ()
    inspected: bool = False
    sealed: bool = False
    works: str = "untested"
    drives: frozenset[str] | None = None
    has_drive: bool = True
    repaired: Mapping[str, datetime] = field(default_factory=dict)
    record: Mapping[str, Sequence[str]] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    settled: Mapping[str, Ruling] = field(default_factory=dict)

    @cached_property
    def picture(self) -> Picture:
        """The one reading of the reports: grade, faults and pages all take theirs from it."""
        return merge(
            self.told,
            looks=self.looks,
            flaws=self.flaws,
            record=self.record,
            removed=self.removed,
            repaired=self.repaired,
            settled=self.settled,
        )


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


def _function(evidence: Evidence, rubric: Rubric) -> list[Reason]:
    flaws = _flaws(evidence, Axis.FUNCTION) + _flaws(evidence, Axis.LOCK) + _flaws(evidence, Axis.HAZARD)
    minor = len({flaw.code for flaw in flaws}) == 1 and flaws[0].code in rubric.minor
    found = [
        _reason("function", "C" if minor else "D", "flaw", flaw=flaw.code, zone=flaw.zone, severity=flaw.severity)
        for flaw in flaws
    ]
    if evidence.works == "yes":
        found.append(_reason("function", "A", "works"))
    picture = evidence.picture
    passed = [code for code in picture.tests(PASSED) if not _of_a_part(code)]
    if passed:
        found.append(_reason("function", "A", "passed", tests=", ".join(passed)))
    if stated := _stated(picture, "functionality"):
        found.append(_reason("function", stated, "stated"))
    return found


def _stated(picture: Picture, what: str) -> str | None:
    """What a person stated at the station, where it is not older than a repair."""
    known = picture.by_name.get(what)
    return known.counts.key if known and not known.counts.earlier else None


def _of_a_part(code: str) -> bool:
    return code.startswith(("drive", "battery"))


def _cosmetic(evidence: Evidence, rubric: Rubric) -> list[Reason]:
    found = []
    for flaw in _flaws(evidence, Axis.COSMETIC):
        letters = rubric.cosmetic.get(flaw.code) or rubric.cosmetic.get("*") or _BY_SEVERITY
        letter = letters.get(flaw.severity) or _BY_SEVERITY.get(flaw.severity, "C")
        found.append(_reason("cosmetic", letter, "flaw", flaw=flaw.code, zone=flaw.zone, severity=flaw.severity))
    if evidence.inspected:
        # A person looked: what a report states by eye gives way.
        return found or [_reason("cosmetic", "A", "no_marks")]
    if stated := _stated(evidence.picture, "appearance"):
        return [*found, _reason("cosmetic", stated, "stated")]
    return found


def _battery(evidence: Evidence, rubric: Rubric) -> list[Reason]:
    reading = evidence.picture.battery_share
    found = []
    for flaw in evidence.flaws:
        if axis_of(flaw.code) is not Axis.BATTERY and flaw.code not in DANGERS:
            continue
        only_a_reading = flaw.code in REPLACEABLE_READING
        if only_a_reading and flaw.source == "report" and reading is not None:
            continue
        letter = _BY_SEVERITY.get(flaw.severity, "C") if only_a_reading else "D"
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
    inside = frozenset(sameness.bare(name) for name in evidence.drives) if evidence.drives is not None else None
    for drive in evidence.picture.drives:
        known = inside is None or not drive.spellings or bool(drive.spellings & inside)
        if drive.health is not None and known and not drive.is_out:
            found += _drive(drive.label, drive.health, rubric)
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
