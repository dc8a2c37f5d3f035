"""The price grid of trade-ins: what a model is expected to bring in each grade, and what we would pay for it today."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from returns.policy import tradein as policy
from returns.policy import tradein_law
from returns.services.tradein import quoting
from returns.views.common import amount_in, printable
from revlog.accounts import gate, queries
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.devices.models import ProductModel, Variant
from revlog.terms import queries as terms
from revlog.terms.models import Price
from revlog.terms.models.prices import Basis
from revlog.terms.ruling import Ruling
from revlog.terms.services import prices

MOST = 40


def _inside(request: HttpRequest) -> Actor:
    """What we expect and what we keep of it is the house's own: for others there is no such page."""
    by = gate.actor_for(request)
    if not by.is_operator:
        raise Http404
    return by


@allow("terms.view")
@require_GET
def grid(request: HttpRequest) -> HttpResponse:
    """Models that have prices, or those that were looked for; each with a row for itself and for each version of it."""
    by, at = _inside(request), clock.now()
    wanted = printable(request.GET.get("q", ""), 80)
    operator = queries.operator()
    rules = quoting.rules_for(operator.pk, at=at) if operator is not None else None
    priced = Price.objects.exclude(basis=Basis.LEARNED).order_by().values("product").distinct()
    found = (
        quoting.suggestions(wanted, most=MOST) if wanted else list(ProductModel.objects.filter(pk__in=priced)[:MOST])
    )
    context = {
        "wanted": wanted,
        "grades": policy.GRADES,
        "models": [_model(product, rules, at=at) for product in found] if rules is not None else [],
        "may_set": by.may("terms.edit") or by.may("resale.price"),
        "version": rules.version if rules is not None else 0,
        "kinds": [policy.KIND, tradein_law.KIND],
    }
    return render(request, "returns/tradein/prices.html", context)


def _model(product: ProductModel, rules: Ruling, *, at: Any) -> dict[str, Any]:  # noqa: ANN401 - a datetime
    rows = [_row(product, None, rules, at=at)]
    said = set(product.prices.exclude(basis=Basis.LEARNED).values_list("variant", flat=True))
    rows += [_row(product, variant, rules, at=at) for variant in product.variants.all() if variant.pk in said]
    return {"product": product, "rows": rows, "variants": list(product.variants.all())}


def _row(product: ProductModel, variant: Variant | None, rules: Ruling, *, at: Any) -> dict[str, Any]:  # noqa: ANN401
    known = terms.expected_prices(
        at=at, product=product, variant=variant, currency=settings.BASE_CURRENCY, learned=False
    )
    cells = []
    for grade in policy.GRADES:
        row = known.get(grade)
        pays = None
        if row is not None:
            made = policy.pays(
                rules, grade=grade, expected=row.amount, device_class=product.device_class, currency=row.currency
            )
            pays = max(made, Decimal(0))
        cells.append({"grade": grade, "price": row, "pays": pays})
    return {"name": (variant.name or variant.sku) if variant is not None else _("All versions"), "cells": cells}


@allow("terms.edit", "resale.price")
@require_POST
def set_price(request: HttpRequest) -> HttpResponse:
    """A new price from now on; what was quoted stays as it was."""
    by = _inside(request)
    product = get_object_or_404(ProductModel, pk=_key(request, "product"))
    wanted = _key(request, "variant")
    variant = get_object_or_404(product.variants, pk=wanted) if wanted is not None else None
    try:
        amount = amount_in(request, "amount")
        if amount is None or amount != amount.quantize(Decimal("0.01")):
            raise BadInput(Reason("amount", _("A price is an amount like 12.50."), "amount"))
        prices.set_price(
            product=product,
            variant=variant,
            grade=request.POST.get("grade", ""),
            amount=amount,
            currency=settings.BASE_CURRENCY,
            source="desk",
            by=by,
            at=clock.now(),
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The price holds from now on."))
    return HttpResponseRedirect(f"{reverse('tradeins_prices')}?q={product.name}")


def _key(request: HttpRequest, name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get(name, ""))
    except ValueError:
        return None
