"""``report_coverage DIR [--json]``: how the reports in a folder are read, per kind, and how many fields are right against their truth."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from triage.reports import coverage
from triage.reports.coverage import Answer, Row

_HEAD = ("kind", "files", "parsed", "refused", "checked", "right")


class Command(BaseCommand):
    help = (
        "Read every report in a folder and count, per kind, what is read and refused. The truth of NAME is NAME.expected.json beside it "
        "(or STEM.expected.json): each field it names is checked. Nothing is kept; no database is needed."
    )
    requires_system_checks = ()

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR")
        parser.add_argument("--json", action="store_true", help="one JSON array with an object per kind")

    @override
    def handle(self, *args: object, **options: Any) -> None:
        folder = Path(options["folder"])
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        answers = list(coverage.survey(folder))
        rows = coverage.rows(answers)
        for answer in answers:
            if answer.problem:
                self.stderr.write(f"{answer.path}: its truth can't be read ({answer.problem})")
        if options["json"]:
            self.stdout.write(json.dumps([row.told() for row in rows]))
            return
        for line in (*table(rows), *_refusals(answers, folder), *_wrong(answers, folder)):
            self.stdout.write(_printable(line))


def table(rows: list[Row]) -> list[str]:
    cells = [_HEAD, *(tuple(str(cell) for cell in row.told().values()) for row in rows)]
    total = [sum(int(line[place]) for line in cells[1:]) for place in range(1, len(_HEAD))]
    cells.append(("all", *map(str, total)))
    width = max(len(line[0]) for line in cells)
    return [
        "  ".join((line[0].ljust(width), *(cell.rjust(7) for cell in line[1:]))) + _codes(rows[place - 1 : place])
        for place, line in enumerate(cells)
    ]


def _codes(rows: list[Row]) -> str:
    told = ", ".join(f"{code} {times}" for row in rows for code, times in sorted(row.codes.items()))
    return f"  {told}" if told else ""


def _refusals(answers: list[Answer], folder: Path) -> list[str]:
    told = [f"{answer.path.relative_to(folder)}: {answer.refusal}" for answer in answers if answer.refusal is not None]
    return ["", "Refused:", *told] if told else []


def _wrong(answers: list[Answer], folder: Path) -> list[str]:
    told = [
        f"{answer.path.relative_to(folder)}: {check.path} is {json.dumps(check.found)}, should be {json.dumps(check.expected)}"
        for answer in answers
        for check in answer.wrong
    ]
    return ["", "Wrong:", *told] if told else []


def _printable(line: str) -> str:
    """File names may hold bytes that no terminal takes."""
    return line.encode("utf-8", "backslashreplace").decode()
