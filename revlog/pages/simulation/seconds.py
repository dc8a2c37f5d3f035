"""Second looks at switches of the last days: each is looked at twice, since the site is new to them, and people agree too little so far."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from revlog.devices.models import Device
from revlog.devices.services import arrivals, moves, standing
from revlog.pages.simulation.world import World
from revlog.terms.services import rules
from triage import sampling
from triage.services import disposition, drift, inspection
from triage.services import sampling as drawing
from triage.services.inspection import Finding

RULES = {"share": {"other": "0.05", "network": "1"}, "least_per_week": "0", "enough": "10", "hours": "6"}
FINE: tuple[Finding, ...] = ()
LIGHT = (Finding(code="scratch", zone="top", severity="minor"),)
CLEAR = (Finding(code="scratch", zone="top", severity="major"),)
DEAD = (Finding(code="no_power", severity="critical"),)
PAIRS = (
    (LIGHT, LIGHT), (LIGHT, CLEAR), (FINE, LIGHT), (LIGHT, LIGHT), (CLEAR, LIGHT), (LIGHT, CLEAR), (FINE, FINE), (CLEAR, CLEAR),
    (FINE, LIGHT), (LIGHT, CLEAR),
)  # fmt: skip
"""What the first found and what the second found."""
MODELS = (("Cisco", "Catalyst 2960X-24"), ("HPE", "Aruba 2530-24G"), ("Juniper", "EX2300-24T"))


def tell(world: World) -> None:
    """Two a day; then one far apart, one to which nobody came, one that waits."""
    end = world.at
    if Device.objects.filter(serial=_serial(world, 0)).exists():
        return
    world.at = (end - timedelta(days=8)).replace(hour=9, minute=0, second=0)
    body = {"parameters": {**sampling.BODY, **RULES}}
    note = "Every switch is looked at twice while we learn to grade them"
    rules.publish(
        rules.draft(kind=sampling.KIND, body=body, note=note, by=world.admin, at=world.at), by=world.maria, at=world.at
    )
    switches = _arrived(world, len(PAIRS) + 3)
    for place, (first, second) in enumerate(PAIRS):
        device = switches[place]
        _look(world, device, first, second)
        disposition.decide(device=device, by=world.ravi, at=world.at)
        world.at += timedelta(hours=2) if place % 2 == 0 else timedelta(hours=14)
    world.at = end - timedelta(hours=30)
    _look(world, switches[-3], FINE, None)
    world.at = end - timedelta(hours=20)
    drawing.sweep(at=world.at)
    world.at = end - timedelta(hours=5)
    _look(world, switches[-2], LIGHT, DEAD)
    world.at = end - timedelta(hours=1)
    _look(world, switches[-1], LIGHT, None)
    world.at = end
    world.settle()
    drift.watch(at=end)


def _serial(world: World, number: int) -> str:
    return f"FOC{world.seed:03}SW{number:02}"


def _arrived(world: World, count: int) -> list[Device]:
    """The operator's own, bought as a lot."""
    hub = world.hubs["rotterdam"]
    what = []
    for number in range(count):
        maker, model = MODELS[number % len(MODELS)]
        what.append(
            arrivals.Description(device_class="network", manufacturer=maker, model=model, serial=_serial(world, number))
        )
    stay = arrivals.Stay(why="stock", owner=hub.organization_id, hub=hub.pk, custodian=hub.organization_id)
    made = arrivals.arrive_many(what=what, stay=stay, by=world.ines, at=world.at)
    with transaction.atomic():
        standing.authorize_many(
            moves.take([one.pk for one in made]), ground="title_is_ours", by=world.aisha, at=world.at
        )
    return made


def _look(world: World, device: Device, first: tuple[Finding, ...], second: tuple[Finding, ...] | None) -> None:
    world.at += timedelta(minutes=12)
    inspection.record(device=device, findings=first, works="yes", by=world.ravi, at=world.at)
    if second is not None:
        world.at += timedelta(minutes=40)
        works = "no" if second is DEAD else "yes"
        inspection.record(device=device, findings=second, works=works, by=world.aisha, at=world.at)
