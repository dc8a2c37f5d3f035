"""Agreements with suppliers at the desk: what holds, every version with what it changed, and a form for the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.models import Organization, OrganizationKind
from revlog.accounts.queries import names_of
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.devices import classes
from revlog.terms import agreeing, queries
from revlog.terms.agreeing import VendorTerms
from revlog.terms.models import Agreement
from revlog.terms.services import agreements


def labels() -> dict[str, str]:
    """What the terms are called, in the order in which the form shows them."""
    return {
        "allowed": _("Unsold goods may go back"),
        "device_classes": _("Categories"),
        "models": _("Models"),
        "reasons": _("Why"),
        "sealed_only": _("Sealed only"),
        "min_grade": _("From grade"),
        "window_days": _("Days"),
        "window_since": _("Counted from"),
        "min_value": _("Least value"),
        "min_quantity": _("Least pieces"),
        "quota_of": _("Quota"),
        "quota": _("Of the quota"),
        "quota_period": _("Quota of each"),
        "credit_percent": _("Credit in percent of the purchase price"),
        "restocking_percent": _("Restocking in percent of the credit"),
        "carriage_paid_by": _("Carriage is paid by"),
        "carrier": _("Carrier"),
        "account": _("Account with the carrier"),
        "needs_papers": _("Only with a known purchase order"),
        "papers": _("Papers that travel with it"),
        "answer_days": _("Days to answer"),
        "mail": _("E-mail that is asked"),
    }


def choices() -> dict[str, list[tuple[str, str]]]:
    """What can be chosen, in words."""
    return {
        "device_classes": [(code, capfirst(str(one.label))) for code, one in classes.CLASSES.items()],
        "reasons": [(code, capfirst(word(f"unsold.{code}"))) for code in agreeing.CLASSES],
        "min_grade": [("", _("any"))] + [(one, one) for one in agreeing.GRADES],
        "window_since": [("receipt", _("receipt")), ("purchase", _("purchase"))],
        "quota_of": [
            ("none", _("none")),
            ("percent", _("percent of what was bought")),
            ("amount", _("an amount")),
            ("pieces", _("pieces")),
        ],
        "quota_period": [("month", _("month")), ("quarter", _("quarter")), ("year", _("year"))],
        "carriage_paid_by": [("us", _("us")), ("supplier", _("the supplier"))],
    }


def said(name: str, value: object, known: Mapping[str, list[tuple[str, str]]]) -> str:
    """A value of a term in words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(said(name, one, known) for one in value) or _("all")
    words = dict(known.get(name, []))
    return words.get(str(value), str(value)) if value not in (None, "") else "—"


@allow("terms.view", write="terms.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: HttpRequest, code: str) -> HttpResponse:
    """All versions with one supplier; a POST writes the next."""
    by, at = gate.actor_for(request), clock.now()
    suppliers = Organization.objects.filter(kind=OrganizationKind.SUPPLIER)
    if not by.is_operator:
        suppliers = suppliers.filter(pk__in=[by.organization_id])
    supplier = suppliers.filter(code=code).first()
    if supplier is None:
        raise Http404
    problem: DomainError | None = None
    now = queries.agreement_with(supplier, on=at.date())
    told: dict[str, Any] = now.terms if now is not None else VendorTerms().plain()
    if request.method == "POST":
        told = _told(request)
        try:
            made = agreements.agree(
                supplier, told, valid_from=_day(request, "valid_from") or at.date(), valid_to=_day(request, "valid_to"),
                note=request.POST.get("note", "")[:300], by=by, at=at,
            )  # fmt: skip
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("Version %s is written down.") % made.version)
            return HttpResponseRedirect(reverse("vendor_agreement", args=[supplier.code]))
    rows = list(Agreement.objects.visible_to(by).filter(supplier=supplier).order_by("-version"))
    context = {
        "supplier": supplier,
        "now": now,
        "terms": _pairs(now.terms) if now is not None else [],
        "versions": _versions(rows, now, at.date()) if rows else [],
        "told": told,
        "fields": labels(),
        "choices": choices(),
        "models": "; ".join(told.get("models", [])),
        "valid_from": request.POST.get("valid_from", at.date().isoformat()),
        "may_edit": by.may("terms.edit"),
        "is_operator": by.is_operator,
        "problem": problem,
    }
    return render(request, "terms/agreement.html", context, status=problem.status if problem else 200)


def _pairs(terms: Mapping[str, Any]) -> list[tuple[str, str]]:
    known = choices()
    return [(label, said(name, terms.get(name), known)) for name, label in labels().items()]


def _versions(rows: list[Agreement], now: Agreement | None, on: date) -> list[dict[str, Any]]:
    known, called, names = choices(), labels(), names_of({row.made_by for row in rows})
    before = {row.version: row.terms for row in rows}
    return [
        {
            "row": row,
            "by": names.get(row.made_by, ""),
            "in_force": now is not None and row.pk == now.pk,
            "coming": row.valid_from > on,
            "changes": [
                {"where": called[name], "before": said(name, old, known), "after": said(name, new, known)}
                for name, old, new in agreeing.changes(before.get(row.version - 1), row.terms)
                if name in called and (row.version > 1 or new not in (None, "", [], False, "0", 0))
            ],
        }
        for row in rows
    ]


def _told(request: HttpRequest) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in labels():
        if name in {"device_classes", "reasons"}:
            told[name] = request.POST.getlist(name)[:50]
        elif name == "models":
            told[name] = [one.strip() for one in request.POST.get(name, "")[:2000].split(";") if one.strip()]
        elif name in {"allowed", "sealed_only", "needs_papers"}:
            told[name] = request.POST.get(name) == "1"
        else:
            told[name] = request.POST.get(name, "")[:300]
    return told


def _day(request: HttpRequest, name: str) -> date | None:
    given = request.POST.get(name, "").strip()
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadInput(Reason(name, _("A day is written like 2026-11-02."), name)) from None
