"""A container that stands in the place that is counted is one thing of it: it is scanned once, whatever is in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common import ids
from revlog.common.errors import BadInput, NotAllowed, Reason
from revlog.custody.facts import Fact
from revlog.custody.models import Chain, Entry
from revlog.devices.models import Location
from revlog.storage.facts.counts import ContainerFound, ContainerMissed, SeenInCount
from revlog.storage.models import Container
from revlog.storage.models.counts import Count, Difference, DifferenceKind, Seen, Walk
from revlog.storage.queries import containers as reads
from revlog.storage.queries import counts as queries
from revlog.storage.services.containers import keeping as containers
from revlog.storage.services.containers import moving
from revlog.storage.services.counts import keeping
from revlog.storage.services.counts.keeping import Compared, Found, UnableToSettle


def see(walk: Walk, container: Location, *, by: Actor, at: datetime) -> Found:
    """The container stands here. Scanned again, it is said and counts once."""
    keeping.mine(walk, by)
    if container.pk == walk.count.place_id:
        raise BadInput(Reason("itself", _("%s is what is counted: scan what is in it.") % container.code))
    if not Hub.objects.worked_by(by).filter(pk=container.hub_id).exists():
        raise NotAllowed(Reason("not_allowed", _("This is at a site where you don't work.")))
    with transaction.atomic():
        keeping.still_open(walk)
        place = Location.objects.select_related("parent").get(pk=container.pk)
        known = Seen.objects.filter(walk=walk, container=place).first()
        if known is None:
            keeping.demand_room(walk)
            head = Chain.objects.filter(pk=place.pk).values_list("head_sequence", flat=True).first()
            row = Seen(
                id=ids.new(at), walk=walk, container=place, place_id=place.parent_id, sequence=head or 0, seen_at=at
            )
            row.save(force_insert=True)
    elsewhere = place.parent_id != walk.count.place_id and str(place.pk) not in walk.stood
    return Found(known or row, known is not None, place.parent if elsewhere else None, elsewhere)


def meant(walk: Walk, scanned: Iterable[Seen], place: Location) -> list[Location]:
    """The containers that a walk is about: those that stood there, stand there, or were scanned."""
    keys = {uuid.UUID(key) for key in walk.stood} | set(queries.standing(place))
    return of(keys | {one.container_id for one in scanned if one.container_id is not None})


def of(keys: Iterable[uuid.UUID]) -> list[Location]:
    return list(Location.objects.select_related("hub", "parent").filter(pk__in=list(keys)).order_by("pk"))


def compare(walk: Walk, scanned: Sequence[Seen], place: Location, told: Compared) -> list[Location]:
    """Add to ``told`` what was seen against what the books have, of held containers. Those that are as they should be."""
    then = {uuid.UUID(key): sequence for key, sequence in walk.stood.items()}
    seen = {one.container_id: one for one in scanned if one.container_id is not None}
    boxes = {one.pk: one for one in of({*then, *seen})}
    moved = queries.moved_since(then) | (set(then) ^ set(queries.standing(place)))
    settled = [boxes[key] for key in sorted(set(then) - moved)]
    told.expected += len(settled)
    told.moved += len(moved)
    for box in settled:
        if box.pk not in seen:
            worth = _worth(box)
            told.differences.append(
                Difference(
                    kind=DifferenceKind.MISSING, container=box, belongs=place, expected=1, counted=0,
                    sequence=_head(box), **worth,
                )
            )  # fmt: skip
    strange = {key: row for key, row in seen.items() if key not in then and key not in moved}
    handled = queries.moved_since({key: row.sequence for key, row in strange.items()})
    for key, row in sorted(strange.items()):
        box = boxes[key]
        if key in handled or box.parent_id != row.place_id or box.parent_id == place.pk:
            told.moved += 1
            continue
        told.differences.append(
            Difference(
                kind=DifferenceKind.EXTRA, container=box, belongs_id=box.parent_id, expected=0, counted=1,
                sequence=_head(box),
            )
        )  # fmt: skip
    return [one for one in settled if one.pk in seen]


def _head(box: Location) -> int:
    return Chain.objects.filter(pk=box.pk).values_list("head_sequence", flat=True).first() or 0


def _worth(box: Location) -> dict[str, object]:
    """What lies in it, at what it was expected to bring; of several currencies the one in which it is most."""
    rows = reads.inside(_row(box)).order_by().values("currency").annotate(worth=Sum("expected_value"))
    most = max(((row["worth"] or 0, row["currency"]) for row in rows), default=(0, "EUR"))
    return {"value": most[0], "currency": most[1]}


def _row(box: Location) -> Container:
    found = containers.of_place(box)
    if found is None:
        raise ValueError(f"{box.code} is no container.")
    return found


def say_seen(count: Count, right: Iterable[Location], place: Location, *, by: Actor, at: datetime) -> list[Entry]:
    fact = SeenInCount(number=count.number, place=place.code, hub=place.hub.code)
    return [containers.say(_row(one), fact, by=by, at=at) for one in right]


# Settling ----------------------------------------------------------------------------------------------------------------------------


def against_standing_here(box: Location, place: Location) -> list[Reason]:
    """Why the books can't say that it stands here: what would refuse to move it here."""
    if box.hub_id != place.hub_id:
        told = {"container": box.code, "hub": place.hub.name}
        return [Reason("elsewhere", _("%(container)s is not in our books as being at %(hub)s") % told)]
    return moving.reasons_against_moving(_row(box), place)


def is_changed(row: Difference, handled: set[uuid.UUID]) -> bool:
    return row.container is not None and (row.container.pk in handled or row.container.parent_id != row.belongs_id)


def missed(count: Count, box: Location, place: Location, *, by: Actor, at: datetime) -> Entry:
    return _say(count, box, place, None, by=by, at=at)


def found_here(count: Count, box: Location, place: Location, *, by: Actor, at: datetime) -> Entry:
    if against := against_standing_here(box, place):
        raise UnableToSettle(against)
    return _say(count, box, place, place, by=by, at=at)


def _say(count: Count, box: Location, place: Location, now: Location | None, *, by: Actor, at: datetime) -> Entry:
    row = _row(box)
    inside = containers.contents(row)
    told: dict[str, Any] = {
        "number": count.number, "container": row.number, "place": place.code, "hub": place.hub.code,
        "units": inside.units, "containers": inside.containers, "root": inside.root,
    }  # fmt: skip
    fact: Fact = ContainerMissed(**told)
    if now is not None:
        fact = ContainerFound(**told, before=box.parent.code if box.parent is not None else None)
    Location.objects.filter(pk=box.pk).update(parent=now)
    return containers.say(row, fact, by=by, at=at)
