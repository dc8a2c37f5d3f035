"""What a customer still has to do for what they wanted: pay, say that it was given away, or choose something else."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from returns import payments
from returns.models import Charge, ChargeStatus, Rma, RmaLine
from returns.services import keeping, wishes
from returns.views import following
from returns.views.common import text
from returns.views.visitors import day, issuer, rma_of
from revlog.accounts.access import GUEST, allow
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError
from revlog.common.words import Audience, word
from revlog.evidence.services import artifacts


@allow(GUEST)
@never_cache
@require_GET
def pay(request: HttpRequest, number: str, charge: uuid.UUID) -> HttpResponse:
    """How to pay what is asked for: at the provider, or by bank under a reference. What is settled says so."""
    rma, _by = rma_of(request, number)
    row = get_object_or_404(Charge.objects.select_related("line__order_line"), pk=charge, line__rma=rma)
    asked = payments.provider(row.provider).state(str(row.pk)) if row.reference else None
    context = {
        "rma": rma,
        "issuer": issuer(rma.order),
        "charge": row,
        "what": word(f"charge_for.{row.purpose}", Audience.CUSTOMER),
        "status": word(f"charge.{row.status}", Audience.CUSTOMER),
        "name": row.line.order_line.description,
        "waits": row.status == ChargeStatus.ASKED,
        "due": day(row.due_by, rma),
        "url": asked.url if asked else "",
        "told": dict(asked.instructions or {}) if asked else {},
    }
    return render(request, "returns/portal_pay.html", context)


def _line(rma: Rma, key: str) -> RmaLine:
    try:
        return rma.lines.get(pk=uuid.UUID(key))
    except (ValueError, RmaLine.DoesNotExist):
        raise Http404 from None


@allow(GUEST)
@require_POST
def give_away(request: HttpRequest, number: str) -> HttpResponse:
    """They gave it away; a receipt may be shown, and is kept with the return."""
    rma, by = rma_of(request, number)
    line = _line(rma, request.POST.get("line", ""))
    try:
        photo = _receipt(request, at=clock.now())
        keeping.give_away(line, photo=photo, by=by, at=clock.now())
    except DomainError as refusal:
        return following.status_page(request, rma, by, problem=refusal)
    return HttpResponseRedirect(reverse("portal_status", args=[number]))


def _receipt(request: HttpRequest, *, at: datetime) -> str:
    upload = request.FILES.get("photo")
    if upload is None:
        return ""
    try:
        return artifacts.keep_upload(upload, at=at).digest
    except DomainError as refusal:
        raise BadInput([type(one)(one.code, one.sentence, "photo") for one in refusal.reasons]) from None


@allow(GUEST)
@require_POST
def change_wish(request: HttpRequest, number: str) -> HttpResponse:
    rma, by = rma_of(request, number)
    line = _line(rma, request.POST.get("line", ""))
    try:
        wishes.change(line, wanted=text(request, "wanted", 10), by=by, at=clock.now())
    except DomainError as refusal:
        return following.status_page(request, rma, by, problem=refusal)
    return HttpResponseRedirect(reverse("portal_status", args=[number]))
