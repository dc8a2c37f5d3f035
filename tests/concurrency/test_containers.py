"""Two operators on the same pallet: one moves it, the other reads who did; what goes in or out keeps its seal and its place true."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from django.db import connection, connections

from revlog.common.errors import Reason
from revlog.custody.models import Entry
from revlog.devices.models import Device, Location
from revlog.devices.services import placing
from revlog.storage.models import ContainerKind
from revlog.storage.services import places
from revlog.storage.services.containers import moving, sealing
from tests import cast as casting
from tests.concurrency.test_receiving import race
from tests.factories import devices, storage


def test_of_two_who_move_one_pallet_one_does_and_the_other_reads_where_it_went(
    transactional_db: None, at: datetime
) -> None:
    people = casting.make()
    start, *ways = (storage.place(people, code) for code in ("HALL-0", "HALL-1", "HALL-2"))
    pallet = storage.container(people, ContainerKind.PALLET, parent=start)
    storage.filled(people, 5, pallet)
    movers = [people.ines, people.aisha]

    def moves(index: int) -> object:
        return lambda: moving.move(pallet, ways[index], seen_at="HALL-0", by=movers[index], at=at)

    results = race([moves(0), moves(1)])  # type: ignore[list-item]

    refused = [one for one in results if isinstance(one, Exception)]
    assert len(refused) == 1, results
    assert isinstance(refused[0], moving.UnableToMoveContainer)
    winner = 1 if results[0] is refused[0] else 0
    assert f"Moved to {ways[winner].code} with 5 units in it" in str(refused[0])
    assert ("Ines Duarte", "Aisha Rahman")[winner] in str(refused[0])
    assert Location.objects.get(pk=pallet.pk).parent == ways[winner]
    assert Entry.objects.filter(chain_id=pallet.pk, kind="storage.container_moved").count() == 1


class Meeting:
    """A moment in the midst of what one hand does, such as when it may put a unit and hasn't yet: then the other acts, and ends or
    waits for the first."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.act = act
        self.backend = 0
        self.found: object = None
        self.begun, self.ended = threading.Event(), threading.Event()
        self.other = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.backend = cursor.fetchone()[0]
            self.begun.set()
            self.found = self.act()
        except Exception as error:
            self.found = error
        finally:
            self.begun.set()
            self.ended.set()
            connections.close_all()

    def guard(self, _units: Sequence[Device], _place: Location) -> Sequence[Reason]:
        self.meet()
        return []

    def meet(self) -> None:
        self.other.start()
        assert self.begun.wait(30)
        while not self.ended.is_set() and not self._waits():
            self.ended.wait(0.01)

    def _waits(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid() = ANY(pg_blocking_pids(%s))", [self.backend])
            return bool(cursor.fetchone()[0])


def test_what_goes_in_or_out_is_done_before_the_container_is_sealed_or_moved(
    transactional_db: None, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = casting.make()
    ines, aisha = people.ines, people.aisha
    hall, shelf = storage.place(people, "HALL-1"), storage.place(people, "SHELF-1")
    cage = storage.place(people, "CAGE-1", secured=True)

    def meet(units: Sequence[Device], place: Location, act: Callable[[], object]) -> object:
        meeting = Meeting(act)
        with monkeypatch.context() as patched:
            patched.setattr(placing, "GUARDS", [*placing.GUARDS, meeting.guard])
            places.put([one.pk for one in units], place, by=ines, at=at)
        meeting.other.join(60)
        return meeting.found

    # One takes a unit out of a tote while the other seals the pallet in which it stands.
    sealed = storage.container(people, ContainerKind.PALLET, parent=hall)
    tote = storage.container(people, parent=sealed.location)
    units = storage.filled(people, 2, tote)
    meet(units[:1], shelf, lambda: sealing.seal(sealed, number="S-1", by=aisha, at=at))
    said = Entry.objects.get(chain_id=sealed.pk, kind="storage.seal_put")
    assert said.payload["units"] == tote.location.devices.count() == 1

    # One puts a unit with data into a tote in the data cage while the other moves its pallet out of there.
    pallet = storage.container(people, ContainerKind.PALLET, parent=cage)
    inner = storage.container(people, parent=pallet.location)
    laptop = devices.laptop(people)
    refused = meet([laptop], inner.location, lambda: moving.move(pallet, hall, by=aisha, at=at))
    assert isinstance(refused, moving.UnableToMoveContainer), refused
    assert "may hold data and HALL-1 is not secured" in str(refused)
    assert Location.objects.get(pk=pallet.pk).parent == cage
