"""Weighing the wipes in a report that came in: credited to the medium they are of, failed there, or set aside with their reasons.

Never matched by guessing, never used twice, never for an earlier stay: what can't be credited is kept, shown, and settled by a person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from itad import facts, plausibility, queries
from itad.levels import Level, reached
from itad.models import JobState, SanitizationJob, SetAside
from itad.services import sanitization
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody.models import Entry
from revlog.devices import identifiers
from revlog.devices.models import Device, Medium
from revlog.devices.services import moves
from revlog.terms import instructions

NO_DRIVES = ("/dev/loop", "/dev/ram", "/dev/zram", "/dev/fd", "loop", "zram")
"""What a tool may list and is no drive: images and memory."""
BACKS = {"all passes": "full_read_back", "last pass": "last_pass_read_back"}


@dataclass
class Credited:
    """What became of the erasures of one report on one unit."""

    recorded: list[SanitizationJob] = field(default_factory=list)
    failed: list[SanitizationJob] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    known: int = 0


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
    if not erasure.get("serial") and _proves_another(medium, erasure, report=report):
        told = Reason(
            "used_before", _("this log was used for another medium, and names no serial that would tell them apart")
        )
        return _set_aside(device, erasure, [told], report=report, key=f"{key}:{device.id}", result=result, by=by, at=at)
    if medium.state in queries.SETTLED:
        result.known += 1
        return None
    if reasons := sanitization.reasons_against_working(device) + _reasons_of_the_record(medium):
        return _set_aside(
            device, erasure, reasons, report=report, key=f"{key}:{device.id}", result=result, by=by, at=at
        )
    job = queries.latest(medium)
    begun_at = job.begun_at if job is not None and job.state == JobState.BEGUN else None
    if job is None or job.state != JobState.BEGUN:
        if job is not None and job.state == JobState.FAILED:
            job = sanitization.open_attempt(device, medium, by=by, at=at, previous=job)
        job = sanitization.begin_attempt(device, medium, plausibility.technique_of(erasure), by=by, at=at)
    _weigh(job, medium, erasure, report=report, key=key, tool=tool, version=version, begun_at=begun_at, by=by, at=at)
    (result.recorded if job.state == JobState.RECORDED else result.failed).append(job)
    return None


def _proves_another(medium: Medium, erasure: facts.Erasure, *, report: str) -> bool:
    """Whether the wipe of a drive without a serial counts for another medium already: by this report, or by a copy of it that differs
    in what is no part of the wipe, so that it is another file."""
    same = Q(report=report) | Q(evidence=dict(erasure))
    return SanitizationJob.objects.filter(same).exclude(medium=medium).exists()


def _reasons_of_the_record(medium: Medium) -> list[Reason]:
    """Why the record doesn't take another report: somebody has to verify or decide first."""
    job = queries.latest(medium)
    if job is None or job.state in {JobState.REQUIRED, JobState.BEGUN, JobState.ESCALATED, JobState.WITHDRAWN}:
        return []
    if job.state == JobState.RECORDED:
        return [Reason("open", _("another wipe of this medium waits to be verified"))]
    if job.state == JobState.FAILED:
        return sanitization.reasons_against_retrying(job)
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
    contract = queries.destroyed_by([device], at=at).get(device.pk, "")
    stage = plausibility.Stage(
        kind=medium.type,
        capacity_bytes=medium.capacity_bytes,
        required=Level.DESTROY if contract else Level(job.required),
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
        reasons += [instructions.refusal(contract)] if contract else []
        sanitization.fail(job, medium, reasons, by=by, at=at)
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
        raise sanitization.UnableToSanitize(_("somebody has settled this already"))
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
