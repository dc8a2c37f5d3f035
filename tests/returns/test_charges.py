"""Money from customers: asked once, said to have come once and by a second person, held, kept or given back once."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from returns import payments
from returns import reactions as returning
from returns.models import Charge, ChargeFor, ChargeStatus, Payin, Payout, Rma, RmaLine
from returns.payments import Asked, manual
from returns.services import charges
from returns.services.charges import UnableToCharge
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Posting
from tests.cast import Cast
from tests.factories import returns

DIFFERENCE, DEPOSIT, REPAIR = ChargeFor.DIFFERENCE, ChargeFor.DEPOSIT, ChargeFor.REPAIR


def line_of(rma: Rma) -> RmaLine:
    return rma.lines.get()


def asked(
    cast: Cast, at: datetime, purpose: ChargeFor = DIFFERENCE, amount: str = "60.00", rma: Rma | None = None
) -> Charge:
    """A charge of Kim's return, and the provider knows of it."""
    found = charges.ask(line_of(rma or returns.rma(cast, at=at)), purpose=purpose, amount=Decimal(amount), at=at)
    reactions.drain(at=at, queues=["outside"])
    return Charge.objects.get(pk=found.pk)


def kinds(charge: Charge) -> list[str]:
    rows = Entry.objects.filter(chain_id=charge.line.rma_id, kind__regex="charge|deposit").order_by("sequence")
    return [row.kind.removeprefix("returns.") for row in rows]


def test_a_charge_is_asked_once_and_has_a_reference_and_a_date(cast: Cast, at: datetime) -> None:
    charge = asked(cast, at)

    again = charges.ask(charge.line, purpose=DIFFERENCE, amount=Decimal("60.00"), at=at + timedelta(hours=1))

    assert again.pk == charge.pk
    assert charge.reference == Payin.objects.get().reference
    assert (charge.provider, charge.status) == ("manual", ChargeStatus.ASKED)
    assert charge.due_by is not None
    assert timedelta(days=6) < charge.due_by - at < timedelta(days=9)
    assert kinds(charge) == ["charge_asked"]


def test_another_amount_or_none_is_refused(cast: Cast, at: datetime) -> None:
    charge = asked(cast, at)

    with pytest.raises(UnableToCharge, match="was asked for"):
        charges.ask(charge.line, purpose=DIFFERENCE, amount=Decimal("61.00"), at=at)
    with pytest.raises(UnableToCharge, match="nothing to ask for"):
        charges.ask(charge.line, purpose=REPAIR, amount=Decimal(0), at=at)
    assert Charge.objects.count() == 1


@pytest.mark.parametrize(("purpose", "account"), [(DIFFERENCE, "difference"), (REPAIR, "repair_income")])
def test_finance_says_that_it_came_and_it_is_in_the_book_once(
    cast: Cast, at: datetime, purpose: ChargeFor, account: str
) -> None:
    charge = asked(cast, at, purpose)

    charges.confirm(charge, by=cast.esra, at=at)
    with pytest.raises(UnableToCharge, match="This payment is paid"):
        charges.confirm(charge, by=cast.esra, at=at)

    charge.refresh_from_db()
    assert (charge.status, charge.confirmed_by) == (ChargeStatus.PAID, cast.esra.reference)
    posting = Posting.objects.get()
    assert (posting.account, posting.amount, posting.book) == (account, Decimal("60.00"), "seller")
    assert kinds(charge) == ["charge_asked", "charge_paid"]


def test_nobody_says_it_of_a_return_that_they_opened_nor_without_the_right(cast: Cast, at: datetime) -> None:
    charge = asked(cast, at, rma=returns.rma(cast, by=cast.maria, at=at))

    with pytest.raises(UnableToCharge, match="that they opened"):
        charges.confirm(charge, by=cast.maria, at=at)
    with pytest.raises(NotAllowed):
        charges.confirm(charge, by=cast.ines, at=at)
    assert not Posting.objects.exists()
    charges.confirm(charge, by=cast.esra, at=at)
    assert Posting.objects.count() == 1


def test_it_cannot_have_come_before_the_customer_was_asked(cast: Cast, at: datetime) -> None:
    charge = charges.ask(line_of(returns.rma(cast, at=at)), purpose=DIFFERENCE, amount=Decimal(5), at=at)

    with pytest.raises(UnableToCharge, match="hasn't been asked yet"):
        charges.confirm(charge, by=cast.esra, at=at)


def test_what_a_provider_reports_twice_is_booked_once(cast: Cast, at: datetime) -> None:
    charge = asked(cast, at)
    told = Asked(reference="pi_1", status="paid", amount=charge.amount, currency="EUR")

    charges.came(charge.pk, asked=told, provider="manual", at=at)
    charges.came(charge.pk, asked=told, provider="manual", at=at)

    assert Posting.objects.count() == 1
    assert kinds(charge).count("charge_paid") == 1


def test_another_sum_than_was_asked_is_not_taken_for_it(cast: Cast, at: datetime) -> None:
    charge = asked(cast, at)

    with pytest.raises(ValueError, match="took 6"):
        charges.came(
            charge.pk, asked=Asked("pi_1", "paid", Decimal(6), "EUR"), provider="manual", at=at
        )  # fmt: skip
    assert Charge.objects.get().status == ChargeStatus.ASKED


def test_a_payment_that_failed_may_be_asked_for_again(cast: Cast, at: datetime) -> None:
    charge = asked(cast, at)

    charges.came(charge.pk, asked=Asked("pi_1", "failed", charge.amount, "EUR"), provider="manual", at=at)

    assert Charge.objects.get().status == ChargeStatus.FAILED
    assert asked(cast, at, rma=charge.line.rma).pk != charge.pk


def test_what_is_no_longer_asked_for_cannot_come(cast: Cast, at: datetime) -> None:
    charge = asked(cast, at)

    charges.drop(charge, why="called off", at=at)
    charges.drop(charge, why="called off", at=at)
    reactions.drain(at=at, queues=["outside"])

    assert Payin.objects.get().status == "released"
    with pytest.raises(UnableToCharge, match="no longer asked for"):
        charges.confirm(charge, by=cast.esra, at=at)
    with pytest.raises(UnableToCharge, match="give it back"):
        charges.came(charge.pk, asked=Asked("pi_1", "paid", charge.amount, "EUR"), provider="manual", at=at)
    assert kinds(charge) == ["charge_asked", "charge_dropped"]


# Deposits ---------------------------------------------------------------------------------------------------------------------------


def held(cast: Cast, at: datetime) -> Charge:
    charge = asked(cast, at, DEPOSIT, "449.00")
    charges.confirm(charge, by=cast.esra, at=at)
    return Charge.objects.get(pk=charge.pk)


def test_a_deposit_that_is_held_is_nobodys_income(cast: Cast, at: datetime) -> None:
    charge = held(cast, at)

    assert (charge.status, charge.held_at) == (ChargeStatus.HELD, at)
    assert not Posting.objects.exists()
    with pytest.raises(UnableToCharge, match="This payment is held"):
        charges.drop(charge, why="x", at=at)


def test_a_deposit_is_given_back_whole_and_once(cast: Cast, at: datetime) -> None:
    charge = held(cast, at)

    charges.decide(charge, keep=Decimal(0), why="it came back", at=at)
    charges.decide(charge, keep=Decimal(449), why="it never came", at=at)
    reactions.drain(at=at, queues=["outside"])
    reactions.drain(at=at + timedelta(hours=1), queues=["outside"])

    charge.refresh_from_db()
    assert (charge.status, charge.kept) == (ChargeStatus.RELEASED, None)
    assert Payout.objects.get().amount == Decimal("449.00")
    assert not Posting.objects.exists()
    assert kinds(charge) == ["charge_asked", "charge_held", "deposit_decided", "deposit_released"]


def test_a_part_of_a_deposit_is_kept_and_the_rest_goes_back(cast: Cast, at: datetime) -> None:
    charge = held(cast, at)

    charges.decide(charge, keep=Decimal("149.00"), why="one of three never came", at=at)
    reactions.drain(at=at, queues=["outside"])

    charge.refresh_from_db()
    assert (charge.status, charge.kept) == (ChargeStatus.PAID, Decimal("149.00"))
    assert Payout.objects.get().amount == Decimal("300.00")
    posting = Posting.objects.get()
    assert (posting.account, posting.amount) == ("deposit", Decimal("149.00"))


def test_no_more_is_kept_than_is_held(cast: Cast, at: datetime) -> None:
    charge = held(cast, at)

    with pytest.raises(UnableToCharge):
        charges.decide(charge, keep=Decimal("449.01"), why="x", at=at)
    assert Charge.objects.get().status == ChargeStatus.HELD


@pytest.mark.parametrize("moment", ["before the provider", "after the provider", "before the end"])
@pytest.mark.parametrize("keep", ["0", "449.00"])
def test_a_worker_killed_over_a_deposit_does_it_once_after_the_restart(
    cast: Cast, at: datetime, moment: str, keep: str
) -> None:
    charge = held(cast, at)
    reactions.drain(at=at)
    charges.decide(charge, keep=Decimal(keep), why="decided", at=at)
    lease = reactions.lease(queues=["outside"], at=at)
    assert lease is not None
    entry = Entry.objects.get(kind="returns.deposit_decided")
    if moment == "after the provider":
        returning.keep_or_give_back(entry, at=at)
    if moment == "before the end":
        finish = returning.keep_or_give_back(entry, at=at)
        assert finish is not None
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            finish()
            raise KeyboardInterrupt

    later = lease.until + timedelta(seconds=1)
    reactions.drain(at=later, queues=["outside"])
    slow = returning.keep_or_give_back(entry, at=later)

    assert slow is None
    given_back = Decimal(449) - Decimal(keep)
    assert sum(row.amount for row in Payout.objects.all()) == given_back
    assert sum(row.amount for row in Posting.objects.all()) == Decimal(keep)
    ended = ChargeStatus.PAID if Decimal(keep) else ChargeStatus.RELEASED
    assert Charge.objects.get().status == ended
    assert len(kinds(charge)) == 4


def test_the_provider_is_asked_under_a_key_that_never_changes(cast: Cast, at: datetime) -> None:
    provider = payments.provider()
    first = provider.ask(key="k", amount=Decimal(10), currency="EUR", subject="x", hold=True, at=at)
    again = provider.ask(key="k", amount=Decimal(10), currency="EUR", subject="x", hold=True, at=at)

    assert first == again == provider.state("k")
    assert provider.state("other") is None
    assert provider.release(key="other", at=at) is None
    manual.came("k", at=at)
    assert manual.came("k", at=at).status == "held"
    assert provider.capture(key="k", amount=Decimal(4), at=at).taken == Decimal(4)
    assert provider.capture(key="k", amount=Decimal(9), at=at).taken == Decimal(4)
    assert Payout.objects.get().amount == Decimal(6)
