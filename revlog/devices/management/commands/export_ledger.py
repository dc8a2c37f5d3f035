"""``export_ledger TAG --output FILE [--until SEQUENCE]``: the unit's chain with its proof, for the stand-alone verifier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from revlog.accounts.actors import system
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.custody.services import exporting
from revlog.devices import queries


class Command(BaseCommand):
    help = "Write a unit's chain with its proof to a file that `python -m revlog.custody.verifier FILE` checks."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tag", help="the unit's tag, serial or IMEI")
        parser.add_argument("--output", type=Path, required=True)
        parser.add_argument("--until", type=int, help="the last entry to export; the head when left out")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        match = queries.scanned(options["tag"], system("export"))
        if match.is_ambiguous:
            tags = ", ".join(device.tag for device in match.candidates)
            raise CommandError(f"Several units are called {options['tag']}: {tags}. Give the tag.")
        if match.device is None:
            raise CommandError(f"No unit is called {options['tag']}.")
        try:
            data = exporting.export(match.device.id, at=clock.now(), until=options["until"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        try:
            options["output"].write_bytes(data)
        except OSError as error:
            raise CommandError(f"{options['output']} can't be written: {error.strerror}.") from error
