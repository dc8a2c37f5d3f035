"""The last place in a van: two who want it at once, and one who gets it; without the lock on the window both would."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db.models import QuerySet

from revlog.accounts.actors import system
from revlog.common import clock
from revlog.logistics.models import Pickup, PickupWindow
from revlog.logistics.services import pickups
from revlog.logistics.services.pickups import UnableToPickUp
from tests import cast as casting
from tests.cast import Cast
from tests.concurrency.test_receiving import race
from tests.factories import travel


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return casting.make()


def both(people: Cast) -> list[object]:
    at = clock.now()
    for day in range(7):
        travel.window(people, weekday=day, capacity=1, at=at)
    slot = pickups.slots(people.rotterdam, postcodes=["3011AA"], at=at)[0]
    by = system("test")
    return race(
        [
            lambda name=name: pickups.book(
                slot.window, slot.day, reference=f"rma:{name}", by=by, at=at + timedelta(seconds=1)
            )
            for name in ("one", "other")
        ]
    )


def test_without_the_lock_both_get_the_last_place(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_options: self)
    counted, meeting = pickups._slot, threading.Barrier(2)

    def late(window: PickupWindow, day: date, taken: int) -> pickups.Slot | None:
        if threading.current_thread() is not threading.main_thread():
            meeting.wait(20)  # both have counted before either books
        return counted(window, day, taken)

    monkeypatch.setattr(pickups, "_slot", late)

    gave = both(people)

    assert all(isinstance(one, Pickup) for one in gave)


def test_with_it_the_second_is_told_that_it_is_gone(people: Cast) -> None:
    gave = both(people)

    assert sorted(type(one) for one in gave if not isinstance(one, Pickup)) == [UnableToPickUp]
    assert Pickup.objects.count() == 1
    assert PickupWindow.objects.filter(capacity=1).count() == 7
