"""The outbox: each promise is kept once, whatever dies between."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from celery import current_app
from django.db import connection, transaction
from django.test import override_settings

from revlog.accounts.actors import system
from revlog.common import broker
from revlog.custody import facts, outbox
from revlog.custody.models import Entry, Reaction
from revlog.custody.services import ledger, reactions, waking

BY = system("test")


class Rang(facts.Fact, kind="test.rang", staff="The bell rang {times} times."):
    times: int


class Rung(facts.Fact, kind="test.rung", staff="Heard."):
    heard: str


heard: list[str] = []
trouble: list[Exception] = []


@outbox.on(Rang)
def hear(entry: Entry, *, at: datetime) -> None:
    if trouble:
        raise trouble.pop()
    heard.append(entry.digest)
    ledger.append(entry.chain_id, Rung(heard=entry.digest), by=BY, at=at, key=f"heard:{entry.digest}")


@outbox.on(Rang, queue="documents", slow=True)
def engrave(entry: Entry, *, at: datetime) -> outbox.Finish:
    text = f"engraved {entry.payload['times']}"
    return lambda: ledger.append(entry.chain_id, Rung(heard=text), by=BY, at=at, key=f"engraved:{entry.digest}")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    heard.clear()
    trouble.clear()
    yield


@pytest.fixture
def chain(db: None, at: datetime) -> uuid.UUID:
    thing = uuid.uuid4()
    ledger.begin("test", thing, Rang(times=3), by=BY, at=at)
    return thing


def kinds(chain: uuid.UUID) -> list[str]:
    return list(Entry.objects.filter(chain_id=chain).order_by("sequence").values_list("kind", flat=True))


def test_an_entry_carries_its_promises(chain: uuid.UUID) -> None:
    assert sorted(Reaction.objects.values_list("queue", "attempts", "done_at")) == [
        ("documents", 0, None),
        ("fast", 0, None),
    ]


def test_who_keeps_the_promises_itself_gets_them_in_order_and_wakes_nobody(db: None, at: datetime) -> None:
    thing = uuid.uuid4()
    with override_settings(WAKE_WORKERS=True):
        with waking.kept_here() as promises:
            first = ledger.begin("test", thing, Rang(times=1), by=BY, at=at)
            second = ledger.append(thing, Rang(times=2), by=BY, at=at)
        assert connection.run_on_commit == []

        ledger.append(thing, Rang(times=3), by=BY, at=at)
        assert len(connection.run_on_commit) == 1

    assert [(entry.pk, handler.queue) for entry, handler in promises] == [
        (first.pk, "fast"), (first.pk, "documents"), (second.pk, "fast"), (second.pk, "documents"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("waiting", "woken"),
    [({"documents": 0, "fast": 0}, {"documents", "fast"}), ({"documents": 100, "fast": 99}, {"fast"}), (None, set())],
)
def test_workers_are_woken_unless_they_are_behind_or_out_of_reach(
    monkeypatch: pytest.MonkeyPatch, waiting: dict[str, int] | None, woken: set[str]
) -> None:
    sent = set()
    monkeypatch.setattr(broker, "waiting", lambda queues: waiting)
    monkeypatch.setattr(waking, "_silent_until", 0.0)
    monkeypatch.setattr(current_app, "send_task", lambda name, *, queue, **_more: sent.add(queue))

    waking._send({"fast", "documents"})

    assert sent == woken
    assert (waking._silent_until > 0) is (waiting is None)


def test_a_backlog_is_spread_newest_first_and_leaves_alone_what_is_held(chain: uuid.UUID, at: datetime) -> None:
    for minutes in (1, 2):
        ledger.append(chain, Rang(times=minutes), by=BY, at=at + timedelta(minutes=minutes))
    held = reactions.lease(queues=["documents"], at=at)
    assert held is not None

    now = at + timedelta(hours=1)
    assert reactions.spread(queue="documents", at=now, apart=timedelta(seconds=2)) == 2

    rows = list(Reaction.objects.filter(queue="documents").select_related("entry").order_by("due_at"))
    assert [row.entry.payload["times"] for row in rows] == [3, 2, 1]
    assert [row.due_at for row in rows] == [at, now + timedelta(seconds=2), now + timedelta(seconds=4)]
    assert not Reaction.objects.filter(queue="fast", due_at__gt=at + timedelta(minutes=2)).exists()


def test_draining_keeps_each_promise_once(chain: uuid.UUID, at: datetime) -> None:
    assert reactions.drain(at=at) == 2
    assert reactions.drain(at=at + timedelta(days=1)) == 0
    assert kinds(chain) == ["test.rang", "test.rung", "test.rung"]


def test_a_held_reaction_is_nobody_elses_until_the_lease_has_run_out(
    chain: uuid.UUID, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = reactions.lease(queues=["fast"], at=at)

    assert held is not None
    assert reactions.lease(queues=["fast"], at=at + timedelta(seconds=5)) is None
    assert reactions.lease(queues=["fast"], at=held.until + timedelta(seconds=1)) is not None

    # What takes longer than its queue's time says so: nobody begins it again meanwhile.
    name = next(iter(outbox.listeners()["test.rang"][1:]))
    slow = outbox.named(name)
    assert slow is not None and slow.queue == "documents"
    monkeypatch.setitem(outbox._by_name, name, replace(slow, held_for=timedelta(minutes=20)))
    long = reactions.lease(queues=["documents"], at=at)
    assert long is not None
    assert long.until == at + timedelta(minutes=20)
    learning = outbox.named("triage.reactions.learn_prices")
    assert learning is not None and learning.held_for is not None


def test_a_worker_that_died_in_the_middle_leaves_the_work_to_the_next_and_it_is_done_once(
    chain: uuid.UUID, at: datetime
) -> None:
    dead = reactions.lease(queues=["documents"], at=at)
    assert dead is not None
    later = dead.until + timedelta(seconds=1)

    assert reactions.drain(at=later, queues=["documents"]) == 1

    assert kinds(chain) == ["test.rang", "test.rung"]
    # The one thought dead was only slow, and comes to write its result after all:
    assert reactions.perform(dead, at=later) is False
    assert kinds(chain) == ["test.rang", "test.rung"]


def test_a_failure_is_noted_put_back_and_tried_again_later(chain: uuid.UUID, at: datetime) -> None:
    trouble.append(RuntimeError("the bell is cracked"))
    held = reactions.lease(queues=["fast"], at=at)
    assert held is not None

    assert reactions.perform(held, at=at) is False

    row = Reaction.objects.get(pk=held.id)
    assert (row.done_at, row.leased_until, row.error) == (None, None, "RuntimeError: the bell is cracked")
    assert row.due_at > at
    assert heard == []
    assert reactions.drain(at=row.due_at, queues=["fast"]) == 1
    assert len(heard) == 1


def test_what_a_failing_handler_wrote_is_not_half_there(chain: uuid.UUID, at: datetime) -> None:
    class Cracked(RuntimeError):
        pass

    def break_after_writing(entry: Entry, *, at: datetime) -> None:
        ledger.append(entry.chain_id, Rung(heard="half"), by=BY, at=at)
        raise Cracked

    handler = outbox.named("tests.custody.test_reactions.hear")
    assert handler is not None
    object.__setattr__(handler, "call", break_after_writing)
    try:
        with pytest.raises(Cracked):
            reactions.drain(at=at, queues=["fast"])
    finally:
        object.__setattr__(handler, "call", hear)
    assert kinds(chain) == ["test.rang"]


def test_after_twelve_failures_it_is_parked_until_somebody_presses_retry(chain: uuid.UUID, at: datetime) -> None:
    moment = at
    for _ in range(reactions.MOST_ATTEMPTS):
        trouble.append(RuntimeError("still cracked"))
        held = reactions.lease(queues=["fast"], at=moment)
        assert held is not None
        reactions.perform(held, at=moment)
        moment += timedelta(hours=2)
    row = Reaction.objects.get(queue="fast")
    assert row.parked_at is not None
    assert reactions.lease(queues=["fast"], at=moment + timedelta(days=9)) is None

    reactions.retry(row, at=moment)

    assert reactions.drain(at=moment, queues=["fast"]) == 1
    assert len(heard) == 1


def test_nothing_is_promised_by_an_entry_that_was_rolled_back(db: None, at: datetime) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ledger.begin("test", uuid.uuid4(), Rang(times=1), by=BY, at=at)
        raise ZeroDivisionError
    assert not Reaction.objects.exists()


def test_a_repeated_job_appends_once(chain: uuid.UUID, at: datetime) -> None:
    first = ledger.append(chain, Rung(heard="x"), by=BY, at=at, key="job:1")
    again = ledger.append(chain, Rung(heard="x"), by=BY, at=at + timedelta(hours=1), key="job:1")

    assert first.digest == again.digest
    assert kinds(chain) == ["test.rang", "test.rung"]
