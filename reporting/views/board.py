"""The live board of a site, the lists behind its figures, and the wall screen. Each asks again by itself; what is unchanged isn't sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from reporting import board as reads
from reporting import queries, shifts, watching
from reporting.board import NO_TEAM, WORK, Asked, Bar, Day, Done, Queue
from reporting.charts import clock_name
from reporting.folding import OURS, RECEIVED
from reporting.targets import DWELL
from revlog.accounts import access, gate
from revlog.accounts.access import STATION, allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import BadInput
from revlog.common.words import word
from revlog.devices.faces import face
from revlog.devices.models import Device

BEHIND_SECONDS = 60
"""Entries that wait longer than this to be counted are told on the board."""
ROTATES_SECONDS = 30


def hub_of(actor: Actor) -> Hub:
    """The site at which this person works; the first of theirs, where they chose none."""
    rows = Hub.objects.worked_by(actor).filter(active=True).select_related("organization")
    found = rows.filter(pk=actor.hub_id).first() if actor.hub_id else rows.order_by("code").first()
    if found is None:
        raise Http404
    return found


# What is shown ----------------------------------------------------------------------------------------------------------------------


def _address(route: str, **said: object) -> str:
    told = urlencode({name: str(value) for name, value in said.items() if value not in {None, ""}})
    return f"{reverse(route)}?{told}" if told else reverse(route)


def _bars(bar: Bar) -> list[dict[str, Any]]:
    """The parts of a queue as shares of 100, for the strip beside it: late, late by tonight, in time."""
    found, at = [], 0.0
    for name, count in (("late", bar.late), ("today", bar.today), ("fine", bar.units - bar.late - bar.today)):
        share = 100 * count / bar.units if bar.units else 0
        if share:
            found.append({"name": name, "x": f"{at:.2f}", "width": f"{share:.2f}"})
        at += share
    return found


def _queue(queue: Queue) -> dict[str, Any]:
    state, ours = queue.state.value, queue.ours
    return {
        "state": state,
        "units": queue.all.units,
        "others": queue.all.units - ours.units,
        "url": _address("board_queue", state=state),
        "oldest": queue.all.oldest,
        "late": ours.late,
        "late_url": _address("board_queue", state=state, clock=OURS, late="late"),
        "today": ours.today,
        "today_url": _address("board_queue", state=state, clock=OURS, late="today"),
        "strip": _bars(ours),
        "clocks": [
            {
                "code": whose,
                "word": clock_name(whose),
                "units": bar.units,
                "late": bar.late if whose != OURS else 0,
                "url": _address("board_queue", state=state, clock=whose),
            }
            for whose in reads.CLOCKS
            if (bar := queue.clocks.get(whose)) is not None and bar.units
        ],
    }


def _receipts(day: Day) -> list[dict[str, Any]]:
    most = max((max(one.planned, one.parcels, one.units) for one in day.hours), default=0) or 1
    return [
        {
            "begins": one.begins,
            "planned": one.planned,
            "parcels": one.parcels,
            "units": one.units,
            "planned_width": f"{100 * one.planned / most:.1f}",
            "parcels_width": f"{100 * one.parcels / most:.1f}",
            "units_width": f"{100 * one.units / most:.1f}",
            "url": _address("board_work", act=RECEIVED, hour=one.begins.hour),
        }
        for one in day.hours
    ]


def _teams(day: Day) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name or _("in no team"),
            "done": [
                {
                    "word": word(f"act.{act}"),
                    "n": row.done.get(act, 0),
                    "url": _address("board_work", act=act, team=row.team),
                }
                for act in WORK
            ],
        }
        for row in day.rows
        if row.name or row.done
    ]


def linked(thing: watching.Thing, actor: Actor) -> watching.Thing:
    """With its address only where that opens to who reads."""
    return thing if access.opens(thing.url, actor) else replace(thing, url="")


def context_of(hub: Hub, *, at: datetime) -> dict[str, Any]:
    """All that the board and the wall show of a site."""
    late_by = reads.alarm_after(at)
    found = reads.queues(hub, at=at, alarm=late_by)
    day = reads.day(hub, at=at)
    total, ours = reads.total(found), reads.ours(found)
    said = shifts.latest(hub)
    lag = queries.lag()
    alarms: list[dict[str, Any]] = [
        {
            "code": "units",
            "label": _("Units long past their target"),
            "icon": "hourglass",
            "hours": late_by.total_seconds() / 3600,
            "count": ours.alarm,
            "url": _address("board_queue", clock=OURS, late="alarm"),
        },
        *(
            {
                "code": one.watch.code,
                "label": one.watch.label,
                "icon": one.watch.icon,
                "hours": one.hours,
                "count": one.count,
                "url": reverse("board_alarms", args=[one.watch.code]),
            }
            for one in watching.alarms(hub, at=at)
        ),
    ]
    return {
        "site": hub,
        "queues": [_queue(one) for one in found],
        "units": total.units,
        "units_url": reverse("board_queue"),
        "late": ours.late,
        "late_url": _address("board_queue", clock=OURS, late="late"),
        "today": ours.today,
        "today_url": _address("board_queue", clock=OURS, late="today"),
        "waited_for": total.units - ours.units,
        "alarms": alarms,
        "alarm_count": sum(int(one["count"]) for one in alarms),
        "hours": _receipts(day),
        "day": day,
        "received": day.done.get(RECEIVED, 0),
        "received_url": _address("board_work", act=RECEIVED),
        "dock_url": reverse("dock_plan"),
        "acts": [
            {"code": act, "word": word(f"act.{act}"), "n": day.done.get(act, 0), "url": _address("board_work", act=act)}
            for act in WORK
        ],
        "teams": _teams(day),
        "said": said,
        "said_open": said.points.filter(done_at=None).count() if said is not None else 0,
        "read_at": lag.read_at,
        "behind": lag.since is not None and (at - lag.since).total_seconds() > BEHIND_SECONDS,
    }


def _live(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """The part that asks again: 304 while it reads the same, which leaves the page as it stands."""
    text = render_to_string(template, dict(context), request)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    same = request.headers.get("If-None-Match") == tag
    response = HttpResponse(status=304) if same else HttpResponse(text.replace("ETAG", tag.strip('"'), 1))
    if same:
        response.headers["HX-Reswap"] = "none"
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


# Pages ------------------------------------------------------------------------------------------------------------------------------


@allow("devices.locate", "reporting.view", passive=True)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The board of the site where one works; htmx asks for its live part alone."""
    actor = gate.insider_for(request)
    hub = hub_of(actor)
    context = context_of(hub, at=clock.now()) | {"may_hand_over": actor.may("reporting.shifts")}
    if not access.opens(context["dock_url"], actor):
        context["dock_url"] = ""
    if request.headers.get("HX-Request"):
        return _live(request, "reporting/board/_board.html", context)
    return render(request, "reporting/board/board.html", context)


@allow("devices.locate", "reporting.view", passive=True)
@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """The board for a screen on the wall. With ``rotate`` it goes through all sites where one works."""
    actor = gate.insider_for(request)
    at = clock.now()
    hubs = [hub_of(actor)]
    if request.GET.get("rotate"):
        hubs = list(Hub.objects.worked_by(actor).filter(active=True).select_related("organization").order_by("name"))
    return _wall(request, hubs[int(at.timestamp()) // ROTATES_SECONDS % len(hubs)], at=at)


@allow(STATION, passive=True)
@require_GET
def station_wall(request: HttpRequest) -> HttpResponse:
    """The same of a registered station's own site, with nobody signed in."""
    station = request.station  # type: ignore[attr-defined]
    hub = Hub.objects.select_related("organization").get(pk=station.hub_id)
    return _wall(request, hub, at=clock.now())


def _wall(request: HttpRequest, hub: Hub, *, at: datetime) -> HttpResponse:
    """By the clock of the site that it shows, whoever looks."""
    with timezone.override(hub.calendar.tz):
        context = context_of(hub, at=at) | {"at": at, "theme": _theme(request), "here": request.get_full_path()}
        if request.headers.get("HX-Request"):
            return _live(request, "reporting/board/_wall.html", context)
        return render(request, "reporting/board/wall.html", context)


def _theme(request: HttpRequest) -> str:
    asked = request.GET.get("theme", "")
    return asked if asked in {"dark", "light"} else ""


# The lists behind the figures -------------------------------------------------------------------------------------------------------


def _unit_rows(keys: list[Any]) -> dict[Any, Device]:
    rows = Device.objects.filter(pk__in=keys).select_related("product", "hub", "location", "owner")
    return {device.pk: device for device in rows}


LATE = {
    "": gettext_lazy("in the queues"),
    "late": gettext_lazy("past their target"),
    "today": gettext_lazy("past their target by the end of today"),
    "alarm": gettext_lazy("long past their target"),
}


@allow("devices.locate", "reporting.view")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The units behind a figure of the queues, longest there first."""
    hub, at = hub_of(gate.insider_for(request)), clock.now()
    try:
        asked = Asked.read(request.GET.dict())
    except BadInput as unknown:
        raise Http404 from unknown
    late_by = reads.alarm_after(at)
    found = reads.queues(hub, at=at, alarm=late_by)
    rows = reads.waiting(hub, asked, at=at, alarm=late_by)
    page = list(reads.after(rows, request.GET.get("after", ""))[: reads.PAGE + 1])
    more, page = len(page) > reads.PAGE, page[: reads.PAGE]
    units = _unit_rows([row.device_id for row in page])
    said = {"state": asked.state, "clock": asked.clock, "late": asked.late}
    total = asked.count(found)
    context = {
        "site": hub,
        "title": word(f"state.{asked.state}").capitalize() if asked.state else _("All queues"),
        "about": LATE[asked.late],
        "total": total,
        "clock": clock_name(asked.clock) if asked.clock else "",
        "rows": [
            {
                "unit": face(units[row.device_id]),
                "state": row.state,
                "since": row.since,
                "due": row.due_at,
                "late": row.due_at is not None and row.due_at <= at,
                "clock": clock_name(row.clock),
            }
            for row in page
            if row.device_id in units
        ],
        "next_url": _address("board_queue", **said, after=reads.mark(page[-1])) if more else "",
        "tabs": [
            {
                "label": label.capitalize(),
                "url": _address("board_queue", **(said | {"late": code})),
                "count": Asked(asked.state, asked.clock, code).count(found),
                "active": code == asked.late,
            }
            for code, label in ((code, str(label)) for code, label in LATE.items())
        ],
    }
    return render(request, "reporting/board/queue.html", context)


@allow("devices.locate", "reporting.view")
@require_GET
def work(request: HttpRequest) -> HttpResponse:
    """The units behind a figure of today's work, newest first. Who did it stands on each unit's own page."""
    hub, at = hub_of(gate.insider_for(request)), clock.now()
    try:
        asked = Done.read(request.GET.dict())
    except BadInput as unknown:
        raise Http404 from unknown
    rows = reads.work(hub, asked, at=at)
    total = rows.count()
    told = request.GET.get("page", "1")
    number = max(int(told), 1) if told.isascii() and told.isdigit() and len(told) < 6 else 1
    start = (number - 1) * reads.PAGE
    page = list(rows[start : start + reads.PAGE])
    units = _unit_rows([row.device_id for row in page])
    said = {"act": asked.act, "team": asked.team, "hour": asked.hour}
    team = next((one.name for one in reads.teams_of(hub) if str(one.pk) == asked.team), "")
    context = {
        "site": hub,
        "title": _("%(act)s today") % {"act": word(f"act.{asked.act}").capitalize() if asked.act else _("All work")},
        "team": team or (_("in no team") if asked.team == NO_TEAM else ""),
        "hour": asked.hour,
        "total": total,
        "rows": [
            {"unit": face(units[row.device_id]), "act": word(f"act.{row.act}"), "at": row.at}
            for row in page
            if row.device_id in units
        ],
        "page": {
            "shown": len(page),
            "total": total,
            "exact": True,
            "previous_url": _address("board_work", **said, page=number - 1) if number > 1 else "",
            "next_url": _address("board_work", **said, page=number + 1) if start + reads.PAGE < total else "",
        },
    }
    return render(request, "reporting/board/work.html", context)


@allow("devices.locate", "reporting.view")
@require_GET
def alarms(request: HttpRequest, code: str) -> HttpResponse:
    """The things behind a dwell alarm, the oldest first."""
    actor, at = gate.insider_for(request), clock.now()
    hub = hub_of(actor)
    watch = watching.watch(code)
    if watch is None:
        raise Http404
    hours = float(DWELL.in_force(at)[f"{code}_hours"])
    rows = watch.listed(watch.alarms(hub, at=at, hours=hours))
    total = rows.count()
    context = {
        "site": hub,
        "title": watch.label,
        "about": watch.about,
        "icon": watch.icon,
        "hours": ngettext("longer than %s hour", "longer than %s hours", int(hours)) % f"{hours:g}",
        "total": total,
        "rows": [linked(watch.thing(row), actor) for row in rows[:MOST_ALARMS]],
        "more": max(0, total - MOST_ALARMS),
    }
    return render(request, "reporting/board/alarms.html", context)


MOST_ALARMS = 200
