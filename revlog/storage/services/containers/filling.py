"""What goes into containers and out of them. Whoever puts a unit anywhere (``devices.services.placing``) meets these rules."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody.models import Entry
from revlog.devices.models import Device, Location, LocationKind
from revlog.devices.services import moves, placing
from revlog.storage.facts import containers as facts
from revlog.storage.models import Container, ContainerState
from revlog.storage.queries import containers as reads
from revlog.storage.services.containers import keeping, moving
from revlog.storage.services.containers.keeping import UnableToKeep


@placing.leaving
def kept_in(devices: Sequence[Device]) -> list[Reason]:
    """Why these units can't come out of the containers where they are."""
    found = []
    seen: set[uuid.UUID] = set()
    for device in devices:
        if device.location_id is None or device.location_id in seen:
            continue
        seen.add(device.location_id)
        if device.location is None or device.location.kind != LocationKind.CONTAINER:
            continue
        steps = reads.way(device.location_id)
        if (shut := keeping.shut(steps, keeping.rows_of(steps))) is not None:
            found.append(Reason("shut", keeping.state_sentence(shut)))
    return found


@placing.guard
def rules(devices: Sequence[Device], place: Location) -> list[Reason]:
    """Why these units can't go there for the sake of the container that it is."""
    found: list[Reason] = []
    if place.kind != LocationKind.CONTAINER:
        return found
    steps = reads.way(place.pk)
    rows = keeping.rows_of(steps)
    if (shut := keeping.shut(steps, rows)) is not None:
        found.append(Reason("shut", keeping.state_sentence(shut)))
    for device in devices:
        if device.has_ended:
            found.append(Reason("not_here", _("%(tag)s isn't here any more") % {"tag": device.tag}))
        elif device.hub_id is not None and device.hub_id != place.hub_id:
            found.append(Reason("elsewhere", _("%(tag)s is at another site") % {"tag": device.tag}))
        found += [
            Reason(
                "client",
                _("%(tag)s isn't %(client)s's, and %(container)s is kept for %(client)s alone")
                % {"tag": device.tag, "client": row.location.client.name, "container": row.number},
            )
            for row in rows.values()
            # What the place itself is kept for is asked of every place.
            if row.pk != place.pk and row.location.client is not None and device.owner_id != row.location.client_id
        ]
    return found


@placing.afterwards
def told(
    before: Mapping[uuid.UUID, Location | None],
    place: Location | None,
    entries: Sequence[Entry],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """One entry on the chain of the container that was filled, and of each that units came out of."""
    digests = {entry.chain_id: entry.digest for entry in entries}
    to = place.pk if place is not None else None
    moved = {unit: former for unit, former in sorted(before.items()) if former is None or former.pk != to}
    sources = {former.pk: former for former in moved.values() if former is not None}
    for source in sorted(sources.values(), key=lambda one: one.pk):
        row = keeping.of_place(source)
        if row is not None:
            came = [digests[unit] for unit, former in moved.items() if former is not None and former.pk == source.pk]
            _out(row, came, place.code if place is not None else None, by=by, at=at)
    fresh = list(moved)
    row = keeping.of_place(place)
    if place is not None and row is not None and fresh:
        row = _kept(row)
        fact = facts.ContainerFilled(
            container=row.number, units=len(fresh), inside=place.devices.count(),
            root=keeping.root(digests[unit] for unit in fresh),
        )  # fmt: skip
        keeping.say(row, fact, by=by, at=at)


def _out(row: Container, digests: Sequence[str], place: str | None, *, by: Actor, at: datetime) -> None:
    row = _kept(row)
    fact = facts.ContainerTakenFrom(
        container=row.number, units=len(digests), inside=Device.objects.filter(location_id=row.pk).count(), place=place,
        root=keeping.root(digests),
    )  # fmt: skip
    keeping.say(row, fact, by=by, at=at)


def _kept(row: Container) -> Container:
    if row._state.adding:
        row.save(force_insert=True)
    return row


@transaction.atomic
def put(devices: Sequence[Device], container: Container, *, by: Actor, at: datetime) -> list[Entry]:
    """Put units into a container, all or none. Raises UnableToPut with every reason."""
    keeping.require(by, container)
    if not devices:
        raise BadInput(Reason("nothing", _("Scan what goes in.")))
    taken = moves.take(one.pk for one in devices)
    row = keeping.locked(container, *(one.location_id for one in taken))
    entries = placing.put_many([one for one in taken if one.location_id != row.pk], row.location, by=by, at=at)
    for device, fresh in zip(devices, taken, strict=True):
        device.__dict__.update(fresh.__dict__)
    return entries


@transaction.atomic
def empty(container: Container, place: Location, *, by: Actor, at: datetime) -> int:
    """Put everything that lies in it into a place of its site, containers too. How many units were put there.

    Everything is locked at once, in the order of all locks: its units, then all places by their ids (itself, what is in it, the target).
    """
    keeping.require(by, container)
    keys = Device.objects.filter(location_id=container.pk).order_by("pk").values_list("pk", flat=True)
    devices = moves.take(keys)
    within = _within(container.pk)
    row = keeping.locked(container, place.pk, *within)
    into = Location.objects.select_related("hub").get(pk=place.pk)
    if row.state != ContainerState.OPEN:
        raise UnableToKeep(Reason("shut", keeping.state_sentence(row)))
    if into.pk == row.pk:
        raise UnableToKeep(Reason("itself", _("Scan the place where its contents go.")))
    if into.hub_id != row.location.hub_id:
        told = {"place": into.code, "hub": into.hub.name, "container": row.number}
        raise UnableToKeep(
            Reason("elsewhere", _("%(place)s is at %(hub)s; move %(container)s there, then empty it.") % told)
        )
    now = set(Device.objects.filter(location_id=row.pk).values_list("pk", flat=True))
    if now != {one.pk for one in devices} or _within(row.pk) != within:
        raise UnableToKeep(Reason("moved", _("Somebody else is at %s now; scan it again.") % row.number))
    placing.put_many(devices, into, by=by, at=at)
    nested = Container.objects.filter(pk__in=within).select_related("location__hub", "location__parent")
    for one in nested.order_by("pk"):
        moving.move(one, into, by=by, at=at)
    return len(devices)


def _within(container: uuid.UUID) -> list[uuid.UUID]:
    """The containers that stand directly in it."""
    return list(Container.objects.filter(location__parent=container).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def put_back(unit: uuid.UUID, *, out_of: uuid.UUID, to: uuid.UUID, by: Actor, at: datetime) -> tuple[Device, Location]:
    """Take a put back: the unit goes where it lay before. Refused when it was moved on since."""
    if not by.may("devices.locate") or not by.is_operator:
        raise NotAllowed(Reason("not_allowed", _("Moving units needs the right to move them.")))
    device = moves.take_one(unit)
    place = Location.objects.select_related("hub").filter(pk=to, hub__in=Hub.objects.worked_by(by)).first()
    if device.location_id != out_of or place is None or not device.is_visible_to(by):
        raise UnableToKeep(
            Reason("touched", _("Something has happened to it since. Scan it and put it where it belongs."))
        )
    placing.put(device, place, by=by, at=at)
    return device, place
