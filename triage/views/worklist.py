"""The worklists of triage: the desk's list by tab, and the floor's scan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts.access import allow
from revlog.accounts.gate import actor_for
from revlog.common import clock
from revlog.common.errors import DomainError, NotFound, Reason
from revlog.common.words import word
from revlog.devices import queries as units
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.devices.services import decontaminating
from revlog.scanning.acts import at_floor
from revlog.scanning.answers import Answer, leads
from revlog.scanning.here import Here
from triage import floor as floor_answers
from triage import queries, wording
from triage.services import inspection, sampling
from triage.views.shared import face, paper_of

PAGE = 50
LISTS = {
    "begin": (queries.to_begin, gettext_lazy("Not begun")),
    "closed": (queries.to_clear, gettext_lazy("Not to be opened yet")),
    "look": (queries.to_look_at, gettext_lazy("To test and look at")),
    "second": (queries.to_look_again, gettext_lazy("Second looks")),
    "decide": (queries.to_decide, gettext_lazy("To decide")),
    "regrade": (queries.to_regrade, gettext_lazy("Back from the bench")),
}


@allow("triage.inspect")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The worklist of the desk: what waits longest stands first."""
    actor = actor_for(request)
    counts = {name: ask(actor).count() for name, (ask, _label) in LISTS.items()}
    view = request.GET.get("view", "")
    if view not in LISTS:
        view = next((name for name in ("decide", "regrade", "look", "begin") if counts[name]), "begin")
    rows = LISTS[view][0](actor)
    start = _whole(request.GET.get("from", ""))
    shown = list(rows[start : start + PAGE])
    now = clock.now()
    context = {
        "tabs": [
            {"label": label, "url": f"?view={name}", "active": name == view, "count": counts[name]}
            for name, (_ask, label) in LISTS.items()
        ],
        "view": view,
        "rows": [_line(device, now, blind=view == "second") for device in shown],
        "page": {
            "shown": min(start + PAGE, counts[view]),
            "total": counts[view],
            "exact": True,
            "previous_url": f"?view={view}&from={max(0, start - PAGE)}" if start else "",
            "next_url": f"?view={view}&from={start + PAGE}" if start + PAGE < counts[view] else "",
        },
        "may_send": actor.may("triage.report"),
        "may_plan": actor.may("triage.override"),
        "sees_agreement": actor.is_operator,
        "may_regrade": actor.is_operator and actor.may("terms.publish"),
        "sees_outcomes": actor.is_operator and actor.may("reporting.view"),
        "stuck": queries.reports(actor, status="unmatched").filter(set_aside_at=None).count(),
    }
    return render(request, "triage/index.html", context)


def _whole(text: str) -> int:
    return min(int(text), 1_000_000) if text.isdecimal() and len(text) < 8 else 0


def _line(device: Device, now: datetime, *, blind: bool = False) -> dict[str, Any]:
    told = face(device)
    if blind:
        told |= {"grade": "", "url": reverse("triage_look", args=[device.tag])}
    return {
        "unit": told,
        "seconds": (now - device.state_since).total_seconds(),
        "since": device.state_since,
        "data": word(f"data.{device.data}"),
        "tag": device.tag,
    }


@allow("triage.inspect")
@require_GET
def floor(request: HttpRequest) -> HttpResponse:
    """The same for a scanner: scan a unit, take it in hand."""
    actor = actor_for(request)
    return render(
        request,
        "triage/floor.html",
        {
            "scan_url": reverse("triage_scan"),
            "scan_hint": _("scan a tag or serial"),
            "leave_url": reverse("triage"),
            "done": queries.to_begin(actor).count() + queries.to_look_at(actor).count(),
        },
    )


@allow("triage.inspect")
@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """A scanned unit: its triage begins, or what stands against that is said."""
    actor = actor_for(request)
    code = wording.line(request.POST.get("code", ""), 200)
    match = units.scanned(code, actor)
    if match.device is None:
        return _not_found(request, code, [one.tag for one in match.candidates])
    device = match.device
    if (shut := decontaminating.reasons_against_opening(device)) and not device.has_ended:
        return _closed(request, device, shut)
    if device.state == State.RECEIVED:
        try:
            inspection.begin(device=device, by=actor, at=clock.now())
        except DomainError as refusal:
            return _refused(request, device, refusal)
        device.refresh_from_db()
        return _answer(request, device, _("Begun"), _("Test it, look at it, then decide."))
    if device.state == State.IN_TRIAGE:
        words = _("Back from the bench: grade it.") if device.disposition else _("In triage already.")
        return _answer(request, device, _("In hand"), words)
    state = word(f"state.{device.state}")
    answer = {
        "tone": "attention",
        "title": _("Not for triage"),
        "text": _("It is %(state)s.") % {"state": state},
        "todo": _("Bring it to where that is done."),
        "unit": face(device),
    }
    return render(request, "components/answer.html", {"answer": answer}, status=409)


@allow("triage.inspect")
@require_POST
@at_floor
def floor_begin(request: HttpRequest, here: Here) -> Answer:
    """The button under a scanned unit on the floor."""
    device = queries.unit(request.POST.get("unit", "")[:40], here.by)
    if device is None:
        raise NotFound(Reason("not_found", _("There is no such thing; scan it again.")))
    return floor_answers.begin(here, device)


def _answer(request: HttpRequest, device: Device, title: str, text: str) -> HttpResponse:
    actor = actor_for(request)
    blind = sampling.is_blind(device, by=actor, at=clock.now())
    shown = face(device) | ({"grade": ""} if blind else {})
    answer = {"tone": "accepted", "title": title, "text": text, "unit": shown}
    context = {"answer": answer, "open_url": reverse("triage_unit", args=[device.tag]), "actor": actor}
    return render(request, "triage/_scanned.html", context)


def _closed(request: HttpRequest, device: Device, shut: Sequence[Reason]) -> HttpResponse:
    answer = {
        "tone": "refused",
        "title": _("Don't open it"),
        "text": shut[0].sentence,
        "todo": _("Write down what its paper says, or put it away closed."),
        "unit": face(device),
        "actions": [
            leads(_("Write down its decontamination"), paper_of(device), primary=True, icon="file-certificate")
        ],
    }
    return render(request, "components/answer.html", {"answer": answer}, status=409)


def _refused(request: HttpRequest, device: Device, refusal: DomainError) -> HttpResponse:
    answer = {
        "tone": "refused",
        "title": _("Not begun"),
        "text": refusal.sentence,
        "todo": _("Put it on the hold shelf."),
        "call": _("your lead"),
        "unit": face(device),
    }
    return render(request, "components/answer.html", {"answer": answer}, status=refusal.status)


def _not_found(request: HttpRequest, code: str, tags: list[str]) -> HttpResponse:
    if tags:
        answer = {
            "tone": "attention",
            "title": _("Several units"),
            "text": _("%(code)s is known of %(tags)s.") % {"code": code, "tags": ", ".join(tags)},
            "todo": _("Scan the tag instead."),
        }
        return render(request, "components/answer.html", {"answer": answer}, status=409)
    answer = {
        "tone": "refused",
        "title": _("Not known"),
        "text": _("No unit here is called %(code)s.") % {"code": code or "—"},
        "todo": _("Bring it to the dock to be received."),
    }
    return render(request, "components/answer.html", {"answer": answer}, status=404)
