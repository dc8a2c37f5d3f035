"""Handing a shift over: what is open now, notes and points, signed by who leaves; taken over by who comes; kept as it read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from reporting import shifts, watching
from reporting.models import HandOver, HandOverState
from reporting.services import handing_over
from reporting.shifts import Turn
from reporting.views.board import hub_of, linked
from revlog.accounts import access, gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import DomainError

BEFORE = 14


def _turns(hub: Hub, *, at: datetime) -> list[dict[str, Any]]:
    return [
        {"value": f"{turn.shift.pk},{turn.day.isoformat()}", "turn": turn} for turn in shifts.to_hand_over(hub, at=at)
    ]


def _chosen(value: str, hub: Hub, *, at: datetime) -> Turn | None:
    return next((one["turn"] for one in _turns(hub, at=at) if one["value"] == value), None)


@allow("devices.locate", "reporting.view", write="reporting.shifts")
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """What is open now and the form that hands it over, with those before; a POST signs."""
    actor, at = gate.insider_for(request), clock.now()
    hub = hub_of(actor)
    typed, reasons, status = {"notes": "", "points": "", "turn": ""}, [], 200
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").replace("\0", "") for name in typed}
        turn = _chosen(typed["turn"], hub, at=at)
        if turn is None:
            reasons, status = [_("Choose the shift that you hand over.")], 422
        else:
            try:
                made = handing_over.hand_over(
                    hub=hub, shift=turn.shift, day=turn.day, notes=typed["notes"],
                    points=typed["points"].splitlines(), by=actor, at=at,
                )  # fmt: skip
            except DomainError as refusal:
                reasons, status = [reason.sentence for reason in refusal.reasons], refusal.status
            else:
                messages.success(request, _("The shift is handed over. The next lead takes it over here."))
                return HttpResponseRedirect(reverse("hand_over_detail", args=[made.number]))
    turns = _turns(hub, at=at)
    context = {
        "site": hub,
        "turns": turns,
        "typed": typed,
        "reasons": reasons,
        "open": _now(watching.opened(hub, at=at), actor),
        "before": shifts.hand_overs(actor).filter(hub=hub)[:BEFORE],
        "last": shifts.latest(hub),
        "may": actor.may("reporting.shifts"),
        "has_shifts": bool(shifts.turns(hub, at=at)),
    }
    return render(request, "reporting/board/hand_over.html", context, status=status)


def _now(opened: list[watching.Open], actor: Actor) -> list[dict[str, Any]]:
    return [
        {
            "label": one.watch.label,
            "icon": one.watch.icon,
            "count": one.count,
            "alarms": one.alarms,
            "rows": [linked(thing, actor) for thing in one.things],
            "more": one.count - len(one.things),
        }
        for one in opened
    ]


def _kept(row: HandOver, actor: Actor) -> list[dict[str, Any]]:
    """What was open then, in the words of who reads it now."""
    found = []
    for one in row.open:
        watch = watching.watch(one["code"])
        found.append(
            {
                "label": watch.label if watch is not None else one["label"],
                "icon": watch.icon if watch is not None else "clipboard-list",
                "count": one["count"],
                "alarms": one["alarms"],
                "rows": [
                    {
                        **thing,
                        "since": parse_datetime(thing["since"]),
                        "url": thing["url"] if access.opens(thing["url"], actor) else "",
                    }
                    for thing in one["rows"]
                ],
                "more": one["count"] - len(one["rows"]),
            }
        )
    return found


def _row(request: HttpRequest, number: str) -> HandOver:
    found = shifts.by_number(number, gate.insider_for(request))
    if found is None:
        raise Http404
    return found


@allow("devices.locate", "reporting.view")
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One hand-over, as it read when it was signed."""
    actor, row = gate.insider_for(request), _row(request, number)
    against = handing_over.reasons_against_taking_over(row, by=actor)
    context = {
        "row": row,
        "open": _kept(row, actor),
        "points": list(row.points.select_related("done_by")),
        "may_take": row.state == HandOverState.GIVEN and actor.may("reporting.shifts") and not against,
        "against": [reason.sentence for reason in against] if row.state == HandOverState.GIVEN else [],
        "may_tick": actor.may("devices.locate") and row.state == HandOverState.TAKEN,
    }
    return render(request, "reporting/board/hand_over_detail.html", context)


@allow("reporting.shifts")
@require_POST
def take(request: HttpRequest, number: str) -> HttpResponse:
    """Sign for the shift that was handed over."""
    row = _row(request, number)
    try:
        remark = request.POST.get("remark", "").replace("\0", "")
        handing_over.take_over(row, remark=remark, by=gate.actor_for(request), at=clock.now())
        messages.success(request, _("The shift is yours. What is open stands on the board."))
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    return HttpResponseRedirect(reverse("hand_over_detail", args=[row.number]))


@allow("devices.locate")
@require_POST
def tick(request: HttpRequest, number: str) -> HttpResponse:
    """Tick a point off, or take the tick back."""
    row, place = _row(request, number), request.POST.get("point", "")
    try:
        position = int(place) if place.isascii() and place.isdigit() and len(place) < 4 else 0
        done = request.POST.get("done") == "1"
        handing_over.tick(row, position, done=done, by=gate.actor_for(request), at=clock.now())
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    return HttpResponseRedirect(reverse("hand_over_detail", args=[row.number]))
