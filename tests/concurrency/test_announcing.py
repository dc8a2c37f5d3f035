"""The same form sent twice at once makes one return; without its key it would make two."""

from __future__ import annotations

import uuid

import pytest

from returns.models import Rma
from returns.services import announcing, opening
from revlog.common import clock
from tests import cast as casting
from tests.cast import Cast
from tests.concurrency.test_receiving import race
from tests.factories import returns, terms


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return casting.make()


def test_without_a_key_a_double_click_makes_two(people: Cast) -> None:
    at = clock.now()
    order = terms.order(people, "PS-1", terms.cable_line(), at=at)
    wish, by = returns.wish(order), returns.kim(order)

    race([lambda: opening.open_rma(order=order, wishes=[wish], by=by, at=at)] * 2)

    assert Rma.objects.count() == 2


def test_with_its_key_it_makes_one(people: Cast) -> None:
    at = clock.now()
    order = terms.order(people, "PS-1", terms.cable_line(), at=at)
    wish, by, key = returns.wish(order), returns.kim(order), uuid.uuid4()

    gave = race([lambda: announcing.announce(key=key, order=order, wishes=[wish], by=by, at=at)] * 2)

    rma = Rma.objects.get()
    assert gave == [[rma], [rma]]
