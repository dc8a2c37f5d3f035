"""Questions about contracts with carriers: which one holds, what it says on a day, what something would cost."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from revlog.accounts.actors import Actor
from revlog.logistics.freight import rating
from revlog.logistics.models import CardStatus, Contract, Direction, RateCard


def contracts(actor: Actor) -> QuerySet[Contract]:
    return Contract.objects.visible_to(actor).select_related("carrier").prefetch_related("hubs", "cards")


def contract(number: str, actor: Actor) -> Contract | None:
    return contracts(actor).filter(number=number.upper()).first()


def card_on(contract: Contract, day: date) -> RateCard | None:
    """The published card that holds on a day."""
    return (
        contract.cards.filter(status=CardStatus.PUBLISHED, valid_from__lte=day)
        .order_by("-valid_from")
        .select_related("contract")
        .first()
    )


def contract_for(carrier: uuid.UUID, hub: uuid.UUID, direction: str, day: date) -> Contract | None:
    """The contract by which a carrier is paid for a shipment of a site: one for the site before one for all, the newest first."""
    pays = Q(inbound=True) if direction == Direction.INBOUND else Q(outbound=True)
    rows = (
        Contract.objects.filter(pays, carrier=carrier, active=True, begins_on__lte=day)
        .filter(Q(ends_on=None) | Q(ends_on__gte=day))
        .filter(Q(hubs=None) | Q(hubs=hub))
        .prefetch_related("hubs")
        .distinct()
    )
    found = sorted(rows, key=lambda one: (bool(one.hubs.all()), one.begins_on, one.created_at), reverse=True)
    return found[0] if found else None


@dataclass(frozen=True)
class Offer:
    """What a contract asks for a load; ``why`` where it has no price for it."""

    contract: Contract
    card: RateCard
    quote: rating.Quote | None
    why: str = ""


def offers(actor: Actor, load: rating.Load, *, day: date, contract: Contract | None = None) -> list[Offer]:
    """What the load would cost on a day by each contract that holds, the cheapest first; those without a price last."""
    rows = [contract] if contract is not None else list(contracts(actor).filter(active=True, begins_on__lte=day))
    found = []
    for row in rows:
        if row.ends_on is not None and row.ends_on < day:
            continue
        card = card_on(row, day)
        if card is None:
            continue
        try:
            found.append(Offer(row, card, rating.quote(card.rates, load)))
        except rating.UnableToRate as refusal:
            found.append(Offer(row, card, None, str(refusal)))
    return sorted(found, key=_order)


def _order(offer: Offer) -> tuple[Any, ...]:
    return (
        offer.quote is None,
        offer.contract.currency,
        offer.quote.total if offer.quote else 0,
        offer.contract.number,
    )
