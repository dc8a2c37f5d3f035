"""Wiping media: required, begun, recorded, verified by a second person; or failed, tried again, escalated, one way.

No medium is ever called wiped by one act alone. A tool's report is weighed (``itad/plausibility.py``); what speaks against it makes the
attempt fail, with its reasons. Only what nothing speaks against waits for a second person, whose word is the proof.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from itad import facts, queries
from itad.levels import TECHNIQUES, Level, reached
from itad.models import JobState, SanitizationJob, plain_photo
from itad.services import clearing
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.devices.journey import ON_HAND, State
from revlog.devices.models import Device, Medium, MediumState
from revlog.devices.services import decontaminating, media, moves
from revlog.evidence.models import Artifact
from revlog.terms import instructions

RETRIES_AT_ONE_LEVEL = 1


class UnableToSanitize(DomainError):
    """The medium can't be wiped now, or not by this technique."""

    code = "unable_to_sanitize"


class UnableToVerify(DomainError):
    """The wipe can't be verified by this person, or there is nothing to verify."""

    code = "unable_to_verify"


class UnableToEscalate(DomainError):
    """The attempt can't be followed by another in this way."""

    code = "unable_to_escalate"


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A photo that was kept (``artifacts.keep_photo``), with what it shows."""

    digest: str
    caption: str


# Required -----------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def require(*, unit: Device, by: Actor, at: datetime) -> list[SanitizationJob]:
    """Open an attempt for each medium in the unit that is not cleared and has none; safe to repeat."""
    device = moves.take_one(unit.id)
    return [
        open_attempt(device, medium, by=by, at=at)
        for medium in queries.uncleared(device)
        if queries.latest(medium) is None
    ]


def open_attempt(
    device: Device,
    medium: Medium | None,
    *,
    by: Actor,
    at: datetime,
    previous: SanitizationJob | None = None,
    level: Level | None = None,
) -> SanitizationJob:
    """A new attempt on a taken unit's medium. What it needs never falls below what the attempt before it needed."""
    asked = queries.requirement(device, medium.type if medium else "unknown", at=at)
    needed = max(
        [asked.level, *([Level(previous.required)] if previous else []), *([level] if level else [])], key=_rank
    )
    job = SanitizationJob.objects.create(
        id=ids.new(at),
        device=device,
        visit_id=_visit(device),
        medium=medium,
        attempt=previous.attempt + 1 if previous else 1,
        previous=previous,
        required=needed.value,
        policy=asked.policy.name,
        own_choice=asked.own_choice,
        required_at=at,
    )
    if medium is not None:
        moves.note(
            device,
            fact=facts.SanitizationRequired(
                medium=str(medium.id),
                level=needed.value,
                policy=asked.policy.name,
                attempt=job.attempt,
                model=medium.model or None,
                serial=medium.serial or None,
                before=str(previous.id) if previous else None,
            ),
            by=by,
            at=at,
        )
    return job


def _rank(level: Level) -> int:
    return level.rank


def _visit(device: Device) -> uuid.UUID:
    if device.visit_id is None:
        raise UnableToSanitize(_("this unit is not with us"))
    return device.visit_id


# Begun --------------------------------------------------------------------------------------------------------------------------


def reasons_against_working(device: Device) -> list[Reason]:
    """Why nobody may wipe or destroy anything of this unit now."""
    reasons = []
    if State(device.state) not in ON_HAND:
        reasons.append(Reason("not_here", _("%(tag)s is not with us") % {"tag": device.tag}))
    if not device.authority:
        reasons.append(Reason("no_authority", _("nobody entitled has allowed what can't be undone")))
    if device.holds:
        reasons.append(Reason("on_hold", _("it is on hold (%(holds)s)") % {"holds": moves.held(device)}))
    return reasons + decontaminating.reasons_against_opening(device)


def reasons_against_beginning(medium: Medium, technique: str, *, by: Actor, at: datetime) -> list[Reason]:
    """Why this medium can't be wiped by ``technique`` now; empty when it can. Feeds button, API and verb."""
    device = medium.device
    reasons = reasons_against_working(device)
    if not by.may("itad.sanitize"):
        reasons.append(Reason("not_allowed", _("this needs the right to sanitize media")))
    if medium.state in queries.GONE:
        reasons.append(Reason("not_inside", _("this medium is not in the unit any more")))
    elif medium.state in queries.SETTLED:
        reasons.append(
            Reason("settled", _("this medium is %(state)s already") % {"state": word(f"medium.{medium.state}")})
        )
    job = queries.latest(medium)
    if job is not None and job.state in {JobState.BEGUN, JobState.RECORDED}:
        reasons.append(Reason("open", _("an attempt on it is open: %(state)s") % {"state": word(f"job.{job.state}")}))
    if job is not None and job.state == JobState.FAILED:
        reasons.append(Reason("undecided", _("its last attempt failed; say first whether to try again or to escalate")))
    asked = queries.requirement(device, medium.type, at=at)
    needed = Level(job.required) if job is not None and not asked.contract else asked.level
    known = TECHNIQUES.get(technique)
    if known is None or not (known.by_report or known.by_hand):
        reasons.append(Reason("unknown_technique", _("there is no way to wipe called %(name)s") % {"name": technique}))
    else:
        level = reached(technique, medium.type)
        if level is None or not level.reaches(needed):
            got = word(level.value) if level else _("nothing")
            reasons.append(
                Reason(
                    "level_not_met",
                    _("%(technique)s reaches %(got)s on this kind of medium, and %(needed)s is needed")
                    % {"technique": word(technique), "got": got, "needed": word(needed.value)},
                )
            )
            if asked.contract:
                reasons.append(instructions.refusal(asked.contract))
    return reasons


@transaction.atomic
def begin(*, medium: Medium, technique: str = "overwrite", by: Actor, at: datetime) -> SanitizationJob:
    """Take a medium in hand. Raises UnableToSanitize with every reason."""
    device = moves.take_one(medium.device_id)
    medium = _fresh(device, medium)
    if reasons := reasons_against_beginning(medium, technique, by=by, at=at):
        raise UnableToSanitize(reasons)
    return begin_attempt(device, medium, technique, by=by, at=at)


def begin_attempt(device: Device, medium: Medium, technique: str, *, by: Actor, at: datetime) -> SanitizationJob:
    job = queries.latest(medium)
    if job is None or job.state != JobState.REQUIRED:
        job = open_attempt(device, medium, by=by, at=at, previous=job)
    job.begin()
    job.technique, job.operator, job.begun_at = technique, by.reference, at
    job.save()
    moves.note(
        device,
        fact=facts.SanitizationBegun(
            job=str(job.id),
            medium=str(medium.id),
            level=job.required,
            technique=technique,
            serial=medium.serial or None,
        ),
        by=by,
        at=at,
    )
    return job


def _fresh(device: Device, medium: Medium) -> Medium:
    """The medium as it is under its unit's lock, with that very unit on it."""
    found = Medium.objects.get(pk=medium.pk)
    found.device = device
    return found


# Failed, and recorded by hand -------------------------------------------------------------------------------------------------------------


def fail(job: SanitizationJob, medium: Medium, reasons: Iterable[Reason], *, by: Actor, at: datetime) -> None:
    job.reasons = [reason.sentence for reason in reasons]
    job.outcome = job.outcome if job.outcome not in {"", "success"} else "exception"
    job.closed_at, job.achieved = at, ""
    job.fail()
    job.save()
    moves.note(
        medium.device,
        fact=facts.ErasureFailed(
            job=str(job.id),
            medium=str(medium.id),
            outcome=job.outcome,
            reasons=job.reasons,
            technique=job.technique or None,
            report=job.report or None,
            serial=medium.serial or None,
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def record_reset(
    *, job: SanitizationJob, tool: str, tool_version: str = "", photos: Sequence[Photo], by: Actor, at: datetime
) -> SanitizationJob:
    """Record the maker's own reset of soldered storage, directed here: the photo shows the device at its first set-up, no account on it.

    Raises UnableToSanitize, BadInput without a photo or without what was used.
    """
    device = moves.take_one(job.device_id)
    job = _locked(job)
    medium = _medium_of(job, device)
    reasons = reasons_against_working(device)
    if not by.may("itad.sanitize"):
        reasons.append(Reason("not_allowed", _("this needs the right to sanitize media")))
    if job.state != JobState.BEGUN or job.technique != "factory_reset":
        reasons.append(Reason("not_begun", _("no factory reset of it was begun")))
    reasons += _reasons_of_the_contract(device, at=at)
    if reasons:
        raise UnableToSanitize(reasons)
    problems = photo_problems(photos)
    if not tool.strip():
        problems.append(Reason("no_tool", _("Say with what it was reset: the system and its version."), "tool"))
    if problems:
        raise BadInput(problems)
    level = reached("factory_reset", medium.type)
    job.tool, job.tool_version, job.method = tool.strip()[:60], tool_version.strip()[:40], _("factory reset")
    job.verification, job.outcome = "inspection", "success"
    job.photos = [plain_photo(digest=p.digest, caption=p.caption, taken_at=at.isoformat()) for p in photos]
    job.started_at, job.ended_at, job.recorded_at, job.operator = job.begun_at, at, at, by.reference
    job.achieved = level.value if level else ""
    job.record()
    job.save()
    moves.note(
        device,
        fact=facts.ErasureRecorded(
            job=str(job.id),
            medium=str(medium.id),
            outcome="success",
            technique="factory_reset",
            tool=job.tool,
            tool_version=job.tool_version or None,
            serial=medium.serial or None,
            verification="inspection",
            photos=[photo.digest for photo in photos],
        ),
        by=by,
        at=at,
    )
    return job


def photo_problems(photos: Sequence[Photo]) -> list[Reason]:
    """Why these photos prove nothing: none at all, or one that was never kept."""
    if not photos:
        return [Reason("no_photo", _("A photo is missing."), "photo")]
    kept = set(
        Artifact.objects.filter(
            digest__in=[photo.digest for photo in photos], media_type="image/jpeg", erased_at=None
        ).values_list("digest", flat=True)
    )
    return [
        Reason("unknown_photo", _("No photo is kept under %(digest)s.") % {"digest": photo.digest[:12]}, "photo")
        for photo in photos
        if photo.digest not in kept
    ]


def _reasons_of_the_contract(device: Device, *, at: datetime) -> list[Reason]:
    """Why no wipe of this unit's media counts: its owner's contract has them destroyed."""
    why = queries.destroyed_by([device], at=at).get(device.pk, "")
    return [instructions.refusal(why)] if why else []


# Verified, or not ---------------------------------------------------------------------------------------------------------------


def reasons_against_verifying(job: SanitizationJob, *, by: Actor) -> list[Reason]:
    """Why ``by`` can't verify this wipe; empty when they can."""
    reasons = []
    if not by.may("itad.verify"):
        reasons.append(Reason("not_allowed", _("this needs the right to verify sanitization")))
    if job.state != JobState.RECORDED:
        reasons.append(
            Reason(
                "not_recorded", _("there is nothing to verify: it is %(state)s") % {"state": word(f"job.{job.state}")}
            )
        )
    if by.person_id is None:
        reasons.append(Reason("no_person", _("a second person verifies, not a program")))
    reasons += separations.reasons_against("wipe_verification", doer=[job.operator], by=by)
    achieved, needed = job.achieved, Level(job.required)
    if not achieved or not Level(achieved).reaches(needed):
        reasons.append(Reason("level_not_met", _("it did not reach %(needed)s") % {"needed": word(needed.value)}))
    return reasons


@transaction.atomic
def verify(*, job: SanitizationJob, by: Actor, at: datetime) -> SanitizationJob:
    """Agree, as a second person, that the medium is wiped: its proof. When it was the unit's last, the unit goes on.

    Raises UnableToVerify with every reason.
    """
    device = moves.take_one(job.device_id)
    job = _locked(job)
    reasons = reasons_against_verifying(job, by=by)
    if job.medium_id is None or job.medium is None or job.medium.state in (*queries.GONE, *queries.SETTLED):
        reasons.append(Reason("not_inside", _("its medium is not there to be verified")))
    if TECHNIQUES[job.technique].destructive:
        reasons.append(Reason("destroyed", _("a destruction is witnessed, not verified")))
    if job.visit_id != device.visit_id:
        reasons.append(Reason("other_stay", _("it belongs to an earlier stay of the unit")))
    reasons += _reasons_of_the_contract(device, at=at)
    if reasons:
        raise UnableToVerify(reasons)
    medium = _medium_of(job, device)
    job.verified_by, job.closed_at = by.reference, at
    job.verify()
    job.save()
    entry = moves.note(
        device,
        fact=facts.SanitizationVerified(
            job=str(job.id),
            medium=str(medium.id),
            level=job.achieved,
            required=job.required,
            policy=job.policy,
            technique=job.technique,
            tool=job.tool,
            tool_version=job.tool_version or None,
            report=job.report or None,
            serial=medium.serial or None,
            attempt=job.attempt,
        ),
        by=by,
        at=at,
        set={"data": media.outlook(device, {medium.pk: MediumState.SANITIZED})},
    )
    media.settle(medium, MediumState.SANITIZED, level=job.achieved, proof=entry)
    clearing.go_on(device, by=by, at=at)
    return job


@transaction.atomic
def reject(*, job: SanitizationJob, reason: str, by: Actor, at: datetime) -> SanitizationJob:
    """Say, as a second person, that the wipe does not convince: the attempt has failed."""
    device = moves.take_one(job.device_id)
    job = _locked(job)
    reasons = [r for r in reasons_against_verifying(job, by=by) if r.code != "level_not_met"]
    if reasons:
        raise UnableToVerify(reasons)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say what doesn't convince."), "reason"))
    job.verified_by = ""
    fail(job, _medium_of(job, device), [Reason("rejected", reason.strip()[:300])], by=by, at=at)
    return job


@transaction.atomic
def give_up(*, job: SanitizationJob, reason: str, by: Actor, at: datetime) -> SanitizationJob:
    """Say that an attempt failed where no log can: the drive isn't detected, is locked, broke off."""
    device = moves.take_one(job.device_id)
    job = _locked(job)
    reasons = []
    if not by.may("itad.sanitize"):
        reasons.append(Reason("not_allowed", _("this needs the right to sanitize media")))
    if job.state not in {JobState.REQUIRED, JobState.BEGUN}:
        reasons.append(
            Reason("not_open", _("the attempt is not open: it is %(state)s") % {"state": word(f"job.{job.state}")})
        )
    if not reason.strip():
        reasons.append(Reason("no_reason", _("say what is wrong with the drive"), "reason"))
    if reasons:
        raise UnableToSanitize(reasons)
    job.operator = job.operator or by.reference
    job.technique = job.technique or "overwrite"
    job.outcome = "not_detected"
    fail(job, _medium_of(job, device), [Reason("given_up", reason.strip()[:300])], by=by, at=at)
    return job


def _locked(job: SanitizationJob) -> SanitizationJob:
    return (
        SanitizationJob.objects.select_for_update(no_key=True, of=("self",))
        .select_related("medium", "visit")
        .get(pk=job.pk)
    )


def _medium_of(job: SanitizationJob, device: Device) -> Medium:
    if job.medium is None:
        raise UnableToSanitize(_("this is about a unit without storage"))
    job.medium.device = device
    return job.medium


# Again, or further --------------------------------------------------------------------------------------------------------------


def reasons_against_retrying(job: SanitizationJob) -> list[Reason]:
    """Why the same level can't be tried again: what broke off may be resumed, what failed gets one more try, what can't do it none."""
    reasons = []
    if job.state != JobState.FAILED:
        reasons.append(
            Reason("not_failed", _("it has not failed: it is %(state)s") % {"state": word(f"job.{job.state}")})
        )
    if job.outcome == "level_not_met":
        reasons.append(Reason("level_not_met", _("the same way again would reach the same level; escalate")))
    failed = SanitizationJob.objects.filter(
        medium=job.medium, visit=job.visit_id, required=job.required, state=JobState.FAILED
    ).exclude(outcome="aborted")
    if job.outcome != "aborted" and failed.count() > RETRIES_AT_ONE_LEVEL:
        reasons.append(Reason("tried", _("it failed twice at this level; escalate")))
    return reasons


@transaction.atomic
def retry(*, job: SanitizationJob, by: Actor, at: datetime) -> SanitizationJob:
    """Another attempt at the same level; the one that failed stays on record. Raises UnableToEscalate."""
    device = moves.take_one(job.device_id)
    job = _locked(job)
    reasons = reasons_against_retrying(job)
    if not by.may("itad.sanitize"):
        reasons.append(Reason("not_allowed", _("this needs the right to sanitize media")))
    if job.followed_by.exists():
        reasons.append(Reason("followed", _("another attempt has followed it already")))
    if reasons:
        raise UnableToEscalate(reasons)
    return open_attempt(device, _medium_of(job, device), by=by, at=at, previous=job)


@transaction.atomic
def escalate(*, job: SanitizationJob, reason: str, by: Actor, at: datetime) -> SanitizationJob:
    """The next level up is needed from now on: Clear, Purge, Destroy, one way. Returns the new attempt. Raises UnableToEscalate."""
    device = moves.take_one(job.device_id)
    job = _locked(job)
    level = Level(job.required).next
    reasons = []
    if not by.may("itad.sanitize"):
        reasons.append(Reason("not_allowed", _("this needs the right to sanitize media")))
    if job.state != JobState.FAILED:
        reasons.append(
            Reason(
                "not_failed", _("only what has failed escalates; it is %(state)s") % {"state": word(f"job.{job.state}")}
            )
        )
    if level is None:
        reasons.append(Reason("highest", _("nothing comes after Destroy")))
    if job.followed_by.exists():
        reasons.append(Reason("followed", _("another attempt has followed it already")))
    if reasons or level is None:
        raise UnableToEscalate(reasons)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it needs more."), "reason"))
    medium = _medium_of(job, device)
    job.escalate()
    job.save()
    moves.note(
        device,
        fact=facts.SanitizationEscalated(
            medium=str(medium.id),
            before=str(job.id),
            level_before=job.required,
            level=level.value,
            reason=reason.strip()[:300],
            serial=medium.serial or None,
        ),
        by=by,
        at=at,
    )
    return open_attempt(device, medium, by=by, at=at, previous=job, level=level)
