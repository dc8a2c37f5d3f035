"""Looks of the last hour: a laptop that somebody began to look at and left for a moment, and medical devices with and without paper."""

from __future__ import annotations

from datetime import timedelta

from revlog.devices.models import Device
from revlog.devices.services import arrivals, decontaminating
from revlog.evidence.models import Artifact
from revlog.pages.simulation.world import World
from triage.services import looking


def tell(world: World) -> None:
    """Begun on the last day of a run, and open when it ends."""
    end = world.at
    if Device.objects.filter(serial=_serial(world)).exists():
        return
    world.at = end - timedelta(minutes=50)
    _of_a_clinic(world)
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


def _of_a_clinic(world: World) -> None:
    """What a hospital gave back: one with its paper, which is looked at, and two that stay closed until theirs is there."""
    client, hub = world.organizations["demo"], world.hubs["rotterdam"]
    what = [
        arrivals.Description(device_class="medical", manufacturer=maker, model=model, serial=f"{serial}{world.seed:03}")
        for maker, model, serial in (
            ("Mindray", "BeneVision N12 patient monitor", "KN2C"),
            ("Philips", "IntelliVue MP5 patient monitor", "DE82"),
            ("B. Braun", "Perfusor Space syringe pump", "8713"),
        )
    ]
    stay = arrivals.Stay(
        why="itad", owner=client.id, hub=hub.id, custodian=hub.organization_id, reference="job:VEGA-CLINIC"
    )
    first, *_closed = arrivals.arrive_many(what=what, stay=stay, by=world.ines, at=world.at)
    world.drain()
    world.at += timedelta(minutes=6)
    paper = decontaminating.Paper(
        done_by="Ward technology, St. Anna Hospital",
        done_on=(world.at - timedelta(days=2)).date(),
        method="wiped",
        number=f"DK-{world.seed:03}-0417",
    )
    photo = Artifact.objects.get(digest=world.photo("a decontamination certificate"))
    decontaminating.record(device=first, paper=paper, photo=photo, by=world.ines, at=world.at)
    world.drain()
    world.at += timedelta(minutes=4)
    looking.begin(device=first, by=world.ravi, at=world.at)
    looking.answer(device=first, test="danger", verdict="pass", by=world.ravi, at=world.at)
    world.drain()


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
