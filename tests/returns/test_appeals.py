"""Appeals: another inspector looks by a promised day, nothing can be undone meanwhile, and the rest is paid once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from refurb.services import orders as bench
from refurb.services.orders import UnableToWork
from returns import deductions
from returns.models import (
    Appeal,
    AppealStatus,
    Offer,
    OfferStatus,
    Payout,
    Refund,
    RefundStatus,
    Rma,
    RmaStatus,
    UnitStatus,
)
from returns.services import accepting, appeals, awaiting, deadlines, leaving, offers, refunds
from returns.services.appeals import UnableToAppeal
from returns.services.awaiting import UnableToAskBack
from returns.services.leaving import UnableToRestock, UnableToSendBack
from returns.services.owing import UnableToSettle
from revlog.accounts.actors import Actor
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.facts import Fact
from revlog.custody.models import Entry
from revlog.custody.services import ledger, reactions
from revlog.devices.facts import HoldReleased, SentToTriage
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device, HoldKind
from revlog.devices.services import moves, standing
from revlog.devices.services.moves import UnableToMove
from revlog.devices.services.standing import UnableToRelease
from revlog.pages import queries as pages
from revlog.terms.models import Message
from tests.cast import Cast
from tests.factories import devices, returns, terms
from tests.factories import proof as proof_of
from tests.factories import triage as station
from tests.factories.proof import SCRATCHED, kim
from triage.services import disposition, grading, inspection
from triage.services.disposition import UnableToDecide
from triage.services.grading import UnableToGrade
from triage.services.inspection import Finding, UnableToInspect

WORDS = "The scratch was there when I got it."


def appealed(cast: Cast, at: datetime) -> tuple[Rma, Appeal]:
    """A quarter of the price was deducted and the rest paid; Kim doesn't agree."""
    rma = proof_of.worn(cast, at, photo="a scratched lid")
    reactions.drain(at=at)
    return rma, appeals.open_appeal(returns.unit_of(rma), words=WORDS, by=kim(rma), at=at + timedelta(days=2))


def looked_again(cast: Cast, appeal: Appeal, at: datetime) -> None:
    proof_of.looked_at(cast, Device.objects.get(), at=at, gone=("scratch",), photo="a spotless lid", by=cast.maria)
    appeal.refresh_from_db()


# Opening --------------------------------------------------------------------------------------------------------------------------


def test_the_undisputed_part_is_paid_and_the_thing_goes_back_to_triage(cast: Cast, at: datetime) -> None:
    rma, appeal = appealed(cast, at)

    assert Refund.objects.get().status == RefundStatus.PAID
    device = Device.objects.get()
    assert (device.state, device.holds, device.authority, device.disposition) == (
        State.IN_TRIAGE, [HoldKind.AWAITING_OWNER], "", "",
    )  # fmt: skip
    assert appeal.decide_by == rma.hub.calendar.after_days(at + timedelta(days=2), 7)
    assert appeal.inspectors == [cast.ravi.reference]
    told = Entry.objects.get(chain_id=rma.pk, kind="returns.appeal_opened")
    assert told.payload["here"] is True
    assert WORDS not in str(list(Entry.objects.values_list("payload", flat=True)))
    reactions.drain(at=at + timedelta(days=2))
    assert Message.objects.filter(kind="returns/mail/appeal").count() == 1


def test_who_may_not_appeal_and_when(cast: Cast, at: datetime) -> None:
    rma = proof_of.worn(cast, at)
    unit = returns.unit_of(rma)
    with pytest.raises(UnableToAppeal, match="Only the customer appeals"):
        appeals.open_appeal(unit, by=cast.ines, at=at)
    with pytest.raises(UnableToAppeal, match="The time to appeal has ended"):
        appeals.open_appeal(unit, by=kim(rma), at=at + timedelta(days=15))
    appeals.open_appeal(unit, by=kim(rma), at=at + timedelta(days=13))
    with pytest.raises(UnableToAppeal, match="looking at it again already"):
        appeals.open_appeal(unit, by=kim(rma), at=at + timedelta(days=13))


def test_there_is_nothing_to_appeal_against_where_nothing_was_deducted(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    proof_of.looked_at(cast, returns.received(cast, rma, at=at).device, at=at)
    with pytest.raises(UnableToAppeal, match="nothing to appeal against"):
        appeals.open_appeal(returns.unit_of(rma), by=kim(rma), at=at)


def test_nothing_that_can_not_be_undone_happens_while_it_is_open(cast: Cast, at: datetime) -> None:
    appealed(cast, at)
    device = Device.objects.get()
    later = at + timedelta(days=2)

    for way in (
        Disposition.RESELL,
        Disposition.RECYCLE,
        Disposition.HARVEST,
        Disposition.DESTROY,
        Disposition.RETURN_TO_OWNER,
    ):
        with pytest.raises(UnableToDecide, match="on hold"):
            disposition.decide(device=device, disposition=way, reason="x", by=cast.aisha, at=later)
    for move in (
        moves.TO_SANITIZE,
        moves.TO_HARVEST,
        moves.TO_RECYCLE,
        moves.TO_DESTROY,
        moves.TO_RETURN,
        moves.TO_SELL,
    ):
        with pytest.raises(UnableToMove, match="on hold"), transaction.atomic():
            moves.advance(moves.take_one(device.pk), move, fact=_anything(), by=cast.admin, at=later)
    with pytest.raises(UnableToSendBack):
        leaving.send_back(device, hub=cast.rotterdam, by=cast.luca, at=later)
    with pytest.raises(UnableToRestock):
        leaving.restock(device, place="A-1", by=cast.ines, at=later)
    with pytest.raises(UnableToWork):
        bench.open_order(unit=device, by=cast.jakob, at=later)
    with pytest.raises(UnableToRelease, match="when its owner has answered"):
        standing.release(
            moves.take_one(device.pk), device.hold_rows.get(released_at=None), reason="x", by=cast.carla, at=later
        )


def _anything() -> Fact:

    return SentToTriage(reason="test")


@pytest.mark.parametrize("state", ["SOLD", "RECYCLED", "RETURNED", "RESTOCKED", "DONATED", "TO_DESTROY", "TO_HARVEST"])
def test_plain_sql_is_refused_as_well(cast: Cast, at: datetime, state: str) -> None:
    """Even with an entry that says so, PostgreSQL lets nothing that is held leave, and nothing without authority be undone."""
    appealed(cast, at)
    later = at + timedelta(days=2)
    rules = r"nothing_held_leaves|nothing_irreversible_without_authority"
    with pytest.raises(IntegrityError, match=rules), transaction.atomic():
        device = moves.take_one(Device.objects.get().pk)
        assert device.head is not None
        more = {"state_from": device.state, "state_to": state}
        entry = ledger.draft(device.head, _anything(), by=cast.admin, at=later, key="", more=more)
        entry.owner_id, entry.hub_id = device.owner_id, device.hub_id
        sql = "UPDATE devices_device SET state = %s, state_sequence = %s, exit = 'title_holder' WHERE id = %s"
        ledger.write(entry, also=ledger.Also(sql, [state, entry.sequence, device.pk]))


# The second look ------------------------------------------------------------------------------------------------------------------


def test_nobody_looks_again_at_their_own_work(cast: Cast, at: datetime) -> None:
    _rma, appeal = appealed(cast, at)
    later = at + timedelta(days=3)
    with pytest.raises(UnableToInspect, match="nobody decides an appeal against their own grade"):
        inspection.record(device=Device.objects.get(), works="yes", by=cast.ravi, at=later)
    with pytest.raises(UnableToGrade, match="nobody decides an appeal against their own grade"):
        grading.grade(device=Device.objects.get(), by=cast.ravi, at=later)
    with pytest.raises(UnableToAppeal, match="Nobody else has looked"):
        appeals.decide(appeal, changed=False, why="It is scratched.", by=cast.carla, at=later)

    looked_again(cast, appeal, later)

    assert Device.objects.get().grade == "B"
    with pytest.raises(UnableToAppeal, match="own grade"):
        appeals.decide(appeal, changed=True, amount=Decimal(449), why="x", by=_also(cast), at=later)


def _also(cast: Cast) -> Actor:
    """Ravi with the right to answer appeals: it is the person who is refused, whatever they may."""

    return replace(cast.ravi, permissions=cast.ravi.permissions | {"triage.regrade", "returns.appeal"})


def test_changed_the_rest_is_approved_by_another_person_and_paid_once(cast: Cast, at: datetime) -> None:
    rma, appeal = appealed(cast, at)
    later = at + timedelta(days=3)
    looked_again(cast, appeal, later)
    with pytest.raises(BadInput, match="Say why"):
        appeals.decide(appeal, changed=True, amount=Decimal(449), why=" ", by=cast.carla, at=later)
    with pytest.raises(UnableToAppeal, match="no more than the customer gets already"):
        appeals.decide(appeal, changed=True, amount=Decimal(300), why="x", by=cast.carla, at=later)
    with pytest.raises(UnableToAppeal, match="No more can be paid than it is worth"):
        appeals.decide(appeal, changed=True, amount=Decimal(450), why="x", by=cast.carla, at=later)
    with pytest.raises(UnableToAppeal, match="in all, like"):
        appeals.decide(appeal, changed=True, why="x", by=cast.carla, at=later)
    with pytest.raises(NotAllowed):
        appeals.decide(appeal, changed=True, amount=Decimal(449), why="x", by=cast.ines, at=later)

    appeals.decide(appeal, changed=True, amount=Decimal(449), why="It was dust.", by=cast.carla, at=later)

    appeal.refresh_from_db()
    assert (appeal.status, appeal.grade_before, appeal.grade_after) == (AppealStatus.CHANGED, "C", "B")
    rest = Refund.objects.get(supplement_to__isnull=False)
    assert (rest.status, rest.amount) == (RefundStatus.PROPOSED, Decimal("112.25"))
    device = Device.objects.get()
    assert (device.holds, bool(device.authority), device.state) == ([], True, State.IN_TRIAGE)
    with pytest.raises(UnableToSettle, match="nobody approves their own refund"):
        refunds.approve_refund(rest, by=_may_refund(cast), at=later)
    refunds.approve_refund(rest, by=cast.esra, at=later)
    reactions.drain(at=later)
    assert sorted(Payout.objects.values_list("amount", flat=True)) == [Decimal("112.25"), Decimal("336.75")]
    assert rma.lines.get().settled_amount == Decimal("449.00")
    assert Rma.objects.get().status == RmaStatus.CLOSED
    with pytest.raises(UnableToAppeal, match="looked at again already"):
        appeals.open_appeal(returns.unit_of(rma), by=kim(rma), at=later)
    # And what is ours again goes on.
    disposition.decide(device=device, disposition=Disposition.RESELL, reason="x", by=cast.aisha, at=later)
    reactions.drain(at=later)
    assert Message.objects.filter(kind="returns/mail/appeal_decided").count() == 1


def _may_refund(cast: Cast) -> Actor:

    return replace(cast.carla, permissions=cast.carla.permissions | {"returns.refund"})


def test_a_unit_has_one_rest_whatever_plain_sql_tries(cast: Cast, at: datetime) -> None:
    _rma, appeal = appealed(cast, at)
    looked_again(cast, appeal, at + timedelta(days=3))
    appeals.decide(appeal, changed=True, amount=Decimal(449), why="x", by=cast.carla, at=at + timedelta(days=3))
    rest = Refund.objects.get(supplement_to__isnull=False)
    rest.pk = returns.unit_of(_rma).pk
    with pytest.raises(IntegrityError, match="one_supplement_a_refund"), transaction.atomic():
        rest.save(force_insert=True)


def test_a_rest_that_finance_rejects_is_proposed_anew(cast: Cast, at: datetime) -> None:
    _rma, appeal = appealed(cast, at)
    later = at + timedelta(days=3)
    looked_again(cast, appeal, later)
    appeals.decide(appeal, changed=True, amount=Decimal(449), why="x", by=cast.carla, at=later)
    with pytest.raises(UnableToAppeal, match="a refund for it already"):
        appeals.propose_rest(appeal, amount=Decimal(400), why="x", by=cast.carla, at=later)
    refunds.reject_refund(Refund.objects.get(status=RefundStatus.PROPOSED), why="too much", by=cast.esra, at=later)

    row = appeals.propose_rest(appeal, amount=Decimal(400), why="Half of it.", by=cast.carla, at=later)
    assert row.amount == Decimal("63.25")


def test_upheld_nothing_more_is_paid(cast: Cast, at: datetime) -> None:
    _rma, appeal = appealed(cast, at)
    later = at + timedelta(days=3)
    proof_of.looked_at(cast, Device.objects.get(), SCRATCHED, at=later, by=cast.maria)
    appeals.decide(appeal, changed=False, why="The scratch is deep.", by=cast.carla, at=later)
    reactions.drain(at=later)
    assert Refund.objects.count() == 1
    assert Appeal.objects.get().status == AppealStatus.UPHELD
    assert (Device.objects.get().holds, bool(Device.objects.get().authority)) == ([], True)


def test_what_was_refused_is_taken_after_all(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device
    proof_of.looked_at(cast, device, Finding(code="locked"), at=at)
    accepting.refuse_unit(returns.unit_of(rma), reason="It is locked.", by=cast.aisha, at=at)
    appeal = appeals.open_appeal(returns.unit_of(rma), words=WORDS, by=kim(rma), at=at)
    assert set(appeal.inspectors) == {cast.ravi.reference, cast.aisha.reference}
    assert Device.objects.get().state == State.IN_TRIAGE
    with pytest.raises(UnableToSendBack):
        leaving.send_back(device, hub=cast.rotterdam, by=cast.luca, at=at)

    proof_of.looked_at(cast, device, at=at, gone=("locked",), by=cast.maria)
    appeals.decide(appeal, changed=True, amount=Decimal("449.00"), why="It is not locked.", by=cast.carla, at=at)

    assert returns.unit_of(rma).status == UnitStatus.ACCEPTED
    refund = Refund.objects.get()
    assert (refund.status, refund.amount, refund.proposed_by) == (
        RefundStatus.PROPOSED, Decimal("449.00"), cast.carla.reference,
    )  # fmt: skip


def test_what_stays_refused_goes_to_its_customer(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device
    accepting.refuse_unit(returns.unit_of(rma), reason="It is not ours.", by=cast.aisha, at=at)
    appeal = appeals.open_appeal(returns.unit_of(rma), words=WORDS, by=kim(rma), at=at)
    proof_of.looked_at(cast, device, at=at, by=cast.ravi)
    assert returns.unit_of(rma).status == UnitStatus.REFUSED
    appeals.decide(appeal, changed=False, why="It is another one.", by=cast.carla, at=at)
    assert Device.objects.get().state == State.TO_RETURN
    leaving.send_back(Device.objects.get(), hub=cast.rotterdam, by=cast.luca, at=at)
    assert rma.lines.get().settled_as == "refused"
    with pytest.raises(UnableToAppeal):
        appeals.open_appeal(returns.unit_of(rma), by=kim(rma), at=at)


def test_an_offer_of_less_money_may_be_answered_by_an_appeal_once(cast: Cast, at: datetime) -> None:
    rma = proof_of.worn(cast, at, Finding(code="keyboard"))
    first = Offer.objects.get()
    offers.answer(first, accept=False, path="appeal", words=WORDS, by=kim(rma), at=at)
    appeal = Appeal.objects.get()
    assert (appeal.words, Device.objects.get().holds) == (WORDS, [HoldKind.AWAITING_OWNER])

    later = at + timedelta(days=1)
    proof_of.looked_at(cast, Device.objects.get(), Finding(code="keyboard"), at=later, by=cast.maria)
    appeals.decide(appeal, changed=False, why="Three keys are dead.", by=cast.carla, at=later)

    # It stays as we had said: the same offer, once more.
    again = Offer.objects.get(status=OfferStatus.OPEN)
    assert again.amount == first.amount
    with pytest.raises(UnableToAppeal, match="looked at again already"):
        offers.answer(again, accept=False, path="appeal", by=kim(rma), at=later + timedelta(hours=1))
    offers.answer(again, accept=True, by=kim(rma), at=later + timedelta(hours=1))
    assert Refund.objects.get().amount == first.amount


def test_what_has_left_is_decided_by_its_photos(cast: Cast, at: datetime) -> None:
    rma = proof_of.worn(cast, at)
    reactions.drain(at=at)
    with transaction.atomic():
        standing.write_off(moves.take_one(Device.objects.get().pk), reason="stolen", by=cast.aisha, at=at)
    appeal = appeals.open_appeal(returns.unit_of(rma), words=WORDS, by=kim(rma), at=at + timedelta(days=1))
    assert appeal.hold is None
    appeals.decide(
        appeal, changed=True, amount=Decimal(449), why="By the photos.", by=cast.carla, at=at + timedelta(days=1)
    )
    assert Refund.objects.filter(supplement_to__isnull=False).count() == 1


def test_withdrawn_it_stays_as_it_was(cast: Cast, at: datetime) -> None:
    rma, appeal = appealed(cast, at)
    with pytest.raises(NotAllowed):
        appeals.withdraw(appeal, by=cast.ines, at=at)
    appeals.withdraw(appeal, by=kim(rma), at=at + timedelta(days=3))
    assert Appeal.objects.get().status == AppealStatus.WITHDRAWN
    assert Device.objects.get().holds == []
    with pytest.raises(UnableToAppeal, match="This appeal is decided"):
        appeals.decide(appeal, changed=False, why="x", by=cast.carla, at=at + timedelta(days=3))


# What was refused waits ------------------------------------------------------------------------------------------------------------


def refused(cast: Cast, at: datetime) -> Rma:
    rma = returns.rma(cast, at=at)
    returns.received(cast, rma, at=at)
    accepting.refuse_unit(returns.unit_of(rma), reason="It is not ours.", by=cast.aisha, at=at)
    return rma


def test_what_was_refused_stays_until_nobody_can_appeal_any_more(cast: Cast, at: datetime) -> None:
    rma = refused(cast, at)
    device = Device.objects.get()
    last = appeals.until(returns.unit_of(rma), rma)
    assert last is not None
    assert (device.state, device.holds, device.waiting_for, device.waiting_due) == (
        State.TO_RETURN, [HoldKind.AWAITING_OWNER], "customer", last,
    )  # fmt: skip
    asked = {row.kind for row in pages.exceptions(cast.aisha, at=at + timedelta(days=10))}
    assert not asked & {"hold.awaiting_owner", "exception.waiting"}
    for early in (at, last - timedelta(seconds=1)):
        deadlines.run(at=early)
        with pytest.raises(UnableToSendBack, match="on hold"):
            leaving.send_back(device, hub=cast.rotterdam, by=cast.luca, at=early)
    with pytest.raises(UnableToRelease, match="ends by itself"), transaction.atomic():
        standing.release(moves.take_one(device.pk), device.hold_rows.get(), reason="No room.", by=cast.carla, at=at)

    deadlines.run(at=last)
    deadlines.run(at=last)
    assert Entry.objects.filter(chain_id=device.pk, kind=HoldReleased.kind).count() == 1
    assert leaving.send_back(device, hub=cast.rotterdam, by=cast.luca, at=last).state == State.RETURNED
    assert rma.lines.get().settled_as == "refused"


def test_its_customer_has_it_sent_back_at_once_and_nobody_else(cast: Cast, at: datetime) -> None:
    rma = refused(cast, at)
    with pytest.raises(NotAllowed, match="Only the customer"):
        awaiting.ask_back(returns.unit_of(rma), by=cast.luca, at=at)
    awaiting.ask_back(returns.unit_of(rma), by=kim(rma), at=at)
    with pytest.raises(UnableToAskBack):
        awaiting.ask_back(returns.unit_of(rma), by=kim(rma), at=at)
    assert Entry.objects.get(chain_id=rma.pk, kind="returns.send_back_asked").actor == kim(rma).reference
    leaving.send_back(Device.objects.get(), hub=cast.rotterdam, by=cast.luca, at=at)


def test_what_was_accepted_on_an_earlier_stay_allows_nothing_on_this_one(cast: Cast, at: datetime) -> None:
    thing = terms.laptop_line(serials=("PF1ABCDE",))
    first = returns.rma(cast, order=terms.order(cast, "OWN-1", thing, seller=cast.operator, at=at), at=at)
    returns.received(cast, first, at=at)
    accepting.accept(returns.unit_of(first), by=cast.aisha, at=at)
    device = Device.objects.get()
    assert device.authority
    station.sent(station.snapshot(), cast.ravi, at=at)
    devices.sold(devices.decided(devices.cleared(device, at=at), Disposition.RESELL, at=at), at=at)
    later = at + timedelta(days=20)
    order = terms.order(cast, "OWN-2", thing, seller=cast.operator, at=later)
    second = returns.rma(cast, order=order, at=later)
    returns.received(cast, second, at=later)
    accepting.refuse_unit(returns.unit_of(second), reason="It is not ours.", by=cast.aisha, at=later)

    awaiting.ask_back(returns.unit_of(second), by=kim(second), at=later)

    device.refresh_from_db()
    assert (device.visits.count(), device.state, device.holds, device.authority) == (2, State.TO_RETURN, [], "")


def test_an_appeal_against_a_refusal_takes_over_the_waiting(cast: Cast, at: datetime) -> None:
    rma = refused(cast, at)
    appeal = appeals.open_appeal(returns.unit_of(rma), words=WORDS, by=kim(rma), at=at + timedelta(days=13))
    deadlines.run(at=at + timedelta(days=30))
    device = Device.objects.get()
    assert (device.state, device.holds, device.waiting_for) == (State.IN_TRIAGE, [HoldKind.AWAITING_OWNER], "")

    # It was answered: nothing is left to wait for.
    appeals.withdraw(appeal, by=kim(rma), at=at + timedelta(days=30))
    leaving.send_back(device, hub=cast.rotterdam, by=cast.luca, at=at + timedelta(days=30))


def test_rules_that_give_no_days_let_it_go_at_once(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(deductions.SHIPPED["parameters"], "appeal_days", 0)
    rma = refused(cast, at)
    assert Device.objects.get().holds == []
    leaving.send_back(Device.objects.get(), hub=cast.rotterdam, by=cast.luca, at=at)
    assert rma.lines.get().settled_as == "refused"
