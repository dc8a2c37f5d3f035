"""The way back: what is with another organization is announced, leaves there, and is taken in at a site by scans like all that comes.

It was in other hands. So what was wiped counts as holding data again, and whatever it was waiting for, it is looked at first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common.errors import Reason
from revlog.custody import merkle
from revlog.devices import data
from revlog.devices.facts import SentToTriage
from revlog.devices.journey import CLEARED, FOR_SALE, Data, State
from revlog.devices.models import Device, HoldKind, Medium, MediumState
from revlog.devices.services import moves
from revlog.evidence.services import artifacts
from revlog.logistics.facts import transfers as facts
from revlog.logistics.models import (
    Cargo,
    CargoStatus,
    Consignment,
    ConsignmentStatus,
    Transfer,
    TransferStatus,
)
from revlog.logistics.services import signing_off
from revlog.logistics.services.signing_off import Given
from revlog.logistics.services.transfers import common, guards, releasing
from revlog.logistics.services.transfers.common import UnableToTransfer
from revlog.storage.facts import containers as storing
from revlog.storage.models import Container, ContainerState
from revlog.storage.services.containers import keeping

AT_TRIAGE = frozenset({State.RECEIVED, State.IN_TRIAGE})


@transaction.atomic
def set_off(transfer: Transfer, *, by: Actor, at: datetime) -> Consignment:
    """The site writes down that it left the other organization: from then on its carrier has it."""
    common.require(
        common.may_plan(transfer.origin, by),
        _("What happens on the road is written down by the people of the two sites."),
    )
    return _left(transfer, _leaves(transfer, None, by=by, at=at))


@transaction.atomic
def hand_over(
    transfer: Transfer,
    *,
    signature: str = "",
    signed_by: str = "",
    unsigned_why: str = "",
    by: Actor,
    at: datetime,
) -> Consignment:
    """The other organization's own people hand it to the carrier, and sign for that on the glass, or say why not."""
    common.require(
        common.may_hand_back(transfer, by), _("It is handed over by the people of %s.") % common.start_people(transfer)
    )
    given = signing_off.given(signature=signature, signed_by=signed_by, unsigned_why=unsigned_why, at=at)
    return _left(transfer, _leaves(transfer, given, by=by, at=at))


def _left(transfer: Transfer, made: Consignment | None) -> Consignment:
    if made is None:
        raise UnableToTransfer(Reason("left", _("All that comes back with %s has left already.") % transfer.number))
    return made


def arrives(transfer: Transfer, *, by: Actor, at: datetime) -> None:
    """It is at the door and nobody wrote down that it left: it has. Once, whoever scans first."""
    if transfer.giver_id is not None and transfer.status == TransferStatus.PLANNED:
        common.require(
            common.may_accept(transfer, by), _("Taking in is done by the people of the place that it goes to.")
        )
        with transaction.atomic():
            _leaves(transfer, None, by=by, at=at)


def _leaves(transfer: Transfer, given: Given | None, *, by: Actor, at: datetime) -> Consignment | None:
    """``given`` is what its own people signed; without it, they weren't here to sign."""
    listed = transfer.cargo.filter(status=CargoStatus.LISTED).select_related("container__location__hub", "device")
    things = common.take(listed.order_by("id"))
    row = common.lock(transfer.pk)
    made = common.consignment(row, ConsignmentStatus.LOADING)
    if row.giver is None or made is None or not listed.exists():
        return None
    if set(listed.values_list("pk", flat=True)) != {one.cargo.pk for one in things}:
        raise UnableToTransfer(Reason("moved", _("Somebody else is at it now; do it again.")))
    against = [reason for one in things for reason in guards.reasons_against_listing(one.cargo, one.devices, row)]
    if against:
        raise UnableToTransfer(guards.named(against))
    legs = list(made.shipment.legs.select_related("carrier").order_by("number"))
    for one in things:
        one.cargo.loaded_at, one.cargo.loaded_by = at, by.reference
        one.cargo.save(update_fields=["loaded_at", "loaded_by"])
        if one.cargo.container is not None:
            _unseal(one.cargo.container, row.giver.name, by=by, at=at)
    digests = releasing.leave(row, made, things, legs[0].carrier, by=by, at=at)
    releasing.hand_over(row, made, things, signed=False, by=by, at=at)
    legs[0].left_at = at
    legs[0].save(update_fields=["left_at"])
    made.status, made.released_at, made.released_by = ConsignmentStatus.UNDER_WAY, at, by.reference
    own = given or Given(None, "", _("%s handed it over on papers of its own.") % row.giver.name)
    made.signature, made.signed_by, made.unsigned_why = own.picture, own.name, own.why
    made.save()
    if own.picture is not None:
        artifacts.attach(own.picture, chain=made.pk, use="signature", name=made.shipment.number, by=by, at=at)
    row.status, row.released_at = TransferStatus.UNDER_WAY, row.released_at or at
    row.save(update_fields=["released_at", "status"])
    boxes = sum(one.cargo.container is not None for one in things)
    fact = facts.TransferReleased(
        transfer=row.number, shipment=made.shipment.number, carrier=legs[0].carrier.code, containers=boxes,
        units=len(things) - boxes, left=0, root=merkle.root([bytes.fromhex(one) for one in digests]).hex(),
        signature=own.picture.digest if own.picture is not None else None,
        unsigned="unsigned" if own.picture is None else None,
    )  # fmt: skip
    common.say(row, fact, by=by, at=at)
    return made


def _unseal(container: Container, giver: str, *, by: Actor, at: datetime) -> None:
    """What it was sealed with went to them, to be opened: none of it says anything any more."""
    for seal in container.seals.filter(broken_at=None).order_by("put_at"):
        seal.broken_at, seal.broken_by, seal.reason = at, by.reference, (_("it was with %s") % giver)[:200]
        seal.save(update_fields=["broken_at", "broken_by", "reason"])
        fact = storing.SealBroken(container=container.number, seal=seal.number, reason=seal.reason, found=False)
        keeping.say(container, fact, by=by, at=at)
    Container.objects.filter(pk=container.pk, state=ContainerState.SEALED).update(state=ContainerState.CLOSED)
    container.refresh_from_db(fields=["state"])


# Back in our hands ------------------------------------------------------------------------------------------------------------------


def look_again(devices: Sequence[Device], transfer: Transfer, *, by: Actor, at: datetime) -> None:
    """Nobody here knows what was done with them: to triage, and what was wiped may hold data again. The units must be taken."""
    if transfer.giver is None:
        return
    reason = _("back from %s") % transfer.giver.name
    cleared = [one.pk for one in devices if Data(one.data) in CLEARED]
    found: dict[str, list[Device]] = {}
    for device in devices:
        found.setdefault(_data(device), []).append(device)
    for state, some in sorted(found.items()):
        go = [
            one for one in some if State(one.state) not in AT_TRIAGE and not moves.reasons_against(one, moves.TO_TRIAGE)
        ]
        if go:
            columns = {"data": state, "disposition": "", "stops_done": 0}
            facts_of = [SentToTriage(reason=reason)] * len(go)
            moves.advance_many(go, moves.TO_TRIAGE, facts=facts_of, by=by, at=at, set=columns)
        stay = [one for one in some if one.data != state and State(one.state) not in FOR_SALE]
        if stay:
            fact = facts.UnitInOtherHands(giver=transfer.giver.code, transfer=transfer.number)
            moves.note_many(stay, facts=[fact] * len(stay), by=by, at=at, set={"data": state})
    opened = [one.pk for one in devices if one.pk in cleared and Data(one.data) not in CLEARED]
    Medium.objects.filter(device__in=opened, state__in=[MediumState.SANITIZED, MediumState.UNUSED]).update(
        state=MediumState.UNKNOWN, level="", proof=""
    )


def _data(device: Device) -> str:
    """What may be on it now: where it was said to be clear, as if nobody had said so."""
    if Data(device.data) not in CLEARED:
        return str(device.data)
    media = device.media.exclude(state__in=[MediumState.DESTROYED, MediumState.REMOVED])
    return data.known(device.kind, ["UNKNOWN"] * media.count(), seen_without=False).value


def stayed(cargo: Cargo, transfer: Transfer, *, by: Actor, at: datetime) -> None:
    """It didn't come since it never left: the other organization has it still, and it can be announced again."""
    if transfer.giver is None:
        return
    thing = common.take([cargo])[0]
    theirs = [one for one in thing.devices if HoldKind.AWAY in one.holds]
    fact = facts.UnitStayed(transfer=transfer.number, giver=transfer.giver.code)
    common.note(theirs, fact, away=True, by=by, at=at, columns={"custodian_id": transfer.giver_id})
    Cargo.objects.filter(pk=cargo.pk).update(status=CargoStatus.LEFT_OUT)
