"""The storage in a unit: every drive ever seen is a record, and the unit's data state follows them under its lock."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common import ids
from revlog.common.errors import BadInput, DomainError, Reason
from revlog.custody.models import Entry
from revlog.devices import data, facts, identifiers
from revlog.devices.journey import CLEARED, FOR_SALE, Data, State
from revlog.devices.models import Device, Medium, MediumState
from revlog.devices.services import arrivals, decontaminating, moves


class UnableToRemove(DomainError):
    """The medium can't be taken out of this unit."""

    code = "unable_to_remove"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A drive as some source saw it."""

    type: str = "unknown"
    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    interface: str = ""
    capacity_bytes: int | None = None


def state_with(device: Device, states: Iterable[str], *, seen_without: bool = False) -> str:
    return data.known(device.kind, states, seen_without=seen_without).value


def match(media: Sequence[Medium], seen: Seen) -> Medium | None:
    """The record that ``seen`` is of: the same serial; without one, the only still nameless record that fits by type and size."""
    wanted = identifiers.normal_serial(seen.serial)
    if wanted and not identifiers.is_placeholder(seen.serial):
        for medium in media:
            if identifiers.normal_serial(medium.serial) == wanted:
                return medium
        blank = [m for m in media if not m.serial and not m.soldered and m.type in {seen.type, "unknown"}]
        return blank[0] if len(blank) == 1 else None
    fitting = [m for m in media if m.type == seen.type and m.capacity_bytes in {None, seen.capacity_bytes}]
    return fitting[0] if len(fitting) == 1 else None


def observe(device: Device, seen: Sequence[Seen], *, source: str, by: Actor, at: datetime) -> list[Medium]:
    """Note the drives that a report, a manifest or a person saw in a taken unit. Known ones are completed, new ones added.

    A drive discovered in a unit that is for sale takes the unit out of sale in the same act; in one that has left it is an incident
    entry, never an error that would hide the truth. Returns the records, in the order seen.
    """
    records = list(device.media.exclude(state__in=[MediumState.REMOVED]))
    found: list[Medium] = []
    with transaction.atomic():
        for each in seen:
            medium = match([m for m in records if m not in found], each)
            if medium is None and each.type in {"ufs", "emmc"}:
                medium = next((m for m in records if m.soldered and m not in found), None)
            if medium is not None:
                _complete(medium, each)
                found.append(medium)
                continue
            medium = Medium(
                id=ids.new(at),
                device=device,
                type=each.type,
                manufacturer=each.manufacturer[:120],
                model=each.model[:120],
                serial="" if identifiers.is_placeholder(each.serial) else each.serial.strip()[:120],
                firmware=each.firmware[:60],
                interface=each.interface[:30],
                capacity_bytes=each.capacity_bytes,
                state=MediumState.UNKNOWN,
                seen_by=source,
                added_at=at,
            )
            medium.save(force_insert=True)
            records.append(medium)
            found.append(medium)
            _say_found(device, medium, [m.state for m in records], source=source, by=by, at=at)
    return found


def _complete(medium: Medium, seen: Seen) -> None:
    """Fill in what the record lacked; what it had stays, since a contradiction is shown and not averaged."""
    changed = []
    for name in ("type", "manufacturer", "model", "serial", "firmware", "interface", "capacity_bytes"):
        value = getattr(seen, name)
        if value and (not getattr(medium, name) or (name == "type" and medium.type == "unknown")):
            setattr(medium, name, value)
            changed.append(name)
    if changed:
        medium.save(update_fields=changed)


def _say_found(device: Device, medium: Medium, states: list[str], *, source: str, by: Actor, at: datetime) -> None:
    was_clear = Data(device.data) in CLEARED
    incident = (device.has_departed or was_clear) and device.state not in {State.RECEIVED, State.EXPECTED}
    fact = facts.MediumFound(
        medium=str(medium.id),
        type=medium.type,
        model=medium.model or None,
        serial=medium.serial or None,
        capacity_bytes=medium.capacity_bytes,
        source=source,
        incident=incident or None,
    )
    columns: dict[str, Any] = {"data": state_with(device, states)}
    if State(device.state) in FOR_SALE:
        moves.advance(device, moves.TO_SANITIZE, fact=fact, by=by, at=at, set=columns)
    else:
        moves.note(device, fact=fact, by=by, at=at, set=columns)


def outlook(device: Device, becoming: Mapping[uuid.UUID, MediumState]) -> str:
    """The unit's data state once the named media have become what they will: to be set with the move whose entry proves it."""
    states = [becoming.get(pk, state) for pk, state in device.media.values_list("pk", "state")]
    return state_with(device, [str(state) for state in states])


def settle(medium: Medium, state: MediumState, *, level: str, proof: Entry) -> None:
    """Write what a medium has become, proved by ``proof`` on its unit's chain, in the transaction of that entry.

    The unit must have been taken: its lock is the medium's, since nobody writes media without it.
    """
    medium.state, medium.level, medium.proof = state, level, proof.digest
    medium.save(update_fields=["state", "level", "proof"])


def remove(device: Device, medium: Medium, *, reason: str, bay_photo: str, by: Actor, at: datetime) -> Device:
    """Take a drive out: it becomes a unit of its own in the same act, with its data state unknown. Returns the new unit.

    ``bay_photo`` is the digest of the photo that shows the empty bay. Raises UnableToRemove for soldered storage and for what isn't inside.
    """
    reasons = []
    if medium.device_id != device.id or medium.state in {MediumState.REMOVED, MediumState.MISSING}:
        reasons.append(Reason("not_inside", _("this drive is not in the unit")))
    if medium.soldered:
        reasons.append(Reason("soldered", _("its storage is part of the board; destroy or wipe it where it is")))
    if device.device_class == "storage":
        reasons.append(Reason("is_itself", _("a loose drive can't be taken out of itself")))
    reasons += decontaminating.reasons_against_opening(device)
    if not bay_photo:
        reasons.append(Reason("no_photo", _("a photo of the empty bay is missing")))
    if reasons:
        raise UnableToRemove(reasons)
    if device.visit is None or device.head is None:
        raise UnableToRemove(_("this unit is not with us"))
    with transaction.atomic():
        stay = arrivals.Stay(
            why="removed",
            owner=device.owner_id,
            hub=device.hub_id,
            custodian=device.custodian_id,
            reference=device.visit.reference,
            currency=device.currency,
        )
        drive = arrivals.arrive(
            what=arrivals.Description(
                device_class="storage", manufacturer=medium.manufacturer, model=medium.model, serial=medium.serial
            ),
            stay=stay,
            by=by,
            at=at,
        )
        Medium.objects.create(
            id=ids.new(at),
            device=drive,
            type=medium.type,
            manufacturer=medium.manufacturer,
            model=medium.model,
            serial=medium.serial,
            firmware=medium.firmware,
            interface=medium.interface,
            capacity_bytes=medium.capacity_bytes,
            seen_by="removal",
            added_at=at,
        )
        medium.state, medium.became = MediumState.REMOVED, drive
        medium.save(update_fields=["state", "became"])
        states = list(device.media.values_list("state", flat=True))
        removal = moves.note(
            device,
            fact=facts.MediumRemoved(
                medium=str(medium.id), serial=medium.serial or None, became=drive.tag, reason=reason
            ),
            by=by,
            at=at,
            set={"data": state_with(device, states)},
        )
        moves.note(
            drive,
            fact=facts.RemovedFrom(
                parent=device.tag,
                parent_chain=f"unit:{device.id}",
                parent_sequence=removal.sequence,
                parent_digest=removal.digest,
                what=medium.serial or medium.type,
            ),
            by=by,
            at=at,
        )
    return drive


def seen_without_storage(device: Device, *, how: str, photo: str, by: Actor, at: datetime) -> Entry:
    """Somebody looked and there is none: the bay is empty, or the maker's seal is unbroken; the photo proves it.

    Raises BadInput without photo, or while a medium is known to be inside.
    """
    problems = []
    if how not in {"bay_seen_empty", "maker_seal_unbroken"}:
        problems.append(Reason("unknown_how", _("say bay_seen_empty or maker_seal_unbroken"), "how"))
    if not photo:
        problems.append(Reason("no_photo", _("a photo is missing"), "photo"))
    inside = device.media.exclude(state__in=[MediumState.REMOVED, MediumState.MISSING]).exists()
    if inside:
        problems.append(
            Reason("media_inside", _("a drive is on record in this unit; take it out or say what became of it"), "how")
        )
    if problems:
        raise BadInput(problems)
    return moves.note(
        device,
        fact=facts.SeenWithoutStorage(how=how, photo=photo),
        by=by,
        at=at,
        set={"data": state_with(device, list(device.media.values_list("state", flat=True)), seen_without=True)},
    )
