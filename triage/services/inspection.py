"""Inspection: what a person sees and tries on a unit, tapped from the lists of its class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.devices.journey import State
from revlog.devices.models import Device, Fault, HoldKind
from revlog.devices.models.device import OF_PERSONS
from revlog.devices.services import moves, standing
from revlog.devices.services import sealing as seals
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from triage import facts
from triage.defects import DEFECTS, HOLDING, SEVERITIES, Axis, axis_of, of_class, zones_of
from triage.models import Inspection
from triage.services import grading, sealing, second_look

WORKS = ("yes", "no", "untested")
MOST_DEFECTS = 60
MOST_PHOTOS = 8
PHOTO = "photo_inspection"


class UnableToInspect(DomainError):
    """The unit isn't in triage."""

    code = "unable_to_inspect"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One defect as seen: what, where, how bad."""

    code: str
    zone: str = ""
    severity: str = "major"


def reasons_against_inspecting(device: Device) -> list[Reason]:
    """Why the unit can't be inspected now."""
    if State(device.state) in {State.RECEIVED, State.IN_TRIAGE}:
        return []
    state = word(f"state.{device.state}")
    return [
        Reason("wrong_state", _("%(tag)s can't be inspected: it is %(state)s") % {"tag": device.tag, "state": state})
    ]


def record(
    *,
    device: Device,
    findings: Sequence[Finding] = (),
    works: str = "untested",
    sealed: bool = False,
    gone: Sequence[str] = (),
    photos: Sequence[Artifact] = (),
    shown: bool = False,
    by: Actor,
    at: datetime,
) -> Inspection:
    """Write what a person saw; each finding is a fault of the unit, and the grade follows in the same act.

    A sealed box with a photo of it counts as never used from now on; one that was, and is looked into, as used.

    ``photos`` were kept before; with ``shown`` the customer or client whose unit it is may see them.

    ``gone`` are codes of faults that a person had found before and that are no more. A unit at the dock begins its triage by it. What
    is dangerous puts a safety hold on the unit. Raises NotAllowed, UnableToInspect, and BadInput with every wrong finding.
    """
    if not by.may("triage.inspect"):
        raise NotAllowed(_("This needs the right to inspect units and record faults."))
    seen = _checked(device, findings, works=works, sealed=sealed)
    if len(photos) > MOST_PHOTOS:
        raise BadInput(Reason("too_many", _("A look has at most %s photos.") % MOST_PHOTOS, "photos"))
    with transaction.atomic():
        taken = moves.take_one(device.id)
        if reasons := [*reasons_against_inspecting(taken), *second_look.reasons_against(taken, by=by)]:
            raise UnableToInspect(reasons)
        look = Inspection(
            id=ids.new(at), device=taken, visit_id=taken.visit_id, sealed=sealed, works=works, by=by.reference, at=at
        )
        look.defects = [{"code": f.code, "zone": f.zone, "severity": f.severity} for f in seen]
        fact = facts.Inspected(
            inspection=str(look.id),
            works=works,
            sealed=sealed,
            count=len(seen),
            defects=look.defects,
            photos=[photo.digest for photo in photos] or None,
        )
        if taken.state == State.RECEIVED:
            entry = moves.advance(taken, moves.TO_TRIAGE, fact=fact, by=by, at=at)
        else:
            entry = moves.note(taken, fact=fact, by=by, at=at)
        look.entry = entry.digest
        look.save(force_insert=True)
        if not sealed:
            seals.opened(taken, how="looked", by=by, at=at)
        elif photos and not sealing.reasons_against(taken):
            seals.confirm(taken, photo=photos[0].digest, by=by, at=at)
        for photo in photos:
            audience = audience_of_photos(taken) if shown else "staff"
            artifacts.attach(photo, chain=taken.id, use=PHOTO, audience=audience, by=by, at=at)
        _clear(taken, seen, gone, by=by, at=at)
        for finding in seen:
            standing.find_fault(
                taken,
                code=finding.code,
                zone=finding.zone,
                severity=finding.severity,
                source="inspection",
                by=by,
                at=at,
            )
        if dangers := sorted({finding.code for finding in seen} & HOLDING):
            named = ", ".join(word(code) for code in dangers)
            standing.hold(taken, HoldKind.SAFETY, reason=named, by=by, at=at)
        grading.give(taken, by=by, at=at, cause=entry)
    return look


def audience_of_photos(device: Device) -> str:
    """Whom photos of the unit may be shown to besides staff: the customer of a return, else the client whose it is."""
    return "customer" if device.visit is not None and device.visit.why in OF_PERSONS else "client"


def begin(*, device: Device, by: Actor, at: datetime) -> Device:
    """Take a received unit in hand: its triage begins. Raises NotAllowed, UnableToMove."""
    if not by.may("triage.inspect"):
        raise NotAllowed(_("This needs the right to inspect units and record faults."))
    with transaction.atomic():
        taken = moves.take_one(device.id)
        moves.advance(taken, moves.TO_TRIAGE, fact=facts.TriageBegun(what=taken.face), by=by, at=at)
    return taken


def _checked(device: Device, findings: Sequence[Finding], *, works: str, sealed: bool) -> list[Finding]:
    problems: list[Reason] = []
    if works not in WORKS:
        problems.append(Reason("unknown_works", _("Say whether it works: yes, no or not tried."), "works"))
    if len(findings) > MOST_DEFECTS:
        problems.append(Reason("too_many", _("More than %(most)s defects can't be recorded.") % {"most": MOST_DEFECTS}))
    fitting = {defect.code for defect in of_class(device.device_class)}
    for finding in findings[:MOST_DEFECTS]:
        problems += _wrong(device, finding, fitting)
    seen = list(dict.fromkeys(findings))
    functional = [f for f in seen if f.code in DEFECTS and axis_of(f.code) is Axis.FUNCTION]
    if works == "no" and not functional and "does_not_work" in fitting:
        seen.append(Finding(code="does_not_work", severity="critical"))
    if works == "yes" and any(f.code in {"does_not_work", "no_power"} for f in seen):
        problems.append(Reason("contradiction", _("It can't both work and not work."), "works"))
    if sealed and (seen or works != "untested"):
        problems.append(
            Reason("sealed", _("A sealed box can't have been tried: take off the tick, or the findings."), "sealed")
        )
    if problems:
        raise BadInput(problems)
    return seen


def _wrong(device: Device, finding: Finding, fitting: set[str]) -> list[Reason]:
    defect = DEFECTS.get(finding.code)
    if defect is None or finding.code not in fitting:
        return [
            Reason(
                "unknown_defect",
                _("%(kind)s can't have the defect %(code)s.")
                % {"kind": str(device.kind.label).capitalize(), "code": finding.code[:40]},
                "defects",
            )
        ]
    wrong = []
    if finding.severity not in SEVERITIES:
        wrong.append(Reason("unknown_severity", _("A defect is minor, major or critical."), "defects"))
    if finding.zone and finding.zone not in zones_of(defect, device.device_class):
        wrong.append(
            Reason(
                "unknown_zone",
                _("%(defect)s can't be at %(zone)s.")
                % {"defect": str(defect.label).capitalize(), "zone": finding.zone[:40]},
                "defects",
            )
        )
    return wrong


def _clear(device: Device, seen: Sequence[Finding], gone: Sequence[str], *, by: Actor, at: datetime) -> None:
    again = {finding.code for finding in seen}
    for row in Fault.objects.filter(device=device, cleared_at=None, code__in=set(gone) - again):
        standing.clear_fault(device, row, by=by, at=at)
