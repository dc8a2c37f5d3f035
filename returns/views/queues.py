"""What leaves from the desk, and what never came: restock, send back, expected."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from returns import queries
from returns.models import Charge, ChargeStatus, Kind, Rma, StoreCredit
from returns.services import leaving
from returns.views.common import face, text
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.devices.journey import State
from revlog.devices.models import Device

QUEUES = {"restock": State.TO_RESTOCK, "send-back": State.TO_RETURN, "expected": State.EXPECTED}


def queue_tabs(by: Actor, active: str) -> list[dict[str, Any]]:
    labels = {"restock": _("To restock"), "send-back": _("To send back"), "expected": _("On its way")}
    waits = Charge.objects.filter(line__rma__in=Rma.objects.visible_to(by), status=ChargeStatus.ASKED)
    credits = StoreCredit.objects.visible_to(by).filter(balance__gt=0)
    return [
        *(
            {
                "label": labels[name],
                "url": reverse("returns_queue", args=[name]),
                "active": name == active,
                "count": Device.objects.visible_to(by).filter(state=state).count(),
            }
            for name, state in QUEUES.items()
        ),
        {
            "label": _("Claims"),
            "url": f"{reverse('returns')}?status=open&kind={Kind.CLAIM.value}",
            "active": active == "claims",
            "count": queries.filtered(by, status="open", kind=Kind.CLAIM.value).count(),
        },
        {
            "label": _("Payments"),
            "url": reverse("returns_payments"),
            "active": active == "payments",
            "count": waits.count(),
        },
        {
            "label": _("Store credit"),
            "url": reverse("returns_credits"),
            "active": active == "credits",
            "count": credits.count(),
        },
    ]


@allow("returns.view")
@require_GET
def queue(request: HttpRequest, name: str) -> HttpResponse:
    return _queue(request, name)


def _queue(request: HttpRequest, name: str, *, problem: DomainError | None = None, tag: str = "") -> HttpResponse:
    if name not in QUEUES:
        raise Http404
    by = gate.actor_for(request)
    rows = []
    for device in queries.queue(QUEUES[name], by):
        rma = next((unit.line.rma for unit in device.rma_units.all() if not unit.is_settled), None)
        against = (
            leaving.reasons_against_restocking(device)
            if name == "restock"
            else leaving.reasons_against_sending_back(device)
            if name == "send-back"
            else []
        )
        rows.append(
            {
                "unit": face(device),
                "device": device,
                "rma": rma,
                "since": device.state_since,
                "against": [reason.sentence for reason in against],
                "problem": problem.sentence if problem is not None and device.tag == tag else "",
            }
        )
    context = {
        "name": name,
        "tabs": queue_tabs(by, name),
        "rows": rows,
        "problem": problem if problem is not None and not any(row["problem"] for row in rows) else None,
        "may_act": by.may("returns.restock" if name == "restock" else "returns.send_back"),
    }
    return render(request, "returns/queue.html", context, status=problem.status if problem else 200)


def _device(request: HttpRequest, by: Actor) -> Device:
    return get_object_or_404(Device.objects.visible_to(by), tag=text(request, "tag", 20))


@allow("returns.restock")
@require_POST
def restock(request: HttpRequest) -> HttpResponse:
    by = gate.actor_for(request)
    device = _device(request, by)
    try:
        leaving.restock(device, place=text(request, "place", 60), by=by, at=clock.now())
    except DomainError as refusal:
        return _queue(request, "restock", problem=refusal, tag=device.tag)
    messages.success(request, _("%s is back in stock.") % device.tag)
    return HttpResponseRedirect(reverse("returns_queue", args=["restock"]))


@allow("returns.send_back")
@require_POST
def send_back(request: HttpRequest) -> HttpResponse:
    by = gate.actor_for(request)
    device = _device(request, by)
    hub = device.hub or Hub.objects.filter(pk__in=[by.hub_id]).first()
    try:
        if hub is None:
            raise BadInput(Reason("no_hub", _("Choose the site from which it is sent.")))
        leaving.send_back(device, tracking=text(request, "tracking", 60), hub=hub, by=by, at=clock.now())
    except DomainError as refusal:
        return _queue(request, "send-back", problem=refusal, tag=device.tag)
    messages.success(request, _("%s is on its way.") % device.tag)
    return HttpResponseRedirect(reverse("returns_queue", args=["send-back"]))
