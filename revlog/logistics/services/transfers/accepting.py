"""Taking in by scans at the other end. The seals first, then the things; custody passes with each scan, once, whoever scans first."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, NotFound, Reason
from revlog.custody import merkle
from revlog.devices import identifiers
from revlog.devices.models import Device, Location, LocationKind
from revlog.evidence.services import artifacts
from revlog.logistics.facts import transfers as facts
from revlog.logistics.models import (
    Cargo,
    CargoStatus,
    Consignment,
    ConsignmentStatus,
    Discrepancy,
    Transfer,
    Trouble,
)
from revlog.logistics.services import parcels, signing_off
from revlog.logistics.services.transfers import common, guards, releasing, returning
from revlog.logistics.services.transfers.common import Contents, UnableToTransfer
from revlog.storage.facts import containers as storing
from revlog.storage.models import Container, ContainerState
from revlog.storage.queries import containers as stores
from revlog.storage.services.containers import keeping

COMES = (CargoStatus.UNDER_WAY.value, CargoStatus.MISSING.value)
MOST_OVER = 200
SEEN = (*COMES, CargoStatus.ACCEPTED.value)


@dataclass(frozen=True)
class Taken:
    """What a scan came to: ``accepted``, ``again`` (it is in already), ``seals`` (they are looked at first), or ``over``."""

    what: str
    cargo: Cargo | None = None
    discrepancy: Discrepancy | None = None


def _require(transfer: Transfer, by: Actor) -> None:
    common.require(common.may_accept(transfer, by), _("Taking in is done by the people of the place that it goes to."))


@transaction.atomic
def begin(transfer: Transfer, *, by: Actor, at: datetime) -> Consignment:
    """The truck stands at the door: what was released first and isn't taken in yet is being taken in, its last leg has ended."""
    _require(transfer, by)
    row = common.lock(transfer.pk)
    open_one = common.consignment(row, ConsignmentStatus.OPENED)
    if open_one is not None:
        return open_one
    made = common.consignment(row, ConsignmentStatus.UNDER_WAY)
    if made is None:
        raise UnableToTransfer(Reason("nothing", _("Nothing of transfer %s is under way.") % row.number))
    _end_legs(row, made, by=by, at=at)
    made.status, made.opened_at = ConsignmentStatus.OPENED, at
    made.save(update_fields=["status", "opened_at"])
    return made


def _end_legs(transfer: Transfer, made: Consignment, *, by: Actor, at: datetime) -> None:
    """It is here: legs of which nobody wrote that they ended have ended."""
    for leg in made.shipment.legs.select_related("carrier").order_by("number"):
        if leg.came_at is not None:
            continue
        if leg.left_at is None:
            leg.left_at = at
        leg.came_at = at
        leg.save(update_fields=["left_at", "came_at"])
        fact = facts.LegCame(
            transfer=transfer.number, shipment=made.shipment.number, leg=leg.number, carrier=leg.carrier.code,
            place=leg.ends_at,
        )  # fmt: skip
        common.say(transfer, fact, by=by, at=at)


def accept(transfer: Transfer, text: str, *, seals_broken: Sequence[str] = (), by: Actor, at: datetime) -> Taken:
    """One thing comes off the truck. A container under seal is taken in by its seal's number, which is how one looks at it.

    ``seals_broken`` are those of its seals that aren't as they were: then it is taken in all the same, and a lead hears of it.
    """
    _require(transfer, by)
    returning.arrives(transfer, by=by, at=at)
    with transaction.atomic():
        # What was missing and turns up later needs no truck at the door.
        cargo, seal = releasing.find(transfer, text, statuses=(CargoStatus.MISSING.value,))
        made = None
        if cargo is None:
            made = begin(transfer, by=by, at=at)
            cargo, seal = releasing.find(transfer, text, statuses=COMES)
        if cargo is not None and made is not None and cargo.shipment_id != made.shipment_id:
            cargo = None
        if cargo is None and made is not None:
            known, _seal = releasing.find(transfer, text, statuses=(CargoStatus.ACCEPTED.value,))
            if known is not None:
                return Taken("again", known)
            return Taken("over", discrepancy=_over(transfer, made, text, by=by, at=at))
        if cargo is None:
            raise NotFound(Reason("unknown", _("Nobody knows %s here.") % text[:60]))
        ready = seal is not None or bool(seals_broken)
        if cargo.seals and not cargo.seals_seen and not ready:
            return Taken("seals", cargo)
    with transaction.atomic():
        things = common.take([cargo])
        row = common.lock(transfer.pk)
        fresh = Cargo.objects.select_related("container__location__hub", "device", "shipment").get(pk=cargo.pk)
        if fresh.status == CargoStatus.ACCEPTED:
            return Taken("again", fresh)
        if fresh.status not in COMES or fresh.shipment is None:
            raise UnableToTransfer(Reason("moved", _("Somebody else is at %s now; scan it again.") % fresh.code))
        found = _take_in(row, Contents(fresh, things[0].devices), by=by, at=at)
        trouble = None
        if fresh.container is not None and fresh.seals:
            trouble = _seals(row, found, fresh.container, seals_broken, by=by, at=at)
    return Taken("accepted", found, trouble)


def _take_in(transfer: Transfer, thing: Contents, *, by: Actor, at: datetime) -> Cargo:
    """Custody passes: to the site, with the thing's place; or to the other organization, from where it is away still."""
    cargo, container = thing.cargo, thing.cargo.container
    shipment = cargo.shipment
    if shipment is None:
        raise NotFound(Reason("not_found", _("It never left.")))
    hub = transfer.destination
    told = {
        "transfer": transfer.number, "shipment": shipment.number, "carrier": common.carrier_of(shipment).code,
        "to": common.to(transfer),
    }  # fmt: skip
    columns: dict[str, object] = {"custodian_id": transfer.receiver_id}
    if hub is not None:
        columns["hub_id"] = hub.pk
    if container is not None and hub is not None:
        _arrive(container, transfer)
    fact = facts.UnitTakenIn(
        **told,
        container=container.number if container is not None else None,
        released=cargo.released_entry if container is None else None,
    )
    common.note(thing.devices, fact, away=hub is None, by=by, at=at, columns=columns)
    if hub is not None:
        common.end_away(thing.devices, by=by, at=at)
        returning.look_again(thing.devices, transfer, by=by, at=at)
    if container is not None:
        inside = keeping.contents(container)
        said = facts.ContainerTakenIn(
            **told, units=inside.units, containers=inside.containers, root=inside.root, released=cargo.released_entry
        )
        keeping.say(container, said, by=by, at=at)
    cargo.status, cargo.accepted_at, cargo.accepted_by = CargoStatus.ACCEPTED, at, by.reference
    cargo.seals_seen = True
    cargo.save(update_fields=["status", "accepted_at", "accepted_by", "seals_seen"])
    return cargo


def _arrive(container: Container, transfer: Transfer) -> None:
    """The container and all in it stand at the door of the other site."""
    hub = transfer.destination
    if hub is None:
        return
    door = Location.objects.filter(hub=hub, kind=LocationKind.DOCK, active=True).order_by("code").first()
    try:
        with transaction.atomic():
            Location.objects.filter(pk__in=stores.below([container.pk])).update(hub=hub)
            Location.objects.filter(pk=container.pk).update(parent=door)
    except IntegrityError as error:
        raise UnableToTransfer(
            Reason("code", _("%(hub)s has another container with this number.") % {"hub": hub.name})
        ) from error
    container.location.refresh_from_db()


def _seals(
    transfer: Transfer, cargo: Cargo, container: Container, broken: Sequence[str], *, by: Actor, at: datetime
) -> Discrepancy | None:
    """Each seal that was on it when it left was looked at: whole, or broken, which is said and told to a lead."""
    bad = {" ".join(one.upper().split()) for one in broken}
    for seal in container.seals.filter(number__in=cargo.seals, broken_at=None):
        if seal.number in bad:
            seal.broken_at, seal.broken_by, seal.reason = at, by.reference, _("not whole when it came")
            seal.save(update_fields=["broken_at", "broken_by", "reason"])
            fact = storing.SealBroken(container=container.number, seal=seal.number, reason=seal.reason, found=True)
            keeping.say(container, fact, by=by, at=at)
        else:
            seal.checked_at, seal.checked_by = at, by.reference
            seal.save(update_fields=["checked_at", "checked_by"])
            keeping.say(container, storing.SealChecked(container=container.number, seal=seal.number), by=by, at=at)
    if not bad or cargo.shipment_id is None:
        return None
    if not container.seals.filter(broken_at=None).exists():
        Container.objects.filter(pk=container.pk).update(state=ContainerState.CLOSED)
    return note(transfer, cargo.shipment_id, Trouble.SEAL, cargo.code, cargo=cargo, by=by, at=at)


# What isn't as it was released ------------------------------------------------------------------------------------------------------


def note(
    transfer: Transfer,
    shipment: uuid.UUID,
    kind: Trouble,
    code: str,
    *,
    cargo: Cargo | None = None,
    device: Device | None = None,
    text: str = "",
    by: Actor,
    at: datetime,
) -> Discrepancy:
    """A row that a lead settles, said once. The transfer must be locked, or its consignment be open by this person's scan."""
    row, made = Discrepancy.objects.get_or_create(
        shipment_id=shipment,
        kind=kind,
        code=code[:60],
        defaults={
            "id": ids.new(at), "cargo": cargo, "note": text.strip()[:300], "noted_at": at, "noted_by": by.reference,
            "device": device if device is not None else cargo.device if cargo is not None else None,
        },
    )  # fmt: skip
    if made:
        fact = facts.DiscrepancyNoted(
            transfer=transfer.number, shipment=row.shipment.number, discrepancy=str(row.pk), trouble=f"trouble.{kind}",
            code=row.code,
        )  # fmt: skip
        common.say(transfer, fact, by=by, at=at)
    return row


def _over(transfer: Transfer, made: Consignment, text: str, *, by: Actor, at: datetime) -> Discrepancy:
    told = " ".join(text.replace("\0", "").upper().split())[:60]
    container = Container.objects.filter(number=ids.normal(told, stores.PREFIX) or told).first()
    # Its own site's people alone see it; that it stands here is news of it all the same, and the lead's row names it.
    own = Device.objects.filter(hub_id=transfer.origin_id, tag=ids.normal(told, identifiers.TAG_PREFIX) or told)
    device = None if container is not None else releasing.unit(told, by) or own.first()
    code = container.number if container is not None else device.tag if device is not None else told
    if not code:
        raise BadInput(Reason("nothing", _("Scan what came.")))
    if made.shipment.discrepancies.filter(kind=Trouble.OVER).count() >= MOST_OVER:
        raise UnableToTransfer(
            Reason("most", _("At most %s things are noted that came too. Call your lead.") % MOST_OVER)
        )
    return note(transfer, made.shipment_id, Trouble.OVER, code, device=device, by=by, at=at)


@transaction.atomic
def damaged(transfer: Transfer, text: str, *, words: str = "", by: Actor, at: datetime) -> Discrepancy:
    """A thing that came is damaged outside; it is taken in all the same, and shown."""
    _require(transfer, by)
    row = common.lock(transfer.pk)
    cargo, _seal = releasing.find(row, text, statuses=SEEN)
    if cargo is None or cargo.status != CargoStatus.ACCEPTED or cargo.shipment_id is None:
        raise UnableToTransfer(Reason("not_taken_in", _("Scan the thing first, then the code for damage.")))
    return note(row, cargo.shipment_id, Trouble.DAMAGED, cargo.code, cargo=cargo, text=words, by=by, at=at)


@transaction.atomic
def missing_inside(transfer: Transfer, text: str, *, words: str = "", by: Actor, at: datetime) -> Discrepancy:
    """A unit that was in a container when it left isn't in it: its container was opened, and counted."""
    _require(transfer, by)
    row = common.lock(transfer.pk)
    told = "".join(text.upper().split())[:60]
    for cargo in row.cargo.filter(status=CargoStatus.ACCEPTED, container__isnull=False).select_related("container"):
        if cargo.container is None or cargo.shipment_id is None:
            continue
        device = stores.inside(cargo.container).filter(tag__iexact=told).first()
        if device is not None:
            return note(
                row, cargo.shipment_id, Trouble.SHORT, device.tag, cargo=cargo, device=device, text=words, by=by, at=at
            )
    raise NotFound(Reason("not_found", _("%s wasn't in a container of this transfer.") % told))


def photograph(discrepancy: Discrepancy, upload: File[bytes] | None, *, by: Actor, at: datetime) -> Discrepancy:
    """A picture of the damage or of the broken seal, kept with its shipment."""
    transfer = discrepancy.shipment.consignment.transfer
    _require(transfer, by)
    if upload is None:
        raise BadInput(Reason("no_photo", _("Take a photo of it."), "photo"))
    picture = artifacts.keep_upload(upload, at=at)
    with transaction.atomic():
        common.lock(transfer.pk)
        row = Discrepancy.objects.select_related("shipment").get(pk=discrepancy.pk)
        artifacts.attach(picture, chain=row.shipment_id, use="photo_parcel", name=row.code, by=by, at=at)
        if row.photo_id is None:
            row.photo = picture
            row.save(update_fields=["photo"])
    return row


def reasons_against_closing(made: Consignment | None) -> list[Reason]:
    if made is None or made.status != ConsignmentStatus.OPENED:
        return [Reason("nothing", _("Nothing is being taken in."))]
    bare = made.shipment.discrepancies.filter(photo=None, kind__in=[Trouble.DAMAGED, Trouble.SEAL])
    return [
        Reason("no_photo", _("%s has no photo yet: take one first.") % code)
        for code in bare.values_list("code", flat=True)[:3]
    ]


@transaction.atomic
def close(
    transfer: Transfer,
    *,
    signature: str = "",
    signed_by: str = "",
    unsigned_why: str = "",
    by: Actor,
    at: datetime,
) -> Consignment:
    """All that was on the truck is in: whoever takes it over signs on the glass, or says why not.

    What didn't come is missing: a row each, which a lead settles.
    """
    _require(transfer, by)
    given = signing_off.given(signature=signature, signed_by=signed_by, unsigned_why=unsigned_why, at=at)
    picture = given.picture
    row = common.lock(transfer.pk)
    made = common.consignment(row, ConsignmentStatus.OPENED)
    if found := reasons_against_closing(made):
        raise UnableToTransfer(found)
    if made is None:
        raise UnableToTransfer(Reason("nothing", _("Nothing is being taken in.")))
    shipment = made.shipment
    lost = list(shipment.cargo.filter(status=CargoStatus.UNDER_WAY).select_related("container", "device"))
    for one in lost:
        one.status = CargoStatus.MISSING
        one.save(update_fields=["status"])
        note(row, shipment.pk, Trouble.SHORT, one.code, cargo=one, by=by, at=at)
    here = list(
        shipment.cargo.filter(status=CargoStatus.ACCEPTED).order_by("id").values_list("released_entry", flat=True)
    )
    if shipment.handovers.filter(accepted_at=None).exists():
        parcels.accept(shipment, taker=common.carrier_of(shipment).code, parcels=len(here) + len(lost), by=by, at=at)
    carrier = common.carrier_of(shipment)
    parcels.release(shipment, giver=carrier.code, taker=common.to(row), parcels=len(here), by=by, at=at)
    parcels.accept(shipment, taker=common.to(row), parcels=len(here), by=by, at=at)
    made.status, made.accepted_at, made.accepted_by = ConsignmentStatus.ACCEPTED, at, by.reference
    made.taker_signature, made.taker_name, made.taker_unsigned_why = picture, given.name, given.why
    made.save()
    if picture is not None:
        artifacts.attach(picture, chain=shipment.pk, use="signature", name=shipment.number, by=by, at=at)
    fact = facts.TransferTakenIn(
        transfer=row.number, shipment=shipment.number, to=common.to(row), released=len(here) + len(lost),
        accepted=len(here), missing=len(lost), over=shipment.discrepancies.filter(kind=Trouble.OVER).count(),
        root=merkle.root([bytes.fromhex(one) for one in here]).hex(),
        signature=picture.digest if picture is not None else None, unsigned="unsigned" if picture is None else None,
    )  # fmt: skip
    common.say(row, fact, by=by, at=at)
    common.finish(row, by=by, at=at)
    return made


def came_too(row: Discrepancy, *, at: datetime) -> Contents | None:
    """What came without being on the list, taken under lock as a thing of the transfer; nothing where it isn't ours."""
    container = Container.objects.filter(number=row.code).first()
    device = row.device if container is None else None
    if container is None and device is None:
        return None
    cargo = Cargo(
        id=ids.new(at), transfer=row.shipment.consignment.transfer, shipment=row.shipment, container=container,
        device=device, status=CargoStatus.UNDER_WAY, added=True,
    )  # fmt: skip
    return common.take([cargo])[0]


def keep_over(transfer: Transfer, thing: Contents, *, by: Actor, at: datetime) -> Cargo | None:
    """What ``came_too`` stays where it came: it is of that site from now on. Nothing is done where it isn't from where it should be."""
    cargo = thing.cargo
    if transfer.destination is None:
        return None
    here = cargo.container.location.hub_id if cargo.container is not None else thing.devices[0].hub_id
    if transfer.giver_id is None and here != transfer.origin_id:
        return None
    waiting = transfer.cargo.filter(container=cargo.container, device=cargo.device, status=CargoStatus.LISTED)
    waiting.update(status=CargoStatus.LEFT_OUT)
    if transfer.giver_id is not None and guards.reasons_against_listing(cargo, thing.devices, transfer):
        # It was never with them: it lies here, and stays as it is.
        return None
    cargo.units = len(thing.devices)
    try:
        with transaction.atomic():
            cargo.save(force_insert=True)
    except IntegrityError as error:
        raise UnableToTransfer(Reason("taken", _("%s is on another transfer.") % cargo.code)) from error
    return _take_in(transfer, thing, by=by, at=at)
