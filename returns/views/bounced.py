"""Money that didn't arrive, on the return's page: saying that the bank sent it back, and paying it another way."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from returns.models import Refund, Rma
from returns.services import bouncing
from returns.views.common import text
from returns.views.office import act
from revlog.accounts.access import allow


def _refund(request: HttpRequest, rma: Rma) -> Refund:
    try:
        return Refund.objects.get(pk=uuid.UUID(request.POST.get("refund", "")), line__rma=rma)
    except (ValueError, Refund.DoesNotExist):
        raise Http404 from None


@allow("returns.refund")
@require_POST
def came_back(request: HttpRequest, number: str) -> HttpResponse:
    why = text(request, "reason")
    return act(
        request,
        number,
        lambda rma, by, at: bouncing.say_it_came_back(_refund(request, rma), why=why, by=by, at=at),
        _("Noted. It is still owed to the customer."),
    )


@allow("returns.refund")
@require_POST
def pay_again(request: HttpRequest, number: str) -> HttpResponse:
    return act(
        request,
        number,
        lambda rma, by, at: bouncing.pay_again(_refund(request, rma), by=by, at=at),
        _("It is paid by hand now."),
    )
