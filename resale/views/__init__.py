"""The pages of selling: pools, one pool with its offers, orders, pick and ship, and the panel on the unit page."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from resale import queries
from resale.channels import CHANNELS
from resale.models import Pool, Sale, SaleState
from resale.queries import lots as lot_queries
from resale.services import offers, pools, sales
from resale.services.pools import UnableToPool
from resale.services.sales import Buyer
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import answers, clock
from revlog.common.errors import BadInput, NotFound, Reason
from revlog.common.words import word
from revlog.devices import queries as devices
from revlog.devices.faces import face
from revlog.devices.models import Device
from revlog.evidence.models import Document
from revlog.terms.models import Order


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _uuid(text: str) -> uuid.UUID:
    """The id that a form sent; what is none names nothing."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def sales_tabs(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": reverse(route), "active": request.path == reverse(route)}
        for route, label, permission in (
            ("sales", _("Pools"), "resale.view"),
            ("sales_orders", _("Orders"), "resale.view"),
            ("sales_lots", _("Lots"), "resale.view"),
            ("sales_ship", _("Pick and ship"), "resale.ship"),
        )
        if actor.may(permission)
    ]


@allow("resale.view", write="resale.pool")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Pools with what is in them, and what is for sale and in none."""
    actor = _actor(request)

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        loose = list(queries.unpooled(actor)[:100])
        why = queries.why_loose(loose, at=clock.now())
        context = {
            "answer": answer,
            "tabs": sales_tabs(request, actor),
            "stocks": [
                {"stock": each, "url": reverse("sales_pool", args=[each.pool.pk])} for each in queries.pools(actor)
            ],
            "loose": [{"unit": face(unit), "why": why.get(unit.pk, "")} for unit in loose],
            "may_pool": actor.may("resale.pool"),
        }
        return render(request, "resale/index.html", context, status=status)

    if request.method != "POST":
        return page()

    def do() -> str:
        at, count, kept_out = clock.now(), 0, list[str]()
        for unit in queries.unpooled(actor)[:200]:
            try:
                pools.enter(unit=unit, by=actor, at=at)
                count += 1
            except UnableToPool as refused:
                kept_out += [reason.sentence for reason in refused.reasons]
        told = _("%(count)s units pooled.") % {"count": count}
        return " ".join([told, *(f"{sentence.rstrip('.')}." for sentence in kept_out[:5])])

    return answers.act(request, do, to=reverse("sales"), page=page)


def _pool(request: HttpRequest, pk: uuid.UUID) -> Pool:
    try:
        return queries.pool(pk, _actor(request))
    except NotFound as missing:
        raise Http404(str(missing)) from missing


@allow("resale.view", write=("resale.offer", "resale.sell", "resale.pool"))
@require_http_methods(["GET", "HEAD", "POST"])
def pool(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One pool: its units, its offers, and selling from it."""
    actor, found = _actor(request), _pool(request, pk)
    here = reverse("sales_pool", args=[pk])
    place = here

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        at = clock.now()
        fresh = _pool(request, pk)
        free = queries.free_of(fresh)
        inside = [each.device for each in queries.units_of(fresh)[:200]]
        context = {
            "answer": answer,
            "pool": fresh,
            "grade_word": word(f"grade.{fresh.grade}"),
            "free": free,
            "units": [face(device) for device in inside],
            "elsewhere": queries.called_elsewhere(inside),
            "offers": [{"offer": each, "channel": word(each.channel)} for each in queries.live_offers(fresh)],
            "suggested": queries.suggested_price(fresh, at=at),
            "channels": CHANNELS.values(),
            "buyers": queries.buyers(),
            "may_offer": actor.may("resale.offer"),
            "may_sell": actor.may("resale.sell"),
            "may_pool": actor.may("resale.pool"),
            "sent": request.POST if answer else {},
        }
        return render(request, "resale/pool.html", context, status=status)

    if request.method != "POST":
        return page()

    def do() -> str:
        nonlocal place
        at, act = clock.now(), request.POST.get("act", "")
        if act == "offer":
            row = offers.publish(
                pool=found,
                channel=request.POST.get("channel", ""),
                price=answers.decimal(request, "price"),
                by=actor,
                at=at,
            )
            return _("Offered at %(price)s %(currency)s.") % {"price": row.price, "currency": row.currency}
        if act == "end":
            offers.end(offer=queries.offer(_uuid(request.POST.get("offer", "")), actor), by=actor, at=at)
            return _("Offer ended.")
        if act == "warranty":
            pools.set_warranty(pool=found, months=answers.whole(request, "months"), by=actor, at=at)
            return _("Warranty set.")
        if act == "sell":
            order = _sell(request, found, actor, at)
            place = reverse("sales_order", args=[order.pk])
            return _("Sold: order %(number)s.") % {"number": order.number}
        raise BadInput(Reason("unknown_act", _("That can't be done here."), "act"))

    return answers.act(request, do, to=lambda: place, page=page)


def _sell(request: HttpRequest, found: Pool, actor: Actor, at: datetime) -> Order:
    offer = queries.offer(_uuid(request.POST.get("offer", "")), actor)
    if offer.pool_id != found.pk:
        raise NotFound(_("There is no such offer."))
    company = _uuid(request.POST.get("company", ""))
    return sales.sell(
        offer=offer,
        quantity=answers.whole(request, "quantity", default=1),
        buyer=Buyer(
            email=request.POST.get("email", ""),
            name=request.POST.get("name", ""),
            address=[line for line in request.POST.get("address", "").splitlines() if line.strip()],
            country=request.POST.get("country", "").strip().upper(),
            organization=next((each for each in queries.buyers() if each.pk == company), None),
        ),
        by=actor,
        at=at,
    )


# Orders -----------------------------------------------------------------------------------------------------------------------------


@allow("resale.view")
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """Our own sales, newest first."""
    actor = _actor(request)
    rows = []
    for order in queries.orders(actor)[:100]:
        made = [sale for line in order.lines.all() for sale in line.sales.all()]
        states = {str(sale.state) for sale in made}
        for state in ("sold", "picked", "shipped", "cancelled"):
            if state in states:
                break
        rows.append(
            {
                "order": order,
                "units": len(made),
                "state": word(f"sale.{state}"),
                "look": {"sold": "work", "picked": "leaving", "shipped": "done", "cancelled": "held"}[state],
                "url": reverse("sales_order", args=[order.pk]),
                "total": sum(sale.price for sale in made if sale.state != SaleState.CANCELLED),
            }
        )
    return render(request, "resale/orders.html", {"rows": rows, "tabs": sales_tabs(request, actor)})


@allow("resale.view", write=("resale.sell", "resale.ship"))
@require_http_methods(["GET", "HEAD", "POST"])
def order(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One order: its units and what became of each."""
    actor = _actor(request)

    def find() -> Order:
        try:
            return queries.order(pk, actor)
        except NotFound as missing:
            raise Http404(str(missing)) from missing

    found = find()

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        rows = queries.sales(actor).filter(line__order=found).order_by("line__position", "sold_at")
        context = {
            "answer": answer,
            "order": found,
            "sales": [
                {
                    "sale": each,
                    "unit": face(each.device, note=f"{word(each.channel)}"),
                    "state": word(f"sale.{each.state}"),
                    "look": {"sold": "work", "picked": "leaving", "shipped": "done", "cancelled": "held"}[
                        str(each.state)
                    ],
                    "open": each.state in {SaleState.SOLD, SaleState.PICKED},
                    "undelivered": each.state == SaleState.SHIPPED and each.line.delivered_at is None,
                }
                for each in rows
            ],
            "documents": Document.objects.visible_to(actor).filter(chain_id=found.pk),
            "may_sell": actor.may("resale.sell"),
            "may_ship": actor.may("resale.ship"),
            "may_see_person": actor.may("resale.sell") or actor.may("resale.ship"),
        }
        return render(request, "resale/order.html", context, status=status)

    if request.method != "POST":
        return page()

    def do() -> str:
        at, act = clock.now(), request.POST.get("act", "")
        sale = queries.sale(_uuid(request.POST.get("sale", "")), actor)
        if act == "cancel":
            sales.cancel(sale=sale, reason=request.POST.get("reason", ""), by=actor, at=at)
            return _("Sale cancelled; %(tag)s is free again.") % {"tag": sale.device.tag}
        if act == "deliver":
            sales.deliver(sale=sale, by=actor, at=at)
            return _("Delivered.")
        raise BadInput(Reason("unknown_act", _("That can't be done here."), "act"))

    return answers.act(request, do, to=reverse("sales_order", args=[pk]), page=page)


# Pick and ship ----------------------------------------------------------------------------------------------------------------------


@allow("resale.ship")
@require_http_methods(["GET", "HEAD", "POST"])
def ship(request: HttpRequest) -> HttpResponse:
    """The packer's page: a scan picks a sold unit; scanned again, or with its tracking number, it ships."""
    actor = _actor(request)

    def page(answer: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        pick = list(queries.to_pick(actor)[:100])
        leave = list(queries.to_ship(actor)[:100])
        context = {
            "answer": answer,
            "scan_url": reverse("sales_ship"),
            "scan_hint": _("scan a unit to pick or ship it"),
            "to_pick": [face(each.device, note=each.line.order.number) for each in pick],
            "to_ship": [{"sale": each, "unit": face(each.device, note=each.line.order.number)} for each in leave],
            "count": len(pick) + len(leave),
        }
        return render(request, "resale/ship.html", context, status=status)

    if request.method != "POST":
        return page()

    def do() -> str:
        at, act = clock.now(), request.POST.get("act", "scan")
        if act == "ship":
            sale = queries.sale(_uuid(request.POST.get("sale", "")), actor)
            sales.ship(sale=sale, parcel_number=request.POST.get("parcel", ""), by=actor, at=at)
            return _("%(tag)s shipped, order %(number)s.") % {"tag": sale.device.tag, "number": sale.line.order.number}
        unit = _scanned(request.POST.get("code", "").strip(), actor)
        sale_or_none = queries.open_sale_of(unit, actor)
        if sale_or_none is None:
            raise sales.nothing_to_pick(unit)
        sales.pick(sale=sale_or_none, scanned=unit, by=actor, at=at)
        return _("%(tag)s picked for order %(number)s.") % {
            "tag": unit.tag,
            "number": sale_or_none.line.order.number,
        }

    return answers.act(request, do, to=reverse("sales_ship"), page=page)


def _scanned(text: str, actor: Actor) -> Device:
    match = devices.scanned(text, actor)
    if match.device is None:
        raise NotFound(
            _("%(code)s is on two units; scan the tag") % {"code": text[:40]}
            if match.is_ambiguous
            else _("no unit here is called %(code)s") % {"code": text[:40] or "—"}
        )
    return match.device


@allow("resale.view")
@require_GET
def panel(request: HttpRequest, tag: str) -> HttpResponse:
    """On the unit page: its pool, its offers and its sales."""
    actor = _actor(request)
    match = devices.scanned(tag, actor)
    if match.device is None:
        raise Http404
    stay = queries.pool_of(match.device)
    found: list[Sale] = queries.sales_of(match.device, actor)
    context = {
        "device": match.device,
        "pool": stay.pool if stay else None,
        "offers": [{"offer": each, "channel": word(each.channel)} for each in queries.live_offers(stay.pool)]
        if stay
        else [],
        "sales": [{"sale": each, "state": word(f"sale.{each.state}")} for each in found],
        "lots": [
            {"unit": each, "state": word("lot_left") if each.left_at else word(f"lot_state.{each.lot.state}")}
            for each in lot_queries.lots_of(match.device, actor)
        ],
    }
    return render(request, "resale/panels/offer.html", context)
