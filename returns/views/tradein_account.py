"""The seller's other account, when a payment came back: on the page of their trade-in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from returns.models import TradeIn
from returns.services.tradein import correcting
from returns.views import following
from returns.views.common import text
from returns.views.visitors import rma_of
from revlog.accounts.access import GUEST, allow
from revlog.common import clock
from revlog.common.errors import DomainError


@allow(GUEST)
@never_cache
@require_POST
def tell(request: HttpRequest, number: str) -> HttpResponse:
    """Another account: what came back waits for the next payment."""
    rma, by = rma_of(request, number)
    row = TradeIn.objects.filter(rma=rma).first()
    if row is None:
        raise Http404
    try:
        correcting.correct(
            row, account=text(request, "iban", 42), holder=text(request, "holder", 120), by=by, at=clock.now()
        )
    except DomainError as refusal:
        return following.status_page(request, rma, by, problem=refusal)
    return HttpResponseRedirect(reverse("portal_status", args=[rma.number]))
