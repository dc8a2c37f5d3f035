"""Putting taken units in a place. The place is locked, so that two hands never overfill it; every reason against is told at once.

What else may refuse (whom a place is kept for, what it is for, dangerous goods) joins by ``guard``: whoever puts something, by whatever
page or key, meets the same rules.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from django.db import connection
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.common.errors import DomainError, Reason
from revlog.custody.models import Entry
from revlog.custody.services import ledger
from revlog.devices import facts
from revlog.devices.journey import CLEARED, Data
from revlog.devices.models import Device, Location, LocationKind
from revlog.devices.services import moves

Guard = Callable[[Sequence[Device], Location], Sequence[Reason]]
Leaving = Callable[[Sequence[Device]], Sequence[Reason]]


class Afterwards(Protocol):
    def __call__(
        self,
        before: Mapping[uuid.UUID, Location | None],
        place: Location | None,
        entries: Sequence[Entry],
        *,
        by: Actor,
        at: datetime,
    ) -> None: ...


GUARDS: list[Guard] = []
LEAVING: list[Leaving] = []
AFTERWARDS: list[Afterwards] = []
OPEN_TO_ALL = frozenset({LocationKind.BIN, LocationKind.ZONE, LocationKind.AISLE, LocationKind.CONTAINER})
"""Kinds where a thing stays by itself: what may hold data needs a secured one. At a bench or a dock somebody stands beside it."""


DEEPEST = 12
"""How many containers in containers are looked at."""

_ABOVE = """
WITH RECURSIVE above (id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM devices_location WHERE id = ANY(%s)
    UNION ALL
    SELECT l.id, l.parent_id, a.depth + 1 FROM devices_location l JOIN above a ON a.parent_id = l.id
    WHERE a.depth < %s
) SELECT DISTINCT id FROM above ORDER BY id"""


class UnableToPut(DomainError):
    """The unit, or one of the units, can't be put in that place."""

    code = "unable_to_put"


def guard(says: Guard) -> Guard:
    """Declare what else may refuse units in a place: the decorated function gets units and place, gives reasons."""
    if says not in GUARDS:
        GUARDS.append(says)
    return says


def leaving(says: Leaving) -> Leaving:
    """Declare what may keep units where they lie, wherever they would go: the function gets the units, gives reasons."""
    if says not in LEAVING:
        LEAVING.append(says)
    return says


def afterwards(says: Afterwards) -> Afterwards:
    """Declare what else is written when units were put, in the same transaction: the function gets where each lay before.

    The place is None where a put was taken back and nobody knows where the unit lay before it.
    """
    if says not in AFTERWARDS:
        AFTERWARDS.append(says)
    return says


def locked(place: Location) -> Location:
    """The place as it is now, locked until the transaction ends; after the units, before any chain of its own."""
    return Location.objects.select_for_update(no_key=True, of=("self",)).select_related("hub").get(pk=place.pk)


def hold(places: Iterable[uuid.UUID]) -> None:
    """Lock these places and all that they stand in until the transaction ends, by their ids.

    What they stand in is read again under the locks: one that was moved before they were had has other places above it.
    """
    keys, held = list(places), list[uuid.UUID]()
    while not set(above := _above(keys)) <= set(held):
        held = above
        list(Location.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=held).order_by("pk"))


def hold_for(devices: Sequence[Device], *places: Location) -> None:
    """Lock the containers that units come out of or go into, and ``places`` with them; nothing where there is no container.

    A container is filled and emptied under the locks by which it is sealed and moved, with all that it stands in.
    """
    if containers := _containers(devices, places):
        hold({*containers, *(one.pk for one in places)})


def _above(places: list[uuid.UUID]) -> list[uuid.UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, [places, DEEPEST])
        return [row[0] for row in cursor.fetchall()]


def guarded(place: Location) -> bool:
    """Whether data may lie there by itself: it is secured, or it is a container that stands in a secured place."""
    above: Location | None = place
    for _level in range(DEEPEST):
        if above is None or above.secured:
            return above is not None
        above = above.parent if above.kind == LocationKind.CONTAINER else None
    return False


def room(place: Location, *, beside: Sequence[Device] = ()) -> int | None:
    """How many more units fit, those of ``beside`` not counted; None where nobody counts. In a container, each container takes a room."""
    if place.capacity is None:
        return None
    taken = place.devices.exclude(pk__in=[one.pk for one in beside]).count()
    if place.kind == LocationKind.CONTAINER:
        taken += place.children.filter(kind=LocationKind.CONTAINER).count()
    return place.capacity - taken


def reasons_against_leaving(devices: Sequence[Device]) -> list[Reason]:
    """Every reason why these units can't be taken from where they lie now."""
    return [reason for says in LEAVING for reason in says(devices)]


def reasons_against(devices: Sequence[Device], place: Location) -> list[Reason]:
    """Every reason why these units can't be put in the place now; empty when they can."""
    reasons = reasons_against_leaving([one for one in devices if one.location_id != place.pk])
    if not place.active:
        reasons.append(Reason("closed", _("%(place)s is not in use") % {"place": place.code}))
    reasons += [
        Reason(
            "not_secured",
            _("%(tag)s may hold data and %(place)s is not secured; use a place in the data cage")
            % {"tag": device.tag, "place": place.code},
        )
        for device in devices
        if Data(device.data) not in CLEARED and not guarded(place) and place.kind in OPEN_TO_ALL
    ]
    left = room(place, beside=devices)
    if left is not None and left < len(devices):
        reasons.append(
            Reason("full", _("%(place)s is full") % {"place": place.code})
            if left <= 0
            else Reason(
                "full",
                _("%(place)s has room for %(left)s more, and there are %(units)s")
                % {"place": place.code, "left": left, "units": len(devices)},
            )
        )
    for says in GUARDS:
        reasons += says(devices, place)
    return reasons


def put(device: Device, place: Location, *, by: Actor, at: datetime) -> Entry:
    """Put a taken unit in a place. Raises UnableToPut with every reason."""
    with moves.taken(device):
        into = _checked([device], place)
        lay = device.location
        before = lay.code if lay is not None else None
        entry = moves.note(
            device,
            fact=facts.Located(place=into.code, hub=into.hub.code, before=before),
            by=by,
            at=at,
            set={"location_id": into.id, "hub_id": into.hub_id},
        )
        tell({device.id: lay}, into, [entry], by=by, at=at)
    return entry


def put_many(devices: Sequence[Device], place: Location, *, by: Actor, at: datetime) -> list[Entry]:
    """``put`` for many taken units, all or none, set-based."""
    if not devices:
        return []
    with ledger.together():
        into = _checked(devices, place)
        known = Location.objects.in_bulk({one.location_id for one in devices if one.location_id})
        lay = {one.id: known.get(one.location_id) if one.location_id else None for one in devices}
        said = [
            facts.Located(
                place=into.code, hub=into.hub.code, before=former.code if (former := lay[one.id]) is not None else None
            )
            for one in devices
        ]
        entries = moves.note_many(
            devices, facts=said, by=by, at=at, set={"location_id": into.id, "hub_id": into.hub_id}
        )
        tell(lay, into, entries, by=by, at=at)
    return entries


def tell(
    lay: Mapping[uuid.UUID, Location | None],
    into: Location | None,
    entries: Sequence[Entry],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Write what else is to be written when units lie elsewhere: whoever moves them by an entry of its own says so here."""
    for says in AFTERWARDS:
        says(lay, into, entries, by=by, at=at)


def _checked(devices: Sequence[Device], place: Location) -> Location:
    hold_for(devices, place)
    into = locked(place)
    if reasons := reasons_against(devices, into):
        raise UnableToPut(reasons)
    return into


def _containers(devices: Sequence[Device], places: Sequence[Location]) -> set[uuid.UUID]:
    """The containers that units come out of or go into."""
    known = {one.pk for one in places}
    first = {one.location_id: one for one in reversed(devices)}
    sources = [one.location for one in first.values() if one.location_id not in known]
    return {one.pk for one in (*places, *sources) if one is not None and one.kind == LocationKind.CONTAINER}
