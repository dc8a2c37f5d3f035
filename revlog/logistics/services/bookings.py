"""Parcels that a carrier on the net carries: the intent written down, the carrier asked by a worker, its answer kept once.

Who is to be asked with which addresses only the stage knows whose parcel it is: it hears `facts.BookingAsked`, calls ``attempt`` outside
of any transaction, and then ``booked`` or ``refused`` (returns/services/ways/booking.py shows how).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.custody.facts import Fact
from revlog.custody.services import ledger
from revlog.evidence.models import Artifact
from revlog.evidence.services import artifacts
from revlog.logistics import carriers, facts
from revlog.logistics.carriers import Wanted
from revlog.logistics.models import Booking, BookingStatus, Carrier, Parcel, Shipment

CARRIERS = actors.system("logistics.carriers")
KEPT = "postage kept"
"""Why of a booking that was called off too late: its carrier gives no postage back."""


@dataclass(frozen=True)
class Made:
    """What a carrier gave, with its pictures kept and not yet said to be the parcel's."""

    answer: carriers.Booking
    label: Artifact | None
    code: Artifact | None


def ask(parcel: Parcel, carrier: Carrier, *, label_free: bool = False, by: Actor, at: datetime) -> Booking:
    """Write down that ``carrier`` is to carry it; a worker asks. Within the transaction that announces the parcel."""
    row = Booking.objects.create(id=ids.new(at), parcel=parcel, carrier=carrier, label_free=label_free, asked_at=at)
    _say(parcel.shipment, facts.BookingAsked(**_named(row)), by=by, at=at, key=f"booking:{row.pk}")
    return row


def _named(row: Booking) -> dict[str, str]:
    return {
        "booking": str(row.pk),
        "parcel": str(row.parcel_id),
        "tracking": row.parcel.tracking,
        "carrier": row.carrier.name,
    }


def _say(shipment: Shipment, fact: Fact, *, by: Actor, at: datetime, key: str) -> None:
    ledger.append(shipment.pk, fact, by=by, at=at, key=key, owner=shipment.owner_id, hub=shipment.hub_id)


def attempt(booking: Booking, wanted: Wanted, *, at: datetime) -> Made:
    """Ask the carrier, first whether it did it already: the worker before us may have died after asking. Slow, in no transaction.

    Raises OSError when it can't be reached (come again), carriers.Refused when it says no for good.
    """
    carrier, key = booking.carrier, str(booking.pk)
    vendor = carriers.vendor(carrier.vendor)
    answer = vendor.find(key=key, account=carrier.account, label_free=booking.label_free) or vendor.book(
        key=key, direction=wanted.direction, account=carrier.account, wanted=wanted, at=at
    )

    def kept(data: bytes, media: str) -> Artifact | None:
        return artifacts.keep(data, media_type=media, at=at, limit="document") if data else None

    return Made(answer, kept(answer.label, answer.label_type), kept(answer.code, answer.code_type))


def _lock(booking: uuid.UUID) -> Booking:
    return (
        Booking.objects.select_for_update(no_key=True, of=("self",))
        .select_related("parcel__shipment", "carrier")
        .get(pk=booking)
    )


def booked(booking: uuid.UUID, made: Made, *, by: Actor = CARRIERS, at: datetime) -> Booking:
    """The carrier has it: its number is the parcel's from now on. Said again, nothing happens."""
    with transaction.atomic():
        row = _lock(booking)
        answer = made.answer
        if row.status == BookingStatus.CANCELLED and not row.reference:
            # It was called off while the carrier was being asked: now there is something to call off.
            row.reference, row.price, row.currency = answer.reference[:80], answer.price, answer.currency
            row.save(update_fields=["reference", "price", "currency"])
            fact = facts.BookingCancelled(**_named(row))
            _say(row.parcel.shipment, fact, by=by, at=at, key=f"booking:{row.pk}:back")
            return row
        if row.status != BookingStatus.ASKED:
            return row
        row.status, row.answered_at, row.why = BookingStatus.BOOKED, at, ""
        row.reference, row.service = answer.reference[:80], answer.service[:80]
        row.price, row.currency = answer.price, answer.currency
        row.label, row.code = made.label, made.code
        row.save()
        parcel = row.parcel
        parcel.tracking, parcel.expected_on = answer.tracking[:60], answer.expected_on
        try:
            with transaction.atomic():
                parcel.save(update_fields=["tracking", "expected_on"])
        except IntegrityError as error:
            raise ValueError(f"{row.carrier.name} gave a number that another parcel has.") from error
        fact_booked = facts.Booked(
            **_named(row), service=row.service, price=str(row.price or 0), currency=row.currency or "EUR"
        )
        _say(parcel.shipment, fact_booked, by=by, at=at, key=f"booking:{row.pk}:done")
    return row


def refused(booking: uuid.UUID, *, why: str, code: str, by: Actor = CARRIERS, at: datetime) -> Booking:
    """The carrier says no for good: the parcel keeps our number, and somebody is told."""
    with transaction.atomic():
        row = _lock(booking)
        if row.status != BookingStatus.ASKED:
            return row
        row.status, row.answered_at, row.why = BookingStatus.REFUSED, at, why[:300]
        row.save(update_fields=["status", "answered_at", "why"])
        fact = facts.BookingRefused(**_named(row), code=code[:60])
        _say(row.parcel.shipment, fact, by=by, at=at, key=f"booking:{row.pk}:no")
    return row


def cancel(parcel: Parcel, *, by: Actor, at: datetime) -> Booking | None:
    """It needn't be carried any more: a worker asks the postage back. None when nobody was asked."""
    with transaction.atomic():
        found = Booking.objects.filter(parcel=parcel).values_list("pk", flat=True).first()
        if found is None:
            return None
        row = _lock(found)
        if row.status in {BookingStatus.CANCELLED, BookingStatus.REFUSED}:
            return row
        row.status, row.answered_at = BookingStatus.CANCELLED, at
        row.save(update_fields=["status", "answered_at"])
        fact = facts.BookingCancelled(**_named(row))
        _say(row.parcel.shipment, fact, by=by, at=at, key=f"booking:{row.pk}:off")
    return row


def forget(booking: Booking) -> bool:
    """Ask the postage of a booking back that was called off. Slow, in no transaction; False when the carrier keeps it.

    One that was called off before its carrier's answer came goes by our key: it may have been bought all the same.
    """
    if booking.status != BookingStatus.CANCELLED:
        return True
    carrier = booking.carrier
    reference = booking.reference or str(booking.pk)
    return carriers.vendor(carrier.vendor).cancel(reference=reference, account=carrier.account)


def keeps(booking: uuid.UUID, *, by: Actor = CARRIERS, at: datetime) -> Booking:
    """The carrier keeps the postage of what was called off: somebody is told. Said again, nothing happens."""
    with transaction.atomic():
        row = _lock(booking)
        if row.status != BookingStatus.CANCELLED or row.why:
            return row
        row.why = KEPT
        row.save(update_fields=["why"])
        _say(row.parcel.shipment, facts.PostageKept(**_named(row)), by=by, at=at, key=f"booking:{row.pk}:kept")
    return row
