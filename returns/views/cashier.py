"""The cashier's pages: payments that are waited for, held and settled, and store credit with what is left of it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from returns.models import ChargeStatus, Rma, RmaLine, StoreCredit
from returns.services import charges, credits, wishes
from returns.views import office, panels
from returns.views.common import printable, text
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock, ids
from revlog.common.errors import DomainError
from revlog.common.templatetags.ui import money

MOST = 200
TABS = {
    "asked": (ChargeStatus.ASKED,),
    "held": (ChargeStatus.HELD, ChargeStatus.KEEPING, ChargeStatus.RELEASING),
    "settled": (ChargeStatus.PAID, ChargeStatus.RELEASED, ChargeStatus.CANCELLED, ChargeStatus.FAILED),
}


@allow("returns.view")
@require_GET
def payments(request: HttpRequest) -> HttpResponse:
    """What customers were asked for: who pays is looked up on the account, and said here."""
    return _payments(request)


def _payments(request: HttpRequest, *, problem: DomainError | None = None) -> HttpResponse:
    by = gate.actor_for(request)
    chosen = request.GET.get("show", "asked")
    chosen = chosen if chosen in TABS else "asked"
    shown = panels.charges_of(by)
    labels = {"asked": _("Waited for"), "held": _("Held"), "settled": _("Settled")}
    rows = shown.filter(status__in=TABS[chosen])
    rows = rows.order_by("due_by", "asked_at") if chosen == "asked" else rows.order_by("-asked_at")
    context = {
        "rows": [panels.charge_row(charge, by) for charge in rows[:MOST]],
        "tabs": [
            {
                "label": labels[name],
                "url": f"{reverse('returns_payments')}?show={name}",
                "active": name == chosen,
                "count": shown.filter(status__in=statuses).count(),
            }
            for name, statuses in TABS.items()
        ],
        "may_act": by.may("returns.refund"),
        "problem": problem,
    }
    return render(request, "returns/payments.html", context, status=problem.status if problem else 200)


@allow("returns.refund")
@require_POST
def came(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """It is on the account."""
    by = gate.actor_for(request)
    charge = get_object_or_404(panels.charges_of(by), pk=pk)
    try:
        charges.confirm(charge, by=by, at=clock.now())
    except DomainError as refusal:
        return _payments(request, problem=refusal)
    messages.success(request, _("Noted: the payment is here."))
    back = request.POST.get("back", "")
    address = reverse("returns_rma", args=[charge.line.rma.number]) if back == "return" else reverse("returns_payments")
    return HttpResponseRedirect(address)


# Store credit -----------------------------------------------------------------------------------------------------------------------


@allow("returns.view")
@require_GET
def store_credit(request: HttpRequest) -> HttpResponse:
    """All store credit, newest first; found by its code, or by the return that it was given for."""
    by = gate.actor_for(request)
    asked = printable(request.GET.get("q", ""), 60)
    rows = panels.credits_of(by)
    if asked:
        code = ids.normal(asked, credits.PREFIX, credits.GROUPS)
        number = ids.normal(asked, "RMA")
        rows = rows.filter(Q(code=code or "-") | Q(refund__line__rma__number=number or "-"))
    shown = StoreCredit.objects.visible_to(by).filter(balance__gt=0)
    sums: dict[str, Any] = {}
    for currency, balance in shown.values_list("currency", "balance"):
        sums[currency] = sums.get(currency, 0) + balance
    context = {
        "rows": [panels.credit_row(credit) for credit in rows[:MOST]],
        "query_text": asked,
        "owed": [money(total, currency) for currency, total in sorted(sums.items())],
    }
    return render(request, "returns/store_credit.html", context)


# Another wish -----------------------------------------------------------------------------------------------------------------------


@allow("returns.settle", "returns.approve")
@require_POST
def change_wish(request: HttpRequest, number: str) -> HttpResponse:
    """The desk changes a wish for the customer, who reads why."""
    wanted, why = text(request, "wanted", 10), text(request, "why")

    def verb(rma: Rma, by: Actor, at: Any) -> object:  # noqa: ANN401
        try:
            line = rma.lines.get(pk=uuid.UUID(request.POST.get("line", "")))
        except (ValueError, RmaLine.DoesNotExist):
            line = get_object_or_404(rma.lines, pk=None)
        return wishes.change(line, wanted=wanted, why=why, by=by, at=at)

    return office.act(request, number, verb, capfirst(_("changed.")))
