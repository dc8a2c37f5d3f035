"""The media page of a unit, its panels on the unit page, and the worklist."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from itad import queries
from itad.levels import DESTRUCTIVE, TECHNIQUES, Level, reached
from itad.models import ExceptionKind, JobState, SanitizationJob, SupervisedException
from itad.services import destruction, leaving, sanitization, supervision
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import Reason
from revlog.common.words import word
from revlog.devices.journey import CLEARED, Data, State
from revlog.devices.models import Device, Location, Medium
from revlog.evidence import queries as evidence
from revlog.evidence.models import Attachment

PAGE = 50
TABS: tuple[tuple[str, str | Promise, str], ...] = (
    ("wipe", gettext_lazy("To wipe"), "itad.view"),
    ("verify", gettext_lazy("To verify"), "itad.view"),
    ("destroy", gettext_lazy("To destroy"), "itad.view"),
    ("decide", gettext_lazy("To decide"), "itad.view"),
    ("donate", gettext_lazy("To donate"), "itad.view"),
    ("deploy", gettext_lazy("To deploy"), "itad.view"),
)
QUEUES = {
    "wipe": State.TO_SANITIZE,
    "destroy": State.TO_DESTROY,
    "donate": State.TO_DONATE,
    "deploy": State.TO_DEPLOY,
}
LOOK_OF_MEDIUM = {"SANITIZED": "done", "DESTROYED": "done", "REMOVED": "leaving", "MISSING": "held"}


def unit_of(tag: str, actor: Actor) -> Device:
    """The unit called ``tag``; a stranger's doesn't exist."""
    device = (
        Device.objects.visible_to(actor)
        .select_related("product", "hub", "location", "owner", "visit")
        .filter(tag=tag.upper())
        .first()
    )
    if device is None:
        raise Http404
    return device


def face(device: Device) -> dict[str, Any]:
    """The context of ``components/unit.html``."""
    place = device.location.code if device.location else None
    return {
        "name": device.face,
        "tag": device.tag,
        "kind": device.device_class,
        "url": reverse("itad_unit", args=[device.tag]),
        "state": device.state,
        "held": bool(device.holds),
        "place": " · ".join(part for part in (device.hub.name if device.hub else None, place) if part),
        "waiting": word(device.waiting_for) if device.waiting_for else "",
        "since": device.waiting_since,
        "owner": device.owner.name,
    }


# The worklist -------------------------------------------------------------------------------------------------------------------


@allow("itad.view")
@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    """What waits: to be wiped, verified, destroyed, decided, given away, sent out; longest waiting first."""
    actor, at = gate.actor_for(request), clock.now()
    tab = request.GET.get("tab", "wipe")
    tab = tab if tab in {code for code, _label, _may in TABS} else "wipe"
    level = request.GET.get("level", "")
    counts = {code: queries.waiting(actor, state).count() for code, state in QUEUES.items()}
    counts["verify"] = queries.to_verify(actor).count()
    counts["decide"] = (
        queries.undecided(actor).count() + queries.set_aside(actor).count() + queries.supervised(actor).count()
    )
    context: dict[str, Any] = {
        "tab": tab,
        "tabs": [
            {"label": label, "url": f"?tab={code}", "active": code == tab, "count": counts.get(code)}
            for code, label, _may in TABS
        ],
        "level": level,
        "levels": [{"code": one.value, "label": word(one.value), "active": one.value == level} for one in Level],
        "may_take_in": actor.is_operator and actor.may("itad.jobs"),
        "may_send_lists": actor.may("itad.manifest") or (actor.is_operator and actor.may("itad.jobs")),
    }
    if tab in QUEUES:
        waiting = list(queries.waiting(actor, QUEUES[tab])[:1000])
        contracts = queries.destroyed_by(waiting, at=at)
        rows = [_row(device, contracts.get(device.pk, ""), at=at) for device in waiting]
        if level:
            rows = [row for row in rows if row["level"] == level]
        context["page"] = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        context["rows"] = list(context["page"])
    elif tab == "verify":
        page = Paginator(queries.to_verify(actor), PAGE).get_page(request.GET.get("page"))
        context |= {"page": page, "rows": [_to_verify(job, actor) for job in page]}
    else:
        context["rows"] = _to_decide(actor)
    return render(request, "itad/worklist.html", context)


def _to_decide(actor: Actor) -> list[dict[str, Any]]:
    """Wipes that failed, supervised work that waits, logs that prove nothing: each with why, and its unit."""
    failed = [
        (job.device, str(job.medium or job.device), "; ".join(job.reasons), job.closed_at, _("Wipe failed"))
        for job in queries.undecided(actor)[:PAGE]
    ]
    asked = [
        (row.device, word(row.kind), row.reason, row.requested_at, _("Supervised work"))
        for row in queries.supervised(actor)[:PAGE]
    ]
    aside = [
        (row.device, _in_log(row.erasure), "; ".join(row.reasons), row.at, _("Log proves nothing"))
        for row in queries.set_aside(actor)[:PAGE]
    ]
    return [
        {"unit": face(device), "title": title, "why": why, "since": since, "kind": kind}
        for device, title, why, since, kind in [*failed, *asked, *aside]
    ]


def _in_log(erasure: dict[str, Any]) -> str:
    """What a log calls the drive."""
    return str(erasure.get("serial") or erasure.get("device") or "")


def _named(medium: Medium) -> str:
    return f"{medium.model or capfirst(word(medium.type))} {medium.serial}".strip()


def _row(device: Device, contract: str, *, at: datetime) -> dict[str, Any]:
    """A unit of a queue: its media, what they need at most, how far they are, whether it stands in a secured place."""
    jobs = {job.medium_id: job for job in sorted(device.sanitization_jobs.all(), key=lambda job: job.attempt)
            if job.visit_id == device.visit_id}  # fmt: skip
    needed = [
        Level(jobs[medium.pk].required)
        if medium.pk in jobs and not contract
        else queries.requirement(device, medium.type, at=at, contract=contract).level
        for medium in device.media.all()
        if medium.state not in queries.GONE
    ]
    top = max(needed, key=lambda one: one.rank) if needed else None
    states = sorted({word(f"job.{job.state}") for job in jobs.values()})
    return {
        "unit": face(device),
        "media": [_named(medium) for medium in device.media.all() if medium.state not in queries.GONE],
        "level": top.value if top else "",
        "level_word": word(top.value) if top else "",
        "states": ", ".join(states),
        "since": device.state_since,
        "secured": bool(device.location and device.location.secured),
        "placed": device.location is not None,
        "blocked": [reason.sentence for reason in sanitization.reasons_against_working(device)],
    }


def _to_verify(job: SanitizationJob, actor: Actor) -> dict[str, Any]:
    destroyed = TECHNIQUES[job.technique].destructive
    reasons = (
        destruction.reasons_against_witnessing([job], by=actor)
        if destroyed
        else sanitization.reasons_against_verifying(job, by=actor)
    )
    return {
        "unit": face(job.device),
        "title": str(job.medium or job.device),
        "how": word(job.technique),
        "tool": f"{job.tool} {job.tool_version}".strip(),
        "since": job.recorded_at,
        "own": any(reason.code in {"wipe_verification", "destruction_witness"} for reason in reasons),
        "destroyed": destroyed,
    }


# The unit's media -----------------------------------------------------------------------------------------------------------------


@allow("itad.view", "devices.view")
@require_GET
def unit_page(request: HttpRequest, tag: str) -> HttpResponse:
    return show(request, unit_of(tag, gate.actor_for(request)))


def show(
    request: HttpRequest, device: Device, *, problem: str = "", reasons: list[str] | None = None, status: int = 200
) -> HttpResponse:
    """The media page, with the refusal of the act that led here."""
    actor, at = gate.actor_for(request), clock.now()
    context = {
        "device": device,
        "unit": face(device),
        "problem": problem,
        "reasons": reasons or [],
        "media": [medium_row(row, device, actor, at=at) for row in queries.media_of(device, at=at)],
        "policy": _policy(device, at=at),
        "data_word": word(f"data.{device.data}"),
        "documents": _documents(device, actor),
        "upload_url": _route("triage_upload") or _route("triage"),
        **_acts(device, actor),
    }
    return render(request, "itad/unit.html", context, status=status)


def _policy(device: Device, *, at: datetime) -> dict[str, Any]:
    asked = queries.requirement(device, "unknown", at=at)
    policy = asked.policy
    return {
        "label": policy.label,
        "sentence": asked.contract or policy.sentence,
        "name": policy.name,
        "own": asked.own_choice,
    }


def _route(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def medium_row(row: queries.MediumRow, device: Device, actor: Actor, *, at: datetime) -> dict[str, Any]:
    """A drive as the page shows it: what it needs, how far it is, what proves it, and what can be done now."""
    medium, job = row.medium, row.job
    medium.device = device
    state = medium.state
    gone, settled = state in queries.GONE, state in queries.SETTLED
    shown: dict[str, Any] = {
        "medium": medium,
        "type": word(medium.type),
        "state": word(f"medium.{state}"),
        "look": LOOK_OF_MEDIUM.get(state, "data"),
        "level": word(row.level.value),
        "policy": row.policy.label,
        "job": job,
        "job_state": word(f"job.{job.state}") if job else "",
        "how": word(job.technique) if job and job.technique else "",
        "reasons": job.reasons if job else [],
        "earlier": [
            {"job": one, "how": word(one.technique) if one.technique else "", "why": "; ".join(one.reasons)}
            for one in row.earlier
        ],
        "by": _names(job),
        "photos": _photos(device, job),
        "gone": gone,
        "settled": settled,
        "acts": [],
    }
    if gone or settled or not actor.is_operator:
        return shown
    shown |= _medium_acts(medium, job, row.level, actor, at=at)
    return shown


def _medium_acts(
    medium: Medium, job: SanitizationJob | None, level: Level, actor: Actor, *, at: datetime
) -> dict[str, Any]:
    state = job.state if job else JobState.REQUIRED
    destructive = bool(job and job.technique and TECHNIQUES[job.technique].destructive)
    techniques = [
        {"code": code, "word": word(code)}
        for code, technique in TECHNIQUES.items()
        if (technique.by_report or technique.by_hand)
        and (got := reached(code, medium.type)) is not None
        and got.reaches(level)
    ]
    blocked: list[Reason] = []
    may_begin = False
    if state in {JobState.REQUIRED, JobState.ESCALATED, JobState.WITHDRAWN} and techniques:
        blocked = sanitization.reasons_against_beginning(medium, techniques[0]["code"], by=actor, at=at)
        may_begin = not blocked
    verifying = (
        sanitization.reasons_against_verifying(job, by=actor)
        if job and state == JobState.RECORDED and not destructive
        else []
    )
    failed = bool(job and state == JobState.FAILED)
    may_sanitize = actor.may("itad.sanitize")
    return {
        "techniques": techniques,
        "may_begin": may_begin,
        "needs_destruction": not techniques and state in {JobState.REQUIRED, JobState.BEGUN},
        "begun": state == JobState.BEGUN,
        "by_hand": bool(job and job.technique and TECHNIQUES[job.technique].by_hand and state == JobState.BEGUN),
        "may_give_up": bool(job and state in {JobState.REQUIRED, JobState.BEGUN} and may_sanitize),
        "may_verify": bool(job and state == JobState.RECORDED and not destructive and not verifying),
        "may_retry": bool(failed and may_sanitize and job and not sanitization.reasons_against_retrying(job)),
        "may_escalate": bool(failed and may_sanitize and job and Level(job.required).next),
        "next_level": word(next_level.value) if job and (next_level := Level(job.required).next) else "",
        "blocked": [reason.sentence for reason in [*blocked, *verifying]],
    }


def _names(job: SanitizationJob | None) -> dict[str, str]:
    if job is None:
        return {}
    found = people.names_of({job.operator, job.verified_by} - {""})
    return {"operator": found.get(job.operator, ""), "verified": found.get(job.verified_by, "")}


def _photos(device: Device, job: SanitizationJob | None) -> list[dict[str, str]]:
    if job is None or not job.photos:
        return []
    rows = {
        row.artifact_id: row
        for row in Attachment.objects.filter(
            chain_id=device.id, artifact_id__in=[photo["digest"] for photo in job.photos]
        )
    }
    return [
        {"url": reverse("unit_photo", args=[device.tag, rows[photo["digest"]].pk]), "caption": photo["caption"]}
        for photo in job.photos
        if photo["digest"] in rows
    ]


def _acts(device: Device, actor: Actor) -> dict[str, Any]:
    """What can be done with the unit as a whole, and what stands against it."""
    if not actor.is_operator:
        return {"supervised": None}
    waiting = destruction.waiting(device)
    inside = queries.uncleared(device)
    for medium in inside:
        medium.device = device
    witnessing = destruction.reasons_against_witnessing(waiting, by=actor) if waiting else []
    # A drive alone is destroyed inside a unit that goes to recycling; everything else is destroyed whole.
    may_destroy = (
        actor.may("itad.destroy") and not waiting and not destruction.reasons_against_recording(device, [], by=actor)
    )
    row = (
        SupervisedException.objects.filter(device=device, done_at=None)
        .exclude(allowed=False)
        .select_related("place", "medium")
        .first()
    )
    open_state = State(device.state) in {State.TO_SANITIZE, State.TO_DESTROY} and Data(device.data) not in CLEARED
    return {
        "witness_jobs": waiting,
        "may_witness": bool(waiting and not witnessing),
        "witness_blocked": [reason.sentence for reason in witnessing],
        "may_destroy": bool(may_destroy and (State(device.state) == State.TO_DESTROY or inside)),
        "destructive": [{"code": code, "word": word(code)} for code in DESTRUCTIVE],
        "uncleared": inside,
        "may_order": not destruction.reasons_against_ordering(device, by=actor),
        "supervised": _supervised(row, actor) if row else None,
        "may_request": bool(open_state and row is None and actor.may("itad.except")),
        "exception_kinds": [{"code": kind.value, "label": kind.label} for kind in ExceptionKind],
        "places": Location.objects.filter(hub=device.hub, secured=True, active=True).order_by("code"),
        "removable": [m for m in inside if not m.soldered],
        "set_aside": queries.set_aside(actor).filter(device=device),
        "may_settle": actor.may("exceptions.resolve") or actor.may("itad.verify"),
        "may_donate": not leaving.reasons_against_donating(device, by=actor),
        "may_deploy": not leaving.reasons_against_deploying(device, by=actor),
    }


def _supervised(row: SupervisedException, actor: Actor) -> dict[str, Any]:
    reasons = supervision.reasons_against_deciding(row, by=actor) if row.is_waiting else []
    return {
        "row": row,
        "kind": word(row.kind),
        "by": people.names_of({row.requested_by}).get(row.requested_by, ""),
        "may_decide": row.is_waiting and not reasons,
        "blocked": [reason.sentence for reason in reasons],
        "may_remove": bool(row.allowed and row.kind == ExceptionKind.REMOVE and actor.may("itad.except")),
    }


def _documents(device: Device, actor: Actor) -> list[dict[str, Any]]:
    return [{"row": row, "kind": word(row.kind)} for row in evidence.of_chain(device.id, actor)]


# Panels of the unit page ------------------------------------------------------------------------------------------------------------


@allow("itad.view", "devices.view")
@require_GET
def panel_media(request: HttpRequest, tag: str) -> HttpResponse:
    """Each drive with what it needs, what was done and what proves it."""
    actor, at = gate.actor_for(request), clock.now()
    device = unit_of(tag, actor)
    context = {
        "device": device,
        "media": [medium_row(row, device, actor, at=at) for row in queries.media_of(device, at=at)],
        "policy": _policy(device, at=at),
        "data_word": word(f"data.{device.data}"),
        "may_work": actor.may("itad.view"),
    }
    return render(request, "itad/_panel_media.html", context)


@allow("documents.view")
@require_GET
def panel_documents(request: HttpRequest, tag: str) -> HttpResponse:
    actor = gate.actor_for(request)
    device = unit_of(tag, actor)
    return render(
        request,
        "itad/_panel_documents.html",
        {"device": device, "documents": _documents(device, actor), "may_ask": True},
    )
