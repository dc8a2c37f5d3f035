"""Hazards: what the floor sends beside scans, and the assessor's pages, which are used on a phone as well."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.models import Hub
from revlog.accounts.queries import who
from revlog.common import clock, measures
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.devices.faces import face
from revlog.devices.models import Device, Hazard
from revlog.evidence.services import artifacts
from revlog.scanning.acts import at_floor
from revlog.scanning.answers import Answer
from revlog.scanning.here import Here
from revlog.storage import dangers
from revlog.storage.floor import hazards as floor
from revlog.storage.models import Basis, HazardCase, HazardKind, HazardState, Verdict
from revlog.storage.queries import hazards as queries
from revlog.storage.services.hazards import assessing, reporting, telling
from revlog.storage.services.hazards.assessing import Judgement

PAGE = 100


@allow("devices.hold")
@require_POST
@at_floor
def picture(request: HttpRequest, here: Here) -> Answer:
    """The photo of a hazard, from the floor."""
    case = floor.by_id(here, request.POST.get("case", ""))
    reporting.photograph(case, request.FILES.get("photo"), by=here.by, at=here.at)
    return floor.pictured(here, floor.by_id(here, str(case.pk)))


@allow("devices.hold")
@require_POST
@at_floor
def all_well(request: HttpRequest, here: Here) -> Answer:
    """Somebody looked into a container, and all is well."""
    return floor.all_well(here, request.POST.get("place", ""))


@allow("devices.hold")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The hazards of one's sites, open ones by their clock, and the containers that are to be inspected again."""
    actor, now = gate.insider_for(request), clock.now()
    rows = [
        {
            "case": case,
            "danger": word(f"danger.{case.kind}"),
            "open": case.state == HazardState.OPEN,
            "verdict": word(f"verdict.{case.verdict}") if case.verdict else "",
            "left": queries.left(case, now) if case.state == HazardState.OPEN else "",
            "late": case.state == HazardState.OPEN and case.due_at < now,
        }
        for case in queries.listed(actor)[:PAGE]
    ]
    context = {"rows": rows, "looks": list(queries.looks(actor)[:PAGE])}
    return render(request, "storage/hazards.html", context)


@allow("devices.hold", write="recycling.hazard")
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One hazard: what was frozen, against its clock; a POST is the assessor's verdict."""
    actor, now = gate.insider_for(request), clock.now()
    case = _case(request, number)
    wrong = ""
    if request.method == "POST":
        try:
            assessing.assess(case, _judgement(request, case), by=actor, at=now)
        except DomainError as refusal:
            wrong = refusal.sentence
        else:
            messages.success(request, _("%s is assessed.") % case.number)
            return HttpResponseRedirect(reverse("hazard", args=[case.number]))
    context = _context(request, case) | {"wrong": wrong}
    return render(request, "storage/hazard.html", context, status=409 if wrong else 200)


def _judgement(request: HttpRequest, case: HazardCase) -> Judgement:
    told = {key: request.POST.get(f"verdict-{key}", "") for key in case.units.values_list("device_id", flat=True)}
    return Judgement(
        verdicts=told,
        basis=request.POST.get("basis", ""),
        criteria=request.POST.getlist("criteria"),
        goods=request.POST.get("goods", ""),
        note=request.POST.get("note", "").replace("\0", ""),
    )


def _context(request: HttpRequest, case: HazardCase) -> dict[str, Any]:
    actor, now = gate.insider_for(request), clock.now()
    is_open = case.state == HazardState.OPEN
    rows = list(queries.units(case, actor))
    more = len(rows) > 1
    may = actor.may("recycling.hazard")
    against = assessing.reasons_against_assessing(case, by=actor) if is_open and may else []
    looks = queries.looks_of(case, actor)
    return {
        "case": case,
        "danger": word(f"danger.{case.kind}"),
        "is_open": is_open,
        "late": is_open and case.due_at < now,
        "left": queries.left(case, now) if is_open else "",
        "reporter": who(case.reported_by),
        "assessor": who(case.assessed_by) if case.assessed_by else "",
        "places": [row.place.code for row in case.places.select_related("place")],
        "units": [
            {
                "unit": face(
                    row.device, note=_("This one was reported.") if row.device_id == case.device_id and more else ""
                ),
                "key": row.device_id,
                "verdict": word(f"verdict.{row.verdict}").capitalize() if row.verdict else "",
                "look": "done" if row.verdict == Verdict.UNDAMAGED else "held",
                "told": request.POST.get(
                    f"verdict-{row.device_id}", "" if row.device_id == case.device_id else "undamaged"
                ),
                "packed_as": row.device.packed_as,
                "instructions": _instructions(row.device) if may and not row.device.holds else (),
            }
            for row in rows
        ],
        "looks": [
            {"look": look, "state": word(f"look.{look.state}"), "who": who(look.done_by) if look.done_by else ""}
            for look in looks
        ],
        "may_assess": is_open and may and not against,
        "against": [reason.sentence for reason in against],
        "verdicts": [(one.value, one.label, [str(rule) for rule in dangers.PACKING[one].rules]) for one in Verdict],
        "bases": [(one.value, one.label) for one in Basis],
        "criteria": _criteria(request.POST.getlist("criteria")),
        "goods": [(key, text) for key, text in dangers.GOODS.items()],
        "cited": [
            (dangers.CRITERIA[one].text, dangers.CRITERIA[one].source)
            for one in case.criteria
            if one in dangers.CRITERIA
        ],
        "goods_told": dangers.GOODS.get(case.goods, ""),
        "basis": word(f"basis.{case.basis}") if case.basis else "",
        "verdict": word(f"verdict.{case.verdict}") if case.verdict else "",
        "packing": [str(rule) for rule in dangers.PACKING[Verdict(case.verdict)].rules] if case.verdict else [],
        "mark": dangers.mark(case.goods) if case.verdict in {Verdict.DAMAGED, Verdict.CRITICAL} else "",
        "steps": queries.steps_for(case.hub, case.kind).lines if is_open else [],
        "note": request.POST.get("note", ""),
        "basis_told": request.POST.get("basis", ""),
        "goods_chosen": request.POST.get("goods", "UN3481"),
    }


def _criteria(chosen: list[str]) -> list[tuple[str, list[tuple[str, str, str, bool]]]]:
    """The criteria in two groups: those of a damaged one, and those that make it critical."""
    rows = [(one.critical, (key, str(one.text), one.source, key in chosen)) for key, one in dangers.CRITERIA.items()]
    return [
        (_("Criteria that are met"), [row for critical, row in rows if not critical]),
        (_("Criteria that make it critical"), [row for critical, row in rows if critical]),
    ]


def _instructions(device: Device) -> tuple[str, ...]:
    found = {Hazard.DAMAGED.value: Verdict.DAMAGED, Hazard.CRITICAL.value: Verdict.CRITICAL}.get(device.hazard)
    return dangers.PACKING[found].instructions if found is not None and not device.packed_as else ()


@allow("recycling.hazard")
@require_POST
def unit(request: HttpRequest, number: str) -> HttpResponse:
    """A classified unit is packed for transport, or is dangerous no longer."""
    actor, now = gate.insider_for(request), clock.now()
    case = _case(request, number)
    device = get_object_or_404(
        Device.objects.visible_to(actor).filter(hazards__case=case), pk=_uuid(request.POST.get("unit", ""))
    )
    try:
        if request.POST.get("act") == "lift":
            assessing.lift(device, reason=request.POST.get("reason", "").replace("\0", ""), by=actor, at=now)
            messages.success(request, _("%s is not dangerous any more.") % device.tag)
        else:
            assessing.pack(device, request.POST.get("packing", ""), by=actor, at=now)
            messages.success(request, _("%s is packed.") % device.tag)
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    return HttpResponseRedirect(reverse("hazard", args=[case.number]))


@allow("devices.hold")
@require_GET
def photo(request: HttpRequest, number: str) -> HttpResponse:
    """The picture of a hazard."""
    case = _case(request, number)
    if case.photo is None or case.photo.erased_at is not None:
        raise Http404
    answer = HttpResponse(artifacts.read(case.photo), content_type=case.photo.media_type)
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


@allow("recycling.hazard", "accounts.stations")
@require_http_methods(["GET", "HEAD", "POST"])
def steps(request: HttpRequest) -> HttpResponse:
    """What a site does first at each danger, whom it calls, and how long an assessor may take."""
    actor = gate.insider_for(request)
    hubs = list(Hub.objects.worked_by(actor).filter(active=True).order_by("name"))
    if not hubs:
        raise Http404
    asked = request.POST.get("hub", "") or request.GET.get("hub", "")
    hub = next((one for one in hubs if str(one.pk) == (asked or str(actor.hub_id))), None if asked else hubs[0])
    if hub is None:
        raise Http404
    wrong = ""
    if request.method == "POST":
        try:
            telling.tell(
                hub, request.POST.get("kind", ""), steps=request.POST.get("steps", "").replace("\0", ""),
                minutes=request.POST.get("minutes", ""), call=request.POST.get("call", "").replace("\0", ""), by=actor,
            )  # fmt: skip
        except DomainError as refusal:
            wrong = refusal.sentence
        else:
            messages.success(request, _("The steps are kept."))
            return HttpResponseRedirect(f"{reverse('hazard_steps')}?hub={hub.pk}")
    kinds = [_told(hub, one, request) for one in HazardKind]
    context = {"hubs": hubs, "hub": hub, "kinds": kinds, "wrong": wrong}
    return render(request, "storage/hazard_steps.html", context, status=422 if wrong else 200)


def _told(hub: Hub, kind: HazardKind, request: HttpRequest) -> dict[str, Any]:
    """What a site does at one danger; where it was sent just now and refused, as it was written."""
    told, mine = queries.steps_for(hub, kind), request.POST.get("kind") == kind.value
    return {
        "kind": kind.value,
        "label": kind.label,
        "shown": mine,
        "clock": measures.span(told.minutes * 60),
        "lines": request.POST.get("steps", "") if mine else "\n".join(told.lines),
        "minutes": request.POST.get("minutes", "") if mine else told.minutes,
        "call": request.POST.get("call", "") if mine else told.call,
    }


def _case(request: HttpRequest, number: str) -> HazardCase:
    found = queries.by_number(number, gate.insider_for(request))
    if found is None:
        raise Http404
    return found


def _uuid(told: str) -> uuid.UUID:
    try:
        return uuid.UUID(told)
    except ValueError:
        raise Http404 from None
