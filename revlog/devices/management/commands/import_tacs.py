"""``manage.py import_tacs``: a list of type allocation codes, by which the maker in a report of a phone is checked."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from revlog.common import clock, tables
from revlog.common.tables import Sheet, UnreadableTable, cells
from revlog.common.tables.columns import Head, Vocabulary, heads_of
from revlog.devices import headings
from revlog.devices.services import tacs

FIELDS = ("tac", "manufacturer", "model")
MOST_ROWS = 500_000
VOCABULARY = Vocabulary(
    {"tac": ("tac", "type allocation code", "tac code", "imei tac"), **headings.PHRASES}, naming=("tac",)
)


class Command(BaseCommand):
    help = (
        "Bring in a list of type allocation codes (CSV): the code, the maker, the model. Which column is which is told by its heading or "
        "by --map; the second column of one name is called “name (2)”. Codes that are known are what this list says. No list is shipped."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="where the list is from, with its licence")
        parser.add_argument(
            "--map", action="append", default=[], metavar="FIELD=HEADING", help=f"of {', '.join(FIELDS)}"
        )
        parser.add_argument("--json", action="store_true")

    @override
    def handle(self, *args: object, **options: Any) -> None:
        try:
            (sheet, *_others) = tables.read(options["file"].read_bytes(), most_rows=MOST_ROWS)
        except (OSError, UnreadableTable) as error:
            raise CommandError(str(error)) from None
        told = dict(pair.split("=", 1) for pair in options["map"] if "=" in pair)
        loaded = tacs.load(_rows(sheet, told), source=options["source"], at=clock.now())
        if options["json"]:
            answer = {"kept": loaded.kept, "refused": loaded.refused, "contradicting": loaded.contradicting}
            self.stdout.write(json.dumps(answer))
            return
        self.stdout.write(
            f"{loaded.kept} codes kept; {len(loaded.refused)} lines are none; {len(loaded.contradicting)} codes are of two makers."
        )


def _rows(sheet: Sheet, told: dict[str, str]) -> Iterator[tuple[int, str, str, str]]:
    head, places = _head(sheet, told)
    for row in sheet.rows[head.place + 1 :]:
        texts = [cells.text_of(row.cells[place]) if place < len(row.cells) else "" for place in places]
        yield row.line, texts[0], texts[1], texts[2]


def _head(sheet: Sheet, told: dict[str, str]) -> tuple[Head, list[int]]:
    """The line that names the columns, and the place of each field. Raises CommandError."""
    for head in heads_of(sheet)[:10]:
        named = VOCABULARY.guessed(head, FIELDS) | told
        places = [head.at(named[field]) if field in named else None for field in FIELDS]
        found = [place for place in places if place is not None]
        if len(found) == len(FIELDS):
            return head, found
    first = heads_of(sheet)[:1]
    names = ", ".join(first[0].names[:20]) if first else "—"
    raise CommandError(f"Say with --map which columns are {', '.join(FIELDS)}. The file has: {names}.")
