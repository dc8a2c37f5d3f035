"""The published table of scans and clicks: within what was promised, and each of its rows counted by a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.floor.budget import published

COUNTED = re.compile(r'budget\("(?P<job>[^"]+)"|published\(\)\["(?P<row>[^"]+)"\]')


@pytest.mark.parametrize(
    ("job", "scans", "clicks"),
    [
        ("scan a parcel off a truck", 1, 0),
        ("receive an announced unit, session open", 1, 0),
        ("receive blind, session open", 3, 0),
        ("put a thing away", 2, 0),
        ("move a pallet with 200 things on it", 2, 0),
        ("count a place with three things in it", 1 + 3, 0),
        ("fetch a thing of a list", 1, 0),
        ("freeze a hazard", 1, 1),
    ],
)
def test_no_job_costs_more_than_was_promised(job: str, scans: int, clicks: int) -> None:
    told = published()[job]

    assert told[0] <= scans
    assert told[1] <= clicks


def test_each_row_of_the_table_is_counted_by_a_test_and_each_count_has_its_row() -> None:
    counted = {
        found["job"] or found["row"]
        for path in Path(__file__).parents[1].rglob("test_*.py")
        for found in COUNTED.finditer(path.read_text(encoding="utf-8"))
        if path != Path(__file__)
    }

    assert counted == set(published())
