"""Repair and return: free where we owe it, else quoted; the bench begins with the owner's consent, and it leaves once it is paid."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from refurb.models import WorkOrder
from refurb.services import bench, checking, orders, quoting
from refurb.services.orders import UnableToWork
from refurb.services.quoting import Line
from returns.models import Charge, ChargeStatus, Offer, OfferKind, OfferStatus, Refund, Rma, RmaStatus, UnitStatus
from returns.services import charges, deadlines, deducting, leaving, offers
from revlog.common.errors import BadInput, NotAllowed
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.journey import Disposition, State
from revlog.devices.models import Device
from revlog.terms.models import Order
from tests.cast import Cast
from tests.factories import proof as proof_of
from tests.factories import returns
from tests.factories.proof import kim
from triage.services import disposition
from triage.services.disposition import UnableToDecide
from triage.services.inspection import Finding

KEYS = Line(what="Keyboard", minutes=30, parts=Decimal("45.00"))


def at_the_bench(cast: Cast, at: datetime, *, own_fault: bool) -> Rma:
    """Kim's laptop with dead keys; by her own fault where the desk says so."""
    rma = returns.rma(cast, wanted="repair", reason="KEYBOARD", at=at)
    device = returns.received(cast, rma, at=at).device
    if own_fault:
        deducting.confirm_reason(rma.lines.get(), reason="CUSTOMER_DAMAGE", by=cast.aisha, at=at)
    proof_of.looked_at(cast, device, Finding(code="keyboard"), at=at)
    disposition.decide(device=device, by=cast.ravi, at=at)
    reactions.drain(at=at, queues=["fast"])
    assert Device.objects.get().state == State.TO_REFURBISH
    return rma


def quoted(cast: Cast, at: datetime) -> Offer:
    quoting.quote(unit=Device.objects.get(), lines=[KEYS], by=cast.jakob, at=at)
    reactions.drain(at=at)
    return Offer.objects.get()


def mended(cast: Cast, at: datetime) -> WorkOrder:
    order = orders.open_order(unit=Device.objects.get(), by=cast.jakob, at=at)
    bench.begin_operation(order=order, code="replace_keyboard", by=cast.jakob, at=at)
    order = bench.finish(order=order, by=cast.jakob, at=at + timedelta(minutes=30))
    return checking.accept(order=order, by=cast.mei, at=at + timedelta(hours=1))


def test_what_we_owe_is_repaired_without_a_question(cast: Cast, at: datetime) -> None:
    rma = at_the_bench(cast, at, own_fault=False)

    told = Entry.objects.get(digest=Device.objects.get().authority)
    assert (told.kind, told.payload["ground"]) == ("devices.authorized", "guarantee")
    assert not Offer.objects.exists()
    with pytest.raises(UnableToWork, match="its repair is agreed"):
        quoting.quote(unit=Device.objects.get(), lines=[KEYS], by=cast.jakob, at=at)
    mended(cast, at)
    leaving.send_back(Device.objects.get(), tracking="3S1", hub=cast.rotterdam, by=cast.luca, at=at)
    assert Rma.objects.get().status == RmaStatus.CLOSED
    assert rma.lines.get().settled_as == "repair"
    assert not Charge.objects.exists()


def test_nothing_is_done_before_its_owner_agrees_to_the_price(cast: Cast, at: datetime) -> None:
    rma = at_the_bench(cast, at, own_fault=True)
    with pytest.raises(UnableToWork, match="hasn't agreed to its repair; quote it first"):
        orders.open_order(unit=Device.objects.get(), by=cast.jakob, at=at)

    offer = quoted(cast, at)

    # Half an hour at 54.00 and the part.
    assert (offer.kind, offer.amount) == (OfferKind.REPAIR, Decimal("72.00"))
    assert offer.lines == [{"what": "Keyboard", "amount": "72.00", "rule": "quote"}]
    with pytest.raises(UnableToWork, match="is on hold"):
        orders.open_order(unit=Device.objects.get(), by=cast.jakob, at=at)
    with pytest.raises(UnableToWork, match="its owner is asked already"):
        quoting.quote(unit=Device.objects.get(), lines=[KEYS], by=cast.jakob, at=at)
    offers.answer(offer, accept=True, by=kim(rma), at=at)
    charge = Charge.objects.get()
    assert (charge.purpose, charge.amount, charge.status) == ("repair", Decimal("72.00"), ChargeStatus.ASKED)
    device = Device.objects.get()
    assert (device.authority, device.waiting_for, device.waiting_due) == ("", "customer", charge.due_by)
    with pytest.raises(UnableToWork, match="hasn't agreed to its repair"):
        orders.open_order(unit=device, by=cast.jakob, at=at)

    reactions.drain(at=at)
    charges.confirm(Charge.objects.get(), by=cast.esra, at=at)
    reactions.drain(at=at)
    told = Entry.objects.get(digest=Device.objects.get().authority)
    assert told.payload["ground"] == "owner_agreed"
    mended(cast, at)
    leaving.send_back(Device.objects.get(), hub=cast.rotterdam, by=cast.luca, at=at)
    reactions.drain(at=at)
    assert Rma.objects.get().status == RmaStatus.CLOSED
    assert rma.lines.get().settled_as == "repair"


def test_agreed_and_not_paid_by_its_date_it_goes_back_unrepaired(cast: Cast, at: datetime) -> None:
    rma = at_the_bench(cast, at, own_fault=True)
    offers.answer(quoted(cast, at), accept=True, by=kim(rma), at=at)
    reactions.drain(at=at)
    assert deadlines.run(at=at + timedelta(days=3)) == 0
    later = at + timedelta(days=30)
    assert deadlines.run(at=later) == 1
    assert deadlines.run(at=later) == 0
    reactions.drain(at=later)
    device = Device.objects.get()
    assert (device.state, device.waiting_for) == (State.TO_RETURN, "")
    assert Charge.objects.get().status == ChargeStatus.CANCELLED
    leaving.send_back(device, hub=cast.rotterdam, by=cast.luca, at=later)
    assert rma.lines.get().settled_as == "refused"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "Say what has to be done"),
        ([Line(what=" ")], "what each line is for"),
        ([Line(what="x", minutes=-1)], "between 0 and 1440"),
        ([Line(what="x", parts=Decimal(-1))], "an amount like"),
    ],
)
def test_a_quote_says_what_it_is_made_of(cast: Cast, at: datetime, lines: list[Line], why: str) -> None:
    at_the_bench(cast, at, own_fault=True)
    with pytest.raises(BadInput, match=why):
        quoting.quote(unit=Device.objects.get(), lines=lines, by=cast.jakob, at=at)
    with pytest.raises(NotAllowed):
        quoting.quote(unit=Device.objects.get(), lines=[KEYS], by=cast.sam, at=at)


def test_declined_it_goes_back_unrepaired(cast: Cast, at: datetime) -> None:
    rma = at_the_bench(cast, at, own_fault=True)
    offers.answer(quoted(cast, at), accept=False, path="send_back", by=kim(rma), at=at)
    reactions.drain(at=at)
    assert Device.objects.get().state == State.TO_RETURN
    leaving.send_back(Device.objects.get(), hub=cast.rotterdam, by=cast.luca, at=at)
    assert rma.lines.get().settled_as == "refused"
    assert not Charge.objects.exists()


def test_given_up_its_title_passes_and_its_data_goes_first(cast: Cast, at: datetime) -> None:
    rma = at_the_bench(cast, at, own_fault=True)
    offers.answer(quoted(cast, at), accept=False, path="give_up", by=kim(rma), at=at)

    device = Device.objects.get()
    assert (device.state, device.disposition, device.owner_id) == (
        State.TO_SANITIZE, Disposition.RECYCLE, cast.operator.pk,
    )  # fmt: skip
    assert Entry.objects.get(digest=device.authority).payload["ground"] == "owner_agreed"
    assert Entry.objects.filter(chain_id=device.pk, kind="returns.given_up").exists()
    assert returns.unit_of(rma).status == UnitStatus.ACCEPTED
    assert (Rma.objects.get().status, rma.lines.get().settled_as) == (RmaStatus.CLOSED, "given_up")
    assert not Refund.objects.exists()


def test_the_consent_to_a_repair_is_no_consent_to_anything_else(cast: Cast, at: datetime) -> None:
    at_the_bench(cast, at, own_fault=False)
    order = orders.open_order(unit=Device.objects.get(), by=cast.jakob, at=at)
    bench.begin_operation(order=order, code="replace_keyboard", by=cast.jakob, at=at)
    bench.fail(order=order, reason="no such keyboard is made any more", by=cast.jakob, at=at)
    # Before anything has followed from it, the consent still stands; and yet no way but the owner's is open.
    with pytest.raises(UnableToDecide, match="its owner wants it back"):
        disposition.decide(
            device=Device.objects.get(), disposition=Disposition.RECYCLE, reason="x", by=cast.aisha, at=at
        )


def test_what_can_not_be_mended_under_guarantee_is_paid_or_replaced_as_its_owner_chooses(
    cast: Cast, at: datetime
) -> None:
    rma = at_the_bench(cast, at, own_fault=False)
    order = orders.open_order(unit=Device.objects.get(), by=cast.jakob, at=at)
    bench.begin_operation(order=order, code="replace_keyboard", by=cast.jakob, at=at)
    bench.fail(order=order, reason="board broken", by=cast.jakob, at=at)
    reactions.drain(at=at)

    offer = Offer.objects.get()
    assert (offer.kind, offer.amount) == (OfferKind.INSTEAD, Decimal("449.00"))
    with pytest.raises(BadInput, match="Choose what is to happen"):
        offers.answer(offer, accept=True, by=kim(rma), at=at)
    offers.answer(offer, accept=True, path="exchange", by=kim(rma), at=at)
    reactions.drain(at=at)
    assert Order.objects.filter(source="exchange").count() == 1
    assert not Refund.objects.exists()
    assert rma.lines.get().settled_as == "exchange"


def test_or_the_money(cast: Cast, at: datetime) -> None:
    rma = at_the_bench(cast, at, own_fault=False)
    order = orders.open_order(unit=Device.objects.get(), by=cast.jakob, at=at)
    bench.begin_operation(order=order, code="replace_keyboard", by=cast.jakob, at=at)
    bench.fail(order=order, reason="board broken", by=cast.jakob, at=at)
    reactions.drain(at=at)
    offers.answer(Offer.objects.get(), accept=True, path="refund", by=kim(rma), at=at)
    reactions.drain(at=at)
    assert Refund.objects.get().amount == Decimal("449.00")
    assert rma.lines.get().settled_as == "refund"


def test_a_paid_repair_that_fails_costs_nothing(cast: Cast, at: datetime) -> None:
    rma = at_the_bench(cast, at, own_fault=True)
    offers.answer(quoted(cast, at), accept=True, by=kim(rma), at=at)
    reactions.drain(at=at)
    charges.confirm(Charge.objects.get(), by=cast.esra, at=at)
    reactions.drain(at=at)
    order = orders.open_order(unit=Device.objects.get(), by=cast.jakob, at=at)
    bench.begin_operation(order=order, code="replace_keyboard", by=cast.jakob, at=at)
    bench.fail(order=order, reason="board broken", by=cast.jakob, at=at)
    reactions.drain(at=at)

    assert Offer.objects.get().status == OfferStatus.ACCEPTED
    assert (Refund.objects.get().amount, Refund.objects.get().status) == (Decimal("72.00"), "paid")
    assert Device.objects.get().state == State.TO_RETURN
