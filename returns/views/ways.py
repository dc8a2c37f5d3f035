"""How a return travels, as its customer chooses it: on the last page before it is announced, and afterwards on a page of its own."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_time, get_day_names
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from returns.models import Rma, RmaLine, RmaStatus, Way
from returns.policy import ways as policy
from returns.policy.ways import METHODS, Option
from returns.services import letters, owing
from returns.services.opening import Quote
from returns.services.ways import changing, choosing
from returns.services.ways.choosing import PAID_BACK, Choice, Offer
from returns.views.drafts import Draft
from returns.views.visitors import issuer, rma_of
from revlog.accounts.access import GUEST, allow
from revlog.accounts.actors import Actor
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.templatetags.ui import money
from revlog.evidence.pdf.qr import qr_svg
from revlog.evidence.services import artifacts
from revlog.logistics.models import Booking, BookingStatus, Place
from revlog.logistics.services import pickups
from revlog.logistics.services.pickups import Slot

Text = str | Promise
TITLES: Mapping[str, Text] = {
    "label": gettext_lazy("Print a label"),
    "qr": gettext_lazy("Show a code, print nothing"),
    "store": gettext_lazy("Bring the parcel to one of our shops"),
    "counter": gettext_lazy("Bring it without a box"),
    "pickup": gettext_lazy("Have it picked up"),
    "arranged": gettext_lazy("We arrange how it travels"),
}
TOLD: Mapping[str, Text] = {
    "label": gettext_lazy("You stick it on your parcel and hand the parcel in."),
    "qr": gettext_lazy("The counter prints the label from the code on your phone."),
    "store": gettext_lazy("Somebody scans your code and takes the packed parcel."),
    "counter": gettext_lazy("Somebody looks at it, packs it, and gives you a receipt."),
    "pickup": gettext_lazy("Our van comes to your door and takes the packed parcel."),
    "arranged": gettext_lazy(
        "Leave it where it is, and don't charge it or switch it on. We write to you how it is fetched."
    ),
}
SHOWN: Mapping[str, Text] = {
    "label": gettext_lazy("Stick the label on your parcel and hand it in."),
    "qr": gettext_lazy("Show this code at the counter. It prints the label and takes your parcel."),
    "store": gettext_lazy("Pack it, and show this code at one of these places."),
    "counter": gettext_lazy("Bring it as it is, with what belongs to it, and show this code at one of these places."),
    "pickup": gettext_lazy("Pack it and write the number of the return on the parcel."),
    "arranged": TOLD["arranged"],
}
"""As the page of a return says it, once it is chosen."""
WHY: Text = gettext_lazy("What it costs to send it this way.")


def chosen(request: HttpRequest) -> Choice | None:
    """What was chosen on the page; None where it asked for nothing."""
    told = request.POST if request.method == "POST" else request.GET
    name = told.get("way", "")
    if name not in METHODS:
        return None
    return Choice(name, told.get("slot", "")[:80] if name == Way.PICKUP else "")


def before(quote: Quote | None, draft: Draft, choice: Choice | None, *, at: datetime) -> dict[str, Any]:
    """What the last page shows of ways. A van is booked only for what is agreed to: until then the others may be chosen."""
    back = [one for one in quote.lines if one[2].goods == "back"] if quote is not None else []
    if quote is None or not back:
        return {"ways": [], "way_alone": "", "chosen": None}
    recipient = draft.recipient
    offer = choosing.offer_before(back, hub=quote.hub, address=recipient.address if recipient else None, at=at)
    if quote.needs_person:
        offer = Offer([one for one in offer.options if one.name != Way.PICKUP], (), offer.places)
    address = list(recipient.address) if recipient else list(back[0][0].order.contact.address)
    taken = choice or Choice(offer.usual)
    told = shown(offer, taken, currency=quote.currency, address=address)
    return told | {
        "way_alone": TOLD[offer.usual] if offer.usual != Way.ARRANGED else "",
        "chosen": offer.option(taken.name),
    }


def unseen(request: HttpRequest, quote: Quote, draft: Draft, choice: Choice | None, *, at: datetime) -> bool:
    """Whether a way was chosen whose fee isn't in the sum that the page showed: without a script it follows no choice by itself."""
    if choice is None or request.POST.get("shown") == choice.name:
        return False
    option = before(quote, draft, choice, at=at)["chosen"]
    return option is not None and option.open and bool(option.fee)


def shares_of(quote: Quote, way: Option | None) -> list[Decimal]:
    """What a piece of each line bears of the fee of a way, as it will be taken off."""
    room = [
        (
            wish.quantity,
            line.value - answer.taken_off if answer.goods == "back" and wish.wanted in PAID_BACK else Decimal(0),
        )
        for line, wish, answer in quote.lines
    ]
    return policy.shares(way.fee if way is not None and way.open else Decimal(0), room)


def paid_for(line: RmaLine) -> Decimal:
    """What is taken off a line for the way that it travels: for as many of a counted lot as came."""
    units = list(line.units.all())
    return line.way_fee * (sum(owing.pieces(unit) for unit in units) if units else line.quantity)


def shown(offer: Offer, choice: Choice, *, currency: str, address: Sequence[str]) -> dict[str, Any]:
    """The context of _portal_ways.html."""
    names = {one.name for one in offer.open}
    return {
        "ways": [
            {
                "name": one.name,
                "title": TITLES[one.name],
                "told": TOLD[one.name],
                "fee": money(one.fee, currency) if one.fee else "",
                "why_not": one.why_not,
                "checked": one.name == choice.name,
            }
            for one in offer.options
        ],
        "slots": [{"key": one.key, "words": moment(one), "checked": one.key == choice.slot} for one in offer.slots[:20]]
        if Way.PICKUP in names
        else [],
        "places": [place(one) for one in offer.places] if names & {"store", "counter"} else [],
        "address": address,
    }


def _language() -> str:
    return (translation.get_language() or "en").replace("-", "_")


def moment(slot: Slot) -> str:
    """Monday, 30 November, 09:00 to 12:00."""
    zone = slot.window.hub.calendar.tz
    return _("%(day)s, %(begins)s to %(ends)s") % {
        "day": letters.written(slot.day),
        "begins": format_time(slot.begins_at.astimezone(zone), format="short", locale=_language(), tzinfo=zone),
        "ends": format_time(slot.ends_at.astimezone(zone), format="short", locale=_language(), tzinfo=zone),
    }


def place(row: Place) -> dict[str, Any]:
    """A place as customers read it: days with the same hours stand together."""
    names = get_day_names("abbreviated", locale=_language())
    spans: list[tuple[int, int, str]] = []
    for day in range(7):
        told = row.hours.get(str(day))
        if not told:
            continue
        times = "–".join(told)
        if spans and spans[-1][1] == day - 1 and spans[-1][2] == times:
            spans[-1] = (spans[-1][0], day, times)
        else:
            spans.append((day, day, times))
    return {
        "name": row.name,
        "lines": row.address,
        "hours": [
            (names[first] if first == last else f"{names[first]}–{names[last]}", times) for first, last, times in spans
        ],
        "unboxed": row.takes_unboxed,
        "parcels": row.takes_parcels,
    }


def of(rma: Rma, by: Actor) -> dict[str, Any]:
    """The context of _portal_way.html: while it is to be handed over, how, and with which code."""
    if rma.status != RmaStatus.APPROVED or not rma.way:
        return {"way": None}
    at = clock.now()
    found: dict[str, Any] = {"name": rma.way, "title": TITLES[rma.way], "told": SHOWN[rma.way], "number": rma.number}
    places: list[dict[str, Any]] = []
    if rma.way == Way.QR:
        found |= code_of(rma)
    elif rma.way in {Way.STORE, Way.COUNTER}:
        found["code"] = qr_svg(rma.number)
        unboxed = rma.way == Way.COUNTER
        rows = choosing.places_for(rma.seller, address=rma.contact.address, country=rma.contact.country)
        places = [place(one) for one in rows if (one.takes_unboxed if unboxed else one.takes_parcels)]
    elif rma.way == Way.PICKUP:
        pickup = pickups.open_one(f"rma:{rma.pk}")
        if pickup is None:
            found["told"] = _("Nobody was there when our van came. Choose another time.")
        else:
            slot = Slot(pickup.window, pickup.day, pickup.begins_at, pickup.ends_at, 0)
            found |= {"when": moment(slot), "address": rma.contact.address}
            if pickups.reasons_against_moving(pickup, at=at):
                found["until"] = _("It is too late to change it. Write to us if you can't be there.")
    offer = choosing.offer_for(rma, at=at)
    others = [one for one in offer.open if one.name != rma.way] or (rma.way == Way.PICKUP and offer.slots)
    return {
        "way": found,
        "places": places,
        "may_choose_way": bool(others) and not changing.reasons_against_choosing(rma, by=by, at=at),
    }


def code_of(rma: Rma) -> dict[str, Any]:
    """The code that a counter prints the label from: the carrier's own picture, or the parcel's number as a code."""
    link = rma.parcel_links.select_related("parcel").order_by("added_at", "id").last()
    if link is None:
        return {}
    booking = Booking.objects.select_related("code").filter(parcel=link.parcel_id).first()
    if booking is None:
        return {"code": qr_svg(link.parcel.tracking), "number": link.parcel.tracking}
    if booking.code is not None and booking.code.erased_at is None:
        picture = b64encode(artifacts.read(booking.code)).decode()
        return {"code": f"data:{booking.code.media_type};base64,{picture}", "number": link.parcel.tracking}
    if booking.status == BookingStatus.ASKED:
        return {"code_coming": True}
    return {"told": _("The carrier has no code for this parcel. Print the label below instead.")}


@allow(GUEST)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, number: str) -> HttpResponse:
    """The ways that are left, and the times of the van; chosen, the return's page shows what is needed."""
    rma, by = rma_of(request, number)
    at, problem, status = clock.now(), "", 200
    choice = chosen(request)
    if request.method == "POST" and choice is not None:
        try:
            changing.choose(rma, choice, by=by, at=at)
            return HttpResponseRedirect(reverse("portal_status", args=[rma.number]))
        except DomainError as refusal:
            problem, status = refusal.sentence, refusal.status
    against = changing.reasons_against_choosing(rma, by=by, at=at)
    if against and not problem:
        problem = against[0].sentence
    offer = choosing.offer_for(rma, at=at)
    context = {
        "rma": rma,
        "issuer": issuer(rma.order),
        "problem": problem,
        "shut": bool(against),
        **shown(offer, choice or Choice(rma.way), currency=rma.currency, address=rma.contact.address),
    }
    return render(request, "returns/portal_way.html", context, status=status)
