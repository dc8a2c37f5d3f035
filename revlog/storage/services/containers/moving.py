"""Moving a container, with everything in it, in one step: one row and one entry, whatever is inside.

Units keep their location, which is the container; where they are follows from where it stands. Only when it comes to another site do
they change: their hub is theirs, and each unit's chain says so, set-based.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.errors import NotAllowed, Reason
from revlog.custody.models import Entry
from revlog.devices.facts import Located
from revlog.devices.models import Device, Location, LocationKind
from revlog.devices.services import moves
from revlog.storage.facts import containers as facts
from revlog.storage.models import Container, ContainerState, FrozenPlace
from revlog.storage.queries import containers as reads
from revlog.storage.services.containers import keeping
from revlog.storage.services.containers.keeping import UnableToMoveContainer


def stands(container: Container) -> str:
    """Where it stands, as a code; empty when nobody knows."""
    return container.location.parent.code if container.location.parent is not None else ""


def reasons_against_moving(container: Container, place: Location) -> list[Reason]:
    """Every reason why it can't be moved there now, looked at before anything moves."""
    found = []
    told = {"container": container.number, "place": place.code}
    if container.state == ContainerState.RETIRED:
        found.append(Reason("retired", keeping.state_sentence(container)))
    if not place.active:
        found.append(Reason("closed", _("%(place)s is not in use") % told))
    found += _frozen(container, place)
    left = reads.way(container.location.parent_id)
    steps = reads.way(place.pk)
    if any(step.id == container.pk for step in steps):
        found.append(Reason("in_itself", _("%(container)s can't be put into itself") % told))
        return found
    rows = keeping.rows_of(steps)
    # What is shut lets nothing out and nothing in.
    both = (keeping.shut(left, keeping.rows_of(left)), keeping.shut(steps, rows))
    shut = {row.pk: row for row in both if row is not None}
    found += [Reason("shut", keeping.state_sentence(row)) for row in shut.values()]
    if place.kind == LocationKind.CONTAINER and place.capacity is not None:
        standing = place.children.filter(kind=LocationKind.CONTAINER).exclude(pk=container.pk).count()
        if place.devices.count() + standing >= place.capacity:
            found.append(Reason("full", _("%(place)s is full") % told))
    for client in {row.location.client_id for row in rows.values()} | {place.client_id}:
        if client is None:
            continue
        if others := reads.inside(container).exclude(owner_id=client).count():
            found.append(Reason("client", _others_sentence(others, place.code)))
    if not _secure_there(container, steps) and (risky := reads.risky(container)):
        found.append(
            Reason(
                "not_secured",
                ngettext(
                    "%(units)s unit in %(container)s may hold data and %(place)s is not secured; use a place in the data cage, or seal it",
                    "%(units)s units in %(container)s may hold data and %(place)s is not secured; use a place in the data cage, or seal it",
                    risky,
                )
                % (told | {"units": risky}),
            )
        )
    return found


def _frozen(container: Container, place: Location) -> list[Reason]:
    """What a hazard froze goes nowhere but, whole, to a place for it; what waits to be inspected again stays at its site."""
    number = container.location.frozen_by
    found = []
    if place.frozen_by:
        told = {"place": place.code, "number": place.frozen_by}
        found.append(Reason("frozen", _("%(place)s is frozen by %(number)s: nothing goes in or out") % told))
    if not number:
        # One that isn't frozen itself stands in one that is.
        outer = container.location.parent
        if outer is not None and outer.frozen_by:
            told = {"place": outer.code, "number": outer.frozen_by}
            found.append(Reason("frozen", _("%(place)s is frozen by %(number)s: nothing goes in or out") % told))
        return found + _inside_to_inspect(container, place)
    told = {"container": container.number, "number": number}
    if FrozenPlace.objects.filter(place=container.pk, freed_at=None).exists():
        if not place.hazard_class:
            found.append(
                Reason(
                    "frozen_there",
                    _("%(container)s is frozen by %(number)s; it goes to a place for dangerous goods and nowhere else")
                    % told,
                )
            )
    elif container.location.hub_id != place.hub_id:
        found.append(
            Reason("re_inspect", _("%(container)s is to be inspected again for %(number)s before it leaves") % told)
        )
    return found


def _inside_to_inspect(container: Container, place: Location) -> list[Reason]:
    """What stands in it and waits to be inspected again stays at its site, too."""
    if container.location.hub_id == place.hub_id:
        return []
    inside = Location.objects.filter(pk__in=reads.below([container.pk])).exclude(frozen_by="").order_by("code")
    sentence = _("%(container)s is to be inspected again for %(number)s before it leaves")
    return [Reason("re_inspect", sentence % {"container": one.code, "number": one.frozen_by}) for one in inside[:4]]


def _secure_there(container: Container, steps: Sequence[reads.Step]) -> bool:
    """Whether data may lie in it when it stands there: it is sealed, or it or what it stands in is secured."""
    return container.state == ContainerState.SEALED or container.location.secured or reads.guarded(steps)


def _others_sentence(others: int, place: str) -> str:
    return ngettext(
        "%(units)s unit in it belongs to somebody else than %(place)s is kept for",
        "%(units)s units in it belong to somebody else than %(place)s is kept for",
        others,
    ) % {"units": others, "place": place}


@transaction.atomic
def move(
    container: Container, place: Location, *, seen_at: str | None = None, by: Actor, at: datetime, key: str = ""
) -> Entry | None:
    """Move it there with all that is in it. None when it stands there already.

    ``seen_at`` is the code of the place where the person saw it standing: when somebody else has moved it since, it is refused with what
    happened. Raises UnableToMoveContainer with every reason before anything moves.
    """
    keeping.require(by, container)
    if not Hub.objects.worked_by(by).filter(pk=place.hub_id).exists():
        raise NotAllowed(Reason("not_allowed", _("This place is at a site that is not yours.")))
    abroad = container.location.hub_id != place.hub_id
    # Units go first in the order of locks; within a site none of them changes.
    devices = moves.take(reads.inside(container).values_list("pk", flat=True)) if abroad else []
    row = keeping.locked(container, place.pk)
    into = Location.objects.select_related("hub").get(pk=place.pk)
    if row.location.parent_id == into.pk:
        return None
    before = stands(row)
    if seen_at is not None and seen_at != before:
        raise UnableToMoveContainer(
            Reason(
                "moved",
                _("%(container)s is no longer where you saw it. %(story)s. Look, and scan it again.")
                % {"container": row.number, "story": reads.last_move(row).rstrip(".")},
            )
        )
    if found := reasons_against_moving(row, into):
        raise UnableToMoveContainer(found)
    inside = keeping.contents(row)
    if abroad:
        _rehub(row, into, devices, by=by, at=at)
    Location.objects.filter(pk=row.pk).update(parent=into)
    row.location.parent = into
    container.location = row.location
    fact = facts.ContainerMoved(
        container=row.number, place=into.code, hub=into.hub.code, before=before or None, units=inside.units,
        containers=inside.containers, root=inside.root,
    )  # fmt: skip
    return keeping.say(row, fact, by=by, at=at, key=key)


def _rehub(row: Container, into: Location, devices: Sequence[Device], *, by: Actor, at: datetime) -> None:
    """It comes to another site: containers and units in it are that site's from now on, and each unit's chain says so."""
    places = reads.below([row.pk])
    if {one.pk for one in reads.inside(row)} != {one.pk for one in devices}:
        raise UnableToMoveContainer(Reason("moved", _("Somebody else is at %s now; scan it again.") % row.number))
    try:
        with transaction.atomic():
            Location.objects.filter(pk__in=places).update(hub=into.hub)
    except IntegrityError as error:
        raise UnableToMoveContainer(
            Reason("code", _("%(hub)s has another container with this number.") % {"hub": into.hub.name})
        ) from error
    row.location.hub = into.hub
    if devices:
        codes = dict(Location.objects.filter(pk__in=places).values_list("pk", "code"))
        said = [
            Located(place=codes[key], hub=into.hub.code, before=codes[key])
            for key in (one.location_id for one in devices if one.location_id is not None)
        ]
        moves.note_many(devices, facts=said, by=by, at=at, set={"hub_id": into.hub_id})
