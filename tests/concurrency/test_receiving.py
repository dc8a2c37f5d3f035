"""Two people with one thing: the race is first shown without the lock, then gone with it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

import pytest
from django.db import connection, connections

from returns.models import RmaUnit, UnitStatus
from returns.services import receiving
from returns.services.unloading import UnableToReceive
from revlog.common.errors import DomainError
from revlog.custody.models import Entry
from revlog.custody.services.ledger import Head
from revlog.devices.models import Device
from revlog.devices.services import moves
from tests import cast as casting
from tests.cast import Cast
from tests.factories import returns


def race(acts: Iterable[Callable[[], object]]) -> list[object]:
    """Run the acts at once, each on a connection of its own; what each gave or raised."""
    acts = list(acts)
    start = threading.Barrier(len(acts))
    found: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            start.wait(10)
            found[place] = act()
        except Exception as error:
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def both(cast: Cast, unit: RmaUnit, at: datetime) -> list[object]:
    return race(
        [
            lambda: receiving.receive(unit, hub=cast.rotterdam, serial="PF1ABCDE", by=cast.ines, at=at),
            lambda: receiving.receive(unit, hub=cast.rotterdam, serial="PF1ABCDE", by=cast.aisha, at=at),
        ]
    )


@pytest.fixture
def people(transactional_db: None) -> Cast:
    found = casting.make()
    # Asked once here: the threads are to meet at the unit, not at the first look at who they are.
    _ = found.ines, found.aisha
    return found


@pytest.mark.slow
def test_without_the_lock_the_second_is_told_nothing_of_the_first(
    people: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This exists to show that the test below could fail: with the locks off, both go past the check and one runs into the ledger."""
    meeting = threading.Barrier(2)

    def unlocked(ids: Iterable[uuid.UUID]) -> list[Device]:
        rows = {row.pk: row for row in Device.objects.filter(pk__in=list(ids))}
        with connection.cursor() as cursor:
            for row in rows.values():
                cursor.execute("SELECT head_sequence, head_digest FROM custody_chain WHERE id = %s", [row.pk])
                row.head = Head(row.pk, "unit", *cursor.fetchone())
        return list(rows.values())

    def late(*args: object, **kwargs: object) -> list[object]:
        meeting.wait(10)
        return []

    rma = returns.rma(people, at=at)
    monkeypatch.setattr(moves, "take", unlocked)
    monkeypatch.setattr(receiving, "reasons_against_receiving", late)
    monkeypatch.setattr(receiving.approval, "lock", lambda pk: returns.Rma.objects.select_related("hub").get(pk=pk))
    monkeypatch.setattr(receiving.owing, "lock_unit", lambda pk: RmaUnit.objects.get(pk=pk))

    found = both(people, returns.unit_of(rma), at)

    failed = [one for one in found if isinstance(one, Exception)]
    assert len(failed) == 1
    assert "was received by" not in str(failed[0])


@pytest.mark.slow
def test_two_receive_one_thing_at_once_and_the_second_is_told_by_whom_and_when(people: Cast, at: datetime) -> None:
    rma = returns.rma(people, at=at)
    unit = returns.unit_of(rma)

    found = both(people, unit, at)

    refused = [one for one in found if isinstance(one, Exception)]
    assert len(refused) == 1, found
    assert isinstance(refused[0], UnableToReceive)
    first = "Ines Duarte" if isinstance(found[1], Exception) else "Aisha Rahman"
    assert f"was received by {first} on 2 Nov, 10:30" in str(refused[0])
    assert returns.unit_of(rma).status == UnitStatus.RECEIVED
    assert Entry.objects.filter(chain_id=unit.device_id, kind="devices.arrived").count() == 1


@pytest.mark.slow
def test_two_announce_the_same_thing_at_once_and_one_return_is_opened(people: Cast, at: datetime) -> None:
    order = returns.terms.order(people, at=at)
    kim = returns.kim(order)

    found = race([lambda: returns.rma(people, order=order, by=kim, at=at) for _ in range(2)])

    refused = [one for one in found if isinstance(one, DomainError)]
    assert len(refused) == 1, found
    assert "was announced as a return already" in str(refused[0])
    assert order.rmas.count() == 1
