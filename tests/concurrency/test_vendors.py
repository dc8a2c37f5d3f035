"""Two people at one supplier: a quota isn't overrun, and one paper is credited once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from django.db.models import Sum

from returns.models import VendorCredit, VendorReturn
from returns.services.vendors import asking, crediting, sending
from tests import cast as casting
from tests.cast import Cast
from tests.concurrency.test_receiving import race
from tests.factories import vendors as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def people(transactional_db: None) -> Cast:
    found = casting.make()
    for name in ("henrik", "maria", "nils", "luca", "ines", "ravi", "aisha"):
        getattr(found, name)
    return found


def test_two_who_ask_at_once_don_t_overrun_a_quota_and_a_paper_counts_once(people: Cast, at: datetime) -> None:
    make.agreed(people, quota_of="pieces", quota="50")
    lots = [make.going_back(people, product=make.model(f"Cable {n}"), pieces=30) for n in range(2)]
    first, second = (make.drafted(people, one) for one in lots)
    found = race(
        [
            lambda: asking.ask(first, by=people.henrik, at=at),
            lambda: asking.ask(second, by=people.maria, at=at),
        ]
    )
    assert sorted(type(one).__name__ for one in found) == ["UnableToReturn", "VendorReturn"]
    asked = VendorReturn.objects.get(status="asked")
    assert VendorReturn.objects.filter(status="asked").aggregate(n=Sum("lines__quantity"))["n"] == 30

    asking.authorize(asked, theirs="N-1", by=people.nils, at=at)
    sending.pack(asked, by=people.luca, at=at)
    shipped = race(
        [lambda: sending.ship(asked, by=people.luca, at=at), lambda: sending.ship(asked, by=people.maria, at=at)]
    )
    assert sorted(type(one).__name__ for one in shipped) == ["UnableToReturn", "VendorReturn"]

    def credit() -> object:
        return crediting.credit(asked, number="CN-1", amount=Decimal("67.50"), by=people.nils, at=at)

    assert sorted(type(one).__name__ for one in race([credit, credit])) == ["UnableToReturn", "VendorCredit"]
    assert VendorCredit.objects.aggregate(n=Sum("amount"))["n"] == Decimal("67.50")
