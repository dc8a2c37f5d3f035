"""Teams and shifts of a site, in the settings."""

from __future__ import annotations

import uuid
from datetime import time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from reporting.models import Shift, Team, TeamMember
from reporting.services import teams
from reporting.views.board import hub_of
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason


@allow("reporting.shifts")
@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    """Who is in which team, and when the shifts are."""
    hub = hub_of(gate.insider_for(request))
    of = dict(TeamMember.objects.filter(hub=hub).values_list("user_id", "team_id"))
    context = {
        "site": hub,
        "teams": Team.objects.filter(hub=hub, active=True),
        "shifts": Shift.objects.filter(hub=hub, active=True),
        "people": [{"person": one, "team": of.get(one.pk)} for one in teams.people_of(hub)],
    }
    return render(request, "reporting/board/shifts.html", context)


@allow("reporting.shifts")
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """One change of teams or shifts, said by ``act``."""
    hub = hub_of(gate.insider_for(request))
    try:
        messages.success(request, _changed(request, hub))
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    return HttpResponseRedirect(reverse("shifts"))


def _changed(request: HttpRequest, hub: Hub) -> str:
    actor, at, told = gate.actor_for(request), clock.now(), request.POST
    name = told.get("name", "").replace("\0", "")
    match told.get("act", ""):
        case "team":
            return _("Team %s is set up.") % teams.keep_team(hub=hub, name=name, by=actor, at=at).name
        case "end_team":
            team = get_object_or_404(
                Team.objects.filter(hub=hub).select_related("hub__organization"), pk=_key(told.get("team", ""))
            )
            return _("Team %s has ended.") % teams.end_team(team, by=actor, at=at).name
        case "shift":
            begins, ends = _time(told.get("begins", ""), "begins"), _time(told.get("ends", ""), "ends")
            made = teams.keep_shift(hub=hub, name=name, begins=begins, ends=ends, by=actor, at=at)
            return _("Shift %s is set up.") % made.name
        case "end_shift":
            shift = get_object_or_404(
                Shift.objects.filter(hub=hub).select_related("hub__organization"), pk=_key(told.get("shift", ""))
            )
            return _("Shift %s has ended.") % teams.end_shift(shift, by=actor, at=at).name
        case "people":
            of = {str(team.pk): team for team in Team.objects.filter(hub=hub, active=True)}
            wanted = {
                _key(field.removeprefix("team-")): of.get(str(value))
                for field, value in told.items()
                if field.startswith("team-")
            }
            count = teams.place(hub=hub, teams=wanted, by=actor, at=at)
            return ngettext("%s person changed teams.", "%s people changed teams.", count) % count
    raise BadInput(Reason("act", _("There is nothing to do.")))


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise BadInput(Reason("strange", _("There is nothing called that."))) from error


def _time(text: str, field: str) -> time:
    try:
        found = parse_time(text)
    except ValueError:
        found = None
    if found is None:
        raise BadInput(Reason("time", _("A time is written 06:00."), field))
    return found
