"""Grading: what is known of a unit, judged by the rubric of its class. Only triage grades.

A report's fact causes it (``grade_because``, from the worker), an inspection ends with it, a person may ask for it again. On a route
that has come to its regrade, a grade good enough sends the unit on; one that isn't takes the route back for a new decision.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from returns.facts import PartsCompared
from revlog.accounts.actors import Actor, system
from revlog.common import ids
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices import identifiers, journey
from revlog.devices.journey import CLEARED, Data, State
from revlog.devices.models import Device, Fault, Medium, MediumState
from revlog.devices.services import moves
from revlog.terms import queries as terms
from revlog.terms.ruling import Ruling as Rules
from triage import books, condition, facts, judging, kinds, plans, rubrics
from triage.defects import Axis, axis_of
from triage.judging import Evidence, Judgement, Parts
from triage.merging import PASSED, Flaw, Look, Ruling, Told
from triage.models import Contradiction, Grading, Inspection, Outcome, ReportUnit, SecondLook, SecondStatus
from triage.reports import encode
from triage.reports.normal import Report
from triage.rubrics import Rubric
from triage.services import second_look, shelf

GRADER = system("triage")
GOES_ON = frozenset({"NEW", "A", "B", "C"})
"""At the regrade of a route, these send the unit on to its buyer or beneficiary; a D is a decision to be taken anew."""
MOST_REPORTS = 24
COMPLETE = "complete"
"""The test of a plan that asks whether everything is with it."""
OVERRULED = "overruled"
"""Whose fault it was: a look's that a lead set aside. It was never there, so nobody mended it."""
STUCK = frozenset({"drive_failing", "drive_dead"})
"""With these a wipe is in doubt: the data stays until the drive is destroyed or driven by other means."""


class UnableToGrade(DomainError):
    """The unit isn't in triage: only there is anything graded."""

    code = "unable_to_grade"


def rubric_for(device: Device, *, at: datetime) -> Rubric | None:
    """The rubric in force at ``at`` for a unit, its owner's own or everybody's; None where none is, and then the grade is ``NA``."""
    return rubrics.of_class(terms.in_force(rubrics.KIND, at=at, organization=device.owner_id), device.device_class)


def rules_for(device: Device, *, at: datetime) -> tuple[Rubric | None, Rules]:
    """The rubric and the grade books in force at ``at`` for a unit, in one query."""
    owner = device.owner_id
    found, shelf_of = terms.in_force_each([(rubrics.KIND, owner), (books.KIND, owner)], at=at)
    return rubrics.of_class(found, device.device_class), shelf_of


def reasons_against_grading(device: Device) -> list[Reason]:
    """Why the unit can't be graded now."""
    if device.state == State.IN_TRIAGE:
        return []
    state = word(f"state.{device.state}")
    return [Reason("wrong_state", _("%(tag)s can't be graded: it is %(state)s") % {"tag": device.tag, "state": state})]


def grade(*, device: Device, by: Actor, at: datetime) -> Grading:
    """Grade a unit in triage on what is known of it. Raises NotAllowed, UnableToGrade."""
    if not by.may("triage.grade"):
        raise NotAllowed(_("This needs the right to grade units."))
    with transaction.atomic():
        taken = moves.take_one(device.id)
        if reasons := [*reasons_against_grading(taken), *second_look.reasons_against(taken, by=by)]:
            raise UnableToGrade(reasons)
        return give(taken, by=by, at=at)


def grade_because(entry: Entry, *, at: datetime) -> Grading | None:
    """Grade the unit of ``entry``'s chain because of it, once; None when it isn't in triage, or the grade was given already."""
    device = moves.take_one(entry.chain_id)
    key = f"graded:{entry.digest}"
    if reasons_against_grading(device) or ledger.already(device.id, key) is not None:
        return None
    return give(device, by=GRADER, at=at, cause=entry)


def judged(device: Device, *, at: datetime) -> Judgement:
    """What the unit would be graded at this moment; nothing is said on its chain."""
    return judging.judge(evidence(device), rubric_for(device, at=at))


def give(device: Device, *, by: Actor, at: datetime, cause: Entry | None = None) -> Grading:
    """Judge a taken unit and say so on its chain; where its route waits for the grade, move it on or take the route back."""
    known = evidence(device)
    rubric, books_of = rules_for(device, at=at)
    judged = judging.judge(known, rubric)
    called = shelf.standings(device.device_class, known.condition, judged, books_of)
    fact = facts.Graded(
        grade=judged.overall,
        rubric=judged.rubric or None,
        reasons=list(judged.reasons),
        blocked=_blocks(known, judged),
        refused=list(judged.blocked) or None,
        function=judged.axes.get("function"),
        cosmetic=judged.axes.get("cosmetic"),
        battery=judged.axes.get("battery"),
        storage=judged.axes.get("storage"),
        completeness=judged.axes.get("completeness"),
        data=judged.axes.get("data"),
        score=judged.score,
        books=shelf.as_fact(called) or None,
    )
    key = f"graded:{cause.digest}" if cause else ""
    columns: dict[str, object] = {"grade": judged.overall}
    stop = device.next_stop
    if stop is journey.REGRADE and judged.overall in GOES_ON:
        entry = moves.proceed(device, fact=fact, by=by, at=at, key=key, finished=stop, set=columns)
    else:
        if stop is journey.REGRADE:
            columns |= {"disposition": "", "stops_done": 0}
        entry = moves.note(device, fact=fact, by=by, at=at, key=key, set=columns)
    more = {
        "condition": condition.as_json(known.condition),
        "books": shelf.as_record(called),
        "shelf_id": shelf.keep(books_of, at=at),
    }
    given = _keep(device, judged, entry, by=by, at=at, cause=cause, more=more)
    from triage.services import sampling  # noqa: PLC0415 - a letter is put to the draw, and a draw is compared by grades

    sampling.draw(device, given, at=at)
    return given


def _blocks(known: Evidence, judged: Judgement) -> list[dict[str, str]]:
    """What keeps the unit from being used at all: whoever takes it back by rule looks at this, not at the letter."""
    codes = sorted({flaw.code for flaw in known.flaws if axis_of(flaw.code) in {Axis.LOCK, Axis.HAZARD}})
    if judged.overall == judging.UNTESTED:
        codes.append("untested")
    return [{"code": code} for code in codes]


def _keep(
    device: Device,
    judged: Judgement,
    entry: Entry,
    *,
    by: Actor,
    at: datetime,
    cause: Entry | None,
    more: Mapping[str, Any],
) -> Grading:
    return Grading.objects.create(
        id=ids.new(at),
        device=device,
        visit_id=device.visit_id,
        rubric=judged.rubric,
        overall=judged.overall,
        reasons=list(judged.reasons),
        blocked=list(judged.blocked),
        caused_by=cause.digest if cause else "",
        entry=entry.digest,
        by=by.reference,
        at=at,
        score=judged.score,
        **more,
        **judged.axes,
    )


# What is known ------------------------------------------------------------------------------------------------------------------------


def evidence(device: Device, *, looks: Sequence[Inspection] | None = None) -> Evidence:
    """All that a grade of this stay may rest on: its reports, its faults, the looks, the drives inside, what a person settled.

    With ``looks`` it is what these alone found; of none, what was measured and no person judged.
    """
    rows = list(
        ReportUnit.objects.filter(device=device, visit=device.visit_id)
        .order_by("-matched_at", "-pk")
        .values_list("report__summary", "matched_at", "report_id", "report__sent_by")[:MOST_REPORTS]
    )
    faults = list(Fault.objects.filter(device=device))
    alone = looks is not None
    if looks is None:
        looks = _standing(device, list(Inspection.objects.filter(device=device, visit=device.visit_id)[:MOST_REPORTS]))
    look = looks[0] if looks else None
    media = list(Medium.objects.filter(device=device).values_list("serial", "state"))
    inside = [serial for serial, state in media if state not in {MediumState.REMOVED, MediumState.DESTROYED}]
    own = frozenset(identifiers.normal_serial(serial) for serial, _state in media if serial)
    names: dict[str, list[str]] = {"maker": [device.manufacturer]}
    for scheme, printed in device.identifiers.order_by("pk").values_list("scheme", "printed"):
        names.setdefault(scheme, []).append(printed)
    if device.device_class == "storage":
        own |= {identifiers.normal_serial(name) for name in names.get("serial", ())}
    rulings = list(
        Contradiction.objects.filter(device=device, visit=device.visit_id, outcome=Outcome.SETTLED).order_by(
            "settled_at", "pk"
        )
    )
    flaws = _found_by(looks, faults) if alone else open_flaws(faults)
    seen = tuple(
        Look(
            at=one.at,
            found=frozenset(each["code"] for each in one.defects),
            passed=_tried(device, one),
            by=one.by,
            ref=str(one.pk),
        )
        for one in looks
    )
    settled_at = {row.settled_at for row in rulings if row.settled_at is not None}
    return Evidence(
        told=tuple(
            Told(
                at=matched_at,
                report=_own_part(kinds.seen_in(encode.decode(summary), device.device_class), own),
                ref=str(pk),
                by=sent_by,
            )
            for summary, matched_at, pk, sent_by in reversed(rows)
            if summary
        ),
        flaws=flaws,
        parts=_parts(device, looks),
        data=_data_of(device, flaws),
        looks=seen,
        inspected=look is not None,
        sealed=look is not None and look.sealed,
        works=look.works if look else "untested",
        drives=frozenset(identifiers.normal_serial(serial) for serial in inside if serial) if inside else None,
        has_drive=bool(inside) or not device.kind.where or device.data == "UNKNOWN",
        repaired=_repaired(faults, {matched_at for _summary, matched_at, _pk, _by in rows} | settled_at, seen),
        record={} if device.device_class == "storage" else names,
        removed=frozenset(serial for serial, state in media if serial and state == MediumState.REMOVED),
        settled={
            row.field: Ruling(key=row.value, known=tuple(one["key"] for one in row.values_told)) for row in rulings
        },
    )


def _standing(device: Device, looks: list[Inspection]) -> list[Inspection]:
    """The looks but the one that a lead set aside: neither what it found nor what it tried counts."""
    if len(looks) < 2:
        return looks
    row = SecondLook.objects.filter(device=device, visit=device.visit_id, status=SecondStatus.SETTLED).first()
    aside = {"first": row.second_id, "second": row.first_id}.get(row.counts) if row is not None else None
    return [look for look in looks if look.pk != aside]


def _tried(device: Device, look: Inspection) -> frozenset[str]:
    """What a person tried in this look and found well, as the codes of faults that its plan's tests look for."""
    well = [one["test"] for one in look.tests if one["verdict"] == PASSED and one.get("by") == "person"]
    if not well:
        return frozenset()
    found = plans.faults_of(terms.in_force(plans.KIND, at=look.at, organization=device.owner_id))
    return frozenset(code for test in well for code in found.get(test, ())) - {each["code"] for each in look.defects}


def _parts(device: Device, looks: Sequence[Inspection]) -> Parts | None:
    """What was said last of what belongs to it: by who unpacked it, or by a look."""
    rows = Entry.objects.filter(chain_id=device.pk, kind=PartsCompared.kind)
    if device.visit is not None:
        rows = rows.filter(occurred_at__gte=device.visit.opened_at)
    receipt = rows.order_by("-sequence").first()
    look = next(
        (one for one in looks for each in one.tests if (each["test"], each.get("by")) == (COMPLETE, "person")), None
    )
    if receipt is None or (look is not None and look.at >= receipt.occurred_at):
        told = next((each["verdict"] for each in look.tests if each["test"] == COMPLETE), "") if look else ""
        return Parts() if told == PASSED else None
    missing = [part for part in str(receipt.payload.get("missing", "")).split(", ") if part not in {"", "—"}]
    return Parts(missing=tuple(missing))


def _data_of(device: Device, flaws: Sequence[Flaw]) -> str:
    """What is known of the data on it, as a rubric's ``data`` names it."""
    known = Data(device.data)
    if known == Data.NONE:
        return "none"
    if known in CLEARED:
        return "cleared"
    return "stuck" if {flaw.code for flaw in flaws} & STUCK else "open"


def _own_part(report: Report, own: frozenset[str]) -> Report:
    """Of a station's log over the drives of several units, those of this one."""
    if not kinds.is_of_drives(report) or not own:
        return report
    named = [each for each in (*(m.serial for m in report.media), *(e.serial for e in report.erasures)) if each]
    return kinds.part_of(report, own) if len(named) > 1 else report


def open_flaws(faults: Sequence[Fault]) -> tuple[Flaw, ...]:
    return tuple(
        Flaw(code=row.code, zone=row.zone, severity=row.severity, source=row.source, at=row.found_at)
        for row in faults
        if row.cleared_at is None
    )


def _found_by(looks: Sequence[Inspection], faults: Sequence[Fault]) -> tuple[Flaw, ...]:
    """What is wrong by these looks alone, beside what no look found."""
    others = [row for row in faults if row.source != "inspection"]
    return open_flaws(others) + tuple(
        Flaw(code=each["code"], zone=each["zone"], severity=each["severity"], source="inspection", at=one.at)
        for one in looks
        for each in one.defects
    )


def _repaired(faults: Sequence[Fault], readings: Collection[datetime], looks: Sequence[Look]) -> Mapping[str, datetime]:
    """Per axis, when a fault of it was last cleared by a person. One that a reading, a ruling or a look found gone was not mended by it."""
    last: dict[str, datetime] = {}
    tried = {(look.at, code) for look in looks for code in look.passed}
    for row in faults:
        if row.cleared_at is None or row.source == OVERRULED:
            continue
        if row.source == "report" and (row.cleared_at in readings or (row.cleared_at, row.code) in tried):
            continue
        axis = axis_of(row.code).value
        last[axis] = max(row.cleared_at, last.get(axis, row.cleared_at))
    return last
