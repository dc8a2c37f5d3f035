"""Taking back what is with another organization: who has what, and the way back."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.forms import show
from revlog.accounts.models import Organization
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.logistics.forms.transfers import BackForm, BackLegs
from revlog.logistics.queries import transfers as queries
from revlog.logistics.services.transfers import planning
from revlog.logistics.views.transfer_buttons import things
from revlog.logistics.views.transfers import plans

MOST_SHOWN = 200


@allow("logistics.view", write="logistics.view")
@require_http_methods(["GET", "HEAD", "POST"])
def back(request: HttpRequest) -> HttpResponse:
    """First whose: the organizations that have something of ours. Then what, and by which way."""
    actor, at = gate.insider_for(request), clock.now()
    if not plans(actor):
        return HttpResponse(status=403) if request.method == "POST" else HttpResponseRedirect(reverse("transfers"))
    there = queries.with_others(actor)
    code = request.GET.get("from", "").replace("\0", "")
    if not code:
        rows = there.order_by().values("transfer__receiver__code", "transfer__receiver__name")
        others = [
            {
                "name": one["transfer__receiver__name"], "code": one["transfer__receiver__code"],
                "many": one["many"], "since": one["since"],
            }
            for one in rows.annotate(many=Count("pk"), since=Min("accepted_at")).order_by("since")
        ]  # fmt: skip
        return render(request, "logistics/transfers/back.html", {"others": others})
    giver = Organization.objects.visible_to(actor).filter(code=code).first()
    if giver is None:
        raise Http404
    theirs = list(there.filter(transfer__receiver=giver)[:MOST_SHOWN])
    last = theirs[-1].transfer if theirs else None
    initial = {"origin": last.origin.code, "address": "\n".join(last.address)} if last is not None else {}
    form = BackForm(request.POST or None, actor=actor, there=theirs, initial=initial)
    legs = BackLegs(
        request.POST or None,
        prefix="legs",
        initial=[{"begins_at": giver.name, "ends_at": last.origin.name if last is not None else ""}],
    )
    if request.method == "POST" and form.is_valid() and legs.is_valid():
        told = form.cleaned_data
        try:
            containers, devices = things(told["numbers"], None, told["origin"], actor)
            row = planning.plan(
                origin=told["origin"], giver=giver, address=told["lines"],
                legs=[one.stretch() for one in legs if one.is_used], containers=containers, devices=devices,
                reason=told["reason"], by=actor, at=at,
            )  # fmt: skip
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(request, _("Transfer %s is planned.") % row.number)
            return HttpResponseRedirect(queries.address_of(row))
    context = {"form": form, "legs": legs, "giver": giver}
    return render(request, "logistics/transfers/back.html", context, status=422 if request.method == "POST" else 200)
