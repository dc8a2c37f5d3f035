"""The pages of recycling: batches, filling, weighing and closing one, balances, and the panel on the unit page."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from recycling import parameters, queries
from recycling.models import Batch, BatchState
from recycling.services import batches, weighing
from recycling.streams import INPUTS, STREAMS, TREATMENTS
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import answers, clock
from revlog.common.errors import BadInput, DomainError, NotFound, Reason
from revlog.common.words import word
from revlog.devices import queries as devices
from revlog.devices.faces import face
from revlog.devices.models import Device
from revlog.evidence.models import Document

MOST_MEMBERS = 300


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _batch(request: HttpRequest, pk: uuid.UUID) -> Batch:
    try:
        return queries.batch(pk, _actor(request))
    except NotFound as missing:
        raise Http404(str(missing)) from missing


def _uuid(text: str) -> uuid.UUID:
    """The id that a form sent; what is none names nothing."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


@allow("recycling.view", write="recycling.batch")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Batches, what waits for one, and opening one."""
    actor = _actor(request)

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        state = request.GET.get("state", "")
        chosen = state if state in BatchState.values else ""
        waiting = queries.waiting(actor) if actor.is_operator else []
        tabs = [("", _("All")), *((value, word(f"batch.{value}").capitalize()) for value in BatchState.values)]
        context = {
            "answer": answer,
            "batches": [_row(each) for each in queries.batches(actor, state=chosen)[:100]],
            "tabs": [
                {"label": label, "url": f"?state={value}" if value else reverse("recycling"), "active": value == chosen}
                for value, label in tabs
            ],
            "waiting": [face(unit) for unit in waiting[:50]],
            "waiting_count": len(waiting),
            "streams": INPUTS,
            "hubs_here": Hub.objects.visible_to(actor) if actor.is_operator else [],
            "may_open": actor.may("recycling.batch"),
        }
        return render(request, "recycling/index.html", context, status=status)

    if request.method != "POST":
        return page()
    place = ""

    def do() -> str:
        nonlocal place
        hubs = Hub.objects.visible_to(actor)
        wanted = _uuid(request.POST.get("hub", ""))
        hub = hubs.filter(pk=wanted).first() or hubs.filter(pk=actor.hub_id or wanted).first()
        if hub is None:
            raise BadInput(Reason("hub", _("Choose the site of the batch."), "hub"))
        batch = batches.open_batch(hub=hub, stream=request.POST.get("stream", ""), by=actor, at=clock.now())
        place = reverse("recycling_fill", args=[batch.pk])
        return _("Batch %(number)s is open.") % {"number": batch.number}

    return answers.act(request, do, to=lambda: place, page=page)


def _row(batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch,
        "stream": word(batch.stream),
        "state": word(f"batch.{batch.state}"),
        "look": {"open": "work", "weighed": "ready", "closed": "done"}[str(batch.state)],
        "units": getattr(batch, "units", 0),
        "url": reverse("recycling_batch", args=[batch.pk]),
    }


# One batch --------------------------------------------------------------------------------------------------------------------------


@allow("recycling.view", write=("recycling.weigh", "recycling.close", "recycling.batch"))
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One batch: its weights, its units, its fractions and its balance, with the next thing to do on top."""
    actor, found = _actor(request), _batch(request, pk)

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        return render(request, "recycling/batch.html", _context(request, pk, actor, answer), status=status)

    if request.method != "POST":
        return page()

    def do() -> str:
        at, act = clock.now(), request.POST.get("act", "")
        if act == "weigh":
            final = request.POST.get("certainty") == "final"
            row = weighing.weigh_in(
                batch=found,
                grams=answers.grams(request),
                final=final,
                scale=request.POST.get("scale", ""),
                by=actor,
                at=at,
            )
            return _("Weighed in: %(grams)s g.") % {"grams": row.grams}
        if act == "correct":
            weighing.ask_correction(
                batch=found, grams=answers.grams(request), reason=request.POST.get("reason", ""), by=actor, at=at
            )
            return _("The corrected weight waits for another person.")
        if act in {"accept", "refuse"}:
            correction = queries.pending_correction(found)
            if correction is None:
                raise NotFound(_("No corrected weight waits here."))
            verb = weighing.accept_correction if act == "accept" else weighing.refuse_correction
            verb(correction=correction, by=actor, at=at)
            return _("Weight corrected.") if act == "accept" else _("The weight stays as it was.")
        if act == "fraction":
            return _fraction(request, found, actor, at)
        if act == "close":
            closed = batches.close(
                batch=found,
                loss_grams=answers.grams(request, "loss", default=0),
                closing_grams=answers.grams(request, "closing", default=0),
                reason=request.POST.get("reason", ""),
                by=actor,
                at=at,
            )
            return _("Batch %(number)s is closed; its certificate follows.") % {"number": closed.number}
        raise BadInput(Reason("unknown_act", _("That can't be done here."), "act"))

    return answers.act(request, do, to=reverse("recycling_batch", args=[pk]), page=page)


def _fraction(request: HttpRequest, found: Batch, actor: Actor, at: datetime) -> str:
    vendor = Organization.objects.visible_to(actor).filter(pk=_uuid(request.POST.get("vendor", ""))).first()
    if vendor is None:
        raise BadInput(Reason("vendor", _("Choose the downstream vendor."), "vendor"))
    row = batches.send_out(
        batch=found,
        stream=request.POST.get("stream", ""),
        grams=answers.grams(request),
        treatment=request.POST.get("treatment", ""),
        vendor=vendor,
        load=request.POST.get("load", ""),
        price_per_kilo=answers.decimal(request, "price", default=Decimal(0)),
        by=actor,
        at=at,
    )
    return _("%(grams)s g %(stream)s out to %(vendor)s.") % {
        "grams": row.grams,
        "stream": word(row.stream),
        "vendor": vendor.name,
    }


def _context(request: HttpRequest, pk: uuid.UUID, actor: Actor, answer: dict[str, Any] | None) -> dict[str, Any]:
    found = _batch(request, pk)
    members = queries.members(found)
    mine = members if actor.is_operator else [each for each in members if each.owner_id == actor.organization_id]
    rules = parameters.in_force(clock.now())
    balance = found.balance()
    return {
        "answer": answer,
        "batch": found,
        "stream": word(found.stream),
        "waste_code": STREAMS[found.stream].waste_code,
        "state_word": word(f"batch.{found.state}"),
        "look": {"open": "work", "weighed": "ready", "closed": "done"}[str(found.state)],
        "members": [{"member": each, "unit": face(each.device)} for each in mine[:MOST_MEMBERS]],
        "member_count": len(mine),
        "member_grams": sum(each.grams for each in mine),
        "weighings": found.weighings.order_by("weighed_at", "id"),
        "correction": queries.pending_correction(found),
        "fractions": [
            {
                "row": each,
                "stream": word(each.stream),
                "treatment": word(f"treatment.{each.treatment}"),
                "interim": TREATMENTS[each.treatment].interim,
            }
            for each in found.fractions.select_related("vendor")
        ],
        "balance": balance,
        "open_grams": balance.difference if found.state == BatchState.WEIGHED else 0,
        "explained": found.loss_grams - found.difference_grams,
        "recovered": queries.recovered(found),
        "tolerance": rules.tolerance,
        "within": balance.is_within(rules.tolerance),
        "streams": STREAMS.values(),
        "treatments": TREATMENTS.values(),
        "vendors": queries.vendors() if actor.is_operator else [],
        "documents": Document.objects.visible_to(actor).filter(chain_id=found.pk),
        "may_weigh": actor.may("recycling.weigh"),
        "may_close": actor.may("recycling.close"),
        "may_fill": actor.may("recycling.batch"),
        "sent": request.POST if answer else {},
    }


@allow("recycling.batch")
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The floor's page of an open batch: scan a unit, and it is in; a weight typed before the scan is its own."""
    actor, found = _actor(request), _batch(request, pk)
    if request.method != "POST":
        return _filling(request, found)
    text = request.POST.get("code", "").strip()
    try:
        unit = _scanned(text, actor)
        member = batches.join(batch=found, unit=unit, by=actor, at=clock.now())
    except DomainError as refusal:
        answer = answers.refused(refusal) | {"todo": _("Put it aside."), "call": _("your lead")}
        if getattr(request, "htmx", False):
            return answers.fragment(request, answer, status=refusal.status, recent=_recent(found))
        return _filling(request, found, answer, refusal.status)
    answer = answers.accepted(
        _("In"),
        _("%(grams)s g%(note)s") % {"grams": member.grams, "note": "" if member.weighed else _(", typical weight")},
        unit=face(unit),
        actions=[
            {
                "label": _("Take out again"),
                "url": reverse("recycling_leave", args=[found.pk]),
                "icon": "arrow-back-up",
                "sends": {"tag": unit.tag, "reason": _("scanned by mistake")},
            }
        ],
    )
    if getattr(request, "htmx", False):
        return answers.fragment(request, answer, recent=_recent(found), done=found.members.filter(left_at=None).count())
    return _filling(request, found, answer)


@allow("recycling.batch")
@require_POST
def leave(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a unit out of an open batch again."""
    actor, found = _actor(request), _batch(request, pk)
    try:
        unit = _scanned(request.POST.get("tag", ""), actor)
        batches.leave(batch=found, unit=unit, reason=request.POST.get("reason", ""), by=actor, at=clock.now())
    except DomainError as refusal:
        answer, status = answers.refused(refusal), refusal.status
    else:
        answer, status = answers.accepted(_("Out"), unit.tag) | {"tone": "attention"}, 200
    if getattr(request, "htmx", False):
        return answers.fragment(
            request, answer, status=status, recent=_recent(found), done=found.members.filter(left_at=None).count()
        )
    return _filling(request, found, answer, status)


def _scanned(text: str, actor: Actor) -> Device:
    match = devices.scanned(text, actor)
    if match.device is None:
        raise NotFound(
            _("%(code)s is on two units; scan the tag") % {"code": text[:40]}
            if match.is_ambiguous
            else _("no unit here is called %(code)s") % {"code": text[:40] or "—"}
        )
    return match.device


def _recent(found: Batch) -> list[dict[str, Any]]:
    return [
        {
            "tone": "accepted",
            "text": f"{each.device.tag} {each.grams} g",
            "url": reverse("unit", args=[each.device.tag]),
        }
        for each in found.members.filter(left_at=None).select_related("device").order_by("-joined_at", "-id")[:6]
    ]


def _filling(
    request: HttpRequest, found: Batch, answer: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    inside = found.members.filter(left_at=None)
    context = {
        "answer": answer,
        "batch": found,
        "stream": word(found.stream),
        "scan_url": reverse("recycling_fill", args=[found.pk]),
        "scan_hint": _("scan a unit into the batch"),
        "recent": _recent(found),
        "done": inside.count(),
        "is_open": found.state == BatchState.OPEN,
        "state_word": word(f"batch.{found.state}"),
    }
    return render(request, "recycling/fill.html", context, status=status)


# Balances ---------------------------------------------------------------------------------------------------------------------------


@allow("recycling.view")
@require_GET
def balance(request: HttpRequest) -> HttpResponse:
    """Mass per stream and site over a month: opening + in = out + loss + closing."""
    actor = _actor(request)
    now = clock.now()
    chosen = answers.day(request.GET.get("month", "") + "-01", default=now.astimezone(UTC).date()).replace(day=1)
    start, end = queries.month(chosen)
    lines = queries.balances(actor, start=start, end=end) if actor.is_operator else []
    tolerance = parameters.in_force(now).tolerance
    context = {
        "month": chosen,
        "month_value": chosen.strftime("%Y-%m"),
        "before": queries.month((start - queries.DAY).date())[0].strftime("%Y-%m"),
        "after": end.strftime("%Y-%m"),
        "tolerance": tolerance,
        "lines": [
            {
                "line": each,
                "stream": word(each.stream),
                "off": each.variance > tolerance,
                "fractions": [
                    {"stream": word(stream), "code": code, "label": word(f"treatment.{code}"), "grams": grams}
                    for stream, code, grams in each.fractions
                ],
            }
            for each in lines
        ],
    }
    return render(request, "recycling/balance.html", context)


@allow("recycling.view")
@require_GET
def panel(request: HttpRequest, tag: str) -> HttpResponse:
    """On the unit page: the batch it is in, or was recycled in."""
    match = devices.scanned(tag, _actor(request))
    if match.device is None:
        raise Http404
    member = queries.batch_of(match.device)
    context = {
        "member": member,
        "stream": word(member.batch.stream) if member else "",
        "state": word(f"batch.{member.batch.state}") if member else "",
        "documents": Document.objects.visible_to(_actor(request)).filter(chain_id=member.batch_id) if member else [],
    }
    return render(request, "recycling/panels/batch.html", context)
