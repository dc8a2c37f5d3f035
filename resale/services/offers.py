"""Offers: a pool on a channel at a price, one at a time."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from resale import facts
from resale.channels import CHANNELS
from resale.models import Offer, Pool, PoolUnit
from resale.services.pools import by_contract, need
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.custody.services import ledger
from revlog.devices.journey import State
from revlog.terms import instructions
from revlog.terms import queries as terms


class UnableToOffer(DomainError):
    """The pool can't be offered so."""

    code = "unable_to_offer"


def _problems(channel: str, price: Decimal, currency: str, at: datetime) -> list[Reason]:
    found = []
    if channel not in CHANNELS:
        found.append(Reason("unknown_channel", _("There is no such channel."), "channel"))
    if not price.is_finite() or price <= 0 or price >= Decimal(10) ** 10:
        found.append(Reason("price", _("A price is above zero."), "price"))
    elif price != price.quantize(Decimal("0.01")):
        found.append(Reason("price", _("A price has at most two decimals."), "price"))
    if terms.rate(currency, at=at) is None:
        found.append(
            Reason("no_rate", _("There is no exchange rate for %(currency)s.") % {"currency": currency}, "currency")
        )
    return found


def reasons_against_offering(pool: Pool, channel: str, *, at: datetime) -> list[Reason]:
    """What the owner's contract says against selling what is in the pool in this channel, unit by unit."""
    inside = PoolUnit.objects.filter(pool=pool, left_at=None, device__state=State.TO_SELL.value)
    tags = dict(inside.order_by("entered_at", "id").values_list("device_id", "device__tag"))
    told = instructions.of(list(tags), at=at)
    return [by_contract(tag, why) for unit, tag in tags.items() if (why := told[unit].against(channel))]


def _lock(pool: Pool) -> Pool:
    return Pool.objects.select_for_update(no_key=True, of=("self",)).get(pk=pool.pk)


@transaction.atomic
def publish(*, pool: Pool, channel: str, price: Decimal, currency: str = "EUR", by: Actor, at: datetime) -> Offer:
    """Offer a pool's units at a price from now; the offer that stood on this channel ends. The same price again changes nothing.

    Raises UnableToOffer where a contract forbids the channel for any unit that is in it.
    """
    need(by, "resale.offer")
    if problems := _problems(channel, price, currency, at):
        raise BadInput(problems)
    pool = _lock(pool)
    if reasons := reasons_against_offering(pool, channel, at=at):
        raise UnableToOffer(reasons)
    before = Offer.objects.filter(pool=pool, channel=channel, ended_at=None).first()
    if before is not None and (before.price, before.currency) == (price, currency):
        return before
    if before is not None:
        before.ended_at = at
        before.save(update_fields=["ended_at"])
    offer = Offer.objects.create(
        id=ids.new(at),
        pool=pool,
        channel=channel,
        price=price,
        currency=currency,
        published_by=by.reference,
        published_at=at,
    )
    ledger.append(
        pool.id,
        facts.Offered(
            offer=str(offer.id),
            channel=channel,
            price=str(price),
            currency=currency,
            before=str(before.price) if before else None,
        ),
        by=by,
        at=at,
        owner=pool.owner_id,
        hub=pool.hub_id,
    )
    return offer


@transaction.atomic
def end(*, offer: Offer, by: Actor, at: datetime) -> Offer:
    """Take an offer off its channel. Raises UnableToOffer when it is off already."""
    need(by, "resale.offer")
    pool = _lock(offer.pool)
    offer = Offer.objects.get(pk=offer.pk)
    if offer.ended_at is not None:
        raise UnableToOffer(Reason("ended", _("This offer has ended already")))
    offer.ended_at = at
    offer.save(update_fields=["ended_at"])
    ledger.append(
        pool.id,
        facts.OfferEnded(offer=str(offer.id), channel=offer.channel, price=str(offer.price), currency=offer.currency),
        by=by,
        at=at,
        owner=pool.owner_id,
        hub=pool.hub_id,
    )
    return offer
