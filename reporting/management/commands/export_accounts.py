"""``manage.py export_accounts``: hand the books over to the accountant up to a day, or write a run's files again."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from reporting.accounting import journal
from reporting.models import AccountingRun
from reporting.services import accounting
from revlog.accounts import actors
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.evidence.services import artifacts

BY = actors.system("export_accounts")


class Command(BaseCommand):
    help = (
        "Export all postings up to a day as one run for the accountant; or, with --run, write the files of a run again."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--until", type=date.fromisoformat, help="the last day, like 2026-10-31")
        what.add_argument("--run", type=int, help="number of a run that was made")
        parser.add_argument("--since", type=date.fromisoformat, help="checked: the day after the last run")
        parser.add_argument("--out", type=Path, help="folder into which the files are written")
        parser.add_argument("--dry-run", action="store_true", help="say what it would hold, and make nothing")
        parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")

    @override
    def handle(self, *_args: Any, **options: Any) -> None:
        if options["dry_run"] and options["until"] is not None:
            self._would(options)
            return
        try:
            run = self._run(options)
        except DomainError as refusal:
            lines = "\n".join(f"  {reason.sentence}" for reason in refusal.reasons)
            raise CommandError(f"No run was made:\n{lines}") from None
        files = self._written(run, options["out"]) if options["out"] is not None else []
        told = {
            "run": run.number,
            "since": run.since.isoformat(),
            "until": run.until.isoformat(),
            "postings": run.postings,
            "late": run.late,
            "sums": run.sums,
            "currency": run.currency,
            "journal": run.journal.digest,
            "datev": run.datev.digest if run.datev is not None else None,
            "files": files,
        }
        if options["json"]:
            self.stdout.write(json.dumps(told))
            return
        self.stdout.write(f"Run {run.number}, {run.since} to {run.until}: {run.postings} postings")
        for book, total in run.by_book:
            self.stdout.write(f"  {book}: {total} {run.currency}")
        for name in files:
            self.stdout.write(f"  {name}")

    def _run(self, options: dict[str, Any]) -> AccountingRun:
        if options["run"] is None:
            return accounting.export(until=options["until"], since=options["since"], by=BY, at=clock.now())
        row = AccountingRun.objects.filter(number=options["run"]).select_related("journal", "datev").first()
        if row is None:
            raise CommandError(f"There is no run {options['run']}.")
        return row

    def _would(self, options: dict[str, Any]) -> None:
        shown = accounting.preview(until=options["until"], since=options["since"], at=clock.now())
        told = {
            "since": shown.since.isoformat() if shown.since else None,
            "until": shown.until.isoformat(),
            "postings": sum(one.postings for one in shown.waiting),
            "sums": {book: str(total) for book, total in shown.sums.items()},
            "reasons": [reason.sentence for reason in shown.reasons],
        }
        self.stdout.write(json.dumps(told) if options["json"] else "\n".join(f"{key}: {told[key]}" for key in told))

    def _written(self, run: AccountingRun, folder: Path) -> list[str]:
        folder.mkdir(parents=True, exist_ok=True)
        names = []
        for kind, artifact in (("journal", run.journal), ("datev", run.datev)):
            if artifact is not None:
                path = folder / journal.filename(run.number, kind)
                path.write_bytes(artifacts.read(artifact))
                names.append(str(path))
        return names
