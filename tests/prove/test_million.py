"""With 1,000,000 units in the database: the list of units, the scan and the board are as quick as promised, and no page asks for more."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.platforms import ROOT, Platform
from tests.prove.results import keep

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("faults")]
UNITS = int(os.environ.get("REVLOG_PROVE_UNITS") or 1_000_000)
ENTRY = (
    "import sys, revlog.celery, django; django.setup(); from benchmarks import million; million.main(int(sys.argv[1]))"
)
MOST_SECONDS = 15 * 60
BASELINE = Path(__file__).with_name("page_queries.json")
"""How many questions each page asks. It only shrinks: write it again with REVLOG_WRITE_BASELINE=1 where that is meant."""


@pytest.fixture(scope="module")
def measured() -> Any:
    """Services and tables of its own, no worker beside: what it measures isn't shared with it."""
    folder = Path(tempfile.mkdtemp(prefix="platform-"))
    folder.chmod(0o755)
    made = Platform(folder)
    try:
        made.lay()
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", ENTRY, str(UNITS)], cwd=ROOT, env=made.environment,
            capture_output=True, text=True, timeout=MOST_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
        found = json.loads(done.stdout.splitlines()[-1])
        keep("million", found)
        yield found
    finally:
        made.end()
        shutil.rmtree(folder, ignore_errors=True)


def test_the_board_answers_in_300_ms(measured: dict[str, Any]) -> None:
    assert {name: took for name, took in measured["board"].items() if took > 300} == {}


def test_a_page_of_units_costs_the_same_wherever_it_is(measured: dict[str, Any]) -> None:
    # Beside it stands ``to_bare``: an answer of ours says forty things of each unit, the bare one seven.
    assert measured["S6"]["deep_to_first"] <= 1.2


def test_a_scan_is_answered_within_three_times_an_empty_page(measured: dict[str, Any]) -> None:
    assert measured["S8"]["ratio"] <= 3


def test_no_page_asks_the_database_more_than_it_did(measured: dict[str, Any]) -> None:
    if os.environ.get("REVLOG_WRITE_BASELINE"):
        BASELINE.write_text(json.dumps(measured["queries"], indent=1) + "\n")
    kept = json.loads(BASELINE.read_text())
    assert set(kept) == set(measured["queries"])
    assert {name: (n, kept[name]) for name, n in measured["queries"].items() if n > kept[name]} == {}
