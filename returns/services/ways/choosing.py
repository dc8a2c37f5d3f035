"""Which way a return travels: what its rules leave of what there is at the site, chosen by its customer."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from returns import policy
from returns.facts import ways as facts
from returns.models import Goods, Origin, Rma, RmaLine, RmaParcel, Way
from returns.policy import ways
from returns.policy.ways import Coming, Ground, Option
from returns.queries import travel
from returns.queries.travel import There
from returns.services.business import expecting
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.custody.services import ledger
from revlog.logistics.models import Carrier, Direction, PickupWindow, Place
from revlog.logistics.services import parcels, pickups
from revlog.logistics.services.pickups import Slot
from revlog.terms import queries as terms
from revlog.terms.models import OrderLine
from revlog.terms.ruling import Ruling

HERE_ALREADY = frozenset({Origin.UNDELIVERABLE.value, Origin.REFUSED.value, Origin.IMPORT.value, Origin.EDI.value})
"""Of these the parcel is here when the return is written, or its sender has a way of his own."""
PAID_BACK = frozenset({"refund", "credit"})


class UnableToTravel(DomainError):
    """It can't travel that way (any more)."""

    status = 422
    code = "unable_to_travel"


@dataclass(frozen=True)
class Choice:
    """What was chosen: a way, and for a pickup its ``slot`` (``<window>:<day>``)."""

    name: str
    slot: str = ""


@dataclass(frozen=True)
class Offer:
    """What may be chosen, with what each needs to be shown with."""

    options: Sequence[Option]
    slots: Sequence[Slot] = field(default_factory=tuple)
    places: Sequence[Place] = field(default_factory=tuple)
    there: There = field(default_factory=There)

    @property
    def open(self) -> list[Option]:
        return [one for one in self.options if one.open]

    @property
    def usual(self) -> str:
        """What is chosen where nobody chooses: the first that costs nothing, else the first; none of them will do: ``arranged``."""
        free = [one for one in self.open if not one.fee and one.name != "pickup"] or [
            one for one in self.open if one.name != "pickup"
        ]
        return free[0].name if free else Way.ARRANGED.value

    def option(self, name: str) -> Option | None:
        return next((one for one in self.options if one.name == name), None)


# What there is ----------------------------------------------------------------------------------------------------------------------


def our_van(*, at: datetime) -> Carrier:
    """Who carries what is picked up, or brought to a counter."""
    row, _made = Carrier.objects.get_or_create(
        code="van", defaults={"id": ids.new(at), "name": "Our van", "vendor": "van", "created_at": at}
    )
    return row


def carrier_for(way: str, *, there: There, dangerous: bool, at: datetime) -> Carrier:
    """Who carries a return that travels this way: the seller's own contract before everybody's."""
    if way in {Way.PICKUP, Way.STORE, Way.COUNTER}:
        return our_van(at=at)
    fitting = _fitting(there.carriers, way, dangerous=dangerous)
    return next(iter(fitting), None) or there.fallback or parcels.default_carrier(at=at)


def _fitting(carriers: Sequence[Carrier], way: str, *, dangerous: bool) -> list[Carrier]:
    """Those that can carry it this way, the seller's own contract first."""
    rows = [one for one in carriers if (one.dangerous or not dangerous) and (one.label_free or way != Way.QR)]
    return sorted(rows, key=lambda one: (one.organization_id is None, one.dangerous != dangerous, one.code))


def places_for(seller: Organization, *, address: Sequence[str], country: str) -> list[Place]:
    """Where its customers may bring things, those nearest by postal code first."""
    rows = Place.objects.filter(Q(organization=None) | Q(organization=seller), active=True, hub__active=True)
    if country:
        rows = rows.filter(Q(country="") | Q(country=country))
    return _nearest(rows.select_related("hub"), address)


def _nearest(places: Iterable[Place], address: Sequence[str]) -> list[Place]:
    mine = sorted(terms.postcodes(address))

    def nearness(place: Place) -> int:
        code = "".join(place.postcode.split()).upper()
        return max((_alike(code, one) for one in mine), default=0)

    return sorted(places, key=lambda one: (-nearness(one), one.city, one.name))


def _alike(one: str, other: str) -> int:
    """How many signs two postal codes share from the left."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _offer(
    lines: Sequence[Coming],
    *,
    sold: Sequence[uuid.UUID],
    hub: Hub,
    seller: Organization,
    address: Sequence[str],
    country: str,
    at: datetime,
    rules: Ruling | None = None,
    picked_up: bool = False,
) -> Offer:
    rules = rules or terms.in_force(policy.KIND, at=at, organization=seller.pk)
    there = travel.there(seller=seller.pk, hub=hub, country=country, lines=sold)
    places = _nearest(there.places, address)
    codes = sorted(terms.postcodes(address))
    slots = pickups.slots(hub, postcodes=codes, country=country, windows=there.windows, at=at) if any(address) else []
    ground = Ground(
        qr=bool(_fitting(there.carriers, Way.QR.value, dangerous=False)),
        store=any(one.takes_parcels for one in places),
        counter=any(one.takes_unboxed for one in places),
        pickup=bool(slots) or picked_up,
        dangerous_carrier=bool(_fitting(there.carriers, Way.LABEL.value, dangerous=True)),
        recalled=there.recalled,
    )
    return Offer(ways.options(lines, ground, rules.parameters), slots, places, there)


def offer_before(
    told: Sequence[tuple[OrderLine, object, policy.Answer]],
    *,
    hub: Hub,
    address: Sequence[str] | None = None,
    at: datetime,
) -> Offer:
    """What may be chosen before the return is announced; ``told`` are the lines of its quote, ``address`` another's than the buyer's."""
    back = [(line, wish, answer) for line, wish, answer in told if answer.goods == Goods.BACK]
    lines = [
        Coming(
            reason=answer.case.reason,
            outcome=answer.decision.outcome,
            value=line.value * int(getattr(wish, "quantity", 1)),
            paid_back=answer.case.wanted in PAID_BACK,
        )
        for line, wish, answer in back
    ]
    order = told[0][0].order
    return _offer(
        lines,
        sold=[one[0].pk for one in back],
        hub=hub,
        seller=order.seller,
        address=order.contact.address if address is None else address,
        country=order.contact.country,
        at=at,
    )


def offer_for(rma: Rma, *, rules: Ruling | None = None, at: datetime) -> Offer:
    """What may be chosen for a return that is announced; ``rules`` are its seller's in force, where the caller has read them."""
    back = [line for line in rma.lines.all() if line.comes_back]
    return _offer(
        _coming(back),
        sold=[line.order_line_id for line in back],
        hub=rma.hub,
        seller=rma.seller,
        address=rma.contact.address,
        country=rma.contact.country,
        at=at,
        rules=rules,
        picked_up=rma.way == Way.PICKUP,
    )


def _coming(lines: Sequence[RmaLine]) -> list[Coming]:
    return [
        Coming(
            reason=line.reason,
            outcome=line.decision.get("outcome") or {},
            value=line.price * line.quantity,
            paid_back=line.wanted in PAID_BACK,
        )
        for line in lines
    ]


def travels(rma: Rma) -> bool:
    """Whether its customer has a say in how it comes: not where it is here already, nor of a business, which sends as it is used to."""
    return rma.origin not in HERE_ALREADY and not expecting.is_business(rma)


# Choosing ---------------------------------------------------------------------------------------------------------------------------


def reasons_against(offer: Offer, choice: Choice) -> list[Reason]:
    """Why this can't be chosen of what is offered."""
    option = offer.option(choice.name)
    if option is None:
        return [Reason("way", _("It can't travel this way."), "way")]
    if not option.open:
        return [Reason("way", option.why_not, "way")]
    if choice.name == Way.PICKUP and not choice.slot:
        return [Reason("slot", _("Choose when we come by."), "slot")]
    return []


def slot_of(text: str) -> tuple[PickupWindow, date]:
    """Raises BadInput for what names no window."""
    key, _mark, day = text.partition(":")
    try:
        window = PickupWindow.objects.filter(pk=uuid.UUID(key), active=True).first()
        if window is not None:
            return window, date.fromisoformat(day)
    except ValueError:
        pass
    raise BadInput(Reason("slot", _("Choose when we come by."), "slot"))


def begin(
    rma: Rma, *, choice: Choice | None = None, rules: Ruling | None = None, by: Actor, at: datetime
) -> list[RmaParcel]:
    """The way of a return that is being approved: what was chosen while it still holds, else the usual one; its parcel is announced.

    The caller saves the return, which knows its way now, and puts down what is given back: its links to parcels. Raises what refuses the
    choice when it was made now; a choice that waited for an approval and no longer holds gives way.
    """
    if not travels(rma):
        return _announce(rma, parcels.default_carrier(at=at), way="", by=by, at=at)
    offer = offer_for(rma, rules=rules, at=at)
    if choice is None and rma.way and not reasons_against(offer, Choice(rma.way)):
        choice = Choice(rma.way)
    elif choice is not None and (found := reasons_against(offer, choice)):
        raise UnableToTravel(found)
    chosen = choice or Choice(offer.usual)
    return take(rma, offer, chosen, said=choice is not None and choice.name != offer.usual, by=by, at=at)


def take(rma: Rma, offer: Offer, choice: Choice, *, said: bool, by: Actor, at: datetime) -> list[RmaParcel]:
    """Make it so: pickup, fee, carrier, parcel; on a locked (or new) RMA. The caller saves it, and puts down the links given back."""
    option = offer.option(choice.name)
    fee = option.fee if option is not None else Decimal(0)
    number = ""
    if choice.name == Way.PICKUP:
        window, day = slot_of(choice.slot)
        if window.hub_id != rma.hub_id:
            raise BadInput(Reason("slot", _("Choose when we come by."), "slot"))
        number = pickups.book(window, day, reference=f"rma:{rma.pk}", by=by, at=at).number
    rma.way = choice.name
    _charge(rma, fee)
    lines = [line for line in rma.lines.all() if line.comes_back]
    dangerous = ways.is_dangerous(_coming(lines), Ground())
    carrier = carrier_for(choice.name, there=offer.there, dangerous=dangerous, at=at)
    links = _announce(rma, carrier, way=choice.name, by=by, at=at)
    if choice.name == Way.ARRANGED:
        _say(rma, facts.WayOpen(number=rma.number), by=by, at=at)
    elif said or number or fee:
        fact = facts.WayChosen(
            number=rma.number, way=f"way.{choice.name}", fee=str(fee), currency=rma.currency, pickup=number or None
        )
        _say(rma, fact, by=by, at=at)
    return links


def _say(rma: Rma, fact: facts.WayChosen | facts.WayOpen, *, by: Actor, at: datetime) -> None:
    ledger.append(rma.pk, fact, by=by, at=at, owner=rma.seller_id, hub=rma.hub_id)


def _announce(rma: Rma, carrier: Carrier, *, way: str, by: Actor, at: datetime) -> list[RmaParcel]:
    """Its parcel with this carrier: the one that is announced already, or a new one in its place, whose link is given back."""
    # Most have none yet, which who approves it has read.
    links = list(rma.parcel_links.select_related("parcel__shipment__carrier")) if rma.parcel_links.all() else []
    same = [one for one in links if one.parcel.shipment.carrier_id == carrier.pk]
    booking = getattr(same[0].parcel, "booking", None) if same else None
    if same and (booking is None or booking.label_free == (way == Way.QR)):
        return []
    for link in links:
        parcels.cancel(link.parcel.shipment, reason=rma.number, by=by, at=at)
        link.delete()
    sent = parcels.announce(
        direction=Direction.INBOUND,
        hub=rma.hub,
        owner=rma.seller,
        reference=f"rma:{rma.pk}",
        carrier=carrier,
        label_free=way == Way.QR,
        by=by,
        at=at,
    )
    return [RmaParcel(rma=rma, parcel=sent.parcels[0], added_at=at)]


def _charge(rma: Rma, fee: Decimal) -> None:
    """Take the fee of the way off what is paid back, in the order of the lines, and give back that of the way before."""
    if not fee and not any(line.way_fee for line in rma.lines.all()):
        return
    lines = list(rma.lines.select_for_update(no_key=True).order_by("position"))
    bear = [line.comes_back and line.wanted in PAID_BACK for line in lines]
    own = [line.fee - line.way_fee for line in lines]
    room = [
        (line.quantity, line.price - less if bears else Decimal(0))
        for line, less, bears in zip(lines, own, bear, strict=True)
    ]
    for line, less, each in zip(lines, own, ways.shares(fee, room), strict=True):
        if each != line.way_fee:
            line.way_fee, line.fee = each, less + each
            line.save(update_fields=["way_fee", "fee"])


def call_off(rma: Rma, *, by: Actor, at: datetime) -> None:
    """A return that is called off needs no van."""
    if (pickup := pickups.open_one(f"rma:{rma.pk}")) is not None:
        pickups.cancel(pickup, anyway=True, by=by, at=at)
