"""Putting a transfer together: what goes, by which way, with whom. What didn't fit goes by the same way with the next shipment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization
from revlog.common import ids
from revlog.common.errors import BadInput, Reason
from revlog.custody.services import ledger
from revlog.devices.models import Device
from revlog.logistics import facts as shipping
from revlog.logistics.facts import transfers as facts
from revlog.logistics.models import (
    Cargo,
    CargoStatus,
    Carrier,
    Consignment,
    ConsignmentStatus,
    Direction,
    Leg,
    Mode,
    Shipment,
    Transfer,
    TransferStatus,
)
from revlog.logistics.services.transfers import common, guards, seaboxes
from revlog.logistics.services.transfers.common import CHAIN, PREFIX, UnableToTransfer
from revlog.storage.models import Container

MOST_THINGS = 500
MOST_LEGS = 9


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A leg as somebody plans it."""

    carrier: Carrier
    begins_at: str
    ends_at: str
    planned_from: datetime
    planned_to: datetime
    mode: Mode = Mode.ROAD
    reference: str = ""
    container: str = ""
    seals: Sequence[str] = ()
    vessel: str = ""
    voyage: str = ""


def _require(origin: Hub, by: Actor) -> None:
    common.require(
        common.may_plan(origin, by), _("Planning transfers needs the right to plan, at the site they start from.")
    )


@transaction.atomic
def plan(
    *,
    origin: Hub,
    destination: Hub | None = None,
    receiver: Organization | None = None,
    giver: Organization | None = None,
    address: Sequence[str] = (),
    legs: Sequence[Stretch],
    containers: Sequence[Container] = (),
    devices: Sequence[Device] = (),
    reason: str = "",
    by: Actor,
    at: datetime,
) -> Transfer:
    """A transfer with its first shipment. Raises with every reason why one of the things can't go.

    With a ``giver`` it is a way back: what is with that organization comes to ``origin``, which announces it and takes it in.
    """
    _require(origin, by)
    if giver is not None:
        destination, receiver = origin, None
    taker = destination.organization if destination is not None else receiver
    lines = [line.strip()[:120] for line in address if line.strip()][:5]
    wrong = []
    if taker is None:
        wrong.append(Reason("to", _("Say where it goes."), "destination"))
    if destination is not None and destination.pk == origin.pk and giver is None:
        wrong.append(Reason("to", _("It goes to another site than it comes from."), "destination"))
    if (destination is None or giver is not None) and taker is not None and not lines:
        wrong.append(Reason("address", _("Say at which address."), "address"))
    if giver is not None and not (containers or devices):
        wrong.append(Reason("nothing", _("Choose what comes back."), "codes"))
    if wrong or taker is None:
        raise BadInput(wrong)
    row = Transfer(
        id=ids.new(at), number=ids.code(PREFIX), origin=origin, destination=destination, receiver=taker,
        giver=giver, address=lines, reason=reason.strip()[:200], created_by=by.reference, created_at=at,
    )  # fmt: skip
    row.save(force_insert=True)
    fact = facts.TransferPlanned(
        number=row.number, origin=common.start(row), to=common.to(row), containers=len(containers), units=len(devices)
    )
    ledger.begin(CHAIN, row.pk, fact, by=by, at=at, owner=origin.organization_id, hub=origin.pk)
    keep_legs(row, legs, by=by, at=at)
    if containers or devices:
        add(row, containers=containers, devices=devices, by=by, at=at)
    return row


def _consign(transfer: Transfer, number: int, *, by: Actor, at: datetime) -> Consignment:
    """One more shipment of the transfer, with its chain."""
    direction = Direction.OUTBOUND if transfer.giver_id is None else Direction.INBOUND
    shipment = Shipment(
        id=ids.new(at), number=ids.code("SH"), direction=direction, carrier=None, hub=transfer.origin,
        owner=transfer.origin.organization, reference=f"transfer:{transfer.pk}", created_at=at,
    )  # fmt: skip
    shipment.save(force_insert=True)
    fact = shipping.ShipmentAnnounced(
        number=shipment.number, direction=direction, parcels=0, reference=shipment.reference
    )
    ledger.begin("shipment", shipment.pk, fact, by=by, at=at, owner=shipment.owner_id, hub=transfer.origin_id)
    return Consignment.objects.create(shipment=shipment, transfer=transfer, number=number)


def loading(transfer: Transfer, *, by: Actor, at: datetime) -> Consignment:
    """The shipment that is being loaded; after one was released, the next one, by the same way. The transfer must be locked."""
    found = common.consignment(transfer, ConsignmentStatus.LOADING)
    if found is not None:
        return found
    last = transfer.consignments.order_by("-number").first()
    made = _consign(transfer, last.number + 1 if last is not None else 1, by=by, at=at)
    if last is not None:
        legs = list(last.shipment.legs.select_related("carrier").order_by("number"))
        shift = at - legs[0].planned_from if legs else None
        if shift is not None:
            again = [
                Stretch(
                    carrier=one.carrier, begins_at=one.begins_at, ends_at=one.ends_at, mode=Mode(one.mode),
                    planned_from=one.planned_from + shift, planned_to=one.planned_to + shift,
                )
                for one in legs
            ]  # fmt: skip
            _write_legs(transfer, made, again, by=by, at=at)
    return made


def problems(legs: Sequence[Stretch]) -> list[Reason]:
    """What is wrong with a way as it is planned."""
    found = []
    if not 1 <= len(legs) <= MOST_LEGS:
        found.append(Reason("legs", _("A way has 1 to %s legs.") % MOST_LEGS, "legs"))
    before: Stretch | None = None
    for number, leg in enumerate(legs, 1):
        field = f"legs.{number}"
        if not leg.begins_at.strip() or not leg.ends_at.strip():
            found.append(Reason("ends", _("Leg %s: say from where to where.") % number, field))
        if leg.planned_to <= leg.planned_from:
            found.append(Reason("times", _("Leg %s ends before it begins.") % number, field))
        if before is not None and leg.planned_from < before.planned_to:
            found.append(Reason("times", _("Leg %s begins before the one before it ends.") % number, field))
        box = seaboxes.normal(leg.container)
        if leg.mode == Mode.SEA and not box:
            found.append(Reason("container", _("Leg %s goes by sea: give its container's number.") % number, field))
        if box and not seaboxes.is_valid(box):
            found.append(
                Reason(
                    "container",
                    _(
                        "%(box)s isn't a container's number: it has four letters and seven digits, the last one checks the others."
                    )
                    % {"box": leg.container},
                    field,
                )
            )
        if not leg.carrier.active:
            found.append(Reason("carrier", _("%s isn't used any more.") % leg.carrier.name, field))
        before = leg
    return found


@transaction.atomic
def keep_legs(transfer: Transfer, legs: Sequence[Stretch], *, by: Actor, at: datetime) -> Consignment:
    """By which way the shipment goes that is being loaded: all its legs, as they are from now on."""
    _require(transfer.origin, by)
    if wrong := problems(legs):
        raise BadInput(wrong)
    row = common.lock(transfer.pk)
    _open(row)
    made = loading(row, by=by, at=at)
    _write_legs(row, made, legs, by=by, at=at)
    return made


def _write_legs(transfer: Transfer, made: Consignment, legs: Sequence[Stretch], *, by: Actor, at: datetime) -> None:
    shipment = made.shipment
    shipment.legs.all().delete()
    Leg.objects.bulk_create(
        Leg(
            id=ids.new(at), shipment=shipment, number=number, mode=one.mode, carrier=one.carrier,
            begins_at=one.begins_at.strip()[:120], ends_at=one.ends_at.strip()[:120], planned_from=one.planned_from,
            planned_to=one.planned_to, reference=one.reference.strip()[:40], container=seaboxes.normal(one.container),
            seals=[seal.strip().upper()[:40] for seal in one.seals if seal.strip()][:6],
            vessel=one.vessel.strip()[:80], voyage=one.voyage.strip()[:20],
        )
        for number, one in enumerate(legs, 1)
    )  # fmt: skip
    shipment.carrier = legs[0].carrier
    shipment.save(update_fields=["carrier"])
    fact = facts.LegsPlanned(
        transfer=transfer.number, shipment=shipment.number, legs=len(legs),
        carriers=", ".join(dict.fromkeys(one.carrier.code for one in legs)),
    )  # fmt: skip
    common.say(transfer, fact, by=by, at=at)


def _open(transfer: Transfer) -> None:
    if transfer.status in {TransferStatus.DONE, TransferStatus.CANCELLED}:
        raise UnableToTransfer(Reason("ended", _("Transfer %s is over.") % transfer.number))


@transaction.atomic
def add(
    transfer: Transfer,
    *,
    containers: Sequence[Container] = (),
    devices: Sequence[Device] = (),
    anyway: bool = False,
    by: Actor,
    at: datetime,
) -> list[Cargo]:
    """Put things on the list, all or none. What is on it already stays as it is."""
    _require(transfer.origin, by)
    row = common.lock(transfer.pk)
    _open(row)
    there = {
        key
        for pair in row.cargo.filter(status__in=common.OPEN).values_list("container_id", "device_id")
        for key in pair
    }
    fresh = [
        *(Cargo(container=one) for one in containers if one.pk not in there),
        # As they are now: whoever asks may have read them before somebody held one.
        *(
            Cargo(device=one)
            for one in Device.objects.filter(pk__in=[each.pk for each in devices if each.pk not in there])
        ),
    ]
    if not fresh:
        return []
    if len(there) + len(fresh) > MOST_THINGS:
        raise BadInput(Reason("most", _("A transfer has at most %s things. Put units into containers.") % MOST_THINGS))
    found: list[Reason] = []
    for one in fresh:
        inside = guards.devices_of(one)
        one.id, one.transfer, one.units, one.added = ids.new(at), row, len(inside), anyway
        found += guards.reasons_against_listing(one, inside, row)
    if found:
        raise UnableToTransfer(guards.named(found))
    try:
        with transaction.atomic():
            Cargo.objects.bulk_create(fresh)
    except IntegrityError as error:
        raise UnableToTransfer(_other(fresh)) from error
    common.say(row, facts.CargoListed(transfer=row.number, things=len(fresh), added=anyway), by=by, at=at)
    return fresh


def _other(fresh: Sequence[Cargo]) -> list[Reason]:
    """On which other transfer these things are."""
    rows = Cargo.objects.filter(status__in=common.OPEN).select_related("transfer", "container", "device")
    taken = [
        *rows.filter(container__in=[one.container_id for one in fresh if one.container_id])[: guards.MOST_NAMED],
        *rows.filter(device__in=[one.device_id for one in fresh if one.device_id])[: guards.MOST_NAMED],
    ]
    return [
        Reason("taken", _("%(code)s is on transfer %(number)s.") % {"code": one.code, "number": one.transfer.number})
        for one in taken
    ] or [Reason("taken", _("Something of it is on another transfer."))]


@transaction.atomic
def leave_out(cargo: Cargo, *, by: Actor, at: datetime) -> Cargo:
    """It doesn't go after all: off the list, before it was loaded."""
    _require(cargo.transfer.origin, by)
    transfer = common.lock(cargo.transfer_id)
    row = Cargo.objects.select_related("container", "device").get(pk=cargo.pk)
    if row.status == CargoStatus.LEFT_OUT:
        return row
    if row.status != CargoStatus.LISTED:
        raise UnableToTransfer(Reason("loaded", _("%s is loaded already. Take it off first.") % row.code))
    row.status = CargoStatus.LEFT_OUT
    row.save(update_fields=["status"])
    common.say(transfer, facts.CargoLeftOut(transfer=transfer.number, code=row.code), by=by, at=at)
    common.finish(transfer, by=by, at=at)
    return row


@transaction.atomic
def cancel(transfer: Transfer, *, by: Actor, at: datetime) -> Transfer:
    """Nothing of it has left: it is called off, and its things are free for others."""
    _require(transfer.origin, by)
    row = common.lock(transfer.pk)
    if row.status == TransferStatus.CANCELLED:
        return row
    if row.status != TransferStatus.PLANNED:
        raise UnableToTransfer(Reason("left", _("Something of transfer %s has left already.") % row.number))
    row.cargo.filter(status__in=common.OPEN).update(status=CargoStatus.LEFT_OUT)
    row.status, row.done_at = TransferStatus.CANCELLED, at
    row.save(update_fields=["status", "done_at"])
    common.say(row, facts.TransferCancelled(number=row.number), by=by, at=at)
    return row
