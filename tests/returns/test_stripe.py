"""Refunds and charges through Stripe: once, whatever is refused, slow, lost or told late. The server is ours, on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from returns import payments
from returns.models import Charge, ChargeFor, ChargeStatus, CheckoutSession, Refund, RefundStatus
from returns.payments import Declined, stripe
from returns.services import bouncing, charges, deadlines, looking
from returns.services.owing import UnableToSettle
from revlog.common import clock
from revlog.custody.models import Entry, Reaction
from revlog.custody.services import reactions
from revlog.devices.models import Posting
from tests.cast import Cast
from tests.factories import returns, terms
from tests.returns.stripe_server import KEY, Stripe, serving

SECRET = "whsec_loopback"


@pytest.fixture
def server(settings: object) -> Iterator[Stripe]:
    with serving() as found:
        settings.PAYMENT_PROVIDER = "stripe"  # type: ignore[attr-defined]
        settings.STRIPE_URL = found.url  # type: ignore[attr-defined]
        settings.STRIPE_KEY = KEY  # type: ignore[attr-defined]
        settings.STRIPE_WEBHOOK_SECRET = SECRET  # type: ignore[attr-defined]
        yield found


def owed(cast: Cast, at: datetime, payment: str) -> Refund:
    """Kim's laptop came back and is accepted: 449.00 are due."""
    order = terms.order(cast, at=at, payment=payment)
    rma = returns.rma(cast, order=order, at=at)
    received = returns.received(cast, rma, at=at)
    returns.graded(received.device, at=at)
    return Refund.objects.get(line__rma=rma)


def work(at: datetime) -> None:
    reactions.drain(at=at, queues=["outside"])


def tried(refund: Refund) -> Reaction:
    return Reaction.objects.get(entry__chain_id=refund.line.rma_id, handler__endswith="pay")


def kinds(refund: Refund) -> list[str]:
    rows = Entry.objects.filter(chain_id=refund.line.rma_id, kind__contains="refund").order_by("sequence")
    return [row.kind.removeprefix("returns.") for row in rows]


# Money to customers -----------------------------------------------------------------------------------------------------------------


def test_a_refund_goes_back_to_the_card_that_paid(cast: Cast, at: datetime, server: Stripe) -> None:
    refund = owed(cast, at, server.payment(44900))

    work(at)
    work(at)

    refund.refresh_from_db()
    assert (refund.status, refund.provider, refund.reference) == (RefundStatus.PAID, "stripe", "re_0001")
    assert [(row["amount"], row["currency"]) for row in server.refunds] == [(44900, "eur")]
    assert Posting.objects.get().amount == Decimal("-449.00")


def test_an_order_that_no_card_paid_is_paid_by_hand(cast: Cast, at: datetime, server: Stripe) -> None:
    refund = owed(cast, at, "")

    work(at)

    refund.refresh_from_db()
    assert (refund.status, refund.provider) == (RefundStatus.PAID, "manual")
    assert server.asked == []


def test_an_answer_that_never_came_is_asked_for_before_money_moves_again(
    cast: Cast, at: datetime, server: Stripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe, "SECONDS", 0.2)
    refund = owed(cast, at, server.payment(44900))
    server.trouble = "deaf"
    with pytest.raises(OSError, match="can't be reached"):
        work(at)
    refund.refresh_from_db()
    assert refund.status == RefundStatus.DUE

    # A day later Stripe has forgotten the key; the refund itself it knows.
    server.trouble, server.keys = "", {}
    work(at + timedelta(days=2))

    refund.refresh_from_db()
    assert (refund.status, refund.reference) == (RefundStatus.PAID, "re_0001")
    assert len(server.refunds) == 1


@pytest.mark.parametrize("trouble", ["busy", "locked"])
def test_what_passes_is_tried_again(cast: Cast, at: datetime, server: Stripe, trouble: str) -> None:
    refund = owed(cast, at, server.payment(44900))
    server.trouble = trouble

    with pytest.raises(OSError, match="Stripe answered"):
        work(at)
    assert tried(refund).done_at is None
    server.trouble = ""
    work(at + timedelta(days=1))

    refund.refresh_from_db()
    assert refund.status == RefundStatus.PAID
    assert len(server.refunds) == 1


def test_what_is_declined_waits_for_a_person_who_pays_it_another_way(cast: Cast, at: datetime, server: Stripe) -> None:
    refund = owed(cast, at, server.payment(44900))
    server.trouble = "declined"

    work(at)
    work(at + timedelta(days=1))
    refund.refresh_from_db()
    assert (refund.status, refund.why_failed) == (RefundStatus.FAILED, "The card was closed.")
    assert not Posting.objects.exists()
    assert refund.line.settled_at is None

    bouncing.pay_again(refund, by=cast.esra, at=at)
    with pytest.raises(UnableToSettle, match="This refund is being paid"):
        bouncing.pay_again(refund, by=cast.esra, at=at)
    work(at + timedelta(days=1))

    refund.refresh_from_db()
    assert (refund.status, refund.provider, refund.attempt) == (RefundStatus.PAID, "manual", 2)
    assert kinds(refund) == ["refund_due", "refund_failed", "refund_due", "refund_posted"]
    assert Posting.objects.get().amount == Decimal("-449.00")


def test_what_was_given_back_at_the_shop_already_is_declined(cast: Cast, at: datetime, server: Stripe) -> None:
    payment = server.payment(44900)
    server._refund({"payment_intent": payment, "amount": "44900"})
    refund = owed(cast, at, payment)

    work(at)

    refund.refresh_from_db()
    assert refund.status == RefundStatus.FAILED
    assert "greater than what is left" in refund.why_failed


def test_a_refund_that_comes_back_later_is_owed_again_and_the_books_say_so(
    cast: Cast, at: datetime, server: Stripe, client: Client
) -> None:
    refund = owed(cast, at, server.payment(44900))
    work(at)
    row = server.refunds[0]

    # Told by a webhook, twice; and one that is false: Stripe itself says that it arrived.
    body, signature = server.event("refund.failed", row, secret=SECRET)
    assert post(client, body, signature) == 200
    refund.refresh_from_db()
    assert refund.status == RefundStatus.PAID

    row["status"], row["failure_reason"] = "failed", "expired_or_canceled_card"
    assert [post(client, body, signature), post(client, body, signature)] == [200, 200]

    refund.refresh_from_db()
    assert (refund.status, refund.why_failed) == (RefundStatus.FAILED, "expired_or_canceled_card")
    assert sorted(posting.amount for posting in Posting.objects.all()) == [Decimal("-449.00"), Decimal("449.00")]
    bouncing.pay_again(refund, by=cast.esra, at=clock.now())
    work(clock.now())
    refund.refresh_from_db()
    assert (refund.status, refund.provider) == (RefundStatus.PAID, "manual")
    assert sum(posting.amount for posting in Posting.objects.all()) == Decimal("-449.00")


def test_amounts_are_counted_in_the_smallest_unit_of_their_currency(server: Stripe, at: datetime) -> None:
    payment = server.payment(45000, "jpy")

    done = stripe.pay(key="k", amount=Decimal(45000), currency="JPY", subject="RMA-1", source=payment, at=at)

    assert (done.amount, done.currency) == (Decimal(45000), "JPY")
    assert server.refunds[0]["amount"] == 45000
    with pytest.raises(Declined, match="doesn't say by which"):
        stripe.pay(key="k", amount=Decimal(1), currency="EUR", subject="RMA-1", at=at)


# Money from customers ---------------------------------------------------------------------------------------------------------------


def asked(cast: Cast, at: datetime, purpose: ChargeFor = ChargeFor.DIFFERENCE) -> Charge:
    found = charges.ask(returns.rma(cast, at=at).lines.get(), purpose=purpose, amount=Decimal("60.00"), at=at)
    work(at)
    return Charge.objects.get(pk=found.pk)


def post(client: Client, body: bytes, signature: str) -> int:
    answer = client.post(
        "/payments/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signature}
    )
    return int(answer.status_code)


def test_a_customer_pays_on_stripes_page_and_it_is_in_the_book_once(
    cast: Cast, at: datetime, server: Stripe, client: Client
) -> None:
    charge = asked(cast, at)
    session = CheckoutSession.objects.get()
    assert session.url.startswith(server.url)
    server.customer_pays(session.session)

    body, signature = server.event("checkout.session.completed", server.sessions[session.session], secret=SECRET)
    assert [post(client, body, signature), post(client, body, signature)] == [200, 200]

    charge.refresh_from_db()
    assert (charge.status, charge.reference) == (ChargeStatus.PAID, "pi_0001")
    assert Posting.objects.get().amount == Decimal("60.00")


def test_a_webhook_is_believed_only_when_stripe_signed_it_lately(
    cast: Cast, at: datetime, server: Stripe, client: Client
) -> None:
    charge = asked(cast, at)
    session = CheckoutSession.objects.get().session
    server.customer_pays(session)
    thing = server.sessions[session]

    body, signature = server.event("checkout.session.completed", thing, secret="whsec_other")
    assert post(client, body, signature) == 400
    body, signature = server.event("checkout.session.completed", thing, secret=SECRET, at=1_700_000_000)
    assert post(client, body, signature) == 400
    body, signature = server.event("checkout.session.completed", thing, secret=SECRET)
    assert post(client, body + b" ", signature) == 400
    assert post(client, body, "") == post(client, b"", "t=1,v1=") == post(client, body, "v1=é,t=²") == 400
    assert client.get("/payments/stripe/").status_code == 405

    charge.refresh_from_db()
    assert charge.status == ChargeStatus.ASKED


def test_a_webhook_alone_proves_nothing(cast: Cast, at: datetime, server: Stripe, client: Client) -> None:
    charge = asked(cast, at)
    told = server.sessions[CheckoutSession.objects.get().session] | {"status": "complete", "payment_status": "paid"}

    body, signature = server.event("checkout.session.completed", told, secret=SECRET)
    assert post(client, body, signature) == 200

    charge.refresh_from_db()
    assert charge.status == ChargeStatus.ASKED


def test_a_webhook_that_we_can_not_follow_up_is_to_be_told_again(
    cast: Cast, at: datetime, server: Stripe, client: Client
) -> None:
    charge = asked(cast, at)
    session = CheckoutSession.objects.get().session
    server.customer_pays(session)
    body, signature = server.event("checkout.session.completed", server.sessions[session], secret=SECRET)
    server.trouble = "busy"

    assert post(client, body, signature) == 503
    server.trouble = ""
    # It never comes again; the look now and then finds it.
    assert deadlines.run(at=at) == 1

    charge.refresh_from_db()
    assert charge.status == ChargeStatus.PAID


def test_a_lapsed_page_is_followed_by_the_next(cast: Cast, at: datetime, server: Stripe) -> None:
    charge = asked(cast, at)
    server.lapse("cs_0001")
    key = str(charge.pk)
    lapsed = stripe.state(key)
    assert lapsed is not None
    assert (lapsed.status, lapsed.url) == ("asked", "")

    told = {"amount": charge.amount, "currency": "EUR", "subject": "RMA-1", "hold": False, "at": at}
    first, second = stripe.ask(key=key, **told), stripe.ask(key=key, **told)  # type: ignore[arg-type]

    assert first == second
    assert first.url == f"{server.url}/pay/cs_0002"
    assert list(CheckoutSession.objects.values_list("number", flat=True)) == [1, 2]


def test_what_is_paid_after_nobody_asks_for_it_any_more_goes_back_once(
    cast: Cast, at: datetime, server: Stripe, client: Client
) -> None:
    charge = asked(cast, at)
    session = CheckoutSession.objects.get().session
    server.customer_pays(session)
    charges.drop(charge, why="the exchange was called off", at=at)
    body, signature = server.event("checkout.session.completed", server.sessions[session], secret=SECRET)

    assert [post(client, body, signature) for _ in range(2)] == [200, 200]
    work(at)

    assert [row["amount"] for row in server.refunds] == [6000]
    charge.refresh_from_db()
    assert charge.status == ChargeStatus.CANCELLED
    assert not Posting.objects.exists()
    said = Entry.objects.filter(chain_id=charge.line.rma_id, kind="returns.charge_given_back")
    assert said.count() == 1


@pytest.mark.parametrize(("keep", "back"), [("0.00", [6000]), ("25.00", [3500]), ("60.00", [])])
def test_a_deposit_is_taken_and_what_is_not_kept_goes_back(
    cast: Cast, at: datetime, server: Stripe, keep: str, back: list[int]
) -> None:
    charge = asked(cast, at, ChargeFor.DEPOSIT)
    server.customer_pays(CheckoutSession.objects.get().session)
    looking.look(charge.pk, at=at)
    charge.refresh_from_db()
    assert charge.status == ChargeStatus.HELD

    charges.decide(charge, keep=Decimal(keep), why="the old one came scratched", at=at)
    work(at)
    work(at)

    charge.refresh_from_db()
    assert charge.status == (ChargeStatus.RELEASED if keep == "0.00" else ChargeStatus.PAID)
    assert [row["amount"] for row in server.refunds] == back


def test_a_page_nobody_paid_on_is_closed(cast: Cast, at: datetime, server: Stripe) -> None:
    charge = asked(cast, at)

    charges.drop(charge, why="the exchange was called off", at=at)
    work(at)

    assert server.sessions["cs_0001"]["status"] == "expired"
    assert server.refunds == []


# By hand ----------------------------------------------------------------------------------------------------------------------------


def test_the_bank_sends_a_payment_back_and_it_is_paid_again_on_the_returns_page(cast: Cast, client: Client) -> None:
    refund = owed(cast, clock.now(), "")
    work(clock.now())
    number = refund.line.rma.number
    client.force_login(cast.user("esra"))
    page = client.get(f"/returns/{number}/").content.decode()
    assert "The bank sent" in page

    client.post(f"/returns/{number}/came-back", {"refund": refund.pk, "reason": "account closed"})
    page = client.get(f"/returns/{number}/").content.decode()
    assert "Money that didn't arrive" in page
    assert "account closed" in page
    client.post(f"/returns/{number}/pay-again", {"refund": refund.pk})
    work(clock.now())

    refund.refresh_from_db()
    assert (refund.status, refund.attempt) == (RefundStatus.PAID, 2)
    assert sum(posting.amount for posting in Posting.objects.all()) == Decimal("-449.00")
    client.force_login(cast.user("ines"))
    assert client.post(f"/returns/{number}/pay-again", {"refund": refund.pk}).status_code == 403


def test_who_proposed_a_refund_does_not_pay_it_again(cast: Cast, at: datetime) -> None:
    refund = owed(cast, at, "")
    work(at)
    Refund.objects.filter(pk=refund.pk).update(proposed_by=cast.esra.reference)
    bouncing.say_it_came_back(refund, why="account closed", by=cast.esra, at=at)

    with pytest.raises(UnableToSettle, match="nobody approves their own refund"):
        bouncing.pay_again(refund, by=cast.esra, at=at)


def test_only_known_providers_are_asked(settings: object) -> None:
    settings.PAYMENT_PROVIDER = "sesame"  # type: ignore[attr-defined]
    with pytest.raises(LookupError, match="known are manual, stripe"):
        payments.provider()
