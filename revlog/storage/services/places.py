"""Putting units away, moving many of them or a whole bin, and taking a put back while nothing has happened since."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, DomainError, NotAllowed, Reason
from revlog.custody import merkle
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices.facts import Located, PutTakenBack
from revlog.devices.journey import ON_HAND, State
from revlog.devices.models import Device, Location, LocationKind
from revlog.devices.services import moves, placing, standing
from revlog.devices.services import places as setting_up
from revlog.storage.facts.places import UnitsPut, UnitsTakenOut
from revlog.storage.queries import suiting

MOST = 1000
"""What one act moves at once."""

placing.guard(suiting.reasons_against)


class UnableToTakeBack(DomainError):
    """The put can't be undone: something has happened since."""

    code = "unable_to_take_back"


@dataclass(frozen=True)
class Put:
    """What was put where: ``units`` as they lie now, ``root`` over their entries, by which it can be taken back."""

    units: list[Device]
    place: Location
    root: str
    at: datetime
    entries: list[Entry]


def reasons_against_putting(devices: Sequence[Device], place: Location) -> list[Reason]:
    """Every reason why these units can't be put there now, each with what to do instead."""
    return [*_elsewhere(devices, place), *placing.reasons_against(devices, place)]


def _elsewhere(devices: Sequence[Device], place: Location) -> list[Reason]:
    told = [
        Reason("not_here", _("%(tag)s is not at this site") % {"tag": one.tag})
        for one in devices
        if one.hub_id != place.hub_id
    ]
    told += [
        Reason("gone", _("%(tag)s is not here to be put anywhere") % {"tag": one.tag})
        for one in devices
        if State(one.state) not in ON_HAND
    ]
    return told


def put(units: Sequence[uuid.UUID], place: Location, *, by: Actor, at: datetime) -> Put:
    """Put these units in a place, all or none. Many at once are one entry more, on the place's own chain.

    Raises UnableToPut with every reason for every unit.
    """
    _may_move(by)
    keys = list(dict.fromkeys(units))
    if not keys:
        raise BadInput(Reason("nothing", _("Scan the things first, then where you put them.")))
    if len(keys) > MOST:
        raise BadInput(Reason("too_many", _("At most %s things are moved at once.") % f"{MOST:,}"))
    with transaction.atomic():
        taken = moves.take(keys)
        _hold_back(taken, place, by)
        entries = placing.put_many(taken, place, by=by, at=at)
        root = _root(entries)
        if len(taken) > 1:
            _say(place, UnitsPut(place=place.code, hub=place.hub.code, units=len(taken), root=root), by=by, at=at)
    return Put(taken, place, root, at, entries)


def empty_into(source: Location, place: Location, *, by: Actor, at: datetime) -> Put:
    """Move everything that lies in one place to another: one entry on each place's chain. Raises UnableToPut, BadInput."""
    _may_move(by)
    if source.pk == place.pk:
        raise BadInput(Reason("same", _("That is the place they are in. Scan the other one.")))
    with transaction.atomic():
        keys = list(source.devices.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
        if not keys:
            raise BadInput(Reason("empty", _("Nothing lies in %s.") % source.code))
        if len(keys) > MOST:
            raise BadInput(Reason("too_many", _("At most %s things are moved at once.") % f"{MOST:,}"))
        # Who came or went between the look and the lock isn't part of what was seen.
        taken = [one for one in moves.take(keys) if one.location_id == source.pk]
        _hold_back(taken, place, by)
        entries = placing.put_many(taken, place, by=by, at=at)
        root = _root(entries)
        said: dict[str, Any] = {"units": len(taken), "root": root}
        told: list[tuple[Location, UnitsPut | UnitsTakenOut]] = [
            (source, UnitsTakenOut(**said, place=source.code, hub=source.hub.code, after=place.code)),
            (place, UnitsPut(**said, place=place.code, hub=place.hub.code, before=source.code)),
        ]
        for each, fact in sorted(told, key=lambda pair: pair[0].pk):
            _say(each, fact, by=by, at=at)
    return Put(taken, place, root, at, entries)


def take_back(place: Location, *, root: str, put_at: datetime, by: Actor, at: datetime) -> list[Device]:
    """Say that a put was a mistake: each unit is where it was before, by an entry that cites the wrong one.

    Raises UnableToTakeBack when one of them was touched since, or has no room any more where it was.
    """
    _may_move(by)
    with transaction.atomic():
        said = list(
            Entry.objects.filter(
                chain_id__in=place.devices.values("pk"),
                kind=Located.kind,
                occurred_at=put_at,
                actor=by.reference,
                payload__place=place.code,
            )
        )
        wrong = {entry.chain_id: entry for entry in said}
        taken = moves.take(sorted(wrong))
        _visible(taken, by)
        untouched = [one for one in taken if one.head is not None and one.head.digest == wrong[one.pk].digest]
        if not untouched or _root([wrong[one.pk] for one in untouched]) != root:
            raise UnableToTakeBack(
                Reason("touched", _("Something has happened to it since. Scan it and put it where it belongs."))
            )
        before = {name for entry in said if (name := entry.payload.get("before"))}
        known = {one.code: one for one in Location.objects.filter(hub=place.hub, code__in=before).order_by("pk")}
        _back(untouched, wrong, known, place, by=by, at=at)
    return taken


def _back(
    taken: Sequence[Device],
    wrong: dict[uuid.UUID, Entry],
    known: dict[str, Location],
    place: Location,
    *,
    by: Actor,
    at: datetime,
) -> None:
    alike: dict[str, list[Device]] = {}
    for one in taken:
        alike.setdefault(wrong[one.pk].payload.get("before") or "", []).append(one)
    # ``known`` comes by its ids, in which places are locked.
    placing.hold_for(taken, *(one for code, one in known.items() if code in alike))
    formers = {code: placing.locked(one) for code, one in known.items() if code in alike}
    for code, some in sorted(alike.items()):
        former = formers.get(code)
        if former is not None:
            left = placing.room(former)
            if left is not None and left < len(some):
                raise UnableToTakeBack(
                    Reason("full", _("%s is full by now. Scan the thing and another place for it.") % former.code)
                )
        against = placing.reasons_against(some, former) if former else placing.reasons_against_leaving(some)
        if against:
            raise UnableToTakeBack(against)
        entries = moves.note_many(
            some,
            facts=[
                PutTakenBack(
                    place=place.code, back=former.code if former is not None else None, corrects=wrong[one.pk].digest
                )
                for one in some
            ],
            by=by,
            at=at,
            set={"location_id": former.pk if former else None},
        )
        placing.tell({one.pk: place for one in some}, former, entries, by=by, at=at)


def miss(unit: uuid.UUID, *, by: Actor, at: datetime) -> Device:
    """It isn't where it should be. Raises UnableToPut for one that is missed already."""
    _may_move(by)
    with transaction.atomic():
        device = moves.take_one(unit)
        _visible([device], by)
        if State(device.state) not in ON_HAND:
            raise placing.UnableToPut(Reason("gone", _("%(tag)s has left this site") % {"tag": device.tag}))
        if device.location_id is None:
            raise placing.UnableToPut(Reason("missed", _("%(tag)s has no place already") % {"tag": device.tag}))
        standing.miss(device, by=by, at=at)
    return device


def _hold_back(taken: Sequence[Device], place: Location, by: Actor) -> None:
    """What speaks against it beyond the place's own rules, which ``placing`` asks under its lock."""
    _visible(taken, by)
    if reasons := _elsewhere(taken, place):
        raise placing.UnableToPut(reasons)


def _visible(devices: Sequence[Device], by: Actor) -> None:
    if not all(one.is_visible_to(by) for one in devices):
        raise NotAllowed(Reason("not_allowed", _("This is at a site where you don't work.")))


def _may_move(by: Actor) -> None:
    if not by.may("devices.locate") or not by.is_operator:
        raise NotAllowed(Reason("not_allowed", _("Moving units needs the right to move them.")))


def _root(entries: Sequence[Entry]) -> str:
    return merkle.root(bytes.fromhex(digest) for digest in sorted(one.digest for one in entries)).hex()


def _say(place: Location, fact: UnitsPut | UnitsTakenOut, *, by: Actor, at: datetime) -> None:
    if place.kind == LocationKind.CONTAINER:
        # A container's own chain says what was put in and taken out, whoever does it (``containers/filling.py``).
        return
    setting_up.with_chain(place, by=by, at=at)
    ledger.append(place.pk, fact, by=by, at=at, hub=place.hub_id)
