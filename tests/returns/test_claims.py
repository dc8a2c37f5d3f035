"""What the delivery got wrong is a claim, apart from what is given back; what never arrived can't come back."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from returns import queries, reasons
from returns.models import Goods, Kind, Payout, Rma, RmaStatus
from returns.services import approval, opening
from returns.services.opening import UnableToOpen
from revlog.common import clock
from revlog.custody.services import reactions
from revlog.terms.models import Order
from tests.cast import Cast
from tests.factories import returns, terms


def bought(cast: Cast, at: datetime) -> Order:
    """A laptop, a lot of cables of little worth, and a phone, in one order."""
    phone = terms.laptop_line(
        sku="PIX-7A", description="Pixel 7a", price=Decimal("199.00"), serials=("352099001761481",)
    )
    return terms.order(cast, "PS-C", terms.laptop_line(), terms.cable_line(8), phone, at=at)


def test_one_form_becomes_a_return_and_a_claim_and_each_goes_its_way(cast: Cast, at: datetime) -> None:
    order = bought(cast, at)
    wishes = [returns.wish(order, 1), returns.wish(order, 2, quantity=8, reason="MISSING_ITEM")]

    back, claim = opening.open_rmas(order=order, wishes=wishes, by=returns.kim(order), at=at)
    reactions.drain(at=at)

    assert (back.kind, claim.kind) == (Kind.RETURN, Kind.CLAIM)
    assert [line.order_line.position for line in (*back.lines.all(), *claim.lines.all())] == [1, 2]
    assert (back.parcel_links.count(), claim.parcel_links.count()) == (1, 0)
    # Eight cables are worth 20.00: what is so small is paid without asking anybody.
    assert Rma.objects.get(pk=claim.pk).status == RmaStatus.CLOSED
    assert Payout.objects.get().amount == Decimal("20.00")
    assert Rma.objects.get(pk=back.pk).status == RmaStatus.APPROVED


def test_both_are_opened_or_neither(cast: Cast, at: datetime) -> None:
    order = bought(cast, at)
    wishes = [returns.wish(order, 1), returns.wish(order, 3, reason="NEVER_ARRIVED", wanted="repair")]

    with pytest.raises(UnableToOpen):
        opening.open_rmas(order=order, wishes=wishes, by=returns.kim(order), at=at)
    assert not Rma.objects.exists()


def test_what_never_arrived_and_is_dear_waits_for_a_person(cast: Cast, at: datetime) -> None:
    order = bought(cast, at)
    rma = returns.rma(cast, returns.wish(order, 3, reason="NEVER_ARRIVED"), order=order, at=at)
    reactions.drain(at=at)
    assert (rma.status, rma.kind, rma.lines.get().goods) == (RmaStatus.REQUESTED, Kind.CLAIM, Goods.NONE)
    assert not Payout.objects.exists()

    approval.approve(rma, by=cast.sam, at=at)
    reactions.drain(at=at)

    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.CLOSED
    assert Payout.objects.get().amount == Decimal("199.00")


def test_the_same_again_is_sent_for_what_never_arrived(cast: Cast, at: datetime) -> None:
    order = bought(cast, at)
    rma = returns.rma(cast, returns.wish(order, 3, reason="NEVER_ARRIVED", wanted="exchange"), order=order, at=at)
    approval.approve(rma, by=cast.sam, at=at)
    reactions.drain(at=at)

    sent = Order.objects.get(source="exchange").lines.get()
    assert (sent.sku, sent.quantity, sent.price) == ("PIX-7A", 1, Decimal("199.00"))
    assert rma.lines.get().settled_as == "exchange"


@pytest.mark.parametrize("wanted", ["repair", "advance"])
def test_what_nobody_has_is_neither_repaired_nor_sent_for_in_advance(cast: Cast, at: datetime, wanted: str) -> None:
    order = bought(cast, at)

    with pytest.raises(UnableToOpen):
        returns.rma(cast, returns.wish(order, 3, reason="NEVER_ARRIVED", wanted=wanted), order=order, at=at)


def test_a_claim_counts_as_taken(cast: Cast, at: datetime) -> None:
    order = bought(cast, at)
    returns.rma(cast, returns.wish(order, 3, reason="NEVER_ARRIVED"), order=order, at=at)

    with pytest.raises(UnableToOpen, match="announced as a return already"):
        returns.rma(cast, returns.wish(order, 3), order=order, at=at + timedelta(hours=1))


def test_every_claim_is_a_reason_that_is_asked_for(cast: Cast) -> None:
    asked = {code for _words, codes in reasons.asked("laptop") for code, _label in codes}

    assert reasons.NOT_HERE < reasons.CLAIMS <= asked


def test_the_desk_has_claims_in_a_queue_of_their_own_and_pages_call_them_so(cast: Cast) -> None:
    now = clock.now()
    order = bought(cast, now)
    claim = returns.rma(
        cast, returns.wish(order, 3, reason="DAMAGED_TRANSIT", photos=()), order=order, by=cast.sam, at=now
    )
    back = returns.rma(cast, returns.wish(order, 1), order=order, at=now)
    client = Client()
    client.force_login(cast.user("sam"))

    found = queries.listed(cast.sam, status="open", kind="claim")
    assert [rma.pk for rma in found.rows] == [claim.pk]
    page = client.get("/returns/?status=open&kind=claim").content.decode()
    assert claim.number in page
    assert back.number not in page
    assert "kind=claim" in client.get("/returns/queue/restock/").content.decode()
    assert "claim" in client.get(f"/returns/{claim.number}/").content.decode()
