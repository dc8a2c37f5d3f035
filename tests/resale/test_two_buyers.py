"""Two buyers, one unit, really at once. First the race is shown to happen without lock and constraint, then to be gone with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction

from resale.models import Sale
from resale.services import sales
from resale.services.sales import SoldOut
from revlog.common import ids
from revlog.custody.services import verification
from revlog.devices.models import Allocation
from revlog.terms.models import Order
from tests import cast as casting
from tests.factories import resale as shop

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


@pytest.fixture
def without_the_constraint(db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_taker_at_a_time")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE devices_allocation CASCADE")
        cursor.execute(
            "CREATE UNIQUE INDEX one_taker_at_a_time ON devices_allocation (device_id) WHERE released_at IS NULL"
        )


def test_without_lock_and_constraint_both_buyers_get_the_same_unit(
    people: casting.Cast, at: datetime, without_the_constraint: None
) -> None:
    """Exists to show that the race is real: look whether it is free, think a moment, promise it."""
    offer = shop.offered(people)
    unit = offer.pool.units.get().device_id
    looked = threading.Barrier(2)

    def careless(taker: str) -> str:
        with transaction.atomic():
            assert not Allocation.objects.filter(device_id=unit, released_at=None).exists()
            looked.wait()
            Allocation.objects.create(id=ids.new(at), device_id=unit, taker=taker, since=at)
        return taker

    assert sorted(at_once(lambda: careless("bea"), lambda: careless("oda"))) == ["bea", "oda"]
    assert Allocation.objects.filter(device_id=unit, released_at=None).count() == 2


def test_of_two_buyers_of_the_last_unit_one_gets_it_and_the_other_is_told(people: casting.Cast, at: datetime) -> None:
    offer = shop.offered(people)

    results = at_once(
        lambda: sales.sell(offer=offer, buyer=shop.BEA, by=people.anouk, at=at),
        lambda: sales.sell(offer=offer, buyer=shop.ODA, by=people.maria, at=at),
    )

    [refusal] = [result for result in results if isinstance(result, Exception)]
    assert isinstance(refusal, SoldOut)
    first = "Anouk de Vries" if isinstance(results[1], Exception) else "Maria Costa"
    assert f"another buyer was first: {first} sold the last one on 2 Nov, 10:30" in str(refusal)
    assert Order.objects.count() == Sale.objects.count() == Allocation.objects.count() == 1
    assert verification.chain(Sale.objects.get().device_id) == []


def test_two_buyers_who_saw_the_same_unit_dont_both_get_it(people: casting.Cast, at: datetime) -> None:
    offer = shop.offered(people, count=2)
    seen = offer.pool.units.order_by("id")[0].device

    results = at_once(
        lambda: sales.sell(offer=offer, unit=seen, buyer=shop.BEA, by=people.anouk, at=at),
        lambda: sales.sell(offer=offer, unit=seen, buyer=shop.ODA, by=people.maria, at=at),
    )

    [refusal] = [result for result in results if isinstance(result, Exception)]
    first = "Anouk de Vries" if isinstance(results[1], Exception) else "Maria Costa"
    assert f"is promised to another: {first} did so on 2 Nov, 10:30" in str(refusal)
    assert Sale.objects.count() == 1


def test_eight_buyers_of_six_units_leave_six_sales_and_two_refusals(people: casting.Cast, at: datetime) -> None:
    offer = shop.offered(people, count=6)

    results = at_once(*[lambda: sales.sell(offer=offer, buyer=shop.BEA, by=people.anouk, at=at)] * 8)

    refused = [result for result in results if isinstance(result, Exception)]
    assert [type(each) for each in refused] == [SoldOut, SoldOut]
    assert Sale.objects.values("device_id").distinct().count() == 6
