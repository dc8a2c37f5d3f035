"""The counter of a shop: scan the customer's code, check each thing, seal it in a bag, hand out the receipt; totes go to the site."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from returns import queries
from returns.floor.answers import face_of
from returns.models import Bag, Kind, Rma, RmaUnit, TradeIn, Way
from returns.services.tradein import buying
from returns.services.ways import counter as serving
from returns.views.common import printable
from revlog.accounts import gate
from revlog.accounts.access import allow
from revlog.accounts.actors import Actor
from revlog.common import clock, ids
from revlog.common.errors import DomainError, NotFound, Reason
from revlog.common.words import word
from revlog.devices.models import Location
from revlog.evidence.models import Artifact, Attachment
from revlog.evidence.pdf.qr import qr_svg
from revlog.evidence.services import artifacts
from revlog.logistics.models import Place

SESSION = "counter"
Answer = dict[str, Any]


class Counter:
    """One request at the counter: who, where, when, and what lies on it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.by: Actor = gate.actor_for(request)
        self.at: datetime = clock.now()
        self.open: dict[str, str] = request.session.get(SESSION, {})
        self.places = list(Place.objects.filter(hub__in=self.by.hubs, active=True).select_related("hub__organization"))
        chosen = [one for one in self.places if one.code == self.open.get("place")]
        found = chosen or [one for one in self.places if one.hub_id == self.by.hub_id] or self.places
        if not found:
            raise NotFound(Reason("no_place", _("No place where people bring things is set up for your site.")))
        self.place: Place = found[0]

    def keep(self, **changes: object) -> None:
        told = {**self.open, **changes}
        self.open = {name: str(value) for name, value in told.items() if value is not None}
        self.request.session[SESSION] = self.open

    @property
    def rma(self) -> Rma | None:
        key = self.open.get("rma")
        rows = Rma.objects.visible_to(self.by).select_related("hub", "seller", "contact", "order")
        return rows.filter(pk=key).first() if key else None

    @property
    def tote(self) -> Location | None:
        key = self.open.get("tote")
        return Location.objects.filter(pk=key, hub=self.place.hub_id).first() if key else None


def _post(request: HttpRequest, name: str, most: int = 120) -> str:
    return printable(request.POST.get(name, "")[:2000], most)


def _act(label: str, act: str, code: str, *, primary: bool = False, icon: str = "", **sends: object) -> Answer:
    return {
        "label": label,
        "url": reverse("counter_act"),
        "code": code,
        "icon": icon,
        "primary": primary,
        "sends": {"act": act} | {name: str(value) for name, value in sends.items()},
    }


def _respond(request: HttpRequest, here: Counter, answer: Answer | None, *, status: int = 200) -> HttpResponse:
    rma, tote = here.rma, here.tote
    context: dict[str, Any] = {
        "answer": answer,
        "place": here.place,
        "places": here.places,
        "scan_url": reverse("counter_scan"),
        "scan_hint": _("the customer's code, serial, bag, tote"),
        "leave_url": reverse("my_work"),
        "waiting": [
            {
                "name": unit.line.order_line.description,
                "kind": unit.line.order_line.device_class,
                "number": unit.line.rma.number,
                "serials": ", ".join([unit.serial] if unit.serial else unit.line.order_line.serials[:3]),
                "note": word(f"reason.{unit.line.reason}"),
            }
            for unit in (serving.waiting(rma) if rma is not None else [])
        ],
        "photos": Attachment.objects.filter(chain_id=rma.pk, use="photo_customer", artifact__erased_at=None)[:5]
        if rma is not None
        else [],
        "rma": rma,
        "identity": _identity(rma, here) if rma is not None and rma.kind == Kind.TRADE else None,
        "tote": tote,
        "bags": serving.inside(tote) if tote is not None else [],
    }
    template = "returns/_counter_answer.html" if getattr(request, "htmx", False) else "returns/counter.html"
    return render(request, template, context, status=status)


def _identity(rma: Rma, here: Counter) -> dict[str, Any] | None:
    """Which document the seller of a trade-in has to show here; None where nobody asks for one, or somebody saw it."""
    row = TradeIn.objects.select_related("rma__hub", "hub").filter(rma=rma).first()
    if row is None or not buying.needs_identity(row, at=here.at):
        return None
    if buying.reasons_against_identifying(row, by=here.by):
        return None
    law = buying.law_of(row, at=here.at)
    return {
        "law": law,
        "documents": [(code, capfirst(word(f"document.{code}"))) for code in law.documents],
        "country": row.country,
    }


def _at_counter(verb: Callable[[HttpRequest, Counter], Answer]) -> Callable[[HttpRequest], HttpResponse]:
    """A POST at the counter: the verb's answer, or the refusal's sentence with its status."""

    def view(request: HttpRequest) -> HttpResponse:
        try:
            here = Counter(request)
        except DomainError as error:
            return render(request, "returns/counter.html", {"problem": error.sentence}, status=error.status)
        try:
            return _respond(request, here, verb(request, here))
        except DomainError as error:
            refused: Answer = {"tone": "refused", "title": _("Not possible"), "text": error.sentence}
            return _respond(request, here, refused, status=error.status if error.status in {404, 409, 422} else 409)

    view.__name__, view.__doc__ = verb.__name__, verb.__doc__
    return view


@allow("logistics.handover", "returns.desk")
@never_cache
@require_GET
def counter(request: HttpRequest) -> HttpResponse:
    """The empty box; the address may say at which of the site's places one stands, or that the next customer is here."""
    try:
        here = Counter(request)
    except DomainError as error:
        return render(request, "returns/counter.html", {"problem": error.sentence})
    if (code := request.GET.get("place", "")) and any(one.code == code for one in here.places):
        here.keep(place=code, rma=None)
        return HttpResponseRedirect(reverse("counter"))
    if request.GET.get("next"):
        here.keep(rma=None)
    return _respond(request, here, None)


@allow("logistics.handover", "returns.desk")
@require_POST
@_at_counter
def scan(request: HttpRequest, here: Counter) -> Answer:
    """A code of the customer's opens their return; then what lies on the counter is scanned. Totes and bags are known by theirs."""
    text = _post(request, "code", 200)
    if (tote := serving.tote(text, here.place)) is not None:
        here.keep(tote=tote.pk)
        return _of_tote(tote)
    if (bag := queries.bag_named(text)) is not None:
        return _of_bag(here, bag)
    if (rma := queries.by_number(text, here.by)) is not None:
        here.keep(rma=rma.pk)
        return _of_return(here, rma)
    if here.rma is None:
        return {
            "tone": "attention",
            "title": _("Nobody knows this code"),
            "text": text,
            "todo": _("Scan the code of the customer's return first."),
        }
    return _of_thing(here, here.rma, text)


def _of_tote(tote: Location) -> Answer:
    count = len(serving.inside(tote))
    return {
        "tone": "accepted",
        "title": _("Tote %s") % tote.code,
        "text": ngettext("%s bag in it", "%s bags in it", count) % count,
        "todo": _("What you bag now goes into it."),
        "actions": [_act(_("Send the tote"), "send", "SEND", icon="truck", tote=tote.pk)] if count else [],
    }


def _of_bag(here: Counter, bag: Bag) -> Answer:
    tote = here.tote
    if tote is not None and bag.tote_id != tote.pk:
        bag = serving.put(bag, tote, by=here.by)
    return {
        "tone": "accepted",
        "title": _("Bag %s") % bag.code,
        "text": bag.unit.line.order_line.description,
        "unit": face_of(bag.unit.device, bag.unit),
        "goes_to": bag.tote.code if bag.tote else "",
    }


def _of_return(here: Counter, rma: Rma) -> Answer:
    units = serving.waiting(rma)
    title = (_("Trade-in %s") if rma.kind == Kind.TRADE else _("Return %s")) % rma.number
    boxed = serving.reasons_against_taking(rma, place=here.place, boxed=True, at=here.at)
    unboxed = serving.reasons_against_taking(rma, place=here.place, boxed=False, at=here.at)
    if boxed and unboxed:
        first = unboxed if rma.way == Way.COUNTER else boxed
        return {
            "tone": "refused",
            "title": title,
            "text": first[0].sentence,
            "todo": _("Give it back to the customer and tell them so."),
        }
    take = _act(_("Take the packed parcel"), "parcel", "PARCEL", icon="package", primary=rma.way == Way.STORE)
    return {
        "tone": "accepted",
        "title": title,
        "text": ngettext("%s thing expected", "%s things expected", len(units)) % len(units),
        "todo": _("Scan its serial number.") if not unboxed and units else "",
        "unit": face_of(units[0].device, units[0]) if len(units) == 1 else None,
        "actions": [] if boxed or rma.status != "approved" else [take],
        "bagging": _bagging(units[0]) if not unboxed and len(units) == 1 and not _serials(units[0]) else None,
    }


def _serials(unit: RmaUnit) -> list[str]:
    return [unit.serial] if unit.serial else list(unit.line.order_line.serials)


def _bagging(unit: RmaUnit, serial: str = "") -> Answer:
    return {"unit": str(unit.pk), "serial": serial, "name": unit.line.order_line.description}


def _of_thing(here: Counter, rma: Rma, text: str) -> Answer:
    """What lies on the counter: the right one is bagged; another one is given back, or taken as what it is."""
    units = serving.waiting(rma)
    if not units:
        return {"tone": "attention", "title": _("Nothing more is expected"), "text": rma.number}
    for unit in units:
        if not serving.wrong_thing(unit, rma, serial=text):
            return {
                "tone": "accepted",
                "title": _("That is the one"),
                "text": text,
                "todo": _("Look at it, take a photo, and seal it in a bag."),
                "unit": face_of(unit.device, unit),
                "bagging": _bagging(unit, text),
            }
    first = units[0]
    sold = ", ".join(_serials(first))
    return {
        "tone": "refused",
        **_not_this_one(rma, sold, text),
        "unit": face_of(first.device, first),
        "actions": [
            _act(_("Given back"), "given_back", "BACK", primary=True),
            _act(_("Take it all the same"), "wrong", "WRONG", unit=first.pk, serial=text),
        ],
    }


def _not_this_one(rma: Rma, expected: str, found: str) -> dict[str, str]:
    told = {"expected": expected, "found": found}
    if rma.kind == Kind.TRADE:
        return {
            "title": _("Not the one that was offered"),
            "text": _("%(expected)s was offered to us, this is %(found)s.") % told,
            "todo": _(
                "Tell the seller: the price is for the other one. For this one they can ask for a price of its own."
            ),
        }
    return {
        "title": _("Not the one that was sold"),
        "text": _("%(expected)s was sold, this is %(found)s.") % told,
        "todo": _("Tell the customer: this one can't be returned here; the one that was sold can."),
    }


@allow("logistics.handover", "returns.desk")
@require_POST
@_at_counter
def act(request: HttpRequest, here: Counter) -> Answer:
    """Take the parcel, bag the thing, hand out the receipt, or send the tote."""
    chosen = request.POST.get("act", "")
    if chosen == "send":
        tote = here.tote
        if tote is None:
            raise NotFound(Reason("not_found", _("Scan the tote first.")))
        parcel = serving.send(tote, place=here.place, by=here.by, at=here.at)
        here.keep(tote=None)
        return {
            "tone": "accepted",
            "title": _("Tote sent"),
            "text": _("The dock knows it as %s.") % parcel.tracking,
            "todo": _("Write this number on it."),
        }
    rma = here.rma
    if rma is None:
        raise NotFound(Reason("not_found", _("Scan the code of the customer's return first.")))
    if chosen == "identify":
        return _identified(request, here, rma)
    if chosen == "parcel":
        serving.take_parcel(rma, place=here.place, by=here.by, at=here.at)
        return _taken(here, rma)
    if chosen == "receipt":
        serving.finish(rma, place=here.place, by=here.by, at=here.at)
        return _taken(here, rma)
    if chosen in {"bag", "wrong"}:
        return _bagged(request, here, rma, wrong=chosen == "wrong")
    return {"tone": "accepted", "title": _("Given back"), "text": rma.number, "todo": _("Nothing was written down.")}


def _identified(request: HttpRequest, here: Counter, rma: Rma) -> Answer:
    """Somebody at the counter holds the seller's document in the hand."""
    row = TradeIn.objects.filter(rma=rma).first()
    if row is None:
        raise NotFound(Reason("not_found", _("This is no trade-in.")))
    buying.identify(
        row,
        document=_post(request, "document", 20),
        number=_post(request, "number", 40),
        country=_post(request, "country", 2),
        of_age=request.POST.get("of_age") == "1",
        by=here.by,
        at=here.at,
    )
    return {**_of_return(here, rma), "tone": "accepted", "title": _("Document seen"), "text": row.number}


def _bagged(request: HttpRequest, here: Counter, rma: Rma, *, wrong: bool) -> Answer:
    unit = next((one for one in serving.waiting(rma) if str(one.pk) == request.POST.get("unit")), None)
    if unit is None:
        raise NotFound(Reason("not_found", _("There is no such thing; scan it again.")))
    sent = request.FILES.get("photo")
    photo: Artifact | None = artifacts.keep_upload(sent, at=here.at) if sent is not None else None
    bag = serving.bag(
        unit,
        place=here.place,
        serial=_post(request, "serial"),
        code=_post(request, "bag", 30),
        damaged=request.POST.get("condition") == "damaged",
        wrong=wrong,
        photo=photo,
        tote=here.tote,
        by=here.by,
        at=here.at,
    )
    if photo is not None:
        artifacts.attach(photo, chain=rma.pk, use="photo_counter", audience="customer", by=here.by, at=here.at)
    if not serving.waiting(rma):
        return _taken(here, rma, bag=bag)
    return {
        "tone": "attention" if wrong else "accepted",
        "title": _("Bagged"),
        "text": bag.code,
        "todo": _("Scan the next thing, or hand out the receipt."),
        "goes_to": bag.tote.code if bag.tote else "",
        "label": reverse("counter_bag", args=[bag.code]),
        "actions": [_act(_("That is all: receipt"), "receipt", "DONE", icon="check", primary=True)],
    }


def _taken(here: Counter, rma: Rma, *, bag: Bag | None = None) -> Answer:
    return {
        "tone": "accepted",
        "title": _("Taken in"),
        "text": bag.code if bag is not None else rma.number,
        "todo": _("The customer gets a receipt by mail; print one if they want it."),
        "goes_to": bag.tote.code if bag is not None and bag.tote else "",
        "label": reverse("counter_bag", args=[bag.code]) if bag is not None else "",
        "receipt": reverse("counter_receipt", args=[rma.number]),
    }


@allow("logistics.handover", "returns.desk")
@require_GET
def bag_label(request: HttpRequest, code: str) -> HttpResponse:
    """The label of a bag, to print."""
    gate.actor_for(request)
    bag = queries.bag_named(code)
    if bag is None:
        raise Http404
    context = {"bag": bag, "picture": qr_svg(bag.code), "number": bag.unit.line.rma.number}
    return render(request, "returns/counter_bag.html", context)


@allow("logistics.handover", "returns.desk")
@require_GET
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """What was handed in, for the customer, to print."""
    by = gate.actor_for(request)
    rma = queries.by_number(number, by) if ids.normal(number, queries.PREFIX) else None
    if rma is None or rma.place is None:
        raise Http404
    bags = Bag.objects.filter(unit__line__rma=rma).select_related("unit__line__order_line").order_by("bagged_at")
    return render(request, "returns/counter_receipt.html", {"rma": rma, "bags": bags, "place": rma.place})
