"""Texts with the faults that they were labelled with, from any table: examples from which the model of complaints learns."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from revlog.common import clock
from revlog.devices.classes import CLASSES
from triage.complaints import categories, table
from triage.models import ComplaintModel
from triage.repairing import FAULTS
from triage.services import complaint_learning

LONGEST_SOURCE = 120


class Command(BaseCommand):
    help = (
        "Keeps the rows of a CSV or TSV file with a header (gzip too) as examples: the words of --text, the fault of --label, a code of "
        "ours or a usual name (triage/complaints/labels.py), others by --map NAME=CODE. Labels that nobody knows are told and left "
        "out. The same file once more changes nothing. A worker learns from them at night; --learn does it now."
    )

    @override
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--text", required=True, metavar="COLUMN")
        parser.add_argument("--label", required=True, metavar="COLUMN")
        parser.add_argument("--class", dest="kind", default="", metavar="COLUMN", help="what kind of thing it is of")
        parser.add_argument(
            "--map", action="append", default=[], metavar="NAME=CODE", help="a label that is this fault of ours"
        )
        parser.add_argument("--source", required=True, help="where the rows come from, and under which licence")
        parser.add_argument("--learn", action="store_true", help="learn from all examples at once")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        mapped = dict(each.rpartition("=")[::2] for each in options["map"])
        if wrong := sorted(set(mapped.values()) - FAULTS):
            raise CommandError(f"{wrong[0]} is no fault of ours; they are {', '.join(sorted(FAULTS))}.")
        source = " ".join(options["source"].split())[:LONGEST_SOURCE]
        columns = [options["text"], options["label"], *([options["kind"]] if options["kind"] else [])]
        at, known = clock.now(), frozenset(CLASSES)
        try:
            rows = [
                (cells[0], cells[1], categories.meant(cells[2], known=known) if options["kind"] else "")
                for cells in table.rows_of(options["file"], columns)
            ]
        except table.UnusableTable as error:
            raise CommandError(str(error)) from error
        found = complaint_learning.take_in(rows, source=source, mapped=mapped, at=at)
        learned = complaint_learning.learn(at=at, always=True) if options["learn"] else None
        if options["json"]:
            told = {
                "taken": found.taken,
                "again": found.again,
                "without_text": found.without_text,
                "unknown": found.unknown,
                "model": _told(learned),
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(f"{found.taken} taken, {found.again} were there, {found.without_text} without words.")
        for label, count in found.unknown.items():
            self.stdout.write(f"  left out {count}: nobody knows {label!r} (--map {label!r}=CODE)")
        if learned is not None:
            kept = "proposes from now on" if learned.better else f"doesn't: {learned.before} stays"
            if learned.forgot:
                kept += ", since our own phrases are told worse"
            self.stdout.write(
                f"{learned.version} {kept}. Right in {learned.accuracy:.1%}, macro F1 {learned.macro_f1:.3f}; "
                f"before {learned.before_accuracy:.1%}, {learned.before_macro_f1:.3f}."
            )


def _told(row: ComplaintModel | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "version": row.version,
        "better": row.better,
        "own": row.own,
        "imported": row.imported,
        "accuracy": round(row.accuracy, 4),
        "macro_f1": round(row.macro_f1, 4),
        "before": row.before,
        "before_accuracy": round(row.before_accuracy, 4),
        "before_macro_f1": round(row.before_macro_f1, 4),
        "forgot": row.forgot,
    }
