"""The look: one page where a unit is tried, its defects tapped on a picture, and photographed. Each tap is a plain form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.queries import moment, who
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.devices.models import Device
from revlog.evidence.services import artifacts
from triage import asking, knowing, outlines, queries
from triage.asking import Asked
from triage.defects import DEFECTS, Defect, measure, of_class, zones_of
from triage.knowing import Known
from triage.models import Look
from triage.plans import Needed
from triage.services import complaints, inspection, looking, sampling
from triage.views.complaints import told_of
from triage.views.shared import face, paper_of, problem, unit_of

WHOLE = "whole"
"""The place of what concerns the whole thing, in addresses."""


@allow("triage.inspect")
@require_GET
def page(request: HttpRequest, tag: str) -> HttpResponse:
    device, actor = unit_of(request, tag)
    return _page(request, device, actor)


def _page(
    request: HttpRequest, device: Device, actor: Actor, *, told: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    look = queries.look_of(device, at=clock.now())
    at = look.begun_at if look is not None else clock.now()
    drawn = sampling.waiting_of(device)
    blind = sampling.is_blind(device, by=actor, at=clock.now())
    known = knowing.of(device, at=at, blind=blind)
    rows = asking.standing(known, look.answers if look is not None else {})
    against = [str(reason) for reason in inspection.reasons_against_looking(device, by=actor)]
    place = request.GET.get("at", "") or request.POST.get("at", "")
    complaint = complaints.of_stay(device)
    ask = _asked_now(rows, request.GET.get("ask", ""), complaints.pointed(complaint))
    context: dict[str, Any] = {
        "device": device,
        "tag": device.tag,
        "unit": face(device) | ({"grade": ""} if blind else {}),
        "second": {"until": moment(drawn.until, device.hub)} if drawn is not None and blind else None,
        "look": look,
        "may_look": not against,
        "against": against,
        "problem": told,
        "known": _known(known, rows, ask=ask),
        "tests": [_test(row, ask=ask) for row in rows],
        "left": _minutes(row.test.seconds for row in rows if row.state == asking.OPEN),
        "open_count": sum(row.state == asking.OPEN for row in rows),
        "shut_count": sum(row.state == asking.SHUT for row in rows),
        "last": None if blind else queries.last_inspection(device),
        "complaint": told_of(device, complaint, known.plan.tests, blind=blind, at=clock.now()),
        "unit_url": reverse("triage_unit", args=[device.tag]),
        "paper_url": paper_of(device),
    }
    if look is not None:
        context |= _drawn(device, look, place) | _photos(device, look)
        context |= {
            "begun_by": who(look.begun_by),
            "shown_to": inspection.audience_of_photos(device),
            "is_tried": any(one["verdict"] != asking.SKIPPED for one in look.answers.values()),
        }
    return render(request, "triage/look.html", context, status=status)


# What is known and what is asked ------------------------------------------------------------------------------------------------------


def _asked_now(rows: Sequence[Asked], wanted: str, pointed: Sequence[str]) -> str:
    """The test that is asked now: the one that was chosen, where it can be, else what the complaint points to, else the first open one."""
    states = {row.test.code: row.state for row in rows}
    if states.get(wanted) in {asking.OPEN, asking.KNOWN}:
        return wanted
    return asking.first(rows, pointed)


def _known(known: Known, rows: Sequence[Asked], *, ask: str) -> list[dict[str, Any]]:
    """What isn't asked: what the unit's papers and reports say, then each test that is answered by them."""
    told: list[dict[str, Any]] = [{"what": row.what, "value": row.value, "source": row.source} for row in known.rows]
    for row in rows:
        if row.state == asking.KNOWN and row.said is not None and row.test.code != ask:
            value = _("Passed") if row.verdict == asking.PASS else _("Failed")
            detail = row.said.detail
            told.append(
                {
                    "what": row.test.title,
                    "value": f"{value} ({detail})" if detail else value,
                    "source": row.said.source,
                    "ask": row.test.code,
                    "look": "done" if row.verdict == asking.PASS else "held",
                }
            )
    return told


def _test(row: Asked, *, ask: str) -> dict[str, Any]:
    test = row.test
    state = asking.OPEN if row.state == asking.KNOWN and test.code == ask else row.state
    return {
        "code": test.code,
        "title": test.title,
        "how": test.how,
        "minutes": _minutes([test.seconds]),
        "state": state,
        "now": state == asking.OPEN and test.code == ask,
        "verdict": row.verdict if state == asking.ANSWERED else "",
        "word": {asking.PASS: _("Passed"), asking.FAIL: _("Failed")}.get(row.verdict, _("Not tried")),
        "tone": {asking.PASS: "done", asking.FAIL: "held"}.get(row.verdict, "coming"),
        "why": row.why,
        "differs": row.differs,
        "follow_up": [
            {"code": code, "label": word(code), "on": code in row.faults}
            for code in test.faults
            if row.verdict == asking.FAIL and state == asking.ANSWERED and len(test.faults) > 1
        ],
        "wants_fault": row.wants_fault,
    }


def _minutes(seconds: Iterable[int]) -> str:
    total = sum(seconds)
    if total < 60:
        return ngettext("%s second", "%s seconds", total) % total
    minutes = round(total / 60)
    return ngettext("%s minute", "%s minutes", minutes) % minutes


# The picture ------------------------------------------------------------------------------------------------------------------------------


def _drawn(device: Device, look: Look, place: str) -> dict[str, Any]:
    """The outline with what is marked on it, all its places as a list, and what can be wrong at the one that is tapped."""
    kind = device.device_class
    views = outlines.of_class(kind)
    counts: dict[str, int] = {}
    for one in look.defects:
        counts[one["zone"]] = counts.get(one["zone"], 0) + 1
    drawn = list(dict.fromkeys(spot.zone for view in views for spot in view.places))
    zones = [*drawn, *(zone for zone in counts if zone and zone not in drawn), ""]
    chosen = place if place in zones or place == WHOLE else ""
    zone = "" if chosen in {"", WHOLE} else chosen
    return {
        "views": [
            {
                "title": view.title,
                "box": f"0 0 {view.width} {view.height}",
                "lines": view.lines,
                "places": [
                    {
                        "path": spot.path,
                        "x": spot.x,
                        "y": spot.y,
                        "name": _named(spot.zone, counts.get(spot.zone, 0)),
                        "count": counts.get(spot.zone, 0),
                        "url": _at(spot.zone),
                        "chosen": spot.zone == chosen,
                    }
                    for spot in view.places
                ],
            }
            for view in views
        ],
        "zones": [
            {
                "name": _zone(each),
                "count": counts.get(each, 0),
                "url": _at(each or WHOLE),
                "chosen": (each or WHOLE) == chosen,
            }
            for each in zones
        ],
        "place": {
            "at": chosen,
            "zone": zone,
            "name": _zone(zone),
            "defects": [_choice(defect, zone, look) for defect in _at_place(kind, zone, look)],
            "photo_count": sum((one["zone"], one["code"]) == (zone, "") for one in look.photos),
        }
        if chosen
        else None,
    }


def _at(zone: str) -> str:
    return f"?{urlencode({'at': zone})}#place"


def _zone(zone: str) -> str:
    return word(f"zone.{zone}") if zone else _("the whole thing")


def _named(zone: str, count: int) -> str:
    """A place with how much is marked there: what a screen reader says of it."""
    if not count:
        return _zone(zone)
    return ngettext("%(zone)s, %(count)s defect", "%(zone)s, %(count)s defects", count) % {
        "zone": _zone(zone),
        "count": count,
    }


def _at_place(kind: str, zone: str, look: Look) -> list[Defect]:
    """What can be wrong at a place; of the whole thing, what has no place, and what is marked without one."""
    marked = {one["code"] for one in look.defects if one["zone"] == zone}
    return [defect for defect in of_class(kind) if zone in (zones_of(defect, kind) or ("",)) or defect.code in marked]


def _choice(defect: Defect, zone: str, look: Look) -> dict[str, Any]:
    marked = {(one["code"], one["zone"]): one["severity"] for one in look.defects}
    severity = marked.get((defect.code, zone), "")
    return {
        "code": defect.code,
        "label": str(defect.label),
        "severity": severity,
        "severities": [
            {
                "code": each,
                "label": word(each) if len(defect.severities) > 1 else _("yes"),
                "measure": measure(defect.code, each),
                "on": each == severity,
            }
            for each in defect.severities
        ],
    }


def _marked(one: Mapping[str, str], look: Look, kind: str, lacking: set[tuple[str, str]]) -> dict[str, Any]:
    code, zone = one["code"], one["zone"]
    places = [] if zone else list(zones_of(DEFECTS[code], kind))
    return {
        "code": code,
        "label": word(code),
        "zone": zone,
        "place": _zone(zone) if zone else "",
        "severity": one["severity"],
        "how_bad": word(one["severity"]),
        "measure": measure(code, one["severity"]),
        "url": _at(zone or WHOLE),
        "photos": sum((shot["code"], shot["zone"]) == (code, zone) for shot in look.photos),
        "photo_wanted": (zone, code) in lacking,
        "where": [{"zone": each, "label": _zone(each)} for each in places if len(places) > 1],
    }


def _photos(device: Device, look: Look) -> dict[str, Any]:
    """The photos that rules ask for, taken and not, and those that were taken besides."""
    needed = inspection.needed_photos(device, looking.findings_of(look), at=look.begun_at)
    lacking = set(inspection.lacking_photos(needed, looking.shots_of(look)))
    wanted = {(one.zone, one.defect) for one in needed}
    more = {(one["zone"], one["code"]) for one in look.photos} - wanted
    return {
        "needed": [
            {
                "what": inspection.pictured(one),
                "zone": one.zone,
                "code": one.defect,
                "why": one.why,
                "there": one not in lacking,
            }
            for one in needed
        ],
        "more_photos": [
            {
                "what": inspection.pictured(Needed(zone, code)),
                "zone": zone,
                "code": code,
                "count": sum((one["zone"], one["code"]) == (zone, code) for one in look.photos),
            }
            for zone, code in sorted(more)
        ],
        "lacking_count": len(lacking),
        "marked": [
            _marked(one, look, device.device_class, {(each.zone, each.defect) for each in lacking})
            for one in look.defects
        ],
    }


# Taps -------------------------------------------------------------------------------------------------------------------------------------


def _back(tag: str, *, at: str = "", part: str = "") -> HttpResponseRedirect:
    query = f"?{urlencode({'at': at})}" if at else ""
    return HttpResponseRedirect(reverse("triage_look", args=[tag]) + query + (f"#{part}" if part else ""))


@allow("triage.inspect")
@require_POST
def begin(request: HttpRequest, tag: str) -> HttpResponse:
    """Begin to look, or go on."""
    device, actor = unit_of(request, tag)
    try:
        looking.begin(device=device, by=actor, at=clock.now())
    except DomainError as refusal:
        return _page(request, device, actor, told=problem(refusal, _("Not begun")), status=refusal.status)
    return _back(device.tag)


@allow("triage.inspect")
@require_POST
def answer(request: HttpRequest, tag: str) -> HttpResponse:
    """How a test ended; what a fail means is told by further taps, each of which adds or takes away one fault."""
    device, actor = unit_of(request, tag)
    test, verdict = request.POST.get("test", "")[:40], request.POST.get("verdict", "")[:10]
    try:
        if request.POST.get("again"):
            looking.take_back(device=device, test=test, by=actor, at=clock.now())
        else:
            faults = _faults(request, device, test) if verdict == asking.FAIL else []
            looking.answer(device=device, test=test, verdict=verdict, faults=faults, by=actor, at=clock.now())
    except DomainError as refusal:
        return _page(request, device, actor, told=problem(refusal, _("Not kept")), status=refusal.status)
    return _back(device.tag, at=request.POST.get("at", ""), part="tests")


def _faults(request: HttpRequest, device: Device, test: str) -> list[str]:
    """Those told before, with the one that was tapped added, or taken away."""
    look = queries.look_of(device, at=clock.now())
    told = list(look.answers.get(test, {}).get("faults", [])) if look is not None else []
    tapped = request.POST.get("fault", "")[:40]
    if not tapped:
        return told
    return [one for one in told if one != tapped] if tapped in told else [*told, tapped]


@allow("triage.inspect")
@require_POST
def mark(request: HttpRequest, tag: str) -> HttpResponse:
    """A defect at a place, as bad as was tapped; tapped off again where it says so."""
    device, actor = unit_of(request, tag)
    code, zone = request.POST.get("code", "")[:40], request.POST.get("zone", "")[:40]
    try:
        if severity := request.POST.get("severity", "")[:10]:
            looking.mark(device=device, code=code, zone=zone, severity=severity, by=actor, at=clock.now())
        else:
            looking.unmark(device=device, code=code, zone=zone, by=actor, at=clock.now())
    except DomainError as refusal:
        return _page(request, device, actor, told=problem(refusal, _("Not kept")), status=refusal.status)
    at = request.POST.get("at", "")
    return _back(device.tag, at=at, part="place" if at else "marked")


@allow("triage.inspect")
@require_POST
def photo(request: HttpRequest, tag: str) -> HttpResponse:
    """A photo of a defect or of a face; or those of it are left out."""
    device, actor = unit_of(request, tag)
    code, zone, at = request.POST.get("code", "")[:40], request.POST.get("zone", "")[:40], clock.now()
    try:
        if request.POST.get("drop"):
            looking.drop_photos(device=device, zone=zone, code=code, by=actor, at=at)
        else:
            sent = request.FILES.get("photo")
            if sent is None:
                raise BadInput(Reason("no_photo", _("Take the photo first."), "photo"))
            kept = artifacts.keep_upload(sent, at=at)
            looking.photograph(device=device, photo=kept, zone=zone, code=code, by=actor, at=at)
    except DomainError as refusal:
        return _page(request, device, actor, told=problem(refusal, _("No photo was kept")), status=refusal.status)
    return _back(device.tag, at=request.POST.get("at", ""), part="photos")


@allow("triage.inspect")
@require_POST
def finish(request: HttpRequest, tag: str) -> HttpResponse:
    """Keep the look; the grade follows."""
    device, actor = unit_of(request, tag)
    sealed, shown = request.POST.get("sealed") == "on", request.POST.get("shown") == "on"
    try:
        done = looking.finish(device=device, sealed=sealed, shown=shown, by=actor, at=clock.now())
    except DomainError as refusal:
        told = problem(refusal, _("The look isn't finished yet"))
        return _page(request, device, actor, told=told, status=refusal.status)
    device.refresh_from_db()
    told = {"count": len(done.defects), "grade": word(f"grade.{device.grade}")}
    messages.success(request, _("Kept: %(count)s defects. Grade: %(grade)s.") % told)
    return HttpResponseRedirect(reverse("triage_unit", args=[device.tag]) + "#grade")


@allow("triage.inspect")
@require_POST
def leave(request: HttpRequest, tag: str) -> HttpResponse:
    """Drop what was begun."""
    device, actor = unit_of(request, tag)
    try:
        looking.leave(device=device, by=actor, at=clock.now())
    except DomainError as refusal:
        return _page(request, device, actor, told=problem(refusal, _("Not dropped")), status=refusal.status)
    return HttpResponseRedirect(reverse("triage_unit", args=[device.tag]))
