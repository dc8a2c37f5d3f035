"""Net and tax of a document: rounded once for each rate, adding up to the cent."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from returns import taxing
from revlog.common import money
from revlog.terms.vat import Treatment

D = Decimal
NL, LOW, MARGIN = Treatment("standard", D(21)), Treatment("reduced", D("5.5")), Treatment("margin")
CENTS = st.integers(0, 10**8).map(lambda cents: D(cents) / 100)
LINES = st.lists(st.tuples(CENTS, st.sampled_from([NL, LOW, MARGIN, Treatment()])), max_size=30)


@settings(max_examples=60, deadline=None)
@given(LINES, st.sampled_from(["EUR", "JPY"]))
def test_lines_add_up_to_the_sums_and_the_sums_to_the_document(
    lines: list[tuple[Decimal, Treatment]], currency: str
) -> None:
    told = [(amount.quantize(money.quantum(currency)), treatment) for amount, treatment in lines]
    found = taxing.split(told, currency)
    sums = taxing.sums(found)

    assert [one.gross for one in found] == [amount for amount, _treatment in told]
    assert sum(one.gross for one in sums) == sum(amount for amount, _treatment in told)
    for one in sums:
        mine = [amount for amount, treatment in told if treatment == one.treatment]
        assert one.tax == taxing.tax_in(sum(mine, D(0)), one.treatment, currency)
    for (amount, treatment), one in zip(told, found, strict=True):
        exact = amount * treatment.percent / (100 + treatment.percent)
        assert abs(one.tax - exact) < 2 * money.quantum(currency)
        assert one.tax >= 0
        assert one.net >= 0


def test_the_tax_of_many_small_lines_is_that_of_their_sum() -> None:
    # Rounded line by line it were 10 times 0.02, that is 0.20; of 1.00 it is 0.17.
    found = taxing.split([(D("0.10"), NL)] * 10, "EUR")

    assert sum(one.tax for one in found) == D("0.17")
    assert sorted({one.tax for one in found}) == [D("0.01"), D("0.02")]


def test_half_a_cent_is_rounded_up_as_tax_offices_do() -> None:
    assert taxing.tax_in(D("0.03"), Treatment("standard", D(20)), "EUR") == D("0.01")
    assert taxing.tax_in(D("999.00"), MARGIN, "EUR") == 0
