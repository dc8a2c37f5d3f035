"""Interchanges of businesses: uploaded, kept, sent; and with whom they were agreed on."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from returns.edi.x12 import MOST_BYTES
from returns.models import BusinessCase, EdiPartner, Interchange
from returns.services.business import edi, envelopes, partners
from returns.views.business import act
from returns.views.common import text
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.evidence.services import artifacts

NEWEST = 100
MOST_PROBLEMS = 10
LOOKS = {"A": "done", "E": "work", "P": "work", "R": "held"}


def visible(by: Actor) -> QuerySet[Interchange]:
    """Interchanges of the visitor's own organization, as customer or seller; the operator's people see all."""
    rows = Interchange.objects.all()
    if by.is_operator:
        return rows
    if by.organization_id is None:
        return rows.none()
    return rows.filter(Q(partner__customer_id=by.organization_id) | Q(partner__seller_id=by.organization_id))


@allow("returns.open", "client.request")
@require_http_methods(["GET", "HEAD", "POST"])
def interchanges(request: HttpRequest) -> HttpResponse:
    """Upload one, see those that came and went, and agree on them with a customer."""
    by = gate.actor_for(request)
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            return _taken(request, by) if request.POST.get("act") != "partner" else _agreed(request, by)
        except DomainError as refusal:
            problem = refusal
    rows = (
        visible(by)
        .select_related("partner__customer", "partner__seller", "answers", "acknowledgment")
        .prefetch_related("cases__rma")
    )
    organizations = list(Organization.objects.filter(active=True).order_by("name")) if by.may("terms.edit") else []
    context = {
        "rows": [
            {
                "row": row,
                "look": LOOKS.get(row.verdict, "coming"),
                "verdict": word(f"edi.{row.verdict}") if row.verdict else "",
            }
            for row in rows.order_by("-at", "-id")[:NEWEST]
        ],
        "partners": EdiPartner.objects.select_related("customer", "seller").order_by("customer__name")
        if by.may("terms.edit")
        else [],
        "organizations": organizations,
        "sent": {name: request.POST.get(name, "") for name in ("identifier", "own_identifier", "mapping")},
        "problem": problem,
    }
    return render(request, "returns/business_edi.html", context, status=problem.status if problem else 200)


def _taken(request: HttpRequest, by: Actor) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        raise BadInput(Reason("file", _("Choose the file that holds the interchange."), "file"))
    done = edi.take_in(file.read(MOST_BYTES + 1), by=by, at=clock.now())
    numbers = ", ".join(rma.number for rma in done.rmas)
    if not done.rmas:
        told = _("Taken: it says what became of interchanges of ours.")
    else:
        told = _("This interchange was taken before: %s.") if done.known else _("Taken: %s.")
        told %= numbers
    messages.success(request, told)
    for problem in done.problems[:MOST_PROBLEMS]:
        messages.warning(request, problem)
    return HttpResponseRedirect(reverse("business_edi"))


def _agreed(request: HttpRequest, by: Actor) -> HttpResponse:
    told: dict[str, Any] = {}
    if written := request.POST.get("mapping", "").strip():
        try:
            told = json.loads(written)
        except (ValueError, RecursionError):
            told = {}
            raise BadInput(Reason("mapping", _("The mapping is a JSON object."), "mapping")) from None
        if not isinstance(told, dict):
            raise BadInput(Reason("mapping", _("The mapping is a JSON object."), "mapping"))
    parties = {
        name: Organization.objects.filter(code=text(request, name, 40), active=True).first()
        for name in ("customer", "seller")
    }
    customer, seller = parties["customer"], parties["seller"]
    if customer is None or seller is None:
        raise BadInput(Reason("customer", _("Name the customer and the seller."), "customer"))
    partners.add_partner(
        customer=customer,
        seller=seller,
        qualifier=text(request, "qualifier", 3) or "ZZ",
        identifier=text(request, "identifier", 20),
        own_qualifier=text(request, "own_qualifier", 3) or "ZZ",
        own_identifier=text(request, "own_identifier", 20),
        mapping=told,
        by=by,
        at=clock.now(),
    )
    messages.success(request, _("Agreed."))
    return HttpResponseRedirect(reverse("business_edi"))


@allow("returns.open", "client.request")
@require_GET
def interchange(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The file as it came or went."""
    by = gate.actor_for(request)
    row = get_object_or_404(visible(by).select_related("artifact"), pk=pk)
    answer = HttpResponse(artifacts.read(row.artifact), content_type=f"{envelopes.MEDIA_TYPE}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.direction}-{row.control}.edi"'
    return answer


@allow("returns.open", "returns.approve")
@require_POST
def authorize(request: HttpRequest, number: str) -> HttpResponse:
    """Our answer to an approved return, as a file to send."""

    def verb(case: BusinessCase, by: Actor, at: datetime) -> object:
        return edi.authorize(case, by=by, at=at)

    return act(request, number, verb, _("The authorization is among the interchanges."))
