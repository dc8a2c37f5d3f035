"""How a line is taxed: by the seller's word, else by where it went and to whom, at the rate of its day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from revlog.terms import ruling, vat
from revlog.terms.vat import Sold, Treatment

D = Decimal
DAY = date(2026, 10, 20)


@pytest.mark.parametrize(
    ("told", "tax", "rate"),
    [
        ({"seller": "NL"}, "standard", D(21)),
        ({"seller": "NL", "buyer": "NL", "buyer_vat_id": "NL1"}, "standard", D(21)),
        ({"seller": "NL", "buyer": "ES", "buyer_vat_id": "ES1"}, "intra_community", None),
        ({"seller": "NL", "buyer": "ES"}, "standard", D(21)),
        ({"seller": "NL", "buyer": "US"}, "export", None),
        ({"seller": "DE", "on": date(2020, 12, 31)}, "standard", D(16)),
        ({"seller": "DE", "on": date(2021, 1, 1)}, "standard", D(19)),
        ({"seller": "NL", "tax": "reduced"}, "reduced", D(9)),
        ({"seller": "NL", "tax": "standard", "rate": D("20.5")}, "standard", D("20.5")),
        ({"seller": "NL", "buyer": "ES", "buyer_vat_id": "ES1", "tax": "margin"}, "margin", None),
        # What nobody can know stays open: no country, or one without a rate on that day.
        ({}, "", None),
        ({"seller": "JP"}, "", None),
        ({"seller": "DE", "on": date(2006, 1, 1)}, "", None),
    ],
)
def test_a_line_is_taxed_as_its_seller_said_else_by_place_and_day(
    told: dict[str, Any], tax: str, rate: Decimal | None
) -> None:
    assert vat.treatment(Sold(**{"on": DAY, **told}), vat.SHIPPED) == Treatment(tax, rate)


def test_what_is_untold_may_be_left_to_nobody_and_a_border_to_the_tax_adviser() -> None:
    silent = {**vat.SHIPPED, "parameters": {"untold": "nothing"}}
    assert vat.treatment(Sold(seller="NL", on=DAY), silent) == Treatment()
    other = {**vat.SHIPPED, "parameters": {"cross_border": "reverse_charge"}}
    across = Sold(seller="NL", buyer="ES", buyer_vat_id="ES1", on=DAY)
    assert vat.treatment(across, other) == Treatment("reverse_charge")


@pytest.mark.parametrize(
    "body",
    [
        {"parameters": {"untold": "guess"}},
        {"parameters": {"more": "x"}},
        {"eu": ["Spain"]},
        {"rates": {"DE": [{"from": "soon", "standard": "19"}]}},
        {"rates": {"DE": [{"from": "2021-01-01"}]}},
        {"rates": {"DE": [{"from": "2021-01-01", "standard": "190"}]}},
    ],
)
def test_rules_for_vat_that_say_nothing_sensible_are_not_published(body: dict[str, Any]) -> None:
    assert ruling.problems(body, ruling.kind(vat.KIND))
