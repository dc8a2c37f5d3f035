"""Selling: an order whose lines each get one unit, which is picked, packed and shipped to its buyer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from resale import facts, parameters
from resale.models import Offer, Pool, PoolUnit, Sale, SaleState
from resale.services.pools import by_contract, need
from revlog.accounts.actors import Actor
from revlog.accounts.models import Organization, OrganizationKind
from revlog.accounts.queries import moment, who
from revlog.accounts.services import persons
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotFound, Reason
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.journey import State
from revlog.devices.models import Allocation, Device
from revlog.devices.services import money, moves, standing
from revlog.terms import instructions
from revlog.terms import queries as terms
from revlog.terms.models import Order, OrderLine, OrderSource
from revlog.terms.services import orders, warranties
from revlog.terms.services.new_orders import NewLine, NewOrder

MOST_UNITS = 200
MOST_LOOKED_AT = 1000
"""So many units of a pool are looked at for an order."""


class SoldOut(DomainError):
    """There are not so many left: another buyer was first."""

    code = "sold_out"


class UnableToSell(DomainError):
    """This sale can't go on so."""

    code = "unable_to_sell"


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Who buys. ``email`` is what a return is opened with; ``organization`` is a company that takes the title, None for a person."""

    email: str
    name: str = ""
    address: Sequence[str] = ()
    country: str = ""
    language: str = "en"
    organization: Organization | None = None


def book_of(owner: Organization) -> str:
    """Whose result the sale of a thing is, by whose it was."""
    match owner.kind:
        case OrganizationKind.OPERATOR:
            return "ours"
        case OrganizationKind.CLIENT:
            return "client"
    return "seller"


# Which unit -------------------------------------------------------------------------------------------------------------------------


class _TooFew(Exception):
    """Not enough units were free without waiting."""


def _free(pool: Pool, most: int, *, channel: str, at: datetime) -> tuple[list[uuid.UUID], list[Reason]]:
    """Those that could be sold in this channel, and what contracts say of the others."""
    rows = (
        PoolUnit.objects.free()
        .filter(pool=pool)
        .order_by("entered_at", "id")
        .values_list("device_id", "device__tag")[:most]
    )
    tags = dict(rows)
    told = instructions.of(list(tags), at=at)
    shut = [by_contract(tag, why) for unit, tag in tags.items() if (why := told[unit].against(channel))]
    return [unit for unit in tags if not told[unit].against(channel)], shut


def _choose(pool: Pool, quantity: int, *, channel: str, at: datetime) -> list[Device]:
    """Take so many units of a pool that nobody else has, longest waiting first. Raises SoldOut, UnableToSell where contracts forbid it.

    First those that nobody is working on at this moment, so that buyers don't queue for the same unit; when there are too few, it
    waits for those as well and looks again.
    """
    try:
        with transaction.atomic():
            free, _shut = _free(pool, quantity * 4 + 20, channel=channel, at=at)
            unlocked = list(
                Device.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
                .filter(pk__in=free)
                .order_by("state_since", "id")
                .values_list("pk", flat=True)[:quantity]
            )
            found = [unit for unit in moves.take(unlocked) if _is_free(unit)] if unlocked else []
            if len(found) < quantity:
                raise _TooFew
            return found
    except _TooFew:
        pass
    # The locks of the first try went with its savepoint: these are taken in key order like any others.
    free, shut = _free(pool, MOST_LOOKED_AT, channel=channel, at=at)
    wanted = free[:quantity]
    found = [unit for unit in moves.take(wanted) if _is_free(unit)] if wanted else []
    if len(found) < quantity and shut:
        raise UnableToSell(shut[:quantity])
    if len(found) < quantity:
        raise SoldOut(_told(pool, len(found), quantity))
    return found


def _is_free(unit: Device) -> bool:
    """Whether a taken unit can still be promised: what was read before its lock may be old."""
    return (
        State(unit.state) == State.TO_SELL
        and not unit.holds
        and not Allocation.objects.filter(device=unit, released_at=None).exists()
    )


def _told(pool: Pool, left: int, wanted: int) -> Reason:
    if left:
        return Reason(
            "too_few",
            _("of %(pool)s only %(left)s are left, %(wanted)s were wanted")
            % {"pool": pool, "left": left, "wanted": wanted},
        )
    last = Allocation.objects.filter(device__pooled__pool=pool).select_related("device__hub").order_by("since").last()
    if last is None:
        return Reason("sold_out", _("%(pool)s is sold out; another buyer was first") % {"pool": pool})
    told = {"pool": pool, "who": who(last.taken_by), "when": moment(last.since, last.device.hub)}
    return Reason(
        "sold_out", _("%(pool)s is sold out; another buyer was first: %(who)s sold the last one on %(when)s") % told
    )


# Selling ----------------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def sell(
    *, offer: Offer, quantity: int = 1, buyer: Buyer, unit: Device | None = None, by: Actor, at: datetime
) -> Order:
    """Sell units of an offer: an order with a line a unit, each promised to its line and to no other.

    ``unit`` names the one that the buyer saw. Raises SoldOut when another buyer was first, UnableToSell, BadInput for buyer and quantity.
    """
    need(by, "resale.sell")
    if not 1 <= quantity <= MOST_UNITS or (unit is not None and quantity != 1):
        raise BadInput(Reason("quantity", _("One order takes 1 to %(most)s units.") % {"most": MOST_UNITS}, "quantity"))
    if buyer.organization is not None and buyer.organization.kind != OrganizationKind.BUYER:
        raise BadInput(Reason("buyer", _("%(name)s is no buyer.") % {"name": buyer.organization.name}, "buyer"))
    if unit is None:
        units = _choose(offer.pool, quantity, channel=offer.channel, at=at)
    else:
        units = [moves.take_one(unit.id)]
        if not PoolUnit.objects.filter(pool=offer.pool, device=unit, left_at=None).exists():
            raise UnableToSell(Reason("not_in_pool", _("%(tag)s is not in this pool") % {"tag": unit.tag}))
        if why := instructions.of_one(unit.pk, at=at).against(offer.channel):
            raise UnableToSell(by_contract(unit.tag, why))
    offer = Offer.objects.select_for_update(no_key=True, of=("self",)).select_related("pool__owner").get(pk=offer.pk)
    if offer.ended_at is not None:
        raise UnableToSell(Reason("ended", _("this offer has ended; look at the pool's present price")))
    pool = offer.pool
    order = orders.place(
        NewOrder(
            number=ids.code("SO"),
            email=buyer.email.strip(),
            name=buyer.name,
            address=list(buyer.address),
            country=buyer.country,
            language=buyer.language,
            currency=offer.currency,
            ordered_at=at,
            lines=[
                NewLine(
                    sku=pool.variant.sku if pool.variant else pool.code,
                    description=_("%(name)s, grade %(grade)s") % {"name": pool.name[:180], "grade": pool.grade},
                    price=offer.price,
                    device_class=pool.device_class,
                )
                for _each in units
            ],
        ),
        seller=pool.owner,
        source=OrderSource.OWN,
        by=by,
        at=at,
    )
    title = buyer.organization or persons.private_persons(at)
    for device, line in zip(units, order.lines.order_by("position"), strict=True):
        # The promise first: it is what tells the second buyer in words.
        standing.promise(device, taker=f"order_line:{line.id}", label=order.number, by=by, at=at)
        sale = Sale.objects.create(
            id=ids.new(at),
            line=line,
            pool=pool,
            offer=offer,
            device=device,
            buyer=title,
            price=offer.price,
            currency=offer.currency,
            channel=offer.channel,
            sold_by=by.reference,
            sold_at=at,
        )
        moves.note(
            device,
            fact=facts.SoldTo(
                order=str(order.id),
                number=order.number,
                line=str(line.id),
                price=str(offer.price),
                currency=offer.currency,
                channel=offer.channel,
            ),
            by=by,
            at=at,
            key=f"sale:{sale.id}",
        )
    return order


def _lock(sale: Sale) -> tuple[Sale, Device]:
    device = moves.take_one(sale.device_id)
    found = (
        Sale.objects.select_for_update(no_key=True, of=("self",))
        .select_related("line__order__contact", "line__order__seller", "pool__hub", "pool__owner", "buyer", "offer")
        .get(pk=sale.pk)
    )
    found.device = device
    return found, device


def reasons_against_going_on(sale: Sale, device: Device) -> list[Reason]:
    """Why a sold unit may not be picked or shipped now."""
    found = [Reason(each.code, f"{device.tag}: {each.sentence}") for each in moves.reasons_against(device, moves.SELL)]
    promise = Allocation.objects.filter(device=device, released_at=None).first()
    if promise is None or promise.taker != sale.taker:
        found.append(Reason("not_promised", _("%(tag)s is not promised to this order") % {"tag": device.tag}))
    return found


def nothing_to_pick(device: Device) -> DomainError:
    """What is said of a unit in the packer's hand that no order waits for: what keeps it from being sold, if anything does."""
    if reasons := moves.reasons_against(device, moves.SELL):
        return UnableToSell(Reason(reasons[0].code, moves.refusal(device, moves.SELL, reasons)))
    return NotFound(_("%(tag)s was not sold; put it back on its shelf") % {"tag": device.tag})


@transaction.atomic
def pick(*, sale: Sale, scanned: Device, by: Actor, at: datetime) -> Sale:
    """The packer scanned a unit for this sale: it lies in the parcel. Another unit than the one promised is refused by name.

    With the last unit of its order the parcel is packed, and its packing slip follows. Raises UnableToSell.
    """
    need(by, "resale.ship")
    sale, device = _lock(sale)
    found = []
    if scanned.pk != device.pk:
        found.append(
            Reason(
                "wrong_unit",
                _("that is %(wrong)s; order %(number)s gets %(right)s, put this one back")
                % {"wrong": scanned.tag, "number": sale.line.order.number, "right": device.tag},
            )
        )
    if sale.state == SaleState.PICKED and not found:
        return sale
    if sale.state != SaleState.SOLD:
        found.append(
            Reason(
                "not_to_pick", _("order %(number)s is not to be picked any more") % {"number": sale.line.order.number}
            )
        )
    else:
        found += reasons_against_going_on(sale, device)
    if found:
        raise UnableToSell(found)
    order = sale.line.order
    # One packer after the other an order, so that exactly one of them finds that it was the last unit.
    Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    sale.pick()
    sale.picked_by, sale.picked_at = by.reference, at
    sale.save(update_fields=["state", "picked_by", "picked_at"])
    moves.note(
        device,
        fact=facts.Picked(order=str(order.id), number=order.number, line=str(sale.line_id)),
        by=by,
        at=at,
        key=f"picked:{sale.id}",
    )
    others = Sale.objects.filter(line__order=order).exclude(state=SaleState.CANCELLED)
    if not others.filter(state=SaleState.SOLD).exists():
        _packed(order, list(others.select_related("device").order_by("line__position")), by=by, at=at)
    return sale


def _packed(order: Order, packed: Sequence[Sale], *, by: Actor, at: datetime) -> Entry:
    return ledger.append(
        order.id,
        facts.Packed(
            number=order.number,
            units=len(packed),
            serials=[sale.device.serial or sale.device.tag for sale in packed],
        ),
        by=by,
        at=at,
        owner=order.seller_id,
    )


@transaction.atomic
def ship(*, sale: Sale, parcel_number: str = "", by: Actor, at: datetime) -> Sale:
    """The unit leaves for its buyer: sold for good, its money in the book of whose it was, its warranty begun, its title passed.

    Raises UnableToSell with every reason, and what PostgreSQL would refuse besides (data, holds, authority) as UnableToMove.
    """
    need(by, "resale.ship")
    sale, device = _lock(sale)
    found = []
    order, line = sale.line.order, sale.line
    if sale.state != SaleState.PICKED:
        found.append(
            Reason(
                "not_picked",
                _("%(tag)s is not picked for order %(number)s") % {"tag": device.tag, "number": order.number},
            )
        )
    else:
        found += reasons_against_going_on(sale, device)
    if found:
        raise UnableToSell(found)
    owner = device.owner
    parcel = "".join(parcel_number.split())[:60]
    entry = moves.advance(
        device,
        moves.SELL,
        fact=facts.Shipped(
            order=str(order.id),
            number=order.number,
            line=str(line.id),
            price=str(sale.price),
            currency=sale.currency,
            buyer=sale.buyer.code,
            parcel=parcel or None,
            vat=f"vat.{device.vat_origin}" if device.vat_origin else None,
        ),
        by=by,
        at=at,
        set={"location_id": None, "custodian_id": sale.buyer_id, "stops_done": device.stops_done + 1},
    )
    sale.ship()
    sale.shipped_at, sale.parcel_number = at, parcel
    sale.save(update_fields=["state", "shipped_at", "parcel_number"])
    PoolUnit.objects.filter(device=device, left_at=None).update(left_at=at)
    _post(sale, device, owner, entry=entry, at=at)
    _warrant(sale, line, device, by=by, at=at)
    standing.pass_title(device, sale.buyer, by=by, at=at)
    orders.ship_line(line, serials=[device.serial] if device.serial else [], parcel_number=parcel, by=by, at=at)
    return sale


def _post(sale: Sale, device: Device, owner: Organization, *, entry: Entry, at: datetime) -> None:
    book = book_of(owner)
    rate = terms.rate(sale.currency, at=at)
    if rate is None:
        raise UnableToSell(
            Reason("no_rate", _("there is no exchange rate for %(currency)s") % {"currency": sale.currency})
        )
    fee = parameters.in_force(at).fee(sale.channel, sale.price)
    for account, amount in (("sale", sale.price), ("channel_fee", -fee)):
        if amount:
            money.post(
                entry=entry,
                account=account,
                amount=amount,
                currency=sale.currency,
                book=book,
                device=device,
                party=None if book == "ours" else owner,
                at=at,
                key=f"resale:{account}:{sale.id}",
                rate=rate,
            )


def _warrant(sale: Sale, line: OrderLine, device: Device, *, by: Actor, at: datetime) -> None:
    months = sale.pool.warranty_months
    if not months:
        return
    granted = warranties.grant(
        order_line=line,
        device=device,
        months=months,
        starts_on=sale.pool.hub.calendar.local(at).date(),
        by=by,
        at=at,
    )
    moves.note(
        device,
        fact=facts.WarrantyBegun(months=months, until=granted.ends_on.isoformat(), line=str(line.id)),
        by=by,
        at=at,
    )


@transaction.atomic
def cancel(*, sale: Sale, reason: str, by: Actor, at: datetime) -> Sale:
    """The unit stays with us and is free for another; what has shipped comes back by a return."""
    need(by, "resale.sell")
    sale, device = _lock(sale)
    if not reason.strip():
        raise BadInput(Reason("no_reason", _("Say why the sale is cancelled."), "reason"))
    if sale.state not in {SaleState.SOLD, SaleState.PICKED}:
        raise UnableToSell(
            Reason("ended", _("order %(number)s has shipped or was cancelled") % {"number": sale.line.order.number})
        )
    order = sale.line.order
    sale.cancel()
    sale.ended_why = reason.strip()[:200]
    sale.save(update_fields=["state", "ended_why"])
    promise = Allocation.objects.filter(device=device, released_at=None, taker=sale.taker).first()
    if promise is not None:
        standing.release_promise(device, promise, label=order.number, reason=sale.ended_why, by=by, at=at)
    moves.note(
        device,
        fact=facts.SaleCancelled(
            order=str(order.id), number=order.number, line=str(sale.line_id), reason=sale.ended_why
        ),
        by=by,
        at=at,
    )
    return sale


@transaction.atomic
def deliver(*, sale: Sale, by: Actor, at: datetime) -> Sale:
    """It reached its buyer: from now they may return it for as long as the rules say."""
    need(by, "resale.ship")
    sale = Sale.objects.select_related("line__order").get(pk=sale.pk)
    if sale.state != SaleState.SHIPPED:
        raise UnableToSell(
            Reason("not_shipped", _("order %(number)s has not shipped") % {"number": sale.line.order.number})
        )
    orders.deliver_line(sale.line, by=by, at=at)
    return sale
