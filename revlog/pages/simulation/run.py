"""Running the operation: stories on a timetable drawn from the seed, taken up in the order of their moments, until the end."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import heapq
import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from revlog.common import ids
from revlog.common.errors import DomainError
from revlog.custody.models import Entry, Reaction
from revlog.custody.services import reactions, sequencer
from revlog.devices.journey import ENDS, Disposition, State
from revlog.devices.models import Device
from revlog.evidence.models import Artifact
from revlog.pages.simulation import ground, machines, stories
from revlog.pages.simulation.steps.making import empty_batches
from revlog.pages.simulation.steps.onward import Plan
from revlog.pages.simulation.world import World
from revlog.terms.models import Order

Progress = Callable[[int, int], None]
LATE_SHARE = 0.22
"""So many of the units come in the last days, and are found in the queues."""
MISHAPS = (
    ("", 640), ("wrong_serial", 14), ("empty_box", 8), ("never_sent", 26), ("called_off", 14), ("undeliverable", 24),
    ("refused_parcel", 14), ("lost", 12), ("legal", 5), ("recall", 6), ("waiting", 30), ("unsafe", 10), ("refused_by_us", 8),
    ("damaged", 16),
)  # fmt: skip
LATELY = ("undecided", "in_transit", "at_the_dock", "waiting", "wrong_serial", "empty_box", "unsafe", "", "", "")
PLANS = (
    Plan(stop_at=State.RECEIVED), Plan(stop_at=State.IN_TRIAGE), Plan(stop_at=State.TO_SANITIZE), Plan(stop_at=State.TO_SELL),
    Plan(stop_at=State.TO_REFURBISH), Plan(Disposition.HARVEST, State.TO_HARVEST), Plan(Disposition.DESTROY, State.TO_DESTROY),
    Plan(Disposition.RECYCLE, State.TO_RECYCLE), Plan(Disposition.DONATE, State.TO_DONATE), Plan(Disposition.DEPLOY, State.TO_DEPLOY),
    Plan(Disposition.RESTOCK, State.TO_RESTOCK), Plan(Disposition.RETURN_TO_OWNER, State.TO_RETURN), Plan(Disposition.HARVEST),
    Plan(Disposition.DESTROY), Plan(Disposition.DEPLOY),
)  # fmt: skip
"""What the last units are asked to be, so that each queue has somebody waiting in it."""


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


class Simulation:
    """The timetable: (moment, number, story), soonest first. Two of one moment go in the order in which they were put there."""

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
            except DomainError as refusal:
                # A simulated person meets a refusal as a real one does: nothing of the act is done, and the thing stays where it is.
                world.note_refusal(refusal)
                continue
            if following is not None:
                self.put(max(following, world.at + timedelta(seconds=1)), story)
            progress(int((world.at - begin).total_seconds() / span * 1000), 1000)
        world.at = world.end
        with transaction.atomic():
            world.drain()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """No worker is woken, no mail leaves the machine, no commit waits for the disk: nothing is lost that the seed couldn't say again."""
    before = (getattr(settings, "WAKE_WORKERS", True), settings.EMAIL_BACKEND)
    settings.WAKE_WORKERS, settings.EMAIL_BACKEND = False, "django.core.mail.backends.dummy.EmailBackend"
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
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
        yield
    finally:
        connection.features.uses_savepoints = savepoints
        gc.set_threshold(*threshold)
        gc.unfreeze()
        settings.WAKE_WORKERS, settings.EMAIL_BACKEND = before
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")


def run(
    *,
    units: int,
    days: int,
    seed: int,
    end: datetime,
    documents: int = 0,
    tour: bool = False,
    mail_days: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Ran:
    """Simulate so many units over so many days that end at ``end``. ``documents`` of the newest documents are made at once.

    Raises whatever a verb or a reaction raises that is no refusal: a simulation that hides a fault is worth nothing.
    """
    if Order.objects.filter(number__contains=f"{seed}-20001").exists():
        raise AlreadyRun(f"Seed {seed} was simulated on this database before; take another seed, or an empty database.")
    began = time.monotonic()
    last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    world = World(seed=seed, dice=machines.dice(f"world:{seed}"), at=end - timedelta(days=days), end=end)
    if mail_days is not None:
        world.mails_from = end - timedelta(days=mail_days)
    with _undisturbed(), ids.seeded(f"ids:{seed}"):
        with transaction.atomic():
            ground.prepare(world)
        simulation = Simulation(world)
        _timetable(simulation, units=units, days=days)
        simulation.run(progress)
        if tour:
            with transaction.atomic():
                stories.tour_order(world)
        _make_documents(world, documents)
        sequencer.sequence_now()
    made = Entry.objects.filter(pk__gt=last)
    own = Device.objects.filter(pk__in=made.filter(sequence=1, chain__kind="unit").values("chain_id"))
    return Ran(
        units=own.count(),
        entries=made.count(),
        ended=own.filter(state__in=[state.value for state in ENDS]).count(),
        seconds=round(time.monotonic() - began, 2),
        ledger_digest=ledger_digest(after=last),
        refused=dict(world.refused),
    )


def _timetable(simulation: Simulation, *, units: int, days: int) -> None:
    """When each story begins. About a quarter of the units come by client jobs; the rest are returns, with all that goes wrong."""
    world, dice = simulation.world, simulation.world.dice
    begin = world.at
    full = timedelta(days=days)

    def moment(least: float, most: float) -> datetime:
        return begin + full * dice.uniform(least, most)

    # A large operation has lists of what is to come, and a truck that was unloaded this week; a small one tells whole stories.
    listed, fresh = (round(units * 0.15), round(units * 0.12)) if units >= 200 else (0, 0)
    jobs = round(units * 0.26) - (listed + fresh) // 2
    left = units - jobs - listed - fresh
    late = round(left * LATE_SHARE)
    lately = max(0.0, 1 - 12 / max(days, 13))
    kinds, weights = [kind for kind, _weight in MISHAPS], [weight for _kind, weight in MISHAPS]
    extras = max(1, units // 120)
    for _each in range(extras):
        simulation.put(moment(0.05, 0.7), stories.counted(world, short=12))
        simulation.put(moment(0.05, 0.85), stories.weighed(world))
        simulation.put(moment(0.3, 0.97), stories.unannounced(world))
        simulation.put(moment(0.5, 0.97), stories.stray_report(world, readable=True))
        simulation.put(moment(0.5, 0.97), stories.stray_report(world, readable=False))
    for _each in range(max(1, units // 40)):
        simulation.put(moment(0.55, 0.9), stories.second_visit(world))
    ordinary = max(0, left - late - 3 * extras)
    for _each in range(ordinary):
        # Orders are delivered long enough before the end for most of them to come back, and be dealt with.
        simulation.put(moment(0.0, lately * 0.9), stories.retail(world, mishap=dice.choices(kinds, weights)[0]))
    for place in range(late):
        plan = PLANS[place % len(PLANS)] if place % 2 else Plan()
        mishap = dice.choice(LATELY) if plan == Plan() else ""
        simulation.put(
            moment(lately * 0.8, lately + (1 - lately) * 0.35), stories.retail(world, mishap=mishap, plan=plan)
        )
    for size in _parts(listed, 40):
        simulation.put(moment(0.9, 0.98), stories.job(world, size, comes=False))
    for size in _parts(fresh, 30):
        simulation.put(moment(0.9, 0.93), stories.job(world, size, [Plan(stop_at=State.RECEIVED)] * size))
    while jobs > 0:
        size = min(jobs, dice.randint(6, 16))
        jobs -= size
        early = dice.random() < 0.7
        plans = [] if early else [PLANS[dice.randrange(len(PLANS))] for _unit in range(size)]
        simulation.put(moment(0.0, 0.8) if early else moment(0.86, 0.93), stories.job(world, size, plans))
    simulation.put(begin + timedelta(days=5), empty_batches(world))


def _parts(whole: int, most: int) -> list[int]:
    """``whole`` in parts of ``most`` and a rest."""
    return [most] * (whole // most) + ([whole % most] if whole % most else [])


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


# Digest ---------------------------------------------------------------------------------------------------------------------------

_HEX = re.compile(r"\b[0-9a-f]{64}\b")


def ledger_digest(*, after: int = 0) -> str:
    """One digest over all that the run said: chains by name, each entry's place, kind, times, author and payload, chained anew.

    The digests of rendered files (``application/pdf``: signatures hold random numbers) are left out, and so what depends on them: an
    entry is cited by its place instead of its own digest. Everything else of every entry counts.
    """
    rendered = set(Artifact.objects.filter(media_type="application/pdf").values_list("digest", flat=True))
    rows = list(
        Entry.objects.filter(pk__gt=after)
        .order_by("chain__kind", "chain_id", "sequence")
        .values_list(
            "chain__kind", "chain_id", "sequence", "kind", "version", "occurred_at", "actor", "key", "payload", "digest"
        )
    )
    places = {row[-1]: f"{row[0]}:{row[1]}#{row[2]}" for row in rows}

    def told(found: re.Match[str]) -> str:
        digest = found[0]
        return "file" if digest in rendered else places.get(digest, digest)

    heads: dict[str, str] = {}
    for kind, chain, sequence, fact, version, at, actor, key, payload, _digest in rows:
        name = f"{kind}:{chain}"
        plain = json.dumps(
            [name, sequence, fact, version, at.isoformat(), actor, key, payload], sort_keys=True, separators=(",", ":")
        )
        heads[name] = hashlib.sha256((heads.get(name, "") + _HEX.sub(told, plain)).encode()).hexdigest()
    whole = hashlib.sha256()
    for name in sorted(heads):
        whole.update(f"{name} {heads[name]}\n".encode())
    return whole.hexdigest()
