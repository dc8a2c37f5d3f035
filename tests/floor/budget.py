"""Counting what a piece of floor work costs a hand, against the table in ``docs/floor.md``: a job may only shrink."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

from tests.journeys.steps.pages import still

TABLE = Path(__file__).parents[2] / "docs" / "floor.md"
_ROW = re.compile(r"^\| (?P<job>[^|]+?) \| (?P<scans>\d+)[^|]*\| (?P<clicks>\d+)[^|]*\|", re.MULTILINE)


def published() -> dict[str, tuple[int, int]]:
    """Job -> (scans, clicks), as the table says."""
    return {row["job"]: (int(row["scans"]), int(row["clicks"])) for row in _ROW.finditer(TABLE.read_text())}


@dataclass
class Hand:
    """A person with a scanner: what they scan and press is counted."""

    page: Page
    scans: int = 0
    clicks: int = 0

    def scan(self, code: str) -> Locator:
        """Type as a scanner does, wherever the focus is, and wait for the answer."""
        with self.page.expect_response(lambda answer: answer.request.method == "POST"):
            self.page.keyboard.type(code)
            self.page.keyboard.press("Enter")
        still(self.page)
        self.scans += 1
        return self.page.locator("#answer")

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1


@contextmanager
def budget(job: str, page: Page) -> Iterator[Hand]:
    """Within, ``job`` is done once; it fails where it took more, or less, than the table says."""
    hand = Hand(page)
    yield hand
    told = published()
    assert job in told, f"docs/floor.md has no row for “{job}”."
    assert (hand.scans, hand.clicks) == told[job], (
        f"“{job}”: {hand.scans} scans, {hand.clicks} clicks; {told[job]} told"
    )
