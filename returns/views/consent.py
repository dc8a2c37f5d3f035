"""Offers and appeals with a customer: their panels on the portal and on the return's page of the desk, and the acts behind them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from returns.models import Appeal, Offer, OfferKind, Rma, RmaUnit
from returns.services import appeals, awaiting, offers
from returns.views.common import text
from returns.views.following import status_page
from returns.views.office import act, unit_named
from returns.views.visitors import rma_of
from revlog.accounts.access import GUEST, allow
from revlog.accounts.actors import Actor
from revlog.common import answers, clock
from revlog.common.errors import BadInput, DomainError, Reason

Verb = Callable[[Rma, Actor, datetime], object]


# The portal -------------------------------------------------------------------------------------------------------------------------


def _for_customer(request: HttpRequest, number: str, verb: Verb, done: str) -> HttpResponse:
    rma, by = rma_of(request, number)
    try:
        verb(rma, by, clock.now())
    except DomainError as refusal:
        return status_page(request, rma, by, problem=refusal)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("portal_status", args=[rma.number]))


def _offer(rma: Rma, pk: object) -> Offer:
    try:
        return Offer.objects.select_related("unit__line").get(pk=uuid.UUID(str(pk)), unit__line__rma=rma)
    except (ValueError, Offer.DoesNotExist):
        raise Http404 from None


@allow(GUEST)
@require_POST
def answer(request: HttpRequest, number: str, pk: uuid.UUID) -> HttpResponse:
    """The customer's answer to an offer: yes, or no with the way they choose."""
    accept = request.POST.get("act") == "accept"
    path = text(request, "instead" if accept else "path", 12)

    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        words = text(request, "words", 2000)
        return offers.answer(_offer(rma, pk), accept=accept, path=path, words=words, by=by, at=at)

    return _for_customer(request, number, verb, _("We have your answer."))


@allow(GUEST)
@require_POST
def appeal(request: HttpRequest, number: str, unit: uuid.UUID) -> HttpResponse:
    """The customer doesn't agree with what we found."""

    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        row = get_object_or_404(RmaUnit.objects.select_related("line"), pk=unit, line__rma=rma)
        return appeals.open_appeal(row, words=text(request, "words", 2000), by=by, at=at)

    return _for_customer(request, number, verb, _("Somebody else looks again."))


@allow(GUEST)
@require_POST
def ask_back(request: HttpRequest, number: str, unit: uuid.UUID) -> HttpResponse:
    """The customer wants back now what was refused, and doesn't wait until the time to appeal has ended."""

    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        row = get_object_or_404(RmaUnit.objects.select_related("line"), pk=unit, line__rma=rma)
        return awaiting.ask_back(row, by=by, at=at)

    return _for_customer(request, number, verb, _("We'll send it back to you."))


@allow(GUEST)
@require_POST
def agree(request: HttpRequest, number: str, unit: uuid.UUID) -> HttpResponse:
    """The customer agrees to what was deducted; it waits no longer for an appeal. Sent twice it is said once."""

    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        row = get_object_or_404(RmaUnit.objects.select_related("line"), pk=unit, line__rma=rma)
        return awaiting.agree(row, by=by, at=at)

    return _for_customer(request, number, verb, _("You agreed. Nothing else is needed from you."))


@allow(GUEST)
@require_POST
def withdraw_appeal(request: HttpRequest, number: str, pk: uuid.UUID) -> HttpResponse:
    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        row = get_object_or_404(Appeal, pk=pk, unit__line__rma=rma)
        return appeals.withdraw(row, by=by, at=at)

    return _for_customer(request, number, verb, _("It stays as we had said."))


# The desk ---------------------------------------------------------------------------------------------------------------------------


@allow("returns.settle")
@require_POST
def make(request: HttpRequest, number: str) -> HttpResponse:
    """Offer something for a unit: less money, or a repair for a price."""

    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        unit = unit_named(rma, request.POST.get("unit", ""))
        kind = request.POST.get("kind", "")
        if kind not in OfferKind.values:
            raise BadInput(Reason("kind", _("Choose what to offer."), "kind"))
        amount = answers.decimal(request, "amount")
        words = text(request, "words", 1000)
        return offers.make(unit, kind=kind, amount=amount, words=words, by=by, at=at)

    return act(request, number, verb, _("The customer is asked."))


@allow("returns.settle", "returns.appeal")
@require_POST
def end(request: HttpRequest, number: str) -> HttpResponse:
    """Withdraw an offer, or answer it for a customer at the telephone."""
    wanted = request.POST.get("act", "")

    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        offer = _offer(rma, request.POST.get("offer", ""))
        if wanted == "withdraw":
            return offers.withdraw(offer, reason=text(request, "reason"), by=by, at=at)
        accept = wanted.startswith("accept")
        path = wanted.partition(":")[2]
        return offers.answer(offer, accept=accept, path=path, words=text(request, "reason"), by=by, at=at)

    return act(request, number, verb, _("Kept."))


@allow("returns.appeal")
@require_POST
def appeal_for_customer(request: HttpRequest, number: str) -> HttpResponse:
    """Support opens an appeal for a customer who called; or says for them that they agree, or want back now what was refused."""
    wanted = request.POST.get("act", "")

    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        unit = unit_named(rma, request.POST.get("unit", ""))
        if wanted == "back":
            return awaiting.ask_back(unit, by=by, at=at)
        if wanted == "agree":
            return awaiting.agree(unit, by=by, at=at)
        return appeals.open_appeal(unit, words=text(request, "words", 2000), by=by, at=at)

    done = {"back": _("It can be sent back now."), "agree": _("Kept. It can go on now.")}
    return act(request, number, verb, done.get(wanted, _("Somebody else looks again.")))
