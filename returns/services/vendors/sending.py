"""Packing and shipping what a supplier takes back, with the money that it moves."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts as returns_facts
from returns.facts import vendors as facts
from returns.figures import VENDORS
from returns.models import RtvStatus, VendorReturn, VendorReturnLine
from returns.services import supplier_claims
from returns.services.vendors import returning
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody.models import Entry
from revlog.devices.models import Allocation, Device
from revlog.devices.services import money, moves
from revlog.logistics.models import Direction
from revlog.logistics.services import parcels as parcel_verbs
from revlog.terms import queries as terms


def reasons_against_leaving(
    rtv: VendorReturn, lines: Sequence[VendorReturnLine], devices: dict[uuid.UUID, Device], *, wanted: str, on: date
) -> list[Reason]:
    """Why it can't be packed (``authorized``) or shipped (``packed``): its status, the supplier's day, and each of its units."""
    if rtv.status != wanted:
        return [returning.wrong_status(rtv)]
    found = []
    if rtv.until is not None and on > rtv.until:
        told = _("The supplier took it until %s; ask them for another day.") % rtv.until.isoformat()
        found.append(Reason("lapsed", told))
    promised = set(
        Allocation.objects.filter(device__in=list(devices), released_at=None).values_list("device_id", flat=True)
    )
    for line in lines:
        device = devices[line.device_id]
        against = moves.reasons_against(device, moves.SEND_BACK)
        if device.quantity != line.quantity:
            told_count = {"there": device.quantity, "listed": line.quantity}
            against.append(Reason("count", _("%(there)s pieces are there, %(listed)s are on the list") % told_count))
        if device.pk in promised:
            against.append(Reason("promised", _("it is promised to somebody")))
        if against:
            found.append(Reason(against[0].code, moves.refusal(device, moves.SEND_BACK, against)))
    return found


def pack(rtv: VendorReturn, *, parcels: int = 1, by: Actor, at: datetime) -> VendorReturn:
    """Everything is in its boxes; the paper that travels with it is made from now on."""
    if not by.may("returns.vendor") and not by.may("returns.send_back"):
        raise NotAllowed(Reason("not_allowed", _("Packing needs the right to send units back.")))
    if not 1 <= parcels <= 99:
        raise BadInput(Reason("parcels", _("A shipment has 1 to 99 parcels."), "parcels"))
    with transaction.atomic():
        row, lines, devices = returning.lock(rtv)
        if found := reasons_against_leaving(row, lines, devices, wanted=RtvStatus.AUTHORIZED, on=at.date()):
            raise returning.UnableToReturn(found)
        row.pack()
        row.parcels, row.packed_at, row.packed_by = parcels, at, by.reference
        row.save()
        returning.say(
            row,
            facts.VendorReturnPacked(number=row.number, pieces=sum(one.quantity for one in lines), parcels=parcels),
            by=by,
            at=at,
        )
    return row


def ship(rtv: VendorReturn, *, tracking: str = "", by: Actor, at: datetime) -> VendorReturn:
    """It leaves: one shipment, every unit's chain says so, and what it cost stands as claim in the book of whose each was."""
    if not by.may("returns.vendor") and not by.may("returns.send_back"):
        raise NotAllowed(Reason("not_allowed", _("Shipping needs the right to send units back.")))
    with transaction.atomic():
        row, lines, devices = returning.lock(rtv)
        if found := reasons_against_leaving(row, lines, devices, wanted=RtvStatus.PACKED, on=at.date()):
            raise returning.UnableToReturn(found)
        sent = parcel_verbs.announce(
            direction=Direction.OUTBOUND,
            hub=row.hub,
            owner=row.hub.organization,
            reference=f"vendor_return:{row.pk}",
            parcels=row.parcels,
            tracking="".join(tracking.split()),
            by=by,
            at=at,
        )
        first = sent.parcels[0].tracking
        ordered = [devices[line.device_id] for line in lines]
        moves.advance_many(
            ordered,
            moves.SEND_BACK,
            facts=[
                returns_facts.SentBack(tracking=first, to="vendor", shipment=sent.shipment.number) for _one in ordered
            ],
            by=by,
            at=at,
            set={"location_id": None},
        )
        carrier = sent.shipment.carrier
        parcel_verbs.release(
            sent.shipment,
            giver=row.hub.code,
            taker=carrier.code if carrier else "carrier",
            parcels=row.parcels,
            by=by,
            at=at,
        )
        row.ship()
        row.shipped_at, row.shipment = at, sent.shipment
        row.credit_by = at + timedelta(days=int(VENDORS.in_force(at)["credit_days"]))
        row.save()
        entry = returning.say(
            row,
            facts.VendorReturnShipped(
                number=row.number,
                shipment=sent.shipment.number,
                tracking=first,
                pieces=sum(one.quantity for one in lines),
                value=str(sum((one.value for one in lines), Decimal(0))),
                currency=row.currency,
                credit_by=row.credit_by.isoformat(),
            ),
            by=by,
            at=at,
        )
        for line in lines:
            post(row, line, entry, account="claim", amount=line.value, step="shipped", at=at)
    return row


def post(
    rtv: VendorReturn, line: VendorReturnLine, entry: Entry, *, account: str, amount: Decimal, step: str, at: datetime
) -> None:
    """One line of money of a return, once, in the book of whose the unit was."""
    if amount:
        money.post(
            entry=entry, account=account, amount=amount, currency=rtv.currency,
            book=supplier_claims.book_of(line.device), device=line.device, party=rtv.supplier, at=at,
            key=f"rtv:{line.pk}:{step}", rate=terms.rate(rtv.currency, at=at) or Decimal(1),
        )  # fmt: skip
