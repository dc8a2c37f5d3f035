"""Totes, a sealed cage and a pallet with units in them, as they stand when the days are over."""

from __future__ import annotations

from datetime import timedelta

from revlog.accounts.models import Hub
from revlog.devices.journey import CLEARED, State
from revlog.devices.models import Allocation, Device, Location, LocationKind
from revlog.pages.simulation.world import World
from revlog.storage.models import Container, ContainerKind
from revlog.storage.services.containers import filling, making, moving, sealing

GRAI = "04012345{:06}TOTE{}"
PALLET = 40


def tell(world: World) -> None:
    """Who put what where is told of the last working hours; the pallet has been moved once, the cage is sealed and looked at."""
    end, hub = world.at, world.hubs["rotterdam"]
    if Container.objects.filter(location__hub=hub).exists():
        return
    dock = Location.objects.filter(hub=hub, code="DOCK-1").first()
    shelf, cage = world.shelf.get(hub.code), world.cage.get(hub.code)
    if dock is None or shelf is None or cage is None:
        return
    world.at = end - timedelta(hours=5)
    totes = making.make(
        hub=hub, kind=ContainerKind.TOTE, count=3, capacity=12, tare_grams=1900, parent=shelf, by=world.aisha, at=world.at,
        labels=[GRAI.format(100000 + world.seed, number) for number in (1, 2, 3)],
    )  # fmt: skip
    locker = making.make(
        hub=hub, kind=ContainerKind.CAGE, capacity=30, secured=True, tare_grams=48_000, parent=cage, by=world.aisha,
        at=world.at,
    )[0]  # fmt: skip
    pallet = making.make(
        hub=hub, kind=ContainerKind.PALLET, capacity=60, tare_grams=25_000, parent=dock, by=world.aisha, at=world.at
    )[0]
    world.at = end - timedelta(hours=4)
    harmless = _lying(hub, State.TO_SELL, State.TO_RESTOCK, State.TO_RECYCLE, State.TO_HARVEST)
    for tote, units in zip(totes[:2], (harmless[:5], harmless[5:9]), strict=True):
        if units:
            filling.put(units, tote, by=world.ines, at=world.at)
    if loaded := harmless[9 : 9 + PALLET]:
        filling.put(loaded, pallet, by=world.ines, at=world.at)
        making.weigh(pallet, gross_grams=25_000 + 2_150 * len(loaded), by=world.ines, at=world.at)
    world.at = end - timedelta(hours=3)
    moving.move(pallet, shelf, by=world.ines, at=world.at)
    if dangerous := _lying(hub, State.TO_DESTROY)[:8]:
        filling.put(dangerous, locker, by=world.tomas, at=world.at)
    seal = sealing.seal(locker, number=f"RTM {450100 + world.seed}", by=world.tomas, at=world.at)
    world.at = end - timedelta(hours=1)
    sealing.check(locker, number=seal.number, by=world.ines, at=world.at)
    world.at = end
    world.settle()


def _lying(hub: Hub, *states: State) -> list[Device]:
    """What waits there for something, isn't held or sold, and lies in no container; without data, but for what is to be destroyed."""
    rows = Device.objects.filter(hub=hub, state__in=[one.value for one in states], holds=[])
    if State.TO_DESTROY not in states:
        rows = rows.filter(data__in=CLEARED)
    rows = rows.exclude(allocations__in=Allocation.objects.filter(released_at=None))
    return list(rows.exclude(location__kind=LocationKind.CONTAINER).order_by("state_since", "tag")[: 9 + PALLET])
