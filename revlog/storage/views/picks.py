"""Pick lists in the office: what is open, a new wave with its preview, one list."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.devices.faces import face
from revlog.evidence.pdf import qr
from revlog.storage.models.picks import PickList, PickListState, PickTarget
from revlog.storage.queries import picks as queries
from revlog.storage.services import picks
from revlog.storage.waves import WaveForm, people

PAGE = 50


@allow("devices.locate", "devices.picks")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The pick lists of one's hubs, open ones first."""
    actor = gate.insider_for(request)
    rows = queries.listed(actor)[:PAGE]
    return render(request, "storage/picks.html", {"lists": rows, "may_plan": actor.may("devices.picks")})


@allow("devices.picks")
@require_GET
def wave(request: HttpRequest) -> HttpResponse:
    """A filter, and what a list made by it would fetch; nothing is made yet."""
    actor = gate.insider_for(request)
    asked = "hub" in request.GET
    form = WaveForm(request.GET if asked else None, actor=actor)
    context: dict[str, Any] = {"form": form}
    if asked and form.is_valid():
        hub: Hub = form.cleaned_data["hub"]
        told = form.told()
        found = picks.preview(list(queries.matching(hub, told)[: told.most]), told.target, hub)
        context |= {"preview": _preview(form, found), "units": [face(one) for one in found.takes]}
    return render(request, "storage/wave.html", context, status=422 if asked and form.errors else 200)


def _preview(form: WaveForm, found: picks.Wave) -> dict[str, Any]:
    count = len(found.takes)
    why = Counter(reason.sentence for _device, reason in found.stays)
    person = form.cleaned_data["assignee"]
    return {
        "title": _("What the list would hold"),
        "will": count,
        "will_words": word(f"pick_target.{form.cleaned_data['target']}"),
        "wont": len(found.stays),
        "reasons": [{"count": number, "text": text} for text, number in why.most_common()],
        "confirm": ngettext("Release a list of %s unit", "Release a list of %s units", count) % count,
        "confirm_url": reverse("pick_release"),
        "sends": {
            "hub": str(form.cleaned_data["hub"].pk),
            "target": form.cleaned_data["target"],
            "assignee": str(person.pk) if person is not None else "",
            "units": ",".join(str(one.pk) for one in found.takes),
        },
        "back_url": reverse("picks"),
    }


@allow("devices.picks")
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Make the list that was previewed, of exactly those units."""
    actor = gate.insider_for(request)
    hub = Hub.objects.worked_by(actor).filter(pk__in=_keys(request.POST.get("hub", ""))).first()
    target = request.POST.get("target", "")
    if hub is None or target not in PickTarget.values:
        raise Http404
    person = people(actor).filter(pk__in=_keys(request.POST.get("assignee", ""))).first()
    try:
        row = picks.release(
            hub=hub, target=PickTarget(target), units=_keys(request.POST.get("units", "")), assignee=person, by=actor,
            at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
        return HttpResponseRedirect(reverse("pick_wave"))
    messages.success(request, _("%s is released.") % row.number)
    return HttpResponseRedirect(reverse("pick_list", args=[row.number]))


@allow("devices.locate", "devices.picks")
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One list in the order of the walk, with the code that opens it on the floor."""
    actor = gate.insider_for(request)
    row = _row(request, number)
    context = {
        "row": row,
        "code": qr.qr_svg(row.number),
        "lines": [
            {"unit": face(one.device), "place": one.place.code, "state": word(f"pick.{one.state}"),
             "why": word(f"short.{one.why_short}") if one.why_short else "", "at": one.done_at}
            for one in queries.lines(row)
        ],
        "is_open": row.state == PickListState.OPEN,
        "may_plan": actor.may("devices.picks"),
        "people": people(actor) if actor.may("devices.picks") else [],
    }  # fmt: skip
    return render(request, "storage/pick.html", context)


@allow("devices.picks")
@require_POST
def change(request: HttpRequest, number: str) -> HttpResponse:
    """Hand the list to somebody, or cancel it."""
    actor = gate.insider_for(request)
    row = _row(request, number)
    try:
        if request.POST.get("act") == "cancel":
            picks.cancel(row, reason=request.POST.get("reason", ""), by=actor, at=clock.now())
            messages.success(request, _("%s is cancelled.") % row.number)
        else:
            person = people(actor).filter(pk__in=_keys(request.POST.get("assignee", ""))).first()
            picks.assign(row, person, by=actor, at=clock.now())
            messages.success(request, _("%s is handed over.") % row.number)
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    return HttpResponseRedirect(reverse("pick_list", args=[row.number]))


def _row(request: HttpRequest, number: str) -> PickList:
    found = queries.by_number(number, gate.insider_for(request))
    if found is None:
        raise Http404
    return found


def _keys(text: str) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(one) for one in text.split(",") if one]
    except ValueError:
        return []
