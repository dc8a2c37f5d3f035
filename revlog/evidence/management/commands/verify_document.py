"""``verify_document FILE.pdf``: which checks hold and which failed. 0 all hold, 1 one failed, 2 the file can't be read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from typing_extensions import override

from revlog.common import clock
from revlog.common.words import word
from revlog.evidence.pdf import validate
from revlog.evidence.services import checking


class Command(BaseCommand):
    help = "Check a PDF against its signature, the document that was issued, the ledger and the checkpoints."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                data = file.read(validate.LARGEST + 1)
        except OSError as error:
            self.stderr.write(f"{path} can't be read: {error.strerror}.")
            sys.exit(2)
        verdict = checking.check_file(data, at=clock.now())
        if not verdict.is_readable:
            self.stderr.write(f"{path} can't be read. {verdict.failed[0].sentence}")
            sys.exit(2)
        if verdict.document is not None:
            self.stdout.write(f"{verdict.document.number}, {word(verdict.document.kind)}")
        for check in verdict.checks:
            self.stdout.write(f"{'holds ' if check.ok else 'FAILED'}  {word(f'check.{check.name}')}: {check.sentence}")
        if not verdict.holds:
            self.stdout.write(f"FAILED: {', '.join(word(f'check.{check.name}') for check in verdict.failed)}.")
            sys.exit(1)
        self.stdout.write("Everything holds.")
