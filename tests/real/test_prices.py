"""Published tables of used prices: learned on one part of the open rows, tried on another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from triage.pricing import scoring
from triage.pricing.table import Table, read_csv, targets

pytestmark = pytest.mark.slow


def only(folder: Path, column: str) -> Table:
    """The first open table of the set that has the column."""
    found = [read_csv(path) for path in sorted((folder / "open").glob("*.csv"))]
    return next(table for table in found if column in table.columns)


def parted(table: Table, every: int) -> tuple[Table, Table]:
    """All rows but each ``every``-th, and those."""
    held = [row for place, row in enumerate(table.rows) if place % every == 0]
    seen = [row for place, row in enumerate(table.rows) if place % every]
    return Table(columns=table.columns, rows=seen), Table(columns=table.columns, rows=held)


def test_phones_are_priced_clearly_better_than_by_least_squares_and_the_band_covers_what_it_says(
    real_data: Callable[[str], Path],
) -> None:
    from triage.pricing import learning

    target = "normalized_used_price"
    train, test = parted(only(real_data("used-phone-prices"), target), 2)
    truth = targets(test, target)
    learned = learning.learn(train, target)
    bands, plain = learned.predict(test), learning.baseline(train, test, target)
    middles = [band.p50 for band in bands]
    assert 1 - scoring.explained(truth, middles) < 0.95 * (1 - scoring.explained(truth, plain))
    assert scoring.mean_miss(truth, middles) < 0.97 * scoring.mean_miss(truth, plain)
    assert 0.74 <= scoring.covered(truth, bands) <= 0.88


def test_of_one_phone_on_three_channels_the_better_condition_is_dearer(real_data: Callable[[str], Path]) -> None:
    from triage.pricing import learning

    target = "Price in €"
    table = only(real_data("used-iphone13-prices"), "Code").without("Price").without("Condition")
    learned = learning.learn(table, target)
    asked = table.without(target)
    assert list(learned.effect(asked, "Code")) == ["Premium", "Excellent", "Good", "Acceptable"]
    assert set(learned.effect(asked, "Platform")) == {"Amazon", "Back Market", "eBay"}
