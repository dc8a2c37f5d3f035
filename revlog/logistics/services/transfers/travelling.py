"""Leg by leg: what came to a cross-dock and left it with the next carrier, and the clock of what is late."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor, system
from revlog.accounts.models import Hub
from revlog.common.errors import NotFound, Reason
from revlog.devices.models import HoldKind
from revlog.logistics.facts import transfers as facts
from revlog.logistics.models import (
    CargoStatus,
    Carrier,
    Consignment,
    Grace,
    Leg,
    Transfer,
)
from revlog.logistics.queries import clocks
from revlog.logistics.services import parcels
from revlog.logistics.services.transfers import common
from revlog.logistics.services.transfers.common import Contents, UnableToTransfer
from revlog.storage.services.containers import keeping

CLOCK = system("transfers")


def _require(transfer: Transfer, by: Actor) -> None:
    """Whoever plans it writes down what carriers report from the road, at either end."""
    sites = [transfer.origin, transfer.destination]
    allowed = (by.may("logistics.plan") or by.may("logistics.handover")) and any(
        common.works_at(by, one) for one in sites if one is not None
    )
    common.require(allowed, _("What happens on the road is written down by the people of the two sites."))


def _leg(pk: uuid.UUID) -> tuple[Leg, Consignment]:
    row = Leg.objects.select_related("carrier", "shipment__consignment__transfer").filter(pk=pk).first()
    if row is None:
        raise NotFound(Reason("not_found", _("There is no such leg.")))
    return row, row.shipment.consignment


@transaction.atomic
def came(leg: Leg, *, when: datetime | None = None, by: Actor, at: datetime) -> Leg:
    """The shipment came to the end of this leg: a cross-dock, a port, the place where it goes. Said once."""
    _before, made = _leg(leg.pk)
    _require(made.transfer, by)
    transfer = common.lock(made.transfer_id)
    row, made = _leg(leg.pk)
    if row.came_at is not None:
        return row
    then = when or at
    if row.left_at is None:
        raise UnableToTransfer(Reason("not_left", _("It hasn't left %s yet.") % row.begins_at))
    if not row.left_at <= then <= at:
        raise UnableToTransfer(Reason("when", _("It can't have come before it left, nor later than now."), "when"))
    row.came_at = then
    row.save(update_fields=["came_at"])
    fact = facts.LegCame(
        transfer=transfer.number, shipment=row.shipment.number, leg=row.number, carrier=row.carrier.code,
        place=row.ends_at,
    )  # fmt: skip
    common.say(transfer, fact, by=by, at=at)
    return row


@transaction.atomic
def left(leg: Leg, *, when: datetime | None = None, by: Actor, at: datetime) -> Leg:
    """It left with the next carrier: custody passes from the one to the other, and each thing's chain says so."""
    before, made = _leg(leg.pk)
    _require(made.transfer, by)
    former = before.shipment.legs.select_related("carrier").filter(number=before.number - 1).first()
    changes = former is not None and former.carrier_id != before.carrier_id
    cargo = before.shipment.cargo.filter(status=CargoStatus.UNDER_WAY).select_related("container__location__hub")
    things = common.take(cargo.order_by("id")) if changes else []
    transfer = common.lock(made.transfer_id)
    row, made = _leg(leg.pk)
    if row.left_at is not None:
        return row
    if former is None or made.status not in clocks.TRAVELS:
        raise UnableToTransfer(Reason("not_released", _("It leaves our site when the driver signs.")))
    former.refresh_from_db()
    then = when or at
    if former.came_at is None:
        raise UnableToTransfer(Reason("not_come", _("It hasn't come to %s yet.") % row.begins_at))
    if not former.came_at <= then <= at:
        raise UnableToTransfer(Reason("when", _("It can't have left before it came, nor later than now."), "when"))
    row.left_at = then
    row.save(update_fields=["left_at"])
    fact = facts.LegLeft(
        transfer=transfer.number, shipment=row.shipment.number, leg=row.number, carrier=row.carrier.code,
        place=row.begins_at, mode=f"mode.{row.mode}",
    )  # fmt: skip
    common.say(transfer, fact, by=by, at=at)
    if changes:
        _pass_on(transfer, row, former.carrier, things, by=by, at=at)
    return row


def _pass_on(
    transfer: Transfer, leg: Leg, giver: Carrier, things: Sequence[Contents], *, by: Actor, at: datetime
) -> None:
    told = {
        "transfer": transfer.number, "shipment": leg.shipment.number, "giver": giver.code,
        "carrier": leg.carrier.code, "place": leg.begins_at,
    }  # fmt: skip
    keeper = common.keeper(leg.carrier, transfer)
    for one in things:
        changed = [unit for unit in one.devices if unit.custodian_id != keeper and HoldKind.AWAY in unit.holds]
        common.note(changed, facts.UnitPassedOn(**told), away=True, by=by, at=at, columns={"custodian_id": keeper})
        if (container := one.cargo.container) is not None:
            root = keeping.contents(container).root
            keeping.say(container, facts.ContainerPassedOn(**told, root=root), by=by, at=at)
    open_one = leg.shipment.handovers.filter(accepted_at=None).exists()
    if open_one:
        # Its driver didn't sign when it left us; that it was handed on says that he had it.
        parcels.accept(leg.shipment, taker=giver.code, parcels=len(things), by=by, at=at)
    parcels.release(leg.shipment, giver=giver.code, taker=leg.carrier.code, parcels=len(things), by=by, at=at)
    parcels.accept(leg.shipment, taker=leg.carrier.code, parcels=len(things), by=by, at=at)


# The clock --------------------------------------------------------------------------------------------------------------------------


def say_late(*, at: datetime) -> int:
    """Say of each leg that has become late that it is, once: the mail to the lead follows from it."""
    told = 0
    for leg, when in clocks.late(clocks.on_the_way().filter(overdue_at=None), at=at):
        with transaction.atomic():
            transfer = common.lock(leg.shipment.consignment.transfer_id)
            if not Leg.objects.filter(pk=leg.pk, overdue_at=None, came_at=None).update(overdue_at=at):
                continue
            fact = facts.LegOverdue(
                transfer=transfer.number, shipment=leg.shipment.number, leg=leg.number, carrier=leg.carrier.code,
                place=leg.ends_at, due=when.isoformat(),
            )  # fmt: skip
            common.say(transfer, fact, by=CLOCK, at=at, key=f"late:{leg.pk}")
            told += 1
    return told


def keep_grace(*, hub: Hub | None, carrier: Carrier | None, hours: int, by: Actor) -> Grace:
    """How many hours of grace a carrier has at a site; either may be left open."""
    common.require(by.may("logistics.carriers"), _("This needs the right to keep carriers and their accounts."))
    row, _made = Grace.objects.update_or_create(hub=hub, carrier=carrier, defaults={"hours": hours})
    return row
