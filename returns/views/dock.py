"""The acts of receiving that the floor's answers offer. What lies open (parcel, return) is in the person's hand."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from returns.floor import answers, sessions
from returns.models import Origin, Rma, RmaStatus, RmaUnit
from returns.services import unloading
from returns.services.sessions import taking
from revlog.accounts.access import allow
from revlog.common.errors import BadInput, DomainError, NotFound, Reason
from revlog.scanning.acts import at_floor
from revlog.scanning.answers import Answer
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


# The page ------------------------------------------------------------------------------------------------------------------------------


@allow("returns.receive")
@never_cache
@require_GET
def dock(request: HttpRequest) -> HttpResponse:
    """The floor with receiving at hand: no session is begun by a link. A code in the address stands in the box."""
    try:
        here = Here(request)
    except DomainError:
        return HttpResponseRedirect(reverse("floor"))  # which says that no site is chosen
    if request.GET.get("next") == "parcel":
        here.keep(job="receive", parcel=None, rma=None)
    else:
        here.keep(job="receive")
    code = request.GET.get("q", "")[:200]
    return HttpResponseRedirect(reverse("floor") + (f"?{urlencode({'q': code})}" if code else ""))


# Acts -------------------------------------------------------------------------------------------------------------------------------


@allow("returns.receive")
@require_POST
@at_floor
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
@at_floor
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
@at_floor
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
@at_floor
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
@at_floor
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
@at_floor
def empty(request: HttpRequest, dock: Here) -> Answer:
    box = answers.parcel_at_hand(dock)
    rma = Rma.objects.visible_to(dock.by).filter(pk=_uuid(request.POST.get("rma", ""))).first()
    if box is None or rma is None:
        raise NotFound(Reason("not_found", _("Scan the parcel again first.")))
    return answers.emptied(dock, box, rma)


@allow("returns.receive")
@require_POST
@at_floor
def next_parcel(request: HttpRequest, dock: Here) -> Answer:
    """The parcel at hand is put aside; what it still holds stays expected in it."""
    box = answers.parcel_at_hand(dock)
    dock.keep(job="receive", parcel=None, rma=None)
    return {
        "tone": "accepted",
        "title": _("Next parcel"),
        "text": _("%s is put aside.") % box.tracking if box is not None else "",
        "todo": _("Scan its label."),
    }
