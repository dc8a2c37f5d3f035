"""The simulated operation as its journeys see it: the hour, the people, the places, the dice, and what is shared between units."""

from __future__ import annotations

import contextlib
import random
import smtplib
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from revlog.accounts import queries, stable
from revlog.accounts.actors import Actor
from revlog.accounts.models import Hub, Organization, User
from revlog.common.errors import DomainError
from revlog.custody import outbox
from revlog.custody.models import Reaction
from revlog.custody.services.waking import Promises
from revlog.devices.models import Device, Location
from revlog.evidence.services import artifacts
from revlog.pages.simulation import pictures
from revlog.pages.simulation.catalog import HALVES, Half
from revlog.pages.simulation.machines import Machine
from revlog.pages.simulation.machines import dice as dice_of
from triage.models import TestReport
from triage.reports import registry
from triage.reports.normal import UnreadableReport
from triage.services import reports, tables

QUEUES = ("fast", "outside")
"""What is done as it falls due. Documents take long, each: they are due, and left to the worker, but for the last few."""
OPENS, CLOSES = 8, 17


@dataclass
class World:
    """``at`` is the present of the simulation; it moves when the next journey's time has come."""

    seed: int
    half: Half
    dice: random.Random
    at: datetime
    end: datetime
    organizations: dict[str, Organization] = field(default_factory=dict)
    hubs: dict[str, Hub] = field(default_factory=dict)
    cage: dict[str, Location] = field(default_factory=dict)
    shelf: dict[str, Location] = field(default_factory=dict)
    machines: dict[uuid.UUID, Machine] = field(default_factory=dict)
    """What is inside a unit that arrived, as its reports will tell."""
    people: dict[str, Actor] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    """Acts that the platform refused, by their code: a simulated person then leaves the thing where it is."""
    counters: Counter[str] = field(default_factory=Counter)
    photos: dict[str, str] = field(default_factory=dict)
    promises: Promises = field(default_factory=deque)
    """What the ledger promised in this step and nobody did yet."""
    kept: list[tuple[int, str]] = field(default_factory=list)
    """What of it was done: entry and handler."""
    failed: list[tuple[int, str]] = field(default_factory=list)
    """Letters that a mail server refused: entry and handler. They are tried again by the story that brought them about."""
    batches: set[uuid.UUID] = field(default_factory=set)
    """The recycling batches of this half."""
    sold: list[uuid.UUID] = field(default_factory=list)
    """Sales that were delivered, from which second visits are drawn."""
    talks: random.Random = field(init=False)
    """The dice of ``apart``."""
    spawn: Callable[[Iterator[datetime]], None] = field(default=lambda story: None)
    """Begins a further story now; the timetable puts itself here."""

    def __post_init__(self) -> None:
        self.talks = dice_of(f"talks:{self.seed}:{self.half.name}")

    def __getattr__(self, name: str) -> Actor:
        """``world.ines`` is Ines as she acts."""
        if name.startswith("_") or name not in PEOPLE:
            raise AttributeError(name)
        if name not in self.people:
            self.people[name] = queries.actor_of(User.objects.get(pk=stable.stable_id("user", name)), at=self.at)
        return self.people[name]

    @property
    def bench(self) -> Actor:
        return self.__getattr__(self.half.bench)

    @property
    def check(self) -> Actor:
        return self.__getattr__(self.half.check)

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """Within, chance has dice of its own: what is said on the telephone doesn't change what becomes of the units."""
        self.dice, self.talks = self.talks, self.dice
        try:
            yield
        finally:
            self.dice, self.talks = self.talks, self.dice

    def talking(self, story: Iterator[datetime]) -> Iterator[datetime]:
        """A story that is told with those other dice."""
        while True:
            with self.apart():
                moment = next(story, None)
            if moment is None:
                return
            yield moment

    def know(self, other: World) -> None:
        """The places, organizations and pictures that were made beforehand."""
        self.organizations, self.hubs, self.cage, self.shelf = other.organizations, other.hubs, other.cage, other.shelf
        self.photos = dict(other.photos)

    # Time ---------------------------------------------------------------------------------------------------------------------

    def after(self, least: float, most: float) -> datetime:
        """A moment so many hours from now."""
        return self.at + timedelta(hours=self.dice.uniform(least, most))

    def working(self, least: float, most: float) -> datetime:
        """The same, moved into the working hours that follow."""
        moment = self.after(least, most)
        while moment.weekday() > 4 or not OPENS <= moment.hour < CLOSES:
            if moment.weekday() > 4 or moment.hour >= CLOSES:
                moment = (moment + timedelta(days=1)).replace(hour=OPENS, minute=0)
            else:
                moment = moment.replace(hour=OPENS, minute=0)
            moment += timedelta(minutes=self.dice.randrange(240), seconds=self.dice.randrange(60))
        return moment

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def number(self, name: str) -> int:
        """The next number of a kind: order numbers, tracking numbers, contracts. The halves take turns, so that none is used twice."""
        self.counters[name] += 1
        return (self.counters[name] - 1) * len(HALVES) + HALVES.index(self.half) + 1

    # Things -------------------------------------------------------------------------------------------------------------------

    def device(self, pk: uuid.UUID) -> Device:
        device = Device.objects.get(pk=pk)
        device.hub = next((hub for hub in self.hubs.values() if hub.pk == device.hub_id), None)
        return device

    def photo(self, what: str) -> str:
        """The digest of a photo that shows ``what``; one picture serves all of a kind."""
        if what not in self.photos:
            self.photos[what] = artifacts.keep_photo(pictures.drawn(what), at=self.at).digest
        return self.photos[what]

    def report(self, data: bytes, name: str, by: Actor) -> TestReport:
        """Bring a report in as a bench does. It is read in this process: it is our own, and needs no guarded one."""
        row = reports.receive(data=data, name=name, via="api", by=by, at=self.at)
        if row.status in reports.OPEN:
            try:
                found = tables.known(row, data) or registry.read(data)
            except UnreadableReport as refusal:
                reports.settle(row, refusal, by=by, at=self.at)
            else:
                reports.settle(row, found, by=by, at=self.at)
        self.drain()
        return row

    def drain(self) -> None:
        """Keep the outbox's promises of this step, oldest first, in its transaction.

        What ``reactions.drain`` does, without its leases: nobody else works on a simulated past, and each lease costs four statements.
        """
        while self.promises:
            entry, handler = self.promises.popleft()
            if handler.queue in QUEUES:
                try:
                    finish = outbox.call(handler, entry, self.at)
                except smtplib.SMTPException:
                    self.failed.append((entry.pk, handler.name))
                    self.keep_to_ourselves(Reaction.objects.filter(entry_id=entry.pk, handler=handler.name))
                    continue
                if finish is not None:
                    finish()
                self.kept.append((entry.pk, handler.name))

    def keep_to_ourselves(self, failed: QuerySet[Reaction]) -> None:
        """A worker of a platform that runs meanwhile would take what failed, between our steps: we tell how often it is tried."""
        failed.update(leased_until=self.end + timedelta(hours=1))

    def settle(self) -> None:
        """At the end of a step, within its transaction: what was promised in it and kept is done."""
        self.drain()
        if self.kept:
            with connection.cursor() as cursor:
                cursor.execute(
                    """
                    UPDATE custody_reaction r SET done_at = %s, attempts = 1 FROM unnest(%s, %s) AS k (entry, handler)
                    WHERE r.entry_id = k.entry AND r.handler = k.handler
                    """,
                    [self.at, [entry for entry, _name in self.kept], [name for _entry, name in self.kept]],
                )
        self.forget()

    def forget(self) -> None:
        """Nothing is promised or kept any more: the step is over, or was taken back."""
        self.promises.clear()
        self.kept.clear()

    def note_refusal(self, refusal: DomainError) -> None:
        self.refused[f"{refusal.code}: {refusal.sentence[:160]}"] += 1


PEOPLE = frozenset(person.code for person in stable.PEOPLE)
