"""Expecting the cost of carriage when goods are handed over: once a shipment or leg, corrected while no bill has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor, system
from revlog.accounts.models import Hub, OrganizationKind
from revlog.common import addresses, ids
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.services import money
from revlog.logistics.facts import freight as facts
from revlog.logistics.freight import ends, exchange, rating
from revlog.logistics.freight.rating import Load, Piece, Spot, UnableToRate
from revlog.logistics.models import (
    Accrual,
    AccrualStatus,
    Book,
    Contract,
    Direction,
    Leg,
    Parcel,
    ParcelStatus,
    RateCard,
    Shipment,
)
from revlog.logistics.queries import contracts as reads

CLERK = system("logistics.freight")
CHAIN = "carriage"
EXPECTED = "freight_accrued"


@dataclass(frozen=True)
class Reckoned:
    """What a shipment is expected to cost, or why nobody can say."""

    card: RateCard | None
    load: Load | None = None
    quote: rating.Quote | None = None
    assumed: bool = False
    why: str = ""

    @property
    def amount(self) -> Decimal:
        return self.quote.total if self.quote is not None else Decimal(0)


def expect(shipment: UUID, *, by: Actor = CLERK, at: datetime) -> list[Accrual]:
    """It is in its carrier's hands, or was: what that costs stands in the book from now on, once. Nothing without a contract."""
    made: list[Accrual] = []
    with transaction.atomic():
        row = (
            Shipment.objects.select_for_update(no_key=True, of=("self",))
            .select_related("hub__organization", "owner", "carrier")
            .get(pk=shipment)
        )
        legs: Sequence[Leg | None] = list(row.legs.select_related("carrier")) or [None]
        known = set(row.accruals.values_list("leg_id", flat=True))
        day = row.hub.calendar.local(at).date()
        for leg in legs:
            carrier = leg.carrier_id if leg is not None else row.carrier_id
            if carrier is None or (leg.pk if leg is not None else None) in known:
                continue
            contract = reads.contract_for(carrier, row.hub_id, row.direction, day)
            if contract is not None:
                made.append(_expect(row, leg, contract, by=by, at=at))
    return made


def _expect(shipment: Shipment, leg: Leg | None, contract: Contract, *, by: Actor, at: datetime) -> Accrual:
    told = reckon(shipment, contract, at=at)
    row = Accrual(
        id=ids.new(at),
        shipment=shipment,
        leg=leg,
        contract=contract,
        hub=shipment.hub,
        handed_over_at=at,
        created_at=at,
    )
    row.book, row.party = _book(contract, shipment)
    _set(row, told)
    row.save(force_insert=True)
    number = leg.number if leg is not None else None
    fact: Fact
    if told.quote is None or told.card is None:
        fact = facts.CarriageUnrated(shipment=shipment.number, contract=contract.number, leg=number)
    else:
        fact = facts.CarriageExpected(
            shipment=shipment.number, contract=contract.number, card=told.card.version, amount=str(row.amount),
            currency=contract.currency, parcels=row.parcels, grams=row.grams, assumed=row.assumed, leg=number,
        )  # fmt: skip
    entry = ledger.begin(CHAIN, row.pk, fact, by=by, at=at, owner=shipment.hub.organization_id, hub=shipment.hub_id)
    post(row, entry, account=EXPECTED, amount=-row.amount, step="expected", at=at)
    return row


def _book(contract: Contract, shipment: Shipment) -> tuple[str, Any]:
    """Whose result it is: ours, or by the contract that of whose the goods are."""
    if contract.book == Book.OURS or shipment.owner.kind == OrganizationKind.OPERATOR:
        return "ours", None
    return ("client" if shipment.owner.kind == OrganizationKind.CLIENT else "seller"), shipment.owner


def _set(row: Accrual, told: Reckoned) -> None:
    row.card, row.why, row.assumed = told.card, told.why[:300], told.assumed
    row.amount, row.status = told.amount, AccrualStatus.OPEN if told.quote is not None else AccrualStatus.UNRATED
    row.steps = [{**asdict(step), "amount": str(step.amount)} for step in told.quote.steps] if told.quote else []
    if told.load is not None:
        row.service, row.parcels = told.load.service, len(told.load.pieces)
        row.grams = sum(piece.grams for piece in told.load.pieces)


def post(row: Accrual, entry: Entry, *, account: str, amount: Decimal, step: str, at: datetime) -> None:
    """One line of money about it, once, in the book that bears it."""
    if amount:
        currency = row.contract.currency
        money.post(
            entry=entry, account=account, amount=amount, currency=currency, book=row.book,
            party=row.party or row.contract.carrier.organization, at=at, key=f"carriage:{row.pk}:{step}",
            rate=exchange.rate(currency, at=at) or Decimal(1),
        )  # fmt: skip


def correct(shipment: UUID, *, cause: str, by: Actor = CLERK, at: datetime) -> list[Accrual]:
    """Weights or parcels are others than were reckoned with: what is expected and not billed is reckoned anew.

    ``cause`` is the digest of the entry that says so; the same one again changes nothing.
    """
    changed = []
    with transaction.atomic():
        parent = (
            Shipment.objects.select_for_update(no_key=True, of=("self",))
            .select_related("hub__organization", "owner", "carrier")
            .get(pk=shipment)
        )
        rows = parent.accruals.select_for_update(no_key=True, of=("self",)).select_related("contract__carrier")
        for row in rows.filter(status__in=[AccrualStatus.OPEN, AccrualStatus.UNRATED]).order_by("id"):
            row.shipment = parent
            if _correct(row, cause=cause, by=by, at=at):
                changed.append(row)
    return changed


def _correct(row: Accrual, *, cause: str, by: Actor, at: datetime) -> bool:
    before, was = row.amount, (row.status, row.parcels, row.grams)
    currency, shipment = row.contract.currency, row.shipment
    parcels = set(shipment.parcels.values_list("status", flat=True))
    gone = parcels == {ParcelStatus.CANCELLED.value}
    if gone:
        row.status, row.amount, row.steps, row.parcels, row.grams = AccrualStatus.CANCELLED, Decimal(0), [], 0, 0
    else:
        _set(row, reckon(shipment, row.contract, at=row.handed_over_at))
    if before == row.amount and was == (row.status, row.parcels, row.grams):
        return False
    row.save()
    fact: Fact
    if gone:
        fact = facts.CarriageCalledOff(shipment=shipment.number, before=str(before), currency=currency)
    else:
        fact = facts.CarriageCorrected(
            shipment=shipment.number, before=str(before), amount=str(row.amount), currency=currency, parcels=row.parcels,
            grams=row.grams,
        )  # fmt: skip
    entry = ledger.append(
        row.pk, fact, by=by, at=at, key=f"correct:{cause}", owner=shipment.hub.organization_id, hub=row.hub_id
    )
    post(row, entry, account=EXPECTED, amount=before - row.amount, step=f"correct:{cause[:24]}", at=at)
    return True


# Reckoning --------------------------------------------------------------------------------------------------------------------------


def reckon(shipment: Shipment, contract: Contract, *, at: datetime) -> Reckoned:
    """What a shipment would cost by a contract, as far as is known of it; what isn't known is taken by the card's rule, and said."""
    card = reads.card_on(contract, shipment.hub.calendar.local(at).date())
    if card is None:
        return Reckoned(None, why=_("The contract had no rates on this day."))
    if exchange.rate(contract.currency, at=at) is None:
        return Reckoned(card, why=_("There is no exchange rate for its currency."))
    found, assumed = _load(shipment, card)
    try:
        return Reckoned(card, found, rating.quote(card.rates, found), assumed)
    except UnableToRate as refusal:
        return Reckoned(card, found, None, assumed, str(refusal))


def _load(shipment: Shipment, card: RateCard) -> tuple[Load, bool]:
    here = spot_of(shipment.hub)
    there, assumed = _there(shipment), False
    if there is None:
        there, assumed = Spot(here.country), True
    rows = list(Parcel.objects.filter(shipment=shipment).exclude(status=ParcelStatus.CANCELLED))
    pieces = [Piece(one.grams or card.assumed_grams) for one in rows]
    assumed = assumed or any(not one.grams for one in rows)
    booked = Parcel.objects.filter(shipment=shipment, booking__service__in=card.services).first()
    service = booked.booking.service if booked is not None else "standard"
    if service not in card.services and card.services:
        service = card.services[0]
    inbound = shipment.direction == Direction.INBOUND
    boxes = list(shipment.cargo.filter(container__isnull=False).select_related("container"))
    weights = [one.container.gross_grams for one in boxes if one.container is not None]
    pieces += [Piece(one or card.assumed_grams) for one in weights]
    assumed = assumed or not all(weights)
    return (
        Load(
            origin=there if inbound else here, destination=here if inbound else there, service=service, pieces=pieces,
            pallets=len(boxes), km=card.assumed_km,
        ),
        assumed or bool(card.assumed_km),
    )  # fmt: skip


def _there(shipment: Shipment) -> Spot | None:
    cargo = shipment.cargo.select_related("transfer__destination").first()
    if cargo is not None and cargo.transfer.destination is not None:
        return spot_of(cargo.transfer.destination)
    return ends.other_end(shipment.reference, shipment.pk)


def spot_of(hub: Hub) -> Spot:
    return Spot(hub.country, addresses.read(hub.address, hub.country).postcode)
