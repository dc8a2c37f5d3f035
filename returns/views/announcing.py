"""Support announces a return for somebody who calls."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from returns.forms import WhyForm
from returns.models import Origin
from returns.services import opening
from returns.services.opening import Wish
from returns.views.common import printable
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.terms import queries as terms


@allow("returns.open")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Support announces a return for somebody who calls: the order by its number, then each thing with its reason and wish."""
    by = gate.actor_for(request)
    at = clock.now()
    number = printable(request.POST.get("order", request.GET.get("order", "")), 60)
    order = terms.order_by_number(number, by) if number else None
    problem, status = "", 200
    if number and order is None:
        problem, status = _("There is no order %s.") % number[:60], 404
    found = opening.returnable(order, at=at) if order is not None else []
    forms = [
        WhyForm(request.POST if _ticked(request, one) else None, prefix=str(one.line.pk), line=one.line, left=one.left)
        for one in found
        if not one.blocked
    ]
    if request.method == "POST" and order is not None:
        told = [form for form in forms if form.is_bound]
        if told and all([form.is_valid() for form in told]):  # noqa: C419 - each form is to show its own errors
            try:
                rma = opening.open_rma(
                    order=order, wishes=[_wish(form) for form in told], origin=Origin.STAFF, by=by, at=at
                )
                messages.success(request, _("Return %s is announced.") % rma.number)
                return HttpResponseRedirect(reverse("returns_rma", args=[rma.number]))
            except DomainError as refusal:
                problem, status = refusal.sentence, refusal.status
        else:
            problem, status = _("Tick what comes back and say why."), 422
    context = {
        "order": order,
        "number": number,
        "forms": forms,
        "blocked": [one for one in found if one.blocked],
        "problem": problem,
    }
    return render(request, "returns/new.html", context, status=status)


def _ticked(request: HttpRequest, one: opening.Returnable) -> bool:
    return request.method == "POST" and str(one.line.pk) in request.POST.getlist("lines")


def _wish(form: WhyForm) -> Wish:
    told = form.cleaned_data
    return Wish(
        line=form.line.pk, quantity=told["quantity"], reason=told["reason"], wanted=told["wanted"], note=told["note"]
    )
