"""Another way for a return, chosen by the desk for its customer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from returns.models import Way
from returns.services.ways import changing
from returns.services.ways.choosing import Choice
from returns.views import office, ways
from revlog.accounts.access import allow
from revlog.common import clock
from revlog.common.errors import DomainError


@allow("returns.approve")
@require_POST
def choose(request: HttpRequest, number: str) -> HttpResponse:
    """Another way for a customer who asked for it."""
    rma, by = office.find(request, number)
    choice = ways.chosen(request) or Choice(Way.ARRANGED.value)
    try:
        changing.choose(rma, choice, by=by, at=clock.now())
    except DomainError as refusal:
        return office.show(request, rma, by, problem=refusal)
    return HttpResponseRedirect(reverse("returns_rma", args=[rma.number]))
