"""Store credit at a shop's till: looked up, spent once a key, by whom it belongs to alone."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache

from returns.models import CreditUse, StoreCredit
from returns.services.attempts import WRONG_CODES
from revlog.common import clock
from tests.api.callers import caller, problem
from tests.cast import Cast
from tests.returns.test_outcomes import came, opened, ruled


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def credit(cast: Cast) -> StoreCredit:
    ruled(cast, clock.now(), bonus_percent="10")
    came(cast, opened(cast, "credit", clock.now()), clock.now())
    return StoreCredit.objects.get()


def use(**changes: Any) -> dict[str, Any]:
    return {"key": "till-7/118", "amount": "93.90", "currency": "EUR", "reference": "WEB-118"} | changes


def test_it_is_looked_up_and_spent_once_a_key(cast: Cast, credit: StoreCredit) -> None:
    shop = caller(cast, organization=cast.retailer)
    way = f"/store-credits/{credit.code}/"

    found = shop.get(way).json()
    assert found["balance"] == {"amount": "493.90", "currency": "EUR"}
    assert found["bonus"] == {"amount": "44.90", "currency": "EUR"}
    for _twice in range(2):
        spent = shop.post(f"{way}uses/", use())
        assert spent.status_code == 201, spent.content
        assert spent.json()["balance"]["amount"] == "400.00"
    assert [one["reference"] for one in spent.json()["uses"]] == ["WEB-118"]
    assert CreditUse.objects.get().amount == Decimal("93.90")


def test_what_cannot_be_spent_is_answered_with_the_reason(cast: Cast, credit: StoreCredit) -> None:
    shop = caller(cast, organization=cast.retailer)
    way = f"/store-credits/{credit.code}/uses/"
    shop.post(way, use())

    assert "Only 400.00 EUR are left" in problem(shop.post(way, use(key="2", amount="400.01")), 409)["detail"]
    assert "another amount" in problem(shop.post(way, use(amount="5")), 409)["detail"]
    assert "is in EUR" in problem(shop.post(way, use(key="3", currency="USD")), 409)["detail"]
    problem(shop.post(way, use(key="4", amount="0")), 422)
    assert CreditUse.objects.count() == 1


def test_only_its_seller_and_the_operator_find_it_and_only_a_key_with_the_scope_spends_it(
    cast: Cast, credit: StoreCredit
) -> None:
    way = f"/store-credits/{credit.code}/"

    problem(caller(cast, organization=cast.vega).get(way), 404)
    problem(caller(cast, "rmas:read", organization=cast.retailer).get(way), 403)
    problem(caller(cast, "credits:read", organization=cast.retailer).post(f"{way}uses/", use()), 403)
    assert caller(cast, "credits:read").get(way).status_code == 200
    assert not CreditUse.objects.exists()


def test_who_guesses_is_told_to_wait_even_with_a_key_of_idempotency(cast: Cast, credit: StoreCredit) -> None:
    shop = caller(cast, organization=cast.retailer)
    for n in range(WRONG_CODES):
        problem(shop.post("/store-credits/GC-2222-2222-2222/uses/", use(), Idempotency_Key=f"g{n}"), 404)

    problem(shop.get(f"/store-credits/{credit.code}/"), 429)
    assert caller(cast, organization=cast.retailer).get(f"/store-credits/{credit.code}/").status_code == 200
