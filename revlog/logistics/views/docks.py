"""The dock plan of a day by door, one delivery with its exceptions, and what arrived and isn't unpacked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.forms import show
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.evidence.services import artifacts
from revlog.logistics import queries, staging
from revlog.logistics.forms import AppointmentForm, ListForm, StagingForm
from revlog.logistics.forms.packaging import PackagingForm
from revlog.logistics.models import Appointment, Delivery, DeliveryLine, LineStatus, StagingRule, StagingWhen
from revlog.logistics.services import docks, scanning_off, signing_off
from revlog.logistics.views.shipments import moves_of
from revlog.storage.models import PackagingType

PAGE = 50


def _hub(actor: Actor) -> Hub:
    """The site at which this person works; the first one that they see, where they chose none. Whoever works elsewhere has none here."""
    if not actor.is_operator:
        raise Http404
    rows = Hub.objects.visible_to(actor).filter(active=True).select_related("organization")
    found = rows.filter(pk=actor.hub_id).first() if actor.hub_id else rows.order_by("code").first()
    if found is None:
        raise Http404
    return found


def _planner(actor: Actor) -> bool:
    return actor.may("logistics.handover") or actor.may("logistics.plan")


@allow("logistics.view", write="logistics.view")
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """A day by door; a POST plans an appointment on it."""
    actor, at = gate.actor_for(request), clock.now()
    hub = _hub(actor)
    today = hub.calendar.local(at).date()
    day = _day(request.GET.get("day", ""), today)
    form = AppointmentForm(request.POST or None, hub=hub, day=day) if _planner(actor) else None
    if request.method == "POST" and form is None:
        return HttpResponse(status=403)
    if request.method == "POST" and form is not None and form.is_valid():
        told = form.cleaned_data
        try:
            made = docks.plan(
                hub=hub, carrier=told["carrier"], door=told["door"], begins_at=told["begins_at"],
                ends_at=told["ends_at"], parcels=told["parcels"], pallets=told["pallets"],
                reference=told["reference"], by=actor, at=at,
            )  # fmt: skip
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("Appointment %s is planned.") % made.number)
            return HttpResponseRedirect(f"{reverse('dock_plan')}?day={day.isoformat()}")
    found = queries.day_of(hub, day, at=at)
    context = {
        "hub_name": hub.name,
        "day": day,
        "is_today": day == today,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "found": found,
        "doors": [_door(one, hub, actor, at) for one in found.doors],
        "waiting": queries.waiting(actor, hub=hub).count(),
        "form": form,
    }
    return render(request, "logistics/dock_plan.html", context, status=422 if form is not None and form.errors else 200)


def _day(text: str, today: date) -> date:
    try:
        found = parse_date(text[:10])
    except ValueError:
        found = None
    return found if found is not None and abs((found - today).days) <= 366 else today


def _door(door: queries.Door, hub: Hub, actor: Actor, at: Any) -> dict[str, Any]:  # noqa: ANN401
    local = hub.calendar.local
    planned = []
    for one in door.appointments:
        late = queries.is_late(one, at=at)
        planned.append(
            {
                "row": one,
                "begins": local(one.begins_at),
                "ends": local(one.ends_at),
                "word": word("appointment.late" if late else f"appointment.{one.status}"),
                "look": "held" if late else {"planned": "coming", "arrived": "here"}.get(one.status, "done"),
                "may_cancel": one.status == "planned" and _planner(actor),
            }
        )
    came = [
        {
            "row": one,
            "url": queries.address_of(one),
            "begun": local(one.begun_at),
            "word": word(f"delivery.{one.status}"),
            "look": "work" if one.is_open else "done",
        }
        for one in door.deliveries
    ]
    return {"name": door.place.code if door.place else _("No door yet"), "planned": planned, "came": came}


@allow("logistics.handover", "logistics.plan")
@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """An appointment is called off."""
    actor = gate.actor_for(request)
    row = Appointment.objects.visible_to(actor).filter(number=number).select_related("hub").first()
    if row is None:
        raise Http404
    try:
        docks.cancel(row, by=actor, at=clock.now())
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("Appointment %s is called off.") % row.number)
    return HttpResponseRedirect(
        f"{reverse('dock_plan')}?day={row.hub.calendar.local(row.begins_at).date().isoformat()}"
    )


# One delivery -----------------------------------------------------------------------------------------------------------------------


def _delivery(actor: Actor, number: str) -> Delivery:
    row = (
        Delivery.objects.visible_to(actor)
        .filter(number=number)
        .select_related("hub", "carrier", "door", "document", "appointment")
        .first()
    )
    if row is None:
        raise Http404
    return row


@allow("logistics.view", write="logistics.handover")
@require_http_methods(["GET", "HEAD", "POST"])
def delivery(request: HttpRequest, number: str) -> HttpResponse:
    """What one truck brought: sums, exceptions, papers; a POST gives the carrier's list or the driver's count."""
    actor, at = gate.actor_for(request), clock.now()
    row = _delivery(actor, number)
    form = None
    if row.is_open and actor.may("logistics.handover"):
        form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form is not None and form.is_valid():
        told = form.cleaned_data
        try:
            row = scanning_off.relist(row, listed=told.get("numbers"), count=told["count"], by=actor, at=at)
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("The list is kept; what was scanned stays counted."))
            return HttpResponseRedirect(queries.address_of(row))
    lines = list(row.lines.select_related("goes_to", "parcel").order_by("status", "tracking"))
    context = {
        "delivery": row,
        "sums": signing_off.sums(row, lines),
        "word": word(f"delivery.{row.status}"),
        "list_from": word(f"list_from.{row.list_from}"),
        "who": people.who(row.begun_by),
        "begun": row.hub.calendar.local(row.begun_at),
        "ended": row.hub.calendar.local(row.ended_at) if row.ended_at else None,
        "odd": [_line(one) for one in lines if _is_odd(one)],
        "counted": [_line(one) for one in lines if one.status == LineStatus.COUNTED and not _is_odd(one)][:500],
        "form": form,
        "moves": moves_of(row.number) if actor.is_operator else [],
        "packaging": _packaging(actor),
    }
    return render(request, "logistics/delivery.html", context, status=422 if form is not None and form.errors else 200)


def _packaging(actor: Actor) -> PackagingForm | None:
    """Where what came back is written down; nothing where no kind of packaging is set up."""
    if (
        not actor.is_operator
        or not actor.may("devices.locate")
        or not PackagingType.objects.filter(active=True).exists()
    ):
        return None
    return PackagingForm(actor=actor, back=True)


def _is_odd(line: DeliveryLine) -> bool:
    return line.damaged or bool(line.why) or line.status != LineStatus.COUNTED


def _line(line: DeliveryLine) -> dict[str, Any]:
    words = [word(f"delivered.{line.status}"), word("damaged") if line.damaged else ""]
    words.append(word(f"odd.{line.why}") if line.why else "")
    return {
        "row": line,
        "words": "; ".join(one for one in words if one),
        "goes_to": line.goes_to.code if line.goes_to else "",
        "state": word(f"parcel.{line.parcel.status}") if line.parcel else "",
        "photo": reverse("delivery_photo", args=[line.delivery.number, line.pk]) if line.photo_id else "",
    }


@allow("logistics.view")
@require_safe
def photo(request: HttpRequest, number: str, line: int) -> HttpResponse:
    """The picture of a damaged parcel."""
    row = _delivery(gate.actor_for(request), number).lines.filter(pk=line).select_related("photo").first()
    if row is None or row.photo is None:
        raise Http404
    return HttpResponse(artifacts.read(row.photo), content_type=row.photo.media_type)


# Arrived and not unpacked -----------------------------------------------------------------------------------------------------------


@allow("logistics.view")
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Parcels that were scanned off and not opened yet, the oldest first."""
    actor, at = gate.actor_for(request), clock.now()
    hub = _hub(actor)
    page = Paginator(queries.waiting(actor, hub=hub), PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "parcel": one,
            "seconds": int((at - one.arrived_at).total_seconds()) if one.arrived_at else 0,
            "condition": word(one.condition) if one.condition else "",
        }
        for one in page
    ]
    context = {"hub_name": hub.name, "rows": rows, "total": page.paginator.count, "pages": page}
    return render(request, "logistics/waiting.html", context)


# Where parcels go -------------------------------------------------------------------------------------------------------------------


@allow("logistics.view", write="devices.locate")
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """The short table that says where a parcel goes from the dock."""
    actor, at = gate.actor_for(request), clock.now()
    hub = _hub(actor)
    may = actor.may("devices.locate") and (actor.may("logistics.plan") or actor.may("accounts.stations"))
    form = StagingForm(request.POST or None, hub=hub) if may else None
    if request.method == "POST" and form is None:
        return HttpResponse(status=403)
    if request.method == "POST" and form is not None and form.is_valid():
        told = form.cleaned_data
        try:
            kept = docks.keep_rule(
                hub=hub, position=told["position"], when=StagingWhen(told["when"]), value=told["value"],
                place=told["place"], active=told["active"], by=actor, at=at,
            )  # fmt: skip
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("Rule %s is kept.") % kept.position)
            return HttpResponseRedirect(reverse("staging"))
    rows = StagingRule.objects.filter(hub=hub).select_related("place")
    context = {
        "hub_name": hub.name,
        "rows": [{"row": one, "why": staging.sentence(one)} for one in rows],
        "form": form,
    }
    return render(request, "logistics/staging.html", context, status=422 if form is not None and form.errors else 200)
