"""Counts at the simulated sites: some done, one of them with a unit that wasn't there; one that differs and waits, some still to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.devices.models import Device, Location, LocationKind
from revlog.pages.simulation.world import World
from revlog.storage.models import Count, CountWhy, DifferenceKind
from revlog.storage.queries import counts as reads
from revlog.storage.queries import picks as pick_reads
from revlog.storage.services.counts import asking, boxes, settling, walking
from revlog.storage.services.counts.settling import Decision

DONE = 6


def tell(world: World) -> None:
    """What a lead asked for three days ago, as far as it has come."""
    end, hub = world.at, world.hubs["rotterdam"]
    if Count.objects.filter(hub=hub).exists():
        return
    full, empty = _bins(hub)
    world.at = end - timedelta(days=3)
    asked = _asked(world, hub, [*full[: DONE + 4], *empty[:2]], due=end + timedelta(days=2))
    late = _asked(world, hub, empty[2:3], due=end - timedelta(days=1))
    world.at = end - timedelta(hours=1)
    for place in [*full[:DONE], *empty[:1]]:
        _walk(world, place, world.luca)
    if len(full) > DONE:
        _walk(world, full[DONE], world.luca, but=1)
        lost = _walk(world, full[DONE], world.ravi, but=1)
        told = {one.pk: _first(one.kind) for one in reads.differences(reads.last_walk(lost))}
        settling.approve(lost, told, by=world.aisha, at=world.at)
    if len(full) > DONE + 1:
        _walk(world, full[DONE + 1], world.luca, but=1)
        _walk(world, full[DONE + 1], world.ravi, but=1)
    if len(full) > DONE + 2:
        _walk(world, full[DONE + 2], world.ravi, but=1)
    mine = pick_reads.account(world.luca)
    for row in [*asked, *late]:
        if row.place in full[DONE + 3 : DONE + 4]:
            asking.assign(row, mine, by=world.aisha, at=world.at)
    other = world.hubs["leipzig"]
    for place in _bins(other)[0][:3]:
        _walk(world, place, world.jonas)
    world.at = end
    world.settle()


def _first(kind: str) -> Decision:
    return Decision(settling.OUTCOMES[DifferenceKind(kind)][0])


def _bins(hub: Hub) -> tuple[list[Location], list[Location]]:
    """Those with something in them, the fullest first, and those with nothing."""
    rows = Location.objects.filter(hub=hub, kind=LocationKind.BIN, active=True).select_related("hub").order_by("code")
    inside = {place.pk: len(reads.lying(place).units) for place in rows}
    full = [place for place in rows if inside[place.pk] > 0]
    return sorted(full, key=lambda one: (-inside[one.pk], one.code)), [one for one in rows if not inside[one.pk]]


def _asked(world: World, hub: Hub, places: Sequence[Location], *, due: datetime) -> list[Count]:
    if not places:
        return []
    return asking.request(places, hub=hub, why=CountWhy.STALE, due_at=due, assignee=None, by=world.aisha, at=world.at)


def _walk(world: World, place: Location, by: Actor, *, but: int = 0) -> Count:
    """Each thing in it is scanned, ``but`` so many that nobody found."""
    walk = walking.begin(place, by=by, at=world.at)
    units = list(Device.objects.filter(pk__in=reads.lying(place).units).order_by("tag"))
    for unit in units[but:]:
        pieces = unit.quantity if unit.tracking == "counted" else None
        walking.see(walk, unit, pieces=pieces, by=by, at=world.at)
    for box in boxes.of(reads.standing(place)):
        boxes.see(walk, box, by=by, at=world.at)
    return walking.end(walk, by=by, at=world.at)
