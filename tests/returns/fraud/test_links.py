"""Accounts are compared with those of the past too: digests of who returned something before there were any, made once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command

from returns import tasks
from returns.models import Assessment, PersonKey, Review, Rma
from returns.queries import fraud as fraud_queries
from returns.services.fraud import linking
from revlog.terms.services import orders
from tests.cast import Cast
from tests.factories import returns, terms
from tests.returns.fraud.test_reviews import drain, found_out


def test_past_returns_and_other_orders_of_their_people_are_linked_once_and_nobody_else_is(
    cast: Cast, at: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    before = found_out(cast, at, email="old@example.net", name="Old Vos", payment="card-1")
    Rma.objects.filter(pk=before.pk).update(origin="import")
    second = terms.order(cast, "OLD-2", at=at - timedelta(days=20), email="old@example.net", payment="card-2")
    stranger = terms.order(cast, "OLD-3", at=at, email="never@example.net", payment="card-1")
    erased = found_out(cast, at, email="gone@example.net")
    PersonKey.objects.all().delete()
    orders.erase_contact(erased.contact_id, by=cast.admin, at=at)

    linking.BATCH, most = 1, linking.BATCH
    try:
        assert linking.build(at=at, most=1) == 1
        assert tasks.accounts_linked() == 1
    finally:
        linking.BATCH = most
    assert tasks.accounts_linked() == 0
    kinds = {
        contact: set(PersonKey.objects.filter(contact=contact).values_list("kind", flat=True))
        for contact in (before.contact_id, second.contact_id, stranger.contact_id, erased.contact_id)
    }
    assert kinds == {
        before.contact_id: {"address", "mailbox", "payment"},
        second.contact_id: {"address", "mailbox", "payment"},
        stranger.contact_id: set(),
        erased.contact_id: set(),
    }

    kept = set(PersonKey.objects.values_list("contact", "kind", "digest"))
    call_command("link_accounts", "--anew", "--json")
    assert json.loads(capsys.readouterr().out) == {"contacts": 2}
    assert set(PersonKey.objects.values_list("contact", "kind", "digest")) == kept

    # Somebody else pays with the card of an order that was never returned: the two are linked all the same.
    order = terms.order(
        cast, "NEW-1", at=at, email="new@example.net", address=("Weg 9", "9999 ZZ Elders"), payment="card-2"
    )
    rma = returns.rma(cast, order=order, at=at)
    drain(at)
    assert [(one.kind, one.contact) for one in fraud_queries.links(rma)] == [("payment", second.contact_id)]
    codes = {one["code"] for one in Assessment.objects.filter(rma=rma).latest("number").signals}
    assert "same_payment" in codes
    assert not Review.objects.get(rma=rma).held
