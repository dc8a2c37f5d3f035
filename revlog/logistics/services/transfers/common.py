"""What every verb of transfers needs: who may, the row under lock, what is in a thing, and whose hands it is in.

Locks: units first, then containers with all that they stand in, then the transfer, then chains.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import DomainError, NotAllowed, NotFound, Reason
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.models import Device, Hold, HoldKind, Location, LocationKind
from revlog.devices.services import moves, placing
from revlog.logistics.facts import transfers as facts
from revlog.logistics.models import (
    Cargo,
    CargoStatus,
    Carrier,
    Consignment,
    ConsignmentStatus,
    Shipment,
    Transfer,
    TransferStatus,
)
from revlog.storage.models import Container
from revlog.storage.queries import containers as stores

CHAIN = "transfer"
PREFIX = "TR"
OPEN = (CargoStatus.LISTED.value, CargoStatus.LOADED.value, CargoStatus.UNDER_WAY.value)
Group = tuple[Device, Fact]


class UnableToTransfer(DomainError):
    """The transfer, or a thing of it, can't be handled like this now; the sentence says what to do with the thing in the hand."""

    code = "unable_to_transfer"


def works_at(by: Actor, hub: Hub) -> bool:
    return by.kind == ActorKind.SYSTEM or hub.is_worked_by(by)


def may_plan(transfer_from: Hub, by: Actor) -> bool:
    return (by.may("logistics.plan") or by.may("logistics.handover")) and works_at(by, transfer_from)


def may_release(transfer: Transfer, by: Actor) -> bool:
    """The people of the site that it leaves; what comes back from another organization is loaded by its own people."""
    return transfer.giver_id is None and by.may("logistics.handover") and works_at(by, transfer.origin)


def may_accept(transfer: Transfer, by: Actor) -> bool:
    """The people of the site that it goes to; where it goes to another organization, that one's own."""
    if transfer.destination is not None and works_at(by, transfer.destination):
        return by.may("logistics.accept")
    return _signs_for(by, transfer.receiver_id)


def may_hand_back(transfer: Transfer, by: Actor) -> bool:
    """The people of the organization that it comes back from."""
    return transfer.giver_id is not None and _signs_for(by, transfer.giver_id)


def _signs_for(by: Actor, organization: uuid.UUID) -> bool:
    return not by.is_operator and by.organization_id == organization and by.may("logistics.accept")


def may_settle(transfer: Transfer, by: Actor) -> bool:
    return by.may("exceptions.assign") and any(
        works_at(by, hub) for hub in (transfer.origin, transfer.destination) if hub is not None
    )


def require(allowed: bool, sentence: str) -> None:  # noqa: FBT001
    if not allowed:
        raise NotAllowed(Reason("not_allowed", sentence))


def lock(pk: uuid.UUID) -> Transfer:
    """The transfer as it is now, locked until the transaction ends; after units and places, before chains."""
    return (
        Transfer.objects.select_for_update(no_key=True, of=("self",))
        .select_related("origin__organization", "destination__organization", "receiver", "giver")
        .get(pk=pk)
    )


def say(transfer: Transfer, fact: Fact, *, by: Actor, at: datetime, key: str = "") -> Entry:
    return ledger.append(
        transfer.pk, fact, by=by, at=at, key=key, owner=transfer.origin.organization_id, hub=transfer.origin_id
    )


def to(transfer: Transfer) -> str:
    """Where it goes, as facts name it: a site's code, an organization's."""
    return transfer.destination.code if transfer.destination is not None else transfer.receiver.code


def to_people(transfer: Transfer) -> str:
    return transfer.destination.name if transfer.destination is not None else transfer.receiver.name


def start(transfer: Transfer) -> str:
    """Where it begins, as facts name it: a site's code, or that of the organization that it comes back from."""
    return transfer.giver.code if transfer.giver is not None else transfer.origin.code


def start_people(transfer: Transfer) -> str:
    return transfer.giver.name if transfer.giver is not None else transfer.origin.name


def keeper(carrier: Carrier, transfer: Transfer) -> uuid.UUID:
    """Who has custody while it carries: the carrier's organization; our own, where it is our van."""
    return carrier.organization_id or transfer.origin.organization_id


@dataclass(frozen=True)
class Contents:
    """The units that one thing of a transfer brings along, taken under lock."""

    cargo: Cargo
    devices: Sequence[Device]


def take(cargo: Iterable[Cargo]) -> list[Contents]:
    """Lock all units of these things, then the containers. Raises where something was moved while they were had."""
    rows = list(cargo)
    keys = {row.pk: _units(row) for row in rows}
    every = [key for some in keys.values() for key in some]
    taken = {one.pk: one for one in moves.take(sorted(set(every)))}
    if len(every) > len(taken):
        twice = next(key for key in every if every.count(key) > 1)
        raise UnableToTransfer(
            Reason("twice", _("%s goes by itself and in a container: leave one of them out.") % taken[twice].tag)
        )
    loose = [taken[keys[row.pk][0]].location_id for row in rows if row.container is None and keys[row.pk]]
    boxes = Location.objects.filter(pk__in=[one for one in loose if one is not None], kind=LocationKind.CONTAINER)
    placing.hold(
        sorted(
            {*(row.container_id for row in rows if row.container_id is not None), *boxes.values_list("pk", flat=True)}
        )
    )
    # As they are under the lock: a lid may have been opened, or a seal broken, while it was waited for.
    boxes_now = Container.objects.select_related("location__hub", "location__parent", "owner").in_bulk(
        [row.container_id for row in rows if row.container_id is not None]
    )
    for row in rows:
        if row.container_id is not None:
            row.container = boxes_now[row.container_id]
        if row.container is not None and _units(row) != keys[row.pk]:
            raise UnableToTransfer(Reason("moved", _("Somebody else is at %s now; scan it again.") % row.code))
    return [Contents(row, [taken[key] for key in keys[row.pk]]) for row in rows]


def _units(row: Cargo) -> list[uuid.UUID]:
    if row.container is None:
        return [row.device_id] if row.device_id is not None else []
    return list(stores.inside(row.container).values_list("pk", flat=True))


def note(
    devices: Sequence[Device], fact: Fact, *, away: bool, by: Actor, at: datetime, columns: dict[str, object]
) -> list[Entry]:
    """Say the fact on each unit's chain with its new custodian, set-based; ``away`` says whether it is away from then on."""
    entries: dict[uuid.UUID, Entry] = {}
    alike: dict[tuple[str, ...], list[Device]] = {}
    for device in devices:
        others = {kind for kind in device.holds if kind != HoldKind.AWAY}
        alike.setdefault(tuple(sorted(others | ({HoldKind.AWAY.value} if away else set()))), []).append(device)
    for holds, some in sorted(alike.items()):
        made = moves.note_many(some, facts=[fact] * len(some), by=by, at=at, set={**columns, "holds": list(holds)})
        entries |= {one.chain_id: one for one in made}
    return [entries[key] for key in sorted(entries)]


def hold_away(devices: Sequence[Device], why: str, *, by: Actor, at: datetime) -> None:
    Hold.objects.bulk_create(
        [
            Hold(id=ids.new(at), device=one, kind=HoldKind.AWAY, reason=why[:300], placed_by=by.reference, placed_at=at)
            for one in devices
        ],
        batch_size=1000,
    )


def end_away(devices: Sequence[Device], *, by: Actor, at: datetime) -> None:
    Hold.objects.filter(device__in=[one.pk for one in devices], kind=HoldKind.AWAY, released_at=None).update(
        released_at=at, released_by=by.reference
    )


def consignment(transfer: Transfer, *statuses: ConsignmentStatus) -> Consignment | None:
    rows = transfer.consignments.select_related("shipment__carrier").order_by("number")
    return rows.filter(status__in=[str(one) for one in statuses]).first()


def carrier_of(shipment: Shipment) -> Carrier:
    """Who has it now: the carrier of the last leg that has begun, else of the first."""
    legs = list(shipment.legs.select_related("carrier").order_by("number"))
    begun = [one for one in legs if one.left_at is not None]
    if not legs:
        raise NotFound(Reason("no_legs", _("Nobody has said yet who carries it.")))
    return (begun or legs[:1])[-1].carrier


@transaction.atomic
def finish(transfer: Transfer, *, by: Actor, at: datetime) -> bool:
    """It is done once everything came or was settled. The transfer must be locked."""
    if transfer.status != TransferStatus.UNDER_WAY or transfer.cargo.filter(status__in=OPEN).exists():
        return False
    # One that is being loaded holds nothing any more: what was loaded is open, and what was listed was left out.
    travels = [ConsignmentStatus.UNDER_WAY, ConsignmentStatus.OPENED]
    if transfer.consignments.filter(status__in=travels).exists():
        return False
    if transfer.consignments.filter(
        shipment__discrepancies__settled_at=None, shipment__discrepancies__isnull=False
    ).exists():
        return False
    transfer.status, transfer.done_at = TransferStatus.DONE, at
    transfer.save(update_fields=["status", "done_at"])
    say(transfer, facts.TransferDone(number=transfer.number), by=by, at=at)
    return True
