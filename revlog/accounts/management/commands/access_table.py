"""`manage.py access_table`: is `docs/access.md` what the code says? With ``--write``, make it so."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from revlog.accounts import tables


class Command(BaseCommand):
    help = "Compare the tables of docs/access.md with the code, or write them."
    requires_system_checks: list[str] = []

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write the tables into the page")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        before = tables.PAGE.read_text(encoding="utf-8")
        after = tables.rendered(before)
        if options["write"]:
            tables.PAGE.write_text(after, encoding="utf-8")
        elif before != after:
            raise CommandError("docs/access.md is not what the code says; run manage.py access_table --write.")
