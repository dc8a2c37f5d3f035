"""The packing slip follows from packing, once, and names no person."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from revlog.accounts.actors import system
from revlog.common.words import Audience
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.devices import facts as device_facts
from revlog.devices.services import moves
from revlog.evidence.models import Document
from revlog.evidence.services import artifacts
from tests import cast as casting
from tests.factories import resale as shop


@pytest.mark.django_db(transaction=True)
def test_a_packed_order_gets_one_packing_slip_without_the_buyers_name(at: datetime) -> None:
    cast = casting.make()
    sale = shop.picked(cast)

    reactions.drain(at=at + timedelta(minutes=1))
    reactions.drain(at=at + timedelta(minutes=2))

    document = Document.objects.get(chain_id=sale.line.order_id)
    assert document.kind == "packing_slip"
    assert document.context["lines"][0]["serials"] == [sale.device.serial]
    assert "Bea" not in str(document.context)
    assert artifacts.read(document.artifact).startswith(b"%PDF")


@pytest.mark.django_db
def test_what_was_bought_from_a_person_is_sold_by_the_margin_scheme_and_says_so(at: datetime) -> None:
    cast = casting.make()
    plain = shop.sold(cast)
    with transaction.atomic():
        # As a purchase says it of a unit (returns.bought), which selling reads off the unit alone.
        bought = moves.take_one(plain.device_id)
        moves.note(bought, fact=device_facts.Missed(place=None), by=system("test"), at=at, set={"vat_origin": "margin"})

    sale = shop.shipped(cast, plain)

    said = Entry.objects.get(chain_id=sale.device_id, kind="resale.shipped")
    assert said.payload["vat"] == "vat.margin"
    assert "(margin scheme)" in (said.told_to(Audience.STAFF) or "")
    reactions.drain(at=at + timedelta(minutes=1))
    document = Document.objects.get(chain_id=sale.line.order_id)
    assert document.context["note"] == "Margin scheme, second-hand goods: no VAT is shown."
