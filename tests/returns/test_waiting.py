"""What was taken back for less stays as it is until its customer may no longer appeal, or agrees; then what can't be undone may happen."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from itad.services import sanitization
from refurb.services import orders as bench
from refurb.services.orders import UnableToWork
from returns import deductions
from returns.models import AfterReturn, Offer, OfferKind, Refund, RefundStatus, Rma, RmaStatus
from returns.queries import accounted, waiting
from returns.services import accepting, appeals, awaiting, deadlines, offers, refunds
from returns.services.appeals import UnableToAppeal
from returns.services.awaiting import UnableToAgree
from revlog.common import clock
from revlog.common.errors import NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, HoldKind
from revlog.devices.services import moves, standing
from revlog.devices.services.moves import UnableToMove
from tests.cast import Cast
from tests.factories import proof as proof_of
from tests.factories import returns
from tests.factories.proof import SCRATCHED, kim
from tests.returns.test_offer_pages import page, visiting
from triage.services import disposition
from triage.services.disposition import UnableToDecide

AGREED = "returns.deduction_agreed"
IRREVERSIBLE = (
    (State.IN_TRIAGE, moves.TO_SANITIZE),
    (State.IN_TRIAGE, moves.TO_DESTROY),
    (State.IN_TRIAGE, moves.TO_HARVEST),
    (State.IN_TRIAGE, moves.TO_SELL),
    (State.TO_SELL, moves.SELL),
    (State.TO_DONATE, moves.DONATE),
    (State.TO_RECYCLE, moves.RECYCLE),
    (State.TO_RETURN, moves.SEND_BACK),
    (State.TO_DEPLOY, moves.DEPLOY),
    (State.TO_RESTOCK, moves.RESTOCK),
)
"""Wiping, destroying, taking apart, selling, giving away, recycling, sending to somebody: each from where it would begin."""


def taken_for_less(cast: Cast, at: datetime) -> Rma:
    """A quarter of the price was deducted by rule, and the rest paid."""
    rma = proof_of.worn(cast, at)
    reactions.drain(at=at)
    rma.refresh_from_db()
    return rma


def last_day(rma: Rma) -> datetime:
    found = appeals.until(returns.unit_of(rma), rma)
    assert found is not None
    return found


def test_while_the_clock_runs_nothing_is_done_to_it_that_can_not_be_undone(cast: Cast, at: datetime) -> None:
    rma = taken_for_less(cast, at)
    device = Device.objects.get()
    last = last_day(rma)
    assert Refund.objects.get().status == RefundStatus.PAID
    assert (device.state, device.holds, device.authority, device.waiting_for, device.waiting_due) == (
        State.IN_TRIAGE, [HoldKind.AWAITING_OWNER], "", "customer", last,
    )  # fmt: skip
    says = rf"awaiting its owner: {rma.number} may be appealed against until {awaiting.day_of(last, rma.hub)}"

    for way in Disposition:
        if way not in {Disposition.REPAIR_AND_RETURN, Disposition.RETURN_TO_VENDOR}:
            with pytest.raises(UnableToDecide, match=says):
                disposition.decide(device=device, disposition=way, reason="x", by=cast.aisha, at=at)
    for state, move in IRREVERSIBLE:
        there = Device.objects.get()
        there.__dict__.update(state=state.value, data="NONE")
        found = [reason.sentence for reason in moves.reasons_against(there, move)]
        assert any(says in sentence for sentence in found), (move.transition, found)
    assert any(says in reason.sentence for reason in sanitization.reasons_against_working(device))
    with pytest.raises(UnableToWork):
        bench.open_order(unit=device, by=cast.jakob, at=at)
    with pytest.raises(UnableToMove, match=says), transaction.atomic():
        standing.write_off(moves.take_one(_also_recalled(device).pk), reason="x", by=cast.aisha, at=at)

    # Looking, grading and putting away go on.
    _bin, cage = returns.places(cast, at=at)
    with transaction.atomic():
        standing.put(moves.take_one(device.pk), cage, by=cast.ines, at=at)
    proof_of.looked_at(cast, device, SCRATCHED, at=at + timedelta(hours=1))
    assert Device.objects.get().location == cage


def _also_recalled(device: Device) -> Device:
    with transaction.atomic():
        standing.hold(moves.take_one(device.pk), HoldKind.RECALL, reason="x", by=accepting.RULES, at=clock.now())
    return device


def test_when_the_time_is_over_it_goes_on_once(cast: Cast, at: datetime) -> None:
    rma = taken_for_less(cast, at)
    last = last_day(rma)
    deadlines.run(at=last - timedelta(seconds=1))
    assert not Device.objects.get().authority
    assert [row["until"] for row in waiting.kept(rma)] == [last]

    deadlines.run(at=last)
    deadlines.run(at=last)

    device = Device.objects.get()
    assert (device.holds, device.waiting_for, bool(device.authority)) == ([], "", True)
    assert Entry.objects.filter(chain_id=device.pk, kind="devices.authorized").count() == 1
    assert waiting.kept(rma) == []
    disposition.decide(device=device, by=cast.aisha, at=last)


def test_its_customer_agrees_once_and_it_goes_on_at_once(cast: Cast, at: datetime) -> None:
    rma = taken_for_less(cast, at)
    unit = returns.unit_of(rma)
    with pytest.raises(NotAllowed, match="Only the customer agrees"):
        awaiting.agree(unit, by=cast.luca, at=at)
    for _click in range(2):
        awaiting.agree(unit, by=kim(rma), at=at)

    assert Entry.objects.filter(chain_id=rma.pk, kind=AGREED).count() == 1
    device = Device.objects.get()
    assert (device.holds, bool(device.authority)) == ([], True)
    with pytest.raises(UnableToAppeal, match="nothing to appeal against"):
        appeals.open_appeal(returns.unit_of(rma), by=kim(rma), at=at)
    disposition.decide(device=device, by=cast.aisha, at=at)


def test_what_was_agreed_to_before_does_not_wait(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    returns.received(cast, rma, at=at)
    unit = returns.unit_of(rma)
    offers.make(unit, kind=OfferKind.REDUCTION, amount=Decimal(300), words="It is locked.", by=cast.aisha, at=at)
    with pytest.raises(UnableToDecide, match=f"{rma.number}: its customer has an offer to answer until"):
        disposition.decide(
            device=returns.graded(Device.objects.get(), at=at), disposition="RECYCLE", reason="x", by=cast.aisha, at=at
        )
    offers.answer(Offer.objects.get(), accept=True, by=kim(rma), at=at)
    device = Device.objects.get()
    assert (device.holds, bool(device.authority)) == ([], True)
    with pytest.raises(UnableToAppeal, match="nothing to appeal against"):
        appeals.open_appeal(returns.unit_of(rma), by=kim(rma), at=at)
    awaiting.agree(returns.unit_of(rma), by=cast.sam, at=at)
    assert not Entry.objects.filter(chain_id=rma.pk, kind=AGREED).exists()


def test_rules_without_days_let_it_go_at_once(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(deductions.SHIPPED["parameters"], "appeal_days", 0)
    taken_for_less(cast, at)
    assert Device.objects.get().authority


def test_decided_anew_its_time_begins_anew_or_ends(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    returns.received(cast, rma, at=at)
    accepting.accept(returns.unit_of(rma), deduction=Decimal(50), why="A key is missing.", by=cast.aisha, at=at)
    first = last_day(rma)
    later = at + timedelta(days=3)
    refunds.reject_refund(Refund.objects.get(), why="Too much.", by=cast.esra, at=later)
    again = refunds.propose_refund(
        returns.unit_of(rma), deduction=Decimal(20), why="A key is missing.", by=cast.aisha, at=later
    )
    device = Device.objects.get()
    assert device.waiting_due == last_day(rma) > first
    assert (device.holds, device.authority) == ([HoldKind.AWAITING_OWNER], "")

    refunds.reject_refund(again, why="Not at all.", by=cast.esra, at=later)
    refunds.propose_refund(returns.unit_of(rma), deduction=Decimal(0), why="", by=cast.aisha, at=later)
    device = Device.objects.get()
    assert (device.holds, bool(device.authority)) == ([], True)
    with pytest.raises(UnableToAgree, match="Nothing waits for your word"):
        awaiting.agree(returns.unit_of(rma), by=cast.sam, at=later)


def test_an_appeal_opens_a_closed_return_again_until_its_money_is_paid(cast: Cast, at: datetime) -> None:
    rma = taken_for_less(cast, at)
    assert rma.status == RmaStatus.CLOSED
    before = AfterReturn.objects.get(pk=rma.pk)
    later = at + timedelta(days=2)
    appeal = appeals.open_appeal(returns.unit_of(rma), words="No.", by=kim(rma), at=later)
    rma.refresh_from_db()
    assert (rma.status, rma.closed_at) == (RmaStatus.ARRIVED, None)
    assert "appeal" in {one.code for one in accounted.reasons_against_closing(rma)}
    deadlines.run(at=later)
    rma.refresh_from_db()
    assert rma.status == RmaStatus.ARRIVED

    proof_of.looked_at(cast, Device.objects.get(), at=later, gone=("scratch",), photo="a spotless lid", by=cast.maria)
    appeal.refresh_from_db()
    appeals.decide(appeal, changed=True, amount=Decimal(449), why="It was dust.", by=cast.carla, at=later)
    rma.refresh_from_db()
    assert rma.status == RmaStatus.ARRIVED
    refunds.approve_refund(Refund.objects.get(status=RefundStatus.PROPOSED), by=cast.esra, at=later)
    reactions.drain(at=later)

    rma.refresh_from_db()
    assert (rma.status, accounted.reasons_against_closing(rma)) == (RmaStatus.CLOSED, [])
    after = AfterReturn.objects.get(pk=rma.pk)
    assert (before.deducted > 0, after.deducted) == (True, Decimal(0))
    assert Entry.objects.filter(chain_id=rma.pk, kind="returns.rma_reopened").count() == 1


def test_upheld_it_closes_again_at_once(cast: Cast, at: datetime) -> None:
    rma = taken_for_less(cast, at)
    later = at + timedelta(days=2)
    appeal = appeals.open_appeal(returns.unit_of(rma), words="No.", by=kim(rma), at=later)
    appeals.withdraw(appeal, by=kim(rma), at=later)
    rma.refresh_from_db()
    assert rma.status == RmaStatus.CLOSED
    assert Device.objects.get().authority


def test_the_customers_page_has_one_button_to_agree(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)
    rma = taken_for_less(cast, at)
    client: Client = visiting(rma)
    address = reverse("portal_agree", args=[rma.number, returns.unit_of(rma).pk])
    assert page(client, rma).count("I agree</button>") == 1
    assert Client().post(address).status_code in {302, 403, 404}
    assert not Entry.objects.filter(chain_id=rma.pk, kind=AGREED).exists()

    assert [client.post(address).status_code for _click in range(2)] == [302, 302]
    told = page(client, rma)
    assert "I agree</button>" not in told
    assert "I don't agree" not in told
    assert "You agreed to the deduction." in told
    assert Entry.objects.filter(chain_id=rma.pk, kind=AGREED).count() == 1
