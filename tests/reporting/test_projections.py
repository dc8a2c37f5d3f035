"""The figures follow the log, in batches of any size, and a rebuild gives the same rows."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, models, transaction

from reporting import tasks
from reporting.models import Cursor, DayFlow, MoneyFact, Stay, VisitFact
from reporting.services import projections
from revlog.custody.models import Entry
from revlog.custody.services import sequencer
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, HoldKind
from revlog.devices.services import arrivals, money, moves, standing
from tests.cast import Cast
from tests.factories import devices as factory

pytestmark = pytest.mark.django_db


def rows(table: type[models.Model]) -> list[tuple[Any, ...]]:
    return sorted((projections.values(row) for row in table._default_manager.all()), key=repr)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    return {table.__name__: rows(table) for table in projections.TABLES}


def some_life(cast: Cast, at: datetime) -> list[Device]:
    """Units at every turn: for sale, sold and back again, waiting, held, recycled, told late; with money."""
    units = [factory.for_sale(cast, serial=f"FS{n}", drive=f"D{n}", at=at + timedelta(days=n)) for n in range(4)]
    factory.sold(units[0], at=at + timedelta(days=6))
    with transaction.atomic():
        again = moves.take_one(units[0].id)
        arrivals.arrive_again(again, stay=factory.stay(cast), by=cast.ines, at=at + timedelta(days=30))
    recycled = factory.decided(
        factory.cleared(factory.triaged(cast, serial="RC", drive="DRC", at=at)), Disposition.RECYCLE, at=at
    )
    with transaction.atomic():
        device = moves.take_one(recycled.id)
        entry = standing.wait(device, "vendor", asked="a truck", due=None, by=cast.pavel, at=at + timedelta(days=1))
        money.post(
            entry=entry, account="material", amount=Decimal("3.10"), currency="EUR", device=device, at=at, key="m1"
        )
        standing.wait_over(device, by=cast.pavel, at=at + timedelta(days=3))
        # Told late: it happened before what the chain says so far.
        standing.hold(device, HoldKind.SAFETY, reason="swollen battery", by=cast.greta, at=at + timedelta(hours=2))
    units.append(recycled)
    units.append(factory.laptop(cast, serial="NEW", at=at + timedelta(days=2)))
    return units


@pytest.mark.parametrize("seed", range(4))
def test_a_rebuild_gives_what_following_in_random_batches_gave(cast: Cast, at: datetime, seed: int) -> None:
    dice = random.Random(seed)
    some_life(cast, at)
    while sequencer.sequence(most=dice.randint(1, 9)):
        while (step := projections.follow(at=at, most=dice.randint(1, 6))) and step.entries:
            pass
    followed = everything()

    projections.rebuild(at=at)

    assert followed == everything()
    assert len(followed["Stay"]) > 15
    assert followed["MoneyFact"]


def test_it_says_where_units_are_and_what_they_brought(cast: Cast, at: datetime) -> None:
    units = some_life(cast, at)
    sequencer.sequence_now()
    projections.catch_up(at=at)

    back = VisitFact.objects.filter(device_id=units[0].id).order_by("number")
    assert [(visit.number, visit.outcome, visit.state) for visit in back] == [(1, "SOLD", "SOLD"), (2, "", "RECEIVED")]
    waited = Stay.objects.get(device_id=units[4].id, clock="vendor")
    assert waited.left_at is not None
    assert (waited.state, waited.left_at - waited.entered_at) == (State.TO_RECYCLE, timedelta(days=2))
    assert VisitFact.objects.get(device_id=units[4].id).recovery_ours == Decimal("3.100")


def test_the_same_batch_twice_changes_nothing(cast: Cast, at: datetime) -> None:
    some_life(cast, at)
    sequencer.sequence_now()
    projections.catch_up(at=at)
    before = everything()

    Cursor.objects.update(position=0)
    projections.catch_up(at=at, most=7)

    assert everything() == before


def test_money_that_an_entry_of_another_thing_caused_reaches_the_unit(cast: Cast, at: datetime) -> None:
    device = factory.laptop(cast, serial="A", at=at)
    other = factory.laptop(cast, serial="B", at=at)
    sequencer.sequence_now()
    projections.catch_up(at=at)

    with transaction.atomic():
        taken = moves.take_one(other.id)
        entry = standing.wait(taken, "vendor", asked="credit", due=None, by=cast.esra, at=at)
        for thing, key in ((device, "k1"), (None, "k2")):
            money.post(
                entry=entry, account="freight", amount=Decimal(-40), currency="EUR", device=thing, at=at, key=key
            )
    sequencer.sequence_now()
    projections.catch_up(at=at)
    followed = everything()

    assert VisitFact.objects.get(device_id=device.id).recovery_ours == Decimal("-40.000")
    assert MoneyFact.objects.filter(device_id=None).count() == 1
    projections.rebuild(at=at)
    assert everything() == followed


def test_rollups_are_the_stays_of_their_day_counted(cast: Cast, at: datetime) -> None:
    some_life(cast, at)
    sequencer.sequence_now()
    projections.catch_up(at=at, most=3)

    counted = (
        Stay.objects.filter(ordinal=models.F("began"))
        .values("entered_on", "came_from", "state")
        .annotate(n=models.Count("pk"))
    )
    rolled = DayFlow.objects.values("day", "came_from", "state").annotate(n=models.Sum("units"))
    assert {(r["entered_on"], r["came_from"], r["state"]): r["n"] for r in counted} == {
        (r["day"], r["came_from"], r["state"]): r["n"] for r in rolled
    }


def test_it_reads_nothing_that_has_no_place_in_the_log_yet(cast: Cast, at: datetime) -> None:
    factory.laptop(cast, at=at)

    assert projections.catch_up(at=at) == 0
    assert not VisitFact.objects.exists()
    assert Entry.objects.count() == 1


def test_the_task_may_run_twice(cast: Cast, at: datetime) -> None:
    some_life(cast, at)
    sequencer.sequence_now()

    first, second = tasks.follow(), tasks.follow()

    assert first == Entry.objects.count()
    assert second == 0


def test_the_command_rebuilds(cast: Cast, at: datetime, capsys: pytest.CaptureFixture[str]) -> None:
    some_life(cast, at)

    call_command("rebuild_projections")

    assert "units" in capsys.readouterr().out
    assert VisitFact.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_a_second_follower_waits_its_turn_by_leaving(at: datetime) -> None:
    Cursor.objects.create(name=projections.NAME)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            other.set_autocommit(False)
            cursor.execute("SELECT 1 FROM reporting_cursor FOR UPDATE")
            assert projections.follow(at=at) is None
    finally:
        other.close()


def test_giving_the_price_back_is_no_cost_of_recovering_the_unit(cast: Cast, at: datetime) -> None:
    device = factory.laptop(cast, serial="A", at=at)
    with transaction.atomic():
        entry = standing.wait(moves.take_one(device.id), "vendor", asked="credit", due=None, by=cast.esra, at=at)
        for account, amount in (("refund", -449), ("labor", -18), ("sale", 260)):
            money.post(
                entry=entry, account=account, amount=Decimal(amount), currency="EUR", device=device, at=at, key=account
            )
    sequencer.sequence_now()
    projections.catch_up(at=at)

    assert VisitFact.objects.get(device_id=device.id).recovery_ours == Decimal("242.000")
    assert MoneyFact.objects.filter(device_id=device.id).count() == 3
