"""What every verb of containers needs: the row under lock, its chain, and the root of what is in it.

Locks: units first, then places by their ids (a container with all that it stands in), then chains. Whoever puts something into a
container holds what it stands in as well, so that nothing slips into a pallet while it is moved.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.errors import DomainError, NotAllowed, Reason
from revlog.custody import merkle
from revlog.custody.facts import Fact
from revlog.custody.models import Chain, Entry
from revlog.custody.services import ledger
from revlog.devices.models import Location, LocationKind
from revlog.devices.services import placing
from revlog.storage.facts import containers as facts
from revlog.storage.models import Container, ContainerState
from revlog.storage.queries import containers as reads

CHAIN = "container"


class UnableToMoveContainer(DomainError):
    """The container can't be moved there."""

    code = "unable_to_move_container"


class UnableToKeep(DomainError):
    """The container can't be filled, emptied, sealed or changed like this now."""

    code = "unable_to_keep_container"


@dataclass(frozen=True)
class Contents:
    """What is in a container now, whatever the depth: how many units, how many containers, and the root of them."""

    units: int
    containers: int
    root: str


_HEADS = """
SELECT c.head_digest FROM devices_device d JOIN custody_chain c ON c.id = d.id
WHERE d.location_id = ANY(%s) ORDER BY d.id"""


def contents(container: Container) -> Contents:
    """Two statements, however many units are inside."""
    places = reads.below([container.pk])
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, [places])
        digests = [row[0] for row in cursor.fetchall()]
    return Contents(len(digests), len(places) - 1, root(digests))


def root(digests: Iterable[str]) -> str:
    return merkle.root(bytes.fromhex(one) for one in digests).hex()


HANDS_OFF: list[Callable[[Container], Sequence[Reason]]] = []


def hands_off(says: Callable[[Container], Sequence[Reason]]) -> Callable[[Container], Sequence[Reason]]:
    """Declare what else keeps people from handling a container, that it travels say: the function gives reasons."""
    if says not in HANDS_OFF:
        HANDS_OFF.append(says)
    return says


def require(by: Actor, container: Container, permission: str = "devices.locate") -> None:
    if not by.may(permission) or not Hub.objects.worked_by(by).filter(pk=container.location.hub_id).exists():
        raise NotAllowed(Reason("not_allowed", _("Containers are handled by the people of their site.")))
    if found := [reason for says in HANDS_OFF for reason in says(container)]:
        raise UnableToKeep(found)


def locked(container: Container, *others: uuid.UUID | None) -> Container:
    """The container as it is now, with its place and all places above it and above ``others`` locked until the transaction ends.

    A place of kind container that was set up before containers had rows gets its row here.
    """
    placing.hold(one for one in (container.pk, *others) if one is not None)
    place = Location.objects.select_related("hub__organization", "parent", "client").get(pk=container.pk)
    fresh = Container.objects.select_related("owner").filter(pk=container.pk).first()
    if fresh is None:
        fresh = reads.as_container(place)
        fresh.save(force_insert=True)
    fresh.location = place
    return fresh


def say(container: Container, fact: Fact, *, by: Actor, at: datetime, key: str = "") -> Entry:
    """One entry on the container's chain, which begins here where it has none."""
    hub = container.location.hub_id
    if not Chain.objects.filter(pk=container.pk).exists():
        ledger.begin(CHAIN, container.pk, made(container), by=by, at=at, hub=hub)
    return ledger.append(container.pk, fact, by=by, at=at, key=key, hub=hub)


def made(container: Container) -> facts.ContainerMade:
    return facts.ContainerMade(
        container=container.number,
        kind_of_container=container.kind,
        hub=container.location.hub.code,
        label=container.label or None,
    )


def of_place(place: Location | None) -> Container | None:
    """The container that a place is, if it is one."""
    if place is None or place.kind != LocationKind.CONTAINER:
        return None
    found = Container.objects.select_related("location__hub", "owner").filter(pk=place.pk).first()
    return found if found is not None else reads.as_container(place)


def shut(steps: Sequence[reads.Step], rows: dict[uuid.UUID, Container]) -> Container | None:
    """The closed or sealed container on the way there, if there is one."""
    for step in steps:
        row = rows.get(step.id)
        if row is not None and row.state in {ContainerState.CLOSED, ContainerState.SEALED, ContainerState.RETIRED}:
            return row
    return None


def rows_of(steps: Sequence[reads.Step]) -> dict[uuid.UUID, Container]:
    keys = [step.id for step in steps if step.kind == LocationKind.CONTAINER]
    return (
        {row.pk: row for row in Container.objects.select_related("location__client").filter(pk__in=keys)}
        if keys
        else {}
    )


def state_sentence(row: Container) -> str:
    if row.state == ContainerState.SEALED:
        return _("%(container)s is sealed; break the seal with a reason first") % {"container": row.number}
    if row.state == ContainerState.RETIRED:
        return _("%(container)s is out of use") % {"container": row.number}
    return _("%(container)s is closed; open it first") % {"container": row.number}
