"""Loading by scans, and releasing: the driver signs, the carrier has custody from then on, and nobody here works on what left."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common.errors import NotFound, Reason
from revlog.custody import merkle
from revlog.custody.models import Entry
from revlog.devices.models import Device, HoldKind, Location
from revlog.devices.services import placing
from revlog.evidence.services import artifacts
from revlog.logistics.facts import transfers as facts
from revlog.logistics.models import (
    Cargo,
    CargoStatus,
    Carrier,
    Consignment,
    ConsignmentStatus,
    Transfer,
    TransferStatus,
)
from revlog.logistics.services import parcels, signing_off
from revlog.logistics.services.transfers import common, guards, planning
from revlog.logistics.services.transfers.common import Contents, UnableToTransfer
from revlog.storage.facts import containers as storing
from revlog.storage.models import Container, Seal
from revlog.storage.queries import containers as stores
from revlog.storage.services.containers import keeping


@dataclass(frozen=True)
class Loaded:
    """What a scan came to. ``again`` when it was loaded before: it counts once."""

    cargo: Cargo
    again: bool
    consignment: Consignment


def _require(transfer: Transfer, by: Actor) -> None:
    common.require(
        transfer.giver_id is None, _("It comes back from another organization, and is loaded by that one's people.")
    )
    common.require(
        common.may_release(transfer, by), _("Releasing needs the right to hand over, at the site that it leaves.")
    )


def find(transfer: Transfer, text: str, *, statuses: Sequence[str] = common.OPEN) -> tuple[Cargo | None, Seal | None]:
    """The thing of the transfer that a code names: a container's number or label, a unit's tag or serial; a seal names its container."""
    rows = transfer.cargo.filter(status__in=statuses).select_related(
        "container__location__hub", "container__location__parent", "device", "shipment"
    )
    told = " ".join(text.replace("\0", "").upper().split())
    if not told:
        return None, None
    seal = Seal.objects.filter(number=told, broken_at=None, container__cargo__in=rows).first()
    if seal is not None:
        return rows.filter(container=seal.container_id).first(), seal
    bare = "".join(letter for letter in told if letter.isalnum())
    for row in rows:
        names = [row.container.number, row.container.label] if row.container is not None else _names(row.device)
        if bare in {"".join(letter for letter in one.upper() if letter.isalnum()) for one in names if one}:
            return row, None
    return None, None


def _names(device: Device | None) -> list[str]:
    return [] if device is None else [device.tag, device.serial]


@transaction.atomic
def load(transfer: Transfer, text: str, *, anyway: bool = False, by: Actor, at: datetime) -> Loaded:
    """One thing goes onto the truck. Scanned twice it counts once; what isn't on the list is called out, ``anyway`` takes it along.

    A seal's number names the container that it is on, and says that it was looked at.
    """
    _require(transfer, by)
    row = common.lock(transfer.pk)
    if row.status in {TransferStatus.DONE, TransferStatus.CANCELLED}:
        raise UnableToTransfer(Reason("ended", _("Transfer %s is over.") % row.number))
    cargo, seal = find(row, text)
    if cargo is None:
        cargo = _over(row, text, anyway=anyway, by=by, at=at)
    if cargo.status == CargoStatus.UNDER_WAY:
        raise UnableToTransfer(Reason("left", _("%s has left already.") % cargo.code))
    made = planning.loading(row, by=by, at=at)
    if cargo.status == CargoStatus.LOADED:
        return Loaded(cargo, again=True, consignment=made)
    found = _reasons(cargo, guards.devices_of(cargo), row, made)
    if found:
        raise UnableToTransfer(guards.named(found))
    cargo.seals = seals_on(cargo.container)
    cargo.status, cargo.shipment, cargo.loaded_at, cargo.loaded_by = CargoStatus.LOADED, made.shipment, at, by.reference
    cargo.save(update_fields=["status", "shipment", "loaded_at", "loaded_by", "seals"])
    if seal is not None:
        _looked_at(seal, by=by, at=at)
    fact = facts.CargoLoaded(
        transfer=row.number, shipment=made.shipment.number, code=cargo.code, seals=", ".join(cargo.seals) or None,
        checked=seal is not None,
    )  # fmt: skip
    common.say(row, fact, by=by, at=at)
    return Loaded(cargo, again=False, consignment=made)


def _reasons(cargo: Cargo, devices: Sequence[Device], transfer: Transfer, made: Consignment) -> list[Reason]:
    legs = made.shipment.legs.select_related("carrier")
    return [
        *guards.reasons_against_listing(cargo, devices, transfer),
        *guards.reasons_against_carrying(cargo, devices, transfer, legs),
    ]


def _over(transfer: Transfer, text: str, *, anyway: bool, by: Actor, at: datetime) -> Cargo:
    """Something that isn't on the list: named, and taken along only when the person says so."""
    container = stores.known(text, by, hub=transfer.origin)
    device = None if container is not None else unit(text, by)
    if container is None and device is None:
        raise NotFound(Reason("unknown", _("Nobody knows %s here.") % text[:60]))
    code = container.number if container is not None else device.tag if device is not None else ""
    if not anyway:
        raise UnableToTransfer(
            Reason("over", _("%(code)s isn't on the list of %(number)s.") % {"code": code, "number": transfer.number})
        )
    if container is not None and container._state.adding:
        container = keeping.locked(container)
    planning.add(
        transfer,
        containers=[container] if container is not None else [],
        devices=[device] if device is not None else [],
        anyway=True,
        by=by,
        at=at,
    )
    found, _seal = find(transfer, code)
    if found is None:
        raise NotFound(Reason("unknown", _("Nobody knows %s here.") % code))
    return found


def unit(text: str, by: Actor) -> Device | None:
    from revlog.devices import queries  # noqa: PLC0415

    found = queries.find(text[:60], by, most=2)
    bare = "".join(letter for letter in text.upper() if letter.isalnum())
    for one in found:
        if bare in {"".join(letter for letter in name.upper() if letter.isalnum()) for name in _names(one)}:
            return one
    return None


def seals_on(container: Container | None) -> list[str]:
    if container is None:
        return []
    return list(container.seals.filter(broken_at=None).order_by("put_at").values_list("number", flat=True))


def _looked_at(seal: Seal, *, by: Actor, at: datetime) -> None:
    seal.checked_at, seal.checked_by = at, by.reference
    seal.save(update_fields=["checked_at", "checked_by"])
    container = Container.objects.select_related("location__hub", "owner").get(pk=seal.container_id)
    keeping.say(container, storing.SealChecked(container=container.number, seal=seal.number), by=by, at=at)


@transaction.atomic
def unload(cargo: Cargo, *, by: Actor, at: datetime) -> Cargo:
    """It comes off the truck again before the driver signs; it stays on the list."""
    _require(cargo.transfer, by)
    transfer = common.lock(cargo.transfer_id)
    row = Cargo.objects.select_related("container", "device", "shipment").get(pk=cargo.pk)
    if row.status == CargoStatus.LISTED:
        return row
    if row.status != CargoStatus.LOADED or row.shipment is None:
        raise UnableToTransfer(Reason("left", _("%s has left already.") % row.code))
    fact = facts.CargoUnloaded(transfer=transfer.number, shipment=row.shipment.number, code=row.code)
    row.status, row.shipment, row.loaded_at, row.loaded_by, row.seals = CargoStatus.LISTED, None, None, "", []
    row.save(update_fields=["status", "shipment", "loaded_at", "loaded_by", "seals"])
    common.say(transfer, fact, by=by, at=at)
    return row


def reasons_against_releasing(transfer: Transfer, made: Consignment | None) -> list[Reason]:
    """Why the driver can't sign yet."""
    if made is None or not transfer.cargo.filter(status=CargoStatus.LOADED).exists():
        return [Reason("nothing", _("Nothing is loaded yet. Scan the first container or unit."))]
    if not made.shipment.legs.exists():
        return [Reason("no_legs", _("Nobody has said yet who carries it."))]
    return []


@transaction.atomic
def release(
    transfer: Transfer,
    *,
    signature: str = "",
    signed_by: str = "",
    unsigned_why: str = "",
    by: Actor,
    at: datetime,
) -> Consignment:
    """The truck leaves with what is loaded: signed on the glass, or with the reason why not. What isn't loaded stays on the list.

    Each container gets one entry with the root of its contents, each unit one, since its custodian changes.
    """
    _require(transfer, by)
    given = signing_off.given(signature=signature, signed_by=signed_by, unsigned_why=unsigned_why, at=at)
    picture = given.picture
    loaded = transfer.cargo.filter(status=CargoStatus.LOADED).select_related("container__location__hub", "device")
    things = common.take(loaded.order_by("id"))
    row = common.lock(transfer.pk)
    made = common.consignment(row, ConsignmentStatus.LOADING)
    if found := reasons_against_releasing(row, made):
        raise UnableToTransfer(found)
    if made is None or set(loaded.values_list("pk", flat=True)) != {one.cargo.pk for one in things}:
        raise UnableToTransfer(Reason("moved", _("Somebody loads it too. Look at the list and sign again.")))
    against = [reason for one in things for reason in _reasons(one.cargo, one.devices, row, made)]
    if against:
        raise UnableToTransfer(guards.named(against))
    legs = list(made.shipment.legs.select_related("carrier").order_by("number"))
    digests = leave(row, made, things, legs[0].carrier, by=by, at=at)
    hand_over(row, made, things, signed=picture is not None, by=by, at=at)
    legs[0].left_at = at
    legs[0].save(update_fields=["left_at"])
    made.status, made.released_at, made.released_by = ConsignmentStatus.UNDER_WAY, at, by.reference
    made.signature, made.signed_by, made.unsigned_why = picture, given.name, given.why
    made.save()
    if picture is not None:
        artifacts.attach(picture, chain=made.shipment_id, use="signature", name=made.shipment.number, by=by, at=at)
    if row.released_at is None:
        row.released_at = at
    row.status = TransferStatus.UNDER_WAY
    row.save(update_fields=["released_at", "status"])
    containers = sum(one.cargo.container is not None for one in things)
    fact = facts.TransferReleased(
        transfer=row.number, shipment=made.shipment.number, carrier=legs[0].carrier.code, containers=containers,
        units=len(things) - containers, left=row.cargo.filter(status=CargoStatus.LISTED).count(),
        root=merkle.root([bytes.fromhex(one) for one in digests]).hex(),
        signature=picture.digest if picture is not None else None, unsigned="unsigned" if picture is None else None,
    )  # fmt: skip
    common.say(row, fact, by=by, at=at)
    return made


def leave(
    transfer: Transfer, made: Consignment, things: Sequence[Contents], carrier: Carrier, *, by: Actor, at: datetime
) -> list[str]:
    """Custody passes to the carrier: the entries' digests, in the order of the things' codes."""
    keeper = common.keeper(carrier, transfer)
    why = _("on its way to %(to)s with transfer %(number)s") % {
        "to": common.to_people(transfer),
        "number": transfer.number,
    }
    digests = []
    lay: dict[uuid.UUID, Location | None] = {}
    said: list[Entry] = []
    told = {
        "transfer": transfer.number,
        "shipment": made.shipment.number,
        "carrier": carrier.code,
        "to": common.to(transfer),
    }
    for one in sorted(things, key=lambda each: each.cargo.code):
        cargo, container = one.cargo, one.cargo.container
        columns: dict[str, object] = {"custodian_id": keeper}
        if container is None:
            columns["location_id"] = None
        fact = facts.UnitReleased(**told, container=container.number if container is not None else None)
        # What comes back from another organization is away already, by the hold that it has.
        here = [unit for unit in one.devices if HoldKind.AWAY not in unit.holds]
        if container is None:
            lay |= {unit.pk: unit.location for unit in one.devices}
        entries = common.note(one.devices, fact, away=True, by=by, at=at, columns=columns)
        said += entries if container is None else []
        common.hold_away(here, why, by=by, at=at)
        entry = _container_leaves(container, told, by=by, at=at) if container is not None else entries[0].digest
        cargo.status, cargo.released_entry, cargo.units = CargoStatus.UNDER_WAY, entry, len(one.devices)
        cargo.seals, cargo.shipment = seals_on(container), made.shipment
        cargo.save(update_fields=["status", "released_entry", "units", "seals", "shipment"])
        digests.append(entry)
    # Units by themselves may come out of containers, which say so.
    placing.tell(lay, None, said, by=by, at=at)
    return digests


def _container_leaves(container: Container, told: dict[str, str], *, by: Actor, at: datetime) -> str:
    inside = keeping.contents(container)
    Location.objects.filter(pk=container.pk).update(parent=None)
    fact = facts.ContainerReleased(
        **told, units=inside.units, containers=inside.containers, seals=", ".join(seals_on(container)) or None,
        root=inside.root,
    )  # fmt: skip
    return keeping.say(container, fact, by=by, at=at).digest


def hand_over(
    transfer: Transfer, made: Consignment, things: Sequence[Contents], *, signed: bool, by: Actor, at: datetime
) -> None:
    """Released by the site; accepted by the carrier when its driver signed, else open until somebody takes it in."""
    carrier = common.carrier_of(made.shipment)
    seals = ", ".join(seal for one in things for seal in one.cargo.seals)[:60]
    parcels.release(
        made.shipment, giver=common.start(transfer), taker=carrier.code, parcels=len(things), seal=seals, by=by, at=at
    )
    if signed:
        parcels.accept(made.shipment, taker=carrier.code, parcels=len(things), seal=seals, by=by, at=at)
