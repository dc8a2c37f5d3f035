"""Claims to carriers: the list with its clocks, a new one from a parcel or a transfer, one claim with its letter."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.forms import show
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.devices.models import Posting
from revlog.evidence import queries as documents
from revlog.evidence.services import artifacts
from revlog.logistics.forms.claims import ClaimForm
from revlog.logistics.freight import billing as reading
from revlog.logistics.models import CarrierClaim
from revlog.logistics.queries import claims as queries
from revlog.logistics.services.freight import claiming
from revlog.logistics.views.freight.common import insider, tabs

SEE = ("logistics.carriers", "money.view")
WRITE = ("logistics.carriers", "money.post")
LOOKS = {"draft": "coming", "filed": "work", "answered": "work", "paid": "done", "rejected": "held", "given_up": "done"}


def _find(request: HttpRequest, number: str) -> tuple[CarrierClaim, Actor]:
    by = insider(request)
    row = queries.claim(number, by)
    if row is None:
        raise Http404
    return row, by


def _row(row: CarrierClaim, at: datetime) -> dict[str, Any]:
    return {
        "claim": row,
        "look": LOOKS[row.status],
        "state": capfirst(word(f"carrier_claim.{row.status}")),
        "kind": capfirst(word(f"claim_kind.{row.kind}")),
        "left": int((row.notice_by - at).total_seconds()) if row.status == "draft" else None,
        "late": row.status == "draft" and row.notice_by < at,
    }


@allow(*SEE)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    by, at = insider(request), clock.now()
    context = {"rows": [_row(one, at) for one in queries.claims(by)[:200]], "tabs": tabs("carrier_claims", by)}
    return render(request, "logistics/freight/claims.html", context)


@allow(*WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """For what its address names: ``parcel`` (a tracking or shipment number) or ``discrepancy``. Without, it asks for a number."""
    by, at = insider(request), clock.now()
    tracking = request.GET.get("parcel", "").strip()
    begun = queries.of_discrepancy(request.GET.get("discrepancy", ""), by)
    if begun is None and tracking:
        begun = queries.of_parcel(tracking, by, at=at)
    if begun is None:
        context: dict[str, Any] = {"asked": tracking, "begun": None}
        return render(request, "logistics/freight/claim_form.html", context, status=404 if tracking else 200)
    calendar = begun.shipment.hub.calendar
    initial = {
        "kind": begun.kind, "since": calendar.local(begun.since or at).date(), "grams": begun.grams or None,
        "value": begun.value or None,
    }  # fmt: skip
    form = ClaimForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        day = told.pop("since")
        since = begun.since if begun.since is not None and calendar.local(begun.since).date() == day else None
        if since is None:
            since = datetime.combine(day, time(12), calendar.tz)
        try:
            row = claiming.draft(
                begun.shipment, parcel=begun.parcel, delivery=begun.delivery, discrepancy=begun.discrepancy,
                evidence=begun.evidence, since=since, **told, by=by, at=at,
            )  # fmt: skip
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("Claim %s is prepared; file it in time.") % row.number)
            return HttpResponseRedirect(reverse("carrier_claim", args=[row.number]))
    context = {"form": form, "begun": begun, "asked": tracking}
    return render(request, "logistics/freight/claim_form.html", context, status=422 if form.errors else 200)


@allow(*SEE, write=WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, number: str) -> HttpResponse:
    row, by = _find(request, number)
    at = clock.now()
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            _act(request, row, by, at)
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, _("Kept."))
            return HttpResponseRedirect(reverse("carrier_claim", args=[row.number]))
    names = people.names_of([one for one in (row.drafted_by, row.filed_by, row.closed_by) if one])
    context = {
        **_row(row, at),
        "regime": word(f"regime.{row.regime}"),
        "evidence": list(row.evidence.all()),
        "may": any(map(by.may, WRITE)),
        "may_pay": by.may("money.post"),
        "postings": Posting.objects.filter(key__startswith=f"carrier_claim:{row.pk}:"),
        "drafted_by": names.get(row.drafted_by, ""),
        "filed_by": names.get(row.filed_by, ""),
        "closed_by": names.get(row.closed_by, ""),
        "currency": row.contract.currency,
        "problem": problem,
        "letter": next((one for one in documents.of_chain(row.pk, by) if one.kind == "claim_letter"), None),
        "may_read": by.may("documents.view"),
    }
    return render(request, "logistics/freight/claim.html", context, status=problem.status if problem else 200)


def _amount(request: HttpRequest, name: str) -> Decimal:
    found = reading.amount_of(request.POST.get(name, ""))
    if found is None:
        raise BadInput(Reason(name, _("An amount is like 120.50."), name))
    return found


def _act(request: HttpRequest, row: CarrierClaim, by: Actor, at: datetime) -> None:
    reason = request.POST.get("reason", "")
    match request.POST.get("act", ""):
        case "file":
            claiming.file(row, by=by, at=at)
        case "answer":
            claiming.answer(
                row, offered=_amount(request, "offered"), text=request.POST.get("text", ""),
                theirs=request.POST.get("theirs", ""), by=by, at=at,
            )  # fmt: skip
        case "pay":
            claiming.pay(row, paid=_amount(request, "paid"), by=by, at=at)
        case "reject":
            claiming.close(row, rejected=True, reason=reason, by=by, at=at)
        case "give_up":
            claiming.close(row, rejected=False, reason=reason, by=by, at=at)
        case _:
            raise BadInput(Reason("act", _("Choose what to do."), "act"))


@allow(*SEE)
@require_safe
def photo(request: HttpRequest, number: str, digest: str) -> HttpResponse:
    row, _by = _find(request, number)
    found = row.evidence.filter(pk=digest, erased_at=None).first()
    if found is None or not found.media_type.startswith("image/"):
        raise Http404
    return HttpResponse(artifacts.read(found), content_type=found.media_type)
