"""All open rows of the UCI retail set by the command, killed on the way and going on; then once more. The result is printed and kept."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.platforms import ROOT, Platform, platform, wait_for
from tests.prove.results import keep
from tests.real import online_retail

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("faults")]
MOST_SECONDS = 180
"""What the import of all of them may take on two cores; the result says what it took."""


def begun(running: Platform, seller: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_orders", str(online_retail.path()), "--mapping", "uci-online-retail",
         "--seller", seller, "--json"],
        cwd=ROOT, env=running.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> dict[str, object]:
    out, words = process.communicate(timeout=900)
    assert process.returncode == 0, words[-4000:]
    found: dict[str, object] = json.loads(out.splitlines()[-1])
    return found


def counts(running: Platform, seller: str) -> list[int]:
    """Orders, their lines, returns, their lines, kept rows: of one seller."""
    (row,) = running.ask(
        """
        WITH s AS (SELECT id FROM accounts_organization WHERE code = %s)
        SELECT (SELECT count(*) FROM terms_order WHERE seller_id = s.id),
               (SELECT count(*) FROM terms_orderline l JOIN terms_order o ON o.id = l.order_id WHERE o.seller_id = s.id),
               (SELECT count(*) FROM returns_rma WHERE seller_id = s.id),
               (SELECT count(*) FROM returns_rmaline l JOIN returns_rma r ON r.id = l.rma_id WHERE r.seller_id = s.id),
               (SELECT count(*) FROM returns_importedrow k JOIN returns_importrun r ON r.id = k.run_id WHERE r.seller_id = s.id)
        FROM s
        """,
        seller,
    )
    return list(row)


def test_all_open_rows_are_imported_in_time_and_a_kill_loses_and_doubles_nothing() -> None:
    expected = online_retail.reckoned().figures()
    with platform(REVLOG_EMBEDDED_DURABLE="1") as running:
        before = time.monotonic()
        assert ended(begun(running, "retailer")) == expected
        whole = time.monotonic() - before

        kills = 0
        for share in (0.15, 0.4, 0.6, 0.85):
            process = begun(running, "demo")
            wait_for(lambda share=share: _share(running) > share, 300, pause=0.2, what="the import")  # type: ignore[misc]
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=30)
            kills += 1
        assert ended(begun(running, "demo")) == expected
        assert counts(running, "demo") == counts(running, "retailer")

        stood, before = counts(running, "retailer"), time.monotonic()
        assert ended(begun(running, "retailer")) == expected
        again = time.monotonic() - before
        assert counts(running, "retailer") == stood
    keep(
        "import",
        {
            "figures": expected,
            "seconds": round(whole, 1),
            "seconds_asked": MOST_SECONDS,
            "seconds_once_more": round(again, 1),
            "kills": kills,
            "rows": stood,
        },
    )


def _share(running: Platform) -> float:
    rows = running.ask(
        "SELECT rows_done, rows FROM returns_importrun r JOIN accounts_organization o ON o.id = r.seller_id WHERE o.code = 'demo'"
    )
    return rows[0][0] / rows[0][1] if rows and rows[0][1] else 0.0
