"""Selling a lot: put up for offers, what buyers offer, the award with its shares, and the day it leaves."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from resale import facts
from resale.models import Lot, LotOffer, LotState, LotUnit, PoolUnit
from resale.services.lots import gathering
from resale.services.lots.gathering import UnableToLot
from resale.services.sales import book_of
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.common import ids
from revlog.common import money as cents
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.devices.models import Allocation, Device
from revlog.devices.services import money, moves, standing
from revlog.logistics.models import Direction
from revlog.logistics.services import parcels as parcel_verbs
from revlog.terms import instructions
from revlog.terms import queries as terms
from revlog.terms.instructions import NONE


def reasons_against_putting_up(lot: Lot, units: Sequence[LotUnit]) -> list[Reason]:
    """Why buyers can't be asked now."""
    if lot.state != LotState.OPEN:
        return [gathering.wrong_state(lot)]
    return [] if units else [Reason("empty", _("Nothing is in it yet."))]


def put_up(
    lot: Lot,
    *,
    until: date | None = None,
    asking: Decimal | None = None,
    reserve: Decimal | None = None,
    by: Actor,
    at: datetime,
) -> Lot:
    """Open it for offers until a day: the list is fixed now and its paper made. ``asking`` and ``reserve`` as they are, when left out."""
    gathering.may(by)
    found = [*gathering.amount_problem(asking, "asking"), *gathering.amount_problem(reserve, "reserve")]
    if until is not None and until < at.date():
        found.append(Reason("until", _("The last day isn't in the past."), "until"))
    if found:
        raise BadInput(found)
    with transaction.atomic():
        row, units, devices = gathering.lock(lot)
        if against := [*reasons_against_putting_up(row, units), *_broken(row, units, devices, at=at)]:
            raise UnableToLot(against)
        row.asking, row.reserve = asking or row.asking, reserve or row.reserve
        if row.asking is not None and row.reserve is not None and row.reserve > row.asking:
            raise BadInput(Reason("reserve", _("The reserve isn't above the asking price."), "reserve"))
        row.put_up()
        row.offered_at, row.until = at, until
        row.save()
        gathering.say(
            row,
            facts.LotPutUp(
                number=row.number,
                edition=row.edition,
                units=len(units),
                pieces=sum(one.quantity for one in units),
                value=str(sum((one.value for one in units), Decimal(0))),
                asking=str(row.asking) if row.asking is not None else None,
                currency=row.currency,
                until=until.isoformat() if until else None,
            ),
            by=by,
            at=at,
        )
    return row


def _broken(lot: Lot, units: Sequence[LotUnit], devices: dict[uuid.UUID, Device], *, at: datetime) -> list[Reason]:
    """What in it can't be sold any more: its place, a hold, data that was found, other pieces than listed, a promise that ended, and
    until it is awarded what contracts say."""
    asked = [] if lot.state == LotState.AWARDED else [one.device_id for one in units]
    told_of = instructions.of(asked, at=at)
    promised = dict(
        Allocation.objects.filter(device__in=list(devices), released_at=None).values_list("device_id", "taker")
    )
    found = []
    for one in units:
        device = devices[one.device_id]
        against = gathering.reasons_against_putting(device, lot, told=told_of.get(device.pk, NONE))
        if device.quantity != one.quantity:
            told_count = {"there": device.quantity, "listed": one.quantity}
            against.append(Reason("count", _("%(there)s pieces are there, %(listed)s are on the list") % told_count))
        if promised.get(device.pk) != lot.taker:
            against.append(Reason("promised", _("it isn't promised to this lot")))
        if against:
            told = {"tag": device.tag, "why": ", ".join(each.sentence for each in against)}
            found.append(Reason(against[0].code, _("%(tag)s can't be sold in this lot: %(why)s") % told))
    return found


# Offers ---------------------------------------------------------------------------------------------------------------------------------


def _may_bid(buyer: Organization, by: Actor) -> None:
    """A buyer offers for itself, or one of us writes down what it said."""
    ours = by.is_operator and by.may("resale.lots")
    if not ours and not (by.may("resale.bid") and by.organization_id == buyer.pk):
        raise NotAllowed(Reason("not_allowed", _("Offers for lots are made by their buyers.")))


def reasons_against_bidding(lot: Lot, buyer: Organization, *, by: Actor, on: date) -> list[Reason]:
    """Why this buyer can't offer now. What came in time may be written down later by one of us."""
    found = []
    if lot.state != LotState.OFFERED:
        found.append(gathering.wrong_state(lot))
    elif lot.until is not None and on > lot.until and not by.is_operator:
        found.append(Reason("over", _("Offers were taken until %s.") % lot.until.isoformat()))
    if buyer.kind != OrganizationKind.BUYER or not buyer.active or buyer.code == "private-buyers":
        found.append(Reason("buyer", _("%s is not known as a buyer of lots.") % buyer.name, "buyer"))
    return found


def bid(lot: Lot, *, buyer: Organization, amount: Decimal, note: str = "", by: Actor, at: datetime) -> LotOffer:
    """Offer so much for the whole lot, as it is listed now. A new offer of the same buyer ends the one before."""
    _may_bid(buyer, by)
    if problem := gathering.amount_problem(amount, "amount"):
        raise BadInput(problem)
    with transaction.atomic():
        row = Lot.objects.select_for_update(no_key=True, of=("self",)).get(pk=lot.pk)
        if found := reasons_against_bidding(row, buyer, by=by, on=at.date()):
            raise UnableToLot(found)
        before = LotOffer.objects.filter(lot=row, buyer=buyer, ended_at=None).first()
        if before is not None and (before.amount, before.edition) == (amount, row.edition):
            return before
        LotOffer.objects.filter(lot=row, buyer=buyer, ended_at=None).update(ended_at=at)
        made = LotOffer.objects.create(
            id=ids.new(at),
            lot=row,
            buyer=buyer,
            amount=amount,
            edition=row.edition,
            note=" ".join(note.split())[:300],
            given_at=at,
            given_by=by.reference,
        )
        fact = facts.LotBid(
            number=row.number, offer=str(made.pk), buyer=buyer.code, amount=str(amount), currency=row.currency,
            edition=row.edition,
        )  # fmt: skip
        gathering.say_to_us(row, fact, by=by, at=at)
    return made


def withdraw(offer: LotOffer, *, by: Actor, at: datetime) -> LotOffer:
    """The buyer offers nothing any more. What was awarded stands."""
    _may_bid(offer.buyer, by)
    with transaction.atomic():
        lot = Lot.objects.select_for_update(no_key=True, of=("self",)).get(pk=offer.lot_id)
        row = LotOffer.objects.select_related("buyer").get(pk=offer.pk)
        if lot.state != LotState.OFFERED or row.ended_at is not None:
            raise UnableToLot(
                gathering.wrong_state(lot)
                if lot.state != LotState.OFFERED
                else Reason("ended", _("This offer has ended already."))
            )
        row.ended_at = at
        row.save(update_fields=["ended_at"])
        fact = facts.LotBidWithdrawn(number=lot.number, offer=str(row.pk), buyer=row.buyer.code)
        gathering.say_to_us(lot, fact, by=by, at=at)
    return row


# The award and the sale -----------------------------------------------------------------------------------------------------------------


def reasons_against_awarding(lot: Lot, offer: LotOffer, *, why: str = "") -> list[Reason]:
    """Why this offer can't be accepted; its units are looked at under their locks."""
    if lot.state != LotState.OFFERED:
        return [gathering.wrong_state(lot)]
    found = []
    if offer.ended_at is not None:
        found.append(Reason("ended", _("This offer has ended already.")))
    elif offer.edition != lot.edition:
        told = {"old": offer.edition, "new": lot.edition}
        found.append(
            Reason(
                "edition",
                _("It is for edition %(old)s of the list, which has edition %(new)s now; ask the buyer.") % told,
            )
        )
    if lot.reserve is not None and offer.amount < lot.reserve and not why.strip():
        found.append(Reason("reserve", _("It is below the reserve; say why it is taken all the same."), "why"))
    return found


def award(offer: LotOffer, *, why: str = "", by: Actor, at: datetime) -> Lot:
    """Accept an offer: the price is spread over the units by the lot's key, to the cent. Nothing is taken out from now on."""
    gathering.may(by)
    with transaction.atomic():
        row, units, devices = gathering.lock(offer.lot)
        accepted = LotOffer.objects.select_related("buyer").get(pk=offer.pk)
        if found := reasons_against_awarding(row, accepted, why=why):
            raise UnableToLot(found)
        if not units:
            raise UnableToLot(Reason("empty", _("Nothing is in it.")))
        if found := _broken(row, units, devices, at=at):
            raise UnableToLot(found)
        row.award()
        row.buyer, row.price = accepted.buyer, accepted.amount
        row.awarded_at, row.awarded_by = at, by.reference
        row.save()
        shares = cents.divide(accepted.amount, [one.weight(row.key) for one in units], row.currency)
        for one, share in zip(units, shares, strict=True):
            one.share = share
        LotUnit.objects.bulk_update(units, ["share"])
        fact = facts.LotAwarded(
            number=row.number, offer=str(accepted.pk), buyer=accepted.buyer.code, price=str(row.price),
            currency=row.currency, why=" ".join(why.split())[:300].rstrip(".") or None,
        )  # fmt: skip
        gathering.say(row, fact, by=by, at=at)
    return row


def undo_award(lot: Lot, *, reason: str, by: Actor, at: datetime) -> Lot:
    """The buyer doesn't pay, or something in it can't be sold: it is open for offers again, and the offers stand."""
    gathering.may(by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why the award doesn't stand."), "reason"))
    with transaction.atomic():
        row, _units, _devices = gathering.lock(lot)
        if row.state != LotState.AWARDED:
            raise UnableToLot(gathering.wrong_state(row))
        row.take_back()
        row.buyer = row.price = row.awarded_at = None
        row.awarded_by = ""
        row.save()
        row.units.update(share=None)
        fact = facts.LotAwardUndone(number=row.number, reason=" ".join(reason.split())[:300].rstrip("."))
        gathering.say(row, fact, by=by, at=at)
    return row


def ship(lot: Lot, *, tracking: str = "", parcels: int = 1, by: Actor, at: datetime) -> Lot:
    """It leaves for its buyer, all of it: one shipment, each unit's share on its chain and in the book of whose it was, and the title."""
    if not by.is_operator or not (by.may("resale.ship") or by.may("resale.lots")):
        raise NotAllowed(Reason("not_allowed", _("Shipping a lot needs the right to pack and ship sold units.")))
    with transaction.atomic():
        row, units, devices = gathering.lock(lot)
        if row.state != LotState.AWARDED:
            raise UnableToLot(gathering.wrong_state(row))
        if found := _broken(row, units, devices, at=at):
            raise UnableToLot(found)
        rate = terms.rate(row.currency, at=at)
        if row.buyer is None or row.price is None or rate is None:
            raise UnableToLot(Reason("no_rate", _("There is no exchange rate for %s.") % row.currency))
        sent = parcel_verbs.announce(
            direction=Direction.OUTBOUND, hub=row.hub, owner=row.hub.organization, reference=row.taker, parcels=parcels,
            tracking="".join(tracking.split())[:60], by=by, at=at,
        )  # fmt: skip
        first = sent.parcels[0].tracking
        ordered = [devices[one.device_id] for one in units]
        entries = moves.advance_many(
            ordered,
            moves.SELL,
            facts=[
                facts.LotShipped(
                    lot=str(row.pk), number=row.number, price=str(one.share), total=str(row.price),
                    currency=row.currency, buyer=row.buyer.code, parcel=first,
                    vat=f"vat.{device.vat_origin}" if device.vat_origin else None,
                )
                for one, device in zip(units, ordered, strict=True)
            ],
            by=by,
            at=at,
            set={"location_id": None, "custodian_id": row.buyer.pk},
        )  # fmt: skip
        carrier = sent.shipment.carrier
        parcel_verbs.release(
            sent.shipment,
            giver=row.hub.code,
            taker=carrier.code if carrier else "carrier",
            parcels=parcels,
            by=by,
            at=at,
        )
        PoolUnit.objects.filter(device__in=ordered, left_at=None).update(left_at=at)
        book = book_of(row.owner)
        for one, device, entry in zip(units, ordered, entries, strict=True):
            if one.share:
                money.post(
                    entry=entry, account="sale", amount=one.share, currency=row.currency, book=book, device=device,
                    party=None if book == "ours" else row.owner, at=at, key=f"lot:{one.pk}:sale", rate=rate,
                )  # fmt: skip
            standing.pass_title(device, row.buyer, by=by, at=at)
        row.units.filter(left_at=None).update(is_open=False)
        row.sell()
        row.sold_at, row.shipment = at, sent.shipment
        row.save()
        fact = facts.LotSold(
            number=row.number, buyer=row.buyer.code, price=str(row.price), currency=row.currency, units=len(units),
            shipment=sent.shipment.number, parcel=first,
        )  # fmt: skip
        gathering.say(row, fact, by=by, at=at)
    return row


def cancel(lot: Lot, *, reason: str, by: Actor, at: datetime) -> Lot:
    """It isn't sold as a lot after all: everything in it is free for sale again."""
    gathering.may(by)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why it is called off."), "reason"))
    why = " ".join(reason.split())[:300]
    with transaction.atomic():
        row, units, devices = gathering.lock(lot)
        if row.state in {LotState.SOLD, LotState.CANCELLED}:
            raise UnableToLot(gathering.wrong_state(row))
        for one in units:
            gathering.let_go(row, one, devices[one.device_id], reason=why, by=by, at=at)
        row.cancel()
        row.buyer = row.price = None
        row.ended_why = why
        row.save()
        gathering.say(row, facts.LotCancelled(number=row.number, reason=why.rstrip(".")), by=by, at=at)
    return row
