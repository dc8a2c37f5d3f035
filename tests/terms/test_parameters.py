"""Figures that a stage reckons with: checked when they are drafted, whole when they are read."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from recycling import parameters
from revlog.common.errors import BadInput
from revlog.terms.services import rules
from tests.cast import Cast


def publish(cast: Cast, at: datetime, **figures: object) -> None:
    row = rules.draft(kind="recycling.parameters", body={"parameters": figures}, by=cast.admin, at=at)
    rules.publish(row, by=cast.maria, at=at)


def test_what_a_version_leaves_out_is_as_shipped(cast: Cast, at: datetime) -> None:
    publish(cast, at, tolerance_percent="1.5")

    given = parameters.in_force(at)
    assert given.tolerance == Decimal("1.5")
    assert given.close_within.days == 30


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("tolerance_percent", "-1", "zero or more"),
        ("tolerance_percent", "some", "zero or more"),
        ("tolerance_percent", None, "zero or more"),
        ("tolerance_percent", True, "zero or more"),
        ("close_within_days", 10**12, "at most 1000000"),
        ("tolerance_precent", "2", "Nothing reads tolerance_precent"),
    ],
)
def test_a_figure_that_nothing_can_reckon_with_is_refused(
    cast: Cast, at: datetime, name: str, value: object, told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        publish(cast, at, **{name: value})


def test_a_fee_above_the_price_is_refused(cast: Cast, at: datetime) -> None:
    body = {"parameters": {"fee_percent_marketplace": "101"}}
    with pytest.raises(BadInput, match="at most 100"):
        rules.draft(kind="resale.parameters", body=body, by=cast.admin, at=at)
