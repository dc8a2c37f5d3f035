"""``journey_doc [--write]``: print docs/journey.md as the code has it, or write it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from typing_extensions import override

from revlog.pages import journey


class Command(BaseCommand):
    help = "Render docs/journey.md from the code."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        text = journey.document()
        if options["write"]:
            (settings.ROOT / "docs" / "journey.md").write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text)
