"""The pages of money: how a customer pays, gives away or chooses anew, and what the cashier sees and says."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from returns.models import Charge, ChargeStatus, Payin, Payout, Rma, RmaStatus, StoreCredit
from returns.services import credits, deadlines, letters
from revlog.common import clock
from revlog.custody.services import reactions
from tests.cast import Cast
from tests.factories import returns, terms
from tests.returns.test_outcomes import came, fresh, line_of, opened, pay, rival, ruled


@pytest.fixture
def now() -> datetime:
    return clock.now()


def as_(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name))
    return client


def guest_of(rma: Rma) -> Client:
    """Kim, who opened the link of the mail."""
    client = Client()
    path = letters.link(rma, at=clock.now())
    assert client.get("/" + path.split("/", 3)[3]).status_code == 302
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def test_the_customer_reads_how_to_pay_and_finance_says_that_it_came(cast: Cast, now: datetime) -> None:
    rma = opened(cast, "advance", now)
    charge = Charge.objects.get()
    kim, esra = guest_of(rma), as_(cast, "esra")
    way = f"/return/{rma.number}/pay/{charge.pk}/"

    assert way in page(kim, f"/return/{rma.number}/")
    told = page(kim, way)
    assert Payin.objects.get().reference in told
    assert "449.00" in told
    assert Payin.objects.get().reference in page(esra, "/returns/payments/")

    assert esra.post(f"/returns/payments/{charge.pk}/came").status_code == 302
    reactions.drain(at=clock.now())

    assert Charge.objects.get().status == ChargeStatus.HELD
    assert "nothing to pay any more" in page(kim, way)
    assert Payin.objects.get().reference in page(esra, "/returns/payments/?show=held")
    again = esra.post(f"/returns/payments/{charge.pk}/came")
    assert again.status_code == 409
    assert "This payment is held" in again.content.decode()


def test_nobody_else_sees_it_or_says_it(cast: Cast, now: datetime) -> None:
    rma = opened(cast, "advance", now)
    other = returns.rma(cast, order=terms.order(cast, "PS-O", email="lou@example.com", at=now), at=now)
    charge = Charge.objects.get()
    way = f"/return/{rma.number}/pay/{charge.pk}/"

    assert Client().get(way).status_code in {302, 404}
    assert guest_of(other).get(way).status_code == 404
    assert guest_of(other).get(f"/return/{other.number}/pay/{charge.pk}/").status_code == 404
    assert as_(cast, "sam").post(f"/returns/payments/{charge.pk}/came").status_code == 403
    assert as_(cast, "vera").get("/returns/payments/").content.decode().count(rma.number) == 0
    assert Charge.objects.get().status == ChargeStatus.ASKED


def test_who_opened_the_return_does_not_say_that_its_money_came(cast: Cast, now: datetime) -> None:
    order = terms.order(cast, "PS-S", at=now)
    rma = returns.rma(cast, order=order, wanted="advance", reason="POWER", by=cast.maria, at=now)
    reactions.drain(at=now)
    maria = as_(cast, "maria")

    assert "that they opened" in page(maria, "/returns/payments/")
    assert maria.post(f"/returns/payments/{Charge.objects.get().pk}/came").status_code == 409
    assert fresh(rma).status == RmaStatus.APPROVED
    assert Charge.objects.get().status == ChargeStatus.ASKED


def test_the_customer_says_that_it_was_given_away(cast: Cast, now: datetime) -> None:
    ruled(cast, now, goods="donate")
    rma = opened(cast, "refund", now)
    kim = guest_of(rma)

    told = page(kim, f"/return/{rma.number}/")
    assert "I gave it away" in told
    assert "I have handed it in" not in told
    for _twice in range(2):
        kim.post(f"/return/{rma.number}/given-away", {"line": str(line_of(rma).pk)})
        reactions.drain(at=clock.now())

    assert (fresh(rma).status, Payout.objects.get().amount) == (RmaStatus.CLOSED, Decimal("449.00"))
    assert kim.post(f"/return/{rma.number}/given-away", {"line": "nonsense"}).status_code == 404


def test_the_customer_chooses_money_when_it_is_not_in_stock(cast: Cast, now: datetime) -> None:
    order = terms.order(cast, "OWN-3", seller=cast.operator, at=now)
    rma = returns.rma(cast, wanted="exchange", reason="POWER", order=order, at=now)
    rma.lines.update(**rival("449.00"))
    came(cast, rma, now)
    kim = guest_of(rma)
    assert "not in stock" in page(kim, f"/return/{rma.number}/")

    told = kim.post(f"/return/{rma.number}/wish", {"line": str(line_of(rma).pk), "wanted": "advance"})
    assert told.status_code == 409
    kim.post(f"/return/{rma.number}/wish", {"line": str(line_of(rma).pk), "wanted": "refund"})
    reactions.drain(at=clock.now())

    assert (fresh(rma).status, line_of(rma).settled_as) == (RmaStatus.CLOSED, "refund")


def test_the_desk_changes_a_wish_and_says_why(cast: Cast, now: datetime) -> None:
    rma = opened(cast, "exchange", now)
    sent = {"line": str(line_of(rma).pk), "wanted": "refund", "why": "As agreed by phone."}

    assert as_(cast, "noor").post(f"/returns/{rma.number}/wish", sent).status_code == 403
    assert as_(cast, "sam").post(f"/returns/{rma.number}/wish", sent).status_code == 302

    assert line_of(rma).wanted == "refund"
    assert "As agreed by phone." in page(guest_of(rma), f"/return/{rma.number}/")


def test_store_credit_is_on_the_customers_page_and_in_the_list_with_its_uses(cast: Cast, now: datetime) -> None:
    ruled(cast, now, bonus_percent="10")
    rma = opened(cast, "credit", now)
    came(cast, rma, now)
    credit = StoreCredit.objects.get()
    credits.spend(credit, key="k", amount=Decimal(100), currency="EUR", reference="WEB-9", by=cast.sam, at=now)

    assert credit.code in page(guest_of(rma), f"/return/{rma.number}/")
    told = page(as_(cast, "esra"), "/returns/credits/")
    assert credit.code in told
    assert "WEB-9" in told
    assert "393.90" in told
    assert credit.code in page(as_(cast, "esra"), f"/returns/credits/?q={credit.code.lower()}")
    assert credit.code not in page(as_(cast, "esra"), "/returns/credits/?q=GC-2222-2222-2222")
    assert credit.code not in page(as_(cast, "vera"), "/returns/credits/")
    assert as_(cast, "tomas").get("/returns/credits/").status_code == 403


def test_what_lapsed_and_what_was_kept_stands_on_the_page(cast: Cast, now: datetime) -> None:
    rma = opened(cast, "advance", now)
    pay(cast, now)
    for days in (60, 68):
        deadlines.run(at=now + timedelta(days=days))
        reactions.drain(at=now + timedelta(days=days))

    told = page(guest_of(rma), f"/return/{rma.number}/")
    assert "It never came back to us." in told
    assert "449.00" in page(as_(cast, "esra"), "/returns/payments/?show=settled")
