"""What something would cost: by each contract, each line of the sum said."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from revlog.accounts.access import allow
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.logistics.forms.freight import CalculatorForm, today_of
from revlog.logistics.queries import contracts as queries
from revlog.logistics.views.freight.common import insider, tabs


@allow("logistics.carriers", "money.view")
@require_safe
def calculator(request: HttpRequest) -> HttpResponse:
    by = insider(request)
    hub = Hub.objects.worked_by(by).filter(active=True).order_by("code").first()
    country = hub.country if hub is not None else ""
    day = today_of(by, clock.now())
    asked = request.GET if "service" in request.GET else None
    form = CalculatorForm(
        asked, contracts=queries.contracts(by).filter(active=True),
        initial={"day": day, "from_country": country, "to_country": country},
    )  # fmt: skip
    offers = None
    if asked is not None and form.is_valid():
        told = form.cleaned_data
        offers = queries.offers(by, form.load(), day=told["day"], contract=told["contract"])
    context = {"form": form, "offers": offers, "tabs": tabs("freight_calculator", by)}
    return render(request, "logistics/freight/calculator.html", context, status=422 if form.errors else 200)
