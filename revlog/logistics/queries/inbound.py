"""What bringing something here would cost: by the contracts under which we pay for what comes to us."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Q

from revlog.logistics.freight import rating
from revlog.logistics.models import CardStatus, RateCard

MOST_PIECES = 200


@dataclass(frozen=True)
class Priced:
    """A contract that holds on a day, with the card that holds on it; ``sites`` are those for which it is, none for all."""

    contract: str
    carrier: str
    sites: frozenset[uuid.UUID]
    card: rating.Card
    services: tuple[str, ...]


@dataclass(frozen=True)
class Carried:
    """The cheapest price: ``how`` is its reckoning in a line."""

    contract: str
    amount: Decimal
    how: str


def cards(*, day: date) -> list[Priced]:
    """Every contract for inbound parcels that holds on a day, with its prices: two queries, however many there are."""
    rows = (
        RateCard.objects.filter(status=CardStatus.PUBLISHED, valid_from__lte=day)
        .filter(contract__inbound=True, contract__active=True, contract__begins_on__lte=day)
        .filter(Q(contract__ends_on=None) | Q(contract__ends_on__gte=day))
        .order_by("contract_id", "-valid_from")
        .distinct("contract_id")
        .select_related("contract__carrier")
        .prefetch_related("contract__hubs")
    )
    return [
        Priced(
            row.contract.number,
            row.contract.carrier.name,
            frozenset(hub.pk for hub in row.contract.hubs.all()),
            row.rates,
            tuple(row.services),
        )
        for row in rows
    ]


def cheapest(priced: Sequence[Priced], load: rating.Load, *, site: uuid.UUID | None, currency: str) -> Carried | None:
    """The lowest price among them for a load to a site; None where none carries it."""
    found: list[Carried] = []
    for one in priced:
        if one.card.currency != currency or (one.sites and site not in one.sites):
            continue
        for service in one.services:
            try:
                quote = rating.quote(one.card, replace(load, service=service, pieces=load.pieces[:MOST_PIECES]))
            except rating.UnableToRate:
                continue
            found.append(Carried(one.contract, quote.total, f"{one.carrier}, {service}"))
    return min(found, key=lambda one: (one.amount, one.contract), default=None)
