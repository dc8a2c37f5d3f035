"""Looks of the last hour: a laptop that somebody began to look at and left for a moment."""

from __future__ import annotations

from datetime import timedelta

from revlog.devices.models import Device
from revlog.devices.services import arrivals
from revlog.pages.simulation.world import World
from triage.services import looking


def tell(world: World) -> None:
    """Begun on the last day of a run, and open when it ends."""
    end = world.at
    if Device.objects.filter(serial=_serial(world)).exists():
        return
    world.at = end - timedelta(minutes=50)
    laptop = _arrived(world)
    world.drain()
    _half_looked_at(world, laptop)
    world.at = end
    world.settle()


def _serial(world: World) -> str:
    return f"PF{world.seed:03}LOOK"


def _arrived(world: World) -> Device:
    client, hub = world.organizations["demo"], world.hubs["rotterdam"]
    what = arrivals.Description(
        device_class="laptop", manufacturer="Lenovo", model="ThinkPad T490", serial=_serial(world)
    )
    stay = arrivals.Stay(
        why="itad", owner=client.id, hub=hub.id, custodian=hub.organization_id, reference="job:VEGA-LOOKS"
    )
    return arrivals.arrive(what=what, stay=stay, by=world.ines, at=world.at)


def _half_looked_at(world: World, device: Device) -> None:
    """It switches on; a key fails, and the screen has a crack of which no photo was taken yet."""
    world.at += timedelta(minutes=20)
    looking.begin(device=device, by=world.ravi, at=world.at)
    for test in ("danger", "power", "charging", "display"):
        world.at += timedelta(minutes=1)
        looking.answer(device=device, test=test, verdict="pass", by=world.ravi, at=world.at)
    world.at += timedelta(minutes=2)
    looking.answer(device=device, test="keyboard", verdict="fail", by=world.ravi, at=world.at)
    looking.mark(device=device, code="crack", zone="screen", severity="major", by=world.ravi, at=world.at)
    looking.mark(device=device, code="scratch", zone="lid", severity="minor", by=world.ravi, at=world.at)
    world.drain()
