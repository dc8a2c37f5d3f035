"""The arithmetic of mass: it closes to the gram, whatever the scales say."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from recycling.balances import Balance
from revlog.common import money

grams = st.integers(min_value=0, max_value=50_000_000)


def balance(opening: int = 0, received: int = 0, out: int = 0, loss: int = 0, closing: int = 0) -> Balance:
    return Balance(opening=opening, received=received, out=out, loss=loss, closing=closing)


@given(grams, grams, grams, grams, grams)
def test_a_settled_balance_closes_to_the_gram(opening: int, received: int, out: int, loss: int, closing: int) -> None:
    settled = balance(opening, received, out, loss, closing).settled()

    assert settled.difference == 0
    assert settled.opening + settled.received == settled.out + settled.loss + settled.closing


@given(st.tuples(grams, grams, grams, grams, grams), st.integers(min_value=0, max_value=20))
def test_it_is_within_tolerance_exactly_when_the_difference_is_that_share_of_what_came(
    weights: tuple[int, int, int, int, int], percent: int
) -> None:
    found = balance(*weights)

    assert found.is_within(Decimal(percent)) == (abs(found.difference) * 100 <= percent * found.came)


@given(
    st.integers(min_value=-10_000_000, max_value=10_000_000),
    st.lists(st.integers(min_value=1, max_value=40_000), min_size=1, max_size=60),
)
def test_what_a_batch_cost_is_shared_to_the_cent(cents: int, weights: list[int]) -> None:
    total = Decimal(cents) / 100

    parts = money.divide(total, weights, "EUR")

    assert sum(parts) == total
    assert all((part <= 0) == (total <= 0) or part == 0 for part in parts)


def test_it_says_how_much_is_missing_in_percent_of_what_came() -> None:
    found = balance(opening=1000, received=9000, out=9700)

    assert (found.difference, found.variance) == (300, Decimal("3.00"))
    assert not found.is_within(Decimal(2))


def test_weight_out_of_nothing_is_never_within_tolerance() -> None:
    assert not balance(out=1).is_within(Decimal(100))
    assert balance(out=1).variance == 100
    assert balance().is_within(Decimal(0))
