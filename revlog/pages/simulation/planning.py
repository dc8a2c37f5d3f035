"""A lead plans the queue of the morning: a short day at the bench, few displays in the store."""

from __future__ import annotations

from datetime import timedelta

from revlog.pages.simulation import instructions
from revlog.pages.simulation.world import World
from triage.models import DayPlan
from triage.services import planning

LIMITS = {planning.MINUTES: 180, planning.WAIT: 1, "part:display": 2, "path:RESELL": 12, "channel:own_shop": 8}


def tell(world: World) -> None:
    """Asked for an hour ago and made since; nobody has followed it yet."""
    end, hub = world.at, world.hubs["rotterdam"]
    if DayPlan.objects.filter(hub=hub).exists():
        return
    world.at = end - timedelta(hours=2)
    instructions.tell(world)
    world.at = end - timedelta(hours=1)
    planning.ask(hub=hub, limits=LIMITS, by=world.aisha, at=world.at)
    world.settle()
    world.at = end
