"""``manage.py rebuild_projections``: throw the figures away and make them again from the ledger."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from typing_extensions import override

from reporting.services import projections
from revlog.common import clock
from revlog.custody.services import sequencer


class Command(BaseCommand):
    help = "Rebuild every figure of the dashboards from the ledger; --follow only reads on from where they stand."

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--follow", action="store_true", help="read on instead of starting anew")

    @override
    def handle(self, *args: Any, follow: bool = False, **options: Any) -> None:
        began = time.monotonic()
        sequencer.sequence_now()
        if follow:
            said = f"{projections.catch_up(at=clock.now())} entries read"
        else:
            done = projections.rebuild(at=clock.now())
            said = f"{done.units} units, {done.rows} rows, the log up to {done.position}"
        self.stdout.write(f"{said}, {time.monotonic() - began:.1f} s")
