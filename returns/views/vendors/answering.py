"""The page on which a supplier answers without an account: opened by the signed link of the mail, for one return alone."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from returns.models import RtvStatus, VendorReturn
from returns.services.vendors import returning
from returns.views.vendors import rtvs
from returns.views.visitors import guest_of, issuer
from revlog.accounts import guests
from revlog.accounts.access import GUEST, PUBLIC, allow
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import Audience, word


@allow(PUBLIC)
@never_cache
@require_GET
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The signed address of the mail: opens the one return."""
    scope = guests.read(token, at=clock.now())
    opened = [thing.partition(":")[2] for thing in scope if thing.startswith("vendor_return:")]
    if not opened or not VendorReturn.objects.filter(pk=opened[0]).exists():
        return render(request, "returns/vendors/answer_gone.html", {"issuer": _issuer()}, status=410)
    guests.admit(request, scope)
    return HttpResponseRedirect(reverse("vendor_answer", args=[opened[0]]))


def _issuer() -> dict[str, object]:
    return {**issuer(), "url": "/"}


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, rtv: uuid.UUID) -> HttpResponse:
    """What we ask them to take; a POST is their answer, which is given once."""
    by = guest_of(request, f"vendor_return:{rtv}")
    rows = VendorReturn.objects.select_related("supplier", "agreement", "hub__organization")
    row = get_object_or_404(rows.exclude(status=RtvStatus.DRAFT), pk=rtv)
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            rtvs.answer(request, row, by, at=clock.now())
        except DomainError as refusal:
            problem, row = refusal, rows.get(pk=rtv)
        else:
            return HttpResponseRedirect(reverse("vendor_answer", args=[rtv]))
    lines = list(row.lines.select_related("device__product"))
    context = {
        "rtv": row,
        "status": capfirst(word(f"rtv.{row.status}")),
        "lines": [{"line": one, "reason": capfirst(word(f"unsold.{one.reason}"))} for one in lines],
        "pieces": sum(one.quantity for one in lines),
        "expected": sum((one.expected for one in lines), Decimal(0)),
        "may_answer": row.status == RtvStatus.ASKED and returning.scope(row) in by.scope,
        "told": request.POST if problem else {},
        "story": rtvs.story_of(row, Audience.CLIENT),
        "issuer": {**_issuer(), "name": row.hub.organization.name},
        "problem": problem,
    }
    return render(request, "returns/vendors/answer.html", context, status=problem.status if problem else 200)
