"""``manage.py import_orders``: past orders and returns from a CSV file by a mapping; or, without one, orders in our own columns."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from returns import queries as returns
from returns.imports import mapping as mappings
from returns.imports import reading, refusals
from returns.models import ImportRun, RowOutcome, RunStatus
from returns.services import importing
from revlog.accounts import actors, queries
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.progress import Bar
from revlog.terms.services import importing as plain

BY = actors.system("import_orders")


class Command(BaseCommand):
    help = (
        "Import past orders, and with --mapping their returns, from a .csv or .csv.gz file. It may be stopped at any moment: the same "
        "command goes on where it was, and once more changes nothing. Without --mapping the file has our own columns."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping",
            default="",
            help=f"a TOML file, or one of those that come with Revlog: {', '.join(mappings.shipped())}",
        )
        parser.add_argument("--seller", default="", help="code of the organization that sold; a mapping may name one")
        parser.add_argument(
            "--zone", default="UTC", help="zone of dates without a time, like Europe/Amsterdam; a mapping names its own"
        )
        parser.add_argument(
            "--list",
            choices=RowOutcome.values,
            default="",
            help="then list these rows of the file, each with its reason",
        )
        parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")

    @override
    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if not options["mapping"]:
                self.plainly(options)
                return
            run = self.mapped(options)
        except DomainError as refusal:
            lines = "\n".join(f"  {reason.sentence}" for reason in list(refusal.reasons)[:50])
            raise CommandError(f"Nothing more was imported:\n{lines}") from None
        if options["list"]:
            self.listed(run, RowOutcome(options["list"]))
        if options["json"]:
            self.stdout.write(json.dumps(importing.figures(run)))

    def mapped(self, options: dict[str, Any]) -> ImportRun:
        mapping = mappings.named(options["mapping"])
        source = reading.opened(options["file"])
        at = clock.now()
        seller = importing.seller_for(mapping, code=options["seller"], by=BY, at=at)
        run = importing.begin(source=source, mapping=mapping, seller=seller, by=BY, at=at)
        say = sys.stderr.write
        if run.status == RunStatus.DONE:
            say(f"This file was imported on {run.finished_at:%Y-%m-%d %H:%M} UTC; nothing was changed.\n")
            return run
        if run.position:
            say(f"Going on behind row {run.rows_done:,} of {run.rows:,}.\n")
        run = importing.go_on(run, by=BY, at=at)
        bar = Bar()
        try:
            run = importing.carry_on(run, source=source, mapping=mapping, progress=bar, by=BY, at=at)
        except (KeyboardInterrupt, SystemExit) as ended:
            bar.end()
            run = importing.stopped(run, by=BY, at=clock.now())
            say(f"Stopped behind row {run.rows_done:,} of {run.rows or '?'}; the same command goes on from there.\n")
            sys.exit(130 if isinstance(ended, KeyboardInterrupt) else ended.code)
        bar.end()
        if run.status != RunStatus.DONE:
            raise CommandError(
                f"Somebody stopped it behind row {run.rows_done:,} of {run.rows:,}; the same command goes on from there."
            )
        told = importing.figures(run)
        say(
            f"{told['order_lines']:,} lines of orders ({told['order_total']} {run.currency}), {told['return_lines']:,} of returns "
            f"({told['return_total']} {run.currency}): {told['matched']:,} matched, {told['unmatched']:,} not. "
            f"{told['refused']:,} rows refused. {run.known:,} lines were here already.\n"
        )
        return run

    def listed(self, run: ImportRun, outcome: RowOutcome) -> None:
        """One line a row: where it stands, what it says, and why it is here."""
        for row in returns.rows_of(run, outcome).iterator(chunk_size=2000):
            cells = [
                f"line {row.line}",
                row.document,
                row.customer or "-",
                row.sku,
                "-" if row.quantity is None else str(row.quantity),
                "-" if row.price is None else f"{row.price:.2f}",
                refusals.sentence(row.reason, row.told) if row.reason else "matched",
            ]
            self.stdout.write("\t".join(cells))

    def plainly(self, options: dict[str, Any]) -> None:
        """The file in our own columns: all of it or nothing."""
        if not options["seller"]:
            raise CommandError("Say whose orders these are with --seller, or how the file is read with --mapping.")
        seller = queries.organization(options["seller"])
        if seller is None:
            raise CommandError(f"There is no organization with the code {options['seller']!r}.")
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                done = plain.import_csv(file, seller=seller, by=BY, at=clock.now(), zone=options["zone"])
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        except DomainError as refusal:
            lines = "\n".join(f"  {reason.sentence}" for reason in refusal.reasons)
            raise CommandError(f"Nothing was imported:\n{lines}") from None
        self.stdout.write(f"{len(done.placed)} orders imported, {len(done.known)} were here already.")
