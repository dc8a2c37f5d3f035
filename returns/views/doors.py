"""The doors of the portal: an order's number and e-mail, a link that was mailed, an account. Each opens what it proves, nothing more."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from returns.forms import FindForm, GiftForm, LinkForm
from returns.models import Rma, TradeIn
from returns.services import attempts, doors
from returns.views import drafts, entering, rating
from returns.views.common import printable
from returns.views.visitors import issuer, proven
from revlog.accounts import guests
from revlog.accounts.access import GUEST, PUBLIC, allow
from revlog.common import clock
from revlog.common.words import Audience, word
from revlog.terms import queries as terms
from revlog.terms.models import Order, OrderLine

MOST = 30


def address(request: HttpRequest) -> str:
    return str(get_adapter().get_client_ip(request))


@allow(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Order number and e-mail. A wrong number and a wrong e-mail get the same answer, and nobody may guess for long."""
    form = FindForm(request.POST if request.method == "POST" else None)
    problem, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            number = form.cleaned_data["order"]
            try:
                attempts.allow(address=address(request), order=number, door="order", at=clock.now())
                order = terms.guests_order(number, form.cleaned_data["email"])
                if order is not None:
                    attempts.forgive(order=number)
                    guests.admit(request, {f"order:{order.pk}", *returns_of(order)})
                    return HttpResponseRedirect(entering.first_page(request, order))
                attempts.missed(address=address(request), door="order")
                problem = _("We find no order with this number and e-mail. Look at the mail that confirmed it.")
            except attempts.TooManyTries as refusal:
                problem, status = refusal.sentence, refusal.status
    context = {"form": form, "problem": problem, "issuer": issuer(), "known": proven(request) is not None}
    return render(request, "returns/portal_start.html", context, status=status)


def returns_of(order: Order) -> list[str]:
    """Who knows the order may see the returns that were announced of it; not those of somebody who got it as a gift."""
    rows = Rma.objects.filter(lines__order_line__order=order, gift=False).order_by("-opened_at").distinct()
    return [f"rma:{pk}" for pk in rows.values_list("pk", flat=True)[:20]]


@allow(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Mail me a link: the answer is the same whether the e-mail is known or not, and the mail goes to its mailbox alone."""
    form = LinkForm(request.POST if request.method == "POST" else None)
    problem, status, sent = "", 200, False
    if request.method == "POST":
        status = 422
        if form.is_valid():
            mail, at = form.cleaned_data["email"], clock.now()
            try:
                attempts.allow(address=address(request), order=f"mail:{mail}", door="link", at=at)
                doors.ask_for_link(mail, at=at)
                status, sent = 200, True
            except attempts.TooManyTries as refusal:
                problem, status = refusal.sentence, refusal.status
    context = {"form": form, "problem": problem, "issuer": issuer(), "sent": sent, "days": doors.LINK_DAYS}
    return render(request, "returns/portal_link.html", context, status=status)


@allow(PUBLIC)
@never_cache
@require_GET
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The signed address of mails: opens what it names, and then shows it under its plain address."""
    scope = guests.read(token, at=clock.now())
    where = _place(request, scope)
    if where is None:
        return render(request, "returns/portal_gone.html", {"issuer": issuer()}, status=410)
    guests.admit(request, scope)
    score = rating.chosen(request.GET.get("rate", ""))
    thing = next(iter(scope), "")
    if score is not None and thing.startswith("rma:"):
        # A mail's link shows the answer and writes nothing: whoever only looks at mails (a filter, say) must not answer for the customer.
        number = Rma.objects.values_list("number", flat=True).get(pk=thing.removeprefix("rma:"))
        return HttpResponseRedirect(f"{reverse('portal_rate', args=[number])}?score={score}")
    return HttpResponseRedirect(where)


def _place(request: HttpRequest, scope: frozenset[str]) -> str | None:
    """The page of the one thing that a link opens; None when the link has run out or the thing is gone."""
    for thing in scope:
        kind, _mark, key = thing.partition(":")
        if kind == "rma" and (rma := Rma.objects.filter(pk=key).first()) is not None:
            return reverse("portal_status", args=[rma.number])
        if kind == "order" and (order := Order.objects.select_related("seller").filter(pk=key).first()) is not None:
            return entering.first_page(request, order)
        if kind == "tradein" and (sold := TradeIn.objects.filter(pk=key).first()) is not None:
            return reverse("tradein_quote", args=[sold.number])
        if kind == "contact" and doors.is_reachable(uuid.UUID(key)):
            return reverse("portal_mine")
    return None


@allow(GUEST)
@never_cache
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """All orders and returns of an e-mail that was proven by its mailbox."""
    mine = proven(request)
    if mine is None:
        return HttpResponseRedirect(reverse("portal_link"))
    orders = (
        Order.objects.sold().filter(mine).select_related("seller").prefetch_related("lines").order_by("-ordered_at")
    )
    rmas = Rma.objects.filter(mine).select_related("seller").prefetch_related("lines__order_line")
    context = {
        "issuer": issuer(),
        "orders": [_order(order) for order in orders[:MOST]],
        "returns": [_rma(rma) for rma in rmas.order_by("-opened_at")[:MOST]],
    }
    return render(request, "returns/portal_mine.html", context)


def _order(order: Order) -> dict[str, Any]:
    return {
        "number": order.number,
        "seller": order.seller.name,
        "at": order.ordered_at,
        "what": several(order.lines.all()),
        "url": reverse("portal_lines", args=[order.pk]),
    }


def _rma(rma: Rma) -> dict[str, Any]:
    return {
        "number": rma.number,
        "at": rma.opened_at,
        "what": several(line.order_line for line in rma.lines.all()),
        "words": word(f"rma.{rma.status}", Audience.CUSTOMER),
        "url": reverse("portal_status", args=[rma.number]),
    }


def several(lines: Iterable[OrderLine]) -> str:
    """What these are, short: the first, and how many more."""
    names = [line.description for line in lines]
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(more)s more") % {"first": names[0], "more": len(names) - 1}


@allow(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def gift(request: HttpRequest) -> HttpResponse:
    """It was a gift: the order's number and the postal code of its delivery; what is wrong with them isn't told."""
    form = GiftForm(request.POST if request.method == "POST" else None)
    problem, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            told = form.cleaned_data
            try:
                attempts.allow(address=address(request), order=told["order"], door="gift", at=clock.now())
                order = terms.recipients_order(told["order"], told["postcode"])
                if order is not None:
                    attempts.forgive(order=told["order"])
                    guests.admit(request, {f"gift:{order.pk}"})
                    _begin_gift(request, order, told)
                    return HttpResponseRedirect(entering.first_page(request, order))
                attempts.missed(address=address(request), door="gift")
                problem = _("We find no order with this number that went to this postal code.")
            except attempts.TooManyTries as refusal:
                problem, status = refusal.sentence, refusal.status
    context = {"form": form, "problem": problem, "issuer": issuer()}
    return render(request, "returns/portal_gift.html", context, status=status)


def _begin_gift(request: HttpRequest, order: Order, told: dict[str, Any]) -> None:
    language = (translation.get_language() or "en")[:2]
    known = language if language in dict(settings.LANGUAGES) else "en"
    draft = drafts.of(request, order)
    address = [printable(line, 200) for line in told["address"].splitlines()[:8]]
    draft.gift = {
        "name": printable(told["name"], 200),
        "email": told["email"],
        "language": known,
        "address": [line for line in address if line],
    }
    drafts.keep(request, order, draft)
