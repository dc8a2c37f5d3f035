"""Support announces a return for somebody who calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from returns.forms import WhyForm
from returns.models import Origin, Rma, SupportCase
from returns.services import desk, opening, overriding, troubleshooting
from returns.services.opening import Wish
from returns.services.overriding import Override
from returns.views.common import printable, text
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.terms import queries as terms
from revlog.terms.models import Order


@allow("returns.open")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Support announces a return for somebody who calls: the order by its number, then each thing with its reason and wish.

    Out of a support case the order is the case's, and what troubleshooting found is filled in. Who may override the rules is offered what
    they block, too.
    """
    by = gate.actor_for(request)
    at = clock.now()
    case = _case(request, by)
    number = printable(request.POST.get("order", request.GET.get("order", "")), 60)
    order = case.order if case is not None and not number else terms.order_by_number(number, by) if number else None
    problem, status = "", 200
    if number and order is None:
        problem, status = _("There is no order %s.") % number[:60], 404
    found = opening.returnable(order, at=at, for_staff=True) if order is not None else []
    may_override = by.may("returns.override")
    offered = [one for one in found if not one.blocked or (may_override and one.left > 0)]
    filled = _filled(case)
    forms = [
        WhyForm(
            request.POST if _ticked(request, one) else None,
            prefix=str(one.line.pk),
            line=one.line,
            left=one.left,
            initial=filled.get(str(one.line.pk)),
        )
        for one in offered
    ]
    if request.method == "POST" and order is not None:
        told = [form for form in forms if form.is_bound]
        if told and all([form.is_valid() for form in told]):  # noqa: C419 - each form is to show its own errors
            try:
                rma = _open(order, case, [_wish(form, _override(request, by)) for form in told], by=by, at=at)
                messages.success(request, _("Return %s is announced.") % rma.number)
                if case is not None:
                    return HttpResponseRedirect(reverse("desk_case", args=[case.number]))
                return HttpResponseRedirect(reverse("returns_rma", args=[rma.number]))
            except DomainError as refusal:
                problem, status = refusal.sentence, refusal.status
        else:
            problem, status = _("Tick what comes back and say why."), 422
    context = {
        "order": order,
        "number": number or (order.number if order is not None else ""),
        "case": case,
        "forms": [
            {"form": form, "blocked": one.blocked, "ticked": form.is_bound or form.prefix in filled or len(forms) == 1}
            for form, one in zip(forms, offered, strict=True)
        ],
        "blocked": [one for one in found if one not in offered],
        "may_override": may_override,
        "override": {
            "on": request.POST.get("override") == "1",
            "why": text(request, "override_why"),
            "waive": request.POST.get("waive_fee") == "1",
        },
        "problem": problem,
    }
    return render(request, "returns/new.html", context, status=status)


def _case(request: HttpRequest, by: Actor) -> SupportCase | None:
    """The open support case out of which a return is announced; one that isn't theirs to work on is as good as none."""
    number = request.POST.get("case", request.GET.get("case", ""))
    if not number or not by.may("returns.desk"):
        return None
    rows = SupportCase.objects.visible_to(by).select_related("order__seller", "order__contact", "line")
    return rows.filter(number=printable(number, 20), closed_at=None).first()


def _filled(case: SupportCase | None) -> dict[str, dict[str, Any]]:
    """What is known from the case: the thing, and what troubleshooting ended with."""
    if case is None or case.line is None:
        return {}
    known: dict[str, Any] = {"reason": case.walk.get("reason", "")}
    walk = troubleshooting.of_case(case)
    if walk is not None and walk.is_over and walk.here.end != "fixed":
        known["reason"] = walk.here.reason or known["reason"]
        if walk.here.wanted:
            known["wanted"] = walk.here.wanted
    return {str(case.line_id): known}


def _open(order: Order, case: SupportCase | None, wishes: list[Wish], *, by: Actor, at: datetime) -> Rma:
    """The return (and the claim), and that it came of the case: all or nothing. The first is shown."""
    with transaction.atomic():
        rmas = opening.open_rmas(order=order, wishes=wishes, origin=Origin.STAFF, by=by, at=at)
        if case is not None:
            desk.announced(case, rmas[0], by=by, at=at)
    return rmas[0]


def _ticked(request: HttpRequest, one: opening.Returnable) -> bool:
    return request.method == "POST" and str(one.line.pk) in request.POST.getlist("lines")


def _override(request: HttpRequest, by: Actor) -> Override | None:
    if request.POST.get("override") != "1":
        return None
    return overriding.person(by, why=text(request, "override_why"), waive_fee=request.POST.get("waive_fee") == "1")


def _wish(form: WhyForm, override: Override | None) -> Wish:
    told = form.cleaned_data
    return Wish(
        line=form.line.pk,
        quantity=told["quantity"],
        reason=told["reason"],
        wanted=told["wanted"],
        note=told["note"],
        override=override,
    )
