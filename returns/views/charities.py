"""Charities that sellers can give the sum to: which are listed, from when until when, and to which account."""

from __future__ import annotations

import uuid
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from returns import iban
from returns.models import Charity
from returns.services.tradein import charities
from returns.views.common import text
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import clock
from revlog.common.errors import DomainError


def _operator(request: HttpRequest) -> Actor:
    by = gate.actor_for(request)
    if not by.is_operator:
        raise Http404
    return by


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return date.fromisoformat(text(request, name, 10))
    except ValueError:
        return None


@allow("returns.refund")
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """Those that are listed and were, and the form for another."""
    by, problem = _operator(request), None
    if request.method == "POST":
        wanted = text(request, "organization", 40)
        try:
            row = charities.add(
                organization=Organization.objects.visible_to(by).filter(code=wanted).first(),
                name=text(request, "name", 200),
                account=text(request, "iban", 42),
                since=_day(request, "since"),
                until=_day(request, "until"),
                by=by,
                at=clock.now(),
            )
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("%s can be chosen from that day on.") % row.organization.name)
            return HttpResponseRedirect(reverse("charities"))
    today = clock.now().date()
    context = {
        "rows": [
            {
                "row": row,
                "account": iban.grouped(row.iban),
                "look": "coming" if row.since > today else "held" if row.until and row.until < today else "done",
                "may_end": row.until is None or row.until >= today,
            }
            for row in Charity.objects.select_related("organization")
        ],
        "companies": Organization.objects.visible_to(by).filter(active=True).exclude(kind=OrganizationKind.OPERATOR),
        "told": request.POST,
        "today": today.isoformat(),
        "problem": problem,
    }
    return render(request, "returns/tradein/charities.html", context, status=problem.status if problem else 200)


@allow("returns.refund")
@require_POST
def end(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Its last day."""
    by = _operator(request)
    row = get_object_or_404(Charity, pk=pk)
    try:
        charities.end(row, until=_day(request, "until"), by=by, at=clock.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Noted. Who chose it before is still paid to it."))
    return HttpResponseRedirect(reverse("charities"))
