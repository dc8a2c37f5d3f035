"""Two hands approve the same bill, and the money of a claim comes twice: it is posted once, and the other is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from revlog.devices.models import Posting
from revlog.logistics.freight.billing import Read
from revlog.logistics.services.freight import billing, claiming
from revlog.logistics.services.freight.billing import UnableToBill
from revlog.logistics.services.freight.claiming import UnableToClaimFromCarrier
from tests import cast as casting
from tests.concurrency.test_one_unit_two_hands import at_once
from tests.logistics.freight.test_accruals import in_book, sent
from tests.logistics.freight.test_contracts import agreed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_bill_is_approved_and_a_claim_paid_by_one_of_two_hands() -> None:
    people = casting.make()
    at, maria, esra = people.at, people.maria, people.esra
    contract = agreed(people, at)
    made = sent(people, contract, at, grams=2000, tracking="PX1")
    line = Read("PX1", "", None, 2000, "", "", Decimal("5.45"))
    bill = billing.enter(contract=contract, theirs="R-1", dated=at.date(), lines=[line], by=esra, at=at)

    results = at_once(*[lambda: billing.approve(bill, by=maria, at=at)] * 2)
    assert sum(isinstance(one, UnableToBill) for one in results) == 1, results
    assert (in_book(), in_book(account="freight")) == (Decimal(0), Decimal("-5.45"))

    claim = claiming.draft(
        made.shipment, kind="loss", apparent=False, since=at, grams=2000, value=Decimal(9), text="Never came.",
        by=people.henrik, at=at,
    )  # fmt: skip
    claiming.file(claim, by=people.henrik, at=at)
    results = at_once(*[lambda: claiming.pay(claim, paid=Decimal(9), by=esra, at=at)] * 2)
    assert sum(isinstance(one, UnableToClaimFromCarrier) for one in results) == 1, results
    assert Posting.objects.filter(account="freight_claim").count() == 1
