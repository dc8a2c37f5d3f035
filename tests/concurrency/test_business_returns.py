"""Two people at one return of a business: what is announced, counted or credited at once is so once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from django.db.models import Sum

from returns.models import Dispute, DisputeEnd, Interchange, Memo, Rma, RmaLine, RmaUnit
from returns.services.business import announcing, counting, disputes, edi, memos, partners
from returns.services.business.counting import Counted
from returns.services.business.memos import UnableToCredit
from returns.services.opening import UnableToOpen
from tests import cast as casting
from tests.cast import Cast
from tests.concurrency.test_receiving import race
from tests.factories import business as make
from tests.returns.business.test_x12 import SAMPLE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def people(transactional_db: None) -> Cast:
    found = casting.make()
    for name in ("sam", "maria", "aisha", "ines", "ravi", "lola", "esra"):
        getattr(found, name)
    return found


def test_two_who_announce_the_last_pieces_at_once_are_not_both_believed(people: Cast, at: datetime) -> None:
    make.order(people, "B-1", make.toner(quantity=40))
    told = make.announcement(people, make.told(quantity=30))
    found = race(
        [
            lambda: announcing.announce(told, by=people.sam, at=at),
            lambda: announcing.announce(told, by=people.lola, at=at),
        ]
    )
    assert sorted(type(one).__name__ for one in found) == ["Rma", "UnableToOpen"]
    assert any(isinstance(one, UnableToOpen) for one in found)
    assert RmaLine.objects.aggregate(total=Sum("quantity"))["total"] == 30


def test_one_count_sent_twice_at_once_counts_once(people: Cast, at: datetime) -> None:
    make.order(people, "B-1")
    rma = make.rma(people, make.told(quantity=40))

    def count() -> object:
        rows = [Counted(position=1, pieces=15)]
        return counting.count(rma.business, rows, hub=people.rotterdam, key="k", by=people.ines, at=at)

    race([count, count])
    counted = RmaUnit.objects.filter(line__rma=rma, status="received").aggregate(total=Sum("counted"))
    assert counted["total"] == 15
    assert RmaUnit.objects.filter(line__rma=rma).aggregate(total=Sum("quantity"))["total"] == 40


def test_two_who_credit_at_once_make_one_memo(people: Cast, at: datetime) -> None:
    make.order(people, "B-1")
    rma = make.rma(people, make.told(quantity=40))
    make.inspected(people, *make.counted(people, rma, Counted(position=1, pieces=38)))
    counting.complete(rma.business, by=people.ines, at=at)
    dispute = Dispute.objects.get()
    race(
        [
            lambda: disputes.decide(dispute, DisputeEnd.FOUND, reason="a", by=people.maria, at=at),
            lambda: disputes.decide(dispute, DisputeEnd.ANNOUNCED, reason="b", by=people.aisha, at=at),
        ]
    )
    decided = Dispute.objects.get().amount
    found = race(
        [
            lambda: memos.credit(rma.business, by=people.aisha, at=at),
            lambda: memos.credit(rma.business, by=people.maria, at=at),
        ]
    )
    assert sum(isinstance(one, UnableToCredit) for one in found) == 1
    assert Memo.objects.get().amount == decided
    assert decided in {Decimal(950), Decimal(1000)}


def test_one_interchange_at_two_doors_is_one(people: Cast, at: datetime) -> None:
    make.order(people, "B-1", make.toner(), make.phones("SN-A1", "SN-A2"))
    partners.add_partner(
        customer=make.buyer(people), seller=people.retailer, qualifier="ZZ", identifier="IBERIA", own_qualifier="ZZ",
        own_identifier="POLDER", by=people.maria, at=at,
    )  # fmt: skip
    found = race(
        [
            lambda: edi.take_in(SAMPLE.encode(), by=people.lola, at=at),
            lambda: edi.take_in(SAMPLE.encode(), by=people.sam, at=at),
        ]
    )
    assert sorted(one.known for one in found) == [False, True]  # type: ignore[attr-defined]
    assert Rma.objects.count() == 1
    # One came, and one went out: what acknowledges it.
    assert sorted(Interchange.objects.values_list("direction", flat=True)) == ["in", "out"]
