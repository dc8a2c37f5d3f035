"""After a confirmed fraud nothing goes by itself: not while the customer objects, and not by a scan, a counter or the dock."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from returns.models import Charge, Refund, RefundStatus, Review, Rma, Trouble
from returns.services import deadlines, differing, keeping, opening, talking, troubles, unloading, wishes
from returns.services.fraud import assessing, deciding
from returns.services.ways import handing
from revlog.accounts.queries import guest
from revlog.devices.models import Device
from revlog.terms.models import Order
from tests.api.callers import caller
from tests.cast import Cast
from tests.factories import devices, returns, terms
from tests.returns.fraud.test_reviews import drain, found_out
from tests.returns.test_outcomes import ruled


def laptops(cast: Cast, at: datetime, *, count: int) -> Order:
    lines = [terms.laptop_line(sku=f"T480-{one}", serials=(f"PF{one}ABCDE",)) for one in range(1, count + 1)]
    return terms.order(cast, f"PS-{uuid.uuid4().hex[:6]}", *lines, at=at)


def confirm(cast: Cast, rma: Rma, at: datetime) -> None:
    deciding.confirm(Review.objects.get(rma=rma), reason="It was signed for.", by=cast.esra, at=at)
    drain(at)


def objects(rma: Rma, at: datetime) -> Review:
    talking.write(rma, text="It wasn't me.", key=uuid.uuid4(), by=guest({f"rma:{rma.pk}"}), at=at)
    drain(at)
    return Review.objects.get(rma=rma)


def stands(rma: Rma) -> list[str]:
    """How its refunds stand, those that were rejected left out."""
    rows = Refund.objects.filter(line__rma=rma).exclude(status=RefundStatus.REJECTED)
    return sorted(rows.values_list("status", flat=True))


@pytest.mark.parametrize("end", ["cleared", "confirmed"])
def test_what_the_customer_does_while_objecting_brings_nothing_until_somebody_has_decided(
    cast: Cast, at: datetime, end: str
) -> None:
    """Of three things that needn't come back one is given away then, for one credit is wanted, for one another thing."""
    found_out(cast, at)
    ruled(cast, at, goods="donate")
    order = laptops(cast, at, count=3)
    rma = opening.open_rma(
        order=order, wishes=[returns.wish(order, one) for one in (1, 2, 3)], by=returns.kim(order), at=at
    )
    own = guest({f"rma:{rma.pk}"})
    rma.lines.filter(position__gt=1).update(goods="keep")
    drain(at)
    given, credit, other = rma.lines.order_by("position")
    confirm(cast, rma, at)
    later = at + timedelta(days=1)
    review = objects(rma, later)
    assert (review.is_objected, review.held, stands(rma)) == (True, False, [])

    keeping.give_away(given, by=own, at=later)
    wishes.change(credit, wanted="credit", by=own, at=later)
    wishes.change(other, wanted="exchange", by=own, at=later)
    drain(later)
    assert stands(rma) == ["held", "held"]
    assert not Order.objects.filter(source="exchange").exists()

    verb = deciding.clear
    if end == "confirmed":
        # What is found then is scored, and is no new hold that the law's day would end.
        troubles.raise_trouble(Trouble.EMPTY_BOX, hub=cast.rotterdam, rma=rma, by=cast.ines, at=later)
        again = assessing.assess(rma.pk, cause="returns.trouble_found", at=later)
        assert again is not None
        assert (again.points, again.is_objected, again.held) == (100, True, False)
        deadlines.run(at=later + timedelta(days=20), rma=rma.pk)
        assert stands(rma) == ["held", "held"]
        verb = deciding.confirm
    verb(Review.objects.get(rma=rma), reason="I looked again.", by=cast.maria, at=later)
    drain(later)

    assert len(stands(rma)) == (2 if end == "cleared" else 0)
    assert "held" not in stands(rma)
    assert Order.objects.filter(source="exchange").exists() is (end == "cleared")
    assert Rma.objects.get(pk=rma.pk).status == "closed"


def test_what_was_given_away_after_the_decision_is_settled_with_it(cast: Cast, at: datetime) -> None:
    found_out(cast, at)
    ruled(cast, at, goods="donate")
    rma = returns.rma(cast, order=laptops(cast, at, count=1), at=at)
    confirm(cast, rma, at)
    keeping.give_away(rma.lines.get(), by=guest({f"rma:{rma.pk}"}), at=at)
    assert stands(rma) == ["held"]

    deadlines.run(at=at + timedelta(days=40), rma=rma.pk)
    drain(at + timedelta(days=40))

    assert (stands(rma), Rma.objects.get(pk=rma.pk).status) == ([], "closed")


def test_no_scan_and_no_dock_pays_what_was_denied_and_acceptance_does(cast: Cast, at: datetime) -> None:
    found_out(cast, at)
    returns.published(cast, at=at, refund_on="handover")
    rma = returns.rma(cast, at=at)
    parcel = rma.parcel_links.get().parcel
    handing.scanned(parcel, "scan.in_transit", at=at)
    assert stands(rma) == ["held"]
    confirm(cast, rma, at)

    for scan in ("scan.out_for_delivery", "scan.delivered"):
        handing.scanned(parcel, scan, at=at)
    assert stands(rma) == []
    device = returns.received(cast, rma, at=at).device
    drain(at)
    assert stands(rma) == []
    returns.graded(device, at=at)
    drain(at)
    assert stands(rma) == ["paid"]

    # An empty box, and the customer objects: the scan that comes late changes nothing, nor does what is found after all.
    order = terms.order(cast, "PS-971", terms.laptop_line(serials=("PF7ABCDE",)), at=at)
    empty = returns.rma(cast, order=order, at=at)
    parcel = empty.parcel_links.get().parcel
    unloading.arrive(parcel, by=cast.ines, at=at)
    unloading.empty_box(parcel, empty, by=cast.ines, at=at)
    drain(at)
    confirm(cast, empty, at)
    assert objects(empty, at).is_objected
    handing.scanned(parcel, "scan.in_transit", at=at)
    returns.received(cast, empty, serial="PF7ABCDE", at=at)
    assert stands(empty) == []


def test_finance_confirms_while_things_are_held_and_all_of_them_go_back_unpaid(cast: Cast, at: datetime) -> None:
    """Money is due at the dock: one thing was another one, one is held by a lead. No right to release holds is needed to decide."""
    found_out(cast, at)
    returns.published(cast, at=at, refund_on="receipt")
    order = laptops(cast, at, count=2)
    rma = opening.open_rma(
        order=order, wishes=[returns.wish(order, one) for one in (1, 2)], by=returns.kim(order), at=at
    )
    differing.receive_wrong(returns.unit_of(rma), serial="PF9OTHER", hub=cast.rotterdam, by=cast.ines, at=at)
    device = returns.received(cast, rma, position=2, serial="PF2ABCDE", at=at).device
    drain(at)
    review = Review.objects.get(rma=rma)
    deciding.hold_unit(review, device, reason="Its board is another one.", by=cast.aisha, at=at)
    assert not cast.esra.may("devices.release")

    confirm(cast, rma, at)

    assert [returns.unit_of(rma, one).status for one in (1, 2)] == ["refused", "refused"]
    assert stands(rma) == []
    went = Device.objects.filter(rma_units__line__rma=rma)
    assert [(devices.state_of(one), one.holds) for one in went] == [("TO_RETURN", ["awaiting_owner"])] * 2


def test_no_new_one_goes_first_after_a_confirmed_fraud(cast: Cast, at: datetime) -> None:
    found_out(cast, at)
    ruled(cast, at)
    rma = returns.rma(cast, order=laptops(cast, at, count=1), wanted="advance", reason="POWER", at=at)
    drain(at)
    assert Review.objects.get(rma=rma).held

    confirm(cast, rma, at)
    assert not Charge.objects.exists()
    device = returns.received(cast, rma, serial="PF1ABCDE", at=at).device
    returns.graded(device, at=at)
    drain(at)
    assert rma.lines.get().exchange is not None
    assert Refund.objects.filter(line__rma=rma, amount__gt=Decimal(0)).count() == 0


def test_the_lists_ask_as_much_for_four_returns_as_for_one(cast: Cast, at: datetime, client: Client) -> None:
    found_out(cast, at)
    client.force_login(cast.user("esra"))
    ours = caller(cast)

    def page() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            shown = client.get("/returns/closer-look/").content.decode()
        assert "A reviewer confirmed fraud on this account before." in shown
        return len(asked)

    def listed() -> int:
        with CaptureQueriesContext(connection) as asked:
            rows = ours.get("/reviews/?status=open").json()["results"]
        assert all(sum(one["points"] for one in row["signals"]) == row["points"] >= 70 for row in rows)
        assert rows
        return len(asked)

    def more(count: int) -> None:
        for _each in range(count):
            returns.rma(cast, order=laptops(cast, at, count=1), at=at)
        drain(at)

    more(1)
    page(), listed()
    one = page(), listed()
    more(3)
    assert (page(), listed()) == one
