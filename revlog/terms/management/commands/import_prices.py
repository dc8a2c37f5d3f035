"""``manage.py import_prices FILE``: a price list into the price book; once more changes nothing."""

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
from revlog.terms.services import pricebook

BY = actors.system("import_prices")


class Command(BaseCommand):
    help = (
        "Take a price list (CSV with a header: maker, model, grade, amount; also variant, channel, currency, date, low, high, "
        "observations) into the price book. Lines that can't be taken are told; the same file once more changes nothing."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--source", default="", help="whose list it is, shown beside each price; the file's name if left out"
        )
        parser.add_argument("--currency", default="EUR", help="of lines that name none")
        parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")

    @override
    def handle(self, *_args: Any, **options: Any) -> None:
        file, bar = options["file"], Bar(of="bytes")
        try:
            told = pricebook.import_prices(
                file,
                source=options["source"] or file.name,
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
            found = {"lines": told.lines, "taken": told.taken, "refused_count": told.refused_count, "refused": refused}
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        self.stdout.write(f"{told.taken} of {told.lines} lines taken, {told.refused_count} refused.")
        for each in told.refused[:50]:
            self.stdout.write(f"  line {each.line}: {each.sentence}")
