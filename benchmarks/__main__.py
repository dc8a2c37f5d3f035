"""``make bench``: every figure and its reference in one run; a table out, and benchmarks/results/latest.json."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def prepare() -> None:
    """An instance of its own: services, tables, the stable organizations."""
    import revlog.embedded

    revlog.embedded.attach()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revlog.settings.dev")
    os.environ["REVLOG_LOG_LEVEL"] = "ERROR"
    for command in (["migrate", "--no-input", "--verbosity", "0"], ["prepare"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True)
    import django

    django.setup()


def figures(wanted: list[str]) -> Iterator[Callable[[], list[object]]]:
    from benchmarks import api, documents, ledger, moves, reports, starting

    table: dict[str, Callable[[], list[object]]] = {
        "S1": lambda: [moves.one_at_a_time()],
        "S2": lambda: [moves.a_thousand()],
        "S3": api.create,
        "S4": api.look_up,
        "S5": api.move,
        "S9": reports.accept_and_read,
        "S10": reports.grade_and_decide,
        "S11": documents.certificate,
        "S13": api.bulk,
        "S15": ledger.verify,
        "S16": starting.start,
        "S17": api.memory,
    }
    for name, act in table.items():
        if not wanted or name in wanted:
            yield act


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("figure", nargs="*", help="S1, S2 ...; all when none is named")
    options = parser.parse_args()
    prepare()
    rows = []
    print(f"{'':34} {'ours':>12} {'reference':>12} {'ratio':>8}  goal")
    for act in figures(options.figure):
        for row in act():
            rows.append(row)
            reference = f"{row.reference:,.1f}" if row.reference is not None else "—"
            ratio = f"{row.ratio:.2f}" if row.ratio is not None else "—"
            print(
                f"{row.name:34} {row.ours:>12,.1f} {reference:>12} {ratio:>8}  {row.goal}  {row.unit}  {row.note}",
                flush=True,
            )
    target = ROOT / "benchmarks" / "results" / "latest.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([row.as_row() for row in rows], indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
