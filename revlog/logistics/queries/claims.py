"""Questions about claims to carriers: which there are, what should be claimed and isn't, what a claim begins with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.devices.exceptions import ExceptionRow
from revlog.evidence.models import Artifact
from revlog.logistics import staging
from revlog.logistics.freight import liability
from revlog.logistics.models import (
    CarrierClaim,
    Delivery,
    DeliveryLine,
    Discrepancy,
    LineStatus,
    Parcel,
    RateCard,
    Settled,
    Shipment,
    Trouble,
)
from revlog.logistics.models.contracts import sees_prices
from revlog.logistics.queries import contracts

SOON = timedelta(days=3)
MOST = 50


def claims(actor: Actor) -> QuerySet[CarrierClaim]:
    return CarrierClaim.objects.visible_to(actor).select_related("carrier", "contract", "shipment", "parcel")


def claim(number: str, actor: Actor) -> CarrierClaim | None:
    rows = claims(actor).select_related("hub__organization", "delivery__document", "discrepancy", "contract__carrier")
    return rows.filter(number=number.upper()).first()


@dataclass
class Begun:
    """What a claim begins with, as far as it is known."""

    shipment: Shipment
    parcel: Parcel | None = None
    delivery: Delivery | None = None
    discrepancy: Discrepancy | None = None
    kind: str = "damage"
    since: datetime | None = None
    grams: int = 0
    value: Decimal = Decimal(0)
    evidence: list[Artifact] = field(default_factory=list)


def of_parcel(tracking: str, actor: Actor, *, at: datetime) -> Begun | None:
    """A parcel that came damaged, or didn't come; of a shipment without parcels, by its number."""
    bare = "".join(tracking.split())
    hubs = Hub.objects.worked_by(actor)
    parcel = (
        Parcel.objects.filter(tracking__iexact=bare, shipment__hub__in=hubs).select_related("shipment__hub").first()
    )
    if parcel is None:
        shipment = Shipment.objects.filter(number__iexact=bare, hub__in=hubs).select_related("hub").first()
        return Begun(shipment, kind="loss", since=shipment.created_at) if shipment is not None else None
    line = (
        DeliveryLine.objects.filter(parcel=parcel)
        .exclude(status=LineStatus.EXPECTED)
        .select_related("delivery__document", "photo")
        .order_by("-delivery__begun_at")
        .first()
    )
    content = staging.content_of(parcel, at=at)
    begun = Begun(parcel.shipment, parcel, grams=parcel.grams or 0, value=content.value if content else Decimal(0))
    begun.kind = "damage" if line is not None and line.damaged else "loss" if parcel.arrived_at is None else "damage"
    begun.since = parcel.arrived_at or parcel.created_at
    if line is not None:
        begun.delivery, begun.evidence = line.delivery, [line.photo] if line.photo else []
        begun.since = line.delivery.ended_at or line.delivery.begun_at
    return begun


def of_discrepancy(text: str, actor: Actor) -> Begun | None:
    """What was not as released, of a transfer."""
    try:
        pk = uuid.UUID(text)
    except ValueError:
        return None
    row = (
        Discrepancy.objects.filter(pk=pk, shipment__hub__in=Hub.objects.worked_by(actor))
        .select_related("shipment__hub", "device", "photo")
        .first()
    )
    if row is None:
        return None
    device = row.device
    return Begun(
        row.shipment, discrepancy=row, kind="damage" if row.kind == Trouble.DAMAGED else "loss", since=row.noted_at,
        grams=(device.grams or 0) if device is not None else 0,
        value=(device.expected_value or Decimal(0)) if device is not None else Decimal(0),
        evidence=[row.photo] if row.photo else [],
    )  # fmt: skip


# Exceptions -------------------------------------------------------------------------------------------------------------------------


def exceptions(actor: Actor) -> list[ExceptionRow]:
    """Claims that lapse soon, damage that nobody claimed, and what is lost of a transfer."""
    if not sees_prices(actor):
        return []
    return [*_lapsing(actor), *_unclaimed(actor), *_lost(actor)]


def _lapsing(actor: Actor) -> list[ExceptionRow]:
    return [
        ExceptionRow(
            key=f"carrier_claim:{row.pk}", kind="exception.claim_to_file",
            sentence=_("%s has to be told in time, or owes nothing.") % row.carrier.name,
            thing=f"{row.number} {row.parcel.tracking if row.parcel else row.shipment.number}",
            url=reverse("carrier_claim", args=[row.number]), owner=_("planner"), since=row.drafted_at, due=row.notice_by,
            money_at_risk=row.claimed, currency=row.contract.currency, next_action=_("File it"),
        )
        for row in claims(actor).filter(status="draft").order_by("notice_by")[:MOST]
    ]  # fmt: skip


def _unclaimed(actor: Actor) -> list[ExceptionRow]:
    rows = (
        DeliveryLine.objects.filter(
            ~Exists(CarrierClaim.objects.filter(parcel=OuterRef("parcel"))), damaged=True, parcel__isnull=False,
            delivery__status="ended", delivery__hub__in=Hub.objects.worked_by(actor),
        )
        .select_related("parcel__shipment__hub", "delivery__carrier", "delivery__hub")
        .order_by("-delivery__ended_at")[:MOST]
    )  # fmt: skip
    cards: dict[tuple[object, object], RateCard | None] = {}
    found = []
    for row in rows:
        ended, hub = row.delivery.ended_at, row.delivery.hub
        if ended is None or row.parcel is None:
            continue
        key = (row.delivery.carrier_id, hub.pk)
        if key not in cards:
            day = hub.calendar.local(ended).date()
            contract = contracts.contract_for(row.delivery.carrier_id, hub.pk, row.parcel.shipment.direction, day)
            cards[key] = contracts.card_on(contract, day) if contract is not None else None
        card = cards[key]
        if card is None:
            continue
        rule = liability.Rule(card.sdr_per_kg, card.apparent_days, card.hidden_days, card.delay_days, card.loss_days)
        found.append(
            ExceptionRow(
                key=f"unclaimed:{row.pk}", kind="exception.damage_unclaimed",
                sentence=_("It came damaged, and nothing is claimed for it."),
                thing=f"{row.delivery.carrier.name} {row.parcel.tracking}",
                url=f"{reverse('carrier_claim_new')}?parcel={row.parcel.tracking}", owner=_("planner"), since=ended,
                due=liability.notice_by("damage", apparent=True, since=ended, rule=rule), next_action=_("Claim it"),
            )
        )  # fmt: skip
    return found


def _lost(actor: Actor) -> list[ExceptionRow]:
    rows = Discrepancy.objects.filter(
        settled=Settled.LOST,
        claims=None,
        shipment__hub__in=Hub.objects.worked_by(actor),
        shipment__carrier__contracts__isnull=False,
    )
    return [
        ExceptionRow(
            key=f"lost:{row.pk}", kind="exception.damage_unclaimed",
            sentence=_("It was lost on its way, and nothing is claimed for it."), thing=row.code,
            url=f"{reverse('carrier_claim_new')}?discrepancy={row.pk}", owner=_("planner"), since=row.settled_at or row.noted_at,
            next_action=_("Claim it"),
        )
        for row in rows.distinct().order_by("noted_at")[:MOST]
    ]  # fmt: skip
