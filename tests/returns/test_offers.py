"""Offers: the customer is asked, the unit waits meanwhile, and each answer has its way."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from returns.models import Offer, OfferKind, OfferStatus, Refund, RefundStatus, Rma, RmaStatus, UnitStatus
from returns.services import deadlines, leaving, offers, wishes
from returns.services.offers import UnableToOffer
from revlog.accounts.queries import guest
from revlog.common.errors import BadInput, DomainError, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.journey import State
from revlog.devices.models import Device, HoldKind
from revlog.devices.services import moves, standing
from revlog.devices.services.standing import UnableToRelease
from revlog.terms.models import Message
from tests.cast import Cast
from tests.factories import proof as proof_of
from tests.factories import returns
from tests.factories.proof import kim
from triage.services.inspection import Finding

WHY = "The lid is dented; we can take it back for less."


def blocked(cast: Cast, at: datetime) -> Rma:
    """Kim's laptop, locked to an account, so that a person decides."""
    rma = returns.rma(cast, at=at)
    proof_of.looked_at(cast, returns.received(cast, rma, at=at).device, Finding(code="locked"), at=at)
    return rma


def offered(cast: Cast, rma: Rma, at: datetime, amount: str = "300.00") -> Offer:
    return offers.make(
        returns.unit_of(rma), kind=OfferKind.REDUCTION, amount=Decimal(amount), words=WHY, by=cast.aisha, at=at
    )


def mails(name: str) -> int:
    return Message.objects.filter(kind=f"returns/mail/{name}").count()


def test_while_an_offer_is_open_the_unit_waits_for_its_owner(cast: Cast, at: datetime) -> None:
    rma = blocked(cast, at)

    offer = offered(cast, rma, at)

    device = Device.objects.get()
    assert device.holds == [HoldKind.AWAITING_OWNER]
    assert (device.waiting_for, device.waiting_due) == ("customer", offer.answer_by)
    assert offer.answer_by == rma.hub.calendar.after_days(at, 7)
    reactions.drain(at=at, queues=["outside"])
    assert mails("offer") == 1
    # No person lets it go on before the owner has answered.
    with pytest.raises(UnableToRelease, match="when its owner has answered"):
        standing.release(moves.take_one(device.pk), device.hold_rows.get(), reason="x", by=cast.carla, at=at)


def test_who_may_not_offer_and_what_can_not_be_offered(cast: Cast, at: datetime) -> None:
    rma = blocked(cast, at)
    unit = returns.unit_of(rma)
    with pytest.raises(NotAllowed):
        offers.make(unit, kind=OfferKind.REDUCTION, amount=Decimal(1), words=WHY, by=cast.ines, at=at)
    with pytest.raises(UnableToOffer, match="not less than what is paid"):
        offered(cast, rma, at, "449.00")
    with pytest.raises(UnableToOffer, match="amount like"):
        offered(cast, rma, at, "300.001")
    with pytest.raises(UnableToOffer, match="Say why"):
        offers.make(unit, kind=OfferKind.REDUCTION, amount=Decimal(1), by=cast.aisha, at=at)
    with pytest.raises(UnableToOffer, match="only where one was asked for"):
        offers.make(unit, kind=OfferKind.REPAIR, amount=Decimal(1), words=WHY, by=cast.aisha, at=at)
    offered(cast, rma, at)
    with pytest.raises(UnableToOffer, match="has an offer for"):
        offered(cast, rma, at)


def test_accepted_the_agreed_amount_is_paid_once_and_the_unit_goes_on(cast: Cast, at: datetime) -> None:
    rma = blocked(cast, at)
    offer = offered(cast, rma, at)
    with pytest.raises(UnableToOffer, match="Only the customer"):
        offers.answer(offer, accept=True, by=guest({"rma:0"}), at=at)
    with pytest.raises(UnableToOffer, match="an offer that they made"):
        offers.answer(offer, accept=True, by=cast.aisha, at=at)

    offers.answer(offer, accept=True, by=kim(rma), at=at)

    refund = Refund.objects.get()
    assert (refund.status, refund.amount, refund.deduction) == (RefundStatus.DUE, Decimal(300), Decimal(149))
    assert refund.deductions == [{"amount": "149.00", "why": WHY, "rule": "consent"}]
    device = Device.objects.get()
    assert (device.holds, device.waiting_for) == ([], "")
    assert device.authority
    with pytest.raises(UnableToOffer, match="This offer is accepted"):
        offers.answer(offer, accept=False, path="send_back", by=kim(rma), at=at)
    reactions.drain(at=at)
    assert Rma.objects.get().status == RmaStatus.CLOSED
    assert Refund.objects.get().status == RefundStatus.PAID


def test_declined_it_goes_back_to_the_customer_as_it_is(cast: Cast, at: datetime) -> None:
    rma = blocked(cast, at)
    offer = offered(cast, rma, at)
    with pytest.raises(BadInput, match="Choose what is to happen"):
        offers.answer(offer, accept=False, by=kim(rma), at=at)
    with pytest.raises(BadInput, match="Choose what is to happen"):
        offers.answer(offer, accept=False, path="give_up", by=kim(rma), at=at)

    offers.answer(offer, accept=False, path="send_back", by=kim(rma), at=at)
    reactions.drain(at=at)

    device = Device.objects.get()
    assert (device.state, device.holds, device.authority) == (State.TO_RETURN, [], "")
    assert returns.unit_of(rma).status == UnitStatus.REFUSED
    leaving.send_back(device, hub=cast.rotterdam, by=cast.luca, at=at)
    assert Rma.objects.get().status == RmaStatus.CLOSED
    assert not Refund.objects.exists()


def test_support_answers_for_a_customer_at_the_telephone(cast: Cast, at: datetime) -> None:
    rma = blocked(cast, at)
    offer = offered(cast, rma, at)
    with pytest.raises(UnableToOffer, match="Only the customer"):
        offers.answer(offer, accept=True, by=cast.ines, at=at)
    assert offers.answer(offer, accept=True, by=cast.sam, at=at).status == OfferStatus.ACCEPTED


def test_not_answered_in_time_it_goes_back_and_takes_nothing_from_anybody(cast: Cast, at: datetime) -> None:
    rma = blocked(cast, at)
    offer = offered(cast, rma, at)
    assert offers.lapse(offer, at=at + timedelta(days=3)).status == OfferStatus.OPEN
    assert offers.due(at=at + timedelta(days=3)) == []

    later = offer.answer_by + timedelta(minutes=1)
    assert deadlines.run(at=later) == 1
    assert deadlines.run(at=later) == 0

    offer.refresh_from_db()
    assert (offer.status, offer.path) == (OfferStatus.LAPSED, "send_back")
    assert Device.objects.get().state == State.TO_RETURN
    reactions.drain(at=later)
    assert mails("offer_lapsed") == 1


def test_withdrawn_a_person_decides_what_comes_next(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device
    offer = offered(cast, rma, at)
    with pytest.raises(NotAllowed):
        offers.withdraw(offer, reason="x", by=cast.sam, at=at)
    with pytest.raises(BadInput, match="Say why"):
        offers.withdraw(offer, reason=" ", by=cast.aisha, at=at)
    offers.withdraw(offer, reason="We had the wrong laptop before us.", by=cast.aisha, at=at)

    proof_of.looked_at(cast, device, at=at)
    # Graded and clear, but somebody is talking with the customer: no rule takes it back.
    assert returns.unit_of(rma).status == UnitStatus.RECEIVED
    assert offered(cast, rma, at).status == OfferStatus.OPEN
    reactions.drain(at=at)
    assert mails("offer_withdrawn") == 1


def test_where_much_would_be_deducted_the_customer_is_asked_first(cast: Cast, at: datetime) -> None:
    rma = proof_of.worn(cast, at, Finding(code="keyboard"))

    offer = Offer.objects.get()
    assert (offer.kind, offer.amount, offer.made_by) == (
        OfferKind.REDUCTION,
        Decimal("224.50"),
        "system:returns.offers",
    )
    assert offer.lines == [{"what": "It was sold as new and came back damaged.", "amount": "224.50", "rule": "grade_d"}]
    assert not Refund.objects.exists()
    offers.answer(offer, accept=True, by=kim(rma), at=at)
    assert [part["rule"] for part in Refund.objects.get().deductions] == ["grade_d"]


def test_the_consent_stands_on_the_chain_and_names_no_person(cast: Cast, at: datetime) -> None:
    rma = blocked(cast, at)
    offers.answer(offered(cast, rma, at), accept=True, by=kim(rma), at=at)
    told = Entry.objects.get(kind="returns.offer_accepted")
    assert told.payload["amount"] == "300.00"
    assert "kim" not in str(told.payload).lower()
    assert timezone.is_aware(told.occurred_at)


def test_no_other_wish_is_made_while_an_offer_waits(cast: Cast, at: datetime) -> None:
    rma = blocked(cast, at)
    offer = offered(cast, rma, at)
    with pytest.raises(DomainError, match="Answer our offer first"):
        wishes.change(rma.lines.get(), wanted="exchange", by=kim(rma), at=at)
    offers.withdraw(offer, reason="Wrong sum.", by=cast.aisha, at=at)
    wishes.change(rma.lines.get(), wanted="exchange", by=kim(rma), at=at)
    assert rma.lines.get().wanted == "exchange"
