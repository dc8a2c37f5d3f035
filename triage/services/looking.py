"""A look tap by tap: begun, answered, marked, photographed, and finished when nothing is missing. Until then it can be left and gone on
with, by whoever has the right, on any tablet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.devices.journey import State
from revlog.devices.models import Device, Fault
from revlog.devices.services import moves
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from triage import asking, facts, knowing, queries
from triage.asking import FAIL, PASS, Asked
from triage.defects import DEFECTS, HOLDING, WHOLE, ZONES, Axis, axis_of, of_class, zones_of
from triage.knowing import Known
from triage.models import Inspection, Look
from triage.services import inspection, sampling
from triage.services.inspection import Finding, Seen, Shot, UnableToInspect

TRIED = frozenset({Axis.FUNCTION, Axis.BATTERY, Axis.STORAGE, Axis.COMPLETENESS, Axis.LOCK})
"""What a passed test says isn't there any more; marks and dangers that somebody saw stay until they are taken off."""


def begin(*, device: Device, by: Actor, at: datetime) -> Look:
    """Begin to look, or go on with what was begun on this stay. A unit at the dock begins its triage by it.

    What a person had found before and is still open is marked already, but in a second
    look, which begins blind. Raises NotAllowed, UnableToInspect, UnableToMove.
    """
    inspection.may(by)
    with transaction.atomic():
        taken = inspection.take(device, by=by)
        if (open_one := queries.look_of(taken, at=at)) is not None:
            return open_one
        if taken.state == State.RECEIVED:
            moves.advance(taken, moves.TO_TRIAGE, fact=facts.TriageBegun(what=taken.face), by=by, at=at)
        Look.objects.filter(device=taken).delete()
        second = sampling.begun(taken, at=at)
        known = knowing.of(taken, at=at, blind=second is not None)
        return Look.objects.create(
            id=ids.new(at),
            device=taken,
            visit_id=taken.visit_id,
            plan=known.plan.version,
            defects=[] if second is not None else [_as_marked(taken, row) for row in _found_before(taken)],
            second=second,
            begun_by=by.reference,
            begun_at=at,
            changed_by=by.reference,
            changed_at=at,
            hands=[by.reference],
        )


def answer(*, device: Device, test: str, verdict: str, faults: Sequence[str] = (), by: Actor, at: datetime) -> Look:
    """Say how a test ended: pass, fail, untested; of a fail that can mean several things, which (``faults``).

    What a fail means is marked as a defect; taken back with it. Raises UnableToInspect for a test that may not run before the wipe,
    is of no use now, or isn't in the plan.
    """
    with transaction.atomic():
        taken, look = _lock(device, by=by, at=at)
        known = knowing.of(taken, at=look.begun_at, blind=look.second_id is not None)
        if wrong := inspection.wrong_answer(known, test, verdict):
            raise UnableToInspect(wrong)
        planned = known.plan.get(test)
        if planned is None:
            raise LookupError(test)
        row = next(row for row in asking.standing(known, look.answers) if row.test.code == test)
        if row.state == asking.MOOT and verdict != asking.SKIPPED:
            raise UnableToInspect(Reason("moot", f"{planned.title}: {row.why}", "test"))
        if unknown := set(faults) - set(planned.faults):
            told = {"test": planned.title, "code": min(unknown)[:40]}
            raise BadInput(Reason("unknown_fault", _("“%(test)s” can't find %(code)s.") % told, "faults"))
        before = look.answers.get(test, {}).get("faults", [])
        means = list(dict.fromkeys(faults)) if verdict == FAIL else []
        if verdict == FAIL and len(planned.faults) == 1:
            means = list(planned.faults)
        look.answers = {**look.answers, test: {"verdict": verdict, "faults": means}}
        elsewhere = {code for name, one in look.answers.items() if name != test for code in one["faults"]}
        passed = {code for code in planned.faults if axis_of(code) in TRIED} if verdict == PASS else set()
        for code in (set(before) | passed) - set(means) - elsewhere:
            look.defects = [one for one in look.defects if one["code"] != code]
        for code in means:
            if not any(one["code"] == code for one in look.defects):
                _mark(taken, look, _implied(taken, code), by=by, at=at)
        look.save()
    return look


def take_back(*, device: Device, test: str, by: Actor, at: datetime) -> Look:
    """Ask a test again: its answer, and what it meant, are gone."""
    with transaction.atomic():
        _taken, look = _lock(device, by=by, at=at)
        told = look.answers.get(test)
        if told is not None:
            look.answers = {name: one for name, one in look.answers.items() if name != test}
            kept = {code for one in look.answers.values() for code in one["faults"]}
            look.defects = [one for one in look.defects if one["code"] not in set(told["faults"]) - kept]
        look.save()
    return look


def mark(*, device: Device, code: str, zone: str = "", severity: str, by: Actor, at: datetime) -> Look:
    """A defect, where it is and how bad; marked there already, it is as bad as now said. What is dangerous holds the unit at once."""
    with transaction.atomic():
        taken, look = _lock(device, by=by, at=at)
        finding = Finding(code=code, zone=zone, severity=severity)
        if wrong := inspection.wrong_finding(taken, finding):
            raise BadInput(wrong)
        if severity not in DEFECTS[code].severities:
            raise BadInput(
                Reason("unknown_severity", _("This defect is never that bad, or never that light."), "defects")
            )
        if len(look.defects) >= inspection.MOST_DEFECTS:
            told = _("More than %(most)s defects can't be recorded.") % {"most": inspection.MOST_DEFECTS}
            raise BadInput(Reason("too_many", told))
        _mark(taken, look, finding, by=by, at=at)
        look.save()
    return look


def unmark(*, device: Device, code: str, zone: str = "", by: Actor, at: datetime) -> Look:
    """It isn't there after all, nor are the photos of it. A hold that it placed stays until somebody releases it."""
    with transaction.atomic():
        _taken, look = _lock(device, by=by, at=at)
        look.defects = [one for one in look.defects if (one["code"], one["zone"]) != (code, zone)]
        before = look.photos
        look.photos = [one for one in look.photos if not one["code"] or (one["code"], one["zone"]) != (code, zone)]
        if not any(one["code"] == code for one in look.defects):
            look.answers = {name: _without(one, code) for name, one in look.answers.items()}
        look.save()
        _forget(before)
    return look


def photograph(*, device: Device, photo: Artifact, zone: str = "", code: str = "", by: Actor, at: datetime) -> Look:
    """A photo of a defect where it is marked, or of a face of the thing."""
    with transaction.atomic():
        _taken, look = _lock(device, by=by, at=at)
        if zone and zone not in ZONES:
            raise BadInput(Reason("unknown_zone", _("Nothing has a place called %s.") % zone[:40], "zone"))
        if code and not any((one["code"], one["zone"]) == (code, zone) for one in look.defects):
            raise BadInput(Reason("not_marked", _("Mark the defect first, then take its photo."), "code"))
        if len(look.photos) >= inspection.MOST_PHOTOS:
            told = _("A look has at most %s photos.") % inspection.MOST_PHOTOS
            raise BadInput(Reason("too_many", told, "photos"))
        shot = {"photo": photo.digest, "zone": zone, "code": code}
        if shot not in look.photos:
            look.photos = [*look.photos, shot]
        look.save()
    return look


def drop_photos(*, device: Device, zone: str = "", code: str = "", by: Actor, at: datetime) -> Look:
    """The photos of this defect, or of this face, are left out."""
    with transaction.atomic():
        _taken, look = _lock(device, by=by, at=at)
        before = look.photos
        look.photos = [one for one in look.photos if (one["zone"], one["code"]) != (zone, code)]
        look.save()
        _forget(before)
    return look


def leave(*, device: Device, by: Actor, at: datetime) -> None:
    """Drop what was begun: nothing of it is kept, but for a hold that a danger placed."""
    with transaction.atomic():
        _taken, look = _lock(device, by=by, at=at)
        look.delete()
        _forget(look.photos)


def _forget(photos: Sequence[Mapping[str, str]]) -> None:
    """The bytes of photos that no look holds any more go, unless something else refers to them: a screen may show somebody's data."""
    for digest in sorted({one["photo"] for one in photos}):
        held = Artifact.objects.filter(pk=digest).first()
        if held is not None and not Look.objects.filter(photos__contains=[{"photo": digest}]).exists():
            artifacts.discard(held)


def reasons_against_finishing(device: Device, look: Look, known: Known, rows: Sequence[Asked]) -> list[Reason]:
    """What is missing: which of several faults a fail means, and each photo that a rule asks for."""
    found = [
        Reason("no_fault", _("Say what is wrong: %s.") % row.test.title, f"test-{row.test.code}")
        for row in rows
        if row.wants_fault
    ]
    needed = inspection.needed_photos(device, findings_of(look), at=look.begun_at)
    return found + inspection.reasons_of_photos(needed, shots_of(look))


def finish(*, device: Device, sealed: bool = False, shown: bool = False, by: Actor, at: datetime) -> Inspection:
    """Keep the look as an inspection: its tests, defects and photos; the grade follows. What had been found before and isn't marked any
    more is gone. Raises UnableToInspect with everything that is missing."""
    with transaction.atomic():
        taken, look = _lock(device, by=by, at=at)
        second = look.second
        known = knowing.of(taken, at=look.begun_at, blind=second is not None)
        rows = asking.standing(known, look.answers)
        if reasons := reasons_against_finishing(taken, look, known, rows):
            raise UnableToInspect(reasons)
        answered = any(one["verdict"] != asking.SKIPPED for one in look.answers.values())
        works = "untested" if sealed and not answered else asking.works(rows)
        seen = inspection.checked(taken, findings_of(look), works=works, sealed=sealed)
        # A second look takes nothing back of what it wasn't shown.
        before = [] if second is not None else _found_before(taken)
        gone = [(row.code, row.zone, row.severity) for row in before]
        looked = Seen(findings=seen, works=works, sealed=sealed, rows=rows, shots=shots_of(look))
        return inspection.keep(taken, looked, plan=look.plan, gone=gone, shown=shown, second=second, by=by, at=at)


# Within a look --------------------------------------------------------------------------------------------------------------------------


def findings_of(look: Look) -> list[Finding]:
    return [Finding(code=one["code"], zone=one["zone"], severity=one["severity"]) for one in look.defects]


def shots_of(look: Look) -> list[Shot]:
    kept = Artifact.objects.in_bulk([one["photo"] for one in look.photos])
    return [
        Shot(photo=kept[one["photo"]], zone=one["zone"], code=one["code"])
        for one in look.photos
        if one["photo"] in kept
    ]


def _lock(device: Device, *, by: Actor, at: datetime) -> tuple[Device, Look]:
    """The unit and its open look, locked. Raises UnableToInspect where none was begun."""
    inspection.may(by)
    taken = inspection.take(device, by=by)
    look = Look.objects.select_for_update(no_key=True).filter(device=taken, visit=taken.visit_id).first()
    if look is None or look.is_over(at):
        raise UnableToInspect(Reason("not_begun", _("Nobody has begun to look at %s.") % taken.tag))
    look.changed_by, look.changed_at = by.reference, at
    if by.reference not in look.hands:
        look.hands = [*look.hands, by.reference]
    return taken, look


def _found_before(device: Device) -> list[Fault]:
    """What a person found and is still open, of what such a thing can have: what else is noted of it is no look's to take back."""
    fitting = [defect.code for defect in of_class(device.device_class)]
    return list(Fault.objects.filter(device=device, cleared_at=None, source="inspection", code__in=fitting))


def _as_marked(device: Device, row: Fault) -> dict[str, str]:
    """An open fault as a look marks it; at a place that such a thing doesn't have (any more), at none."""
    zones = (*zones_of(DEFECTS[row.code], device.device_class), *WHOLE)
    return {"code": row.code, "zone": row.zone if row.zone in zones else "", "severity": row.severity}


def _implied(device: Device, code: str) -> Finding:
    """A defect that follows from a test: at its one place, as bad as it usually is."""
    defect = DEFECTS[code]
    zones = zones_of(defect, device.device_class)
    severity = "major" if "major" in defect.severities else defect.severities[0]
    return Finding(code=code, zone=zones[0] if len(zones) == 1 else "", severity=severity)


def _mark(device: Device, look: Look, finding: Finding, *, by: Actor, at: datetime) -> None:
    told = {"code": finding.code, "zone": finding.zone, "severity": finding.severity}
    same = {(finding.code, finding.zone)}
    if finding.zone:
        # Now it is known where: what a test had found without a place is this one.
        same.add((finding.code, ""))
    moved = [
        {**one, "zone": finding.zone} if (one["code"], one["zone"]) == (finding.code, "") and one["code"] else one
        for one in look.photos
    ]
    look.photos = moved if finding.zone else look.photos
    look.defects = [one for one in look.defects if (one["code"], one["zone"]) not in same] + [told]
    if finding.code in HOLDING:
        inspection.found(device, finding, by=by, at=at)


def _without(told: Mapping[str, Any], code: str) -> dict[str, Any]:
    return {**told, "faults": [one for one in told["faults"] if one != code]}
