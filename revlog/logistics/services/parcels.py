"""Announcing shipments, handing them over and taking them in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.common.rows import put
from revlog.custody.services import ledger
from revlog.logistics import carriers, facts
from revlog.logistics.models import Booking, Carrier, Condition, Direction, Handover, Parcel, ParcelStatus, Shipment
from revlog.logistics.services import bookings

MOST_GRAMS = 1_000_000
ANY = "any"
"""The code of the carrier for whom nobody has chosen another."""


class UnableToReceiveParcel(DomainError):
    """The parcel can't be taken in."""

    code = "unable_to_receive_parcel"


@dataclass(frozen=True)
class Announced:
    shipment: Shipment
    parcels: Sequence[Parcel]


def default_carrier(*, at: datetime) -> Carrier:
    """The carrier for whom nobody has chosen another: any."""
    row, _made = Carrier.objects.get_or_create(
        code=ANY, defaults={"id": ids.new(at), "name": "Any carrier", "vendor": "any", "created_at": at}
    )
    return row


def announce(
    *,
    direction: Direction,
    hub: Hub,
    owner: Organization,
    reference: str = "",
    parcels: int = 1,
    carrier: Carrier | None = None,
    label_free: bool = False,
    tracking: str = "",
    by: Actor,
    at: datetime,
) -> Announced:
    """A shipment that is to travel, with a number for each parcel. ``tracking`` is for one whose number is known already.

    What a carrier on the net is to carry has a number of ours until a worker has asked it (``bookings``); ``label_free`` when its
    counter is to print the label.
    """
    if not 1 <= parcels <= 99:
        raise BadInput(Reason("parcels", _("A shipment has 1 to 99 parcels."), "parcels"))
    with ledger.together():
        chosen = carrier or default_carrier(at=at)
        shipment = Shipment(
            id=ids.new(at),
            number=ids.code("SH"),
            direction=direction,
            carrier=chosen,
            hub=hub,
            owner=owner,
            reference=reference,
            created_at=at,
        )
        ledger.begin(
            "shipment",
            shipment.id,
            facts.ShipmentAnnounced(
                number=shipment.number,
                direction=str(direction),
                parcels=parcels,
                carrier=chosen.code,
                reference=reference or None,
            ),
            by=by,
            at=at,
            owner=owner.pk,
            hub=hub.pk,
        )
        rows = [
            _parcel(shipment, chosen, number, tracking=tracking if number == 1 else "", at=at)
            for number in range(1, parcels + 1)
        ]
        put(shipment, *rows)
        if not tracking:
            for row in rows:
                _ask(row, chosen, label_free=label_free, by=by, at=at)
    return Announced(shipment, rows)


def _parcel(shipment: Shipment, carrier: Carrier, number: int, *, tracking: str = "", at: datetime) -> Parcel:
    parcel = ids.new(at)
    if not tracking:
        vendor = carriers.vendor(carrier.vendor)
        mine = vendor if vendor.AT_ONCE else carriers.vendor("any")
        booked = mine.book(key=f"parcel:{parcel}", direction=shipment.direction, account=carrier.account, at=at)
        tracking = booked.tracking
    return Parcel(id=parcel, shipment=shipment, number=number, tracking=tracking[:60], created_at=at)


def _ask(parcel: Parcel, carrier: Carrier, *, label_free: bool = False, by: Actor, at: datetime) -> None:
    if not carriers.vendor(carrier.vendor).AT_ONCE:
        bookings.ask(parcel, carrier, label_free=label_free, by=by, at=at)


def add_parcel(shipment: Shipment, *, by: Actor, at: datetime) -> Parcel:
    """One more box for a shipment that is under way: what didn't fit in the first."""
    with transaction.atomic():
        row = (
            Shipment.objects.select_for_update(no_key=True, of=("self",)).select_related("carrier").get(pk=shipment.pk)
        )
        count = row.parcels.count()
        if count >= 99:
            raise BadInput(Reason("parcels", _("A shipment has 1 to 99 parcels."), "parcels"))
        carrier = row.carrier or default_carrier(at=at)
        parcel = _parcel(row, carrier, count + 1, at=at)
        parcel.save(force_insert=True)
        ledger.append(
            row.pk,
            facts.ParcelAdded(parcel=str(parcel.pk), tracking=parcel.tracking),
            by=by,
            at=at,
            owner=row.owner_id,
            hub=row.hub_id,
        )
        first = Booking.objects.filter(parcel__shipment=row).first()
        _ask(parcel, carrier, label_free=first is not None and first.label_free, by=by, at=at)
    return parcel


def take_in(parcel: Parcel, *, condition: Condition = Condition.INTACT, by: Actor, at: datetime) -> tuple[Parcel, bool]:
    """A parcel stands on the dock. Gives the parcel, and False when it had arrived before (said once, by whoever scanned it first)."""
    if not by.may("returns.receive") and not by.may("logistics.handover"):
        raise NotAllowed(Reason("not_allowed", _("Taking parcels in needs the right to receive.")))
    with transaction.atomic():
        row = (
            Parcel.objects.select_for_update(no_key=True, of=("self",))
            .select_related("shipment__hub")
            .get(pk=parcel.pk)
        )
        if row.arrived_at is not None:
            return row, False
        if row.status == ParcelStatus.CANCELLED:
            raise UnableToReceiveParcel(
                Reason("cancelled", _("Parcel %s was called off. Put it on the hold shelf.") % row.tracking)
            )
        shipment = row.shipment
        row.status, row.condition, row.arrived_at, row.arrived_by = ParcelStatus.ARRIVED, condition, at, by.reference
        row.save(update_fields=["status", "condition", "arrived_at", "arrived_by"])
        ledger.append(
            shipment.pk,
            facts.ParcelReceived(
                parcel=str(row.pk),
                tracking=row.tracking,
                hub=shipment.hub.code,
                condition=str(condition),
                announced=row.announced,
            ),
            by=by,
            at=at,
            key=f"received:{row.pk}",
            owner=shipment.owner_id,
            hub=shipment.hub_id,
        )
        accept(shipment, taker=shipment.hub.code, parcels=1, by=by, at=at)
    return row, True


def take_in_unannounced(
    *,
    tracking: str = "",
    hub: Hub,
    owner: Organization,
    reference: str = "",
    condition: Condition = Condition.INTACT,
    by: Actor,
    at: datetime,
) -> Parcel:
    """A parcel nobody announced stands on the dock. One without a readable number gets one of ours. Raises when it is here already."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = announce(
                    direction=Direction.INBOUND,
                    hub=hub,
                    owner=owner,
                    reference=reference,
                    tracking="".join(tracking.split()),
                    by=by,
                    at=at,
                )
        except IntegrityError as error:
            raise UnableToReceiveParcel(
                Reason("known", _("A parcel with the number %s is known already.") % tracking)
            ) from error
        parcel = made.parcels[0]
        Parcel.objects.filter(pk=parcel.pk).update(announced=False)
        return take_in(parcel, condition=condition, by=by, at=at)[0]


def note_condition(parcel: Parcel, condition: Condition, *, by: Actor, at: datetime) -> Parcel:
    """What the box looks like: damaged, or empty."""
    with transaction.atomic():
        row = Parcel.objects.select_for_update(no_key=True, of=("self",)).select_related("shipment").get(pk=parcel.pk)
        if row.condition == condition:
            return row
        row.condition = condition
        row.save(update_fields=["condition"])
        ledger.append(
            row.shipment_id,
            facts.ParcelConditionNoted(parcel=str(row.pk), tracking=row.tracking, condition=str(condition)),
            by=by,
            at=at,
            owner=row.shipment.owner_id,
            hub=row.shipment.hub_id,
        )
    return row


def weigh(parcel: Parcel, grams: int, *, by: Actor, at: datetime) -> Parcel:
    """What the scale says, in grams; the last weighing counts."""
    if not 0 < grams <= MOST_GRAMS:
        raise BadInput(Reason("grams", _("A parcel weighs more than nothing, and less than a tonne."), "grams"))
    with transaction.atomic():
        row = Parcel.objects.select_for_update(no_key=True, of=("self",)).select_related("shipment").get(pk=parcel.pk)
        if row.grams == grams:
            return row
        row.grams = grams
        row.save(update_fields=["grams"])
        ledger.append(
            row.shipment_id,
            facts.ParcelWeighed(parcel=str(row.pk), tracking=row.tracking, grams=grams),
            by=by,
            at=at,
            owner=row.shipment.owner_id,
            hub=row.shipment.hub_id,
        )
    return row


def unpacked(parcel: uuid.UUID) -> None:
    """Everything was taken out of it."""
    Parcel.objects.filter(pk=parcel, status=ParcelStatus.ARRIVED).update(status=ParcelStatus.DONE)


def not_unpacked(parcel: uuid.UUID) -> None:
    """Something is expected out of it again: taking it out was a slip."""
    Parcel.objects.filter(pk=parcel, status=ParcelStatus.DONE).update(status=ParcelStatus.ARRIVED)


def release(
    shipment: Shipment, *, giver: str, taker: str, parcels: int, seal: str = "", by: Actor, at: datetime
) -> Handover:
    """The first half of a handover: given out of one's hands. It is open until the taker accepts."""
    with transaction.atomic():
        entry = ledger.append(
            shipment.pk,
            facts.Released(giver=giver, taker=taker, parcels=parcels, seal=seal or None),
            by=by,
            at=at,
            owner=shipment.owner_id,
            hub=shipment.hub_id,
        )
        Parcel.objects.filter(shipment=shipment, status=ParcelStatus.ANNOUNCED).update(status=ParcelStatus.IN_TRANSIT)
        return Handover.objects.create(
            id=ids.new(at),
            shipment=shipment,
            giver=giver,
            taker=taker,
            parcels=parcels,
            seal=seal,
            released_at=at,
            released_entry=entry.digest,
            created_at=at,
        )


def accept(shipment: Shipment, *, taker: str, parcels: int, seal: str = "", by: Actor, at: datetime) -> Handover:
    """The second half: taken into one's hands. Where nobody spoke of releasing it, the entry says that none did."""
    with transaction.atomic():
        row = (
            shipment.handovers.select_for_update(no_key=True)
            .filter(accepted_at=None, released_at__isnull=False)
            .order_by("released_at")
            .first()
        )
        giver = row.giver if row else "carrier"
        entry = ledger.append(
            shipment.pk,
            facts.AcceptedByTaker(
                giver=giver,
                taker=taker,
                parcels=parcels,
                seal=seal or None,
                released=row.released_entry if row else None,
            ),
            by=by,
            at=at,
            owner=shipment.owner_id,
            hub=shipment.hub_id,
        )
        if row is None:
            return Handover.objects.create(
                id=ids.new(at),
                shipment=shipment,
                giver=giver,
                taker=taker,
                parcels=parcels,
                seal=seal,
                accepted_at=at,
                accepted_entry=entry.digest,
                created_at=at,
            )
        row.taker, row.accepted_at, row.accepted_entry = taker, at, entry.digest
        row.save(update_fields=["taker", "accepted_at", "accepted_entry"])
        return row


def cancel(shipment: Shipment, *, reason: str, by: Actor, at: datetime) -> None:
    """Call off what hasn't arrived, and the postage of it."""
    with transaction.atomic():
        for parcel in shipment.parcels.filter(status__in=[ParcelStatus.ANNOUNCED, ParcelStatus.IN_TRANSIT]):
            bookings.cancel(parcel, by=by, at=at)
        changed = Parcel.objects.filter(
            shipment=shipment, status__in=[ParcelStatus.ANNOUNCED, ParcelStatus.IN_TRANSIT]
        ).update(status=ParcelStatus.CANCELLED)
        if changed:
            ledger.append(
                shipment.pk,
                facts.ShipmentCancelled(reason=reason),
                by=by,
                at=at,
                owner=shipment.owner_id,
                hub=shipment.hub_id,
            )
