"""The store of the simulated sites: zones, aisles and bins, what was put away in them, and a wave that is being fetched."""

from __future__ import annotations

from datetime import timedelta

from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub
from revlog.common.errors import DomainError
from revlog.custody.models import Entry
from revlog.devices.journey import ON_HAND
from revlog.devices.models import Device, Location, LocationKind, Purpose
from revlog.devices.services import places as setting_up
from revlog.devices.services.places import Arrangement
from revlog.pages.simulation.world import World
from revlog.storage.models import PickTarget
from revlog.storage.queries import picks as pick_reads
from revlog.storage.queries import places as reads
from revlog.storage.services import picks, places

ZONES = (("CAGE", True), ("HALL", False))
AISLES = (
    # zone, code, purpose, bins, so many fit in each
    ("CAGE", "CAGE-R", Purpose.RETURNS, "CAGE-R-01..CAGE-R-06", 40),
    ("CAGE", "CAGE-W", Purpose.WIPE, "CAGE-W-01..CAGE-W-04", 40),
    ("CAGE", "CAGE-H", Purpose.HOLD, "CAGE-H-01..CAGE-H-02", 30),
    ("CAGE", "CAGE-Q", Purpose.QUARANTINE, "CAGE-Q-01", 10),
    ("HALL", "A", Purpose.SALE, "A-01..A-12", 25),
    ("HALL", "B", Purpose.BENCH, "B-01..B-06", 20),
    ("HALL", "C", Purpose.RESTOCK, "C-01..C-03", 30),
    ("HALL", "D", Purpose.OUTGOING, "D-01..D-03", 30),
    ("HALL", "E", Purpose.RECYCLE, "E-01..E-03", 60),
)
MOST = 240
"""So many units are put away: enough to look around in, and not a second more for a large run."""


def build(world: World, hub: Hub) -> None:
    """The zones, aisles and bins of a site, unless they are there."""
    if Location.objects.filter(hub=hub, code="HALL").exists():
        return
    zones = {}
    for code, secured in ZONES:
        if secured and not hub.secured:
            continue
        zones[code] = _add(world, hub, code, LocationKind.ZONE, Arrangement(), secured=secured)[0]
    for zone, code, purpose, bins, capacity in AISLES:
        if zone not in zones:
            continue
        secured = zones[zone].secured
        aisle = _add(world, hub, code, LocationKind.AISLE, Arrangement(zones[zone], purpose), secured=secured)[0]
        _add(world, hub, bins, LocationKind.BIN, Arrangement(aisle, capacity=capacity), secured=secured)
    if "CAGE" in zones and "demo" in world.organizations:
        told = Arrangement(zones["CAGE"], Purpose.RETURNS, world.organizations["demo"], 40)
        _add(world, hub, "CAGE-V-01..CAGE-V-02", LocationKind.BIN, told, secured=True)


def _add(
    world: World, hub: Hub, codes: str, kind: LocationKind, arrangement: Arrangement, *, secured: bool
) -> list[Location]:
    return setting_up.add_many(
        hub=hub, codes=setting_up.spread(codes), kind=kind, secured=secured, arrangement=arrangement, by=world.admin,
        at=world.at,
    )  # fmt: skip


def tell(world: World) -> None:
    """The newest units lie where they belong, and two waves for the bench are out: one half done, one that nobody has."""
    for code, hand in (("rotterdam", world.ines), ("leipzig", world.katja)):
        _put_away(world, world.hubs[code], hand)
    hub = world.hubs["rotterdam"]
    rows = list(pick_reads.matching(hub, pick_reads.Filter(PickTarget.BENCH))[:24])
    ready = picks.preview(rows, PickTarget.BENCH, hub).takes
    half = len(ready) // 2
    for some, person in ((ready[:half], world.ines), (ready[half:], None)):
        if not some:
            continue
        row = picks.release(
            hub=hub, target=PickTarget.BENCH, units=[one.pk for one in some], by=world.aisha, at=world.at,
            assignee=pick_reads.account(person) if person is not None else None,
        )  # fmt: skip
        if person is not None:
            for line in pick_reads.waiting(row)[: len(some) // 2]:
                picks.pick(row, line.device_id, by=person, at=world.at)


def _put_away(world: World, hub: Hub, by: Actor) -> None:
    missed = Entry.objects.filter(kind="devices.missed").values("chain_id")
    rows = Device.objects.filter(hub=hub, location=None, state__in=sorted(ON_HAND)).exclude(pk__in=missed)
    end = world.at
    for device in rows.select_related("owner").order_by("-state_since", "tag")[:MOST]:
        # Some lie on a cart still; what somebody missed stays so.
        if world.chance(0.12) or (place := reads.place_for(device, hub)) is None:
            continue
        world.at = min(end, max(device.state_since + timedelta(minutes=40), end - timedelta(hours=6)))
        try:
            places.put([device.pk], place, by=by, at=world.at)
        except DomainError as refusal:
            world.refused[refusal.code] += 1
    world.at = end
