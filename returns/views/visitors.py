"""Who visits the portal, and what they may see: the orders and returns that this browser was let in to.

A browser is let in to single things: an order (``order:<id>``), a return (``rma:<id>``). Two proofs open an order: its number together
with the e-mail it was made with, or a link that was mailed. They don't open the same:

* Number and e-mail are two things that also others may know (a parcel in the hallway has both on its label), and e-mails can be guessed
  from names. So they open that one order. Another order of the same person needs its own number, beside the e-mail already given: the
  same proof once more, with the same brake on guessing.
* An order's number and the postal code where it was delivered are what somebody knows who got it as a gift. They open the order as a
  gift (``gift:<id>``): its things without prices, its buyer unnamed, and only what the recipient announces themselves.
* A link that was mailed proves that its reader reads the mailbox. It opens everything that belongs to the e-mail at that seller
  (``contact:<id>``). So does signing in with an account whose e-mail was confirmed.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from returns.models import Rma
from returns.services import letters
from revlog.accounts import guests
from revlog.accounts.actors import Actor
from revlog.accounts.queries import guest
from revlog.terms.models import Contact, Order


def held(request: HttpRequest) -> list[str]:
    """What this browser was let in to so far."""
    found: list[str] = request.session.get(guests.SESSION, [])
    return found


def guest_of(request: HttpRequest, thing: str) -> Actor:
    """The guest of this browser, also when somebody is signed in on it: a link that was opened counts, whoever opened it."""
    if thing not in held(request):
        raise Http404
    return guest(held(request))


def proven(request: HttpRequest) -> Q | None:
    """Which contacts the visitor has proven to be, as a filter over something with ``contact`` and ``seller``; None for none.

    By links that were mailed, each for one seller, and by the confirmed e-mail of an account.
    """
    found: list[Q] = []
    opened = [uuid.UUID(thing.removeprefix("contact:")) for thing in held(request) if thing.startswith("contact:")]
    for contact in Contact.objects.filter(pk__in=opened, erased_at=None).exclude(email=""):
        sellers = {*contact.orders.values_list("seller", flat=True), *contact.rmas.values_list("seller", flat=True)}
        found.append(Q(contact__email=contact.email, seller__in=sellers))
    if request.user.is_authenticated:
        mails = EmailAddress.objects.filter(user=request.user, verified=True).values_list("email", flat=True)
        found += [Q(contact__email=mail.lower()) for mail in mails if mail]
    if not found:
        return None
    one_of = found[0]
    for other in found[1:]:
        one_of |= other
    return one_of


def _let_in(request: HttpRequest, thing: str, rows: Any, pk: uuid.UUID) -> Actor:  # noqa: ANN401
    if thing not in held(request) and (filters := proven(request)) is not None and rows.filter(filters, pk=pk).exists():
        guests.admit(request, {thing})
    return guest_of(request, thing)


def order_of(request: HttpRequest, pk: uuid.UUID) -> tuple[Order, Actor]:
    by = _let_in(request, f"order:{pk}", Order.objects, pk)
    order = get_object_or_404(Order.objects.select_related("seller", "contact"), pk=pk)
    return order, by


@dataclass(frozen=True)
class Visit:
    """An order that somebody may return things of: who bought it, or who got it as a gift and sees neither prices nor other returns."""

    order: Order
    by: Actor
    gift: bool = False


def visit_of(request: HttpRequest, pk: uuid.UUID) -> Visit:
    """Whoever knows more of the order (its buyer) sees more, also when they came in by both doors."""
    if f"gift:{pk}" in held(request) and f"order:{pk}" not in held(request):
        order = get_object_or_404(Order.objects.select_related("seller", "contact"), pk=pk)
        return Visit(order, guest_of(request, f"gift:{pk}"), gift=True)
    order, by = order_of(request, pk)
    return Visit(order, by)


def rma_of(request: HttpRequest, number: str) -> tuple[Rma, Actor]:
    rma = get_object_or_404(
        Rma.objects.select_related("seller", "contact", "hub__organization", "order"), number=number
    )
    return rma, _let_in(request, f"rma:{rma.pk}", Rma.objects, rma.pk)


def issuer(order: Order | None = None) -> dict[str, Any]:
    name = order.seller.name if order is not None else str(settings.ISSUER["name"])
    return {**settings.ISSUER, "name": name, "url": reverse("portal")}


def day(moment: Any, rma: Rma) -> str:  # noqa: ANN401
    return letters.day(moment, rma.hub.zone)
