"""Transfers in the office: the list with its clocks, a new one, and one leg by leg with its story."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.forms import show
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import DomainError, NotFound, Reason
from revlog.common.words import Audience, word
from revlog.custody.models import Entry
from revlog.evidence.services import artifacts
from revlog.logistics import signed_for
from revlog.logistics.forms.transfers import GraceForm, LegFormSet, TransferForm
from revlog.logistics.models import (
    Cargo,
    CargoStatus,
    Consignment,
    ConsignmentStatus,
    Discrepancy,
    Grace,
    Leg,
    Transfer,
    TransferStatus,
    Trouble,
)
from revlog.logistics.queries import transfers as queries
from revlog.logistics.services.transfers import common, planning, settling, travelling
from revlog.logistics.views import transfer_buttons as buttons

PAGE, STORY = 50, 80
LOOKS = {
    "planned": "coming", "announced": "coming", "under_way": "work", "late": "held", "open": "held", "done": "done", "cancelled": "done",
    "loading": "coming", "opened": "here", "accepted": "done", "listed": "coming", "loaded": "here", "missing": "held",
    "left_out": "done", "came": "done", "on_it": "work", "ahead": "coming",
}  # fmt: skip


@allow("logistics.view")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Transfers by state, what is due next first; another organization's people see theirs."""
    actor, at = gate.actor_for(request), clock.now()
    many = queries.numbers(actor, at=at)
    tab = request.GET.get("show", "")
    if tab not in queries.TABS:
        tab = next((one for one in ("late", "under_way", "planned") if many[one]), "under_way")
    page = Paginator(queries.listing(actor, tab=tab, at=at), PAGE).get_page(request.GET.get("page"))
    late = {leg.shipment.consignment.transfer_id: when for leg, when in queries.late(actor, at=at)}
    context = {
        "tabs": [
            {
                "label": word(f"transfer.{one}").capitalize(),
                "url": f"?show={one}",
                "active": one == tab,
                "count": many[one],
            }
            for one in queries.TABS
        ],
        "page": page,
        "rows": [_row(one, late.get(one.pk), at) for one in page],
        "may_plan": plans(actor),
        "others": plans(actor) and queries.with_others(actor).exists(),
        "may_grace": actor.is_operator and actor.may("logistics.carriers"),
    }
    return render(request, "logistics/transfers/list.html", context)


def plans(actor: Actor) -> bool:
    """Whether transfers are this person's work."""
    return actor.is_operator and (actor.may("logistics.plan") or actor.may("logistics.handover"))


def _row(row: Any, late: datetime | None, at: datetime) -> dict[str, Any]:  # noqa: ANN401
    status = "late" if late is not None else _status(row, unsettled=row.unsettled and not (row.travels or row.loaded))
    return {
        "row": row,
        "url": queries.address_of(row),
        "start": common.start_people(row),
        "to": common.to_people(row),
        "word": capfirst(word(f"transfer.{status}")),
        "look": LOOKS[status],
        "settles": status == "open",
        "due": row.next_due,
        "late_for": int((at - late).total_seconds()) if late is not None else None,
        "left": int((row.next_due - at).total_seconds()) if row.next_due is not None and row.next_due > at else None,
    }


def _status(row: Transfer, *, unsettled: bool) -> str:
    """Its state as people say it: what all came and isn't settled is under way no more, what is to come back isn't loaded here."""
    if row.giver_id is not None and row.status == TransferStatus.PLANNED:
        return "announced"
    if row.status == TransferStatus.UNDER_WAY and unsettled:
        return "open"
    return str(row.status)


# A new one --------------------------------------------------------------------------------------------------------------------------


@allow("logistics.view", write="logistics.view")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Where it goes, with what and by which way."""
    actor, at = gate.insider_for(request), clock.now()
    if not plans(actor):
        return HttpResponse(status=403) if request.method == "POST" else HttpResponseRedirect(reverse("transfers"))
    form = TransferForm(request.POST or None, actor=actor, initial={"origin": _own(actor)})
    legs = LegFormSet(request.POST or None, prefix="legs")
    if request.method == "POST" and form.is_valid() and legs.is_valid():
        told = form.cleaned_data
        try:
            containers, devices = buttons.things(told["numbers"], told.get("location"), told["origin"], actor)
            row = planning.plan(
                origin=told["origin"], destination=told["destination"], receiver=told["receiver"],
                address=told["lines"], legs=[one.stretch() for one in legs if one.is_used], containers=containers,
                devices=devices, reason=told["reason"], by=actor, at=at,
            )  # fmt: skip
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("Transfer %s is planned.") % row.number)
            return HttpResponseRedirect(queries.address_of(row))
    bad = request.method == "POST"
    context = {"form": form, "legs": legs}
    return render(request, "logistics/transfers/new.html", context, status=422 if bad else 200)


def _own(actor: Actor) -> str:
    found = Hub.objects.worked_by(actor).filter(active=True)
    mine = found.filter(pk=actor.hub_id).first() if actor.hub_id else found.order_by("code").first()
    return mine.code if mine is not None else ""


# One --------------------------------------------------------------------------------------------------------------------------------


def _one(number: str, actor: Actor) -> Transfer:
    row = queries.by_number(number, actor)
    if row is None:
        raise Http404
    return row


@allow("logistics.view", write="logistics.view")
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One transfer, leg by leg; a POST does what one of its buttons says."""
    actor, at = gate.actor_for(request), clock.now()
    row = _one(number, actor)
    problem = None
    if request.method == "POST":
        act = buttons.ACTS.get(request.POST.get("act", ""))
        try:
            if act is None:
                raise NotFound(Reason("unknown", _("There is no such button.")))
            said = act(request, row, actor, at)
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, said)
            return HttpResponseRedirect(queries.address_of(row))
        row = _one(number, actor)
    status = problem.status if problem is not None else 200
    context = _context(row, actor, at) | {"problem": problem}
    return render(request, "logistics/transfers/one.html", context, status=status)


def _context(row: Transfer, actor: Actor, at: datetime) -> dict[str, Any]:
    graces = list(Grace.objects.all())
    inside = actor.is_operator
    cargo = list(row.cargo.select_related("container", "device", "shipment").order_by("status", "id"))
    shipped = Discrepancy.objects.filter(shipment__consignment__transfer=row)
    rows = list(shipped.select_related("shipment", "photo", "device"))
    made = queries.consignments(row)
    travels = any(one.status in {ConsignmentStatus.UNDER_WAY, ConsignmentStatus.OPENED} for one in made)
    legs = {one.pk: queries.stretches(one, graces, at=at) for one in made}
    late = any(leg.state == "late" for some in legs.values() for leg in some)
    waits = any(one.settled_at is None for one in rows) and not any(one.status in common.OPEN for one in cargo)
    status = "late" if late else _status(row, unsettled=waits and not travels)
    may_plan = inside and common.may_plan(row.origin, actor)
    back = row.giver_id is not None
    return {
        "transfer": row,
        "start": common.start_people(row),
        "to": common.to_people(row),
        "word": capfirst(word(f"transfer.{status}")),
        "look": LOOKS[status],
        "who": people.who(row.created_by) if inside else "",
        "shipments": [_shipment(one, legs[one.pk], cargo, at, back=back) for one in made],
        "waiting": [
            _thing(one, back=back) for one in cargo if one.status in {CargoStatus.LISTED, CargoStatus.LEFT_OUT}
        ],
        "discrepancies": [_discrepancy(one, inside=inside) for one in rows],
        "story": _story(row) if inside else [],
        "may_plan": may_plan and may_still_plan(row),
        "may_cancel": may_plan and row.status == TransferStatus.PLANNED,
        "may_set_off": may_plan and back and row.status == TransferStatus.PLANNED,
        "may_take_back": may_plan and queries.with_others(actor).filter(transfer=row).exists(),
        "may_tell": inside and (actor.may("logistics.plan") or actor.may("logistics.handover")),
        "may_settle": inside and common.may_settle(row, actor),
        "may_accept": (travels or (back and row.status == TransferStatus.PLANNED)) and common.may_accept(row, actor),
        "inside": inside,
        **_signs(row, made, actor),
        "may_note": common.may_accept(row, actor) and any(one.status == CargoStatus.ACCEPTED for one in cargo),
    }


def _signs(row: Transfer, made: Sequence[Consignment], actor: Actor) -> dict[str, Any]:
    """What whoever takes it over signs for, or whoever hands it back: as components/sign.html."""
    by_status = {one.status: one for one in made}
    glass = {"url": queries.address_of(row), "label": _("Signed"), "unsigned": _("Nobody signs")}
    if (opened := by_status.get(ConsignmentStatus.OPENED)) is not None and common.may_accept(row, actor):
        says = signed_for.came(row, opened)
        return {"signing": _("That was all"), "sign": glass | {"sends": {"act": "close"}, "says": says}}
    loading = by_status.get(ConsignmentStatus.LOADING)
    if loading is not None and row.status == TransferStatus.PLANNED and common.may_hand_back(row, actor):
        says = signed_for.summary(row, loading)
        return {"signing": _("Hand it over"), "sign": glass | {"sends": {"act": "hand_over"}, "says": says}}
    return {}


def _shipment(
    made: Consignment, legs: list[queries.Stretch], cargo: list[Cargo], at: datetime, *, back: bool
) -> dict[str, Any]:
    status = "announced" if back and made.status == ConsignmentStatus.LOADING else made.status
    return {
        "row": made,
        "number": made.shipment.number,
        "word": capfirst(word(f"consignment.{status}")),
        "look": LOOKS[status],
        "document": made.document_id,
        "signed": made.signed_by or made.unsigned_why,
        "unsigned": bool(made.unsigned_why),
        "receipt": made.receipt_id,
        "taken_by": made.taker_name or made.taker_unsigned_why,
        "taken_unsigned": bool(made.taker_unsigned_why),
        "legs": [
            {
                "row": leg.leg,
                "mode": word(f"mode.{leg.leg.mode}"),
                "state": leg.state,
                "look": LOOKS[leg.state],
                "word": capfirst(word(f"leg.{leg.state}")),
                "due": leg.due,
                "late_for": int((at - leg.due).total_seconds()) if leg.state == "late" else None,
                "may_come": leg.may_come,
                "may_leave": leg.may_leave,
                "box": "; ".join(
                    part
                    for part in (
                        leg.leg.container,
                        ", ".join(leg.leg.seals),
                        f"{leg.leg.vessel} {leg.leg.voyage}".strip(),
                        leg.leg.reference,
                    )
                    if part
                ),
            }
            for leg in legs
        ],
        "cargo": [_thing(one, back=back) for one in cargo if one.shipment_id == made.shipment_id],
    }


def _thing(row: Cargo, *, back: bool) -> dict[str, Any]:
    status = "announced" if back and row.status == CargoStatus.LISTED else row.status
    url = reverse("container", args=[row.code]) if row.container_id is not None else reverse("unit", args=[row.code])
    return {
        "row": row,
        "code": row.code,
        "url": url,
        "what": row.device.face if row.device is not None else "",
        "word": capfirst(word(f"cargo.{status}")),
        "look": LOOKS[status],
        "seals": ", ".join(row.seals),
    }


def _discrepancy(row: Discrepancy, *, inside: bool) -> dict[str, Any]:
    return {
        "row": row,
        "what": word(f"trouble.{row.kind}"),
        "photo": reverse("transfer_picture", args=[row.pk]) if row.photo_id else "",
        "settled": word(f"settled.{row.settled}") if row.settled else "",
        "ways": [(how.value, how.label) for how in settling.WAYS[Trouble(row.kind)]],
        "who": people.who(row.settled_by) if row.settled_by and inside else "",
    }


def _story(row: Transfer) -> list[dict[str, Any]]:
    entries = list(Entry.objects.filter(chain_id=row.pk).order_by("-sequence")[:STORY])
    names = people.names_of({entry.actor for entry in entries})
    return [
        {"what": told, "at": entry.occurred_at, "by": names.get(entry.actor, "")}
        for entry in entries
        if (told := entry.told_to(Audience.STAFF))
    ]


@allow("logistics.view")
@require_safe
def picture(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The photo of a damage or of a broken seal."""
    mine = Transfer.objects.visible_to(gate.actor_for(request))
    row = Discrepancy.objects.filter(pk=pk, shipment__consignment__transfer__in=mine).select_related("photo").first()
    if row is None or row.photo is None:
        raise Http404
    return HttpResponse(artifacts.read(row.photo), content_type=row.photo.media_type)


# The way, the grace -----------------------------------------------------------------------------------------------------------------


def may_still_plan(row: Transfer) -> bool:
    """Something may still be loaded. What comes back is on its way by then, and loaded no more."""
    over = row.status in {TransferStatus.DONE, TransferStatus.CANCELLED}
    return not over and not (row.giver_id is not None and row.released_at is not None)


@allow("logistics.view", write="logistics.view")
@require_http_methods(["GET", "HEAD", "POST"])
def way(request: HttpRequest, number: str) -> HttpResponse:
    """By which way the shipment goes that is being loaded."""
    actor, at = gate.insider_for(request), clock.now()
    row = _one(number, actor)
    made = common.consignment(row, ConsignmentStatus.LOADING)
    if not common.may_plan(row.origin, actor):
        return HttpResponse(status=403) if request.method == "POST" else HttpResponseRedirect(queries.address_of(row))
    if not may_still_plan(row):
        messages.error(request, _("Nothing of it is loaded any more: its way stays as it was."))
        return HttpResponseRedirect(queries.address_of(row))
    there = [_initial(leg) for leg in made.shipment.legs.select_related("carrier")] if made is not None else []
    legs = LegFormSet(request.POST or None, prefix="legs", initial=there)
    problem = None
    if request.method == "POST" and legs.is_valid():
        try:
            planning.keep_legs(row, [one.stretch() for one in legs if one.is_used], by=actor, at=at)
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("The way is kept."))
            return HttpResponseRedirect(queries.address_of(row))
    context = {"transfer": row, "legs": legs, "problem": problem}
    return render(request, "logistics/transfers/way.html", context, status=422 if request.method == "POST" else 200)


def _initial(leg: Leg) -> dict[str, Any]:
    names = ("mode", "begins_at", "ends_at", "planned_from", "planned_to", "reference", "container", "vessel", "voyage")
    return {name: getattr(leg, name) for name in names} | {
        "carrier": leg.carrier.code,
        "seals": ", ".join(leg.seals),
    }


@allow("logistics.view", write="logistics.carriers")
@require_http_methods(["GET", "HEAD", "POST"])
def grace(request: HttpRequest) -> HttpResponse:
    """How many hours after its plan a leg is late, by site and carrier."""
    actor = gate.insider_for(request)
    form = GraceForm(request.POST or None, actor=actor) if actor.may("logistics.carriers") else None
    if request.method == "POST" and form is not None and form.is_valid():
        told = form.cleaned_data
        travelling.keep_grace(hub=told["hub"], carrier=told["carrier"], hours=told["hours"], by=actor)
        messages.success(request, _("The grace is kept."))
        return HttpResponseRedirect(reverse("transfer_grace"))
    context = {
        "rows": Grace.objects.select_related("hub", "carrier").order_by("hub__name", "carrier__name"),
        "hours": settings.TRANSFER_GRACE_HOURS,
        "form": form,
    }
    bad = form is not None and bool(form.errors)
    return render(request, "logistics/transfers/grace.html", context, status=422 if bad else 200)
