"""Who visits the portal, and what they may see: the orders and returns that this browser was let in to."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from returns.models import Rma
from returns.services import letters
from revlog.accounts import guests
from revlog.accounts.actors import Actor
from revlog.accounts.queries import guest
from revlog.terms.models import Order


def guest_of(request: HttpRequest, thing: str) -> Actor:
    """The guest of this browser, also when somebody is signed in on it: a link that was opened counts, whoever opened it."""
    held = request.session.get(guests.SESSION, ())
    if thing not in held:
        raise Http404
    return guest(held)


def order_of(request: HttpRequest, pk: uuid.UUID) -> tuple[Order, Actor]:
    by = guest_of(request, f"order:{pk}")
    order = get_object_or_404(Order.objects.select_related("seller", "contact"), pk=pk)
    return order, by


def rma_of(request: HttpRequest, number: str) -> tuple[Rma, Actor]:
    rma = get_object_or_404(
        Rma.objects.select_related("seller", "contact", "hub__organization", "order"), number=number
    )
    return rma, guest_of(request, f"rma:{rma.pk}")


def issuer(order: Order | None = None) -> dict[str, Any]:
    name = order.seller.name if order is not None else str(settings.ISSUER["name"])
    return {**settings.ISSUER, "name": name, "url": reverse("portal")}


def day(moment: Any, rma: Rma) -> str:  # noqa: ANN401
    return letters.day(moment, rma.hub.zone)
