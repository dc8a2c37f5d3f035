"""Suppliers: one page each with what was bought, their defects with the evidence, claims, credits, returns, quota, corrective actions."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from returns.models import ActionStatus, CorrectiveAction, SupplierClaim
from returns.models.vendors import OVER
from returns.queries import vendors as queries
from returns.services.vendors import actions
from returns.views.common import text
from returns.views.vendors.rtvs import row_of
from returns.views.vendors.stock import vendor_tabs
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.templatetags.ui import money
from revlog.common.words import Audience, word
from revlog.custody.models import Entry
from revlog.devices.models import ProductModel
from revlog.terms.models import Lifecycle
from revlog.terms.services import purchases

ACTION_LOOKS = {"open": "work", "done": "ready", "effective": "done", "dropped": "done"}


@allow("returns.vendor", "returns.answer")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All suppliers with what is open with each; a supplier's own people come to their page."""
    by = gate.actor_for(request)
    rows = queries.suppliers(by)
    if not by.is_operator:
        own = rows.first()
        if own is None:
            raise Http404
        return HttpResponseRedirect(reverse("vendor", args=[own.code]))
    at = clock.now()
    over = [one.value for one in OVER]
    counted = rows.annotate(
        open_rtvs=Count("vendor_returns", filter=~Q(vendor_returns__status__in=over), distinct=True),
        open_actions=Count(
            "corrective_actions", filter=Q(corrective_actions__status__in=["open", "done"]), distinct=True
        ),
        open_claims=Count("supplier_claims", filter=Q(supplier_claims__status="sent"), distinct=True),
    )
    quotas = queries.quotas_of(counted, at=at)
    context = {
        "tabs": vendor_tabs(by, "vendors"),
        "rows": [{"supplier": one, "quota": quotas.get(one.pk)} for one in counted],
        "may_bring": by.may("returns.vendor"),
    }
    return render(request, "returns/vendors/suppliers.html", context)


def _find(code: str, by: Actor) -> Organization:
    found = queries.suppliers(by).filter(code=code).first()
    if found is None:
        raise Http404
    return found


@allow("returns.vendor", "returns.answer")
@require_GET
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """A supplier, for us and for the supplier: defects and evidence are for us alone."""
    by = gate.actor_for(request)
    return _detail(request, _find(code, by), by)


def _detail(
    request: HttpRequest, supplier: Organization, by: Actor, *, problem: DomainError | None = None
) -> HttpResponse:
    at = clock.now()
    found = queries.standing_of(supplier, at=at)
    claims = SupplierClaim.objects.visible_to(by).filter(supplier=supplier).select_related("device")[:50]
    context = {
        "tabs": vendor_tabs(by, "vendors"),
        "supplier": supplier,
        "figures": [
            {"label": label, "value": money(value), "unit": "EUR", "note": note}
            for label, value, note in (
                (_("Bought this year"), found.bought, ""),
                (_("Sent back"), found.returned, ""),
                (_("Credited"), found.credited, ""),
                (_("Credit owed"), found.owed, ""),
                (_("Claimed"), found.claimed, _("%s granted") % money(found.granted, "EUR")),
            )
        ],
        "quota": queries.quota_of(supplier, at=at),
        "rtvs": [row_of(row) for row in queries.with_sums(queries.rtvs(by, supplier=supplier.code))[:20]],
        "claims": [
            {"claim": row, "status": capfirst(word(f"claim.{row.status}")), "asks": word(f"claim_asks.{row.asks}")}
            for row in claims
        ],
        "defects": queries.defects_of(supplier)[:30] if by.is_operator else [],
        "actions": [_action(row) for row in queries.actions(by, supplier=supplier)[:50]],
        "may_act": by.is_operator and by.may("returns.vendor"),
        "may_agree": by.may("terms.view"),
        "products": ProductModel.objects.filter(devices__purchase__supplier=supplier).distinct()[:200]
        if by.is_operator
        else [],
        "lives": Lifecycle.objects.filter(product__devices__purchase__supplier=supplier)
        .select_related("product", "successor")
        .distinct()[:50]
        if by.is_operator
        else [],
        "is_operator": by.is_operator,
        "problem": problem,
        "sent": request.POST,
    }
    return render(request, "returns/vendors/supplier.html", context, status=problem.status if problem else 200)


@allow("returns.vendor")
@require_POST
def set_lifecycle(request: HttpRequest, code: str) -> HttpResponse:
    """How long one of their models is on the market: out of date since a day, what follows it, or when its season ends."""
    by = gate.actor_for(request)
    supplier = _find(code, by)
    try:
        product = _product(request)
        if product is None:
            raise BadInput(Reason("product", _("Choose the model."), "product"))
        purchases.set_lifecycle(
            product,
            obsolete_since=_day(request, "obsolete_since"),
            successor=_product(request, "successor"),
            season_ends_on=_day(request, "season_ends_on"),
            by=by,
            at=clock.now(),
        )
    except DomainError as refusal:
        return _detail(request, supplier, by, problem=refusal)
    messages.success(request, _("Kept. The next look for unsold goods goes by it."))
    return HttpResponseRedirect(reverse("vendor", args=[code]))


def _day(request: HttpRequest, name: str) -> date | None:
    given = text(request, name, 10)
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadInput(Reason(name, _("A day is written like 2026-11-02."), name)) from None


# Corrective actions -----------------------------------------------------------------------------------------------------------------------


def _action(row: CorrectiveAction) -> dict[str, Any]:
    return {
        "row": row,
        "url": reverse("corrective_action", args=[row.number]),
        "look": ACTION_LOOKS[row.status],
        "status": capfirst(word(f"action.{row.status}")),
        "late": row.status in {ActionStatus.OPEN, ActionStatus.DONE} and row.due_on < clock.now().date(),
    }


@allow("returns.vendor", "returns.answer")
@require_GET
def action_list(request: HttpRequest) -> HttpResponse:
    """All corrective actions that one may see, what is due first."""
    by = gate.actor_for(request)
    context = {
        "tabs": vendor_tabs(by, "corrective_actions"),
        "actions": [_action(row) for row in queries.actions(by).order_by("status", "due_on")[:200]],
    }
    return render(request, "returns/vendors/actions.html", context)


def _product(request: HttpRequest, name: str = "product") -> ProductModel | None:
    try:
        return ProductModel.objects.filter(pk=uuid.UUID(request.POST.get(name, ""))).first()
    except ValueError:
        return None


@allow("returns.vendor")
@require_POST
def new_action(request: HttpRequest, code: str) -> HttpResponse:
    by = gate.actor_for(request)
    supplier = _find(code, by)
    try:
        due = _day(request, "due_on")
        if due is None:
            raise BadInput(Reason("due_on", _("Say until when."), "due_on"))
        product = _product(request)
        made = actions.open_action(
            supplier, problem=text(request, "problem", 600), containment=text(request, "containment", 600),
            owner=text(request, "owner", 120), due_on=due, product=product, lot=text(request, "lot", 60), by=by,
            at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        return _detail(request, supplier, by, problem=refusal)
    messages.success(request, _("Corrective action %s is open.") % made.number)
    return HttpResponseRedirect(reverse("corrective_action", args=[made.number]))


def _find_action(number: str, by: Actor) -> CorrectiveAction:
    found = queries.actions(by).filter(number=number.upper()).first()
    if found is None:
        raise Http404
    return found


@allow("returns.vendor", "returns.answer")
@require_GET
def action(request: HttpRequest, number: str) -> HttpResponse:
    """One corrective action with its parts and how it went."""
    by = gate.actor_for(request)
    return _action_page(request, _find_action(number, by), by)


def _action_page(
    request: HttpRequest, row: CorrectiveAction, by: Actor, *, problem: DomainError | None = None
) -> HttpResponse:
    audience = Audience.STAFF if by.is_operator else Audience.CLIENT
    entries = list(Entry.objects.filter(chain_id=row.pk).order_by("-sequence")[:50])
    names = people.names_of({one.actor for one in entries}) if by.is_operator else {}
    may = by.is_operator and by.may("returns.vendor")
    context = {
        **_action(row),
        "parts": [
            {"name": name, "label": label, "value": getattr(row, name)}
            for name, label in (
                ("problem", _("Problem")),
                ("containment", _("Containment")),
                ("cause", _("Cause")),
                ("action", _("Action")),
            )
        ],
        "story": [
            {"what": told, "at": one.occurred_at, "by": names.get(one.actor, "")}
            for one in entries
            if (told := one.told_to(audience))
        ],
        "may_write": may and row.status == ActionStatus.OPEN,
        "may_verify": may and row.status == ActionStatus.DONE,
        "may_drop": may and not actions.reasons_against_dropping(row),
        "against": actions.reasons_against_verifying(row, by=by) if may and row.status == ActionStatus.DONE else [],
        "problem": problem,
    }
    return render(request, "returns/vendors/action.html", context, status=problem.status if problem else 200)


@allow("returns.vendor")
@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Write down, say that it is done, verify, or drop it."""
    by = gate.actor_for(request)
    row, at = _find_action(number, by), clock.now()
    try:
        match request.POST.get("act", ""):
            case "write":
                told = {name: text(request, name, 600) for name in actions.PARTS if name in request.POST}
                actions.write(row, parts=told, by=by, at=at)
            case "done":
                actions.done(row, by=by, at=at)
            case "effective" | "not_effective" as chosen:
                actions.verify(row, effective=chosen == "effective", proof=text(request, "proof"), by=by, at=at)
            case "drop":
                actions.drop(row, why=text(request, "why"), by=by, at=at)
            case _:
                raise BadInput(Reason("act", _("Choose what to do."), "act"))
    except DomainError as refusal:
        return _action_page(request, _find_action(number, by), by, problem=refusal)
    messages.success(request, _("Kept."))
    return HttpResponseRedirect(reverse("corrective_action", args=[row.number]))
