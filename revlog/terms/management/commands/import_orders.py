"""Import forward orders from a CSV file: all of them or none, each mistake with its line."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from revlog.accounts import actors, queries
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.terms.services import importing


class Command(BaseCommand):
    help = "Import forward orders from a CSV file."

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--seller", required=True, help="code of the organization that sold")
        parser.add_argument("--zone", default="UTC", help="zone of dates without a time, like Europe/Amsterdam")

    @override
    def handle(self, *_args: Any, **options: Any) -> None:
        seller = queries.organization(options["seller"])
        if seller is None:
            raise CommandError(f"There is no organization with the code {options['seller']!r}.")
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                done = importing.import_csv(
                    file, seller=seller, by=actors.system("import_orders"), at=clock.now(), zone=options["zone"]
                )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        except DomainError as refusal:
            lines = "\n".join(f"  {reason.sentence}" for reason in refusal.reasons)
            raise CommandError(f"Nothing was imported:\n{lines}") from None
        self.stdout.write(f"{len(done.placed)} orders imported, {len(done.known)} were here already.")
