"""The desk: all returns, one return with its acts, the queues that leave, and what was not as announced."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from returns import queries, reasons
from returns.forms import AcceptForm, WhyForm
from returns.models import Discrepancy, Origin, Refund, RefundStatus, Rma, RmaStatus, RmaUnit, Trouble, UnitStatus
from returns.services import approval, leaving, letters, opening, receiving, settlement, troubles
from returns.services.opening import Wish
from revlog.accounts import gate
from revlog.accounts import queries as people
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import clock
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.common.looks import look_of
from revlog.common.templatetags.ui import money
from revlog.common.words import Audience, word
from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.terms import queries as terms

TABS = ("open", "requested", "approved", "handed_over", "arrived", "closed", "")
QUEUES = {"restock": State.TO_RESTOCK, "send-back": State.TO_RETURN, "expected": State.EXPECTED}
LOOKS = {
    "requested": "work",
    "approved": "coming",
    "handed_over": "coming",
    "arrived": "here",
    "closed": "done",
    "refused": "held",
    "cancelled": "done",
    "expired": "held",
}


def face(device: Device) -> dict[str, Any]:
    """The context of components/unit.html."""
    return {
        "name": device.face,
        "tag": device.tag,
        "kind": device.device_class,
        "url": reverse("unit", args=[device.tag]),
        "state": device.state,
        "held": bool(device.holds),
        "place": device.location.code if device.location else "",
        "grade": device.grade if device.grade not in {"U", "NA"} else "",
    }


# Lists ------------------------------------------------------------------------------------------------------------------------------


@allow("returns.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Returns, newest first, with tabs by status and filters by seller, reason and text."""
    by = gate.actor_for(request)
    chosen = {name: _printable(request.GET.get(name, ""), 120) for name in ("status", "seller", "reason", "q")}
    if "status" not in request.GET:
        chosen["status"] = "open"
    page = queries.listed(
        by,
        status=chosen["status"],
        seller=chosen["seller"],
        text=chosen["q"],
        reason=chosen["reason"],
        cursor=request.GET.get("after", ""),
    )
    context = {
        "tabs": _tabs(by, chosen),
        "rows": [_row(rma) for rma in page.rows],
        "chips": _chips(chosen),
        "filters": _filters(by, chosen),
        "query_text": chosen["q"],
        "status": chosen["status"],
        "page": {
            "shown": len(page.rows),
            "total": page.total,
            "exact": True,
            "next_url": _url(chosen, after=page.next_cursor) if page.next_cursor else "",
            "previous_url": _url(chosen) if request.GET.get("after") else "",
        },
        "may_open": by.may("returns.open"),
        "queues": _queue_tabs(by, ""),
    }
    return render(request, "returns/list.html", context)


def _url(chosen: dict[str, str], **more: str) -> str:
    told = {name: value for name, value in {**chosen, **more}.items() if value or name == "status"}
    return f"{reverse('returns')}?{urlencode(told)}"


def _tabs(by: Actor, chosen: dict[str, str]) -> list[dict[str, Any]]:
    counts = queries.counts(by)
    words = {one.value: capfirst(word(f"rma.{one.value}")) for one in RmaStatus}
    labels = {"open": _("Open"), "": _("All")} | words
    opened = sum(
        counts.get(one.value, 0)
        for one in (RmaStatus.REQUESTED, RmaStatus.APPROVED, RmaStatus.HANDED_OVER, RmaStatus.ARRIVED)
    )
    sums = counts | {"open": opened, "": sum(counts.values())}
    return [
        {
            "label": labels[tab],
            "url": _url({**chosen, "status": tab}),
            "active": chosen["status"] == tab,
            "count": sums.get(tab, 0),
        }
        for tab in TABS
    ]


def _chips(chosen: dict[str, str]) -> list[dict[str, str]]:
    words = {"seller": _("Seller"), "reason": _("Reason"), "q": _("Search")}
    shown = {"seller": chosen["seller"], "reason": word(f"reason.{chosen['reason']}"), "q": chosen["q"]}
    return [
        {"label": words[name], "value": shown[name], "remove_url": _url({**chosen, name: ""})}
        for name in words
        if chosen[name]
    ]


def _filters(by: Actor, chosen: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if by.is_operator and not chosen["seller"]:
        sellers = Rma.objects.visible_to(by).order_by().values_list("seller__code", "seller__name").distinct()
        found.append(
            {
                "label": _("Seller"),
                "options": [{"label": name, "url": _url({**chosen, "seller": code})} for code, name in sorted(sellers)],
            }
        )
    if not chosen["reason"]:
        codes = sorted(set(Rma.objects.visible_to(by).values_list("lines__reason", flat=True)) - {None})
        found.append(
            {
                "label": _("Reason"),
                "options": [
                    {"label": str(reasons.CODES[code]), "url": _url({**chosen, "reason": code})}
                    for code in codes
                    if code in reasons.CODES
                ],
            }
        )
    return [one for one in found if one["options"]]


def _last_day(end: datetime | None) -> datetime | None:
    """The day that ends at ``end``, for reading."""
    return None if end is None else end - timedelta(seconds=1)


def _row(rma: Rma) -> dict[str, Any]:
    lines = list(rma.lines.all())
    units = [unit for line in lines for unit in line.units.all()]
    first = lines[0]
    what = first.order_line.description + (_(" and %s more") % (len(lines) - 1) if len(lines) > 1 else "")
    return {
        "rma": rma,
        "url": reverse("returns_rma", args=[rma.number]),
        "what": what,
        "kind": first.order_line.device_class,
        "reason": word(f"reason.{first.reason}"),
        "wanted": word(f"wanted.{first.wanted}"),
        "look": LOOKS[rma.status],
        "status": word(f"rma.{rma.status}"),
        "received": sum(unit.received_at is not None for unit in units),
        "units": len(units) or sum(line.quantity for line in lines),
        "amount": money(sum((line.amount for line in lines if line.wanted == "refund"), Decimal(0)), rma.currency),
        "due": _last_day(rma.check_by if rma.status == "arrived" else rma.hand_in_by if rma.is_open else None),
    }


# One return -------------------------------------------------------------------------------------------------------------------------


def _find(request: HttpRequest, number: str) -> tuple[Rma, Actor]:
    by = gate.actor_for(request)
    rma = get_object_or_404(
        Rma.objects.visible_to(by).select_related("seller", "hub__organization", "order", "contact"), number=number
    )
    return rma, by


@allow("returns.view")
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    rma, by = _find(request, number)
    return _detail(request, rma, by)


def _detail(request: HttpRequest, rma: Rma, by: Actor, *, problem: DomainError | None = None) -> HttpResponse:
    at = clock.now()
    lines = queries.lines_of(rma)
    open_troubles = list(rma.discrepancies.filter(resolved_at=None).select_related("device", "parcel"))
    context = {
        "rma": rma,
        "look": LOOKS[rma.status],
        "status": word(f"rma.{rma.status}"),
        "saying": queries.saying(rma, day=lambda moment: letters.day(moment, rma.hub.zone)),
        "lines": [_line(line, by) for line in lines],
        "troubles": [
            {
                "sentence": queries.sentence_of(row),
                "url": reverse("returns_trouble", args=[row.pk]),
                "kind": word(row.kind),
            }
            for row in open_troubles
        ],
        "parcels": [
            {
                "tracking": link.parcel.tracking,
                "status": word(f"parcel.{link.parcel.status}"),
                "at": link.parcel.arrived_at,
                "label": link.label_id is not None,
            }
            for link in rma.parcel_links.select_related("parcel").order_by("added_at", "id")
        ],
        "story": _story(rma),
        "sums": _money(rma, lines),
        "messages_sent": terms.messages_about([f"rma:{rma.pk}"]) if by.may("messages.view") else [],
        "may_decide": rma.status == RmaStatus.REQUESTED and by.may("returns.approve"),
        "decide_reasons": [reason.sentence for reason in approval.reasons_against_deciding(rma, by=by)]
        if rma.status == RmaStatus.REQUESTED
        else [],
        "may_cancel": by.may("returns.approve") and not approval.reasons_against_cancelling(rma, by=by),
        "may_give_up": by.may("returns.approve")
        and not settlement.reasons_against_giving_up(rma, by=by, at=at)
        and RmaUnit.objects.filter(line__rma=rma, status=UnitStatus.EXPECTED).exists(),
        "opened_by": people.names_of([rma.opened_by]).get(rma.opened_by) or _("the customer"),
        "link": letters.link(rma, at=at) if by.may("messages.send") else "",
        "problem": problem,
    }
    return render(request, "returns/detail.html", context, status=problem.status if problem else 200)


def _line(line: Any, by: Actor) -> dict[str, Any]:  # noqa: ANN401
    sold = line.order_line
    decision = line.decision
    return {
        "line": line,
        "name": sold.description if line.quantity == 1 else f"{line.quantity} × {sold.description}",
        "kind": sold.device_class,
        "sku": sold.sku,
        "reason": word(f"reason.{line.reason}"),
        "wanted": word(f"wanted.{line.wanted}"),
        "rule": word(decision.get("rule", "")),
        "why": decision.get("why", ""),
        "version": decision.get("version", 0),
        "serials": sold.serials,
        "settled": word(line.settled_as) if line.settled_as else "",
        "units": [_unit(unit, by) for unit in line.units.all()],
    }


def _unit(unit: RmaUnit, by: Actor) -> dict[str, Any]:
    device = unit.device
    refunds = [row for row in unit.refunds.all() if row.status != RefundStatus.REJECTED]
    may_settle = by.may("returns.settle") and device is not None and unit.status == UnitStatus.RECEIVED
    refund = refunds[0] if refunds else None
    proposed = refund is not None and refund.status == RefundStatus.PROPOSED
    return {
        "unit": unit,
        "face": face(device) if device is not None else None,
        "status": word(f"rma_unit.{unit.status}"),
        "worth": money(settlement.worth(unit), unit.line.currency),
        "refund": refund,
        "refund_words": word(f"refund.{refund.status}") if refund else "",
        "may_accept": may_settle and unit.line.wanted != "repair",
        "may_refuse": may_settle,
        "accept_reasons": [reason.sentence for reason in settlement.reasons_against_accepting(unit, device)]
        if may_settle and device is not None and unit.line.wanted != "repair"
        else [],
        "may_approve": proposed and by.may("returns.refund"),
        "approve_reasons": [reason.sentence for reason in settlement.reasons_against_approving(refund, by=by)]
        if refund is not None and proposed and by.may("returns.refund")
        else [],
        "may_propose": by.may("returns.settle")
        and unit.status == UnitStatus.ACCEPTED
        and unit.line.wanted == "refund"
        and refund is None,
    }


def _story(rma: Rma) -> list[dict[str, Any]]:
    told = queries.story(rma, Audience.STAFF)
    names = people.names_of({one.entry.actor for one in told})
    return [
        {
            "what": one.sentence,
            "detail": one.unit,
            "at": one.entry.occurred_at,
            "by": names.get(
                one.entry.actor, _("Revlog") if one.entry.actor.startswith("system:") else _("the customer")
            ),
            "look": look_of(one.entry.payload["state_to"]).value if one.entry.payload.get("state_to") else "",
        }
        for one in reversed(told)
    ]


def _money(rma: Rma, lines: list[Any]) -> dict[str, Any]:
    rows, total = [], Decimal(0)
    for line in lines:
        for unit in line.units.all():
            for row in unit.refunds.all():
                rows.append(
                    {
                        "label": f"{line.order_line.description} · {word(f'refund.{row.status}')}",
                        "amount": money(row.amount, row.currency),
                        "reason": row.why,
                    }
                )
                total += row.amount if row.status == RefundStatus.PAID else Decimal(0)
    return {"lines": rows, "total_label": _("Paid"), "total": money(total, rma.currency)}


def _act(request: HttpRequest, number: str, verb: Callable[[Rma, Actor, datetime], object], done: str) -> HttpResponse:
    """One call into a verb; a refusal is shown on the return's own page, with its status."""
    rma, by = _find(request, number)
    try:
        verb(rma, by, clock.now())
    except DomainError as refusal:
        return _detail(request, rma, by, problem=refusal)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("returns_rma", args=[number]))


def _printable(text: str, most: int) -> str:
    return "".join(letter for letter in text if letter.isprintable()).strip()[:most]


def _text(request: HttpRequest, name: str, most: int = 300) -> str:
    return _printable(request.POST.get(name, ""), most)


@allow("returns.approve")
@require_POST
def approve(request: HttpRequest, number: str) -> HttpResponse:
    why = _text(request, "reason")
    return _act(request, number, lambda rma, by, at: approval.approve(rma, why=why, by=by, at=at), _("Approved."))


@allow("returns.approve")
@require_POST
def refuse(request: HttpRequest, number: str) -> HttpResponse:
    why = _text(request, "reason")
    return _act(request, number, lambda rma, by, at: approval.refuse(rma, reason=why, by=by, at=at), _("Refused."))


@allow("returns.approve", "returns.open")
@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    return _act(request, number, lambda rma, by, at: approval.cancel(rma, by=by, at=at), _("Called off."))


@allow("returns.approve", "returns.receive")
@require_POST
def give_up(request: HttpRequest, number: str) -> HttpResponse:
    return _act(request, number, lambda rma, by, at: settlement.give_up(rma, by=by, at=at), _("Given up."))


def _unit_of(rma: Rma, key: str) -> RmaUnit:
    try:
        return RmaUnit.objects.select_related("line__rma", "device").get(pk=uuid.UUID(key), line__rma=rma)
    except (ValueError, RmaUnit.DoesNotExist):
        raise Http404 from None


@allow("returns.settle")
@require_POST
def accept_unit(request: HttpRequest, number: str) -> HttpResponse:
    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        form = AcceptForm(request.POST)
        if not form.is_valid():
            raise BadInput(Reason("deduction", _("A deduction is an amount like 12.50."), "deduction"))
        told = form.cleaned_data
        unit = _unit_of(rma, request.POST.get("unit", ""))
        return settlement.accept(unit, deduction=told["deduction"] or Decimal(0), why=told["why"], by=by, at=at)

    return _act(request, number, verb, _("Accepted."))


@allow("returns.settle")
@require_POST
def propose(request: HttpRequest, number: str) -> HttpResponse:
    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        form = AcceptForm(request.POST)
        if not form.is_valid():
            raise BadInput(Reason("deduction", _("A deduction is an amount like 12.50."), "deduction"))
        told = form.cleaned_data
        unit = _unit_of(rma, request.POST.get("unit", ""))
        return settlement.propose_refund(unit, deduction=told["deduction"] or Decimal(0), why=told["why"], by=by, at=at)

    return _act(request, number, verb, _("Proposed."))


@allow("returns.settle")
@require_POST
def refuse_unit(request: HttpRequest, number: str) -> HttpResponse:
    why = _text(request, "reason")
    return _act(
        request,
        number,
        lambda rma, by, at: settlement.refuse_unit(
            _unit_of(rma, request.POST.get("unit", "")), reason=why, by=by, at=at
        ),
        _("It goes back to the customer."),
    )


@allow("returns.refund")
@require_POST
def decide_refund(request: HttpRequest, number: str) -> HttpResponse:
    """A second person approves or rejects what was proposed."""

    def verb(rma: Rma, by: Actor, at: datetime) -> object:
        key = request.POST.get("refund", "")
        try:
            refund = Refund.objects.get(pk=uuid.UUID(key), line__rma=rma)
        except (ValueError, Refund.DoesNotExist):
            raise Http404 from None
        if request.POST.get("act") == "approve":
            return settlement.approve_refund(refund, by=by, at=at)
        return settlement.reject_refund(refund, why=_text(request, "reason"), by=by, at=at)

    return _act(request, number, verb, _("Decided."))


# Opening for a customer -----------------------------------------------------------------------------------------------------------------


@allow("returns.open")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Support announces a return for somebody who calls: the order by its number, then each thing with its reason and wish."""
    by = gate.actor_for(request)
    at = clock.now()
    number = _printable(request.POST.get("order", request.GET.get("order", "")), 60)
    order = terms.order_by_number(number, by) if number else None
    problem, status = "", 200
    if number and order is None:
        problem, status = _("There is no order %s.") % number[:60], 404
    found = opening.returnable(order, at=at) if order is not None else []
    forms = [
        WhyForm(request.POST if _ticked(request, one) else None, prefix=str(one.line.pk), line=one.line, left=one.left)
        for one in found
        if not one.blocked
    ]
    if request.method == "POST" and order is not None:
        told = [form for form in forms if form.is_bound]
        if told and all([form.is_valid() for form in told]):  # noqa: C419 - each form is to show its own errors
            try:
                rma = opening.open_rma(
                    order=order, wishes=[_wish(form) for form in told], origin=Origin.STAFF, by=by, at=at
                )
                messages.success(request, _("Return %s is announced.") % rma.number)
                return HttpResponseRedirect(reverse("returns_rma", args=[rma.number]))
            except DomainError as refusal:
                problem, status = refusal.sentence, refusal.status
        else:
            problem, status = _("Tick what comes back and say why."), 422
    context = {
        "order": order,
        "number": number,
        "forms": forms,
        "blocked": [one for one in found if one.blocked],
        "problem": problem,
    }
    return render(request, "returns/new.html", context, status=status)


def _ticked(request: HttpRequest, one: opening.Returnable) -> bool:
    return request.method == "POST" and str(one.line.pk) in request.POST.getlist("lines")


def _wish(form: WhyForm) -> Wish:
    told = form.cleaned_data
    return Wish(
        line=form.line.pk, quantity=told["quantity"], reason=told["reason"], wanted=told["wanted"], note=told["note"]
    )


# What leaves, and what never came ---------------------------------------------------------------------------------------------------


def _queue_tabs(by: Actor, active: str) -> list[dict[str, Any]]:
    labels = {"restock": _("To restock"), "send-back": _("To send back"), "expected": _("On its way")}
    return [
        {
            "label": labels[name],
            "url": reverse("returns_queue", args=[name]),
            "active": name == active,
            "count": Device.objects.visible_to(by).filter(state=state).count(),
        }
        for name, state in QUEUES.items()
    ]


@allow("returns.view")
@require_GET
def queue(request: HttpRequest, name: str) -> HttpResponse:
    return _queue(request, name)


def _queue(request: HttpRequest, name: str, *, problem: DomainError | None = None, tag: str = "") -> HttpResponse:
    if name not in QUEUES:
        raise Http404
    by = gate.actor_for(request)
    rows = []
    for device in queries.queue(QUEUES[name], by):
        rma = next((unit.line.rma for unit in device.rma_units.all() if not unit.is_settled), None)
        against = (
            leaving.reasons_against_restocking(device)
            if name == "restock"
            else leaving.reasons_against_sending_back(device)
            if name == "send-back"
            else []
        )
        rows.append(
            {
                "unit": face(device),
                "device": device,
                "rma": rma,
                "since": device.state_since,
                "against": [reason.sentence for reason in against],
                "problem": problem.sentence if problem is not None and device.tag == tag else "",
            }
        )
    context = {
        "name": name,
        "tabs": _queue_tabs(by, name),
        "rows": rows,
        "problem": problem if problem is not None and not any(row["problem"] for row in rows) else None,
        "may_act": by.may("returns.restock" if name == "restock" else "returns.send_back"),
    }
    return render(request, "returns/queue.html", context, status=problem.status if problem else 200)


def _device(request: HttpRequest, by: Actor) -> Device:
    return get_object_or_404(Device.objects.visible_to(by), tag=_text(request, "tag", 20))


@allow("returns.restock")
@require_POST
def restock(request: HttpRequest) -> HttpResponse:
    by = gate.actor_for(request)
    device = _device(request, by)
    try:
        leaving.restock(device, place=_text(request, "place", 60), by=by, at=clock.now())
    except DomainError as refusal:
        return _queue(request, "restock", problem=refusal, tag=device.tag)
    messages.success(request, _("%s is back in stock.") % device.tag)
    return HttpResponseRedirect(reverse("returns_queue", args=["restock"]))


@allow("returns.send_back")
@require_POST
def send_back(request: HttpRequest) -> HttpResponse:
    by = gate.actor_for(request)
    device = _device(request, by)
    hub = device.hub or Hub.objects.filter(pk__in=[by.hub_id]).first()
    try:
        if hub is None:
            raise BadInput(Reason("no_hub", _("Choose the site from which it is sent.")))
        leaving.send_back(device, tracking=_text(request, "tracking", 60), hub=hub, by=by, at=clock.now())
    except DomainError as refusal:
        return _queue(request, "send-back", problem=refusal, tag=device.tag)
    messages.success(request, _("%s is on its way.") % device.tag)
    return HttpResponseRedirect(reverse("returns_queue", args=["send-back"]))


# What was not as announced ----------------------------------------------------------------------------------------------------------


@allow("returns.view", "exceptions.view", write="exceptions.resolve")
@require_http_methods(["GET", "HEAD", "POST"])
def trouble(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One discrepancy, with what was expected and found, and the acts that settle it."""
    by = gate.actor_for(request)
    row = get_object_or_404(
        Discrepancy.objects.visible_to(by).select_related("rma", "unit__line", "device__location", "parcel", "hub"),
        pk=pk,
    )
    problem: DomainError | None = None
    if request.method == "POST":
        try:
            _settle_trouble(row, request.POST.get("act", ""), _text(request, "reason"), by, clock.now())
            messages.success(request, _("Settled."))
            return HttpResponseRedirect(
                reverse("returns_rma", args=[row.rma.number]) if row.rma else reverse("exceptions")
            )
        except DomainError as refusal:
            problem = refusal
    names = people.names_of([row.raised_by, row.resolved_by])
    wrong = row.kind == Trouble.WRONG_SERIAL and row.resolved_at is None
    context = {
        "row": row,
        "kind": word(row.kind),
        "sentence": queries.sentence_of(row),
        "unit": face(row.device) if row.device else None,
        "raised_by": names.get(row.raised_by, ""),
        "resolved_by": names.get(row.resolved_by, ""),
        "may_match": wrong and by.may("returns.settle"),
        "reasons": [reason.sentence for reason in troubles.reasons_against_resolving(row, by=by)],
        "may_resolve": by.may("exceptions.resolve"),
        "problem": problem,
    }
    return render(request, "returns/trouble.html", context, status=problem.status if problem else 200)


def _settle_trouble(row: Discrepancy, act: str, reason: str, by: Actor, at: datetime) -> None:
    if act == "match":
        receiving.match_anyway(row, reason=reason, by=by, at=at)
    elif act == "refuse":
        receiving.refuse_wrong(row, reason=reason, by=by, at=at)
    else:
        troubles.resolve(row, resolution=reason, by=by, at=at)
