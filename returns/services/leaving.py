"""The two queues of returns by which units leave: back to stock, and back to whom they belong to."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts
from returns.models import RmaUnit, UnitStatus, VendorReturnLine
from returns.services import approval, closing, repairing
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.devices.journey import CLEARED, Data, Disposition
from revlog.devices.models import Device
from revlog.devices.services import moves
from revlog.logistics.models import Direction
from revlog.logistics.services import parcels


class UnableToRestock(DomainError):
    """The unit can't go back to stock now."""

    code = "unable_to_restock"


class UnableToSendBack(DomainError):
    """The unit can't be sent back now."""

    code = "unable_to_send_back"


def reasons_against_restocking(device: Device) -> list[Reason]:
    """Why it can't go on the shelf: what the guards say, and that it must be ours (or the retailer's) to put there."""
    found = moves.reasons_against(device, moves.RESTOCK)
    if not device.authority:
        found.append(Reason("no_authority", _("nobody has accepted it as return yet")))
    return found


def restock(device: Device, *, place: str, by: Actor, at: datetime) -> Device:
    """Hand it to the stock it came from; ``place`` is what the stock calls the shelf. Its visit ends."""
    if not by.may("returns.restock"):
        raise NotAllowed(Reason("not_allowed", _("Restocking needs the right to hand units over to stock.")))
    if not place.strip():
        raise BadInput(Reason("no_place", _("Say where in the stock it goes."), "place"))
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        if found := reasons_against_restocking(taken):
            raise UnableToRestock([Reason(found[0].code, moves.refusal(taken, moves.RESTOCK, found))])
        moves.advance(
            taken,
            moves.RESTOCK,
            fact=facts.Restocked(place=place.strip()[:60]),
            by=by,
            at=at,
            set={"location_id": None},
        )
    return taken


def _receiver(device: Device) -> str:
    """Who gets it: the vendor by its route, the customer of a return, else its owner."""
    if device.disposition == Disposition.RETURN_TO_VENDOR:
        return "vendor"
    return "customer" if RmaUnit.objects.filter(device=device, status__in=_OPEN).exists() else "owner"


_OPEN = (UnitStatus.RECEIVED, UnitStatus.REFUSED)


def reasons_against_sending_back(device: Device) -> list[Reason]:
    """Why it can't leave: holds, its place in the journey, and data that isn't its receiver's."""
    cleared = Data(device.data) in CLEARED
    before, device.exit = device.exit, "" if cleared else "title_holder"
    found = moves.reasons_against(device, moves.SEND_BACK)
    device.exit = before
    if not cleared and _receiver(device) == "vendor":
        found.append(Reason("not_its_data", _("its data may not go to a vendor; wipe it first")))
    elif not cleared and device.authority and not RmaUnit.objects.filter(device=device, status__in=_OPEN).exists():
        found.append(Reason("not_its_data", _("it was accepted and is ours now; wipe it before it leaves")))
    on_list = VendorReturnLine.objects.filter(device=device, is_open=True).select_related("rtv").first()
    if on_list is not None:
        found.append(Reason("on_vendor_return", _("it goes with %s") % on_list.rtv.number))
    return found + repairing.reasons_against_leaving(device)


def send_back(device: Device, *, tracking: str = "", hub: Hub, by: Actor, at: datetime) -> Device:
    """Send it to whom it belongs to. With data on it only to the title holder, whose data it is; the entry says so."""
    if not by.may("returns.send_back"):
        raise NotAllowed(Reason("not_allowed", _("Sending units back needs the right to do so.")))
    with transaction.atomic():
        taken = moves.take_one(device.pk)
        if found := reasons_against_sending_back(taken):
            raise UnableToSendBack([Reason(found[0].code, moves.refusal(taken, moves.SEND_BACK, found))])
        receiver = _receiver(taken)
        unit = RmaUnit.objects.filter(device=taken, status__in=_OPEN).select_related("line").first()
        rma = approval.lock(unit.line.rma_id) if unit is not None else None
        sent = parcels.announce(
            direction=Direction.OUTBOUND,
            hub=hub,
            owner=taken.owner,
            reference=f"rma:{rma.pk}" if rma else f"unit:{taken.pk}",
            tracking="".join(tracking.split()),
            by=by,
            at=at,
        )
        parcel = sent.parcels[0]
        cleared = Data(taken.data) in CLEARED
        moves.advance(
            taken,
            moves.SEND_BACK,
            fact=facts.SentBack(
                tracking=parcel.tracking,
                to=receiver,
                shipment=sent.shipment.number,
                rma=str(rma.pk) if rma else None,
                with_data=None if cleared else True,
            ),
            by=by,
            at=at,
            set={"exit": "" if cleared else "title_holder", "location_id": None},
        )
        parcels.release(
            sent.shipment,
            giver=hub.code,
            taker=sent.shipment.carrier.code if sent.shipment.carrier else "carrier",
            parcels=1,
            by=by,
            at=at,
        )
        if unit is not None and rma is not None:
            unit.status, unit.settled_at, unit.settled_by = UnitStatus.SENT_BACK, at, by.reference
            unit.save(update_fields=["status", "settled_at", "settled_by"])
            closing.settle(rma, by=by, at=at)
    return taken
