"""The judge: from what is known of a unit to its grade, with a reason for every letter. Pure: no database, no clock.

The axes are judged apart and the overall grade is the worst of them, since a buyer meets the worst face; only a rubric that says so
lets a weighted score decide, within hard floors. Silence is not a pass: an axis nobody looked at is ``U``; a required one leaves the
whole untested, another caps it until somebody looks. A defect more never makes a grade better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from triage import sameness
from triage.condition import Condition, Disk
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


POINTS = {"A": 100, "B": 80, "C": 55, "D": 0}
"""What a letter is worth in a score."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What belongs to the unit was compared with what is there: what of it is missing."""

    missing: tuple[str, ...] = ()


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
    parts: Parts | None = None
    data: str = "open"
    """``none`` (there never was any), ``cleared``, ``open``, or ``stuck``: open on a drive that fails."""
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

    @cached_property
    def condition(self) -> Condition:
        """What of all this a grade is judged by."""
        picture = self.picture
        inside = frozenset(sameness.bare(name) for name in self.drives) if self.drives is not None else None
        disks = [
            Disk(label=drive.label, health=drive.health)
            for drive in picture.drives
            if drive.health is not None
            and not drive.is_out
            and (inside is None or not drive.spellings or drive.spellings & inside)
        ]
        stated = {name: letter for name in ("functionality", "appearance") if (letter := _stated(picture, name))}
        return Condition(
            flaws=tuple(self.flaws),
            inspected=self.inspected,
            sealed=self.sealed,
            works=self.works,
            has_drive=self.has_drive,
            missing=self.parts.missing if self.parts is not None else None,
            data=self.data,
            passed=tuple(code for code in picture.tests(PASSED) if not _of_a_part(code)),
            stated=stated,
            battery=picture.battery_share,
            drives=tuple(disks),
        )


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """``blocked`` is what refused the better grade: lift each of them and the grade rises."""

    rubric: str
    overall: str
    axes: Mapping[str, str]
    reasons: Sequence[Reason]
    blocked: Sequence[Reason]
    score: int | None = None


def judge(evidence: Evidence | Condition, rubric: Rubric | None) -> Judgement:
    """Judge a unit, or the condition that was kept of it, by the rubric of its class; without one it is ``NA``."""
    if rubric is None:
        return Judgement(rubric="", overall=NOT_APPLICABLE, axes={}, reasons=[], blocked=[])
    known = evidence if isinstance(evidence, Condition) else evidence.condition
    if known.pristine:
        reason = {"axis": "whole", "letter": SEALED, "code": "sealed"}
        return Judgement(rubric=rubric.version, overall=SEALED, axes={}, reasons=[reason], blocked=[])
    found = {axis: _JUDGES[axis](known, rubric) for axis in rubric.axes}
    axes = {axis: _letter(reasons) for axis, reasons in found.items()}
    caps = {axis: cap for axis, cap in rubric.unseen.items() if not _looked_at(axis, found[axis], known)}
    for axis in (name for name, letter in axes.items() if letter == UNTESTED and not found[name]):
        found[axis] = [{"axis": axis, "letter": UNTESTED, "code": "untested"}]
    reasons = [reason for axis, all_of in found.items() for reason in all_of if reason["letter"] == axes[axis]]
    score = score_of(axes, caps, rubric)
    overall, blocked = _overall(known, rubric, axes=axes, caps=caps, reasons=reasons, score=score)
    return Judgement(rubric=rubric.version, axes=axes, reasons=reasons, overall=overall, blocked=blocked, score=score)


def _looked_at(axis: str, reasons: Sequence[Reason], known: Condition) -> bool:
    """Whether somebody tried or read it. A defect alone is no look: what nobody looked at stays capped beside it."""
    if axis == Axis.COSMETIC and known.inspected:
        return True
    return any(reason["code"] != "flaw" and reason["letter"] != UNTESTED for reason in reasons)


def score_of(axes: Mapping[str, str], caps: Mapping[str, str], rubric: Rubric) -> int | None:
    """The weighted score of a hundred, None without weights. What nobody looked at counts by its cap, or takes nothing away."""
    total = points = 0
    for axis, weight in rubric.weights.items():
        letter = axes.get(axis, NOT_APPLICABLE)
        if letter == NOT_APPLICABLE:
            continue
        worth = min([POINTS[each] for each in (letter, caps.get(axis, "A")) if each in POINTS])
        total += weight
        points += weight * worth
    return points // total if total else None


def _overall(
    known: Condition,
    rubric: Rubric,
    *,
    axes: Mapping[str, str],
    caps: Mapping[str, str],
    reasons: Sequence[Reason],
    score: int | None,
) -> tuple[str, list[Reason]]:
    """The letter of the whole, and what refused the better one."""
    missing = [axis for axis in rubric.required if axes.get(axis) == UNTESTED]
    if missing:
        return UNTESTED, [reason for reason in reasons if reason["axis"] in missing]
    weighted = rubric.decides == "weighted" and score is not None
    deciding = {axis: letter for axis, letter in axes.items() if letter in LETTERS}
    if weighted:
        shut = any(axis_of(flaw.code) in {Axis.LOCK, Axis.HAZARD} for flaw in known.flaws)
        floors = {*rubric.floors, *(["function"] if shut else [])}
        deciding = {axis: letter for axis, letter in deciding.items() if axis in floors}
    letters = [*deciding.values(), *caps.values()]
    if weighted and score is not None:
        letters.append(next((letter for least, letter in rubric.score if score >= least), LETTERS[-1]))
    overall = max(letters) if letters else UNTESTED
    if overall in {LETTERS[0], UNTESTED}:
        return overall, []
    blocked = [reason for reason in reasons if deciding.get(reason["axis"]) == reason["letter"] == overall]
    blocked += [{"axis": axis, "letter": cap, "code": "not_looked_at"} for axis, cap in caps.items() if cap == overall]
    if weighted and not blocked:
        # No floor decided: what cost the most points did.
        lost = [reason for reason in reasons if reason["axis"] in rubric.weights and reason["letter"] in LETTERS[1:]]
        blocked = sorted(lost, key=lambda each: -rubric.weights[each["axis"]] * (POINTS["A"] - POINTS[each["letter"]]))
    return overall, blocked


def _letter(reasons: Sequence[Reason]) -> str:
    letters = [reason["letter"] for reason in reasons]
    return max(letters) if letters else UNTESTED


def _reason(axis: str, letter: str, code: str, **values: str) -> Reason:
    return {"axis": axis, "letter": letter, "code": code} | {name: value for name, value in values.items() if value}


def _flaws(known: Condition, axis: Axis) -> list[Flaw]:
    return [flaw for flaw in known.flaws if axis_of(flaw.code) is axis]


def _function(known: Condition, rubric: Rubric) -> list[Reason]:
    flaws = _flaws(known, Axis.FUNCTION) + _flaws(known, Axis.LOCK) + _flaws(known, Axis.HAZARD)
    minor = len({flaw.code for flaw in flaws}) == 1 and flaws[0].code in rubric.minor
    found = [
        _reason("function", "C" if minor else "D", "flaw", flaw=flaw.code, zone=flaw.zone, severity=flaw.severity)
        for flaw in flaws
    ]
    if known.works == "yes":
        found.append(_reason("function", "A", "works"))
    if known.passed:
        found.append(_reason("function", "A", "passed", tests=", ".join(known.passed)))
    if stated := known.stated.get("functionality"):
        found.append(_reason("function", stated, "stated"))
    return found


def _stated(picture: Picture, what: str) -> str | None:
    """What a person stated at the station, where it is not older than a repair."""
    known = picture.by_name.get(what)
    return known.counts.key if known and not known.counts.earlier else None


def _of_a_part(code: str) -> bool:
    return code.startswith(("drive", "battery"))


def _cosmetic(known: Condition, rubric: Rubric) -> list[Reason]:
    found = []
    for flaw in _flaws(known, Axis.COSMETIC):
        letters = rubric.cosmetic.get(flaw.code) or rubric.cosmetic.get("*") or _BY_SEVERITY
        letter = letters.get(flaw.severity) or _BY_SEVERITY.get(flaw.severity, "C")
        found.append(_reason("cosmetic", letter, "flaw", flaw=flaw.code, zone=flaw.zone, severity=flaw.severity))
    if known.inspected:
        # A person looked: what a report states by eye gives way.
        return found or [_reason("cosmetic", "A", "no_marks")]
    if stated := known.stated.get("appearance"):
        return [*found, _reason("cosmetic", stated, "stated")]
    return found


def _battery(known: Condition, rubric: Rubric) -> list[Reason]:
    reading = known.battery
    found = []
    for flaw in known.flaws:
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


def _storage(known: Condition, rubric: Rubric) -> list[Reason]:
    found = [
        _reason("storage", "D", "flaw", flaw=flaw.code, severity=flaw.severity) for flaw in _flaws(known, Axis.STORAGE)
    ]
    if not known.has_drive:
        return found or [_reason("storage", NOT_APPLICABLE, "no_drive")]
    for disk in known.drives:
        found += _drive(disk.label, disk.health, rubric)
    return found


def _completeness(known: Condition, rubric: Rubric) -> list[Reason]:
    others = rubric.completeness.get("*", "C")
    found = [
        _reason(
            "completeness", rubric.completeness.get(flaw.code, others), "flaw", flaw=flaw.code, severity=flaw.severity
        )
        for flaw in _flaws(known, Axis.COMPLETENESS)
    ]
    if known.missing is None:
        return found
    found += [
        _reason("completeness", rubric.completeness.get(part, others), "part_gone", part=f"belongs.{part}")
        for part in known.missing
    ]
    return [*found, _reason("completeness", "A", "parts_there")] if not known.missing else found


def _data(known: Condition, rubric: Rubric) -> list[Reason]:
    if known.data == "none":
        return [_reason("data", NOT_APPLICABLE, "no_data")]
    return [_reason("data", rubric.data.get(known.data, UNTESTED), f"data_{known.data}")]


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


_JUDGES = {
    "function": _function, "cosmetic": _cosmetic, "battery": _battery, "storage": _storage, "completeness": _completeness,
    "data": _data,
}  # fmt: skip
