"""No money is decided on the first look while a second one is to come; what stands after it is what is deducted for."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from returns.models import Offer, OfferKind, Refund, Rma, UnitStatus
from returns.services import accepting, offers
from returns.services.offers import UnableToOffer
from returns.services.owing import UnableToSettle
from revlog.custody.services import reactions
from revlog.devices.models import Device
from tests.cast import Cast
from tests.factories import proof as proof_of
from tests.factories import returns, terms
from tests.triage.test_second_looks import draw_all
from triage.models import SecondLook
from triage.services import comparing
from triage.services import sampling as drawing
from triage.services.inspection import Finding

HOUR = timedelta(hours=1)
LIGHT = Finding(code="scratch", zone="lid", severity="minor")
WORN = Finding(code="scratch", zone="lid", severity="major")
CHARGER = Finding(code="power_adapter")


def drawn(cast: Cast, at: datetime, *findings: Finding) -> tuple[Rma, Device]:
    """A new laptop that came back, lightly worn by Ravi's look, and was drawn."""
    draw_all(cast, at)
    order = terms.order(cast, country="US", at=at)
    rma = proof_of.sold_as_new(returns.rma(cast, order=order, at=at))
    device = returns.received(cast, rma, at=at).device
    proof_of.looked_at(cast, device, LIGHT, *findings, at=at)
    return rma, Device.objects.get(pk=device.pk)


def is_open(rma: Rma) -> bool:
    return returns.unit_of(rma).status == UnitStatus.RECEIVED and not Refund.objects.exists()


def test_money_waits_for_the_second_look_and_follows_what_either_saw(cast: Cast, at: datetime) -> None:
    rma, device = drawn(cast, at, CHARGER)

    assert is_open(rma)
    assert not Offer.objects.exists()
    unit = returns.unit_of(rma)
    with pytest.raises(UnableToSettle, match="drawn for a second look"):
        accepting.accept(unit, deduction=Decimal("50.00"), why="Worn", by=cast.aisha, at=at)
    with pytest.raises(UnableToOffer, match="drawn for a second look"):
        offers.make(unit, kind=OfferKind.REDUCTION, amount=Decimal(300), words="Worn", by=cast.aisha, at=at)

    proof_of.looked_at(cast, device, WORN, at=at + HOUR, by=cast.aisha)

    assert returns.unit_of(rma).status == UnitStatus.ACCEPTED
    assert [row["rule"] for row in Refund.objects.get().deductions] == ["grade_c", "charger_missing"]


def test_money_waits_for_the_lead_and_follows_the_look_that_counts(cast: Cast, at: datetime) -> None:
    rma, device = drawn(cast, at)
    display = Finding(code="display", zone="screen", severity="major")
    proof_of.looked_at(cast, device, display, CHARGER, at=at + HOUR, works="no", by=cast.maria)
    assert is_open(rma)
    assert not Offer.objects.exists()

    comparing.settle(row=SecondLook.objects.get(), counts="first", reason="It was flat", by=cast.aisha, at=at + HOUR)
    reactions.drain(at=at + HOUR, queues=["fast"])

    assert [row["rule"] for row in Refund.objects.get().deductions] == ["grade_b"]


def test_money_goes_on_when_nobody_came_to_the_second_look(cast: Cast, at: datetime) -> None:
    rma, _device = drawn(cast, at)

    drawing.sweep(at=at + 5 * HOUR)
    reactions.drain(at=at + 5 * HOUR, queues=["fast"])

    assert returns.unit_of(rma).status == UnitStatus.ACCEPTED
    assert [row["rule"] for row in Refund.objects.get().deductions] == ["grade_b"]
