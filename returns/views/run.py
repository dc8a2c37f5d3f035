"""The driver's list: where to call today, and what became of it. For a phone in a van."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from returns.models import Rma
from returns.services.ways import fetching
from returns.views.common import text
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.evidence.services import artifacts
from revlog.logistics.models import Pickup, PickupStatus


def _pickups(by: Actor) -> Any:  # noqa: ANN401
    """Our people see those of their sites; a carrier's drivers those of the windows that are theirs."""
    mine = Q(hub__in=by.hubs) if by.is_operator else Q(window__driven_by=by.organization_id)
    return Pickup.objects.filter(mine).select_related("hub", "window")


@allow("logistics.drive", "logistics.handover")
@never_cache
@require_GET
def run(request: HttpRequest) -> HttpResponse:
    """The pickups of a day, in the order of their windows; a day without any shows the next that has one."""
    by = gate.actor_for(request)
    here = _pickups(by).order_by("-day").first()
    today = (here.hub.calendar.local(clock.now()) if here is not None else clock.now()).date()
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        coming = _pickups(by).filter(day__gte=today, status=PickupStatus.BOOKED).order_by("day").first()
        day = coming.day if coming is not None else today
    rows = list(_pickups(by).filter(day=day).exclude(status=PickupStatus.CANCELLED).order_by("begins_at", "number"))
    found = fetching.returns_of(rows)
    days = _pickups(by).filter(day__gte=today, status=PickupStatus.BOOKED).order_by("day").values_list("day", flat=True)
    context = {
        "day": day,
        "days": list(dict.fromkeys(days))[:7],
        "stops": [_stop(row, found.get(row.pk), by) for row in rows],
        "leave_url": reverse("my_work"),
    }
    return render(request, "returns/run.html", context)


def _stop(row: Pickup, rma: Rma | None, by: Actor) -> dict[str, Any]:
    """A carrier's drivers see who lives where, and who signed, only as long as they are to call there."""
    told = by.is_operator or row.status == PickupStatus.BOOKED
    return {
        "pickup": row,
        "begins": row.hub.calendar.local(row.begins_at),
        "ends": row.hub.calendar.local(row.ends_at),
        "status": word(f"pickup.{row.status}"),
        "open": row.status == PickupStatus.BOOKED,
        "number": rma.number if rma is not None else row.reference,
        "name": rma.contact.name if rma is not None and told else "",
        "address": rma.contact.address if rma is not None and told else [],
        "signed_by": row.signed_by if told else "",
        "things": [
            line.order_line.description if line.quantity == 1 else f"{line.quantity} × {line.order_line.description}"
            for line in rma.lines.all()
            if line.comes_back
        ]
        if rma is not None
        else [],
    }


@allow("logistics.drive", "logistics.handover")
@require_POST
def stop(request: HttpRequest, number: str) -> HttpResponse:
    """Picked up, with who handed it over; or nobody was there."""
    by = gate.actor_for(request)
    row = get_object_or_404(_pickups(by), number=number)
    at = clock.now()
    try:
        if request.POST.get("act") == "missed":
            fetching.nobody_there(row, by=by, at=at)
            messages.success(request, _("Written down: nobody was there."))
        else:
            sent = request.FILES.get("photo")
            photo = artifacts.keep_upload(sent, at=at) if sent is not None else None
            fetching.picked_up(row, signed_by=text(request, "signed_by", 120), photo=photo, by=by, at=at)
            messages.success(request, _("Picked up."))
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    return HttpResponseRedirect(f"{reverse('run')}?day={row.day.isoformat()}")
