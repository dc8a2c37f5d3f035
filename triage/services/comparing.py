"""Two looks at one unit beside each other: compared letter by letter, and settled by a lead where they are far apart."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.devices.facts import FaultFound
from revlog.devices.models import Device, Fault
from revlog.devices.services import moves, standing
from triage import agreement, facts, judging, wording
from triage.defects import SEVERITIES
from triage.judging import Judgement
from triage.models import Inspection, SecondLook, SecondStatus
from triage.services import contradictions, grading
from triage.services.sampling import DRAWER

NEAR = 1
"""So many letters apart, the stricter word simply counts; further apart a lead settles it."""
FIRST, SECOND, BOTH = "first", "second", "both"
GRADE = "grade"
"""How the contradiction is named on the ledger."""


class UnableToSettleLooks(DomainError):
    """The two looks aren't far apart, or were settled already."""

    code = "unable_to_settle"


def alone(device: Device, look: Inspection, *, at: datetime) -> Judgement:
    """What the unit would be graded on what this look found and no other."""
    return judging.judge(grading.evidence(device, looks=[look]), grading.rubric_for(device, at=at))


def reasons_against_second(judged: Judgement, *, sealed: bool = False) -> list[Reason]:
    """A second look that leaves out what the grade needs compares nothing; nor does one that tried nothing as if the box were sealed."""
    if sealed:
        # What is sealed at the first look isn't drawn.
        told = _(
            "It was opened for the first look, so its box isn't sealed: take off the tick, and try what a grade needs."
        )
        return [Reason("sealed", told, "sealed")]
    if judged.overall in judging.LETTERS:
        return []
    return [Reason("untested", _("A second look has to try what a grade needs: answer the open tests of what works."))]


def compare(device: Device, row: SecondLook, look: Inspection, *, at: datetime) -> SecondLook:
    """Beside the first look's word stands the second's, each on its own findings by the same rubric. The unit was taken, and is graded on
    what both found; raises UnableToSettleLooks when the second says nothing."""
    first, second = alone(device, row.first, at=at), alone(device, look, at=at)
    if reasons := reasons_against_second(second, sealed=look.sealed):
        raise UnableToSettleLooks(reasons)
    row.first_grade, row.first_axes = first.overall, dict(first.axes)
    row.second, row.second_by, row.second_at = look, look.by, at
    row.second_grade, row.second_axes = second.overall, dict(second.axes)
    row.steps = agreement.steps(first.overall, second.overall)
    far = row.steps is not None and row.steps > NEAR
    row.status = SecondStatus.APART if far else SecondStatus.DONE
    row.save()
    differing = sorted(
        axis for axis, letter in second.axes.items() if (agreement.steps(first.axes.get(axis, ""), letter) or 0) > 0
    )
    fact = facts.SecondLookDone(
        look=str(row.id), first=first.overall, second=second.overall, axes=differing,
        verdict="looks_apart" if far else "looks_near" if row.steps else "looks_same",
    )  # fmt: skip
    moves.note(device, fact=fact, by=DRAWER, at=at)
    if far:
        moves.note(device, fact=facts.Contradicted(fields=[GRADE]), by=DRAWER, at=at)
    return row


# Settling -----------------------------------------------------------------------------------------------------------------------------


def reasons_against_settling(row: SecondLook, *, by: Actor) -> list[Reason]:
    if row.status != SecondStatus.APART:
        return [Reason("not_open", _("nothing contradicts there any more"))]
    return separations.reasons_against("second_look_settling", doer=[*row.firsts, *row.seconds], by=by)


def settle(*, row: SecondLook, counts: str, reason: str, by: Actor, at: datetime) -> SecondLook:
    """A lead says whose findings count, and why; what only the other found is taken back, and the unit is graded again.

    Raises NotAllowed, BadInput, UnableToSettleLooks.
    """
    if not (by.is_operator and by.may("triage.regrade")):
        raise NotAllowed(_("This needs the right to decide a disputed grade."))
    why = wording.line(reason)
    if counts not in {FIRST, SECOND, BOTH}:
        raise BadInput(
            Reason("counts", _("Say whose findings count: the first look's, the second's, or both."), "counts")
        )
    if not why:
        raise BadInput(Reason("no_reason", _("Say how you know that this value is right."), "reason"))
    with transaction.atomic():
        taken = moves.take_one(row.device_id)
        held = SecondLook.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
        if reasons := reasons_against_settling(held, by=by):
            raise UnableToSettleLooks(reasons)
        if held.second is None:
            raise LookupError("Two looks that are apart are two.")
        if counts != BOTH:
            kept, other = (held.first, held.second) if counts == FIRST else (held.second, held.first)
            _take_back(taken, kept, other, by=by, at=at)
        held.status, held.counts, held.reason = SecondStatus.SETTLED, counts, why
        held.settled_by, held.settled_at = by.reference, at
        held.save()
        letters = {FIRST: held.first_grade, SECOND: held.second_grade}
        worse = max(letters.values())
        fact = facts.ContradictionSettled(
            field=GRADE,
            value=letters.get(counts, worse),
            over=[letter for letter in letters.values() if letter != letters.get(counts, worse)],
            reason=why,
        )
        entry = moves.note(taken, fact=fact, by=by, at=at)
        contradictions.follow(taken, by=by, at=at)
        if not grading.reasons_against_grading(taken):
            grading.give(taken, by=by, at=at, cause=entry)
    return held


def worsen(device: Device, look: Inspection, *, by: Actor, at: datetime) -> None:
    """A defect that both found is as bad as the worse of the two says."""
    told = {(one["code"], one["zone"]): one["severity"] for one in look.defects}
    for fault in Fault.objects.filter(device=device, cleared_at=None, source="inspection"):
        severity = told.get((fault.code, fault.zone), fault.severity)
        if SEVERITIES.index(severity) > SEVERITIES.index(fault.severity):
            fault.severity = severity
            fault.save(update_fields=["severity"])
            fact = FaultFound(code=fault.code, zone=fault.zone or None, severity=severity, source=fault.source)
            moves.note(device, fact=fact, by=by, at=at)


def _take_back(device: Device, kept: Inspection, other: Inspection, *, by: Actor, at: datetime) -> None:
    """The faults that only the other look found never were; one that both found is as bad as the kept look says."""
    stays = {(one["code"], one["zone"]): one["severity"] for one in kept.defects}
    gone = {(one["code"], one["zone"]) for one in other.defects} - set(stays)
    for fault in Fault.objects.filter(device=device, cleared_at=None, source="inspection"):
        place = (fault.code, fault.zone)
        if place in gone:
            fault.source = grading.OVERRULED
            fault.save(update_fields=["source"])
            standing.clear_fault(device, fault, by=by, at=at)
        elif stays.get(place, fault.severity) != fault.severity:
            fault.severity = stays[place]
            fault.save(update_fields=["severity"])
            fact = FaultFound(code=fault.code, zone=fault.zone or None, severity=fault.severity, source=fault.source)
            moves.note(device, fact=fact, by=by, at=at)
