"""The support desk: the search for a customer, what belongs to them, what they may have, and one case with its steps."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from returns import desk as reads
from returns import finding, reasons
from returns.models import Channel, RefundQuestion, Result, Rma, SupportCase
from returns.services import after, desk, opening, troubleshooting
from returns.views import desk_shapes as shapes
from returns.views.common import printable, text
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.words import word
from revlog.terms import queries as terms
from revlog.terms.models import Contact, Order, OrderLine

INLINE_ORDERS, INLINE_LINES = 3, 10
"""For so many orders of at most so many lines the customer page says at once what may come back; for others on a page of their own."""


# Home and search --------------------------------------------------------------------------------------------------------------------


@allow("returns.desk")
@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What waits at the desk, and today's figures."""
    by, at = gate.actor_for(request), clock.now()
    return render(request, "returns/desk.html", shapes.home(by, at))


@allow("returns.desk")
@never_cache
@sensitive_post_parameters("q")
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Customers by whatever they can say of themselves. Posted, so that no name or e-mail stands in an address or a log."""
    by = gate.actor_for(request)
    asked = printable(request.POST.get("q", ""), 120)
    found = finding.find(asked, by) if asked else []
    if len(found) == 1:
        return HttpResponseRedirect(reverse("desk_customer", args=[found[0].contact.pk]))
    context = {
        "query_text": asked,
        "found": found,
        "asked": request.method == "POST",
        "short": len(asked) < finding.SHORTEST,
    }
    return render(request, "returns/desk_find.html", context)


@allow("returns.desk")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All cases, newest first, by result."""
    by = gate.actor_for(request)
    chosen = request.GET.get("result", "")
    return render(request, "returns/desk_cases.html", shapes.cases(by, chosen, request.GET.get("page", "")))


# A customer -------------------------------------------------------------------------------------------------------------------------


def _contact(by: Actor, pk: uuid.UUID) -> Contact:
    found = finding.contact(pk, by)
    if found is None:
        raise Http404
    return found


@allow("returns.desk")
@never_cache
@require_GET
def customer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    by = gate.actor_for(request)
    return _customer(request, _contact(by, pk), by)


def _customer(request: HttpRequest, contact: Contact, by: Actor, problem: DomainError | None = None) -> HttpResponse:
    at = clock.now()
    found = finding.belongings(finding.same(contact, by), by, at=at)
    with terms.rules_read_once():
        orders = [
            shapes.order(
                order,
                opening.returnable(order, at=at, for_staff=True)
                if place < INLINE_ORDERS and len(order.lines.all()) <= INLINE_LINES
                else None,
            )
            for place, order in enumerate(found.orders)
        ]
    sellers = {order.seller_id: order.seller for order in found.orders} | {
        rma.seller_id: rma.seller for rma in found.rmas
    }
    context = {
        "contact": contact,
        "orders": orders,
        "rmas": [shapes.rma(row) for row in found.rmas],
        "cases": [shapes.case(row) for row in found.cases],
        "messages_of": found.messages,
        "credits": found.credits,
        "warranties": [{"row": row, "kind": word(row.kind)} for row in found.warranties],
        "channels": [(one.value, str(one.label)) for one in Channel],
        "sellers": list(sellers.values()),
        "problem": problem,
    }
    return render(request, "returns/desk_customer.html", context, status=problem.status if problem else 200)


@allow("returns.desk")
@require_GET
def order(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What of one order may come back until when."""
    by = gate.actor_for(request)
    row = get_object_or_404(Order.objects.visible_to(by).select_related("seller", "contact"), pk=pk)
    return render(
        request,
        "returns/desk_order.html",
        {"one": shapes.order(row, opening.returnable(row, at=clock.now(), for_staff=True)), "contact": row.contact},
    )


def _line(by: Actor, pk: uuid.UUID) -> OrderLine:
    rows = OrderLine.objects.filter(order__in=Order.objects.visible_to(by))
    return get_object_or_404(rows.select_related("order__seller", "order__contact", "product"), pk=pk)


@allow("returns.desk")
@require_GET
def line(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What a customer may have for one thing and a reason: window, law, warranty, rules, and why not."""
    by, at = gate.actor_for(request), clock.now()
    row = _line(by, pk)
    reason = request.GET.get("reason", "")
    reason = reason if reason in reasons.CODES else "CHANGED_MIND"
    case = reads.cases(by).filter(number=printable(request.GET.get("case", ""), 20)).first()
    context = shapes.entitlement(row, reason, case, by, at) | {"contact": row.order.contact}
    return render(request, "returns/desk_line.html", context)


@allow("returns.desk")
@require_POST
def open_case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Somebody asks: the case is open, and its clock runs."""
    by, at = gate.actor_for(request), clock.now()
    contact = _contact(by, pk)
    try:
        channel = request.POST.get("channel", "")
        if channel not in Channel.values:
            raise BadInput(Reason("channel", _("Say how they came to us."), "channel"))
        sold = _line(by, _uuid(request.POST["line"])) if request.POST.get("line") else None
        number = printable(request.POST.get("rma", ""), 20)
        rma = (
            get_object_or_404(Rma.objects.visible_to(by).select_related("contact", "seller"), number=number)
            if number
            else None
        )
        row = desk.open_case(
            contact=contact,
            seller=_seller(request, by, contact, sold, rma),
            channel=Channel(channel),
            order=sold.order if sold else None,
            line=sold,
            rma=rma,
            note=_words(request, "note"),
            by=by,
            at=at,
        )
    except DomainError as refusal:
        return _customer(request, contact, by, problem=refusal)
    return HttpResponseRedirect(reverse("desk_case", args=[row.number]))


def _seller(request: HttpRequest, by: Actor, contact: Contact, sold: OrderLine | None, rma: Rma | None) -> Any:  # noqa: ANN401
    """Whose customer it is: of the thing or return that was named, else the one chosen of those that they bought from."""
    if sold is not None:
        return sold.order.seller
    if rma is not None:
        return rma.seller
    same = finding.same(contact, by)
    orders = Order.objects.visible_to(by).filter(contact__in=[one.pk for one in same]).select_related("seller")
    chosen = request.POST.get("seller", "")
    found = orders.filter(seller__code=chosen).first() if chosen else orders.order_by("-ordered_at").first()
    if found is None:
        raise BadInput(Reason("seller", _("Say whose customer it is."), "seller"))
    return found.seller


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


def _words(request: HttpRequest, name: str, most: int = 4001) -> str:
    """Lines as they were typed, without what can't be shown."""
    return "".join(one for one in request.POST.get(name, "") if one.isprintable() or one == "\n").strip()[:most]


# A case -----------------------------------------------------------------------------------------------------------------------------


def _find(request: HttpRequest, number: str) -> tuple[SupportCase, Actor]:
    by = gate.actor_for(request)
    return get_object_or_404(reads.cases(by), number=number), by


@allow("returns.desk")
@never_cache
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    row, by = _find(request, number)
    return _show(request, row, by)


def _show(request: HttpRequest, row: SupportCase, by: Actor, problem: DomainError | None = None) -> HttpResponse:
    context = shapes.one_case(row, by, clock.now()) | {
        "problem": problem,
        "may_ask_refund": row.is_open and not RefundQuestion.objects.filter(pk=row.pk).exists(),
    }
    return render(request, "returns/desk_case.html", context, status=problem.status if problem else 200)


def _act(
    request: HttpRequest,
    number: str,
    verb: Callable[[SupportCase, Actor, datetime], object],
    *,
    to: str = "",
    done: str = "",
) -> HttpResponse:
    """One call into a verb; a refusal is shown on the case's own page, with its status."""
    row, by = _find(request, number)
    try:
        verb(row, by, clock.now())
    except DomainError as refusal:
        return _show(request, reads.cases(by).get(pk=row.pk), by, problem=refusal)
    if done:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("desk_case", args=[number]) + to)


@allow("returns.desk")
@require_POST
def note(request: HttpRequest, number: str) -> HttpResponse:
    told = _words(request, "text")
    return _act(request, number, lambda row, by, at: desk.note(row, text=told, by=by, at=at), to="#notes")


@allow("returns.desk")
@require_POST
def choose(request: HttpRequest, number: str) -> HttpResponse:
    """Say which thing it is about."""
    key = _uuid(request.POST.get("line", ""))
    return _act(request, number, lambda row, by, at: desk.choose(row, line=_line(by, key), by=by, at=at))


@allow("returns.desk")
@require_POST
def begin(request: HttpRequest, number: str) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(
        request, number, lambda row, by, at: troubleshooting.begin(row, reason=reason, by=by, at=at), to="#steps"
    )


@allow("returns.desk")
@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """One answer in the troubleshooting tree, or one step back."""
    if request.POST.get("back"):
        return _act(request, number, lambda row, by, at: troubleshooting.back(row, by=by, at=at), to="#steps")
    node, option = request.POST.get("node", ""), request.POST.get("option", "")
    return _act(
        request,
        number,
        lambda row, by, at: troubleshooting.answer(row, node=node, option=option, by=by, at=at),
        to="#steps",
    )


@allow("returns.desk")
@require_POST
def about_refund(request: HttpRequest, number: str) -> HttpResponse:
    """The customer asks where the refund is."""

    def verb(row: SupportCase, by: Actor, at: datetime) -> object:
        if row.rma is None:
            raise BadInput(Reason("no_return", _("This case is about no return.")))
        return after.ask_for_refund(row.rma, source=row, by=by, at=at)

    return _act(request, number, verb, done=_("Noted."))


@allow("returns.desk")
@require_POST
def close(request: HttpRequest, number: str) -> HttpResponse:
    def verb(row: SupportCase, by: Actor, at: datetime) -> object:
        result, said = request.POST.get("result", ""), request.POST.get("minutes", "").strip()
        if result not in Result.values:
            raise BadInput(Reason("result", _("Say what came of it."), "result"))
        if said and (not said.isdecimal() or len(said) > 4):
            raise BadInput(Reason("minutes", _("Minutes are a whole number."), "minutes"))
        return desk.close(
            row, result=Result(result), minutes=int(said) if said else None, why=text(request, "why"), by=by, at=at
        )

    return _act(request, number, verb, done=_("Closed."))
