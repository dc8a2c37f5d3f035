"""``manage.py import_manifest``: a client's list of what is coming, from a CSV or XLSX file."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from itad import queries
from itad.manifests import refusals
from itad.manifests.columns import FIELDS, Columns
from itad.models import ManifestRun, ManifestStatus
from itad.services import manifests
from revlog.accounts import actors
from revlog.accounts import queries as parties
from revlog.accounts.models import Hub, Organization
from revlog.common import clock, tables
from revlog.common.errors import DomainError
from revlog.common.progress import Bar

BY = actors.system("import_manifest")


class Command(BaseCommand):
    help = (
        "Announce the units of a client's list (CSV or XLSX). Which column means what is told by its heading, by what was saved for the "
        "client, or by --map. It may be stopped at any moment: the same command goes on where it was, and once more finds everything known."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--client", required=True, help="code of the organization whose units these are")
        parser.add_argument(
            "--hub", default="", help="code of the site they come to; without it the client's last one, else the first"
        )
        parser.add_argument(
            "--contract", default="", help="what allows wiping, selling or destroying them; may be said later"
        )
        parser.add_argument("--reference", default="", help="number of the job")
        parser.add_argument(
            "--map", action="append", default=[], metavar="FIELD=HEADING",
            help=f"which column is which, once a field ({', '.join(FIELDS)}); it is saved for the client",
        )  # fmt: skip
        parser.add_argument(
            "--mapping", default="", help="name under which the columns are saved for the client, or were saved before"
        )
        parser.add_argument(
            "--columns", action="store_true", help="only say which columns are found and what they mean, with samples"
        )
        parser.add_argument(
            "--refused", type=Path, help="write the refused rows to this CSV file, to be mended and sent again"
        )
        parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")

    @override
    def handle(self, *_args: Any, **options: Any) -> None:
        started = time.monotonic()
        try:
            run = self.taken(options)
        except DomainError as refusal:
            lines = "\n".join(f"  {reason.sentence}" for reason in list(refusal.reasons)[:50])
            raise CommandError(f"Nothing more was taken in:\n{lines}") from None
        if run is None:
            return
        self.told(run, options["refused"])
        if options["json"]:
            seconds = round(time.monotonic() - started, 2)
            self.stdout.write(json.dumps(manifests.figures(run) | {"seconds": seconds}))

    def taken(self, options: dict[str, Any]) -> ManifestRun | None:
        client = parties.organization(options["client"])
        if client is None:
            raise CommandError(f"There is no organization with the code {options['client']!r}.")
        path: Path = options["file"]
        try:
            if path.stat().st_size > tables.MOST_BYTES:
                raise CommandError(f"{path} has more than {tables.MOST_BYTES // (1024 * 1024)} MB; split it.")
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        columns = self.columns(options, client)
        found = manifests.read(data, client=client, columns=columns)
        if options["columns"]:
            self.listed(found)
            return None
        at = clock.now()
        name = options["mapping"]
        if columns is None:
            columns = found.parts[0].columns
            name = name or ("" if columns in manifests.saved_columns(client) else manifests.name_for(client))
        elif not name and columns not in manifests.saved_columns(client):
            name = manifests.name_for(client)
        if name:
            manifests.save_columns(client, columns, name=name, by=BY, at=at)
        run = manifests.begin(
            data=data, name=path.name, client=client, hub=self.hub(options["hub"], client), columns=columns,
            mapping_name=name, contract=options["contract"], reference=options["reference"], by=BY, at=at,
        )  # fmt: skip
        if run.position:
            sys.stderr.write(f"Going on behind row {run.position:,} of {run.rows:,}.\n")
        run = manifests.go_on(run, at=at)
        bar = Bar()
        try:
            run = manifests.carry_on(run, data=data, progress=bar, by=BY, at=at)
        except (KeyboardInterrupt, SystemExit) as ended:
            bar.end()
            run = manifests.stopped(run, by=BY, at=clock.now())
            sys.stderr.write(
                f"Stopped behind row {run.position:,} of {run.rows or '?'}; the same command goes on from there.\n"
            )
            sys.exit(130 if isinstance(ended, KeyboardInterrupt) else ended.code)
        bar.end()
        if run.status != ManifestStatus.DONE:
            raise CommandError(
                f"Somebody stopped it behind row {run.position:,} of {run.rows:,}; the same command goes on from there."
            )
        return run

    def columns(self, options: dict[str, Any], client: Organization) -> Columns | None:
        """What --map says, else what was saved under --mapping, else nothing."""
        told: dict[str, str] = {}
        for each in options["map"]:
            field, mark, heading = each.partition("=")
            if not mark or field not in FIELDS or not heading.strip():
                raise CommandError(f"--map takes FIELD=HEADING with one of {', '.join(FIELDS)}, not {each!r}.")
            told[field] = heading.strip()
        if told:
            columns = Columns(told)
            if wrong := columns.problems():
                raise CommandError("\n".join(reason.sentence for reason in wrong))
            return columns
        if options["mapping"]:
            row = client.manifest_mappings.filter(name=options["mapping"]).first()
            return Columns(row.columns) if row is not None else None
        return None

    def hub(self, code: str, client: Organization) -> Hub:
        found = queries.manifest_hub(client, code=code, by=BY)
        found = found or (None if code else queries.manifest_hubs(BY).first())
        if found is not None:
            return found
        if not code:
            raise CommandError("There is no site to which units could come; set one up first.")
        known = ", ".join(hub.code for hub in queries.manifest_hubs(BY))
        raise CommandError(f"There is no site {code!r}; there are {known}.")

    def listed(self, found: Any) -> None:  # noqa: ANN401
        for part in found.parts:
            self.stdout.write(f"{part.sheet.name or 'The file'}: columns named on line {part.head.line}")
            meant = {heading: field for field, heading in part.columns.headings.items()}
            for heading, samples in zip(part.head.names, part.samples(), strict=True):
                self.stdout.write(f"  {meant.get(heading, '-'):<13} {heading}: {', '.join(samples) or '-'}")

    def told(self, run: ManifestRun, refused: Path | None) -> None:
        say = sys.stderr.write
        say(
            f"{run.rows:,} rows of {run.client.name} for {run.hub.name}: {run.created:,} new, {run.matched:,} known already, "
            f"{run.refused:,} refused. Columns: {', '.join(f'{field} = {heading}' for field, heading in run.columns.items())}.\n"
        )
        for code, told in run.warnings:
            say(f"  {refusals.warned(code, told)}\n")
        rows = manifests.refused_rows(run)
        for row in rows[:20]:
            say(f"  line {queries.manifest_place(row)}: {refusals.refused(row.reason, row.told)}\n")
        if len(rows) > 20:
            say(f"  ... and {len(rows) - 20:,} more\n")
        if refused is not None:
            refused.write_text(manifests.refused_csv(run), encoding="utf-8-sig")
