"""At a counter: a thing without a box is checked and sealed in a bag, a packed parcel is taken; totes carry the bags to the site.

Who stands at the counter takes nothing in: the thing is received when the dock scans its bag. What is said here is that its customer
has handed it over, and what was read on it.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns import queries
from returns.facts import ways as facts
from returns.models import Rma, RmaParcel, RmaStatus, RmaUnit, UnitStatus, Way
from returns.models.ways import Bag
from returns.services import approval, owing, receiving
from returns.services.ways import choosing, handing
from returns.services.ways.choosing import UnableToTravel
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import NotAllowed, Reason
from revlog.common.words import word
from revlog.devices.models import Location, LocationKind
from revlog.devices.models.device import Tracking
from revlog.evidence.models import Artifact
from revlog.logistics.models import Direction, Parcel, Place
from revlog.logistics.services import parcels

HERE = frozenset({RmaStatus.APPROVED.value, RmaStatus.HANDED_OVER.value})


def may_serve(by: Actor) -> None:
    if not by.may("logistics.handover") and not by.may("returns.desk"):
        raise NotAllowed(Reason("not_allowed", _("Serving at a counter needs the right to take things over.")))


def reasons_against_taking(rma: Rma, *, place: Place, boxed: bool, at: datetime) -> list[Reason]:
    """Why this return can't be handed in at this counter; each is a sentence for the customer."""
    if rma.status not in HERE:
        return [
            Reason(
                "wrong_status",
                _("Return %(number)s can't be handed in: it is %(status)s.")
                % {"number": rma.number, "status": word(f"rma.{rma.status}")},
            )
        ]
    if not place.active or (place.organization_id is not None and place.organization_id != rma.seller_id):
        return [Reason("place", _("%s takes nothing of this shop.") % place.name)]
    if boxed and not place.takes_parcels:
        return [Reason("place", _("%s takes no parcels.") % place.name)]
    if not boxed and not place.takes_unboxed:
        return [Reason("place", _("%s takes nothing without a box.") % place.name)]
    option = choosing.offer_for(rma, at=at).option(Way.STORE if boxed else Way.COUNTER)
    if option is not None and not option.open:
        return [Reason("way", option.why_not)]
    return []


def _locked(rma: uuid.UUID, *, place: Place, boxed: bool, at: datetime) -> Rma:
    row = approval.lock(rma)
    if found := reasons_against_taking(row, place=place, boxed=boxed, at=at):
        raise UnableToTravel(found)
    return row


def take_parcel(rma: Rma, *, place: Place, by: Actor, at: datetime) -> Rma:
    """A packed parcel is handed in; whoever brought it gets a receipt. Said again, nothing happens."""
    may_serve(by)
    with transaction.atomic():
        row = approval.lock(rma.pk)
        if row.status == RmaStatus.HANDED_OVER and row.place_id == place.pk:
            return row
        _locked(rma.pk, place=place, boxed=True, at=at)
        row = handing.taken_over(row.pk, giver="customer", taker=place.code, place=place, by=by, at=at)
        fact = facts.TakenAtCounter(number=row.number, place=place.name, bags=[])
        approval.say(row, fact, by=by, at=at, key=f"counter:{place.pk}:parcel")
    return row


def waiting(rma: Rma) -> list[RmaUnit]:
    """What of a return the counter hasn't seen yet."""
    rows = RmaUnit.objects.filter(line__rma=rma, status=UnitStatus.EXPECTED, bag=None)
    return list(rows.select_related("line__order_line", "line__rma", "device").order_by("line__position", "position"))


def wrong_thing(unit: RmaUnit, rma: Rma, *, serial: str) -> list[Reason]:
    """Why what lies on the counter isn't this unit, or can't be told."""
    counted = unit.quantity if unit.line.order_line.tracking == Tracking.COUNTED else None
    return receiving.reasons_against_receiving(unit, rma, serial=serial, unreadable=False, counted=counted, hub=rma.hub)


def bag(
    unit: RmaUnit,
    *,
    place: Place,
    serial: str = "",
    code: str = "",
    damaged: bool = False,
    wrong: bool = False,
    photo: Artifact | None = None,
    tote: Location | None = None,
    by: Actor,
    at: datetime,
) -> Bag:
    """Seal one thing in a bag. ``code`` is what stands on the bag, else it gets one; ``wrong`` takes what isn't what was sold.

    Where the rules pay on handover, the money for this thing is due now, unless it is another one or damaged.
    """
    may_serve(by)
    with transaction.atomic():
        rma = _locked(
            RmaUnit.objects.values_list("line__rma", flat=True).get(pk=unit.pk), place=place, boxed=False, at=at
        )
        row = owing.lock_unit(unit.pk)
        if (standing := Bag.objects.filter(unit=row).first()) is not None:
            return standing
        found = wrong_thing(row, rma, serial=serial)
        if wrong and not any(one.code == "wrong_serial" for one in found):
            raise UnableToTravel(found or Reason("right", _("It is the one that was sold.")))
        if found and not wrong:
            raise UnableToTravel(found)
        bare = ids.normal(code, queries.BAG) if code.strip() else ids.code(queries.BAG)
        if bare is None or Bag.objects.filter(code=bare).exists():
            raise UnableToTravel(Reason("bag", _("This bag can't be used: take another one."), "code"))
        made = Bag.objects.create(
            id=ids.new(at),
            code=bare,
            unit=row,
            place=place,
            serial=serial.strip()[:120],
            wrong=wrong,
            damaged=damaged,
            photo=photo,
            tote=tote,
            bagged_at=at,
            bagged_by=by.reference,
        )
        handing.taken_over(rma.pk, giver="customer", taker=place.code, place=place, pay=False, by=by, at=at)
        fact = facts.Bagged(
            number=rma.number,
            bag=bare,
            tag=row.device.tag if row.device is not None else rma.number,
            place=place.name,
            condition="wrong" if wrong else "damaged" if damaged else "good",
            photo=photo.digest if photo is not None else None,
        )
        approval.say(rma, fact, by=by, at=at, key=f"bag:{row.pk}")
        if not wrong and not damaged:
            handing.pay_for(row, rma, at=at)
        if not waiting(rma):
            _receipt(rma, place, by=by, at=at)
    return made


def finish(rma: Rma, *, place: Place, by: Actor, at: datetime) -> Rma:
    """That is all they brought: the receipt."""
    may_serve(by)
    with transaction.atomic():
        row = approval.lock(rma.pk)
        _receipt(row, place, by=by, at=at)
    return row


def _receipt(rma: Rma, place: Place, *, by: Actor, at: datetime) -> None:
    bags = list(
        Bag.objects.filter(unit__line__rma=rma, place=place).order_by("bagged_at").values_list("code", flat=True)
    )
    if not bags:
        raise UnableToTravel(Reason("nothing", _("Nothing of it was handed in here.")))
    fact = facts.TakenAtCounter(number=rma.number, place=place.name, bags=bags)
    approval.say(rma, fact, by=by, at=at, key=f"counter:{place.pk}:{len(bags)}")


# Totes ------------------------------------------------------------------------------------------------------------------------------


def tote(text: str, place: Place) -> Location | None:
    """The tote whose code was scanned, at the place's site."""
    rows = Location.objects.filter(hub=place.hub_id, kind=LocationKind.CONTAINER, active=True)
    return rows.filter(code__iexact=text.strip()).first() if text.strip() else None


def inside(row: Location) -> list[Bag]:
    """What lies in a tote now: what was sent in it before is no longer in it."""
    return list(Bag.objects.filter(tote=row, parcel=None).select_related("unit__line__rma").order_by("bagged_at"))


def put(row: Bag, into: Location, *, by: Actor) -> Bag:
    """Put a bag into a tote, until that is sent."""
    may_serve(by)
    with transaction.atomic():
        fresh = Bag.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
        if fresh.parcel_id is not None:
            raise UnableToTravel(Reason("sent", _("%s was sent already.") % fresh.code))
        fresh.tote = into
        fresh.save(update_fields=["tote"])
    return fresh


def send(row: Location, *, place: Place, by: Actor, at: datetime) -> Parcel:
    """Send a tote to the site: one shipment for all that is in it, known at the dock by one number and then bag by bag."""
    may_serve(by)
    with transaction.atomic():
        pks = sorted({one.unit.line.rma_id for one in inside(row)})
        rmas = [approval.lock(pk) for pk in pks]
        bags = list(
            Bag.objects.select_for_update(no_key=True, of=("self",))
            .filter(tote=row, parcel=None, unit__line__rma__in=pks)
            .order_by("pk")
        )
        if not bags:
            raise UnableToTravel(Reason("empty", _("Nothing is in %s.") % row.code))
        sent = parcels.announce(
            direction=Direction.INBOUND,
            hub=place.hub,
            owner=place.hub.organization,
            reference=f"tote:{row.pk}",
            carrier=choosing.our_van(at=at),
            by=by,
            at=at,
        )
        parcel = sent.parcels[0]
        parcels.release(sent.shipment, giver=place.code, taker="van", parcels=1, by=by, at=at)
        Bag.objects.filter(pk__in=[one.pk for one in bags]).update(parcel=parcel)
        for rma in rmas:
            _travels_in(rma, parcel, row, place, by=by, at=at)
    return parcel


def _travels_in(rma: Rma, parcel: Parcel, row: Location, place: Place, *, by: Actor, at: datetime) -> None:
    """The tote is the return's parcel now; its own one is called off once nothing of it is to come that way."""
    if not waiting(rma):
        for link in rma.parcel_links.filter(parcel__bags=None).select_related("parcel__shipment"):
            parcels.cancel(link.parcel.shipment, reason=rma.number, by=by, at=at)
            link.delete()
    RmaParcel.objects.get_or_create(rma=rma, parcel=parcel, defaults={"added_at": at})
    fact = facts.ToteSent(number=rma.number, place=place.name, tote=row.code, tracking=parcel.tracking)
    approval.say(rma, fact, by=by, at=at, key=f"tote:{parcel.pk}")
