"""``manage.py import_observations FILE --source NAME``: sales and offers of the market, to learn prices from; once more changes nothing."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from revlog.accounts import actors
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.common.progress import Bar
from revlog.terms.services import observing

BY = actors.system("import_observations")


class Command(BaseCommand):
    help = (
        "Take sales or market offers (CSV with a header: maker, model, grade, amount, date; also id, kind, variant, channel, currency, "
        "battery, months) as observations to learn prices from. Lines that can't be taken are told; the same file once more "
        "changes nothing."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="whose sales or offers these are")
        parser.add_argument("--currency", default="EUR", help="of lines that name none")
        parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")

    @override
    def handle(self, *_args: Any, **options: Any) -> None:
        bar = Bar(of="bytes")
        try:
            told = observing.import_observations(
                options["file"],
                source=options["source"],
                currency=options["currency"],
                by=BY,
                at=clock.now(),
                progress=bar,
            )
        except (DomainError, OSError) as refusal:
            raise CommandError(str(refusal)) from None
        finally:
            bar.end()
        if options["json"]:
            refused = [{"line": each.line, "reason": each.sentence} for each in told.refused]
            counts = {"lines": told.lines, "taken": told.taken, "new": told.new, "refused_count": told.refused_count}
            self.stdout.write(json.dumps(counts | {"refused": refused}, ensure_ascii=False))
            return
        self.stdout.write(
            f"{told.taken} of {told.lines} lines taken, {told.new} of them new, {told.refused_count} refused."
        )
        for each in told.refused[:50]:
            self.stdout.write(f"  line {each.line}: {each.sentence}")
