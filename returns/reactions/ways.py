"""What follows from facts about the way that returns travel: carriers asked, labels made, handovers by a carrier's word."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from returns.facts import ways as facts
from returns.models import Rma
from returns.services import approval, labels
from returns.services.ways import booking, handing
from revlog.accounts import actors
from revlog.custody.models import Entry
from revlog.custody.outbox import on
from revlog.logistics import carriers
from revlog.logistics import facts as logistics_facts
from revlog.logistics.models import Booking, BookingStatus, Parcel
from revlog.logistics.services import bookings

LABELS = actors.system("returns.labels")
Finish = Callable[[], object]


def _booking(entry: Entry) -> Booking:
    return Booking.objects.select_related("parcel__shipment", "carrier", "label", "code").get(
        pk=uuid.UUID(str(entry.payload["booking"]))
    )


@on(logistics_facts.BookingAsked, queue="outside", slow=True)
def ask_carrier(entry: Entry, *, at: datetime) -> Finish | None:
    """Ask the carrier to carry a return's parcel; what it refuses for good leaves the customer a label of ours."""
    row = _booking(entry)
    if row.status == BookingStatus.CANCELLED and not row.reference:
        # It may have been bought by a worker who never heard the answer, after the postage was asked back.
        return _given_back(row, at=at)
    rma = booking.rma_of(row)
    if rma is None or row.status != BookingStatus.ASKED:
        return None
    try:
        made = bookings.attempt(row, booking.wanted(rma, row), at=at)
    except carriers.Refused as refusal:
        why, code = refusal.sentence, refusal.code
        return lambda: bookings.refused(row.pk, why=why, code=code, at=at)
    return lambda: bookings.booked(row.pk, made, at=at)


@on(logistics_facts.BookingCancelled, queue="outside", slow=True)
def give_postage_back(entry: Entry, *, at: datetime) -> Finish | None:
    """Ask back what was paid for a parcel that is sent another way, or not at all."""
    return _given_back(_booking(entry), at=at)


def _given_back(row: Booking, *, at: datetime) -> Finish | None:
    if bookings.forget(row):
        return None
    return lambda: bookings.keeps(row.pk, at=at)


@on(logistics_facts.Booked, logistics_facts.BookingRefused, queue="documents", slow=True)
def label_of_carrier(entry: Entry, *, at: datetime) -> Finish | None:
    """The carrier has answered: its label, or ours in its place."""
    rma = booking.rma_of(_booking(entry))
    if rma is None:
        return None
    made = labels.draw(rma, at=entry.occurred_at)
    return lambda: labels.issue(rma, made, by=LABELS, at=at)


@on(logistics_facts.BookingRefused)
def tell_of_refusal(entry: Entry, *, at: datetime) -> None:
    """The return says so too: where a code was to print the label, there is one to print now."""
    rma = booking.rma_of(_booking(entry))
    if rma is None:
        return
    told = entry.payload
    fact = facts.LabelRefused(number=rma.number, parcel=told["parcel"], tracking=told["tracking"])
    approval.say(approval.lock(rma.pk), fact, by=LABELS, at=at, key=f"label_refused:{told['booking']}")


@on(facts.WayChosen, queue="documents", slow=True)
def labels_of_way(entry: Entry, *, at: datetime) -> Finish | None:
    """Another way may need a label that there isn't yet."""
    rma = Rma.objects.select_related("contact", "hub__organization", "seller").filter(pk=entry.chain_id).first()
    if rma is None:
        return None
    made = labels.draw(rma, at=entry.occurred_at)
    return lambda: labels.issue(rma, made, by=LABELS, at=at)


@on(logistics_facts.ParcelScanned)
def hear_carrier(entry: Entry, *, at: datetime) -> None:
    """What the carrier says of a parcel, for the returns in it."""
    parcel = Parcel.objects.select_related("shipment__carrier").get(pk=uuid.UUID(str(entry.payload["parcel"])))
    handing.scanned(parcel, entry.payload["scan"], at=at)
