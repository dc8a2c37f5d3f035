"""What contradicts on a unit: noticed with each report and look, settled by a person with a reason.

The faults that readings amount to are opened and cleared here too, from the same picture that the grade is judged by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.devices.models import Device, Fault
from revlog.devices.services import moves, standing
from triage import facts, wording
from triage.merging import Field, Picture, Rank
from triage.models import Contradiction, Outcome
from triage.services import grading

LONGEST = 300


class UnableToSettle(DomainError):
    """The contradiction isn't open, or what a person saw decides it."""

    code = "unable_to_settle"


def follow(device: Device, *, by: Actor, at: datetime) -> Picture:
    """After a report, a look or a ruling on a taken unit: its faults by reading and its open contradictions as the picture has them."""
    picture = grading.evidence(device).picture
    if not device.has_departed and not device.has_ended:
        _faults(device, picture, by=by, at=at)
        if memory := picture.counting("memory"):
            standing.describe(device, memory_bytes=int(memory), source="report", by=by, at=at)
    _notice(device, picture, by=by, at=at)
    return picture


def _faults(device: Device, picture: Picture, *, by: Actor, at: datetime) -> None:
    """What counts as failed becomes a fault; what counts as passed clears those that a reading had found, and no others."""
    failed, passed = picture.faults()
    open_ones = {row.code: row for row in Fault.objects.filter(device=device, cleared_at=None, source="report")}
    for code, severity in failed.items():
        if code not in open_ones:
            standing.find_fault(device, code=code, severity=severity, source="report", by=by, at=at)
    for code in passed:
        if code in open_ones:
            standing.clear_fault(device, open_ones[code], by=by, at=at)


def _notice(device: Device, picture: Picture, *, by: Actor, at: datetime) -> None:
    wanted = {_name(one): one for one in picture.clashes}
    rows = {row.field: row for row in open_of(device)}
    for name, row in rows.items():
        if name not in wanted:
            row.outcome, row.settled_at = Outcome.LAPSED, at
            row.save(update_fields=["outcome", "settled_at"])
        elif row.values_told != (told := values_of(wanted[name])):
            row.values_told, row.kind = told, wanted[name].clash
            row.save(update_fields=["values_told", "kind"])
    fresh = [name for name in wanted if name not in rows]
    if not fresh:
        return
    Contradiction.objects.bulk_create(
        Contradiction(
            id=ids.new(at),
            device=device,
            visit_id=device.visit_id,
            field=name,
            kind=wanted[name].clash,
            values_told=values_of(wanted[name]),
            found_at=at,
        )
        for name in fresh
    )
    moves.note(device, fact=facts.Contradicted(fields=fresh), by=by, at=at)


def _name(one: Field) -> str:
    return one.name[:160]


def open_of(device: Device) -> list[Contradiction]:
    return list(Contradiction.objects.filter(device=device, visit=device.visit_id, outcome=""))


def values_of(one: Field) -> list[dict[str, Any]]:
    """The values of a field that contradict, with who says each, as plain data."""
    return [
        {
            "key": value.key[:LONGEST],
            "look": value.rank == Rank.LOOK,
            "sources": [
                {"kind": each.kind, "by": each.by, "at": each.at.isoformat() if each.at else None, "ref": each.ref}
                for each in value.sources
            ],
        }
        for value in one.live
    ]


# Settling -------------------------------------------------------------------------------------------------------------------------------


def reasons_against_settling(device: Device, field: str, value: str) -> list[Reason]:
    """Why a person can't say that ``value`` counts for ``field``."""
    row = next((one for one in open_of(device) if one.field == field), None)
    if row is None:
        return [Reason("not_open", _("nothing contradicts there any more"))]
    told: Mapping[str, Mapping[str, Any]] = {one["key"]: one for one in row.values_told}
    if value not in told:
        return [Reason("unknown_value", _("nobody said that; choose one of the values"), "value")]
    if any(one["look"] for one in told.values()) and not told[value]["look"]:
        return [Reason("seen", _("a person saw otherwise; only another look takes that back"), "value")]
    return []


def settle(*, device: Device, field: str, value: str, reason: str, by: Actor, at: datetime) -> Contradiction:
    """A person says which value counts, and why; the others stay on record. Raises NotAllowed, BadInput, UnableToSettle."""
    if not by.may("exceptions.resolve") or not by.is_operator:
        raise NotAllowed(_("This needs the right to resolve exceptions."))
    why = wording.line(reason)
    if not why:
        raise BadInput(Reason("no_reason", _("Say how you know that this value is right."), "reason"))
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        if reasons := reasons_against_settling(taken, field, value):
            raise UnableToSettle(reasons)
        row = next(one for one in open_of(taken) if one.field == field)
        row.outcome, row.value, row.reason = Outcome.SETTLED, value, why
        row.settled_by, row.settled_at = by.reference, at
        row.save(update_fields=["outcome", "value", "reason", "settled_by", "settled_at"])
        fact = facts.ContradictionSettled(field=field, value=value, over=_others(row.values_told, value), reason=why)
        entry = moves.note(taken, fact=fact, by=by, at=at)
        follow(taken, by=by, at=at)
        if not grading.reasons_against_grading(taken):
            grading.give(taken, by=by, at=at, cause=entry)
    return row


def _others(told: Sequence[Mapping[str, Any]], value: str) -> list[str]:
    return [one["key"] for one in told if one["key"] != value]
