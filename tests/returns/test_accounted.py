"""A return closes when every thing and every cent of it is accounted for, and says until then what is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from returns.models import ChargeFor, Discrepancy, Refund, Rma, RmaStatus, Trouble
from returns.queries import accounted, inbox
from returns.services import closing, deadlines, keeping, refunds, troubles
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices.models import Posting
from revlog.devices.services import money
from tests.cast import Cast
from tests.factories import returns
from tests.returns.test_outcomes import LATER, came, opened, pay, refused, ruled

BACK = ["refund", "credit", "exchange", "advance", "repair", "replace"]


def codes(rma: Rma) -> set[str]:
    return {reason.code for reason in accounted.reasons_against_closing(Rma.objects.get(pk=rma.pk))}


def balanced(rma: Rma) -> None:
    """What must hold at every moment: it is closed exactly when nothing is missing."""
    row = Rma.objects.get(pk=rma.pk)
    missing = codes(row)
    assert row.status in {RmaStatus.CLOSED, RmaStatus.EXPIRED} or missing, "nothing is missing, and it isn't closed"
    assert row.status != RmaStatus.CLOSED or not missing, missing


def never(cast: Cast, rma: Rma, at: datetime) -> None:
    for later in (LATER, LATER + deadlines.KEEP_AFTER * 2):
        deadlines.run(at=at + later, rma=rma.pk)
        reactions.drain(at=at + later)
        balanced(rma)
    if Rma.objects.get(pk=rma.pk).is_open:
        closing.give_up(rma, by=cast.ines, at=at + LATER * 2)
    reactions.drain(at=at + LATER * 2)


ENDS: dict[str, Callable[[Cast, Rma, datetime], None]] = {"came": came, "refused": refused, "never": never}


@pytest.mark.parametrize("wanted", BACK)
@pytest.mark.parametrize("end", ENDS)
def test_whatever_is_wanted_and_however_it_ends_nothing_is_left_over(
    cast: Cast, at: datetime, wanted: str, end: str
) -> None:
    ruled(cast, at, bonus_percent="10")
    rma = opened(cast, wanted, at)

    balanced(rma)
    assert "expected" in codes(rma)
    if wanted == "advance":
        assert codes(rma) >= {"charge_asked"}
        pay(cast, at, ChargeFor.DEPOSIT)
        balanced(rma)
        assert codes(rma) >= {"charge_held"}
    ENDS[end](cast, rma, at)
    balanced(rma)
    if wanted == "repair" and end == "came":
        assert codes(rma) == {"received"}
        return
    assert not Rma.objects.get(pk=rma.pk).is_open


@pytest.mark.parametrize(("goods", "missing"), [("keep", set()), ("donate", {"donation"})])
def test_what_needn_t_come_back_is_accounted_for_too(cast: Cast, at: datetime, goods: str, missing: set[str]) -> None:
    ruled(cast, at, goods=goods)
    rma = opened(cast, "refund", at)

    balanced(rma)
    assert codes(rma) == missing
    if missing:
        keeping.give_away(rma.lines.get(), by=cast.sam, at=at)
        reactions.drain(at=at)
        balanced(rma)
    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.CLOSED


def test_an_open_discrepancy_keeps_it_open_until_it_is_decided(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device
    troubles.raise_trouble(
        Trouble.UNANNOUNCED_UNIT,
        hub=cast.rotterdam,
        rma=Rma.objects.get(pk=rma.pk),
        found="a charger",
        by=cast.ines,
        at=at,
    )
    returns.graded(device, at=at)
    reactions.drain(at=at)

    assert codes(rma) == {"discrepancy"}
    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.ARRIVED
    office = Client()
    office.force_login(cast.user("aisha"))
    page = office.get(f"/returns/{rma.number}/").content.decode()
    assert "Before this return can be closed" in page
    assert "Something is to be decided: unannounced unit." in page

    troubles.resolve(Discrepancy.objects.get(), resolution="The charger belongs to it.", by=cast.aisha, at=at)

    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.CLOSED
    assert "Before this return can be closed" not in office.get(f"/returns/{rma.number}/").content.decode()


def test_books_that_don_t_add_up_keep_it_open_and_stand_in_the_inbox(cast: Cast, at: datetime) -> None:
    rma = returns.rma(cast, at=at)
    device = returns.received(cast, rma, at=at).device
    returns.graded(device, at=at)
    stray = money.post(
        entry=Entry.objects.filter(chain_id=rma.pk).latest("sequence"), account="refund", amount=Decimal("-0.01"),
        currency="EUR", book="seller", party=cast.retailer, at=at, key="stray",
    )  # fmt: skip
    refunds.paid(Refund.objects.get().pk, provider="manual", reference="P-1", at=at)

    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.ARRIVED
    (row,) = [one for one in inbox.exceptions(cast.esra, at=at) if one.kind == "rma_unaccounted"]
    assert row.sentence == "The books hold -449.01 EUR of it where -449.00 belong."

    # A correction is another posting; then it closes by itself.
    money.post(
        entry=Entry.objects.filter(chain_id=rma.pk).latest("sequence"), account="refund", amount=-stray.amount,
        currency="EUR", book="seller", party=cast.retailer, at=at, key="stray:corrected",
    )  # fmt: skip
    assert deadlines.run(at=at + timedelta(hours=1), rma=rma.pk) == 1
    assert Rma.objects.get(pk=rma.pk).status == RmaStatus.CLOSED
    assert sum(one.amount for one in Posting.objects.all()) == Decimal("-449.00")
