"""Questions about picks: what a wave would hold, what a list still has to fetch, and what is open at a hub."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from revlog.accounts.actors import Actor, ActorKind
from revlog.accounts.models import Hub, Organization, User
from revlog.common import ids
from revlog.devices.journey import FOR_SALE, State
from revlog.devices.models import Allocation, Device, Location
from revlog.storage.models.picks import Pick, PickList, PickListState, PickState, PickTarget

PREFIX = "PK"
MOST = 200
OPEN = (PickState.WAITING, PickState.PICKED)
FOR_BENCH = frozenset({State.TO_REFURBISH, State.TO_HARVEST})
FOR_SHIPPING = FOR_SALE | {State.TO_DEPLOY}


@dataclass(frozen=True)
class Filter:
    """What a wave takes in: units for the bench, or those that somebody was promised; of a zone, a class, an owner; so many at most."""

    target: PickTarget
    zone: Location | None = None
    device_class: str = ""
    owner: Organization | None = None
    most: int = 50


def by_number(text: str, actor: Actor) -> PickList | None:
    number = ids.normal(text.strip(), PREFIX)
    if number is None:
        return None
    return (
        PickList.objects.visible_to(actor).filter(number=number).select_related("hub", "assignee", "brought_to").first()
    )


def matching(hub: Hub, told: Filter) -> QuerySet[Device]:
    """What lies at the hub and the filter means, longest waiting first. What speaks against a unit is the verb's to say."""
    states = FOR_BENCH if told.target == PickTarget.BENCH else FOR_SHIPPING
    rows = Device.objects.filter(hub=hub, state__in=sorted(states), location__isnull=False)
    if told.target == PickTarget.SHIPPING:
        rows = rows.filter(Exists(Allocation.objects.filter(device=OuterRef("pk"), released_at=None)))
    if told.zone is not None:
        rows = rows.filter(location__in=below(told.zone))
    if told.device_class:
        rows = rows.filter(device_class=told.device_class)
    if told.owner is not None:
        rows = rows.filter(owner=told.owner)
    open_one = Pick.objects.filter(device=OuterRef("pk"), state__in=OPEN)
    return rows.filter(~Exists(open_one)).select_related("location", "hub", "owner").order_by("state_since", "id")


def below(place: Location) -> list[uuid.UUID]:
    """The place and all that stand in it."""
    children: dict[uuid.UUID | None, list[uuid.UUID]] = defaultdict(list)
    for key, parent in Location.objects.filter(hub=place.hub_id).values_list("pk", "parent"):
        children[parent].append(key)
    found, waiting = [], [place.pk]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.append(key)
            waiting += children[key]
    return found


def listed(actor: Actor, hub: Hub | None = None) -> QuerySet[PickList]:
    """The lists of one's hubs with how far each is: open ones first, newest first among the others."""
    rows = PickList.objects.visible_to(actor).select_related("hub", "assignee", "brought_to")
    if hub is not None:
        rows = rows.filter(hub=hub)
    count = {
        "units": Count("picks"),
        "waiting": Count("picks", filter=Q(picks__state=PickState.WAITING)),
        "short": Count("picks", filter=Q(picks__state=PickState.SHORT)),
    }
    return rows.annotate(**count).order_by(F("closed_at").desc(nulls_first=True), "opened_at", "id")


def for_person(actor: Actor, hub: Hub) -> PickList | None:
    """The list to go on with: one's own, else the oldest that nobody has."""
    rows = PickList.objects.filter(hub=hub, state=PickListState.OPEN).select_related("hub")
    mine = rows.filter(assignee=account(actor)).first() if actor.kind == ActorKind.USER else None
    return mine or rows.filter(assignee=None).first()


def account(actor: Actor) -> User | None:
    kind, _colon, key = actor.reference.partition(":")
    return User.objects.filter(pk=key).first() if kind == ActorKind.USER else None


def lines(row: PickList) -> list[Pick]:
    """In the order of the walk: by the code of the place."""
    return list(
        row.picks.select_related("device__hub", "device__location", "device__owner", "place").order_by(
            "place__code", "device__tag"
        )
    )


def waiting(row: PickList) -> list[Pick]:
    return [one for one in lines(row) if one.state == PickState.WAITING]


def takers(devices: Sequence[Device]) -> set[uuid.UUID]:
    """Which of these are promised to somebody."""
    rows = Allocation.objects.filter(device__in=[one.pk for one in devices], released_at=None)
    return set(rows.values_list("device_id", flat=True))
