"""``manage.py simulate``: a made-up operation drives units through the real verbs."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from revlog.common import clock
from revlog.pages.simulation import run
from revlog.pages.simulation.apart import Progress

END = datetime(2026, 6, 30, 18, 0, tzinfo=UTC)
"""Where a run ends unless told otherwise: a fixed moment, so that one seed gives one ledger whenever it is run."""


def shown(width: int = 40) -> Progress:
    """A bar on stderr, drawn anew only when it grows."""
    last = -1

    def draw(done: int, total: int) -> None:
        nonlocal last
        filled = min(width, done * width // total)
        if filled != last:
            last = filled
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (width - filled)}] {done * 100 // total:3d} %")
            sys.stderr.flush()

    return draw


class Command(BaseCommand):
    help = (
        "Drive units through the real services: returns, client jobs, wipes, repairs, sales, recycling, with all that goes wrong. "
        "One seed on an empty database gives one ledger_digest. It writes on the ledger for good: use a database of its own."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--units", type=int, default=100)
        parser.add_argument("--days", type=int, default=90)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--documents", type=int, default=0, help="make so many of the newest documents; the rest is the worker's"
        )
        parser.add_argument("--end", default=END.isoformat(), help="the last moment, ISO 8601 with zone, or 'now'")
        parser.add_argument(
            "--json", action="store_true", help="end with one JSON line, and print nothing else on stdout"
        )

    @override
    def handle(self, *args: Any, units: int, days: int, seed: int, documents: int, end: str, **options: Any) -> None:
        if not 1 <= units <= 1_000_000 or not 1 <= days <= 3650 or documents < 0:
            raise CommandError("--units is 1 to 1000000, --days 1 to 3650, --documents 0 or more.")
        try:
            until = clock.now() if end == "now" else datetime.fromisoformat(end)
        except ValueError as error:
            raise CommandError(f"--end is a moment such as {END.isoformat()}, or now.") from error
        if until.tzinfo is None:
            raise CommandError("--end needs a zone, such as +00:00.")
        try:
            ran = run.run(units=units, days=days, seed=seed, end=until, documents=documents, progress=shown())
        except run.AlreadyRun as refusal:
            raise CommandError(refusal.sentence) from refusal
        sys.stderr.write("\n")
        for why, times in sorted(ran.refused.items(), key=lambda each: -each[1]):
            sys.stderr.write(f"refused {times} x {why}\n")
        told = {
            "units": ran.units,
            "entries": ran.entries,
            "ended": ran.ended,
            "seconds": ran.seconds,
            "ledger_digest": ran.ledger_digest,
        }
        if options["json"]:
            self.stdout.write(json.dumps(told))
        else:
            for name, value in told.items():
                self.stdout.write(f"{name:14} {value}")
