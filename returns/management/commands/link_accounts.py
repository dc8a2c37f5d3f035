"""``manage.py link_accounts``: make the digests by which accounts are compared for whoever returned something before there were any."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from typing_extensions import override

from returns.services.fraud import linking
from revlog.common import clock
from revlog.common.progress import Bar


class Command(BaseCommand):
    help = (
        "Make the digests of addresses, mailboxes and payments of people who returned something in the past, so that their accounts are "
        "compared too. It may be stopped at any moment: the same command goes on where it was, and once more changes nothing."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anew", action="store_true", help="drop all digests first: after REVLOG_SECRET_KEY was changed"
        )
        parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")

    @override
    def handle(self, *_args: Any, **options: Any) -> None:
        bar = Bar(of="contacts")
        try:
            made = linking.build(at=clock.now(), anew=options["anew"], progress=bar)
        finally:
            bar.end()
        if options["json"]:
            self.stdout.write(json.dumps({"contacts": made}))
        else:
            sys.stderr.write(f"{made:,} contacts have digests now that had none.\n")
