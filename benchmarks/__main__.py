"""``make bench``: every figure and its reference in one run; a table out, and benchmarks/results/latest.json."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST = 1_000_000


def prepare(*, fresh: bool) -> None:
    """An instance of its own: services, tables, the stable organizations; empty, or else every run would start from another size."""
    import revlog.embedded

    external = revlog.embedded.is_external()
    revlog.embedded.attach()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "revlog.settings.dev")
    os.environ["REVLOG_LOG_LEVEL"] = "ERROR"
    if fresh and not external:
        _empty()
    for command in (["migrate", "--no-input", "--verbosity", "0"], ["prepare"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    import django

    import revlog.celery

    django.setup()


def _empty() -> None:
    """Only ever what is embedded under the benchmarks' own folder."""
    from psycopg2 import connect

    with connect(os.environ["DATABASE_OWNER_URL"]) as link, link.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")


def figures(wanted: list[str], most: int) -> Iterator[Callable[[], list[object]]]:
    """Small tables first, then a million units, and on them what ought to be as fast as on few."""
    from benchmarks import (
        api,
        bulk,
        documents,
        foretelling,
        ledger,
        memory,
        moves,
        plans,
        policy,
        prices,
        reports,
        risk,
        rmas,
        starting,
    )  # fmt: skip

    table: dict[str, Callable[[], list[object]]] = {
        "S1": lambda: [moves.one_at_a_time()],
        "S2": lambda: [moves.a_thousand()],
        "S9": lambda: [*reports.accept_and_read()],
        "S10": lambda: [*reports.grade_and_decide()],
        "S11": lambda: [*documents.certificate()],
        "policy": lambda: [*policy.evaluate(), *policy.sandbox()],
        "returns": lambda: [*risk.pages()],
        "plans": lambda: [*plans.figures()],
        "foretelling": lambda: [*foretelling.answers()],
        "prices": lambda: [*prices.book(most)],
        "S15": lambda: [*ledger.verify()],
        "S16": lambda: [*starting.start()],
        "S17": lambda: [*memory.worker()],
        "S4": lambda: [*api.look_up(most)],
        "S6": lambda: [*api.pages(most)],
        "S3": lambda: [*api.create()],
        "S5": lambda: [*api.move()],
        "S7": lambda: [*rmas.flow()],
        "S13": lambda: [*bulk.take_in()],
    }
    if unknown := [name for name in wanted if name not in table]:
        sys.exit(f"There is no {', '.join(unknown)}; there are {', '.join(table)}.")
    for name, act in table.items():
        if not wanted or name in wanted:
            yield act


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("figure", nargs="*", help="S1, S2 ...; all when none is named")
    parser.add_argument(
        "--units", type=int, default=MOST, help="the most units that look-ups are measured at (1000000)"
    )
    parser.add_argument("--keep", action="store_true", help="go on with the database of the run before")
    options = parser.parse_args()
    # Told to stop, it stops the processes that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    prepare(fresh=not options.keep)
    rows = []
    print(f"{'':38} {'ours':>10} {'reference':>10} {'ratio':>6}  goal")
    for act in figures(options.figure, options.units):
        for row in act():
            rows.append(row)
            reference = f"{row.reference:,.1f}" if row.reference is not None else "—"
            ratio = f"{row.ratio:.2f}" if row.ratio is not None else "—"
            print(
                f"{row.name:38} {row.ours:>10,.1f} {reference:>10} {ratio:>6}  {row.goal}  [{row.unit}] {row.note}",
                flush=True,
            )
    target = ROOT / "benchmarks" / "results" / "latest.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([row.as_row() for row in rows], indent=1) + "\n")
    print(f"{len(rows)} rows in {time.monotonic() - began:.0f} s, written to {target.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
