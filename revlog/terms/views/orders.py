"""Forward orders at the desk: the list, one order, and the import."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import BinaryIO, cast

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.terms.forms import ImportForm
from revlog.terms.models import Order
from revlog.terms.services import importing

PAGE = 50


@allow("orders.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Orders, newest first; found by number or SKU."""
    by = gate.actor_for(request)
    text = "".join(letter for letter in request.GET.get("q", "") if letter.isprintable()).strip()[:60]
    rows = Order.objects.visible_to(by)
    if text:
        rows = rows.filter(Q(number__icontains=text) | Q(lines__sku__iexact=text)).distinct()
    total = rows.count()
    moment, _mark, key = request.GET.get("after", "").partition("~")
    try:
        after = (datetime.fromisoformat(moment), uuid.UUID(key))
        rows = rows.filter(Q(ordered_at__lt=after[0]) | Q(ordered_at=after[0], id__lt=after[1]))
    except ValueError:
        pass
    found = list(rows.select_related("seller").prefetch_related("lines").order_by("-ordered_at", "-id")[: PAGE + 1])
    page = found[:PAGE]
    cursor = f"{page[-1].ordered_at.isoformat()}~{page[-1].pk}" if len(found) > PAGE else ""
    context = {
        "orders": page,
        "text": text,
        "page": {
            "shown": len(page),
            "total": total,
            "exact": True,
            "next_url": "?" + urlencode({"q": text, "after": cursor}) if cursor else "",
            "previous_url": "?" + urlencode({"q": text}) if moment else "",
        },
        "may_import": by.may("orders.import"),
        "may_return": by.may("returns.open"),
    }
    return render(request, "terms/orders.html", context)


@allow("orders.view")
@require_GET
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One order with its lines. Name, address and e-mail show to those who write to customers."""
    by = gate.actor_for(request)
    order = get_object_or_404(
        Order.objects.visible_to(by)
        .select_related("seller", "contact", "customer")
        .prefetch_related("lines__warranties"),
        pk=pk,
    )
    context = {
        "order": order,
        "may_return": by.may("returns.open"),
        "shows_person": by.may("messages.send") or not by.is_operator,
    }
    return render(request, "terms/order.html", context)


@allow("orders.import")
@require_http_methods(["GET", "HEAD", "POST"])
def import_orders(request: HttpRequest) -> HttpResponse:
    """All orders of a file or none; every mistake with its line."""
    by = gate.actor_for(request)
    form = ImportForm(request.POST or None, request.FILES or None, actor=by)
    problem: DomainError | None = None
    if request.method == "POST" and form.is_valid():
        hub = Hub.objects.filter(pk__in=[by.hub_id]).first()
        try:
            done = importing.import_csv(
                cast("BinaryIO", form.cleaned_data["file"].file),
                seller=form.cleaned_data["seller"],
                by=by,
                at=clock.now(),
                zone=hub.zone if hub else "UTC",
            )
        except DomainError as refusal:
            problem = refusal
        else:
            count = len(done.placed)
            said = ngettext("%s order imported.", "%s orders imported.", count) % count
            if done.known:
                known = len(done.known)
                said += " " + ngettext("%s was here already.", "%s were here already.", known) % known
            messages.success(request, said)
            return HttpResponseRedirect(reverse("orders"))
    context = {"form": form, "problem": problem, "needed": importing.NEEDED, "optional": importing.OPTIONAL}
    status = problem.status if problem else 422 if form.errors else 200
    return render(request, "terms/import.html", context, status=status)
