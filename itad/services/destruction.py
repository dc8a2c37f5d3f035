"""Destroying media: recorded by the one who did it, with photos, and true only once a second person has witnessed it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils.translation import gettext as _

from itad import facts, queries
from itad.levels import TECHNIQUES, Level, reached
from itad.models import JobState, SanitizationJob, plain_photo
from itad.services import clearing, sanitization
from itad.services.sanitization import Photo
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.devices.journey import CLEARED, Data, Disposition, State
from revlog.devices.models import Device, Medium, MediumState
from revlog.devices.services import media as storage
from revlog.devices.services import moves

PARTICLE_CLASS = re.compile(r"[POTHEF]-[1-7]")
MEASURED = frozenset({"shred", "disintegrate", "pulverize"})
"""What leaves particles, whose largest is measured."""
IN_PLACE = frozenset({Disposition.DESTROY, Disposition.RECYCLE, Disposition.HARVEST})


class UnableToDestroy(DomainError):
    """This can't be destroyed now."""

    code = "unable_to_destroy"


class UnableToWitness(DomainError):
    """This person can't witness it, or there is nothing to witness."""

    code = "unable_to_witness"


@dataclass(frozen=True, kw_only=True)
class Destruction:
    """How it was done. ``particle_mm`` is the largest edge measured, as text; ``grams`` the weight of all that is left."""

    technique: str
    equipment: str
    equipment_serial: str = ""
    particle_mm: str = ""
    particle_class: str = ""
    grams: int | None = None

    def problems(self) -> list[Reason]:
        found = []
        known = TECHNIQUES.get(self.technique)
        if known is None or not known.destructive:
            found.append(
                Reason(
                    "unknown_technique",
                    _("%(name)s does not destroy a medium; shred, disintegrate, pulverize, incinerate or melt it.")
                    % {"name": self.technique or "—"},
                    "technique",
                )
            )
        if not self.equipment.strip():
            found.append(Reason("no_equipment", _("Say which equipment was used."), "equipment"))
        if self.technique in MEASURED and not self.particle_mm.strip():
            found.append(Reason("no_particle", _("Measure the largest particle, in millimeters."), "particle_mm"))
        if self.particle_mm.strip():
            try:
                size = Decimal(self.particle_mm)
                fits = size.is_finite() and 0 < size <= 1000
            except InvalidOperation:
                fits = False
            if not fits:
                found.append(
                    Reason("particle", _("The particle size is a number of millimeters, such as 18.5."), "particle_mm")
                )
        if self.particle_class and not PARTICLE_CLASS.fullmatch(self.particle_class):
            found.append(
                Reason("particle_class", _("A class of ISO/IEC 21964 looks like H-4 or E-5."), "particle_class")
            )
        if self.grams is not None and self.grams < 0:
            found.append(Reason("grams", _("A weight can't be negative."), "grams"))
        return found


def reasons_against_recording(device: Device, media: Sequence[Medium], *, by: Actor) -> list[Reason]:
    """Why these media of the unit, or the unit as a whole, can't be destroyed now."""
    reasons = sanitization.reasons_against_working(device)
    if not by.may("itad.destroy"):
        reasons.append(Reason("not_allowed", _("this needs the right to destroy media")))
    in_place = State(device.state) == State.TO_DESTROY or (
        device.disposition and Disposition(device.disposition) in IN_PLACE
    )
    if not in_place and device.device_class != "storage":
        reasons.append(
            Reason(
                "not_to_destroy",
                _("%(tag)s is not to be destroyed: take the drive out first, or order its destruction")
                % {"tag": device.tag},
            )
        )
    for medium in media:
        if medium.device_id != device.id or medium.state in queries.GONE:
            reasons.append(Reason("not_inside", _("%(medium)s is not in the unit") % {"medium": medium}))
        elif medium.state == MediumState.DESTROYED:
            reasons.append(Reason("settled", _("%(medium)s was destroyed already") % {"medium": medium}))
        elif (job := queries.latest(medium)) is not None and job.state == JobState.RECORDED:
            reasons.append(Reason("open", _("%(medium)s waits to be verified or witnessed") % {"medium": medium}))
    return reasons


@transaction.atomic
def record(
    *,
    unit: Device,
    media: Sequence[Medium] = (),
    how: Destruction,
    photos: Sequence[Photo],
    by: Actor,
    at: datetime,
) -> list[SanitizationJob]:
    """Record that these media (none named: all that are in the unit) were destroyed. It counts once somebody else has witnessed it.

    A unit whose storage nobody could look at gets one nameless medium, known by the unit's tag and the photos. Raises UnableToDestroy;
    BadInput for a technique that doesn't destroy, or without equipment, particle size or photos.
    """
    device = moves.take_one(unit.id)
    named = [Medium.objects.get(pk=medium.pk) for medium in media]
    if reasons := reasons_against_recording(device, named, by=by):
        raise UnableToDestroy(reasons)
    if problems := how.problems() + sanitization.photo_problems(photos):
        raise BadInput(problems)
    inside = [m for m in queries.inside(device) if m.state != MediumState.DESTROYED]
    if not named and not inside and Data(device.data) not in CLEARED:
        inside = storage.observe(device, [storage.Seen(type="unknown")], source="destruction", by=by, at=at)
    targets: list[Medium | None] = list(named or inside) or [None]
    return [
        _record(device, medium, how, photos, grams=how.grams if first else None, by=by, at=at)
        for first, medium in ((index == 0, each) for index, each in enumerate(targets))
    ]


def _record(
    device: Device,
    medium: Medium | None,
    how: Destruction,
    photos: Sequence[Photo],
    *,
    grams: int | None,
    by: Actor,
    at: datetime,
) -> SanitizationJob:
    if medium is not None:
        medium.device = device
    kind = medium.type if medium else "unknown"
    job = queries.latest(medium) if medium else None
    if job is None or job.state not in {JobState.REQUIRED, JobState.BEGUN}:
        job = sanitization.open_attempt(device, medium, by=by, at=at, previous=job)
    if job.state == JobState.REQUIRED:
        job.begin()
    level = reached(how.technique, kind)
    job.technique, job.operator = how.technique, by.reference
    job.begun_at = job.begun_at or at
    job.achieved = (level or Level.DESTROY).value
    job.tool = how.equipment.strip()[:60]
    job.evidence = {
        "equipment": how.equipment.strip()[:120],
        "equipment_serial": how.equipment_serial.strip()[:60],
        "particle_mm": how.particle_mm.strip(),
        "particle_class": how.particle_class,
    }
    job.grams = grams
    job.photos = [plain_photo(digest=p.digest, caption=p.caption, taken_at=at.isoformat()) for p in photos]
    job.verification, job.outcome = "inspection", "success"
    job.ended_at = job.recorded_at = at
    job.record()
    job.save()
    moves.note(
        device,
        fact=facts.DestructionRecorded(
            job=str(job.id),
            medium=str(medium.id) if medium else str(device.id),
            technique=how.technique,
            equipment=job.evidence["equipment"],
            equipment_serial=job.evidence["equipment_serial"] or None,
            particle_mm=job.evidence["particle_mm"] or None,
            particle_class=how.particle_class or None,
            grams=grams,
            serial=(medium.serial if medium else device.serial) or device.tag,
            photos=[photo.digest for photo in photos],
        ),
        by=by,
        at=at,
    )
    return job


def waiting(device: Device) -> list[SanitizationJob]:
    """The destructions of a unit that wait for their witness."""
    return [
        job
        for job in queries.attempts(device)
        if job.state == JobState.RECORDED and TECHNIQUES[job.technique].destructive
    ]


def reasons_against_witnessing(jobs: Sequence[SanitizationJob], *, by: Actor) -> list[Reason]:
    reasons = []
    if not by.may("itad.witness"):
        reasons.append(Reason("not_allowed", _("this needs the right to witness a destruction")))
    if not jobs:
        reasons.append(Reason("nothing", _("no destruction of this unit waits for a witness")))
    if by.person_id is None:
        reasons.append(Reason("no_person", _("a second person witnesses, not a program")))
    reasons += separations.reasons_against("destruction_witness", doer=[job.operator for job in jobs], by=by)
    return reasons


@transaction.atomic
def witness(*, unit: Device, by: Actor, at: datetime) -> list[SanitizationJob]:
    """Say, as somebody who saw it and did not do it, that what was recorded was destroyed. The last one sends the remains on.

    Raises UnableToWitness.
    """
    device = moves.take_one(unit.id)
    jobs = waiting(device)
    if reasons := reasons_against_witnessing(jobs, by=by):
        raise UnableToWitness(reasons)
    for job in jobs:
        medium = job.medium
        job.verified_by, job.closed_at = by.reference, at
        job.verify()
        job.save()
        becoming = {medium.pk: MediumState.DESTROYED} if medium else {}
        entry = moves.note(
            device,
            fact=facts.MediumDestroyed(
                job=str(job.id),
                medium=str(medium.id) if medium else str(device.id),
                technique=job.technique,
                required=job.required,
                policy=job.policy,
                equipment=job.evidence.get("equipment", ""),
                particle_mm=job.evidence.get("particle_mm") or None,
                grams=job.grams,
                serial=(medium.serial if medium else device.serial) or device.tag,
                attempt=job.attempt,
            ),
            by=by,
            at=at,
            set={"data": storage.outlook(device, becoming)} if medium else {},
        )
        if medium is not None:
            storage.settle(medium, MediumState.DESTROYED, level=Level.DESTROY.value, proof=entry)
    weighed = [job.grams for job in jobs if job.grams is not None]
    clearing.go_on(device, by=by, at=at, destroyed=True, set={"grams": sum(weighed)} if weighed else None)
    return jobs


def reasons_against_ordering(device: Device, *, by: Actor) -> list[Reason]:
    """Why the destruction of the whole unit can't be ordered from here: the move's own reasons, and that a wipe must have failed."""
    reasons = []
    if not by.may("itad.destroy"):
        reasons.append(Reason("not_allowed", _("this needs the right to destroy media")))
    needed = [job for job in queries.attempts(device) if job.is_open and job.required == Level.DESTROY]
    if not needed:
        reasons.append(Reason("not_needed", _("no medium of it needs to be destroyed")))
    return reasons + moves.reasons_against(device, moves.TO_DESTROY)


@transaction.atomic
def order(*, unit: Device, reason: str, by: Actor, at: datetime) -> Device:
    """Send a unit whose storage can't be wiped, nor taken out, to destruction: its disposition changes with it. Raises UnableToDestroy."""
    device = moves.take_one(unit.id)
    if reasons := reasons_against_ordering(device, by=by):
        raise UnableToDestroy(reasons)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it has to be destroyed."), "reason"))
    moves.advance(
        device,
        moves.TO_DESTROY,
        fact=facts.DestructionOrdered(reason=reason.strip()[:300], before=device.disposition or None),
        by=by,
        at=at,
        set={"disposition": Disposition.DESTROY.value, "stops_done": 0},
    )
    return device
