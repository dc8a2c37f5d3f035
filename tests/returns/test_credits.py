"""Store credit: given once for what came back, with its bonus, spent once a key, and never a cost twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import transaction

from returns import policy
from returns.models import CreditUse, Payout, Refund, RefundMethod, RefundStatus, Rma, RmaStatus, StoreCredit
from returns.queries import accounted
from returns.services import accepting, credits, deadlines, refunds
from returns.services.attempts import WRONG_CODES, TooManyTries
from returns.services.credits import UnableToSpend
from returns.services.owing import UnableToSettle
from revlog.common import ids
from revlog.common.errors import NotAllowed, NotFound
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Posting
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import returns, terms


def wanted(cast: Cast, at: datetime, *, bonus: str = "45.00", **changes: object) -> Rma:
    """Kim's laptop for store credit; the rules add a bonus to it."""
    rma = returns.rma(cast, wanted="credit", at=at, **changes)
    rma.lines.update(bonus=Decimal(bonus))
    return rma


def given(cast: Cast, at: datetime, *, bonus: str = "45.00", **changes: object) -> StoreCredit:
    rma = wanted(cast, at, bonus=bonus, **changes)
    returns.graded(returns.received(cast, rma, at=at).device, at=at)
    return StoreCredit.objects.get(refund__line__rma=rma)


def postings() -> dict[str, Decimal]:
    return {row.account: row.amount for row in Posting.objects.all()}


def spend(credit: StoreCredit, amount: str, at: datetime, *, by: object, key: str = "k1", **more: str) -> CreditUse:
    told = {"currency": "EUR", "reference": "WEB-7"} | more
    return credits.spend(credit, key=key, amount=Decimal(amount), by=by, at=at, **told)  # type: ignore[arg-type]


def test_what_is_accepted_becomes_a_credit_with_its_bonus_and_closes_the_return(cast: Cast, at: datetime) -> None:
    credit = given(cast, at)

    assert (credit.amount, credit.bonus, credit.balance) == (Decimal("494.00"), Decimal("45.00"), Decimal("494.00"))
    assert ids.normal(credit.code, credits.PREFIX, credits.GROUPS) == credit.code
    assert credit.expires_on is not None
    assert credit.expires_on.year == at.year + 3
    refund = Refund.objects.get()
    assert (refund.method, refund.status, refund.provider) == (RefundMethod.CREDIT, RefundStatus.PAID, "credit")
    rma = Rma.objects.get()
    assert rma.status == RmaStatus.CLOSED
    assert [line.settled_as for line in rma.lines.all()] == ["credit"]
    assert postings() == {"credit": Decimal("-449.00"), "credit_bonus": Decimal("-45.00")}
    assert not Payout.objects.exists()


def test_the_code_is_in_the_mail_and_nowhere_on_the_ledger(cast: Cast, at: datetime) -> None:
    credit = given(cast, at)
    reactions.drain(at=at, queues=["outside"])

    letter = mail.outbox[-1]
    assert credit.code in letter.body
    assert "494.00" in letter.body
    assert "45.00" in letter.body
    assert all(credit.code not in str(entry.payload) for entry in Entry.objects.all())


def test_giving_it_again_gives_the_one_that_stands(cast: Cast, at: datetime) -> None:
    credit = given(cast, at)

    again = credits.issue(credit.refund_id, at=at + timedelta(hours=1))

    assert again.pk == credit.pk
    assert StoreCredit.objects.count() == 1
    assert Posting.objects.count() == 2


def test_who_dies_while_giving_it_leaves_nothing_behind(cast: Cast, at: datetime) -> None:
    rma = wanted(cast, at)
    device = returns.received(cast, rma, at=at).device
    accepting.accept(returns.unit_of(rma), by=cast.aisha, at=at)
    refund = Refund.objects.get()
    refunds.approve_refund(refund, by=cast.esra, at=at)

    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        credits.issue(refund.pk, at=at)
        raise KeyboardInterrupt
    assert not StoreCredit.objects.exists()
    assert not Posting.objects.exists()
    reactions.drain(at=at, queues=["fast"])

    assert StoreCredit.objects.get().amount == Decimal("494.00")
    assert Posting.objects.filter(device=device).count() == 2


def test_a_credit_that_a_person_changed_waits_for_another(cast: Cast, at: datetime) -> None:
    rma = wanted(cast, at)
    returns.received(cast, rma, at=at)

    accepting.accept(returns.unit_of(rma), deduction=Decimal(49), why="A key is missing.", by=cast.maria, at=at)
    reactions.drain(at=at)
    refund = Refund.objects.get()
    assert (refund.status, refund.amount) == (RefundStatus.PROPOSED, Decimal("445.00"))
    assert not StoreCredit.objects.exists()
    with pytest.raises(UnableToSettle, match="nobody approves their own refund"):
        refunds.approve_refund(refund, by=cast.maria, at=at)

    refunds.approve_refund(refund, by=cast.esra, at=at)
    reactions.drain(at=at, queues=["fast"])
    assert StoreCredit.objects.get().amount == Decimal("445.00")
    assert postings() == {"credit": Decimal("-400.00"), "credit_bonus": Decimal("-45.00")}


def test_it_is_not_given_for_money_nor_paid_as_money(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    returns.graded(returns.received(cast, rma, at=at).device, at=at)
    with pytest.raises(UnableToSettle):
        credits.issue(Refund.objects.get().pk, at=at)

    other = wanted(cast, at, order=terms.order(cast, "PS-9", terms.laptop_line(serials=("PF1OTHER",)), at=at))
    returns.received(cast, other, serial="PF1OTHER", at=at)
    accepting.accept(returns.unit_of(other), by=cast.aisha, at=at)
    refund = Refund.objects.get(line__rma=other)
    refunds.approve_refund(refund, by=cast.esra, at=at)
    with pytest.raises(UnableToSettle):
        refunds.paid(refund.pk, provider="manual", reference="x", at=at)


# Spending ---------------------------------------------------------------------------------------------------------------------------


def test_it_is_spent_in_parts_once_a_key(cast: Cast, at: datetime) -> None:
    credit = given(cast, at)

    first = spend(credit, "200.00", at, by=cast.sam)
    again = spend(credit, "200.00", at + timedelta(days=1), by=cast.sam)
    spend(credit, "294.00", at, by=cast.sam, key="k2")

    assert first.pk == again.pk
    credit.refresh_from_db()
    assert credit.balance == 0
    told = Entry.objects.filter(kind="returns.credit_used").order_by("sequence")
    assert [(row.payload["amount"], row.payload["left"]) for row in told] == [("200.00", "294.00"), ("294.00", "0.00")]
    # The shop's sale is its income; the credit was a cost when it was given, and isn't one again.
    assert Posting.objects.count() == 2


@pytest.mark.parametrize(
    ("amount", "more", "said"),
    [
        ("494.01", {}, "Only 494.00 EUR are left"),
        ("0", {}, "above zero"),
        ("-5", {}, "above zero"),
        ("1.001", {}, "at most two decimals"),
        ("NaN", {}, "above zero"),
        ("5", {"currency": "USD"}, "is in EUR"),
    ],
)
def test_what_cannot_be_spent_is_refused(
    cast: Cast, at: datetime, amount: str, more: dict[str, str], said: str
) -> None:
    credit = given(cast, at)

    with pytest.raises(UnableToSpend, match=said):
        spend(credit, amount, at, by=cast.sam, **more)
    credit.refresh_from_db()
    assert credit.balance == Decimal("494.00")


def test_a_key_is_not_used_for_another_amount(cast: Cast, at: datetime) -> None:
    credit = given(cast, at)
    spend(credit, "10", at, by=cast.sam)

    with pytest.raises(UnableToSpend, match="another amount"):
        spend(credit, "11", at, by=cast.sam)


def test_it_ends_on_its_day(cast: Cast, at: datetime) -> None:
    credit = given(cast, at)
    assert credit.expires_on is not None
    last = at.replace(year=credit.expires_on.year)

    spend(credit, "1", last, by=cast.sam)
    with pytest.raises(UnableToSpend, match="ended on"):
        spend(credit, "1", last + timedelta(days=1), by=cast.sam, key="k2")


def test_what_nobody_spent_by_its_day_is_booked_as_income_once_and_cannot_be_spent(cast: Cast, at: datetime) -> None:
    credit = given(cast, at)
    spend(credit, "94.00", at, by=cast.sam)
    assert credit.expires_on is not None
    last = at.replace(year=credit.expires_on.year)
    after = last + timedelta(days=1)

    deadlines.run(at=last)
    assert not credits.lapse(credit.pk, at=last)
    assert "breakage" not in postings()
    assert credits.over(at=after) == [credit.pk]
    deadlines.run(at=after)
    deadlines.run(at=after)
    # Another worker had read the list before: it waits for the row, and finds nothing left.
    assert not credits.lapse(credit.pk, at=after)

    given_as, ended_as = Posting.objects.get(account="credit"), Posting.objects.get(account="breakage")
    assert (ended_as.amount, ended_as.book, ended_as.party_id) == (Decimal("400.00"), given_as.book, given_as.party_id)
    assert (ended_as.chain_id, ended_as.currency) == (credit.refund.line.rma_id, "EUR")
    told = Entry.objects.get(kind="returns.credit_lapsed")
    assert (told.chain_id, told.payload["amount"]) == (credit.refund.line.rma_id, "400.00")
    credit.refresh_from_db()
    assert (credit.balance, credit.lapsed) == (0, Decimal("400.00"))
    assert not accounted.reasons_against_closing(Rma.objects.get())
    with pytest.raises(UnableToSpend, match="ended on"):
        spend(credit, "1", after, by=cast.sam, key="k2")


def test_who_dies_while_it_lapses_leaves_it_for_the_next(cast: Cast, at: datetime) -> None:
    credit = given(cast, at)
    after = at + timedelta(days=4 * 366)

    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        assert credits.lapse(credit.pk, at=after)
        raise KeyboardInterrupt
    assert "breakage" not in postings()

    assert credits.lapse(credit.pk, at=after)
    assert postings()["breakage"] == Decimal("494.00")


def test_a_credit_that_is_spent_or_never_ends_brings_no_income(cast: Cast, at: datetime) -> None:
    spent = given(cast, at)
    spend(spent, "494.00", at, by=cast.sam)
    body = {**policy.SHIPPED, "parameters": {**policy.SHIPPED["parameters"], "credit_months": 0}}
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)
    rma = wanted(cast, at, order=terms.order(cast, "PS-9", terms.laptop_line(serials=("PF1OTHER",)), at=at))
    returns.graded(returns.received(cast, rma, serial="PF1OTHER", at=at).device, at=at)
    endless = StoreCredit.objects.get(refund__line__rma=rma)
    assert endless.expires_on is None

    late = at + timedelta(days=40 * 366)
    deadlines.run(at=late)

    assert "breakage" not in postings()
    assert spend(endless, "1", late, by=cast.sam, key="k9").amount == 1
    reactions.drain(at=at, queues=["outside"])
    assert "whenever you like" in mail.outbox[-1].body


def test_spending_needs_the_right(cast: Cast, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        spend(given(cast, at), "1", at, by=cast.ines)


def test_a_code_is_found_as_people_type_it_and_by_nobody_elses_seller(cast: Cast, at: datetime) -> None:
    credit = given(cast, at)

    assert credits.find(f" {credit.code.lower().replace('-', ' ')} ", by=cast.sam).pk == credit.pk
    with pytest.raises(NotFound):
        credits.find(credit.code, by=cast.vera)


def test_who_guesses_codes_is_slowed_down_whether_right_or_wrong(cast: Cast, at: datetime) -> None:
    cache.clear()
    credit = given(cast, at)
    for _try in range(WRONG_CODES):
        with pytest.raises(NotFound):
            credits.find("GC-2222-2222-2222", by=cast.sam)

    with pytest.raises(TooManyTries):
        credits.find(credit.code, by=cast.sam)
    assert credits.find(credit.code, by=cast.esra).pk == credit.pk
    cache.clear()
