"""A return leaves its customer's hands, said by whoever took it: a carrier's scan, a counter, a van. Then money may be due."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django_fsm import can_proceed

from returns import facts
from returns.facts import ways as way_facts
from returns.models import Rma, RmaUnit, UnitStatus
from returns.services import approval, owing
from revlog.accounts import actors
from revlog.accounts.actors import Actor
from revlog.devices.models.device import Tracking
from revlog.logistics.carriers import ON_ITS_WAY
from revlog.logistics.models import Parcel, Place
from revlog.logistics.services import parcels

CARRIERS = actors.system("returns.carriers")
TOLD = frozenset({"out_for_delivery", "waiting", "going_back", "trouble"})
"""What a customer is told of beyond that it is on its way."""


def taken_over(
    rma: uuid.UUID, *, giver: str, taker: str, place: Place | None = None, pay: bool = True, by: Actor, at: datetime
) -> Rma:
    """Somebody other than its customer says that they have it. Said again, nothing happens.

    Where the rules pay on handover, what is due for its units is due now, before anybody has looked into the parcel;
    without ``pay`` the caller says for which (``pay_for``). What a counter or the dock has looked at they have paid, or not paid,
    by what they found: no later word pays for it, nor for what is missing once something of the return is here.
    """
    with transaction.atomic():
        row = approval.lock(rma)
        if can_proceed(row.hand_over):
            row.hand_over()
            row.handed_over_at, row.place = at, place
            row.save()
            links = list(row.parcel_links.select_related("parcel__shipment"))
            for link in links:
                parcels.release(link.parcel.shipment, giver=giver, taker=taker, parcels=1, by=by, at=at)
            approval.say(row, facts.HandedOver(number=row.number, parcels=max(len(links), 1)), by=by, at=at)
        if pay and row.arrived_at is None:
            units = RmaUnit.objects.filter(line__rma=row, status=UnitStatus.EXPECTED, bag=None)
            for unit in units.select_related("line__order_line", "line__rma", "device"):
                pay_for(unit, row, at=at)
    return row


def pay_for(unit: RmaUnit, rma: Rma, *, at: datetime) -> None:
    """What is due for one thing on handover, where the rules pay then; a counted lot has to be counted first."""
    if rma.refund_on != "handover" or unit.line.order_line.tracking == Tracking.COUNTED:
        return
    if unit.line.wanted in owing.PAID_BACK:
        owing.due_early(unit, rma, at=at)


def scanned(parcel: Parcel, scan: str, *, at: datetime) -> None:
    """What a carrier says of a parcel, for the returns in it."""
    status = scan.removeprefix("scan.")
    for link in parcel.rma_links.order_by("rma_id").select_related("rma"):
        if not link.rma.is_open:
            continue
        if status in ON_ITS_WAY:
            carrier = parcel.shipment.carrier
            taken_over(link.rma_id, giver="customer", taker=carrier.code if carrier else "carrier", by=CARRIERS, at=at)
        if status in TOLD:
            with transaction.atomic():
                row = approval.lock(link.rma_id)
                fact = way_facts.ParcelUnderway(
                    number=row.number, parcel=str(parcel.pk), tracking=parcel.tracking, scan=scan
                )
                approval.say(row, fact, by=CARRIERS, at=at)
