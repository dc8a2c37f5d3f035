"""What goes out: one shipment with its parcels and the packaging that goes along; and the packaging that a truck brought back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.forms import show
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.words import word
from revlog.logistics import queries
from revlog.logistics.forms.packaging import PackagingForm
from revlog.logistics.models import Delivery, Direction, Shipment
from revlog.logistics.services import packaging
from revlog.storage.models import PackagingMove, PackagingType


@allow("logistics.view", write="devices.locate")
@require_http_methods(["GET", "HEAD", "POST"])
def shipment(request: HttpRequest, number: str) -> HttpResponse:
    """One shipment; a POST writes down the packaging that goes along."""
    actor = gate.insider_for(request)
    row = (
        Shipment.objects.filter(number=number.replace("\0", ""), hub__in=Hub.objects.worked_by(actor))
        .select_related("hub", "carrier", "owner")
        .first()
    )
    if row is None:
        raise Http404
    out = row.direction == Direction.OUTBOUND
    form = None
    if out and actor.may("devices.locate") and PackagingType.objects.filter(active=True).exists():
        form = PackagingForm(request.POST or None, actor=actor, back=False)
    if request.method == "POST" and form is not None and form.is_valid():
        told = form.cleaned_data
        try:
            packaging.went(row, told["type"], partner=told["partner"], quantity=told["whole"], by=actor, at=clock.now())
        except DomainError as refusal:
            show(form, refusal)
        else:
            messages.success(
                request, _("%(count)s × %(what)s went out.") % {"count": told["whole"], "what": told["type"].name}
            )
            return HttpResponseRedirect(reverse("shipment", args=[row.number]))
    context = {
        "shipment": row,
        "direction": Direction(row.direction).label,
        "parcels": [{"row": one, "state": word(f"parcel.{one.status}")} for one in row.parcels.order_by("number")],
        "moves": moves_of(row.number),
        "form": form,
        "may_label": out and any(actor.may(one) for one in ("logistics.handover", "resale.ship", "returns.send_back")),
    }
    return render(request, "logistics/shipment.html", context, status=422 if form is not None and form.errors else 200)


def moves_of(number: str) -> list[PackagingMove]:
    """What was posted with a paper."""
    rows = (
        PackagingMove.objects.filter(reference=number).select_related("type", "partner").order_by("occurred_at", "id")
    )
    return list(rows[:100])


@allow("devices.locate")
@require_POST
def brought(request: HttpRequest, number: str) -> HttpResponse:
    """The packaging that a truck brought back, counted at the door."""
    actor = gate.insider_for(request)
    row = Delivery.objects.visible_to(actor).filter(number=number.replace("\0", "")).select_related("hub").first()
    if row is None:
        raise Http404
    form = PackagingForm(request.POST, actor=actor, back=True)
    if not form.is_valid():
        messages.error(request, _("Say which packaging, whose it was, and how many came."))
        return HttpResponseRedirect(queries.address_of(row))
    told = form.cleaned_data
    try:
        packaging.brought(
            row,
            told["type"],
            partner=told["partner"],
            whole=told["whole"],
            damaged=told["damaged"],
            by=actor,
            at=clock.now(),
        )
    except DomainError as refusal:
        messages.error(request, refusal.sentence)
    else:
        count = told["whole"] + told["damaged"]
        said = ngettext("%(count)s piece of packaging came back.", "%(count)s pieces of packaging came back.", count)
        messages.success(request, said % {"count": count})
    return HttpResponseRedirect(queries.address_of(row))
