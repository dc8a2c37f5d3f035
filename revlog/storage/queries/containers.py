"""Where a container stands, what is in it, and how it came there."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q, QuerySet

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.accounts.queries import moment, who
from revlog.common import ids
from revlog.common.words import Audience
from revlog.custody.models import Entry
from revlog.devices.journey import CLEARED
from revlog.devices.models import Device, Location, LocationKind
from revlog.storage.models import Container

PREFIX = "CT"
DEEPEST = 12

_DOWN = """
WITH RECURSIVE below (id, depth) AS (
    SELECT id, 0 FROM devices_location WHERE id = ANY(%s)
    UNION ALL
    SELECT l.id, b.depth + 1 FROM devices_location l JOIN below b ON l.parent_id = b.id
    WHERE l.kind = 'container' AND b.depth < %s
) SELECT DISTINCT id FROM below ORDER BY id"""
_UP = """
WITH RECURSIVE above (id, parent_id, kind, code, secured, depth) AS (
    SELECT id, parent_id, kind, code, secured, 0 FROM devices_location WHERE id = %s
    UNION ALL
    SELECT l.id, l.parent_id, l.kind, l.code, l.secured, a.depth + 1 FROM devices_location l JOIN above a ON a.parent_id = l.id
    WHERE a.depth < %s
) SELECT id, kind, code, secured FROM above ORDER BY depth"""


@dataclass(frozen=True)
class Step:
    """One place on the way up from a container to the floor of its hub."""

    id: uuid.UUID
    kind: str
    code: str
    secured: bool


def below(places: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """These containers and all in them, whatever the depth."""
    with connection.cursor() as cursor:
        cursor.execute(_DOWN, [list(places), DEEPEST])
        return [row[0] for row in cursor.fetchall()]


def way(place: uuid.UUID | None) -> list[Step]:
    """The place itself, then what it stands in, outermost last."""
    if place is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_UP, [place, DEEPEST])
        return [Step(*row) for row in cursor.fetchall()]


def path(place: uuid.UUID | None) -> str:
    """The way there for people: "CAGE-A1 > PAL-3 > CT-7K3M-9QXA"."""
    return " > ".join(one.code for one in reversed(way(place)))


def guarded(steps: Sequence[Step]) -> bool:
    """Whether data may lie there: the place is secured, or what it stands in is."""
    return any(one.secured for one in steps)


def inside(container: Container) -> QuerySet[Device]:
    """Every unit in it, those in containers within it too."""
    return Device.objects.filter(location_id__in=below([container.pk])).order_by("id")


def risky(container: Container) -> int:
    """How many units in it may hold data."""
    return inside(container).exclude(data__in=CLEARED).count()


def known(text: str, by: Actor, *, label: Sequence[str] = (), hub: Hub | None = None) -> Container | None:
    """The container that a code names, the person's own site first; a place of that kind that has no row yet comes unsaved."""
    rows = Container.objects.visible_to(by).select_related(
        "location__hub", "location__parent", "location__client", "owner"
    )
    number = ids.normal(text, PREFIX) or text.strip().upper()
    found = list(rows.filter(Q(number__iexact=number) | Q(label__in=[one for one in label if one]))[:2])
    if not found:
        places = Location.objects.filter(hub__in=Hub.objects.worked_by(by), kind=LocationKind.CONTAINER, container=None)
        found += [
            as_container(place)
            for place in places.filter(code__iexact=text.strip()).select_related("hub__organization", "parent")[:2]
        ]
    found.sort(key=lambda one: hub is not None and one.location.hub_id != hub.pk)
    return found[0] if found else None


def as_container(place: Location) -> Container:
    """The row of a place of kind container that was set up before it had one; not saved."""
    return Container(location=place, number=place.code, owner=place.hub.organization, made_at=place.created_at)


def listing(by: Actor, *, kind: str = "", state: str = "", text: str = "") -> QuerySet[Container]:
    rows = (
        Container.objects.visible_to(by)
        .select_related("location__hub", "location__parent", "location__client", "owner")
        .annotate(units=Count("location__devices"))
    )
    if kind:
        rows = rows.filter(kind=kind)
    rows = rows.filter(state=state) if state else rows.exclude(state="retired")
    if text:
        rows = rows.filter(
            Q(number__icontains=text) | Q(label__icontains=text) | Q(location__parent__code__iexact=text)
        )
    return rows.order_by("location__hub__name", "number")


def last_move(container: Container) -> str:
    """Who moved it last, when, in one sentence; empty where nobody has."""
    entry = Entry.objects.filter(chain_id=container.pk, kind="storage.container_moved").order_by("-sequence").first()
    if entry is None:
        return ""
    told = entry.told_to(Audience.STAFF) or ""
    return f"{told} {who(entry.actor)}, {moment(entry.occurred_at, container.location.hub)}"
