"""Wiping media: required, begun, recorded, verified by a second person; or failed, tried again, escalated, one way.

No medium is ever called wiped by one act alone. A tool's report is weighed (``itad/plausibility.py``); what speaks against it makes the
attempt fail, with its reasons. Only what nothing speaks against waits for a second person, whose word is the proof.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from itad import facts, plausibility, queries
from itad.levels import TECHNIQUES, Level, reached
from itad.models import JobState, SanitizationJob, SetAside, plain_photo
from itad.services import clearing
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.words import word
from revlog.custody.models import Entry
from revlog.devices import identifiers
from revlog.devices.journey import ON_HAND, State
from revlog.devices.models import Device, Medium, MediumState
from revlog.devices.services import media, moves
from revlog.evidence.models import Artifact

RETRIES_AT_ONE_LEVEL = 1
NO_DRIVES = ("/dev/loop", "/dev/ram", "/dev/zram", "/dev/fd", "loop", "zram")
"""What a tool may list and is no drive: images and memory."""
BACKS = {"all passes": "full_read_back", "last pass": "last_pass_read_back"}


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


@dataclass
class Credited:
    """What became of the erasures of one report on one unit."""

    recorded: list[SanitizationJob] = field(default_factory=list)
    failed: list[SanitizationJob] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    known: int = 0


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
        kinds = ", ".join(word(f"hold.{kind}") for kind in device.holds)
        reasons.append(Reason("on_hold", _("it is on hold (%(holds)s)") % {"holds": kinds}))
    return reasons


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
    needed = Level(job.required) if job is not None else queries.requirement(device, medium.type, at=at).level
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
    return reasons


@transaction.atomic
def begin(*, medium: Medium, technique: str = "overwrite", by: Actor, at: datetime) -> SanitizationJob:
    """Take a medium in hand. Raises UnableToSanitize with every reason."""
    device = moves.take_one(medium.device_id)
    medium = _fresh(device, medium)
    if reasons := reasons_against_beginning(medium, technique, by=by, at=at):
        raise UnableToSanitize(reasons)
    return _begin(device, medium, technique, by=by, at=at)


def _begin(device: Device, medium: Medium, technique: str, *, by: Actor, at: datetime) -> SanitizationJob:
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


# Recorded -----------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def credit(
    *,
    unit: Device,
    report: str,
    erasures: Sequence[facts.Erasure],
    tool: str,
    tool_version: str = "",
    by: Actor,
    at: datetime,
) -> Credited:
    """Weigh the erasures of a report that was matched to ``unit``, each against the medium that it is of.

    What nothing speaks against is recorded and waits for a second person; what fails, fails on its medium's record; what can't be
    credited to a medium, or may not, is set aside with its reasons. The same report again changes nothing. ``by`` is who brought it.
    """
    device = moves.take_one(unit.id)
    result = Credited()
    for erasure in erasures:
        _credit_one(device, erasure, report=report, tool=tool, version=tool_version, result=result, by=by, at=at)
    return result


def key_of(report: str, erasure: facts.Erasure) -> str:
    """One erasure of one report, whichever unit it was matched to."""
    plain = json.dumps(erasure, sort_keys=True, separators=(",", ":"))
    return f"{report}:{hashlib.sha256(plain.encode()).hexdigest()}"


def match(device: Device, erasure: facts.Erasure) -> tuple[Medium | None, Reason | None]:
    """The medium of a unit that an erasure is of: by serial; without one, by model and size when only one fits. Never by guessing."""
    name = str(erasure.get("device") or "")
    if name.startswith(NO_DRIVES):
        return None, Reason("no_drive", _("%(name)s is no drive") % {"name": name})
    present = queries.inside(device)
    serial = identifiers.normal_serial(str(erasure.get("serial") or ""))
    if serial:
        found = [m for m in present if identifiers.normal_serial(m.serial) == serial]
        if len(found) == 1:
            return found[0], None
        shown = str(erasure.get("serial"))
        if found:
            return None, Reason(
                "ambiguous", _("several media of this unit have the serial %(serial)s") % {"serial": shown}
            )
        return None, Reason("wrong_serial", _("no medium of this unit has the serial %(serial)s") % {"serial": shown})
    model, size = str(erasure.get("model") or "").casefold(), plausibility.whole(erasure.get("bytes_total"))
    if not model or not size:
        return None, Reason("no_serial", _("the log gives neither a serial nor model and size of the drive"))
    found = [
        m
        for m in present
        if m.model.casefold() == model
        and m.capacity_bytes is not None
        and abs(m.capacity_bytes - size) <= m.capacity_bytes // plausibility.CAPACITY_SHARE
    ]
    if len(found) == 1:
        return found[0], None
    return None, Reason(
        "ambiguous" if found else "no_serial",
        _("the log gives no serial, and %(count)s media of this unit fit model and size") % {"count": len(found)},
    )


def _credit_one(
    device: Device,
    erasure: facts.Erasure,
    *,
    report: str,
    tool: str,
    version: str,
    result: Credited,
    by: Actor,
    at: datetime,
) -> None:
    key = key_of(report, erasure)
    used = SanitizationJob.objects.filter(report_key=key).first()
    if used is not None:
        if used.device_id == device.id and used.visit_id == device.visit_id:
            result.known += 1
            return None
        told = Reason("used_before", _("this erasure was credited before, to another medium or an earlier stay"))
        return _set_aside(
            device, erasure, [told], report=report, key=f"{key}:{device.visit_id}", result=result, by=by, at=at
        )
    medium, problem = match(device, erasure)
    if medium is None:
        reasons = [problem] if problem else []
        return _set_aside(
            device, erasure, reasons, report=report, key=f"{key}:{device.id}", result=result, by=by, at=at
        )
    medium.device = device
    if not erasure.get("serial") and SanitizationJob.objects.filter(report=report).exclude(medium=medium).exists():
        told = Reason(
            "used_before", _("this log was used for another medium, and names no serial that would tell them apart")
        )
        return _set_aside(device, erasure, [told], report=report, key=f"{key}:{device.id}", result=result, by=by, at=at)
    if medium.state in queries.SETTLED:
        result.known += 1
        return None
    if reasons := reasons_against_working(device) + _reasons_of_the_record(medium):
        return _set_aside(
            device, erasure, reasons, report=report, key=f"{key}:{device.id}", result=result, by=by, at=at
        )
    job = queries.latest(medium)
    begun_at = job.begun_at if job is not None and job.state == JobState.BEGUN else None
    if job is None or job.state != JobState.BEGUN:
        if job is not None and job.state == JobState.FAILED:
            job = open_attempt(device, medium, by=by, at=at, previous=job)
        job = _begin(device, medium, plausibility.technique_of(erasure), by=by, at=at)
    _weigh(job, medium, erasure, report=report, key=key, tool=tool, version=version, begun_at=begun_at, by=by, at=at)
    (result.recorded if job.state == JobState.RECORDED else result.failed).append(job)
    return None


def _reasons_of_the_record(medium: Medium) -> list[Reason]:
    """Why the record doesn't take another report: somebody has to verify or decide first."""
    job = queries.latest(medium)
    if job is None or job.state in {JobState.REQUIRED, JobState.BEGUN, JobState.ESCALATED, JobState.WITHDRAWN}:
        return []
    if job.state == JobState.RECORDED:
        return [Reason("open", _("another wipe of this medium waits to be verified"))]
    if job.state == JobState.FAILED:
        return reasons_against_retrying(job)
    return []


def _weigh(
    job: SanitizationJob,
    medium: Medium,
    erasure: facts.Erasure,
    *,
    report: str,
    key: str,
    tool: str,
    version: str,
    begun_at: datetime | None,
    by: Actor,
    at: datetime,
) -> None:
    device = medium.device
    zone = ZoneInfo(device.hub.zone) if device.hub else UTC
    visit = job.visit
    stage = plausibility.Stage(
        kind=medium.type,
        capacity_bytes=medium.capacity_bytes,
        required=Level(job.required),
        received_at=visit.received_at or visit.opened_at,
        begun_at=begun_at,
        arrived_at=at,
        zone=zone,
    )
    reasons = plausibility.reasons_against(erasure, stage)
    level = reached(plausibility.technique_of(erasure), medium.type)
    job.technique = plausibility.technique_of(erasure)
    job.tool, job.tool_version = tool[:60], version[:40]
    job.method = _method(erasure)
    job.verification = BACKS.get(str(erasure.get("verification")), "tool_log")
    job.report, job.report_key, job.evidence = report, key, dict(erasure)
    job.bytes_total = plausibility.whole(erasure.get("bytes_total"))
    job.bytes_erased = plausibility.whole(erasure.get("bytes_erased"))
    job.started_at = plausibility.moment(erasure.get("started_at"), zone)
    job.ended_at = plausibility.moment(erasure.get("ended_at"), zone)
    job.outcome = plausibility.outcome_of(erasure, reasons)
    if reasons:
        _fail(job, medium, reasons, by=by, at=at)
        return
    job.achieved = level.value if level else ""
    job.recorded_at = at
    job.record()
    job.save()
    moves.note(
        device,
        fact=facts.ErasureRecorded(
            job=str(job.id),
            medium=str(medium.id),
            report=report,
            outcome=job.outcome,
            technique=job.technique,
            tool=job.tool,
            tool_version=job.tool_version or None,
            method=job.method or None,
            serial=medium.serial or None,
            bytes_total=job.bytes_total,
            bytes_erased=job.bytes_erased,
            verification=job.verification,
        ),
        by=by,
        at=at,
    )


def _method(erasure: facts.Erasure) -> str:
    method, rounds = str(erasure.get("method") or ""), plausibility.whole(erasure.get("rounds"))
    return (f"{method}, {rounds} ×" if rounds and rounds > 1 else method)[:120]


def _fail(job: SanitizationJob, medium: Medium, reasons: Iterable[Reason], *, by: Actor, at: datetime) -> None:
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


def _set_aside(
    device: Device,
    erasure: facts.Erasure,
    reasons: Sequence[Reason],
    *,
    report: str,
    key: str,
    result: Credited,
    by: Actor,
    at: datetime,
) -> None:
    row, made = SetAside.objects.get_or_create(
        key=key[:200],
        defaults={
            "id": ids.new(at),
            "device": device,
            "report": report,
            "erasure": dict(erasure),
            "code": reasons[0].code,
            "reasons": [reason.sentence for reason in reasons],
            "at": at,
        },
    )
    if not made:
        result.known += 1
        return
    result.aside.append(row)
    moves.note(
        device,
        fact=facts.ErasureSetAside(
            report=report,
            code=row.code,
            reasons=row.reasons,
            serial=str(erasure["serial"]) if erasure.get("serial") else None,
            device_name=str(erasure["device"]) if erasure.get("device") else None,
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def reconsider(*, row: SetAside, by: Actor, at: datetime) -> Credited:
    """Weigh a set-aside erasure again, after what stood against it was put right. It stays set aside when it still can't be credited."""
    if not (by.may("itad.sanitize") or by.may("itad.verify")):
        raise NotAllowed(_("this needs the right to sanitize media"))
    device = moves.take_one(row.device_id)
    row = SetAside.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    if row.settled_at is not None:
        raise UnableToSanitize(_("somebody has settled this already"))
    result = Credited()
    _credit_one(
        device,
        row.erasure,
        report=row.report,
        tool=_tool_of(device, row.report),
        version="",
        result=result,
        by=by,
        at=max(at, row.at),
    )
    if result.recorded or result.failed:
        row.settled_at, row.settled_by = at, by.reference
        row.settled_why = _("credited after all")
        row.save(update_fields=["settled_at", "settled_by", "settled_why"])
    return result


def _tool_of(device: Device, report: str) -> str:
    """The tool of a report, from the unit's own chain, where triage said what kind it is."""
    entry = Entry.objects.filter(chain_id=device.id, kind="triage.report_matched", payload__digest=report).last()
    return tool_name(str(entry.payload.get("format", ""))) if entry else "nwipe"


def tool_name(format: str) -> str:
    """``nwipe.log`` is of nwipe, ``ereuse.workbench11`` of eReuse Workbench."""
    return {"nwipe": "nwipe", "ereuse": "eReuse Workbench"}.get(format.split(".", 1)[0], format or "unknown")


@transaction.atomic
def settle(*, row: SetAside, why: str, by: Actor, at: datetime) -> SetAside:
    """Close a set-aside erasure: somebody looked, and it proves nothing here."""
    if not (by.may("exceptions.resolve") or by.may("itad.verify")):
        raise NotAllowed(_("this needs the right to resolve exceptions"))
    if not why.strip():
        raise BadInput(Reason("no_reason", _("Say what was found."), "why"))
    row = SetAside.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
    if row.settled_at is None:
        row.settled_at, row.settled_by, row.settled_why = at, by.reference, why.strip()[:300]
        row.save(update_fields=["settled_at", "settled_by", "settled_why"])
    return row


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
    _fail(job, _medium_of(job, device), [Reason("rejected", reason.strip()[:300])], by=by, at=at)
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
    _fail(job, _medium_of(job, device), [Reason("given_up", reason.strip()[:300])], by=by, at=at)
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
