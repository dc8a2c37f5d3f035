"""5,000 rows of a client's list by the command, killed on the way and going on; then once more. The result is printed and kept."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.platforms import ROOT, Platform, platform, wait_for
from tests.prove.results import keep

pytestmark = [pytest.mark.prove, pytest.mark.xdist_group("faults")]
ROWS = 5_000
MOST_SECONDS = 60
"""What the import of all of them may take, with all checks and entries (issue 4); the result says what it took."""


def a_list(path: Path, mark: str) -> Path:
    """Half with both numbers, a quarter with each alone; some spoiled, some twice, a total at the end."""
    lines = ["Vega GmbH", "Seriennummer;Inventarnummer;Hersteller;Modell;Gerätetyp"]
    for number in range(ROWS):
        serial, tag = f"{mark}{number:06d}", f"{mark}-{number}"
        if number % 4 == 1:
            serial = ""
        if number % 4 == 2:
            tag = "-"
        if number % 100 == 99:
            serial = "1,23E+15"
        if number % 100 == 50:
            serial, tag = f"{mark}{number - 2:06d}", f"{mark}-{number - 2}"
        lines.append(f"{serial};{tag};Lenovo;ThinkPad T480;Notebook")
    lines.append(f"Summe: {ROWS};;;;")
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    return path


def begun(running: Platform, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_manifest", str(path), "--client", "demo", "--reference", path.stem, "--json"],
        cwd=ROOT, env=running.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> dict[str, float]:
    out, words = process.communicate(timeout=600)
    assert process.returncode == 0, words[-4000:]
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


def counts(running: Platform, mark: str) -> list[int]:
    """Units of the list, names of theirs, entries on their chains, rows kept of it."""
    (row,) = running.ask(
        """
        WITH r AS (SELECT id FROM itad_manifestrun WHERE reference = %s),
             u AS (SELECT DISTINCT k.device_id AS id FROM itad_manifestrow k JOIN r ON r.id = k.run_id WHERE k.device_id IS NOT NULL)
        SELECT (SELECT count(*) FROM u),
               (SELECT count(*) FROM devices_identifier i WHERE i.device_id IN (SELECT id FROM u)),
               (SELECT count(*) FROM custody_entry e WHERE e.chain_id IN (SELECT id FROM u)),
               (SELECT count(*) FROM devices_visit v WHERE v.reference = 'job:' || %s)
        """,
        mark, mark,
    )  # fmt: skip
    return list(row)


def test_5000_rows_are_taken_in_within_a_minute_and_a_kill_loses_and_doubles_nothing(tmp_path: Path) -> None:
    refused = ROWS // 100 * 2
    expected = {"rows": ROWS, "created": ROWS - refused, "matched": 0, "refused": refused}
    with platform(REVLOG_EMBEDDED_DURABLE="1") as running:
        whole = ended(begun(running, a_list(tmp_path / "AA.csv", "AA")))
        assert {key: whole[key] for key in expected} == expected
        assert whole["seconds"] < MOST_SECONDS

        path, kills = a_list(tmp_path / "BB.csv", "BB"), 0
        for rows in (0, 1_500, 3_000):
            process = begun(running, path)
            wait_for(lambda rows=rows: _done(running) > rows, 120, pause=0.1, what="the manifest")  # type: ignore[misc]
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=30)
            kills += 1
        after = ended(begun(running, path))
        assert {key: after[key] for key in expected} == expected
        assert counts(running, "BB") == counts(running, "AA")

        stood, before = counts(running, "AA"), time.monotonic()
        again = ended(begun(running, tmp_path / "AA.csv"))
        once_more = time.monotonic() - before
        assert {key: again[key] for key in expected} == expected | {"created": 0, "matched": ROWS - refused}
        assert counts(running, "AA") == stood
    keep(
        "manifest",
        {
            "figures": expected,
            "seconds": whole["seconds"],
            "seconds_asked": MOST_SECONDS,
            "seconds_once_more": round(once_more, 1),
            "kills": kills,
            "counts": stood,
        },
    )


def _done(running: Platform) -> int:
    rows = running.ask("SELECT position FROM itad_manifestrun WHERE reference = 'BB' ORDER BY started_at DESC LIMIT 1")
    return int(rows[0][0]) if rows else 0
