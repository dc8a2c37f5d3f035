"""Tables of benches: one whose columns a lead has named, each row a report; and one that came in and still waits for that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from revlog.devices.journey import State
from revlog.devices.models import Device
from revlog.pages.simulation.world import World
from triage.services import tables
from triage.tables import Columns

HEADER = "S/N;Make;Device;Grade;Battery %;Wi-Fi test;Camera test"
COLUMNS = Columns(
    {
        "serial": "S/N",
        "manufacturer": "Make",
        "model": "Device",
        "appearance": "Grade",
        "battery_health": "Battery %",
        "test:wi_fi_test": "Wi-Fi test",
        "test:camera_test": "Camera test",
    }
)


def campaigns(world: World) -> list[tuple[datetime, Iterator[datetime]]]:
    return [] if world.half.name == "south" else [(world.end - timedelta(hours=3), table(world))]


def table(world: World) -> Iterator[datetime]:
    """Two units that are being looked at, one that nobody knows, and a row that names nothing."""
    yield world.at
    owner = world.ravi.organization_id
    if owner is None:
        return
    tables.keep(organization=owner, columns=COLUMNS, name="Test bench 2", by=world.aisha, at=world.at)
    hub = world.hubs["rotterdam"]
    units = Device.objects.filter(state=State.IN_TRIAGE, hub=hub).exclude(serial="").order_by("tag")[:2]
    rows = [f"{unit.serial};{unit.manufacturer};{unit.model};B;88;pass;pass" for unit in units]
    rows += ["R58N40T7QXZ;Samsung;Galaxy S20;C;79;pass;fail", "n/a;Samsung;Galaxy S9;D;;;"]
    world.report("\n".join([HEADER, *rows]).encode(), "bench-2.csv", world.ravi)
    yield world.at + timedelta(minutes=5)
    other = "Serial number,Phone,Health,Find My\nF2LX31AB0D3K,iPhone 12,86,off\nG6TZ90QW0D41,iPhone 12,91,off\n"
    world.report(other.encode(), "phones-from-the-other-bench.csv", world.ravi)
