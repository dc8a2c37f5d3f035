"""Supervised exceptions: the closed list of what may be done to a unit that can't be wiped as it is.

Only in the secured zone, asked for by one data technician, allowed by another or a lead, with the reason on the chain. *Repair to erase*:
the bench makes it drivable, and its only way on leads back here. *Remove the medium*: the drive becomes a unit of its own and travels
to destruction. *Harvest under control*: parts without data are taken, the rest goes to destruction.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from itad import facts, queries
from itad.levels import Level
from itad.models import ExceptionKind, JobState, SupervisedException
from itad.services import clearing, sanitization
from itad.services.sanitization import Photo
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.devices.facts import SentToTriage
from revlog.devices.journey import CLEARED, Data, Disposition, State
from revlog.devices.models import Device, Location, Medium
from revlog.devices.services import media as storage
from revlog.devices.services import moves, standing
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts

NO_PARTS = frozenset({"storage", "materials", "apparel", "accessory"})


class UnableToExcept(DomainError):
    """Supervised work on this unit can't be asked for or allowed."""

    code = "unable_to_except"


def reasons_against_requesting(
    device: Device, kind: str, *, place: Location | None, medium: Medium | None, by: Actor
) -> list[Reason]:
    """Why supervised work of this kind can't be asked for; empty when it can."""
    reasons = []
    if not by.may("itad.except"):
        reasons.append(Reason("not_allowed", _("this needs the right to work under supervision on units with data")))
    if State(device.state) not in {State.TO_SANITIZE, State.TO_DESTROY}:
        reasons.append(Reason("wrong_state", _("%(tag)s does not wait for its wipe") % {"tag": device.tag}))
    elif Data(device.data) in CLEARED:
        reasons.append(Reason("cleared", _("%(tag)s holds no data any more") % {"tag": device.tag}))
    if not device.authority:
        reasons.append(Reason("no_authority", _("nobody entitled has allowed what can't be undone")))
    if device.holds:
        told = {"tag": device.tag, "holds": moves.held(device)}
        reasons.append(Reason("on_hold", _("%(tag)s is on hold (%(holds)s)") % told))
    where = place or device.location
    if where is None or not where.secured or not where.active:
        reasons.append(Reason("not_secured", _("put it in a place in the data cage first"), "place"))
    elif device.hub_id is not None and where.hub_id != device.hub_id:
        reasons.append(Reason("other_hub", _("that place is at another site"), "place"))
    return reasons + _reasons_of_the_kind(device, kind, medium)


def _reasons_of_the_kind(device: Device, kind: str, medium: Medium | None) -> list[Reason]:
    reasons = []
    if kind not in ExceptionKind.values:
        reasons.append(
            Reason(
                "unknown_kind",
                _("there are three kinds: repair to erase, remove the medium, harvest under control"),
            )
        )
    if kind == ExceptionKind.REMOVE:
        if medium is None or medium.device_id != device.id or medium.state in queries.GONE:
            reasons.append(Reason("no_medium", _("say which drive is to be taken out"), "medium"))
        elif medium.soldered or medium.type in {"ufs", "emmc"}:
            reasons.append(Reason("soldered", _("its storage is part of the board and can't be taken out"), "medium"))
        elif device.device_class == "storage":
            reasons.append(Reason("is_itself", _("a loose drive can't be taken out of itself"), "medium"))
    if kind == ExceptionKind.HARVEST and device.device_class in NO_PARTS:
        reasons.append(Reason("no_parts", _("there are no parts to take from it")))
    return reasons


@transaction.atomic
def request(
    *,
    unit: Device,
    kind: str,
    reason: str,
    place: Location | None = None,
    medium: Medium | None = None,
    by: Actor,
    at: datetime,
) -> SupervisedException:
    """Ask for supervised work; the unit is put in ``place`` (default: where it is), which must be secured. Raises UnableToExcept."""
    device = moves.take_one(unit.id)
    if reasons := reasons_against_requesting(device, kind, place=place, medium=medium, by=by):
        raise UnableToExcept(reasons)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it can't be wiped as it is."), "reason"))
    where, visit = place or device.location, device.visit
    assert where is not None and visit is not None  # noqa: S101 - the reasons above refuse it
    if place is not None and device.location_id != place.id:
        standing.put(device, place, by=by, at=at)
    try:
        with transaction.atomic():
            row = SupervisedException.objects.create(
                id=ids.new(at),
                device=device,
                visit=visit,
                medium=medium,
                kind=kind,
                reason=reason.strip()[:300],
                place=where,
                requested_by=by.reference,
                requested_at=at,
            )
    except IntegrityError as error:
        if "one_open_exception_a_unit" not in str(error):
            raise
        raise UnableToExcept(_("supervised work on it is asked for or going on already")) from error
    moves.note(
        device,
        fact=facts.ExceptionRequested(
            exception=kind, reason=row.reason, place=where.code, medium=str(medium.id) if medium else None
        ),
        by=by,
        at=at,
    )
    return row


def reasons_against_deciding(row: SupervisedException, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't allow or refuse it."""
    reasons = []
    if not by.may("itad.except"):
        reasons.append(Reason("not_allowed", _("this needs the right to work under supervision on units with data")))
    if row.allowed is not None:
        reasons.append(Reason("decided", _("it is decided already")))
    if by.person_id is None:
        reasons.append(Reason("no_person", _("a second person allows it, not a program")))
    return reasons + separations.reasons_against("exception_supervision", doer=[row.requested_by], by=by)


@transaction.atomic
def allow(*, row: SupervisedException, by: Actor, at: datetime) -> SupervisedException:
    """Allow it, as a second person, and stand by. Repair and harvest send the unit on at once. Raises UnableToExcept."""
    device = moves.take_one(row.device_id)
    row = _locked(row)
    reasons = reasons_against_deciding(row, by=by)
    if State(device.state) not in {State.TO_SANITIZE, State.TO_DESTROY}:
        reasons.append(Reason("wrong_state", _("%(tag)s does not wait for its wipe any more") % {"tag": device.tag}))
    if device.location_id != row.place_id:
        reasons.append(
            Reason("not_secured", _("it is not in %(place)s any more; put it back first") % {"place": row.place.code})
        )
    if reasons:
        raise UnableToExcept(reasons)
    fact = facts.ExceptionAllowed(
        exception=row.kind,
        reason=row.reason,
        place=row.place.code,
        medium=str(row.medium_id) if row.medium_id else None,
    )
    row.allowed, row.decided_by, row.decided_at = True, by.reference, at
    if row.kind == ExceptionKind.REPAIR:
        row.done_at = at
        moves.advance(device, moves.TO_REFURBISH, fact=fact, by=by, at=at)
    elif row.kind == ExceptionKind.HARVEST:
        row.done_at = at
        # By the route of destruction: whatever harvest leaves goes there next, and nowhere else.
        moves.advance(
            device,
            moves.TO_HARVEST,
            fact=fact,
            by=by,
            at=at,
            set={"disposition": Disposition.DESTROY.value, "stops_done": 0},
        )
    else:
        moves.note(device, fact=fact, by=by, at=at)
    row.save(update_fields=["allowed", "decided_by", "decided_at", "done_at"])
    return row


@transaction.atomic
def refuse(*, row: SupervisedException, reason: str, by: Actor, at: datetime) -> SupervisedException:
    """Refuse it: the unit stays where it is. Raises UnableToExcept."""
    device = moves.take_one(row.device_id)
    row = _locked(row)
    if reasons := reasons_against_deciding(row, by=by):
        raise UnableToExcept(reasons)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why not."), "reason"))
    row.allowed, row.decided_by, row.decided_at = False, by.reference, at
    row.save(update_fields=["allowed", "decided_by", "decided_at"])
    moves.note(device, fact=facts.ExceptionRefused(exception=row.kind, reason=reason.strip()[:300]), by=by, at=at)
    return row


@transaction.atomic
def remove_medium(*, row: SupervisedException, photo: Photo, by: Actor, at: datetime) -> Device:
    """Take the drive out, as was allowed; the photo shows the empty bay. Returns the drive, a unit of its own from now on.

    It takes the leave to do what can't be undone with it. What had failed, or needs to be destroyed, waits for destruction; another drive
    waits for triage. The unit that is left goes on when nothing else in it holds data. Raises UnableToExcept, UnableToRemove.
    """
    device = moves.take_one(row.device_id)
    row = _locked(row)
    reasons = []
    if not by.may("itad.except"):
        reasons.append(Reason("not_allowed", _("this needs the right to work under supervision on units with data")))
    if row.kind != ExceptionKind.REMOVE or row.medium is None or not row.allowed or row.done_at is not None:
        reasons.append(Reason("not_allowed_yet", _("taking this drive out was not allowed, or is done")))
    if reasons or row.medium is None:
        raise UnableToExcept(reasons)
    if problems := sanitization.photo_problems([photo]):
        raise BadInput(problems)
    medium = Medium.objects.get(pk=row.medium.pk)
    medium.device = device
    job = queries.latest(medium)
    failed = job is not None and (job.state in {JobState.FAILED, JobState.ESCALATED} or job.required == Level.DESTROY)
    failed = failed or queries.requirement(device, medium.type, at=at).level == Level.DESTROY
    if job is not None and job.state in {JobState.REQUIRED, JobState.BEGUN}:
        job.closed_at = at
        job.withdraw()
        job.save()
    elif job is not None and job.state == JobState.RECORDED:
        raise UnableToExcept(_("its wipe waits to be verified; verify or reject it first"))
    drive = storage.remove(device, medium, reason=row.reason, bay_photo=photo.digest, by=by, at=at)
    artifacts.attach(
        Artifact.objects.get(digest=photo.digest),
        chain=device.id,
        use="photo_bay",
        name=photo.caption,
        by=by,
        at=at,
    )
    row.done_at = at
    row.save(update_fields=["done_at"])
    _send_on(drive, device, destroy=failed, by=by, at=at)
    clearing.go_on(device, by=by, at=at)
    return drive


def _send_on(drive: Device, parent: Device, *, destroy: bool, by: Actor, at: datetime) -> None:
    """The loose drive's own way: its parent's authority counts for it, and destruction when nothing else is left."""
    drive = moves.take_one(drive.id)
    if parent.authority:
        standing.authorize(drive, ground="contract", reference=parent.tag, by=by, at=at)
    moves.advance(
        drive, moves.TO_TRIAGE, fact=SentToTriage(reason=_("taken out of %(tag)s") % {"tag": parent.tag}), by=by, at=at
    )
    if not destroy:
        return
    moves.advance(
        drive,
        moves.TO_DESTROY,
        fact=facts.DestructionOrdered(reason=_("it could not be wiped in %(tag)s") % {"tag": parent.tag}),
        by=by,
        at=at,
        set={"disposition": Disposition.DESTROY.value, "stops_done": 0},
    )
    for medium in queries.inside(drive):
        medium.device = drive
        sanitization.open_attempt(drive, medium, by=by, at=at, level=Level.DESTROY)


def _locked(row: SupervisedException) -> SupervisedException:
    return (
        SupervisedException.objects.select_for_update(no_key=True, of=("self",))
        .select_related("place", "medium")
        .get(pk=row.pk)
    )
