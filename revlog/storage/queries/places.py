"""Questions about places: which one a unit goes to, what is in one, and the tree of a hub."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.rows import Joined
from revlog.devices.journey import CLEARED
from revlog.devices.models import Device, Location, LocationKind
from revlog.storage.queries import hazards, suiting

_SHELVES = Joined(
    Location,
    {},
    "t.hub_id = %(hub)s AND t.active AND t.frozen_by = '' AND t.kind IN ("
    f"'{LocationKind.BIN.value}', '{LocationKind.CONTAINER.value}', '{LocationKind.ZONE.value}') "
    "AND NOT EXISTS (SELECT FROM storage_container c WHERE c.location_id = t.id AND c.state <> 'open')",
    takes={"hub": "uuid"},
)


@dataclass(frozen=True)
class Suggestion:
    place: Location
    why: list[str]


def visible(actor: Actor) -> QuerySet[Location]:
    return Location.objects.filter(hub__in=Hub.objects.worked_by(actor)).select_related("hub")


def by_code(hub: Hub, code: str, *, active: bool = False) -> Location | None:
    """The place of the hub with this code."""
    rows = Location.objects.filter(hub=hub, code__iexact=code.strip())
    return (rows.filter(active=True) if active else rows).select_related("hub", "client", "parent").first()


# Where a unit goes ------------------------------------------------------------------------------------------------------------------


def suggestion(device: Device, hub: Hub) -> Suggestion | None:
    """Where it goes, and why; None when no place at the hub suits it."""
    place = place_for(device, hub)
    return Suggestion(place, suiting.why(device, place)) if place is not None else None


def place_for(device: Device, hub: Hub) -> Location | None:
    """The emptiest of the most fitting places that have room, for its data, its state, its worth and its owner."""
    rows: list[Location] = _SHELVES.all(hub=hub.pk)
    parents = {one.parent_id for one in rows}
    fitting = [
        one
        for one in rows
        # What is divided into bins is no place to put things down itself.
        if not (one.kind == LocationKind.ZONE and one.pk in parents)
        and (one.secured or not suiting.wants_secured(device))
        and suiting.suits(device, one)
    ]
    ranked = sorted(fitting, key=lambda place: (suiting.rank(device, place), place.code))
    if device.hazard:
        ranked = [one for one in ranked if not hazards.reasons_against_limits([device], one)]
    for _rank, some in groupby(ranked, key=lambda place: suiting.rank(device, place)):
        if (found := _emptiest(_insured(device, list(some)))) is not None:
            return found
    return None


def _insured(device: Device, places: Sequence[Location]) -> list[Location]:
    """Those whose insured value isn't passed by the unit."""
    if not device.expected_value or not any(one.insured_value is not None for one in places):
        return list(places)
    rows = (
        Device.objects.filter(location__in=[one.pk for one in places if one.insured_value is not None])
        .order_by()
        .values_list("location")
        .annotate(worth=Sum("expected_value"))
    )
    worth: dict[uuid.UUID, Decimal | None] = dict(rows)
    return [
        one
        for one in places
        if one.insured_value is None
        or one.currency != device.currency
        or (worth.get(one.pk) or Decimal(0)) + device.expected_value <= one.insured_value
    ]


def _emptiest(places: Sequence[Location]) -> Location | None:
    """The first of the places with the fewest units inside that has room for one more.

    An empty one is looked for first: whether there is any unit in a place is told at once, how many is not.
    """
    used = Exists(Device.objects.filter(location=OuterRef("pk")))
    keys = [place.pk for place in places if place.capacity != 0]
    if not keys:
        return None
    empty = set(Location.objects.filter(~used, pk__in=keys).order_by().values_list("pk", flat=True))
    if (found := next((place for place in places if place.pk in empty), None)) is not None:
        return found
    rows = Device.objects.filter(location__in=keys).order_by().values_list("location").annotate(n=Count("pk"))
    inside: dict[uuid.UUID, int] = dict(rows)
    free = [place for place in places if place.capacity is None or inside.get(place.pk, 0) < place.capacity]
    return min(free, key=lambda place: inside.get(place.pk, 0), default=None)


# What there is ----------------------------------------------------------------------------------------------------------------------


@dataclass
class Node:
    """A place in the tree: how deep it stands, and what lies in it."""

    place: Location
    depth: int
    inside: int
    risky: int
    below: int

    @property
    def marks(self) -> str:
        """How deep it stands, for the eye."""
        return "\u00a0\u00a0" * (self.depth - 1) + "└ " if self.depth else ""


def tree(actor: Actor, hub: Hub | None = None) -> list[Node]:
    """The places of one's hubs, each under the one it is in, with how many units lie in it and below it."""
    rows = visible(actor).select_related("hub", "client", "parent")
    if hub is not None:
        rows = rows.filter(hub=hub)
    found = list(
        rows.annotate(inside=Count("devices"), risky=Count("devices", filter=~Q(devices__data__in=CLEARED))).order_by(
            "hub__name", "-active", "code"
        )
    )
    known = {one.pk for one in found}
    children: dict[uuid.UUID | None, list[Location]] = defaultdict(list)
    for one in found:
        children[one.parent_id if one.parent_id in known else None].append(one)
    made: list[Node] = []

    def walk(place: Location, depth: int) -> int:
        count = {"inside": getattr(place, "inside", 0), "risky": getattr(place, "risky", 0)}
        node = Node(place, depth, count["inside"], count["risky"], 0)
        made.append(node)
        node.below = sum(walk(child, depth + 1) for child in children[place.pk])
        return node.inside + node.below

    for top in children[None]:
        walk(top, 0)
    return made


def way(place: Location) -> str:
    """The readable way there: "CAGE › A › A-04"."""
    names = [place.code]
    seen = {place.pk}
    above = place.parent
    while above is not None and above.pk not in seen:
        seen.add(above.pk)
        names.append(above.code)
        above = above.parent
    return " › ".join(reversed(names))
