"""``verify_ledger [--against CHECKPOINTS]``: 0 when every chain, the log and the checkpoints hold, 1 when one doesn't, each named."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from revlog.custody.models import Chain, Entry
from revlog.custody.services import verification


class Command(BaseCommand):
    help = "Check every chain, the log and its checkpoints; name what doesn't hold."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--against", type=Path, metavar="CHECKPOINTS", help="a file of checkpoints that was kept outside"
        )

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        kept = self._kept(options["against"]) if options["against"] else []
        broken = 0
        for found in verification.all_chains():
            broken += 1
            self.stdout.write(str(found))
        for found in (*verification.the_log(), *verification.against(kept)):
            broken += 1
            self.stdout.write(str(found))
        chains, entries = Chain.objects.count(), Entry.objects.count()
        if broken:
            self.stdout.write(f"BROKEN in {broken} places; {chains} chains, {entries} entries looked at.")
            sys.exit(1)
        self.stdout.write(f"Holds: {chains} chains, {entries} entries, {len(kept)} kept checkpoints.")

    def _kept(self, path: Path) -> list[dict[str, Any]]:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            kept = [json.loads(line) for line in lines if line.strip()]
            for each in kept:
                int(each["size"]), str(each["root"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{path} is no file of checkpoints: {error}", returncode=2) from error
        return kept
