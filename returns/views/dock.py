"""The dock: one box to scan into, one answer, one big next action. What lies open (parcel, return) is kept in the session."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from returns import queries
from returns.floor import answers, sessions
from returns.models import Origin, Rma, RmaStatus, RmaUnit
from returns.services import unloading
from returns.services.sessions import taking
from revlog.accounts.access import allow
from revlog.common.errors import BadInput, DomainError, NotFound, Reason
from revlog.scanning.answers import LEAD, Answer
from revlog.scanning.here import Here
from revlog.terms import queries as terms
from revlog.terms.models import Order


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(Reason("not_found", _("There is no such thing; scan it again."))) from None


def _text(request: HttpRequest, name: str, most: int = 120) -> str:
    """What was scanned or typed, without what can't be printed: a scanner sends control characters when it is set up wrong."""
    return "".join(letter for letter in request.POST.get(name, "")[:2000] if letter.isprintable()).strip()[:most]


def _unit(request: HttpRequest, dock: Here) -> RmaUnit:
    found = (
        RmaUnit.objects.select_related("line__order_line", "line__rma__hub", "device")
        .filter(pk=_uuid(request.POST.get("unit", "")), line__rma__in=Rma.objects.visible_to(dock.by))
        .first()
    )
    if found is None:
        raise NotFound(Reason("not_found", _("There is no such thing; scan it again.")))
    return found


def _respond(request: HttpRequest, dock: Here, answer: Answer | None, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "answer": answer,
        "scan_url": reverse("dock_scan"),
        "scan_hint": _("parcel, return, serial, IMEI, tag"),
        "leave_url": reverse("my_work"),
        "done": queries.received_today(dock.by, dock.hub, dock.at),
        "recent": dock.recent,
        **answers.beside(dock),
    }
    template = "returns/_dock_answer.html" if getattr(request, "htmx", False) else "returns/dock.html"
    return render(request, template, context, status=status)


def _refusal(error: DomainError) -> Answer:
    codes = {reason.code for reason in error.reasons}
    return {
        "tone": "refused",
        "title": _("Wrong serial") if "wrong_serial" in codes else _("Not possible"),
        "text": error.sentence,
        "call": _(LEAD),
    }


def _at_dock(verb: Callable[[HttpRequest, Here], Answer | HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A POST at the dock: the verb's answer, or the refusal's sentence with its status; never a page of its own."""

    def view(request: HttpRequest) -> HttpResponse:
        try:
            dock = Here(request)
        except DomainError as error:
            answer = {"tone": "refused", "title": _("Not possible"), "text": error.sentence, "call": _(LEAD)}
            return render(request, "returns/_dock_answer.html", {"answer": answer}, status=error.status)
        status = 200
        with dock.in_one_write():
            try:
                with dock.whole():
                    found = verb(request, dock)
            except DomainError as error:
                found, status = _refusal(error), error.status if error.status in {404, 409, 422} else 409
            if isinstance(found, HttpResponse):
                return found
            dock.tell(found)
        return _respond(request, dock, found, status=status)

    view.__name__, view.__doc__ = verb.__name__, verb.__doc__
    return view


# Pages ------------------------------------------------------------------------------------------------------------------------------


@allow("returns.receive")
@never_cache
@require_GET
def dock(request: HttpRequest) -> HttpResponse:
    """The empty box; a code in the address (from a link or a label's QR) is looked at without being taken in."""
    try:
        here = Here(request)
    except DomainError as error:
        return render(request, "returns/dock.html", {"problem": error.sentence}, status=200)
    if request.GET.get("next") == "parcel":
        here.keep(parcel=None, rma=None)
    return _respond(request, here, None)


@allow("returns.receive")
@require_POST
@_at_dock
def scan(request: HttpRequest, dock: Here) -> Answer | HttpResponse:
    """What a code is, and what can be done with the thing in the hand. A parcel or return is taken in by the scan itself."""
    text = _text(request, "code", 200)
    if not text:
        raise BadInput(Reason("nothing", _("Scan or type a code."), "code"))
    return answers.to_scan(dock, text)


# Acts -------------------------------------------------------------------------------------------------------------------------------


@allow("returns.receive")
@require_POST
@_at_dock
def receive(request: HttpRequest, dock: Here) -> Answer:
    unit = _unit(request, dock)
    if unit.line.rma.status == RmaStatus.EXPIRED:
        unloading.open_return(unit.line.rma, parcel=answers.parcel_at_hand(dock), hub=dock.hub, by=dock.by, at=dock.at)
    counted = _text(request, "counted")
    if counted and not counted.isdecimal():
        raise BadInput(Reason("no_count", _("Enter a whole number."), "counted"))
    if counted and not int(counted[:9]) and (box := answers.parcel_at_hand(dock)) is not None:
        return answers.emptied(dock, box, unit.line.rma)
    done, line = taking.receive(
        sessions.at_hand(dock),
        unit,
        hub=dock.hub,
        serial=_text(request, "serial", 120),
        how=request.POST.get("how", "serial")[:12]
        if request.POST.get("how") in {"serial", "imei", "tag", "line"}
        else "serial",
        unreadable=request.POST.get("unreadable") == "1",
        counted=int(counted[:9]) if counted else None,
        damaged=request.POST.get("damaged") == "1",
        parcel=answers.parcel_at_hand(dock),
        by=dock.by,
        at=dock.at,
    )
    dock.keep(rma=unit.line.rma_id)
    return answers.received(dock, done, _("Received"), line)


@allow("returns.receive")
@require_POST
@_at_dock
def wrong(request: HttpRequest, dock: Here) -> Answer:
    done, line = taking.wrong(
        sessions.at_hand(dock),
        _unit(request, dock),
        serial=_text(request, "serial", 120),
        hub=dock.hub,
        parcel=answers.parcel_at_hand(dock),
        by=dock.by,
        at=dock.at,
    )
    return answers.received(dock, done, _("Recorded and held"), line)


@allow("returns.receive")
@require_POST
@_at_dock
def unannounced(request: HttpRequest, dock: Here) -> Answer:
    done, line = taking.unannounced(
        sessions.at_hand(dock),
        serial=_text(request, "serial", 120),
        hub=dock.hub,
        parcel=answers.parcel_at_hand(dock),
        by=dock.by,
        at=dock.at,
    )
    return answers.received(dock, done, _("Taken in and held"), line)


@allow("returns.receive")
@require_POST
@_at_dock
def parcel(request: HttpRequest, dock: Here) -> Answer:
    made = unloading.receive_unannounced_parcel(
        tracking=_text(request, "tracking", 60), hub=dock.hub, by=dock.by, at=dock.at
    )
    dock.keep(parcel=made.pk, rma=None)
    return {
        "tone": "attention",
        "title": _("Parcel taken in"),
        "text": _("Nobody announced %s; support finds out whose it is.") % made.tracking,
        "todo": _("Open it and scan what is inside."),
    }


@allow("returns.receive")
@require_POST
@_at_dock
def undeliverable(request: HttpRequest, dock: Here) -> Answer:
    order = Order.objects.visible_to(dock.by).filter(pk=_uuid(request.POST.get("order", ""))).first()
    if order is None:
        raise NotFound(Reason("not_found", _("There is no such order.")))
    why = request.POST.get("why", "")
    code = _text(request, "tracking", 60)
    rma, box = unloading.receive_undeliverable(
        order,
        why=Origin(why) if why in Origin.values else Origin.PORTAL,
        tracking=code if terms.order_by_parcel(code, dock.by) else "",
        hub=dock.hub,
        by=dock.by,
        at=dock.at,
    )
    dock.keep(parcel=box.pk, rma=rma.pk)
    return {
        "tone": "accepted",
        "title": _("Return %s") % rma.number,
        "text": unloading.summary(box),
        "todo": _("Open it and scan what is inside."),
        "actions": answers.box_actions([rma]),
    }


@allow("returns.receive")
@require_POST
@_at_dock
def empty(request: HttpRequest, dock: Here) -> Answer:
    box = answers.parcel_at_hand(dock)
    rma = Rma.objects.visible_to(dock.by).filter(pk=_uuid(request.POST.get("rma", ""))).first()
    if box is None or rma is None:
        raise NotFound(Reason("not_found", _("Scan the parcel again first.")))
    return answers.emptied(dock, box, rma)
