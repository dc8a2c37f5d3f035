"""Rules as files: written out, or read in as a draft that a person publishes."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from revlog.accounts import actors, queries
from revlog.common import clock
from revlog.common.errors import DomainError
from revlog.terms import queries as terms
from revlog.terms import ruling
from revlog.terms.services import rules


class Command(BaseCommand):
    help = "Write the rules in force to a file, or read a file as a draft."

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["export", "import"])
        parser.add_argument("kind", help=f"one of {', '.join(ruling.kinds())}")
        parser.add_argument("file", type=Path)
        parser.add_argument("--organization", default="", help="code of whose rules; everybody's when left out")
        parser.add_argument("--note", default="", help="what changes, and why; for import")

    @override
    def handle(self, *_args: Any, **options: Any) -> None:
        kind, file, code = options["kind"], options["file"], options["organization"]
        if kind not in ruling.kinds():
            raise CommandError(f"There are no rules called {kind!r}; known are {', '.join(ruling.kinds())}.")
        owner = queries.organization(code) if code else None
        if code and owner is None:
            raise CommandError(f"There is no organization with the code {code!r}.")
        at = clock.now()
        try:
            if options["act"] == "export":
                found = terms.in_force(kind, at=at, organization=owner.pk if owner else None)
                file.write_text(json.dumps(found.body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
                self.stdout.write(f"Version {found.version} of {kind} written to {file}.")
                return
            row = rules.draft(
                kind=kind,
                body=json.loads(file.read_text(encoding="utf-8")),
                organization=owner.pk if owner else None,
                note=options["note"] or file.name,
                by=actors.system("rules"),
                at=at,
            )
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from None
        except DomainError as refusal:
            lines = "\n".join(f"  {reason.sentence}" for reason in refusal.reasons)
            raise CommandError(f"Nothing was drafted:\n{lines}") from None
        except (ValueError, RecursionError):
            raise CommandError(f"{file} is no JSON.") from None
        self.stdout.write(f"Drafted as {row.pk}; a person publishes it.")
