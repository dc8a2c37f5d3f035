"""The certificate of recycling follows from the closing of a batch, once, and says its balance to the gram."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from recycling.services import batches
from revlog.custody.models import Entry
from revlog.custody.services import reactions
from revlog.evidence.models import Document
from revlog.evidence.services import artifacts
from tests.cast import Cast
from tests.factories import recycling as heap


@pytest.mark.django_db(transaction=True)
def test_a_closed_batch_gets_one_signed_certificate(at: datetime) -> None:
    from tests import cast as casting

    cast: Cast = casting.make()
    batch = heap.weighed(cast, 4800)
    batches.send_out(
        batch=batch,
        stream="ferrous",
        grams=4750,
        treatment="R4",
        vendor=heap.vendor(),
        price_per_kilo=Decimal("0.2"),
        by=cast.pavel,
        at=at,
    )
    batches.close(batch=batch, by=cast.aisha, at=at)

    reactions.drain(at=at + timedelta(minutes=1))
    reactions.drain(at=at + timedelta(minutes=2))

    document = Document.objects.get(chain_id=batch.pk)
    closed = Entry.objects.get(chain_id=batch.pk, kind="recycling.batch_closed")
    assert (document.kind, document.sequence) == ("certificate_of_recycling", closed.sequence)
    assert document.context["balance"]["received_grams"] == 4800
    assert document.context["balance"]["loss_grams"] == 50
    assert artifacts.read(document.artifact).startswith(b"%PDF")
