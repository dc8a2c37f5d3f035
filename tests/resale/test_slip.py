"""The packing slip follows from packing, once, and names no person."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from revlog.custody.services import reactions
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
