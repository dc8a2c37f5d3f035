"""``ingest_report --json [--dry-run] FILE...``: one JSON line per file, in order, and nothing else on stdout."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand
from typing_extensions import override

from triage.reports import answer, child, encode
from triage.reports.files import content
from triage.reports.normal import UnreadableReport

if TYPE_CHECKING:
    from triage.models import TestReport


class Command(BaseCommand):
    help = "Read test reports: bring them in, or (--dry-run) only say what is in them."
    # Reading needs neither database nor settings in order; a report must not fail on another app's check.
    requires_system_checks = ()

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="one JSON object per file (there is no other form)")
        parser.add_argument("--dry-run", action="store_true", help="read only; needs no database")

    @override
    def handle(self, *args: object, **options: Any) -> None:
        answer_for = look_at if options["dry_run"] else bring_in
        for file in options["files"]:
            self.stdout.write(json.dumps(answer_for(file)))
            self.stdout.flush()


def look_at(file: str) -> dict[str, Any]:
    """The line for one file, with nothing kept."""
    try:
        return answer.answer(child.read_bounded(content(file)), file=file)
    except UnreadableReport as error:
        return answer.refusal(error, file=file)


def bring_in(file: str) -> dict[str, Any]:
    """The line for one file that is kept, read and matched: ingested, unmatched or refused."""
    # Only this way needs a database, and with it the models.
    from revlog.accounts.actors import system  # noqa: PLC0415
    from revlog.common import clock  # noqa: PLC0415
    from triage.services import reports  # noqa: PLC0415

    try:
        data = content(file)
    except UnreadableReport as error:
        return answer.refusal(error, file=file)
    report = reports.receive_now(
        data=data, name=Path(file).name, via="command", by=system("ingest_report"), at=clock.now()
    )
    return line_of(report, file=file)


def line_of(report: TestReport, *, file: str) -> dict[str, Any]:
    """What became of a report, as a line."""
    if report.summary is None:
        refusal = UnreadableReport(report.reason_code, report.reason, report.position or None)
        return answer.refusal(refusal, file=file)
    line = answer.answer(encode.decode(report.summary), file=file, status=report.status, reason=report.answer or None)
    if report.status == "split":
        # A table: each of its rows is a report of its own.
        rows = report.rows.select_related("artifact").order_by("line")
        line["rows"] = [{"line": row.line, **line_of(row, file=file)} for row in rows]
    return line
