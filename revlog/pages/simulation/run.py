"""Running the operation: the two halves of it, each in a process of its own, and what both have said in the end."""

from __future__ import annotations

import contextlib
import gc
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from revlog.common import ids
from revlog.common.errors import DomainError
from revlog.custody.models import Entry, Reaction
from revlog.custody.services import reactions, sequencer, waking
from revlog.devices.journey import ENDS, State
from revlog.devices.models import Device
from revlog.pages.simulation import (
    afterwards,
    apart,
    books,
    containers,
    counts,
    freight,
    ground,
    hazards,
    labels,
    looks,
    machines,
    mail,
    packaging,
    planning,
    pricing,
    seconds,
    shifts,
    store,
    stories,
    timetable,
    transfers,
    tries,
    unworthy,
)
from revlog.pages.simulation.apart import Progress
from revlog.pages.simulation.catalog import HALVES, Half
from revlog.pages.simulation.digest import ledger_digest
from revlog.pages.simulation.world import World
from revlog.terms import queries as terms
from revlog.terms.models import Order


@dataclass(frozen=True)
class Ran:
    """What a run made, and the digest by which two runs of one seed are told to be the same."""

    units: int
    entries: int
    ended: int
    seconds: float
    ledger_digest: str
    refused: dict[str, int]


class AlreadyRun(DomainError):
    """The same seed would give the same names to other things."""

    code = "already_run"


MARKET = 50
"""From so many units on somebody watches the market."""
SESSION = {
    "synchronous_commit": "off",
    # Every statement of a run finds a few rows by an index, and planning it takes longer than doing so: leave the planner little choice.
    "join_collapse_limit": "1",
    "from_collapse_limit": "1",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_bitmapscan": "off",
    "enable_memoize": "off",
    "enable_material": "off",
}


@contextlib.contextmanager
def _undisturbed(seed: str) -> Iterator[waking.Promises]:
    """Ids by the seed; no worker is woken, no mail leaves the machine, no commit waits for the disk: nothing is lost that the seed
    couldn't say again. Gives the list into which promises come."""
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{mail.__name__}.Backend"
    with connection.cursor() as cursor:
        cursor.execute("".join(f"SET {name} TO {value};" for name, value in SESSION.items()))
    # Each step is one transaction, and a refusal takes all of it back: the savepoints of the verbs in it would be a third of all
    # statements. Within somebody else's transaction (a test's) they have to stay.
    savepoints = connection.features.uses_savepoints
    connection.features.uses_savepoints = savepoints and connection.in_atomic_block
    # What was loaded stays for the whole run, and what a step leaves behind is no cycle: looking for some costs a tenth of the time.
    gc.collect()
    gc.freeze()
    threshold = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        with ids.seeded(seed), terms.rules_read_once(), waking.kept_here() as promises:
            yield promises
    finally:
        connection.features.uses_savepoints = savepoints
        gc.set_threshold(*threshold)
        gc.unfreeze()
        settings.EMAIL_BACKEND = backend
        with connection.cursor() as cursor:
            cursor.execute("".join(f"RESET {name};" for name in SESSION))


def run(
    *,
    units: int,
    days: int,
    seed: int,
    end: datetime,
    documents: int = 0,
    tour: bool = False,
    progress: Progress = lambda done, total: None,
) -> Ran:
    """Simulate so many units over so many days that end at ``end``. ``documents`` of the newest documents are made at once.

    Raises whatever a verb or a reaction raises that is no refusal: a simulation that hides a fault is worth nothing.
    """
    firsts = [f"{shop}{seed}-{20001 + place}" for shop in stories.SHOPS.values() for place in range(len(HALVES))]
    if Order.objects.filter(number__in=firsts).exists():
        raise AlreadyRun(f"Seed {seed} was simulated on this database before; take another seed, or an empty database.")
    began = time.monotonic()
    last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    start = end - timedelta(days=days)

    def world_of(half: Half, promises: waking.Promises) -> World:
        return World(
            seed=seed, half=half, dice=machines.dice(f"world:{seed}:{half.name}"), at=start, end=end, promises=promises
        )

    with _undisturbed(f"ids:{seed}") as promises:
        world = world_of(HALVES[0], promises)
        with transaction.atomic():
            ground.prepare(world)
            if tour:
                world.at = end
                stories.tour_order(world)
            world.settle()

    def told(half: Half, shown: Progress) -> Counter[str]:
        with _undisturbed(f"ids:{seed}:{half.name}") as promises:
            own = world_of(half, promises)
            own.know(world)
            table = timetable.Timetable(own)
            place = HALVES.index(half)
            table.fill(units=(units + len(HALVES) - 1 - place) // len(HALVES), days=days)
            table.run(shown)
        return own.refused

    refused = apart.each(HALVES, told, progress)
    with _undisturbed(f"ids:{seed}:afterwards") as promises, transaction.atomic():
        world.promises, world.at = promises, end
        afterwards.tell(world)
        books.publish_chart(world)
        containers.tell(world)
        transfers.tell(world)
        packaging.tell(world)
        labels.tell(world)
        freight.tell(world)
        tries.draft(world)
        store.tell(world)
        counts.tell(world)
        shifts.tell(world)
        hazards.tell(world)
        unworthy.tell(world)
        # Learning takes two seconds: a run of a few units has no market to watch.
        for of_triage in (looks, planning, seconds, *([pricing] if units >= MARKET else [])):
            of_triage.tell(world)
    with _undisturbed(f"ids:{seed}:after") as promises:
        world.promises, world.at = promises, end
        with transaction.atomic():
            books.hand_over(world)
        _make_documents(world, documents)
        sequencer.sequence_now()
    made = Entry.objects.filter(pk__gt=last)
    # Asked in two steps: joined, the planner matches each with each where it still takes these tables for empty.
    begun = list(made.filter(sequence=1).values_list("chain_id", flat=True))
    states = list(Device.objects.filter(pk__in=begun).values_list("state", flat=True))
    return Ran(
        units=len(states),
        entries=made.count(),
        ended=sum(State(state) in ENDS for state in states),
        seconds=round(time.monotonic() - began, 2),
        ledger_digest=ledger_digest(after=last),
        refused=dict(sum(refused, Counter())),
    )


def _make_documents(world: World, most: int) -> None:
    """Make the newest documents that are due, certificates first; the others are the worker's, in its own time."""
    if most < 1:
        return
    open_ones = Reaction.objects.open().filter(queue="documents", due_at__lte=world.at)
    wanted = list(
        open_ones.filter(handler__contains="certificate").order_by("-due_at", "-id").values_list("pk", flat=True)[:most]
    )
    wanted += list(
        open_ones.exclude(pk__in=wanted)
        .order_by("-due_at", "-id")
        .values_list("pk", flat=True)[: max(0, most - len(wanted))]
    )
    until = world.at + timedelta(hours=1)
    for pk in sorted(wanted):
        Reaction.objects.filter(pk=pk, done_at=None).update(leased_until=until, attempts=1)
        reactions.perform(reactions.Lease(pk, until), at=world.at, raising=True)
    with transaction.atomic():
        world.drain()
