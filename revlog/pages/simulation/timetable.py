"""When each story of a half begins, and who speaks next."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from revlog.common.errors import DomainError
from revlog.devices.journey import Disposition, State
from revlog.pages.simulation import (
    benches,
    breakage,
    docks,
    loose_ends,
    lots,
    recalls,
    stories,
    suspicions,
    tablets,
    trade,
    tradein,
    travel,
    unpacking,
    vendors,
)
from revlog.pages.simulation.apart import Progress
from revlog.pages.simulation.steps.making import empty_batches
from revlog.pages.simulation.steps.onward import Plan
from revlog.pages.simulation.world import World

LEAST = 25
"""From so many units in a half on, every queue and every kind of exception has one in the end."""
LATE_SHARE = 0.22
"""So many of the units come in the last days, and are found in the queues."""
MISHAPS = (
    ("", 640), ("wrong_serial:looked", 14), ("empty_box:looked", 8), ("never_sent", 26), ("called_off", 14), ("undeliverable", 24),
    ("refused_parcel", 14), ("lost", 12), ("legal", 5), ("recall", 6), ("waiting", 30), ("unsafe", 10), ("refused_by_us", 8),
    ("damaged", 16),
)  # fmt: skip
LATELY = (
    "undecided",
    "in_transit",
    "at_the_dock",
    "waiting",
    "wrong_serial:looked",
    "empty_box:looked",
    "unsafe",
    "",
    "",
    "",
)
PLANS = (
    Plan(stop_at=State.RECEIVED), Plan(stop_at=State.IN_TRIAGE), Plan(stop_at=State.TO_SANITIZE), Plan(stop_at=State.TO_SELL),
    Plan(stop_at=State.TO_REFURBISH), Plan(Disposition.HARVEST, State.TO_HARVEST), Plan(Disposition.DESTROY, State.TO_DESTROY),
    Plan(Disposition.RECYCLE, State.TO_RECYCLE), Plan(Disposition.DONATE, State.TO_DONATE), Plan(Disposition.DEPLOY, State.TO_DEPLOY),
    Plan(Disposition.RESTOCK, State.TO_RESTOCK), Plan(Disposition.RETURN_TO_OWNER, State.TO_RETURN), Plan(Disposition.HARVEST),
    Plan(Disposition.DESTROY), Plan(Disposition.DEPLOY),
)  # fmt: skip
"""What the last units are asked to be, so that each queue has somebody waiting in it."""


class Timetable:
    """(moment, number, story), soonest first. Two of one moment go in the order in which they were put there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._queue: list[tuple[datetime, int, Iterator[datetime]]] = []
        self._count = itertools.count()
        world.spawn = self.spawn

    def put(self, moment: datetime, story: Iterator[datetime]) -> None:
        heapq.heappush(self._queue, (moment, next(self._count), story))

    def spawn(self, story: Iterator[datetime]) -> None:
        """A story begins now, beside the one that speaks."""
        self.put(self.world.at, story)

    def fill(self, *, units: int, days: int) -> None:
        """When each story begins. About a quarter of the units come by client jobs; the rest are returns, with all that goes wrong."""
        world, dice = self.world, self.world.dice
        begin = world.at
        full = timedelta(days=days)

        def moment(least: float, most: float) -> datetime:
            return begin + full * dice.uniform(least, most)

        # A large operation has lists of what is to come, and a truck that was unloaded this week; a small one tells whole stories.
        listed, fresh = (round(units * 0.15), round(units * 0.12)) if units >= 100 else (0, 0)
        jobs = round(units * 0.26) - (listed + fresh) // 2
        loose, told = self._loose_ends() if units >= LEAST else (0, 0)
        left = max(0, units - max(jobs, loose) - told - listed - fresh)
        jobs -= loose
        late = round(left * LATE_SHARE)
        lately = max(0.0, 1 - 12 / max(days, 13))
        kinds, weights = [kind for kind, _weight in MISHAPS], [weight for _kind, weight in MISHAPS]
        extras = max(1, units // 60) if units >= 5 else 0
        for _each in range(extras):
            if world.half.name == "south":
                self.put(moment(0.05, 0.7), stories.counted(world, short=12))
                self.put(moment(0.05, 0.85), stories.weighed(world))
            else:
                self.put(moment(0.3, 0.97), stories.unannounced(world))
                self.put(moment(0.5, 0.97), stories.stray_report(world, readable=True))
                self.put(moment(0.5, 0.97), stories.stray_report(world, readable=False))
        for _each in range(max(1, units // 40)):
            self.put(moment(0.55, 0.9), stories.second_visit(world))
        for _each in range(max(2, units // 10)):
            with world.apart():
                begins = begin + full * world.dice.uniform(0.1, 0.98)
            self.put(begins, world.talking(stories.support(world)))
        for place in range(max(2, units // 25)):
            with world.apart():
                begins = begin + full * world.dice.uniform(0.1, 0.95)
            self.put(begins, world.talking(stories.claimed(world, decided=place % 3 > 0)))
            self.put(begins, world.talking(stories.kept(world)))
        for hours in (3, 5, 7) if units >= LEAST else ():
            # Today's, of which the desk shows its figures.
            self.put(world.end - timedelta(hours=hours), world.talking(stories.support(world, "told", soon=True)))
        ordinary = max(min(1, units), left - late - extras * (2 if world.half.name == "south" else 1))
        for _each in range(ordinary):
            # Orders are delivered long enough before the end for most of them to come back, and be dealt with.
            self.put(moment(0.0, lately * 0.9), stories.retail(world, mishap=dice.choices(kinds, weights)[0]))
        for place in range(late):
            plan = PLANS[place % len(PLANS)] if place % 2 else Plan()
            mishap = dice.choice(LATELY) if plan == Plan() else ""
            self.put(
                moment(lately * 0.8, lately + (1 - lately) * 0.35), stories.retail(world, mishap=mishap, plan=plan)
            )
        for size in _parts(listed, 40):
            self.put(moment(0.9, 0.98), stories.job(world, size, comes=False))
        for size in _parts(fresh, 30):
            self.put(moment(0.9, 0.93), stories.job(world, size, [Plan(stop_at=State.RECEIVED)] * size))
        while jobs > 0:
            size = min(jobs, dice.randint(6, 16))
            jobs -= size
            early = dice.random() < 0.7
            plans = [] if early else [PLANS[dice.randrange(len(PLANS))] for _unit in range(size)]
            self.put(moment(0.0, 0.8) if early else moment(0.86, 0.93), stories.job(world, size, plans))
        self.put(begin + timedelta(days=5), empty_batches(world))

    def _loose_ends(self) -> tuple[int, int]:
        """What is left lying about; how many units come for it by vans, and how many stories of returns there are."""
        world = self.world
        # A short list that is still to come, at the very end, so that nothing before it is otherwise for it.
        self.put(world.end - timedelta(hours=1), stories.job(world, 2, comes=False))
        count = 0
        for before, plans in ((46, loose_ends.old_ones), (27, loose_ends.far_ones), (14, loose_ends.near_ones)):
            told = plans(world)
            count += len(told)
            if told:
                moment = max(world.at, world.end - timedelta(days=before))
                self.put(moment, stories.job(world, len(told), told))
        returns = loose_ends.returns(world)
        for story in returns:
            self.put(max(world.at, world.end - timedelta(days=20)), story)
        for story in trade.returns(world):
            self.put(max(world.at, world.end - timedelta(days=18)), world.talking(story))
        for story in tradein.stories(world):
            self.put(max(world.at, world.end - timedelta(days=12)), world.talking(story))
        for story in travel.returns(world):
            self.put(max(world.at, world.end - timedelta(days=16)), world.talking(story))
        for before_end, story in suspicions.stories_of(world):
            self.put(max(world.at, world.end - before_end), world.talking(story))
        for moment, story in [
            *recalls.campaigns(world),
            *vendors.campaigns(world),
            *lots.campaigns(world),
            *docks.campaigns(world),
            *unpacking.campaigns(world),
            *tablets.campaigns(world),
            *benches.campaigns(world),
        ]:
            self.put(moment, story)
        for moment, story in breakage.stories_of(world):
            self.put(moment, world.talking(story))
        for story in loose_ends.calls(world):
            self.put(max(world.at, world.end - timedelta(days=6)), world.talking(story))
        return count, len(returns)

    def run(self, progress: Progress) -> None:
        """Take up one story after the other until none is left before the end. What is then under way stays as it is."""
        world = self.world
        begin, span = world.at, (world.end - world.at).total_seconds() or 1
        while self._queue and self._queue[0][0] <= world.end:
            moment, _number, story = heapq.heappop(self._queue)
            world.at = max(world.at, moment)
            try:
                with transaction.atomic():
                    following = next(story, None)
                    world.settle()
            except DomainError as refusal:
                # A simulated person meets a refusal as a real one does: nothing of the act is done, and the thing stays where it is.
                world.forget()
                world.note_refusal(refusal)
                continue
            if following is not None:
                self.put(max(following, world.at + timedelta(seconds=1)), story)
            progress(int((world.at - begin).total_seconds() / span * 1000), 1000)
        world.at = world.end


def _parts(whole: int, most: int) -> list[int]:
    """``whole`` in parts of ``most`` and a rest."""
    return [most] * (whole // most) + ([whole % most] if whole % most else [])
