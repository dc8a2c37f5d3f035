from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from returns import payments, policy, telling
from returns import reactions as returning
from returns.models import Discrepancy, Payout, Refund, RefundStatus, Rma, RmaStatus, UnitStatus
from returns.payments import manual
from returns.services import accepting, awaiting, closing, leaving, receiving, refunds, troubles
from returns.services.leaving import UnableToRestock, UnableToSendBack
from returns.services.owing import UnableToSettle
from revlog.common.errors import BadInput, NotAllowed
from revlog.common.words import Audience
from revlog.custody.models import Entry, Reaction
from revlog.custody.services import reactions
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, HoldKind, Posting
from revlog.devices.services import media, moves, standing
from revlog.terms.models import Order
from revlog.terms.services import rules
from tests.cast import Cast
from tests.factories import devices, returns, terms
from tests.factories.proof import kim


def last(rma: Rma, kind: str) -> dict[str, object]:
    return Entry.objects.filter(chain_id=rma.pk, kind=kind).latest("sequence").payload


def fresh(rma: Rma) -> Rma:
    return Rma.objects.get(pk=rma.pk)


def test_what_is_graded_and_as_sold_is_accepted_paid_once_and_closed(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device

    returns.graded(device, at=at)

    unit = returns.unit_of(rma)
    assert unit.status == UnitStatus.ACCEPTED
    taken = Device.objects.get(pk=device.pk)
    authorized = Entry.objects.get(digest=taken.authority)
    assert (authorized.kind, authorized.payload["ground"]) == ("devices.authorized", "contract")
    refund = Refund.objects.get()
    assert (refund.status, refund.amount) == (RefundStatus.DUE, Decimal("449.00"))
    assert fresh(rma).status == RmaStatus.ARRIVED

    reactions.drain(at=at, queues=["outside"])

    refund.refresh_from_db()
    assert (refund.status, refund.provider) == (RefundStatus.PAID, "manual")
    payout = Payout.objects.get()
    assert (payout.amount, payout.subject, payout.reference) == (Decimal("449.00"), rma.number, refund.reference)
    posting = Posting.objects.get()
    assert (posting.account, posting.amount, posting.book, posting.device) == (
        "refund",
        Decimal("-449.00"),
        "seller",
        device,
    )
    assert fresh(rma).status == RmaStatus.CLOSED
    assert last(rma, "returns.line_settled")["outcome"] == "refund"
    # The unit's own journey goes on.
    assert devices.state_of(device) == State.IN_TRIAGE


def test_what_we_sold_ourselves_becomes_ours_and_is_on_our_book(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, order=terms.order(cast, "OWN-1", seller=cast.operator, at=at), at=at)
    device = returns.received(cast, rma, at=at).device

    returns.graded(device, at=at)
    reactions.drain(at=at, queues=["outside"])

    authority = Entry.objects.get(digest=Device.objects.get(pk=device.pk).authority)
    assert authority.payload["ground"] == "title_is_ours"
    assert Posting.objects.get().book == "ours"


def test_grading_again_pays_nothing_twice(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device
    returns.graded(device, at=at)
    reactions.drain(at=at, queues=["outside"])

    returns.graded(device, grade="C", at=at + timedelta(hours=1))
    reactions.drain(at=at + timedelta(hours=1), queues=["outside"])

    assert (Refund.objects.count(), Payout.objects.count(), Posting.objects.count()) == (1, 1, 1)


def test_the_customer_reads_that_it_was_checked_before_that_the_money_was_sent(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    returns.graded(returns.received(cast, rma, at=at).device, at=at)

    told = [one.sentence for one in telling.story(fresh(rma), Audience.CUSTOMER)]

    # Both are said of one moment, by two chains.
    assert told[-2:] == ["We checked it: it is what we sold you.", "We told the bank to pay you 449.00 EUR."]


@pytest.mark.parametrize("moment", ["before the provider", "after the provider", "before the end"])
def test_a_worker_killed_while_paying_pays_once_after_the_restart(
    cast: Cast, at: datetime, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rma = returns.rma(cast, at=at)
    returns.graded(returns.received(cast, rma, at=at).device, at=at)
    entry = Entry.objects.get(chain_id=rma.pk, kind="returns.refund_due")
    # The worker leases the reaction, and dies at ``moment``: what it wrote outside a transaction stays, the rest is gone.
    held = None
    while (lease := reactions.lease(queues=["outside"], at=at)) is not None:
        if Reaction.objects.get(pk=lease.id).handler == "returns.reactions.pay":
            held = lease
            break
        reactions.perform(lease, at=at)
    assert held is not None
    if moment == "after the provider":
        returning.pay(entry, at=at)
    if moment == "before the end":
        finish = returning.pay(entry, at=at)
        assert finish is not None
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            finish()
            raise KeyboardInterrupt
    assert Refund.objects.get().status == RefundStatus.DUE
    assert not Posting.objects.exists()

    # Another worker finds the lease run out.
    later = held.until + timedelta(seconds=1)
    reactions.drain(at=later, queues=["outside"])
    reactions.drain(at=later + timedelta(hours=2), queues=["outside"])

    assert Refund.objects.get().status == RefundStatus.PAID
    assert (Payout.objects.count(), Posting.objects.count()) == (1, 1)
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.refund_posted").count() == 1
    assert fresh(rma).status == RmaStatus.CLOSED


def test_the_provider_is_asked_before_it_is_told_to_pay_once_more(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Far:
        """The provider's end, which writes down what it is asked."""

        def find(self, key: str, *, source: str = "") -> payments.Payment | None:
            asked.append("find")
            return manual.find(key, source=source)

        def pay(self, **told: object) -> payments.Payment:
            asked.append("pay")
            return manual.pay(**told)  # type: ignore[arg-type]

    monkeypatch.setattr(payments, "provider", lambda *_name: Far())
    rma = returns.rma(cast, at=at)
    returns.graded(returns.received(cast, rma, at=at).device, at=at)
    entry = Entry.objects.get(chain_id=rma.pk, kind="returns.refund_due")

    # The first worker dies with the answer in its hand.
    assert returning.pay(entry, at=at) is not None
    assert asked == ["find", "pay"]
    reactions.drain(at=at, queues=["outside"])

    assert asked == ["find", "pay", "find"]
    assert Refund.objects.get().status == RefundStatus.PAID


def test_the_slow_worker_that_comes_back_is_refused(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    returns.graded(returns.received(cast, rma, at=at).device, at=at)
    entry = Entry.objects.get(chain_id=rma.pk, kind="returns.refund_due")
    slow = returning.pay(entry, at=at)
    reactions.drain(at=at, queues=["outside"])

    assert slow is not None
    slow()

    assert (Payout.objects.count(), Posting.objects.count()) == (1, 1)


def test_nothing_is_accepted_while_a_hold_or_a_lock_is_on_it(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device
    with transaction.atomic():
        hold = standing.hold(moves.take_one(device.pk), HoldKind.FRAUD, reason="looks swapped", by=cast.ines, at=at)

    returns.graded(device, at=at)
    assert returns.unit_of(rma).status == UnitStatus.RECEIVED

    # Released by somebody else, it is accepted by itself.
    with transaction.atomic():
        standing.release(moves.take_one(device.pk), hold, reason="it is the one", by=cast.aisha, at=at)
    reactions.drain(at=at, queues=["fast"])
    assert returns.unit_of(rma).status == UnitStatus.ACCEPTED


def test_an_account_lock_waits_for_a_person(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device

    returns.graded(device, blocked=True, at=at)

    assert returns.unit_of(rma).status == UnitStatus.RECEIVED
    assert not Refund.objects.exists()


def test_a_damaged_thing_is_accepted_only_after_somebody_has_looked(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    done = receiving.receive(
        returns.unit_of(rma), hub=cast.rotterdam, serial="PF1ABCDE", damaged=True, by=cast.ines, at=at
    )
    returns.graded(done.device, at=at)
    assert returns.unit_of(rma).status == UnitStatus.RECEIVED

    troubles.resolve(Discrepancy.objects.get(), resolution="damaged by the carrier, we claim", by=cast.aisha, at=at)
    reactions.drain(at=at, queues=["fast"])

    assert returns.unit_of(rma).status == UnitStatus.ACCEPTED


def test_a_deduction_needs_a_reason_and_another_persons_approval(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    returns.received(cast, rma, at=at)
    unit = returns.unit_of(rma)

    with pytest.raises(UnableToSettle, match="Say why something is deducted"):
        accepting.accept(unit, deduction=Decimal(50), by=cast.aisha, at=at)
    with pytest.raises(UnableToSettle, match="No more can be deducted"):
        accepting.accept(unit, deduction=Decimal(450), why="broken", by=cast.aisha, at=at)
    with pytest.raises(NotAllowed):
        accepting.accept(unit, by=cast.ines, at=at)
    accepting.accept(unit, deduction=Decimal(50), why="A key is missing.", by=cast.maria, at=at)

    refund = Refund.objects.get()
    assert (refund.status, refund.amount, refund.deduction) == (RefundStatus.PROPOSED, Decimal(399), Decimal(50))
    with pytest.raises(UnableToSettle, match="nobody approves their own refund"):
        refunds.approve_refund(refund, by=cast.maria, at=at)
    with pytest.raises(NotAllowed):
        refunds.approve_refund(refund, by=cast.aisha, at=at)
    refunds.approve_refund(refund, by=cast.esra, at=at)
    reactions.drain(at=at, queues=["outside"])

    assert Posting.objects.get().amount == Decimal("-399.00")
    assert fresh(rma).status == RmaStatus.CLOSED
    with pytest.raises(UnableToSettle, match="This refund is paid"):
        refunds.approve_refund(refund, by=cast.esra, at=at)


def test_a_rejected_refund_is_proposed_anew(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    returns.received(cast, rma, at=at)
    unit = accepting.accept(returns.unit_of(rma), deduction=Decimal(400), why="worn", by=cast.aisha, at=at)

    with pytest.raises(BadInput, match="Say what is wrong"):
        refunds.reject_refund(Refund.objects.get(), why=" ", by=cast.esra, at=at)
    refunds.reject_refund(Refund.objects.get(), why="too much", by=cast.esra, at=at)
    refunds.propose_refund(unit, deduction=Decimal(20), why="worn", by=cast.aisha, at=at)
    with pytest.raises(UnableToSettle, match="There is a refund for it already"):
        refunds.propose_refund(unit, deduction=Decimal(0), why="", by=cast.aisha, at=at)

    open_one = Refund.objects.exclude(status=RefundStatus.REJECTED).get()
    refunds.approve_refund(open_one, by=cast.esra, at=at)
    reactions.drain(at=at, queues=["outside"])
    assert Posting.objects.get().amount == Decimal("-429.00")


def test_an_exchange_for_the_same_becomes_an_order_at_the_price_that_was_paid(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, wanted="exchange", reason="DOA", at=at)
    returns.graded(returns.received(cast, rma, at=at).device, at=at)

    order = Order.objects.exclude(pk=rma.order_id).get()
    line = order.lines.get()
    assert (order.source, order.contact_id, line.sku, line.price) == (
        "exchange",
        rma.contact_id,
        "T480-16-256",
        Decimal("449.00"),
    )
    assert fresh(rma).status == RmaStatus.CLOSED
    assert last(rma, "returns.line_settled")["reference"] == order.number
    assert not Refund.objects.exists()


def test_a_repair_stays_its_owners_and_settles_when_it_is_sent_back(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, wanted="repair", reason="KEYBOARD", at=at)
    device = returns.received(cast, rma, at=at).device
    returns.graded(device, at=at)
    assert returns.unit_of(rma).status == UnitStatus.RECEIVED
    assert Device.objects.get(pk=device.pk).authority == ""
    with pytest.raises(UnableToSettle, match="it stays its owner's"):
        accepting.accept(returns.unit_of(rma), by=cast.aisha, at=at)
    devices.decided(device, Disposition.RETURN_TO_OWNER, at=at)

    # Its data is its owner's, and goes back with it.
    sent = leaving.send_back(device, tracking="3S 99", hub=cast.rotterdam, by=cast.luca, at=at)

    assert (sent.state, sent.exit) == (State.RETURNED, "title_holder")
    entry = Entry.objects.get(chain_id=device.pk, kind="returns.sent_back")
    assert (entry.payload["with_data"], entry.payload["tracking"], entry.payload["to"]) == (True, "3S99", "customer")
    assert fresh(rma).status == RmaStatus.CLOSED
    assert last(rma, "returns.line_settled")["outcome"] == "repair"


def test_what_is_refused_goes_back_and_settles_as_refused(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device
    unit = returns.unit_of(rma)

    with pytest.raises(BadInput, match="Say why it is not taken back"):
        accepting.refuse_unit(unit, reason=" ", by=cast.aisha, at=at)
    accepting.refuse_unit(unit, reason="It is not ours.", by=cast.aisha, at=at)
    assert devices.state_of(device) == State.TO_RETURN
    assert fresh(rma).status == RmaStatus.ARRIVED
    awaiting.ask_back(unit, by=kim(rma), at=at)
    leaving.send_back(device, hub=cast.rotterdam, by=cast.luca, at=at)

    assert fresh(rma).status == RmaStatus.CLOSED
    assert last(rma, "returns.line_settled") | {"line": "", "rma": ""} == {
        "rma": "", "line": "", "position": 1, "outcome": "refused", "amount": "0", "currency": "EUR",
    }  # fmt: skip


def test_what_was_accepted_does_not_leave_with_its_data(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device
    returns.graded(device, at=at)
    devices.decided(device, Disposition.RETURN_TO_OWNER, at=at)

    with pytest.raises(UnableToSendBack, match="wipe it before it leaves"):
        leaving.send_back(device, hub=cast.rotterdam, by=cast.luca, at=at)


def test_only_what_was_accepted_and_wiped_is_restocked(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device
    with pytest.raises(UnableToRestock, match="nobody has accepted it"):
        leaving.restock(device, place="A-12", by=cast.ines, at=at)
    returns.graded(device, at=at)
    with transaction.atomic():
        drive = media.Seen(type="ssd", model="Samsung PM981", serial="S4X1", capacity_bytes=256_060_514_304)
        media.observe(moves.take_one(device.pk), [drive], source="report", by=cast.ravi, at=at)
    devices.cleared(device, at=at)
    devices.decided(device, Disposition.RESTOCK, at=at)

    with pytest.raises(NotAllowed):
        leaving.restock(device, place="A-12", by=cast.sam, at=at)
    with pytest.raises(BadInput):
        leaving.restock(device, place=" ", by=cast.ines, at=at)
    leaving.restock(device, place="A-12", by=cast.ines, at=at)

    assert devices.state_of(device) == State.RESTOCKED


def test_the_money_may_be_due_at_receipt_where_the_policy_says_so(cast: Cast, at: datetime) -> None:
    body = dict(policy.SHIPPED) | {"parameters": dict(policy.SHIPPED["parameters"]) | {"refund_on": "receipt"}}
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)
    rma = returns.rma(cast, at=at)

    device = returns.received(cast, rma, at=at).device
    reactions.drain(at=at, queues=["outside"])

    assert Refund.objects.get().status == RefundStatus.PAID
    assert fresh(rma).status == RmaStatus.ARRIVED
    returns.graded(device, at=at)
    reactions.drain(at=at, queues=["outside"])
    assert (fresh(rma).status, Payout.objects.count()) == (RmaStatus.CLOSED, 1)


def test_money_paid_at_the_dock_cannot_be_taken_back_by_refusing(cast: Cast, at: datetime) -> None:
    body = dict(policy.SHIPPED) | {"parameters": dict(policy.SHIPPED["parameters"]) | {"refund_on": "receipt"}}
    rules.publish(rules.draft(kind=policy.KIND, body=body, by=cast.admin, at=at), by=cast.maria, at=at)
    rma = returns.rma(cast, at=at)
    returns.received(cast, rma, at=at)

    with pytest.raises(UnableToSettle, match="promised or paid already"):
        accepting.refuse_unit(returns.unit_of(rma), reason="worn", by=cast.aisha, at=at)


def test_a_short_lot_is_paid_for_what_was_there(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, order=terms.order(cast, "PS-3", terms.cable_line(400), at=at), quantity=400, at=at)
    done = receiving.receive(returns.unit_of(rma), hub=cast.rotterdam, counted=388, by=cast.ines, at=at)

    returns.graded(done.device, grade="NA", at=at)
    reactions.drain(at=at, queues=["outside"])

    assert Posting.objects.get().amount == Decimal("-970.00")


def test_each_line_has_its_own_outcome(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-6", terms.laptop_line(), terms.cable_line(10), at=at)
    rma = returns.rma(
        cast, returns.wish(order, 1, reason="KEYBOARD", wanted="repair"), returns.wish(order, 2, quantity=10),
        order=order, at=at,
    )  # fmt: skip
    laptop = returns.received(cast, rma, at=at).device
    cables = receiving.receive(returns.unit_of(rma, 2), hub=cast.rotterdam, counted=10, by=cast.ines, at=at).device

    returns.graded(cables, grade="NA", at=at)
    reactions.drain(at=at, queues=["outside"])
    assert fresh(rma).status == RmaStatus.ARRIVED
    returns.graded(laptop, at=at)
    devices.decided(laptop, Disposition.RETURN_TO_OWNER, at=at)
    leaving.send_back(laptop, hub=cast.rotterdam, by=cast.luca, at=at)

    assert [line.settled_as for line in rma.lines.order_by("position")] == ["repair", "refund"]
    assert fresh(rma).status == RmaStatus.CLOSED


def test_what_is_lost_with_us_is_paid(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device
    with transaction.atomic():
        standing.write_off(moves.take_one(device.pk), reason="stolen from the dock", by=cast.aisha, at=at)

    reactions.drain(at=at)

    assert returns.unit_of(rma).status == UnitStatus.WRITTEN_OFF
    assert Posting.objects.get().amount == Decimal("-449.00")
    assert fresh(rma).status == RmaStatus.CLOSED


def test_the_rest_that_never_came_is_given_up_and_the_return_closes(cast: Cast, at: datetime) -> None:
    order = terms.order(cast, "PS-2", terms.laptop_line(quantity=2, serials=("PF1A001", "PF1A002")), at=at)
    rma = returns.rma(cast, order=order, quantity=2, at=at)
    returns.graded(returns.received(cast, rma, serial="PF1A001", at=at).device, at=at)
    reactions.drain(at=at, queues=["outside"])

    with pytest.raises(UnableToSettle, match="may still hand it in"):
        closing.give_up(rma, by=cast.sam, at=at + timedelta(days=3))
    closing.give_up(rma, by=cast.sam, at=at + timedelta(days=20))

    assert fresh(rma).status == RmaStatus.CLOSED
    assert last(rma, "returns.line_settled")["amount"] == "449.00"


def test_the_provider_is_asked_with_a_key_that_never_changes(cast: Cast, at: datetime) -> None:
    provider = payments.provider()
    first = provider.pay(key="k", amount=Decimal(10), currency="EUR", subject="x", at=at)
    again = provider.pay(key="k", amount=Decimal(10), currency="EUR", subject="x", at=at)

    assert first == again == provider.find("k")
    assert provider.find("other") is None
