"""At the customer's door: what the driver says of a pickup, and what it means for the return."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from returns.facts import ways as facts
from returns.models import Rma
from returns.services import approval
from returns.services.ways import handing
from revlog.accounts.actors import Actor
from revlog.common.errors import NotAllowed, Reason
from revlog.evidence.models import Artifact
from revlog.logistics.models import Pickup, PickupStatus
from revlog.logistics.services import pickups


def may_drive(by: Actor) -> None:
    if not by.may("logistics.drive") and not by.may("logistics.handover"):
        raise NotAllowed(Reason("not_allowed", _("Confirming pickups needs the right to drive.")))


def return_of(pickup: Pickup) -> Rma | None:
    kind, _mark, key = pickup.reference.partition(":")
    if kind != "rma":
        return None
    return Rma.objects.select_related("contact", "seller", "hub").filter(pk=uuid.UUID(key)).first()


def returns_of(pickups: Iterable[Pickup]) -> dict[uuid.UUID, Rma]:
    """The returns of many pickups with their lines, each by its pickup."""
    wanted = {row.pk: uuid.UUID(row.reference[4:]) for row in pickups if row.reference.startswith("rma:")}
    rows = Rma.objects.select_related("contact", "seller", "hub").prefetch_related("lines__order_line")
    found = rows.in_bulk(set(wanted.values()))
    return {pickup: found[key] for pickup, key in wanted.items() if key in found}


def picked_up(pickup: Pickup, *, signed_by: str, photo: Artifact | None = None, by: Actor, at: datetime) -> Pickup:
    """The driver has it, and who handed it over has signed. Said again, nothing happens."""
    may_drive(by)
    with transaction.atomic():
        rma = return_of(pickup)
        if rma is not None:
            approval.lock(rma.pk)
        row = pickups.done(pickup, signed_by=signed_by, photo=photo, by=by, at=at)
        if rma is not None:
            handing.taken_over(rma.pk, giver="customer", taker="van", by=by, at=at)
    return row


def nobody_there(pickup: Pickup, *, by: Actor, at: datetime) -> Pickup:
    """Nobody opened: the customer is written, and chooses another time."""
    may_drive(by)
    with transaction.atomic():
        rma = return_of(pickup)
        locked = approval.lock(rma.pk) if rma is not None else None
        before = pickup.status
        row = pickups.missed(pickup, by=by, at=at)
        if locked is not None and before == PickupStatus.BOOKED:
            fact = facts.PickupMissed(number=locked.number, pickup=row.number)
            approval.say(locked, fact, by=by, at=at, key=f"missed:{row.pk}")
    return row
