"""A lead plans the queue of the morning: a short day at the bench, few parts in the store, few places in each channel."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from revlog.accounts.models import Hub
from revlog.pages.simulation import instructions
from revlog.pages.simulation.world import World
from triage.models import DayPlan
from triage.services import planning
from triage.services.worth import worths_of

SCARCE = ("part:", "path:", "channel:")


def _limits(world: World, hub: Hub) -> dict[str, int]:
    """Half of what the queue would like: whatever a run left in it, something is short."""
    wanted: Counter[str] = Counter()
    for found in worths_of(planning.queue_of(hub.pk), at=world.at):
        if found.chosen is not None:
            wanted.update(planning.uses_of(found.chosen))
    told = {name: count // 2 for name, count in wanted.most_common() if name.startswith(SCARCE) and count > 1}
    limits = {name: told[name] for name in list(told)[:6]}
    return {planning.MINUTES: max(wanted[planning.MINUTES] // 2, 60), planning.WAIT: 1, **limits}


def tell(world: World) -> None:
    """Asked for an hour ago and made since; nobody has followed it yet."""
    end, hub = world.at, world.hubs["rotterdam"]
    if DayPlan.objects.filter(hub=hub).exists():
        return
    world.at = end - timedelta(hours=2)
    instructions.tell(world)
    world.at = end - timedelta(hours=1)
    planning.ask(hub=hub, limits=_limits(world, hub), by=world.aisha, at=world.at)
    world.settle()
    world.at = end
