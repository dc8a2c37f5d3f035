"""Two people, one unit. First the race is shown to happen without the lock, then to be gone with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from revlog.common import ids
from revlog.common.errors import DomainError
from revlog.custody.models import Chain, Entry
from revlog.custody.services import verification
from revlog.custody.services.ledger import Head
from revlog.devices import facts
from revlog.devices.journey import State
from revlog.devices.models import Allocation, Device
from revlog.devices.services import arrivals, moves, standing
from tests import cast as casting
from tests.factories import devices as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def people() -> casting.Cast:
    return casting.make()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads of their own, started together; what each returned or raised."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            results[index] = act()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index, act)) for index, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def expected_unit(people: casting.Cast, at: datetime) -> Device:
    return arrivals.announce(
        what=arrivals.Description(
            device_class="laptop", manufacturer="Lenovo", model="ThinkPad T480", serial="RACE0001"
        ),
        stay=make.stay(people),
        by=people.sam,
        at=at,
    )


@pytest.fixture
def without_chain_constraint(db: None) -> Iterator[None]:
    """The look before the write without its lock, and the places of entries without their constraint."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE custody_entry DROP CONSTRAINT one_entry_a_place")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE custody_entry CASCADE")
        cursor.execute("ALTER TABLE custody_entry ADD CONSTRAINT one_entry_a_place UNIQUE (chain_id, sequence)")


@pytest.mark.breaks_chains
def test_without_the_lock_two_receivers_both_write(
    people: casting.Cast, at: datetime, without_chain_constraint: None
) -> None:
    """Exists to show that the race is real: a look without lock, a moment to think, and a write that trusts the look."""
    unit = expected_unit(people, at)
    looked = threading.Barrier(2)

    def careless(name: str) -> str:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT d.state, c.head_sequence FROM devices_device d JOIN custody_chain c ON c.id = d.id WHERE d.id = %s",
                [unit.id],
            )
            state, head = cursor.fetchone()
            looked.wait()
            assert state == "EXPECTED"
            cursor.execute(
                "INSERT INTO custody_entry"
                " (chain_id, sequence, kind, version, occurred_at, recorded_at, actor, key, payload, previous, digest)"
                " VALUES (%s, %s, 'devices.arrived', 1, now(), now(), %s, '',"
                ' \'{"state_from": "EXPECTED", "state_to": "RECEIVED"}\', \'\', md5(%s) || md5(\'x\'))',
                [unit.id, head + 1, name, name],
            )
        return name

    assert sorted(at_once(lambda: careless("user:a"), lambda: careless("user:b"))) == ["user:a", "user:b"]
    assert Entry.objects.filter(chain_id=unit.id, sequence=2).count() == 2


def test_of_two_receivers_one_succeeds_and_the_other_is_told_that_it_is_received(
    people: casting.Cast, at: datetime
) -> None:
    unit = expected_unit(people, at)

    def receive(person: Any) -> Entry:
        return arrivals.receive(
            Device.objects.get(pk=unit.pk), hub=people.rotterdam.id, custodian=people.operator.id, by=person, at=at
        )

    results = at_once(lambda: receive(people.ines), lambda: receive(people.aisha))

    refusals = [result for result in results if isinstance(result, Exception)]
    assert len(refusals) == 1
    assert isinstance(refusals[0], moves.UnableToMove)
    first = "Ines Duarte" if isinstance(results[1], Exception) else "Aisha Rahman"
    assert f"it is received, and {first} took it in on 2 Nov, 10:30" in str(refusals[0])
    assert Entry.objects.filter(chain_id=unit.id, payload__state_to="RECEIVED").count() == 1
    assert verification.chain(unit.id) == []


def test_without_lock_and_constraint_two_buyers_go_past_the_look_and_nobody_is_told(
    people: casting.Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exists to show that the test below could fail: the product's own verb with its lock off, both looking before either writes."""
    unit = make.for_sale(people)
    anouk, looked = people.anouk, threading.Barrier(2)

    def unlocked(id: Any) -> Device:
        row = Device.objects.get(pk=id)
        row.head = Head(row.pk, "unit", *Chain.objects.values_list("head_sequence", "head_digest").get(pk=row.pk))
        return row

    def thinking(at: datetime) -> Any:
        looked.wait(10)
        return ids.new(at)

    def promise(taker: str) -> Allocation:
        with transaction.atomic():
            return standing.promise(unlocked(unit.id), taker=taker, label=taker, by=anouk, at=at)

    monkeypatch.setattr(standing, "ids", SimpleNamespace(new=thinking))
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_taker_at_a_time")
    try:
        results = at_once(lambda: promise("order_line:1"), lambda: promise("order_line:2"))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX one_taker_at_a_time ON devices_allocation (device_id) WHERE released_at IS NULL"
            )

    # Both found it free; that the ledger has one place for an entry is what stops the second, and it can't say who was first.
    failed = [result for result in results if isinstance(result, Exception)]
    assert len(failed) == 1, results
    assert not isinstance(failed[0], standing.UnableToPromise)
    assert "Anouk" not in str(failed[0])


def test_of_two_buyers_one_gets_the_unit_and_the_other_is_told(people: casting.Cast, at: datetime) -> None:
    unit = make.for_sale(people)

    def promise(taker: str) -> Allocation:
        with transaction.atomic():
            return standing.promise(moves.take_one(unit.id), taker=taker, label=taker, by=people.anouk, at=at)

    results = at_once(lambda: promise("order_line:1"), lambda: promise("order_line:2"))

    refusals = [result for result in results if isinstance(result, Exception)]
    assert len(refusals) == 1
    assert isinstance(refusals[0], standing.UnableToPromise)
    assert "is promised to another: Anouk de Vries did so on 2 Nov, 10:30" in str(refusals[0])
    assert Allocation.objects.filter(device=unit, released_at=None).count() == 1


def test_units_that_lock_each_other_in_any_order_never_deadlock(people: casting.Cast, at: datetime) -> None:
    units = [make.laptop(people, serial=f"DEAD{number:04d}") for number in range(6)]

    def touch(order: list[Device]) -> int:
        for _ in range(5):
            with transaction.atomic():
                for device in moves.take([unit.id for unit in order]):
                    moves.note(device, fact=facts.SentToTriage(reason="touched"), by=people.ravi, at=at)
        return len(order)

    results = at_once(lambda: touch(units), lambda: touch(units[::-1]), lambda: touch(units[3:] + units[:3]))

    assert results == [6, 6, 6]
    assert set(Chain.objects.filter(pk__in=[unit.id for unit in units]).values_list("head_sequence", flat=True)) == {16}


def test_two_hundred_appends_from_eight_threads_leave_one_whole_chain(people: casting.Cast, at: datetime) -> None:
    unit = make.laptop(people)

    def append() -> int:
        for _ in range(25):
            with transaction.atomic():
                moves.note(moves.take_one(unit.id), fact=facts.SentToTriage(reason="again"), by=people.ravi, at=at)
        return 25

    results = at_once(*[append] * 8)

    assert results == [25] * 8
    assert Entry.objects.filter(chain_id=unit.id).count() == 201
    assert verification.chain(unit.id) == []
    assert State(Device.objects.get(pk=unit.pk).state) == State.RECEIVED
    assert not any(isinstance(result, (DomainError, IntegrityError)) for result in results)
