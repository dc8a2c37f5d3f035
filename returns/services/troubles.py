"""What was not as announced: written down where it was seen, and settled by somebody else."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from returns import facts
from returns.models import Discrepancy, Rma, RmaUnit, Trouble
from returns.services import approval, closing
from revlog.accounts import separations
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody.services import ledger
from revlog.devices.models import Device
from revlog.devices.services import moves
from revlog.logistics.models import Parcel

HOURS_TO_DECIDE = 16
"""Open hours of the hub after which an undecided one is late."""


class UnableToResolve(DomainError):
    code = "unable_to_resolve"


def raise_trouble(
    kind: Trouble,
    *,
    hub: Hub,
    rma: Rma | None = None,
    unit: RmaUnit | None = None,
    device: Device | None = None,
    parcel: Parcel | None = None,
    chain: uuid.UUID | None = None,
    expected: str = "",
    found: str = "",
    money_at_risk: Decimal | None = None,
    currency: str = "EUR",
    by: Actor,
    at: datetime,
) -> Discrepancy:
    """Write it down: on the chain of the (taken) unit, else of the RMA, else of the parcel's shipment, else on ``chain``."""
    row = Discrepancy(
        id=ids.new(at),
        kind=kind.value,
        hub=hub,
        rma=rma,
        unit=unit,
        device=device,
        parcel=parcel,
        expected=expected[:200],
        found=found[:200],
        money_at_risk=money_at_risk,
        currency=currency,
        raised_by=by.reference,
        raised_at=at,
        due_at=hub.calendar.after_hours(at, HOURS_TO_DECIDE),
    )
    row.save(force_insert=True)
    told = {
        "trouble": kind.value,
        "discrepancy": str(row.pk),
        "expected": row.expected or "—",
        "found": row.found or "—",
    }
    if device is not None:
        moves.note(device, fact=facts.UnitTrouble(**told, rma=str(rma.pk) if rma else None), by=by, at=at)
    elif rma is not None:
        approval.say(rma, facts.BoxTrouble(**told), by=by, at=at)
    elif parcel is not None:
        shipment = parcel.shipment
        ledger.append(shipment.pk, facts.BoxTrouble(**told), by=by, at=at, owner=shipment.owner_id, hub=shipment.hub_id)
    elif chain is not None:
        ledger.append(chain, facts.BoxTrouble(**told), by=by, at=at, hub=hub.pk)
    return row


def reasons_against_resolving(row: Discrepancy, *, by: Actor) -> list[Reason]:
    found = []
    if row.resolved_at is not None:
        found.append(Reason("resolved", _("This was settled already: %s") % row.resolution))
    return found + separations.reasons_against("exception_resolution", doer=[row.raised_by], by=by)


def resolve(row: Discrepancy, *, resolution: str, by: Actor, at: datetime) -> Discrepancy:
    """Settle it, in words. Nobody settles what they reported themselves."""
    if not by.may("exceptions.resolve"):
        raise NotAllowed(Reason("not_allowed", _("Settling this needs the right to resolve exceptions.")))
    if not resolution.strip():
        raise BadInput(Reason("no_resolution", _("Say what was decided."), "resolution"))
    with transaction.atomic():
        device_id: uuid.UUID | None = row.device_id
        device = moves.take_one(device_id) if device_id else None
        rma = approval.lock(row.rma_id) if row.rma_id else None
        fresh = (
            Discrepancy.objects.select_for_update(no_key=True, of=("self",))
            .select_related("parcel__shipment", "rma")
            .get(pk=row.pk)
        )
        if found := reasons_against_resolving(fresh, by=by):
            raise UnableToResolve(found)
        fresh.resolved_by, fresh.resolved_at = by.reference, at
        fresh.resolution = resolution.strip()[:300]
        fresh.save(update_fields=["resolved_by", "resolved_at", "resolution"])
        fact = facts.TroubleResolved(trouble=fresh.kind, discrepancy=str(fresh.pk), resolution=fresh.resolution)
        if device is not None:
            moves.note(device, fact=fact, by=by, at=at)
        elif fresh.rma is not None:
            approval.say(fresh.rma, fact, by=by, at=at)
        elif fresh.parcel is not None:
            shipment = fresh.parcel.shipment
            ledger.append(shipment.pk, fact, by=by, at=at, owner=shipment.owner_id, hub=shipment.hub_id)
        if rma is not None:
            closing.settle(rma, by=closing.RULES, at=at)
    return fresh
