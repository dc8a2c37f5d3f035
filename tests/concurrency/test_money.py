"""Two people with one decision about money: whoever comes second finds it taken, and nothing is paid, given or spent twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from returns.models import Charge, ChargeStatus, CreditUse, Payout, Refund, Rma, RmaStatus, StoreCredit
from returns.services import accepting, approval, charges, closing, credits, deadlines, refunds
from revlog.common.errors import DomainError
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Posting
from revlog.terms.models import Order
from tests import cast as casting
from tests.cast import Cast
from tests.concurrency.test_receiving import race
from tests.factories import returns
from tests.returns.test_outcomes import opened, pay, ruled

pytestmark = pytest.mark.slow


@pytest.fixture
def people(transactional_db: None) -> Cast:
    found = casting.make()
    _ = found.esra, found.maria, found.aisha, found.sam
    return found


def refusals(found: list[object]) -> list[DomainError]:
    wrong = [one for one in found if isinstance(one, Exception) and not isinstance(one, DomainError)]
    assert wrong == []
    return [one for one in found if isinstance(one, DomainError)]


def test_two_approve_one_return_at_once_and_it_is_approved_once(people: Cast, at: datetime) -> None:
    ruled(people, at, approval="person", goods="keep")
    rma = returns.rma(people, reason="POWER", at=at)

    found = race(
        [lambda: approval.approve(rma, by=people.sam, at=at), lambda: approval.approve(rma, by=people.aisha, at=at)]
    )
    reactions.drain(at=at)

    assert len(refusals(found)) == 1
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.rma_approved").count() == 1
    assert (Refund.objects.count(), Payout.objects.count(), Posting.objects.count()) == (1, 1, 1)
    assert Rma.objects.get().status == RmaStatus.CLOSED


def test_two_approve_one_refund_at_once_and_it_is_paid_once(people: Cast, at: datetime) -> None:
    rma = returns.rma(people, at=at)
    returns.received(people, rma, at=at)
    accepting.accept(returns.unit_of(rma), deduction=Decimal(9), why="worn", by=people.aisha, at=at)
    refund = Refund.objects.get()

    found = race(
        [
            lambda: refunds.approve_refund(refund, by=people.esra, at=at),
            lambda: refunds.reject_refund(refund, why="too little", by=people.maria, at=at),
        ]
    )
    reactions.drain(at=at)

    assert len(refusals(found)) == 1
    refund.refresh_from_db()
    paid = refund.status == "paid"
    assert Payout.objects.count() == Posting.objects.count() == (1 if paid else 0)


def test_two_say_at_once_that_a_deposit_came_and_the_new_one_is_ordered_once(people: Cast, at: datetime) -> None:
    opened(people, "advance", at)
    charge = Charge.objects.get()

    found = race(
        [
            lambda: charges.confirm(charge, by=people.esra, at=at),
            lambda: charges.confirm(charge, by=people.maria, at=at),
        ]
    )
    reactions.drain(at=at)

    assert len(refusals(found)) == 1
    assert Charge.objects.get().status == ChargeStatus.HELD
    assert Order.objects.filter(source="exchange").count() == 1


def test_it_comes_back_while_its_deposit_is_being_kept_and_one_of_both_holds(people: Cast, at: datetime) -> None:
    rma = opened(people, "advance", at)
    pay(people, at)
    late = at + timedelta(days=60)
    deadlines.run(at=late)
    reactions.drain(at=late)
    later = late + timedelta(days=8)

    race(
        [
            lambda: deadlines.run(at=later),
            lambda: closing.give_up(Rma.objects.get(pk=rma.pk), by=people.sam, at=later),
        ]
    )
    reactions.drain(at=later)

    assert Charge.objects.get().status == ChargeStatus.PAID
    assert [(row.account, row.amount) for row in Posting.objects.all()] == [("deposit", Decimal("449.00"))]
    assert not Payout.objects.exists()
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.deposit_decided").count() == 1


def test_two_tills_spend_the_rest_of_a_credit_at_once_and_one_is_refused(people: Cast, at: datetime) -> None:
    rma = opened(people, "credit", at)
    returns.graded(returns.received(people, rma, at=at).device, at=at)
    credit = StoreCredit.objects.get()

    def spend(key: str) -> CreditUse:
        return credits.spend(credit, key=key, amount=Decimal(300), currency="EUR", by=people.sam, at=at)

    found = race([lambda: spend("till 1"), lambda: spend("till 2")])

    assert len(refusals(found)) == 1
    credit.refresh_from_db()
    assert (credit.balance, CreditUse.objects.count()) == (Decimal("149.00"), 1)


def test_one_till_that_asks_twice_at_once_spends_once(people: Cast, at: datetime) -> None:
    rma = opened(people, "credit", at)
    returns.graded(returns.received(people, rma, at=at).device, at=at)
    credit = StoreCredit.objects.get()

    def spend() -> CreditUse:
        return credits.spend(credit, key="till 1", amount=Decimal(100), currency="EUR", by=people.sam, at=at)

    found = race([spend, spend])

    assert refusals(found) == []
    assert len({one.pk for one in found if isinstance(one, CreditUse)}) == 1
    credit.refresh_from_db()
    assert credit.balance == Decimal("349.00")
