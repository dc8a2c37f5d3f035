"""The decontamination record of medical goods: written down from its paper before anybody opens the box."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.queries import who
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.devices.models import Decontamination, DecontaminationMethod, Device
from revlog.devices.services import decontaminating
from revlog.devices.services.decontaminating import Paper
from revlog.evidence.services import artifacts
from triage.views.shared import face, problem, unit_of


@allow("returns.receive", "triage.inspect")
@require_http_methods(["GET", "HEAD", "POST"])
def decontamination(request: HttpRequest, tag: str) -> HttpResponse:
    """What the paper says, to be written down; or what was written down."""
    device, actor = unit_of(request, tag)
    if request.method != "POST":
        return _page(request, device)
    at, sent = clock.now(), request.FILES.get("photo")
    try:
        photo = artifacts.keep_upload(sent, at=at) if sent is not None else None
        decontaminating.record(device=device, paper=_paper(request), photo=photo, by=actor, at=at)
    except DomainError as refusal:
        return _page(request, device, told=problem(refusal, _("Not written down")), status=refusal.status)
    messages.success(request, _("Written down. %s may be opened.") % device.tag)
    return HttpResponseRedirect(_onward(device, actor))


def _onward(device: Device, actor: Actor) -> str:
    return reverse("triage_unit" if actor.may("triage.inspect") else "unit", args=[device.tag])


def _paper(request: HttpRequest) -> Paper:
    told = request.POST
    try:
        day = date.fromisoformat(told.get("done_on", ""))
    except ValueError:
        raise BadInput(Reason("no_day", _("Say on which day it was decontaminated."), "done_on")) from None
    return Paper(
        done_by=told.get("done_by", ""), done_on=day, method=told.get("method", "")[:20], number=told.get("paper", "")
    )


def _page(
    request: HttpRequest, device: Device, *, told: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    row = Decontamination.objects.filter(device=device, visit=device.visit_id).first()
    against = decontaminating.reasons_against_recording(device) if row is None else []
    context = {
        "unit": face(device),
        "tag": device.tag,
        "problem": told,
        "against": [str(reason) for reason in against],
        "row": row,
        "method": word(f"decontamination.{row.method}") if row else "",
        "recorded_by": who(row.recorded_by) if row else "",
        "methods": DecontaminationMethod.choices,
        "typed": {name: request.POST.get(name, "") for name in ("done_by", "done_on", "method", "paper")},
        "today": clock.now().date().isoformat(),
    }
    return render(request, "triage/decontamination.html", context, status=status)
